/* test_kernels.c - the choice of BLAS kernels: what is chosen where, and that a program which
 * starts itself again is the same program to everybody outside.
 *
 * This program is also what the tests start: with --probe it says what it has become. PRETEND in
 * the environment makes the core type that a test asked for look like OpenBLAS' own choice
 * (fallback), or products come out wrong besides (wrong).
 */
#include "common/kernels.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/real.h"
#include "tests/suite.h"

static const char *self; // argv[0]

/* ---- Pretending ------------------------------------------------------------------------------ */

/* OpenBLAS has read the variable while it was loaded, and this comes between that and main. What a
 * start has set is another type, and left to it. */
__attribute__((constructor)) static void forget_setting(void) {
    const char *setting = getenv("OPENBLAS_CORETYPE");
    if (getenv("PRETEND") && setting && strcmp(setting, "PRESCOTT") == 0)
        unsetenv("OPENBLAS_CORETYPE");
}

/* Programs look for a function in themselves first, so these stand before OpenBLAS' own. They ask
 * its Fortran interface: columns for rows, C^T = B^T A^T. */
void sgemm_(const char *ta, const char *tb, const int *m, const int *n, const int *k,
            const float *alpha, const float *a, const int *lda, const float *b, const int *ldb,
            const float *beta, float *c, const int *ldc);
void dgemm_(const char *ta, const char *tb, const int *m, const int *n, const int *k,
            const double *alpha, const double *a, const int *lda, const double *b, const int *ldb,
            const double *beta, double *c, const int *ldc);

/* Wrong in one number of one kind of product: both transposed, on top of what is there. */
static bool spoils(enum CBLAS_TRANSPOSE ta, enum CBLAS_TRANSPOSE tb, bool adds, int k) {
    const char *pretend = getenv("PRETEND");
    return pretend && strcmp(pretend, "wrong") == 0 && ta == CblasTrans && tb == CblasTrans &&
           adds && k > 500;
}

void cblas_sgemm(const enum CBLAS_ORDER order, const enum CBLAS_TRANSPOSE ta,
                 const enum CBLAS_TRANSPOSE tb, const int m, const int n, const int k,
                 const float alpha, const float *a, const int lda, const float *b, const int ldb,
                 const float beta, float *c, const int ldc) {
    (void)order; // by rows, always
    sgemm_(tb == CblasTrans ? "T" : "N", ta == CblasTrans ? "T" : "N", &n, &m, &k, &alpha, b, &ldb,
           a, &lda, &beta, c, &ldc);
    if (spoils(ta, tb, beta != 0, k)) c[(m - 1) * ldc + n - 1] += 1;
}

void cblas_dgemm(const enum CBLAS_ORDER order, const enum CBLAS_TRANSPOSE ta,
                 const enum CBLAS_TRANSPOSE tb, const int m, const int n, const int k,
                 const double alpha, const double *a, const int lda, const double *b, const int ldb,
                 const double beta, double *c, const int ldc) {
    (void)order; // by rows, always
    dgemm_(tb == CblasTrans ? "T" : "N", ta == CblasTrans ? "T" : "N", &n, &m, &k, &alpha, b, &ldb,
           a, &lda, &beta, c, &ldc);
    if (spoils(ta, tb, beta != 0, k)) c[(m - 1) * ldc + n - 1] += 1;
}

/* ---- The choice ------------------------------------------------------------------------------ */

enum { NONE, AVX2, AVX512 };

static Kernels kernels_of(const char *core, int processor, int starts, bool right) {
    return (Kernels){.dynamic = true,
                     .core = core,
                     .own = "Prescott",
                     .avx2 = processor >= AVX2,
                     .avx512 = processor >= AVX512,
                     .starts = starts,
                     .right = right};
}

static const struct {
    const char *core;
    int processor, starts;
    bool right;
    const char *next;
} CHOICES[] = {
    {"Prescott", AVX512, 0, true, "SKYLAKEX"},
    {"Prescott", AVX2, 0, true, "HASWELL"},
    {"Prescott", NONE, 0, true, NULL},
    {"Core2", AVX512, 0, true, "SKYLAKEX"},
    {"Nehalem", AVX2, 0, true, "HASWELL"},
    {"Generic", AVX2, 0, true, "HASWELL"},
    {"Barcelona", AVX512, 0, true, "SKYLAKEX"},
    {"Sandybridge", AVX2, 0, true, "HASWELL"},
    {"Sandybridge", NONE, 0, true, NULL},
    {"Haswell", AVX512, 0, true, NULL},
    {"Zen", AVX512, 0, true, NULL},
    {"Zen", AVX2, 0, true, NULL},
    {"SkylakeX", AVX512, 0, true, NULL},
    {"Cooperlake", AVX512, 0, true, NULL},
    {"SapphireRapids", AVX512, 0, true, NULL},
    {"a later one", AVX512, 0, true, NULL},
    {"armv8", NONE, 0, true, NULL},
    // After a start: right stays, wrong goes one lower, in the end back to OpenBLAS' own choice.
    {"SkylakeX", AVX512, 1, true, NULL},
    {"SkylakeX", AVX512, 1, false, "HASWELL"},
    {"Haswell", AVX512, 1, true, NULL}, // SkylakeX stands for Haswell in some builds
    {"Haswell", AVX512, 2, true, NULL},
    {"Haswell", AVX512, 2, false, ""},
    {"Haswell", AVX2, 1, true, NULL},
    {"Haswell", AVX2, 1, false, ""},
    // A build without the core type keeps to its fallback.
    {"Prescott", AVX512, 1, true, "HASWELL"},
    {"Prescott", AVX512, 2, true, NULL},
    {"Prescott", AVX2, 1, true, NULL},
    {"Prescott", AVX512, 3, true, NULL},
    {"Prescott", AVX2, 2, true, NULL},
};

START_TEST(test_choices) {
    const Kernels kernels =
        kernels_of(CHOICES[_i].core, CHOICES[_i].processor, CHOICES[_i].starts, CHOICES[_i].right);
    ck_assert_pstr_eq(kernels_next(&kernels), CHOICES[_i].next);
}
END_TEST

START_TEST(test_setting_is_respected) {
    Kernels kernels = kernels_of("Prescott", AVX512, 0, true);
    kernels.setting = "Prescott";
    ck_assert_ptr_null(kernels_next(&kernels));
    ck_assert_str_eq(kernels_chooser(&kernels), "user");
    kernels.setting = ""; // names nothing
    ck_assert_str_eq(kernels_next(&kernels), "SKYLAKEX");
}
END_TEST

START_TEST(test_single_target) {
    Kernels kernels = kernels_of("Prescott", AVX512, 0, true);
    kernels.dynamic = false;
    ck_assert_ptr_null(kernels_next(&kernels));
}
END_TEST

/* Whatever comes out of a start, and if nothing ever multiplies rightly: there is an end. */
START_TEST(test_starts_end) {
    static const char *const cores[] = {"Prescott", "Sandybridge", "Haswell", "SkylakeX", "new"};
    enum { CORES = sizeof cores / sizeof *cores };
    for (int processor = NONE; processor <= AVX512; processor++)
        for (int way = 0; way < CORES * CORES * CORES * 8; way++) {
            Kernels kernels = kernels_of("Prescott", processor, 0, false);
            int rest = way;
            while (kernels_next(&kernels)) {
                ck_assert_int_lt(kernels.starts, KERNELS_STARTS);
                kernels.starts++;
                kernels.core = cores[rest % CORES];
                rest /= CORES;
                kernels.right = rest % 2;
                rest /= 2;
            }
        }
}
END_TEST

static const struct {
    const char *core, *setting;
    int processor, starts;
    bool dynamic;
    const char *chooser, *text;
} TEXTS[] = {
    {"SkylakeX", NULL, AVX512, 1, true, "program",
     "SkylakeX: OpenBLAS by itself takes Prescott, but this processor has AVX2, FMA and AVX-512"},
    {"Haswell", NULL, AVX2, 1, true, "program",
     "Haswell: OpenBLAS by itself takes Prescott, but this processor has AVX2 and FMA"},
    {"Zen", "ZEN", AVX2, 0, true, "user", "Zen: OPENBLAS_CORETYPE=ZEN"},
    {"Zen", NULL, AVX2, 0, true, "OpenBLAS", "Zen: OpenBLAS' own choice, which stays"},
    {"Zen", "", AVX2, 0, true, "OpenBLAS", "Zen: OpenBLAS' own choice, which stays"},
    {"Core2", NULL, AVX2, 0, false, "OpenBLAS", "Core2: the only one of this OpenBLAS"},
    {"Core2", NULL, NONE, 0, true, "OpenBLAS",
     "Core2: OpenBLAS' own choice; the processor has no AVX2 with FMA"},
    {"Core2", NULL, AVX2, 0, true, "OpenBLAS",
     "Core2: OpenBLAS' own choice; the program could not start itself again with a better one"},
    {"Prescott", NULL, AVX512, 3, true, "OpenBLAS",
     "Prescott: OpenBLAS' own choice; better ones are missing or multiply wrongly"},
};

START_TEST(test_texts) {
    char text[256];
    Kernels kernels = kernels_of(TEXTS[_i].core, TEXTS[_i].processor, TEXTS[_i].starts, true);
    kernels.setting = TEXTS[_i].setting;
    kernels.dynamic = TEXTS[_i].dynamic;
    kernels_describe(&kernels, text, sizeof text);
    ck_assert_str_eq(text, TEXTS[_i].text);
    ck_assert_str_eq(kernels_chooser(&kernels), TEXTS[_i].chooser);
}
END_TEST

/* ---- A program that starts itself again ------------------------------------------------------ */

/* What a probe says of itself, one thing a line; its exit status is its second argument. */
static int probe(int argc, char **argv) {
    const char *const names[] = {"OPENBLAS_CORETYPE", "KERNELS_STARTED"};
    const Kernels *kernels = kernels_used();
    char line[256];
    printf("core %s\nby %s\nstarts %d\nprocess %ld\n", kernels->core, kernels_chooser(kernels),
           kernels->starts, (long)getpid());
    FILE *name = fopen("/proc/self/comm", "r");
    if (name && fgets(line, sizeof line, name)) printf("name %s", line);
    if (name) fclose(name);
    for (int i = 0; i < 2; i++) printf("%s %s\n", names[i], getenv(names[i]) ? "set" : "unset");
    for (int i = 2; i < argc; i++) printf("argument <%s>\n", argv[i]);
    while (fgets(line, sizeof line, stdin)) printf("line <%.*s>\n", (int)strcspn(line, "\n"), line);
    return argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0;
}

/* Runs "BEFORE 'this program' ARGUMENTS" in a shell that has neither variable. Its exit status;
 * output (size) <- what it printed. */
static int run(const char *before, const char *arguments, char *output, size_t size) {
    char command[2048];
    snprintf(command, sizeof command,
             "{ unset OPENBLAS_CORETYPE KERNELS_STARTED; %s '%s' %s; } 2>&1 </dev/null", before,
             self, arguments);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    const size_t used = fread(output, 1, size - 1, pipe);
    output[used] = '\0';
    const int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void expect(const char *output, const char *part) {
    ck_assert_msg(strstr(output, part), "expected '%s' in:\n%s", part, output);
}

/* Where OpenBLAS can be made to look as if it had fallen back, and something better runs here. What
 * runs under another program (tests/tools/run.sh) does not start itself again. */
static bool can_fall_back(void) {
    if (getenv("TEST_RUNNER")) return false;
#if defined(__linux__) && defined(__x86_64__)
    return kernels_used()->dynamic && kernels_used()->avx2 && access("/proc/self/exe", X_OK) == 0;
#else
    return false;
#endif
}

static const char FALLBACK[] = "PRETEND=fallback OPENBLAS_CORETYPE=PRESCOTT";

START_TEST(test_fallback_is_left) {
    char output[4096];
    ck_assert_int_eq(run(FALLBACK, "--probe", output, sizeof output), 0);
    expect(output, kernels_used()->avx512 ? "core SkylakeX\n" : "core Haswell\n");
    expect(output, "by program\nstarts 1\n");
    expect(output, "OPENBLAS_CORETYPE unset\nKERNELS_STARTED unset\n");
    expect(output, "name test_kernels\n"); // not "exe", for ps and pgrep
    // What OpenBLAS takes here by itself may fit or not; what runs fits.
    ck_assert_int_eq(run("", "--probe", output, sizeof output), 0);
    ck_assert_msg(!strstr(output, "core Prescott\n"), "%s", output);
}
END_TEST

/* Each better core type is tried and found wrong; the last start is back to OpenBLAS' own. */
START_TEST(test_wrong_products_are_left) {
    char output[4096];
    ck_assert_int_eq(
        run("PRETEND=wrong OPENBLAS_CORETYPE=PRESCOTT", "--probe", output, sizeof output), 0);
    expect(output, kernels_used()->avx512 ? "starts 3\n" : "starts 2\n");
    expect(output, "OPENBLAS_CORETYPE unset\nKERNELS_STARTED unset\n");
}
END_TEST

START_TEST(test_user_is_left_alone) {
    char output[4096];
    ck_assert_int_eq(run("OPENBLAS_CORETYPE=PRESCOTT", "--probe", output, sizeof output), 0);
    expect(output, "core Prescott\nby user\nstarts 0\n");
    expect(output, "OPENBLAS_CORETYPE set\nKERNELS_STARTED unset\n");
    ck_assert_int_eq(run("OPENBLAS_CORETYPE=haswell", "--probe", output, sizeof output), 0);
    expect(output, "core Haswell\nby user\nstarts 0\n");
}
END_TEST

START_TEST(test_arguments_and_status_pass) {
    char output[4096], arguments[128];
    for (int status = 0; status <= 2; status++) {
        snprintf(arguments, sizeof arguments, "--probe %d 'two words' '' --help '*'", status);
        ck_assert_int_eq(run(FALLBACK, arguments, output, sizeof output), status);
        expect(output, "starts 1\n");
        expect(output, "argument <two words>\nargument <>\nargument <--help>\nargument <*>\n");
    }
}
END_TEST

START_TEST(test_stdin_and_process_pass) {
    char output[4096], process[64];
    ck_assert_int_eq(run("printf 'a\\n b c' | PRETEND=fallback OPENBLAS_CORETYPE=PRESCOTT",
                         "--probe", output, sizeof output),
                     0);
    expect(output, "starts 1\n");
    expect(output, "line <a>\nline < b c>\n");
    // The shell says its number and becomes the program: who waits for it, or kills it, can.
    ck_assert_int_eq(run("echo process $$; exec env PRETEND=fallback OPENBLAS_CORETYPE=PRESCOTT",
                         "--probe", output, sizeof output),
                     0);
    expect(output, "starts 1\n");
    snprintf(process, sizeof process, "%.*s", (int)strcspn(output, "\n") + 1, output);
    expect(output + strlen(process), process);
}
END_TEST

/* A number of starts that some other process left is nobody's: it neither counts nor goes on. */
START_TEST(test_count_is_not_inherited) {
    char output[4096];
    static const char *const left[] = {"'1 3 Prescott'", "'1 -1 x'", "3", "''", "'x y z'"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        char before[128];
        snprintf(before, sizeof before, "KERNELS_STARTED=%s %s", left[i], FALLBACK);
        ck_assert_int_eq(run(before, "--probe", output, sizeof output), 0);
        expect(output, "by program\nstarts 1\n");
        expect(output, "OPENBLAS_CORETYPE unset\nKERNELS_STARTED unset\n");
    }
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    if (argc > 1 && strcmp(argv[1], "--probe") == 0) return probe(argc, argv);
    self = argv[0];
    Suite *suite = suite_create("kernels");
    TCase *choice = tcase_create("choice"), *start = tcase_create("start");
    tcase_add_loop_test(choice, test_choices, 0, (int)(sizeof CHOICES / sizeof *CHOICES));
    tcase_add_loop_test(choice, test_texts, 0, (int)(sizeof TEXTS / sizeof *TEXTS));
    tcase_add_test(choice, test_setting_is_respected);
    tcase_add_test(choice, test_single_target);
    tcase_add_test(choice, test_starts_end);
    if (can_fall_back()) {
        tcase_add_test(start, test_fallback_is_left);
        tcase_add_test(start, test_wrong_products_are_left);
        tcase_add_test(start, test_user_is_left_alone);
        tcase_add_test(start, test_arguments_and_status_pass);
        tcase_add_test(start, test_stdin_and_process_pass);
        tcase_add_test(start, test_count_is_not_inherited);
    } else {
        puts("skipped: programs that start themselves again (nothing to choose from here)");
    }
    suite_add_tcase(suite, choice);
    suite_add_tcase(suite, start);
    return suite_run(suite);
}
