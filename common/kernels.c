#include "common/kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files/file.h"
#include "common/real.h"

#ifdef __linux__
#include <sys/auxv.h>
#endif

static const char SETTING[] = "OPENBLAS_CORETYPE";
static const char STARTED[] = "KERNELS_STARTED"; // ours: "PROCESS STARTS OWN", see kernels_look

/* ---- The choice ------------------------------------------------------------------------------ */

/* Core types below AVX2 and FMA, by the names of OpenBLAS 0.2 to 0.3. Barcelona is what it takes
 * for AMD's newer ones, Sandybridge for one whose AVX2 it was built without. A name that is not
 * here is newer than this list and was chosen for good reason: it stays, like Zen and Haswell. */
static bool is_fallback(const char *core) {
    static const char *const names[] = {
        "Unknown", "Generic",     "Katmai", "Coppermine",   "Northwood", "Prescott", "Banias",
        "Atom",    "Core2",       "Penryn", "Dunnington",   "Nehalem",   "Athlon",   "Opteron",
        "Nano",    "Sandybridge", "Bobcat", "Opteron_SSE3", "Barcelona",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(core, names[i]) == 0) return true;
    return false;
}

/* An empty setting names no core type: it is as good as none. */
static bool is_set(const char *setting) {
    return setting && *setting;
}

/* Number n of the starts took the core type before the one that is next. */
const char *kernels_next(const Kernels *kernels) {
    static const char *const types[] = {"SKYLAKEX", "HASWELL", ""};
    const size_t place = (size_t)kernels->starts + (kernels->avx512 ? 0 : 1);
    const char *next = place < sizeof types / sizeof *types ? types[place] : NULL;
    const bool fallback = is_fallback(kernels->core);
    if (kernels->starts == 0) {
        const bool better = fallback && kernels->avx2 && kernels->dynamic;
        return better && !is_set(kernels->setting) ? next : NULL;
    }
    // Where OpenBLAS was built without a core type, its fallback still runs: nothing to go back to.
    if (fallback) return next && *next ? next : NULL;
    return kernels->right ? NULL : next;
}

/* ---- The proof ------------------------------------------------------------------------------- */

typedef struct {
    int m, n, k;
    real *a[2], *b[2]; // A (m,k) and its transpose; B (k,n) and its transpose
    real *y, *c;       // (m,n): A B by plain loops; what gemm makes of it
} Product;

/* x[0] (rows,columns) and its transpose x[1] <- whole numbers from -4 to 4. */
static void fill(real *const x[2], int rows, int columns, unsigned seed) {
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) {
            seed = seed * 1664525U + 1013904223U;
            x[0][i * columns + j] = x[1][j * rows + i] = (real)((int)(seed >> 16) % 9 - 4);
        }
}

/* Whether gemm, told that A and B are stored transposed or not, adds A B to beta C as it should,
 * which is times Y. */
static bool comes_out(const Product *p, bool ta, bool tb, real beta, real times) {
    gemm(ta, tb, p->m, p->n, p->k, 1, p->a[ta], ta ? p->m : p->k, p->b[tb], tb ? p->k : p->n, beta,
         p->c, p->n);
    for (int i = 0; i < p->m * p->n; i++)
        if (p->c[i] != times * p->y[i]) return false;
    return true;
}

/* All four transpositions. C begins as NaN, which a product with beta = 0 must not read. */
static bool product_right(const Product *p) {
    fill(p->a, p->m, p->k, 1);
    fill(p->b, p->k, p->n, 2);
    for (int i = 0; i < p->m; i++)
        for (int l = 0; l < p->k; l++)
            for (int j = 0; j < p->n; j++)
                p->y[i * p->n + j] += p->a[0][i * p->k + l] * p->b[0][l * p->n + j];
    for (int way = 0; way < 4; way++) {
        const bool ta = way & 1, tb = way & 2;
        for (int i = 0; i < p->m * p->n; i++) p->c[i] = NAN;
        if (!comes_out(p, ta, tb, 0, 1) || !comes_out(p, ta, tb, 1, 2)) return false;
    }
    return true;
}

static bool shape_right(int m, int n, int k) {
    const size_t a = (size_t)m * (size_t)k, b = (size_t)k * (size_t)n, y = (size_t)m * (size_t)n;
    real *memory = calloc(2 * (a + b + y), sizeof *memory);
    if (!memory) return false;
    const Product p = {.m = m,
                       .n = n,
                       .k = k,
                       .a = {memory, memory + a},
                       .b = {memory + 2 * a, memory + 2 * a + b},
                       .y = memory + 2 * (a + b),
                       .c = memory + 2 * (a + b) + y};
    const bool right = product_right(&p);
    free(memory);
    return right;
}

/* Sums of whole numbers below 2^24 are exact in any order, so right products equal the plain loops'
 * and no tolerance has to be found. Sizes beside multiples of the vector's; OpenBLAS has other
 * kernels for less than a million products, and cuts k at some hundreds. */
static bool products_right(void) {
    const int threads = openblas_get_num_threads();
    openblas_set_num_threads(1); // waking 64 would take longer than the products
    const bool right = shape_right(3, 5, 2) && shape_right(37, 50, 23) &&
                       shape_right(131, 101, 97) && shape_right(30, 66, 700);
    openblas_set_num_threads(threads);
    return right;
}

/* ---- This process ---------------------------------------------------------------------------- */

/* The one global of the house beside the current graph: a process has one set of kernels, and what
 * led to them cannot be found out a second time. */
static Kernels used;

/* What an earlier start left is taken out of the environment as soon as it is read, and with it the
 * setting that was ours and not the user's: programs that this one runs choose for themselves. It
 * holds the process's number, which exec keeps, so that nobody else's can be mistaken for it. */
static void read_start(Kernels *kernels) {
    const char *text = getenv(STARTED);
    long process;
    int starts;
    char own[sizeof kernels->own];
    if (text && sscanf(text, "%ld %d %31s", &process, &starts, own) == 3 && process == getpid() &&
        starts > 0 && starts <= KERNELS_STARTS) {
        kernels->starts = starts;
        strcpy(kernels->own, own);
        unsetenv(SETTING);
    }
    unsetenv(STARTED);
}

static Kernels kernels_look(void) {
    Kernels kernels = {.core = openblas_get_corename(),
                       .dynamic = strstr(openblas_get_config(), "DYNAMIC_ARCH") != NULL,
                       .right = true};
    snprintf(kernels.own, sizeof kernels.own, "%s", kernels.core);
    read_start(&kernels);
    kernels.setting = getenv(SETTING);
#ifdef __x86_64__
    // These ask the processor, and whether the system saves the registers.
    kernels.avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    kernels.avx512 = kernels.avx2 && __builtin_cpu_supports("avx512f") &&
                     __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                     __builtin_cpu_supports("avx512vl");
#endif
    if (kernels.starts > 0) kernels.right = products_right();
    return kernels;
}

const Kernels *kernels_used(void) {
    if (!used.core) used = kernels_look();
    return &used;
}

/* Whether this program can be started again; path (size) <- its file. A set-user-ID program
 * (AT_SECURE) does not trust its environment. Without an interpreter (AT_BASE) the program is
 * static, or it was given to the loader as an argument and the file is the loader. Emulators and
 * valgrind make the link name the program while the process is theirs: then the two differ, and
 * nobody knows what a start would bring. */
static bool can_start(char *path, size_t size) {
#if defined(__linux__) && defined(__x86_64__)
    static const char link[] = "/proc/self/exe";
    struct stat named, running;
    if (getauxval(AT_SECURE) || !getauxval(AT_BASE)) return false;
    const ssize_t length = readlink(link, path, size - 1);
    if (length < 0) return false;
    path[length] = '\0';
    return stat(path, &named) == 0 && stat(link, &running) == 0 && named.st_dev == running.st_dev &&
           named.st_ino == running.st_ino;
#else
    (void)path;
    (void)size;
    return false;
#endif
}

/* Does not return where it works. The file's name and not the link, after which the system would
 * name the process "exe". */
static void start_again(const char *core, char **argv) {
    char path[4096], start[96];
    if (!can_start(path, sizeof path)) return;
    snprintf(start, sizeof start, "%ld %d %s", (long)getpid(), used.starts + 1, used.own);
    const int set = *core ? setenv(SETTING, core, 1) : unsetenv(SETTING);
    if (set == 0 && setenv(STARTED, start, 1) == 0) execv(path, argv);
    unsetenv(STARTED);
    unsetenv(SETTING); // which was unset or empty
}

void kernels_choose(int argc, char **argv) {
    file_begin(); // as this is what every main begins with
    used = kernels_look();
    const char *next = kernels_next(&used);
    if (next && argc > 0) start_again(next, argv);
}

/* ---- What to say about it -------------------------------------------------------------------- */

const char *kernels_chooser(const Kernels *kernels) {
    if (kernels->starts > 0 && !is_fallback(kernels->core)) return "program";
    return kernels->starts == 0 && is_set(kernels->setting) ? "user" : "OpenBLAS";
}

const char *kernels_processor(const Kernels *kernels) {
    if (kernels->avx512) return "AVX2, FMA and AVX-512";
    return kernels->avx2 ? "AVX2 and FMA" : "no AVX2 with FMA";
}

static const char *why_own(const Kernels *kernels) {
    if (kernels->starts > 0)
        return "OpenBLAS' own choice; better ones are missing or multiply wrongly";
    if (!is_fallback(kernels->core)) return "OpenBLAS' own choice, which stays";
    if (!kernels->dynamic) return "the only one of this OpenBLAS";
    if (!kernels->avx2) return "OpenBLAS' own choice; the processor has no AVX2 with FMA";
    return "OpenBLAS' own choice; the program could not start itself again with a better one";
}

void kernels_describe(const Kernels *kernels, char *text, size_t size) {
    const char *chooser = kernels_chooser(kernels);
    if (strcmp(chooser, "program") == 0)
        snprintf(text, size, "%s: OpenBLAS by itself takes %s, but this processor has %s",
                 kernels->core, kernels->own, kernels_processor(kernels));
    else if (strcmp(chooser, "user") == 0)
        snprintf(text, size, "%s: %s=%s", kernels->core, SETTING, kernels->setting);
    else
        snprintf(text, size, "%s: %s", kernels->core, why_own(kernels));
}
