// The command line: values reach their variables, mistakes end with one line and status 2.
#include "common/cores.h"
#include "common/files/options.h"
#include "common/kernels.h"
#include "tests/child.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A program's worth of options, and what one command line made of them. */
typedef struct {
    bool lower_case;
    long steps;
    double dropout, penalty;
    const char *src, *tokenizer;
    OptionStrings refs;
    CommonOptions common;
    bool steps_given, dropout_given;
} Values;

static Values parse(int argc, char **argv) {
    Values v = {.steps = 400, .dropout = 0.1, .penalty = 0.6, .tokenizer = "13a"};
    v.common = common_options(1337, "build/06_training");
    const Usage usage = {"Trains a Transformer. The paragraph is long enough to need a second line "
                         "when it is wrapped at eighty columns.",
                         "train --src a.en --tgt a.de"};
    Option options[] = {
        option_flag("lc", &v.lower_case, "lower-case both sides"),
        option_integer("steps", "N", &v.steps, 1, 1000000, "optimizer steps"),
        option_real("dropout", "P", &v.dropout, 0, 0.9, "share of activations dropped"),
        option_real("length-penalty", "A", &v.penalty, 0, INFINITY, "power of the length"),
        option_string("src", "FILE", &v.src, "source sentences, one per line"),
        option_choice("tok", "13a|intl|none", &v.tokenizer, "tokenizer"),
        option_strings("ref", "FILE", &v.refs, "reference translations"),
    };
    options_parse(argc, argv, &usage, &v.common, options, OPTION_COUNT(options));
    v.steps_given = option_given(options, OPTION_COUNT(options), "steps");
    v.dropout_given = option_given(options, OPTION_COUNT(options), "dropout");
    return v;
}

enum { ARGUMENTS_MAX = 80 };

/* Parses "train" followed by the NULL-terminated arguments. */
#define PARSE(...) parse_arguments((const char *[]){__VA_ARGS__, NULL})
static Values parse_arguments(const char *const *arguments) {
    char *argv[ARGUMENTS_MAX] = {(char *)"train"};
    int argc = 1;
    for (; arguments[argc - 1]; argc++) argv[argc] = (char *)arguments[argc - 1];
    return parse(argc, argv);
}

/* Parses in a child process; status 77: parsing came back. */
#define RUN(...) child_run(run_arguments, (const char *[]){__VA_ARGS__, NULL})
static int run_arguments(const void *arguments) {
    parse_arguments(arguments);
    return 77;
}

/* The program's name in front of an error is that of the test here. */
#define EXPECT_ERROR(message, ...) expect_error(message, RUN(__VA_ARGS__))
static void expect_error(const char *message, Child run) {
    ck_assert_int_eq(run.status, 2);
    ck_assert_str_eq(run.out, "");
    const char *colon = strstr(run.err, ": ");
    ck_assert_ptr_nonnull(colon);
    char expected[2048];
    snprintf(expected, sizeof expected, "%s\n", message);
    ck_assert_str_eq(colon + 2, expected);
}

START_TEST(defaults_stay) {
    const Values v = PARSE(NULL);
    ck_assert(!v.lower_case && v.steps == 400 && v.src == NULL && v.refs.count == 0);
    ck_assert_double_eq(v.dropout, 0.1);
    ck_assert_str_eq(v.tokenizer, "13a");
    ck_assert_int_eq(v.common.seed, 1337);
    ck_assert_int_eq(v.common.threads, cores_physical());
    ck_assert_str_eq(v.common.out, "build/06_training");
    ck_assert(!v.common.no_plots && !v.steps_given && !v.dropout_given);
}
END_TEST

START_TEST(both_spellings) {
    const Values v = PARSE("--steps=7", "--dropout", "0.9", "--src", "-", "--tok=none", "--lc",
                           "--seed", "4294967295", "--threads=3", "--no-plots", "--out=x/y");
    ck_assert(v.lower_case && v.steps == 7 && v.steps_given && v.dropout_given);
    ck_assert_double_eq(v.dropout, 0.9);
    ck_assert_str_eq(v.src, "-");
    ck_assert_str_eq(v.tokenizer, "none");
    ck_assert_int_eq(v.common.seed, 4294967295);
    ck_assert_int_eq(v.common.threads, 3);
    ck_assert(v.common.no_plots);
    ck_assert_str_eq(v.common.out, "x/y");
}
END_TEST

/* What is true by default can be taken back; of both the last one counts. */
START_TEST(flags_both_ways) {
    bool deep = true;
    CommonOptions common = common_options(1, NULL);
    Option options[] = {option_flag("deep", &deep, "more layers")};
    char *off[] = {(char *)"demo", (char *)"--no-deep", NULL};
    options_parse(2, off, &(Usage){"A demo.", "demo"}, &common, options, 1);
    ck_assert(!deep && options[0].given);
    ck_assert(!PARSE("--lc", "--no-lc").lower_case);
    ck_assert(PARSE("--no-lc", "--lc").lower_case);
}
END_TEST

START_TEST(repeats_and_last_one) {
    const Values v = PARSE("--ref", "a", "--steps", "1", "--ref=b", "--steps", "2", "--ref=");
    ck_assert_uint_eq(v.refs.count, 3);
    ck_assert_str_eq(v.refs.item[0], "a");
    ck_assert_str_eq(v.refs.item[1], "b");
    ck_assert_str_eq(v.refs.item[2], "");
    ck_assert_int_eq(v.steps, 2);
}
END_TEST

START_TEST(given_even_if_equal_to_default) {
    ck_assert(PARSE("--steps", "400").steps_given);
}
END_TEST

START_TEST(wrong_numbers) {
    EXPECT_ERROR("--dropout 1.5: expected a number from 0 to 0.9", "--dropout", "1.5");
    EXPECT_ERROR("--dropout -1: expected a number from 0 to 0.9", "--dropout", "-1");
    EXPECT_ERROR("--dropout nan: expected a number from 0 to 0.9", "--dropout=nan");
    EXPECT_ERROR("--dropout 0x0: expected a number from 0 to 0.9", "--dropout=0x0");
    EXPECT_ERROR("--dropout  0.1: expected a number from 0 to 0.9", "--dropout", " 0.1");
    EXPECT_ERROR("--dropout '': expected a number from 0 to 0.9", "--dropout=");
    EXPECT_ERROR("--dropout .: expected a number from 0 to 0.9", "--dropout=.");
    EXPECT_ERROR("--length-penalty inf: expected a number from 0 up", "--length-penalty=inf");
    EXPECT_ERROR("--length-penalty 1e999: expected a number from 0 up", "--length-penalty=1e999");
    EXPECT_ERROR("--steps 12x: expected a whole number from 1 to 1000000", "--steps", "12x");
    EXPECT_ERROR("--steps 1-2: expected a whole number from 1 to 1000000", "--steps", "1-2");
    EXPECT_ERROR("--steps 1.0: expected a whole number from 1 to 1000000", "--steps", "1.0");
    EXPECT_ERROR("--steps 0: expected a whole number from 1 to 1000000", "--steps", "0");
    EXPECT_ERROR("--steps 99999999999999999999: expected a whole number from 1 to 1000000",
                 "--steps", "99999999999999999999");
    EXPECT_ERROR("--seed -1: expected a whole number from 0 to 4294967295", "--seed", "-1");
    EXPECT_ERROR("--seed 4294967296: expected a whole number from 0 to 4294967295", "--seed",
                 "4294967296");
    EXPECT_ERROR("--threads 0: expected a whole number from 1 to 1024", "--threads=0");
}
END_TEST

START_TEST(wrong_words) {
    EXPECT_ERROR("--tok zh: expected one of 13a, intl, none", "--tok", "zh");
    EXPECT_ERROR("--tok 13: expected one of 13a, intl, none", "--tok", "13");
    EXPECT_ERROR("--tok 13a|intl: expected one of 13a, intl, none", "--tok", "13a|intl");
    EXPECT_ERROR("--tok '': expected one of 13a, intl, none", "--tok=");
}
END_TEST

START_TEST(wrong_usage) {
    EXPECT_ERROR("--bogus: unknown or ambiguous option; --help lists them", "--bogus");
    EXPECT_ERROR("--bogus=3: unknown or ambiguous option; --help lists them", "--bogus=3");
    EXPECT_ERROR("--s: unknown or ambiguous option; --help lists them", "--s", "3");
    EXPECT_ERROR("-x: unknown option; --help lists them", "-x");
    EXPECT_ERROR("--lc=1: --lc takes no value", "--lc=1");
    EXPECT_ERROR("--help=x: --help takes no value", "--help=x");
    EXPECT_ERROR("--he=x: --help takes no value", "--he=x");
    EXPECT_ERROR("--dropout: needs a number from 0 to 0.9", "--lc", "--dropout");
    EXPECT_ERROR("--src: needs a value", "--src");
    EXPECT_ERROR("--src: given twice, a and b: it takes one file", "--src", "a", "--src=b");
    ck_assert_str_eq(PARSE("--src", "a", "--src", "a").src, "a");
    EXPECT_ERROR("file.txt: unexpected argument; --help lists the options", "--lc", "file.txt");
    EXPECT_ERROR("b: unexpected argument; --help lists the options", "--", "b");
    EXPECT_ERROR("--steps a?b: expected a whole number from 1 to 1000000", "--steps", "a\nb");
}
END_TEST

START_TEST(too_many_repeats) {
    const char *arguments[OPTION_REPEATS + 2] = {0};
    for (int i = 0; i <= OPTION_REPEATS; i++) arguments[i] = "--ref=r";
    expect_error("--ref r: given more than 32 times", child_run(run_arguments, arguments));
}
END_TEST

START_TEST(help) {
    const Child run = RUN("--help");
    ck_assert_int_eq(run.status, 0);
    ck_assert_str_eq(run.err, "");
    static const char *const parts[] = {
        "usage: ",     "Trains a Transformer.",
        "--dropout P", "(default 0.1, from 0 to",
        "--seed N",    "(default 1337, from 0 to",
        "--out DIR",   "(default",
        "--no-plots",  "13a|intl|none",
        "--help",      "train --src a.en --tgt a.de",
    };
    for (size_t i = 0; i < OPTION_COUNT(parts); i++)
        ck_assert_msg(strstr(run.out, parts[i]) != NULL, "no \"%s\" in:\n%s", parts[i], run.out);
    for (const char *line = run.out; *line; line += strcspn(line, "\n") + 1)
        ck_assert_uint_le(strcspn(line, "\n"), 80);
}
END_TEST

START_TEST(no_out_for_programs_that_write_nothing) {
    bool step = false;
    CommonOptions common = common_options(1, NULL);
    Option options[] = {option_flag("step", &step, "pause between steps")};
    char *argv[] = {(char *)"demo", (char *)"--step", NULL};
    options_parse(2, argv, &(Usage){"A demo.", "demo"}, &common, options, 1);
    ck_assert(step && common.out == NULL);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("options");
    TCase *cases = tcase_create("options");
    tcase_add_test(cases, defaults_stay);
    tcase_add_test(cases, both_spellings);
    tcase_add_test(cases, flags_both_ways);
    tcase_add_test(cases, repeats_and_last_one);
    tcase_add_test(cases, given_even_if_equal_to_default);
    tcase_add_test(cases, wrong_numbers);
    tcase_add_test(cases, wrong_words);
    tcase_add_test(cases, wrong_usage);
    tcase_add_test(cases, too_many_repeats);
    tcase_add_test(cases, help);
    tcase_add_test(cases, no_out_for_programs_that_write_nothing);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
