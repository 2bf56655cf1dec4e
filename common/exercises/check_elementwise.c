#include "common/elementwise.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { N = 9 };

/* ---- One number ------------------------------------------------------------------------------ */

typedef void RuleOfOne(real *dx, const real *dy, const real *kept, size_t n);

/* 2 flows into the one number: what is kept of it is given. */
static void show_one(RuleOfOne *rule, double kept) {
    real dx[] = {0}, dy[] = {2}, k[] = {(real)kept};
    rule(dx, dy, k, 1);
    SHOW("dx", dx, 1);
}

/* Twice, and dx holds numbers before; kept is in (0, 1.5], or in [-1.5, 1.5] where it may be
 * negative. */
static void show_many(RuleOfOne *rule, bool negative) {
    real dx[N], dy[N], kept[N];
    exercise_fill(dx, N, 1);
    exercise_fill(dy, N, 2);
    exercise_fill(kept, N, 3);
    if (!negative)
        for (int i = 0; i < N; i++) kept[i] = (real)fabs(kept[i]) + (real)0.001;
    rule(dx, dy, kept, N);
    rule(dx, dy, kept, N);
    SHOW("dx, which held numbers,", dx, N);
}

static void relu_small(void) {
    real dx[] = {0, 0}, dy[] = {2, 3}, y[] = {0, 5};
    elementwise_relu_backward(dx, dy, y, 2);
    SHOW("dx", dx, 2);
}
static void relu_many(void) {
    real dx[N], dy[N], y[N];
    exercise_fill(dx, N, 1);
    exercise_fill(dy, N, 2);
    exercise_fill(y, N, 3);
    for (int i = 0; i < N; i++) y[i] = y[i] > 0 ? y[i] : 0;
    elementwise_relu_backward(dx, dy, y, N);
    elementwise_relu_backward(dx, dy, y, N);
    SHOW("dx, which held numbers,", dx, N);
}
static void exp_small(void) {
    show_one(elementwise_exp_backward, 3);
}
static void exp_many(void) {
    show_many(elementwise_exp_backward, false);
}
static void log_small(void) {
    show_one(elementwise_log_backward, 4);
}
static void log_many(void) {
    show_many(elementwise_log_backward, false);
}
static void tanh_small(void) {
    show_one(elementwise_tanh_backward, 0.5);
}
static void tanh_many(void) {
    show_many(elementwise_tanh_backward, true);
}
static void sigmoid_small(void) {
    show_one(elementwise_sigmoid_backward, 0.25);
}
static void sigmoid_many(void) {
    show_many(elementwise_sigmoid_backward, false);
}

static void show_pow(real p) {
    real dx[N], dy[N], x[N];
    exercise_fill(dx, N, 1);
    exercise_fill(dy, N, 2);
    exercise_fill(x, N, 3);
    for (int i = 0; i < N; i++) x[i] = (real)fabs(x[i]) + (real)0.1;
    elementwise_pow_backward(dx, dy, x, p, N);
    elementwise_pow_backward(dx, dy, x, p, N);
    SHOW("dx, which held numbers,", dx, N);
}
static void pow_small(void) {
    real dx[] = {0}, dy[] = {2}, x[] = {5};
    elementwise_pow_backward(dx, dy, x, 3, 1);
    SHOW("dx", dx, 1);
}
static void pow_fraction(void) {
    show_pow((real)1.5);
}
static void pow_negative(void) {
    show_pow(-2);
}
static void pow_zero(void) {
    real dx[] = {7, 8}, dy[] = {2, 3}, x[] = {0, 4};
    elementwise_pow_backward(dx, dy, x, 0, 2);
    SHOW("dx, which was 7 8,", dx, 2);
}

/* ---- Two numbers ----------------------------------------------------------------------------- */

typedef void RuleOfTwo(ElementwiseOperand a, ElementwiseOperand b, const real *dy, size_t n);

/* a = 5, b = 2, and 3 flows in. */
static void show_pair(RuleOfTwo *rule) {
    const real a[] = {5}, b[] = {2}, dy[] = {3};
    real da[] = {0}, db[] = {0};
    rule((ElementwiseOperand){a, da, 1}, (ElementwiseOperand){b, db, 1}, dy, 1);
    SHOW("da", da, 1);
    SHOW("db", db, 1);
}

/* The steps are 0 or 1; which of the two gradients is asked for. */
static void show_operands(RuleOfTwo *rule, size_t a_step, size_t b_step, bool da_asked,
                          bool db_asked) {
    real a[N], b[N], dy[N], da[N], db[N];
    exercise_fill(a, N, 1);
    exercise_fill(b, N, 2);
    exercise_fill(dy, N, 3);
    exercise_fill(da, N, 4);
    exercise_fill(db, N, 5);
    for (int i = 0; i < N; i++) b[i] = (real)fabs(b[i]) + (real)0.5; // far enough from 0 to divide
    rule((ElementwiseOperand){a, da_asked ? da : NULL, a_step},
         (ElementwiseOperand){b, db_asked ? db : NULL, b_step}, dy, N);
    SHOW("da, which held numbers,", da, N);
    SHOW("db, which held numbers,", db, N);
}

/* y of x and x: both add to the same gradient. */
static void show_same(RuleOfTwo *rule) {
    real x[N], dy[N], dx[N];
    exercise_fill(x, N, 1);
    exercise_fill(dy, N, 2);
    exercise_fill(dx, N, 3);
    for (int i = 0; i < N; i++) x[i] = (real)fabs(x[i]) + (real)0.5;
    const ElementwiseOperand operand = {x, dx, 1};
    rule(operand, operand, dy, N);
    SHOW("dx, which held numbers,", dx, N);
}

#define CASES_OF_TWO(op)                                                                           \
    static void op##_pair(void) {                                                                  \
        show_pair(elementwise_##op##_backward);                                                    \
    }                                                                                              \
    static void op##_many(void) {                                                                  \
        show_operands(elementwise_##op##_backward, 1, 1, true, true);                              \
    }                                                                                              \
    static void op##_one_a(void) {                                                                 \
        show_operands(elementwise_##op##_backward, 0, 1, true, true);                              \
    }                                                                                              \
    static void op##_one_b(void) {                                                                 \
        show_operands(elementwise_##op##_backward, 1, 0, true, true);                              \
    }                                                                                              \
    static void op##_only_a(void) {                                                                \
        show_operands(elementwise_##op##_backward, 1, 1, true, false);                             \
    }                                                                                              \
    static void op##_only_b(void) {                                                                \
        show_operands(elementwise_##op##_backward, 1, 1, false, true);                             \
    }                                                                                              \
    static void op##_same(void) {                                                                  \
        show_same(elementwise_##op##_backward);                                                    \
    }
CASES_OF_TWO(add)
CASES_OF_TWO(sub)
CASES_OF_TWO(mul)
CASES_OF_TWO(div)

#define ROWS_OF_ONE(op, small)                                                                     \
    {"elementwise_" #op "_backward", small, op##_small, GRADIENTS}, {                              \
        "elementwise_" #op "_backward", "nine numbers, twice: gradients add", op##_many, GRADIENTS \
    }
#define ROWS_OF_TWO(op)                                                                            \
    {"elementwise_" #op "_backward", "a = 5, b = 2, dy = 3", op##_pair, GRADIENTS},                \
        {"elementwise_" #op "_backward", "nine numbers each", op##_many, GRADIENTS},               \
        {"elementwise_" #op "_backward", "one a met nine b (step 0)", op##_one_a, GRADIENTS},      \
        {"elementwise_" #op "_backward", "nine a met one b (step 0)", op##_one_b, GRADIENTS},      \
        {"elementwise_" #op "_backward", "nobody asks for db (NULL)", op##_only_a, GRADIENTS},     \
        {"elementwise_" #op "_backward", "nobody asks for da (NULL)", op##_only_b, GRADIENTS}, {   \
        "elementwise_" #op "_backward", "a and b are the same numbers", op##_same, GRADIENTS       \
    }

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        ROWS_OF_ONE(relu, "y = 0 and 5, dy = 2 and 3"),
        ROWS_OF_ONE(exp, "y = 3, dy = 2"),
        ROWS_OF_ONE(log, "x = 4, dy = 2"),
        ROWS_OF_ONE(tanh, "y = 1/2, dy = 2"),
        ROWS_OF_ONE(sigmoid, "y = 1/4, dy = 2"),
        {"elementwise_pow_backward", "x = 5, p = 3, dy = 2", pow_small, GRADIENTS},
        {"elementwise_pow_backward", "p = 1.5, twice: gradients add", pow_fraction, GRADIENTS},
        {"elementwise_pow_backward", "p = -2", pow_negative, GRADIENTS},
        {"elementwise_pow_backward", "p = 0, x = 0 and 4", pow_zero, GRADIENTS},
        ROWS_OF_TWO(add),
        ROWS_OF_TWO(sub),
        ROWS_OF_TWO(mul),
        ROWS_OF_TWO(div),
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
