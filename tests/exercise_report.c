#include "tests/exercise_report.h"

#include "common/array.h"
#include "common/tensor.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* In units of the largest number expected, at least 1: what another order of adding up may cost,
 * and no more. */
static const double FLOAT_ALLOWED = 2e-5, DOUBLE_ALLOWED = 1e-9;

/* ---- What a case wrote ----------------------------------------------------------------------- */

/* One line of a case's output; name and values point into the text that was read. */
typedef struct {
    char *name, *shape;
    double *value;
    size_t count;
    bool property, holds;
} Shown;

enum { SHOWN_MAX = 16, PATH = 1024 };

typedef struct {
    char ending[16];
    char *complaint; // what the function printed; NULL: nothing
    char *text;      // where names and shapes lie
    Shown shown[SHOWN_MAX];
    size_t count;
} Outcome;

/* path <- "FOLDER/NAMESUFFIX" */
static const char *path_of(char path[PATH], const char *folder, const char *name,
                           const char *suffix) {
    const int length = snprintf(path, PATH, "%s/%s%s", folder, name, suffix);
    REQUIRE(length > 0 && length < PATH, "the path of %s is too long", name);
    return path;
}

/* The whole file, NUL-terminated; NULL if there is none. The caller frees it. */
static char *read_all(const char *folder, const char *name, const char *suffix) {
    char path[PATH];
    FILE *file = fopen(path_of(path, folder, name, suffix), "r");
    if (!file) return NULL;
    ByteArray bytes = {0};
    char chunk[4096];
    size_t n;
    while ((n = fread(chunk, 1, sizeof chunk, file)) > 0) byte_array_append(&bytes, chunk, n);
    byte_array_append(&bytes, "", 0);
    fclose(file);
    return bytes.data;
}

/* Reads "NAME \t 2,3 \t 1 2 3 4 5 6" in place. */
static void parse_line(char *line, Shown *shown) {
    *shown = (Shown){.name = line};
    char *tab = strchr(line, '\t');
    REQUIRE(tab, "\"%s\" is no output of a case", line);
    *tab = '\0';
    shown->shape = tab + 1;
    tab = strchr(shown->shape, '\t');
    REQUIRE(tab, "\"%s\" is no output of a case", shown->shape);
    *tab = '\0';
    char *at = tab + 1;
    shown->property = strstr(at, "holds") || strstr(at, "fails");
    shown->holds = strstr(at, "holds") != NULL;
    size_t most = 1;
    for (char *c = at; *c; c++) most += *c == ' ';
    shown->value = memory_alloc(most * sizeof(double));
    char *end;
    for (double value = strtod(at, &end); end != at && !shown->property; value = strtod(at, &end)) {
        shown->value[shown->count++] = value;
        at = end;
    }
}

static Outcome outcome_read(const char *folder, size_t number) {
    Outcome outcome = {.ending = ENDED_CRASHED};
    char name[16];
    snprintf(name, sizeof name, "%zu", number);
    char *ending = read_all(folder, name, ".end");
    if (ending)
        snprintf(outcome.ending, sizeof outcome.ending, "%.*s", (int)strcspn(ending, "\n"), ending);
    free(ending);
    outcome.complaint = read_all(folder, name, ".err");
    outcome.text = read_all(folder, name, ".out");
    for (char *line = outcome.text; line && *line && outcome.count < SHOWN_MAX;) {
        char *next = line + strcspn(line, "\n");
        if (*next) *next++ = '\0';
        parse_line(line, &outcome.shown[outcome.count++]);
        line = next;
    }
    return outcome;
}

static void outcome_free(Outcome *outcome) {
    for (size_t i = 0; i < outcome->count; i++) free(outcome->shown[i].value);
    free(outcome->text);
    free(outcome->complaint);
}

static bool ended(const Outcome *outcome, const char *how) {
    return strcmp(outcome->ending, how) == 0;
}

/* ---- Comparing ------------------------------------------------------------------------------- */

/* Infinities and NaN are equal to themselves only. */
static double difference(double a, double b) {
    if (isnan(a) && isnan(b)) return 0;
    if (!isfinite(a) || !isfinite(b)) return a == b ? 0 : INFINITY;
    return fabs(a - b);
}

/* The number of values that differ by more than allowed; *first is the first, *largest the largest
 * difference. */
static size_t wrong_values(const Shown *ours, const Shown *yours, double allowed, size_t *first,
                           double *largest) {
    double scale = 1;
    size_t wrong = 0;
    *largest = 0;
    for (size_t i = 0; i < ours->count; i++)
        if (isfinite(ours->value[i]) && fabs(ours->value[i]) > scale) scale = fabs(ours->value[i]);
    for (size_t i = 0; i < ours->count && i < yours->count; i++) {
        const double d = difference(ours->value[i], yours->value[i]);
        if (d > *largest) *largest = d;
        if (!(d <= allowed * scale) && wrong++ == 0) *first = i;
    }
    return wrong;
}

static bool same_shown(const Shown *a, const Shown *b, double allowed) {
    size_t first;
    double largest;
    if (a->property || b->property) return a->property == b->property && a->holds == b->holds;
    return a->count == b->count && strcmp(a->shape, b->shape) == 0 &&
           wrong_values(a, b, allowed, &first, &largest) == 0;
}

static bool same_outcome(const Outcome *a, const Outcome *b, double allowed) {
    if (strcmp(a->ending, b->ending) != 0) return false;
    if (!ended(a, ENDED_WELL)) return true;
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++)
        if (!same_shown(&a->shown[i], &b->shown[i], allowed)) return false;
    return true;
}

/* ---- Telling one case ------------------------------------------------------------------------ */

/* "[1,0,2]": the place of element i in an array of the shape "2,3,4". */
static void print_place(const char *shape, size_t i) {
    size_t dims[MAX_DIMS] = {0}, index[MAX_DIMS] = {0};
    int ndim = 0;
    for (const char *at = shape; *at && ndim < MAX_DIMS; at += strspn(at, ","))
        dims[ndim++] = strtoul(at, (char **)&at, 10);
    for (int d = ndim - 1; d >= 0; d--) {
        index[d] = i % dims[d];
        i /= dims[d];
    }
    if (ndim == 0) return;
    printf(" at [");
    for (int d = 0; d < ndim; d++) printf(d ? ",%zu" : "%zu", index[d]);
    printf("]");
}

static void tell_shown(const Shown *ours, const Shown *yours, double allowed) {
    size_t first = 0;
    double largest;
    if (same_shown(ours, yours, allowed)) return;
    if (ours->property) {
        printf("        does not hold: %s\n", ours->name);
        return;
    }
    if (ours->count != yours->count || strcmp(ours->shape, yours->shape) != 0) {
        printf("        %s has the shape (%s), expected (%s)\n", ours->name, yours->shape,
               ours->shape);
        return;
    }
    const size_t wrong = wrong_values(ours, yours, allowed, &first, &largest);
    printf("        %s (%s): %zu of %zu wrong, largest error %.3g; first", ours->name, ours->shape,
           wrong, ours->count, largest);
    print_place(ours->shape, first);
    printf(": expected %.6g, found %.6g\n", ours->value[first], yours->value[first]);
}

static void tell_case(const ExerciseCase *c, const Outcome *ours, const Outcome *yours,
                      double allowed) {
    printf("      %s:\n", c->what);
    if (ended(yours, ENDED_NOT_BEGUN)) {
        printf("        came upon NOT_BEGUN();\n");
    } else if (ended(yours, ENDED_HUNG)) {
        printf("        did not come back within its time: an endless loop?\n");
    } else if (ended(yours, ENDED_CRASHED)) {
        const char *said = yours->complaint ? yours->complaint : "";
        printf("        crashed%s%.*s\n", *said ? ": " : "", (int)strcspn(said, "\n"), said);
    } else if (ours->count != yours->count) {
        printf("        gave %zu results, expected %zu\n", yours->count, ours->count);
    } else {
        for (size_t i = 0; i < ours->count; i++)
            tell_shown(&ours->shown[i], &yours->shown[i], allowed);
    }
}

/* ---- Known mistakes -------------------------------------------------------------------------- */

/* Whether all cases [first, end), those of one function, gave the same in both folders. */
static bool same_cases(const char *a, const char *b, size_t first, size_t end) {
    bool same = true;
    for (size_t i = first; i < end && same; i++) {
        Outcome x = outcome_read(a, i), y = outcome_read(b, i);
        same = same_outcome(&x, &y, DOUBLE_ALLOWED);
        outcome_free(&x);
        outcome_free(&y);
    }
    return same;
}

/* If yours, in double, does what a known mistake does, names it. */
static void tell_mistake(const char *doubles, const ExerciseCase *cases, size_t first, size_t end) {
    char folder[PATH], yours[PATH], mistake[PATH];
    int known = 0;
    bool told = false;
    DIR *directory = opendir(path_of(folder, doubles, "mistakes", ""));
    path_of(yours, doubles, "yours", "");
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (entry->d_name[0] == '.') continue;
        path_of(mistake, folder, entry->d_name, "");
        char *function = read_all(mistake, "function", "");
        const bool of_this = function && strcmp(function, cases[first].function) == 0;
        free(function);
        if (!of_this) continue;
        known++;
        if (!same_cases(yours, mistake, first, end)) continue;
        char *name = read_all(mistake, "name", ""), *hint = read_all(mistake, "hint", "");
        printf("      This is a known mistake: %s.\n      %s\n", name, hint);
        free(name);
        free(hint);
        told = true;
    }
    if (directory) closedir(directory);
    if (!told) printf("      None of the %d mistakes that are known here.\n", known);
}

/* ---- All functions --------------------------------------------------------------------------- */

typedef enum { RIGHT, WRONG, UNTOUCHED } Verdict;

/* The cases of one function, [first, end): prints its line and all that is wrong. */
static Verdict tell_function(const char *floats, const char *doubles, const ExerciseCase *cases,
                             size_t first, size_t end) {
    size_t wrong = 0, untouched = 0;
    for (int pass = 0; pass < 2; pass++) { // first count, then tell
        if (pass == 1 && untouched == end - first) {
            printf("  %-34s not begun\n", cases[first].function);
            return UNTOUCHED;
        }
        if (pass == 1 && wrong == 0) {
            printf("  %-34s right      %zu checks\n", cases[first].function, end - first);
            return RIGHT;
        }
        if (pass == 1)
            printf("  %-34s wrong      %zu of %zu checks\n", cases[first].function, wrong,
                   end - first);
        for (size_t i = first; i < end; i++) {
            const bool gradients = cases[i].kind == GRADIENTS;
            const double allowed = gradients ? DOUBLE_ALLOWED : FLOAT_ALLOWED;
            char path[2][PATH];
            path_of(path[0], gradients ? doubles : floats, "ours", "");
            path_of(path[1], gradients ? doubles : floats, "yours", "");
            Outcome ours = outcome_read(path[0], i), yours = outcome_read(path[1], i);
            REQUIRE(ended(&ours, ENDED_WELL), "%s: the module itself %s", cases[i].what,
                    ours.ending);
            const bool same = same_outcome(&ours, &yours, allowed);
            if (pass == 0) wrong += !same, untouched += ended(&yours, ENDED_NOT_BEGUN);
            if (pass == 1 && !same) tell_case(&cases[i], &ours, &yours, allowed);
            outcome_free(&ours);
            outcome_free(&yours);
        }
    }
    tell_mistake(doubles, cases, first, end);
    return WRONG;
}

int exercise_report(const char *piece, const char *floats, const char *doubles,
                    const ExerciseCase *cases, size_t count) {
    size_t functions = 0, right = 0;
    printf("%s\n", piece);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count; end++)
            if (strcmp(cases[end].function, cases[first].function) != 0) break;
        functions++;
        right += tell_function(floats, doubles, cases, first, end) == RIGHT;
    }
    printf("%s: %zu of %zu function%s right\n", piece, right, functions,
           functions == 1 ? " is" : "s are");
    return right == functions ? EXIT_SUCCESS : EXIT_FAILURE;
}
