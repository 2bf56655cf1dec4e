/* signal_depth.c - Why there are residuals and norms, for which Alammar has one picture ("The
 * Residuals") and Karpathy six minutes (1:26:48, 1:32:51): what each of the two does to signals and
 * gradients on their way through 12 layers.
 *
 * Beside: alammar The Residuals; karpathy 1:26:48; bloem The transformer block - signal and
 *     gradient after each of twelve layers, with sum, with norm, with both
 */
#include "05_encoder_decoder/lab/placement.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"

#include <stddef.h>
#include <stdio.h>

enum { LAYERS = 12, E = 64, B = 4, S = 16, WAYS = 5 };

typedef struct {
    const char *name;
    Placement placement;
    real signal[LAYERS + 1];   // deviation of the numbers after each layer; [0] is the input
    real gradient[LAYERS + 1]; // root mean square of d loss / d (what stands there), last one 1
    real alike[LAYERS + 1];    // mean cosine between two tokens of a sentence
} Way;

/* The mean cosine between each sentence's first token and its others. */
static real likeness(const Tensor *x) {
    double sum = 0;
    for (int b = 0; b < B; b++)
        for (int s = 1; s < S; s++) {
            double ab = 0, aa = 0, bb = 0;
            for (int e = 0; e < E; e++) {
                const double p = (double)x->data[b * S * E + e];
                const double q = (double)x->data[(b * S + s) * E + e];
                ab += p * q, aa += p * p, bb += q * q; // (a b) / (|a| |b|) is the cosine
            }
            sum += ab / sqrt(aa * bb);
        }
    return (real)(sum / (B * (S - 1)));
}

/* Sends one drawn input through and a drawn gradient of size 1 back. */
static void measure(Way *way, uint64_t seed) {
    Random random;
    random_seed(&random, seed);
    PlacedStack *stack = placed_stack_new(
        way->placement, (LayerConfig){.d_model = E, .nhead = 4, .dim_feedforward = 4 * E}, LAYERS,
        2, &random);
    graph_reset(graph_current());
    real values[B * S * E];
    random_fill_normal(&random, values, B * S * E, 0, 1);
    Tensor *x[LAYERS + 1] = {tensor_variable(values, 3, SHAPE(B, S, E))};
    for (int i = 0; i < LAYERS; i++)
        x[i + 1] = placed_layer(&stack->layers[i], way->placement, x[i]);
    random_fill_normal(&random, values, B * S * E, 0, 1);
    // The loss is a random weighted sum of the output, so its gradient there is those weights.
    backward(op_sum(op_mul(x[LAYERS], TENSOR_FROM(values, B, S, E))));
    for (int i = 0; i <= LAYERS; i++) {
        way->signal[i] = (real)root_mean_square(x[i]->data, x[i]->size);
        way->gradient[i] = (real)root_mean_square(tensor_grad(x[i]), x[i]->size);
        way->alike[i] = likeness(x[i]);
    }
    placed_stack_free(stack);
}

static void print_table(const char *title, const Way *ways, size_t offset) {
    printf("\n%s\n  after layer        ", title);
    const int shown[] = {0, 1, 2, 4, 8, 12};
    for (int i = 0; i < 6; i++) printf(" %8d", shown[i]);
    putchar('\n');
    for (int w = 0; w < WAYS; w++) {
        printf("  %-19s", ways[w].name);
        const real *row = (const real *)(const void *)((const char *)&ways[w] + offset);
        for (int i = 0; i < 6; i++) printf(" %8.2g", (double)row[shown[i]]);
        putchar('\n');
    }
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Signal and gradient size through 12 layers, with and without.",
                         "build/05_encoder_decoder/signal_depth"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Way ways[WAYS] = {{.name = "f(x)", .placement = PLACED_BARE},
                      {.name = "norm(f(x))", .placement = PLACED_NORM},
                      {.name = "x + f(x)", .placement = PLACED_RESIDUAL},
                      {.name = "norm(x + f(x)) post", .placement = PLACED_POST},
                      {.name = "x + f(norm(x)) pre", .placement = PLACED_PRE}};
    for (int w = 0; w < WAYS; w++) measure(&ways[w], (uint64_t)lesson.common.seed);
    printf("Untrained encoder layers, d_model %d, matrices by Xavier; x (%d,%d,%d) of size 1\n"
           "goes in at the bottom, a gradient of size 1 at the top.\n",
           E, B, S, E);
    print_table("size of the signal", ways, offsetof(Way, signal));
    print_table("size of the gradient (read from right to left)", ways, offsetof(Way, gradient));
    print_table("cosine between two tokens of a sentence", ways, offsetof(Way, alike));

    PlotSeries signal[WAYS], gradient[WAYS];
    for (int w = 0; w < WAYS; w++) {
        signal[w] = (PlotSeries){
            .name = ways[w].name, .y = ways[w].signal, .count = LAYERS + 1, .points = true};
        gradient[w] = (PlotSeries){
            .name = ways[w].name, .y = ways[w].gradient, .count = LAYERS + 1, .points = true};
    }
    putchar('\n');
    Picture picture = {.name = "signal_12_layers",
                       .directory = lesson.common.out,
                       .title = "Size of the signal after each of 12 layers",
                       .caption = "without either, the signal is gone after a few layers; a norm "
                                  "holds it at 1; residuals alone let it grow",
                       .x_label = "after layer",
                       .y_label = "root mean square",
                       .log_y = true};
    plot_lines(&picture, signal, WAYS);
    picture.name = "gradient_12_layers";
    picture.title = "Size of the gradient on its way down";
    picture.caption = "read from right to left: bare, the gradient dies; with residuals alone it "
                      "grows a thousandfold; with both it stays near 1";
    picture.x_label = "before layer (0 is the input)";
    plot_lines(&picture, gradient, WAYS);
    putchar('\n');
    compare_claim(&comparison, "bare: the signal shrinks more than a thousandfold",
                  ways[0].signal[LAYERS] < 1e-3f);
    compare_claim(&comparison, "residual alone: signal and gradient grow tenfold and more",
                  ways[2].signal[LAYERS] > 10 && ways[2].gradient[0] > 10);
    compare_claim(&comparison, "norm alone: the size is saved, the tokens are not (cosine > .99)",
                  ways[1].alike[LAYERS] > 0.99f);
    compare_claim(&comparison, "post-norm: size 1 after every layer",
                  fabs((double)ways[3].signal[LAYERS] - 1) < 0.01);
    compare_claim(&comparison, "post-norm: the gradient shrinks on its way down, pre-norm's not",
                  ways[3].gradient[0] < 1 && ways[4].gradient[0] > 1);
    return lesson_end(&lesson, compare_end(&comparison));
}
