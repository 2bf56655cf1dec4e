/* getopt_long does the splitting into options and values, since its habits (abbreviations, "=",
 * options in any order, "--") are what people know. It is kept silent: every message is ours, and
 * names the value and what is allowed instead. */
#define _GNU_SOURCE // getopt_long
#include "common/files/options.h"

#include "common/cores.h"
#include "common/error.h"
#include "common/program_name.h"
#include "common/screen/plot.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The indent leaves 23 columns for "--name ARGUMENT", which most options fit, and 55 for the
 * phrase. */
enum { OPTIONS_MAX = 64, HELP_WIDTH = 80, HELP_INDENT = 25 };

/* How getopt_long knows the rows: above all letters, so that optopt tells a row from the letter of
 * a short option. --help is its own short one. */
enum { HELP = 'h', FIRST = 256, NEGATED = FIRST + OPTIONS_MAX };

/* The program's own options and the common ones in one table, as getopt_long will see it. */
typedef struct {
    const Usage *usage;
    Option option[OPTIONS_MAX];
    size_t count;
} Table;

/* ---- making rows ----------------------------------------------------------------------------- */

/* Rows are made by functions, not written as struct literals: the compiler then checks that the
 * pointer a value goes to has the type that its kind of option stores. */

static Option make_row(OptionKind kind, const char *name, const char *argument, const char *help) {
    return (Option){.kind = kind, .name = name, .argument = argument, .help = help};
}

Option option_flag(const char *name, bool *value, const char *help) {
    Option o = make_row(OPTION_FLAG, name, NULL, help);
    o.value.flag = value;
    return o;
}

/* The bounds are kept as double for both kinds of number: exact up to 2^53, far beyond any bound
 * that an option has. */
Option option_integer(const char *name, const char *argument, long *value, long min, long max,
                      const char *help) {
    Option o = make_row(OPTION_INTEGER, name, argument, help);
    o.value.integer = value;
    o.min = (double)min, o.max = (double)max;
    return o;
}

/* Infinite bounds mean no bound: -INFINITY and INFINITY need no flag of their own. */
Option option_real(const char *name, const char *argument, double *value, double min, double max,
                   const char *help) {
    Option o = make_row(OPTION_REAL, name, argument, help);
    o.value.number = value;
    o.min = min, o.max = max;
    return o;
}

/* The value stays a pointer into argv, which outlives main; NULL as default means "not given". */
Option option_string(const char *name, const char *argument, const char **value, const char *help) {
    Option o = make_row(OPTION_STRING, name, argument, help);
    o.value.string = value;
    return o;
}

/* Each occurrence adds one: for lists of files, whose names could hold any separator. */
Option option_strings(const char *name, const char *argument, OptionStrings *value,
                      const char *help) {
    Option o = make_row(OPTION_STRINGS, name, argument, help);
    o.value.strings = value;
    return o;
}

/* The words are the option's argument as well: --help shows them where others show "N". */
Option option_choice(const char *name, const char *words, const char **value, const char *help) {
    Option o = make_row(OPTION_CHOICE, name, words, help);
    o.value.string = value;
    return o;
}

/* Threads default to what gains something, which is why this is a function and not a constant. */
CommonOptions common_options(long seed, const char *out) {
    return (CommonOptions){.seed = seed, .threads = cores_physical(), .out = out};
}

/* A name that is in no row is a slip in the program, not the user's: it must not pass as "not
 * given", which would let presets override options for ever. */
bool option_given(const Option *options, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(options[i].name, name) == 0) return options[i].given;
    REQUIRE(false, "no option is called --%s", name);
    return false;
}

/* error_set_list serves to make one line of it, whatever the user typed into a value. */
void usage_exit(const char *format, ...) {
    va_list args;
    va_start(args, format);
    Error err;
    error_set_list(&err, format, args);
    va_end(args);
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", program_name(), err.text);
    exit(2);
}

/* ---- what is allowed, in words --------------------------------------------------------------- */

/* Writes " from 0 to 0.9", " from 0 up", " up to 5", or nothing where there is no bound. An error
 * and --help must never disagree, so both take their words from here. */
static void describe_range(const Option *o, char *out, size_t size) {
    if (isfinite(o->min) && isfinite(o->max))
        snprintf(out, size, " from %.15g to %.15g", o->min, o->max);
    else if (isfinite(o->min))
        snprintf(out, size, " from %.15g up", o->min);
    else if (isfinite(o->max))
        snprintf(out, size, " up to %.15g", o->max);
    else
        out[0] = '\0';
}

/* "13a|intl|none" becomes "one of 13a, intl, none". */
static void describe_choice(const char *words, char *out, size_t size) {
    size_t used = (size_t)snprintf(out, size, "one of ");
    for (; *words && used + 3 < size; words++) {
        if (*words == '|') out[used++] = ',';
        out[used++] = *words == '|' ? ' ' : *words;
    }
    out[used] = '\0';
}

/* Writes "a number from 0 to 0.9", "one of 13a, intl, none" or "a value". */
static void describe_allowed(const Option *o, char *out, size_t size) {
    char range[128] = "";
    if (o->kind == OPTION_CHOICE) {
        describe_choice(o->argument, out, size);
    } else if (o->kind == OPTION_INTEGER || o->kind == OPTION_REAL) {
        describe_range(o, range, sizeof range);
        snprintf(out, size, "%s%s", o->kind == OPTION_INTEGER ? "a whole number" : "a number",
                 range);
    } else {
        snprintf(out, size, "a value");
    }
}

/* "--dropout 1.5: expected a number from 0 to 0.9"; an empty value is shown as ''. */
_Noreturn static void refuse_value(const Option *o, const char *value) {
    char allowed[512];
    describe_allowed(o, allowed, sizeof allowed);
    usage_exit("--%s %s: expected %s", o->name, *value ? value : "''", allowed);
}

/* ---- reading values -------------------------------------------------------------------------- */

/* Empty text has no character that is wrong, but is no number either. */
static bool only_characters(const char *text, const char *allowed) {
    return *text && text[strspn(text, allowed)] == '\0';
}

/* strtol and strtod also take leading blanks, hexadecimal, "inf" and "nan"; none of these is
 * wanted, so the characters are checked first and the whole text must be used up. */
static bool parse_integer(const char *text, const Option *o) {
    char *end;
    errno = 0;
    const long value = strtol(text, &end, 10);
    if (!only_characters(text, "0123456789+-") || *end != '\0' || errno == ERANGE) return false;
    if ((double)value < o->min || (double)value > o->max) return false;
    *o->value.integer = value;
    return true;
}

/* Overflow gives infinity, which is refused; underflow gives 0 or nearly so, which is meant. */
static bool parse_real(const char *text, const Option *o) {
    char *end;
    const double value = strtod(text, &end);
    if (!only_characters(text, "0123456789+-.eE") || end == text || *end != '\0') return false;
    if (!isfinite(value) || value < o->min || value > o->max) return false;
    *o->value.number = value;
    return true;
}

/* Looks for the whole word between the bars. What is stored is argv's string, which lives as long
 * as the program, not the table's, which need not. */
static bool parse_choice(const char *text, const Option *o) {
    const size_t length = strlen(text);
    for (const char *word = o->argument; length > 0; word++) {
        const size_t word_length = strcspn(word, "|");
        if (word_length == length && strncmp(word, text, length) == 0) {
            *o->value.string = text;
            return true;
        }
        word += word_length;
        if (!*word) break;
    }
    return false;
}

/* Stores the value through the row's pointer; false if it is not allowed. */
static bool parse_value(const char *text, const Option *o) {
    switch (o->kind) {
    case OPTION_FLAG:
        return *o->value.flag = true;
    case OPTION_INTEGER:
        return parse_integer(text, o);
    case OPTION_REAL:
        return parse_real(text, o);
    case OPTION_CHOICE:
        return parse_choice(text, o);
    case OPTION_STRING:
        *o->value.string = text;
        return true;
    case OPTION_STRINGS:
        if (o->value.strings->count == OPTION_REPEATS)
            usage_exit("--%s %s: given more than %d times", o->name, text, OPTION_REPEATS);
        o->value.strings->item[o->value.strings->count++] = text;
        return true;
    }
    return false;
}

/* ---- help ------------------------------------------------------------------------------------ */

/* Prints text in lines of at most HELP_WIDTH, starting at the given column and continuing at
 * indent. Widths are counted in bytes: help texts are ASCII. */
static void print_wrapped(const char *text, size_t column, size_t indent) {
    while (*text) {
        // A word too long for any line is printed whole: a path that is cut cannot be copied.
        const size_t word = strcspn(text, " ");
        if (column > indent && column + 1 + word > HELP_WIDTH) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)word, text);
        column += word;
        text += word;
        text += strspn(text, " ");
    }
    putchar('\n');
}

/* Appends " (default 0.1, from 0 to 0.9)" to the help phrase. */
static void describe_option(const Option *o, char *out, size_t size) {
    // A default that could not be typed in (no string given) is not shown.
    char note[640] = "", range[128];
    describe_range(o, range, sizeof range);
    const char *comma = *range ? "," : "";
    switch (o->kind) {
    case OPTION_INTEGER:
        snprintf(note, sizeof note, " (default %ld%s%s)", *o->value.integer, comma, range);
        break;
    case OPTION_REAL:
        snprintf(note, sizeof note, " (default %.15g%s%s)", *o->value.number, comma, range);
        break;
    case OPTION_CHOICE:
    case OPTION_STRING:
        if (*o->value.string) snprintf(note, sizeof note, " (default %s)", *o->value.string);
        break;
    case OPTION_STRINGS:
        snprintf(note, sizeof note, " (may be repeated)");
        break;
    case OPTION_FLAG:
        if (o->value.flag && *o->value.flag)
            snprintf(note, sizeof note, " (default; --no-%s: not)", o->name);
        break;
    }
    snprintf(out, size, "%s%s", o->help, note);
}

/* "  --name N   phrase (default ...)", the phrase in its own column; a long name takes a line for
 * itself. */
static void print_option(const Option *o) {
    // printf's result is how far the line has come.
    const int width =
        printf("  --%s%s%s ", o->name, o->argument ? " " : "", o->argument ? o->argument : "");
    char text[1536];
    describe_option(o, text, sizeof text);
    if (width > HELP_INDENT) putchar('\n');
    const int pad = width > HELP_INDENT ? HELP_INDENT : HELP_INDENT - width;
    printf("%*s", pad, "");
    print_wrapped(text, HELP_INDENT, HELP_INDENT);
}

/* To stdout and with status 0: asked for, help is a result. */
_Noreturn static void print_help(const Table *table) {
    // The name it was called by, which is what the reader has to type again.
    printf("usage: %s [options]\n\n", program_name());
    print_wrapped(table->usage->about, 0, 0);
    printf("\noptions:\n");
    for (size_t i = 0; i < table->count; i++) print_option(&table->option[i]);
    const Option help = {.name = "help", .help = "print this and stop"};
    print_option(&help);
    printf("\nexample:\n  %s\n", table->usage->example);
    output_finish();
    exit(0);
}

/* ---- parsing --------------------------------------------------------------------------------- */

/* The common options come last, so that --help begins with what is special to the program. */
static void table_fill(Table *table, const Usage *usage, CommonOptions *common,
                       const Option *options, size_t count) {
    // The four are the common ones below; "help" has its own room in table_parse.
    REQUIRE(count + 4 <= OPTIONS_MAX, "%zu options, at most %d fit", count, OPTIONS_MAX - 4);
    table->usage = usage;
    if (count > 0) memcpy(table->option, options, count * sizeof *options);
    Option *end = table->option + count;
    if (common->out)
        *end++ = option_string("out", "DIR", &common->out, "folder for the files written");
    *end++ = option_integer(
        "seed", "N", &common->seed, 0, 4294967295,
        "start of the random numbers; the same seed and as many threads give the same "
        "output");
    *end++ = option_integer("threads", "N", &common->threads, 1, 1024, "threads to compute with");
    *end++ = option_flag("no-plots", &common->no_plots, "draw no pictures");
    table->count = (size_t)(end - table->option);
}

/* getopt_long has seen something it does not accept. As a short option `h` is always right. */
_Noreturn static void refuse_argument(const Table *table, int code, char **argv) {
    if (optopt == HELP) usage_exit("%s: --help takes no value", argv[optind - 1]);
    const int number = optopt >= NEGATED ? optopt - NEGATED : optopt - FIRST;
    if (number >= 0 && (size_t)number < table->count) {
        const Option *o = &table->option[number];
        if (code != ':') usage_exit("%s: --%s takes no value", argv[optind - 1], o->name);
        char allowed[512];
        describe_allowed(o, allowed, sizeof allowed);
        usage_exit("--%s: needs %s", o->name, allowed);
    }
    if (optopt != 0 && optopt < FIRST) usage_exit("-%c: unknown option; --help lists them", optopt);
    usage_exit("%s: unknown or ambiguous option; --help lists them", argv[optind - 1]);
}

/* Of numbers and words the last one given counts, as in a script that adds to a command. A second
 * file would be one that was meant to be read, too. */
static bool repeats_file(const Option *o, const char *text) {
    return o->kind == OPTION_STRING && o->given && strcmp(o->argument, "FILE") == 0 &&
           strcmp(*o->value.string, text) != 0;
}

/* Lets getopt_long walk through the arguments. In its option string, ':' makes a missing value
 * distinguishable from an unknown option, and 'h' lets -h be --help. */
static void table_parse(Table *table, int argc, char **argv) {
    struct option rows[2 * OPTIONS_MAX + 2] = {{0}};
    char negated[OPTIONS_MAX][64]; // "no-NAME" of a flag takes back what a preset has set
    for (size_t i = 0; i < table->count; i++) {
        Option *o = &table->option[i];
        o->given = false; // what an earlier pass has seen comes again
        rows[i] =
            (struct option){.name = o->name,
                            .has_arg = o->kind == OPTION_FLAG ? no_argument : required_argument,
                            .val = FIRST + (int)i};
    }
    size_t last = table->count;
    rows[last++] = (struct option){.name = "help", .val = HELP};
    for (size_t i = 0; i < table->count; i++) {
        const Option *o = &table->option[i];
        if (o->kind != OPTION_FLAG || strncmp(o->name, "no-", 3) == 0) continue;
        snprintf(negated[i], sizeof negated[i], "no-%s", o->name);
        rows[last++] = (struct option){.name = negated[i], .val = NEGATED + (int)i};
    }
    optind = 0; // a fresh start, also for a second call in one process (the tests)
    opterr = 0;
    int code;
    while ((code = getopt_long(argc, argv, ":h", rows, NULL)) != -1) {
        if (code == HELP) print_help(table);
        if (code < FIRST) refuse_argument(table, code, argv);
        const bool off = code >= NEGATED;
        Option *o = &table->option[code - (off ? NEGATED : FIRST)];
        if (off)
            *o->value.flag = false;
        else if (repeats_file(o, optarg))
            usage_exit("--%s: given twice, %s and %s: it takes one file", o->name, *o->value.string,
                       optarg);
        else if (!parse_value(optarg, o))
            refuse_value(o, optarg);
        o->given = true;
    }
    // getopt_long has moved everything that is no option behind the options; we take no such thing.
    if (optind < argc)
        usage_exit("%s: unexpected argument; --help lists the options", argv[optind]);
}

/* The rows were copied to stand in one table with the common ones, so the marks go back. */
void options_parse(int argc, char **argv, const Usage *usage, CommonOptions *common,
                   Option *options, size_t count) {
    Table table = {0};
    table_fill(&table, usage, common, options, count);
    table_parse(&table, argc, argv);
    for (size_t i = 0; i < count; i++) options[i].given = table.option[i].given;
    common->seed_given = option_given(table.option, table.count, "seed");
    if (common->no_plots) plot_disable();
}
