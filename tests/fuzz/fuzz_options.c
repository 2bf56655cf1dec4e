/* fuzz_options.c - command lines: each leads to values within their ranges, or to an end with
 * status 0 or 2. */
#include "common/files/options.h"
#include "tests/fuzz/fuzz.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

enum { ARGUMENTS = 128 };

static jmp_buf end; // where exit leads to while a command line is read
static bool reading;

/* The linker puts these in the place of exit (--wrap): options_parse ends the program, and here it
 * shall only end the command line. */
_Noreturn void __wrap_exit(int status);
_Noreturn void __real_exit(int status);

void __wrap_exit(int status) {
    if (!reading) __real_exit(status);
    REQUIRE(status == 0 || status == 2, "exit status %d", status);
    longjmp(end, 1);
}

/* A row of each kind, and two names that begin alike. */
typedef struct {
    bool flag;
    long whole, wholly;
    double number;
    const char *word, *text;
    OptionStrings texts;
} Values;

static void check_values(const Values *v, const CommonOptions *common) {
    REQUIRE(v->whole >= -5 && v->whole <= 1000, "--whole is %ld", v->whole);
    REQUIRE(v->wholly >= 0, "--wholly is %ld", v->wholly);
    REQUIRE(v->number >= 0 && v->number <= 0.9, "--number is %g", v->number);
    REQUIRE(strcmp(v->word, "one") == 0 || strcmp(v->word, "other") == 0, "--word is %s", v->word);
    REQUIRE(v->texts.count <= OPTION_REPEATS, "%zu --texts", v->texts.count);
    REQUIRE(common->seed >= 0 && common->seed <= 4294967295, "--seed is %ld", common->seed);
    REQUIRE(common->threads >= 1 && common->threads <= 1024, "--threads is %ld", common->threads);
}

static void parse(int argc, char **argv) {
    Values v = {.whole = 3, .word = "one", .text = "some"};
    CommonOptions common = {.seed = 1, .threads = 1, .out = "out"};
    const Usage usage = {"Reads a command line.", "options --whole 3"};
    Option table[] = {
        option_flag("flag", &v.flag, "yes or no"),
        option_integer("whole", "N", &v.whole, -5, 1000, "a whole number"),
        option_integer("wholly", "N", &v.wholly, 0, 1L << 40, "another one"),
        option_real("number", "X", &v.number, 0, 0.9, "any number"),
        option_choice("word", "one|other", &v.word, "one of two"),
        option_string("text", "TEXT", &v.text, "anything"),
        option_strings("texts", "TEXT", &v.texts, "some of anything"),
    };
    options_parse(argc, argv, &usage, &common, table, OPTION_COUNT(table));
    check_values(&v, &common);
}

/* Arguments end with a newline each. Pointers into text are moved about by getopt_long, so what
 * they point at is freed as a whole. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char program[] = "options";
    char *text = fuzz_string(data, size), *argv[ARGUMENTS + 2] = {program};
    int argc = 1;
    for (char *line = text, *next; *line && argc <= ARGUMENTS; line = next) {
        next = line + strcspn(line, "\n");
        if (*next) *next++ = '\0';
        argv[argc++] = line;
    }
    if (setjmp(end) == 0) {
        reading = true;
        parse(argc, argv);
        fuzz_taken = true;
    }
    reading = false;
    free(text);
    return 0;
}
