#include "tests/gradcheck.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/files/safetensors.h"
#include "common/random.h"
#include "tests/suite.h"

/* |analytic - numeric| <= ABSOLUTE + RELATIVE |numeric|. The quotient's own error is about
 * STEP^2 f'''/6 + 1e-16 |f| / STEP, near 1e-10 for functions of size 1. */
static const double STEP = 1e-5, ABSOLUTE = 1e-7, RELATIVE = 1e-5;

/* Float against double: mean square of the difference over that of the value. A value that is 0 but
 * for rounding, as some gradients are, counts as one of mean square LEAST. */
static const double NORMALISED = 1e-7, LEAST = 0.01;

static Graph *graph;
static Arena memory;              // for one gradcheck
static SafetensorsWriter *writer; // double: not NULL while the reference is being written
static Arena written;             // what the writer will save
static Safetensors reference;     // float: what double computed, if there is such a file
static bool has_reference;

Graph *gradcheck_graph(void) {
    if (!graph) graph = graph_new();
    graph_use(graph);
    graph_reset(graph);
    return graph;
}

/* One case at one seed. */
typedef struct {
    const GradCase *c;
    uint64_t seed;
    char label[200]; // "matmul (2,3) (3,4)"
    int inputs;
    size_t size[GRADCHECK_INPUTS];
    real *value[GRADCHECK_INPUTS];
} Draw;

static Draw draw_of(const GradCase *c, uint64_t seed) {
    Draw d = {.c = c, .seed = seed};
    char shape[64];
    Random random;
    random_seed(&random, seed);
    arena_reset(&memory);
    size_t used = (size_t)snprintf(d.label, sizeof d.label, "%s", c->name);
    for (; d.inputs < GRADCHECK_INPUTS && c->input[d.inputs].ndim > 0; d.inputs++) {
        const GradShape *s = &c->input[d.inputs];
        size_t n = 1;
        for (int i = 0; i < s->ndim; i++) n *= (size_t)s->shape[i];
        real *x = d.value[d.inputs] = arena_alloc(&memory, n * sizeof(real));
        random_fill_uniform(&random, x, n, c->domain == POSITIVE ? 0.5 : -1.5,
                            c->domain == POSITIVE ? 2 : 1.5);
        for (size_t i = 0; i < n && c->domain == NO_KINK; i++)
            x[i] = (real)(float)((double)x[i] + (x[i] < 0 ? -0.1 : 0.1)); // the same in both builds
        d.size[d.inputs] = n;
        used += (size_t)snprintf(d.label + used, sizeof d.label - used, " %s",
                                 shape_text(shape, s->ndim, s->shape));
    }
    return d;
}

/* y times fixed numbers between -2 and 2, added up: () */
static Tensor *weighted_sum(Tensor *y, uint64_t key) {
    Tensor *factors = TENSOR((int)y->size);
    for (size_t i = 0; i < y->size; i++)
        factors->data[i] = (real)((int)(random_hash(key, (uint32_t)i) % 2001) - 1000) / 512;
    return op_sum(op_mul(RESHAPE(y, (int)y->size), factors));
}

/* The loss, from the values that the draw holds now. Bit i of requires: input i is to be
 * differentiated. input receives the tensors, result what build returned first. */
static Tensor *loss_of(const Draw *d, unsigned requires, Tensor **input, Tensor **result) {
    gradcheck_graph()->dropout_key = d->seed;
    for (int i = 0; i < d->inputs; i++) {
        const GradShape *s = &d->c->input[i];
        input[i] = tensor_from(d->value[i], s->ndim, s->shape);
        input[i]->requires_grad = requires >> i & 1;
    }
    *result = d->c->build(d->c->context, input);
    Tensor *loss = weighted_sum(*result, d->seed + 1);
    return op_add(loss, weighted_sum(d->c->build(d->c->context, input), d->seed + 2));
}

static double value_of(const Draw *d) {
    Tensor *input[GRADCHECK_INPUTS], *result;
    graph->recording = false;
    const double value = (double)tensor_item(loss_of(d, 0, input, &result));
    graph->recording = true;
    return value;
}

/* d loss / d x[i] for all i < n, where x is something that value_of reads. */
static double *central_differences(const Draw *d, real *x, size_t n) {
    double *numeric = arena_alloc(&memory, n * sizeof *numeric);
    for (size_t i = 0; i < n; i++) {
        const real kept = x[i];
        x[i] = kept + (real)STEP;
        const double above = value_of(d);
        x[i] = kept - (real)STEP;
        numeric[i] = (above - value_of(d)) / (2 * STEP);
        x[i] = kept;
    }
    return numeric;
}

static void compare(const Draw *d, const char *name, const real *analytic, const double *numeric,
                    size_t n) {
    ck_assert_msg(analytic, "%s, seed %llu: no gradient of %s", d->label,
                  (unsigned long long)d->seed, name);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(
            fabs((double)analytic[i] - numeric[i]) <= ABSOLUTE + RELATIVE * fabs(numeric[i]),
            "%s, seed %llu: gradient of %s, element %zu: analytic %.12g, numeric %.12g", d->label,
            (unsigned long long)d->seed, name, i, (double)analytic[i], numeric[i]);
}

static const char *input_name(int i) {
    static const char *const names[GRADCHECK_INPUTS] = {"input 0", "input 1", "input 2", "input 3"};
    return names[i];
}

static void set_trainable(Parameters *parameters, bool trainable) {
    for (int i = 0; parameters && i < parameters->count; i++)
        parameters->items[i]->requires_grad = trainable;
}

/* Runs forward and back; the gradients are then found through tensor_grad. Returns the loss. */
static double differentiate(const Draw *d, unsigned requires, Tensor **input, Tensor **result) {
    if (d->c->parameters) parameters_zero_grad(d->c->parameters);
    Tensor *loss = loss_of(d, requires, input, result);
    if (loss->requires_grad) backward(loss); // not, if no input that requires one matters
    return (double)tensor_item(loss);
}

/* One subset of what requires a gradient against the numeric derivatives. */
static void check_subset(const Draw *d, unsigned requires, bool trainable, double *const *numeric,
                         double *const *numeric_parameter) {
    Parameters *p = d->c->parameters;
    Tensor *input[GRADCHECK_INPUTS], *result;
    set_trainable(p, trainable);
    differentiate(d, requires, input, &result);
    for (int i = 0; i < d->inputs; i++) {
        if (requires >> i & 1)
            compare(d, input_name(i), tensor_grad(input[i]), numeric[i], d->size[i]);
        else
            ck_assert_msg(!tensor_grad(input[i]), "%s: a gradient of %s, which requires none",
                          d->label, input_name(i));
    }
    set_trainable(p, true);
    const double zero = 0;
    for (int i = 0; p && i < p->count; i++)
        if (trainable)
            compare(d, p->items[i]->name, p->items[i]->grad, numeric_parameter[i],
                    p->items[i]->size);
        else
            compare(d, p->items[i]->name, p->items[i]->grad, &zero, 1);
}

static void check_differences(Draw *d) {
    Parameters *p = d->c->parameters;
    const int count = p ? p->count : 0;
    double *numeric[GRADCHECK_INPUTS];
    double **numeric_parameter = arena_alloc(&memory, (size_t)count * sizeof *numeric_parameter);
    for (int i = 0; i < d->inputs; i++)
        numeric[i] = central_differences(d, d->value[i], d->size[i]);
    for (int i = 0; i < count; i++)
        numeric_parameter[i] = central_differences(d, p->items[i]->data, p->items[i]->size);
    for (unsigned requires = 0; requires < 1u << d->inputs; requires ++) {
        if (count > 0) check_subset(d, requires, true, numeric, numeric_parameter);
        if (requires) check_subset(d, requires, false, numeric, numeric_parameter);
    }
    Tensor *input[GRADCHECK_INPUTS], *result;
    ck_assert_msg(differentiate(d, (1u << d->inputs) - 1, input, &result) == value_of(d),
                  "%s: recording changes the result", d->label);
}

/* ---- Float against double -------------------------------------------------------------------- */

static void write_reference(const char *name, const real *x, size_t n) {
    real *copy = arena_alloc(&written, n * sizeof *copy);
    if (n) memcpy(copy, x, n * sizeof *copy);
    safetensors_writer_tensor(writer, name, DTYPE_REAL, 1, SHAPE((int)n), copy);
}

static void compare_reference(const char *name, const real *x, size_t n) {
    Error err;
    real *expected = arena_alloc(&memory, n * sizeof *expected);
    ck_assert_msg(safetensors_read_real(&reference, name, 1, SHAPE((int)n), expected, &err), "%s",
                  err.text);
    double difference = 0, square = 0;
    for (size_t i = 0; i < n; i++) {
        difference += pow((double)x[i] - (double)expected[i], 2);
        square += pow((double)expected[i], 2);
    }
    const double norm = fmax(square, LEAST * (double)n);
    ck_assert_msg(difference <= NORMALISED * norm,
                  "%s: float differs from double, normalised mean squared error %g > %g", name,
                  difference / norm, NORMALISED);
}

/* Without a reference: that there are results at all. Sanitizers then see every way back as well.
 */
static void expect_finite(const char *name, const real *x, size_t n) {
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(isfinite(x[i]), "%s, element %zu: %g", name, i, (double)x[i]);
}

/* Results and gradients, with everything requiring one, into the reference or against it. */
static void check_reference(const Draw *d) {
    Tensor *input[GRADCHECK_INPUTS], *result;
    Parameters *p = d->c->parameters;
    char name[512];
    void (*use)(const char *, const real *, size_t) = writer          ? write_reference
                                                      : has_reference ? compare_reference
                                                                      : expect_finite;
    differentiate(d, (1u << d->inputs) - 1, input, &result);
    const int used =
        snprintf(name, sizeof name, "%s, seed %llu: ", d->label, (unsigned long long)d->seed);
    snprintf(name + used, sizeof name - (size_t)used, "result");
    use(name, result->data, result->size);
    for (int i = 0; i < d->inputs; i++) {
        snprintf(name + used, sizeof name - (size_t)used, "gradient of %s", input_name(i));
        use(name, tensor_grad(input[i]), d->size[i]);
    }
    for (int i = 0; p && i < p->count; i++) {
        snprintf(name + used, sizeof name - (size_t)used, "gradient of %s", p->items[i]->name);
        use(name, p->items[i]->grad, p->items[i]->size);
    }
}

void gradcheck(const GradCase *c, uint64_t seed) {
    gradcheck_graph();
    Draw d = draw_of(c, seed);
    if (sizeof(real) == sizeof(double) && !writer) check_differences(&d);
    if (sizeof(real) != sizeof(double) || writer) check_reference(&d);
}

static bool save_reference(const char *path) {
    Error err;
    const bool saved = safetensors_writer_save(writer, path, &err);
    if (!saved) fprintf(stderr, "%s\n", err.text);
    safetensors_writer_free(writer);
    arena_free(&written);
    return saved;
}

/* Has the double build's program of this name write its results, and opens them. */
static bool make_reference(const char *program) {
    static char path[] = "/tmp/gradcheck.XXXXXX";
    const char *slash = strrchr(program, '/'), *folder = getenv("BUILD_DIR");
    const char *places[] = {"f64", "../f64"}; // beside the release build, or beside another mode
    char twin[1024], command[2200];
    for (int i = 0; i < 2; i++) {
        snprintf(twin, sizeof twin, "%s/%s/tests/%s", folder ? folder : "build", places[i],
                 slash ? slash + 1 : program);
        if (access(twin, X_OK) == 0) break;
    }
    if (access(twin, X_OK) != 0) return false;
    const int file = mkstemp(path);
    if (file < 0) return false;
    close(file);
    snprintf(command, sizeof command, "$TEST_RUNNER '%s' --reference '%s' >&2", twin, path);
    Error err = {"its program failed"};
    has_reference = system(command) == 0 && safetensors_open(path, &reference, &err);
    if (!has_reference) fprintf(stderr, "%s: %s\n", twin, err.text);
    unlink(path);
    return has_reference;
}

int gradcheck_main(int argc, char **argv, Suite *suite) {
    const bool is_double = sizeof(real) == sizeof(double);
    const bool writes = is_double && argc == 3 && strcmp(argv[1], "--reference") == 0;
    if (writes) {
        writer = safetensors_writer_new();
    } else if (!is_double) {
        puts("skipped: gradients against central differences (they need MODE=f64)");
        if (!make_reference(argv[0]))
            puts("skipped: float against double (no double build beside this one)");
        fflush(stdout);
    }
    int status = writes ? suite_run_silently(suite) : suite_run(suite);
    if (writes && !save_reference(argv[2])) status = EXIT_FAILURE;
    if (has_reference) safetensors_close(&reference);
    graph_free(graph);
    arena_free(&memory);
    return status;
}
