/* dynamic_weights.c - ArtOfTheProblem's view, which the learning path calls the most insightful: an
 * attention layer is a layer whose weights depend on its input.
 *
 * A dense layer over tokens multiplies by one matrix whatever comes in. Attention multiplies by
 * A(x). Here A(x0) is frozen and applied to another input, and the error is what the dependence is
 * worth.
 *
 * Beside: artoftheproblem - one layer, two inputs, two matrices of weights; and what is linear in
 *     it and what is not
 */
#include "03_self_attention/head.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"

#include <stdio.h>

enum { T = 5, E = 16 };

static Tensor *random_input(Random *random) {
    Tensor *x = TENSOR(T, E);
    random_fill_normal(random, x->data, x->size, 0, 2); // large, so that weights have contrast
    return x;
}

/* |a - b| / |b| over all entries. */
static double relative_error(const Tensor *a, const Tensor *b) {
    double difference = 0, norm = 0;
    for (size_t i = 0; i < a->size; i++) {
        difference += pow((double)a->data[i] - (double)b->data[i], 2);
        norm += pow((double)b->data[i], 2);
    }
    return sqrt(difference / norm);
}

/* f(2 v0 - 3 v1) against 2 f(v0) - 3 f(v1) for f = A x: the error of linearity. */
static double linearity_error(Tensor *weights, Tensor *v0, Tensor *v1) {
    Tensor *mixed = op_matmul(weights, op_sub(op_scale(v0, 2), op_scale(v1, 3)));
    Tensor *apart =
        op_sub(op_scale(op_matmul(weights, v0), 2), op_scale(op_matmul(weights, v1), 3));
    return relative_error(mixed, apart);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Attention as a layer whose weights depend on its input.",
                         "build/03_self_attention/dynamic_weights"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    Parameters parameters = {0};
    const AttentionHead head = attention_head_new(&parameters, "", E, E, &random);
    Tensor *x0 = random_input(&random), *x1 = random_input(&random); // (5,16)

    lesson_step(&lesson, "The same layer, two inputs (5,16): two different weight matrices (5,5)");
    Tensor *a0, *a1, *twice;
    Tensor *y0 = attention_head_forward(&head, x0, (Masks){0}, &a0); // (5,16)
    Tensor *y1 = attention_head_forward(&head, x1, (Masks){0}, &a1); // (5,16)
    print_heatmap("A(x0)", a0->data, T, T, NULL, NULL, 2);
    print_heatmap("A(x1)", a1->data, T, T, NULL, NULL, 2);

    lesson_step(&lesson, "Freeze A(x0): now it is a dense layer. Right for x0, wrong for x1");
    Tensor *v0 = linear_forward(&head.value, x0), *v1 = linear_forward(&head.value, x1); // (5,16)
    const double same = relative_error(op_matmul(a0, v0), y0);
    const double other = relative_error(op_matmul(a0, v1), y1);
    puts("(An error of 1 is as long as the right answer.)\n");
    printf("  error of A(x0) on x0: %.2f    error of A(x0) on x1: %.2f\n", same, other);

    lesson_step(&lesson, "Given A, attention is linear in V; through A it is not linear in x");
    const double linear = linearity_error(a0, v0, v1);
    twice = attention_head_forward(&head, op_scale(x0, 2), (Masks){0}, NULL);
    const double through = relative_error(twice, op_scale(y0, 2));
    printf("  A (2 v0 - 3 v1) against 2 A v0 - 3 A v1: off by %.0e\n", linear);
    printf("  f(2 x) against 2 f(x):                   off by %.2f\n", through);

    const PlotMap maps[] = {{.title = "A(x0)", .data = a0->data, .rows = T, .cols = T},
                            {.title = "A(x1)", .data = a1->data, .rows = T, .cols = T}};
    const Picture picture = {.name = "dynamic_weights",
                             .directory = lesson.common.out,
                             .title = "One attention layer, two inputs",
                             .caption = "the parameters are the same, the weights are not: the "
                                        "input chooses them",
                             .x_label = "token that is looked at",
                             .y_label = "token that looks",
                             .value_label = "weight"};
    plot_heatmap_grid(&picture, maps, 2, 2, 2);

    lesson_step(&lesson, "What must hold");
    Comparison comparison = {0};
    compare_claim(&comparison, "A(x0) on x0 is the layer itself, to 1e-6", same < 1e-6);
    compare_claim(&comparison, "A(x0) on x1 is wrong by more than a quarter", other > .25);
    compare_claim(&comparison, "given A, linear in V to 1e-6", linear < 1e-6);
    parameters_free(&parameters);
    return lesson_end(&lesson, compare_end(&comparison));
}
