/* options.h - command lines, declared once per program as a table.
 *
 * A program fills a table of Option, one row per option. The variable a row points at holds the
 * default before options_parse() and the user's choice afterwards; --help is written from the same
 * table, so that it cannot disagree with the code. A mistake on the command line is one line on
 * stderr naming the option, the value given and what is allowed, and exit status 2:
 *
 *     train: --dropout 1.5: expected a number from 0 to 0.9
 *
 * Every program also takes --seed, --threads, --no-plots and --help, and --out if it writes files.
 */
#ifndef COMMON_OPTIONS_H
#define COMMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum { OPTION_REPEATS = 32 }; // a repeatable option may be given this many times

/* The values of a repeatable option, in the order given. The strings are argv's own. */
typedef struct {
    const char *item[OPTION_REPEATS];
    size_t count;
} OptionStrings;

typedef enum {
    OPTION_FLAG,    // --name or --no-name       true or false when given
    OPTION_INTEGER, // --name 12 or --name=12    a whole number in [min, max]
    OPTION_REAL,    // --name 0.5                a finite number in [min, max]
    OPTION_STRING,  // --name TEXT               the last one given counts; of a FILE only one
    OPTION_STRINGS, // --name TEXT --name TEXT   all of them count
    OPTION_CHOICE,  // --name WORD               one of a few words
} OptionKind;

/* One row of the table; made by the functions below, which fit the pointer to the kind. */
typedef struct {
    const char *name;     // without the dashes
    const char *argument; // what --help calls the value: "N", "FILE"; for a choice "13a|intl|none"
    const char *help;     // one phrase; --help adds the default and the range
    OptionKind kind;
    union {
        bool *flag;
        long *integer;
        double *number;
        const char **string;
        OptionStrings *strings;
    } value;
    double min, max; // inclusive; numbers only, infinite where there is no bound
    bool given;      // set by options_parse: the user wrote this option
} Option;

Option option_flag(const char *name, bool *value, const char *help);
Option option_integer(const char *name, const char *argument, long *value, long min, long max,
                      const char *help);
Option option_real(const char *name, const char *argument, double *value, double min, double max,
                   const char *help);
/* argument "FILE": given twice, with two names, it is refused. */
Option option_string(const char *name, const char *argument, const char **value, const char *help);
Option option_strings(const char *name, const char *argument, OptionStrings *value,
                      const char *help);

/* words: the allowed words with '|' between them, e.g. "13a|intl|none". */
Option option_choice(const char *name, const char *words, const char **value, const char *help);

/* What every program takes. Start from common_options(). */
typedef struct {
    long seed;       // 0 to 2^32 - 1, the range of PyTorch's CPU generator
    bool seed_given; // the user wrote it
    long threads;    // default: physical cores
    bool no_plots;   // options_parse has already called plot_disable() when this is set
    const char *out; // folder for what the program writes; NULL: it writes nothing, has no --out
} CommonOptions;

CommonOptions common_options(long seed, const char *out);

/* What --help says besides the table. */
typedef struct {
    const char *about;   // one paragraph
    const char *example; // one command line
} Usage;

/* Parses the command line into the table's variables and into common. Returns only if all is
 * well: --help prints to stdout and exits 0, a mistake prints one line and exits 2. Accepts
 * "--name value", "--name=value" and unambiguous beginnings of names; no other arguments. The
 * strings stored are argv's own. options may be NULL when count is 0. */
void options_parse(int argc, char **argv, const Usage *usage, CommonOptions *common,
                   Option *options, size_t count);

/* Whether the user gave the option: a preset must not override what was written explicitly. */
bool option_given(const Option *options, size_t count, const char *name);

/* For combinations no single option can judge ("--src and --tgt go together"):
 * prints "PROGRAM: message" as one line on stderr and exits 2. */
_Noreturn void usage_exit(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define OPTION_COUNT(table) (sizeof(table) / sizeof((table)[0]))

#endif
