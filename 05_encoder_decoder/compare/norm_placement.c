/* norm_placement.c - Where the norm stands: behind each sub-layer (post-norm, the paper, section
 * 3.1), before it (pre-norm), and where Jordan Lazzaro's notebook "Transformers in a Nutshell" has
 * it. One task, with warm-up and without.
 *
 * Beside: lazzaro - his `x = ln1(x); x = x + attn(x)`, against post-norm and pre-norm
 * Beside: karpathy 1:32:51; annotated Encoder; paper 3.1; bloem The transformer block; wikipedia
 *     Transformer - norm behind or in front, with warm-up and without: which of them learns
 */
#include "05_encoder_decoder/lab/placement.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/training.h"
#include "common/vector.h"

#include <stdio.h>

enum { LAYERS = 12, E = 32, VOCAB = 10, B = 16, S = 6 };
enum { STEPS = 600, WARMUP = 200, WINDOW = 20, POINTS = STEPS / WINDOW, RUNS = 6 };
static const double RATE = 5e-3;

typedef struct {
    const char *name;
    Placement placement;
    bool warmup;
    real loss[POINTS]; // out: the mean of WINDOW steps each
} Run;

typedef struct {
    const PlacedStack *stack;
    Run *run;
    Random random;
} Course;

/* The task: say the sequence backwards, every place the token at the mirrored place. */
static Tensor *backwards_loss(void *context, int *count) {
    Course *course = context;
    int *ids = graph_alloc(sizeof(int) * B * S), *labels = graph_alloc(sizeof(int) * B * S);
    for (int i = 0; i < B * S; i++) ids[i] = (int)random_below(&course->random, VOCAB);
    // Place i % S of a row is to say what stands at place S - 1 - i % S.
    for (int i = 0; i < B * S; i++) labels[i] = ids[i / S * S + S - 1 - i % S];
    Tensor *logits = RESHAPE(placed_stack_forward(course->stack, ids, B, S), B * S, VOCAB);
    *count = 1;
    return op_scale(op_cross_entropy(logits, labels, -1, 0), 1 / (real)(B * S));
}

static bool note(void *context, int step, double loss) {
    const Course *course = context;
    course->run->loss[step / WINDOW] += (real)loss / WINDOW;
    return true;
}

static double warm_up(const Training *training, int step) {
    return training->lr * fmin(1, (step + 1.0) / WARMUP);
}

static void train(Run *run, uint64_t seed) {
    Course course = {.run = run};
    random_seed(&course.random, seed);
    const LayerConfig config = {.d_model = E, .nhead = 2, .dim_feedforward = 2 * E};
    PlacedStack *stack = placed_stack_new(run->placement, config, LAYERS, VOCAB, &course.random);
    course.stack = stack;
    training_run(&(Training){.parameters = &stack->parameters,
                             .adam = adam_paper(),
                             .steps = STEPS,
                             .lr = RATE,
                             .rate = run->warmup ? warm_up : NULL,
                             .loss = backwards_loss,
                             .context = &course,
                             .note = note,
                             .label = run->name});
    placed_stack_free(stack);
}

/* norm, then post-norm layers, against Lazzaro's layers, then norm: the same sums and norms in the
 * same order, cut into layers at another place. The norms are as new, all alike. */
static double lazzaro_against_post(uint64_t seed) {
    Random random;
    random_seed(&random, seed);
    const LayerConfig config = {.d_model = E, .nhead = 2, .dim_feedforward = 2 * E};
    PlacedStack *stack = placed_stack_new(PLACED_POST, config, LAYERS, VOCAB, &random);
    graph_reset(graph_current());
    Tensor *x = TENSOR(B, S, E);
    random_fill_normal(&random, x->data, x->size, 0, 1);
    Tensor *post = layer_norm(&stack->last, x), *stream = x;
    for (int i = 0; i < LAYERS; i++) {
        post = placed_layer(&stack->layers[i], PLACED_POST, post);
        stream = placed_layer(&stack->layers[i], PLACED_STREAM, stream);
    }
    stream = layer_norm(&stack->last, stream);
    const double largest = vector_max_difference(post->data, stream->data, post->size);
    placed_stack_free(stack);
    return largest;
}

static void print_losses(const Run *runs) {
    printf("\n  loss at step%18s", "");
    for (int p = 4; p < POINTS; p += 5) printf(" %6d", (p + 1) * WINDOW);
    putchar('\n');
    for (int r = 0; r < RUNS; r++) {
        printf("  %-30s", runs[r].name);
        for (int p = 4; p < POINTS; p += 5) printf(" %6.3f", (double)runs[r].loss[p]);
        putchar('\n');
    }
    putchar('\n');
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {
        "Where the layer norm stands, and what warm-up has to do with it. Slow: 10 s.",
        "build/05_encoder_decoder/norm_placement"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    printf("An encoder of %d layers, d_model %d, says %d digits backwards; Adam, rate %g\n"
           "from the first step, or reached in %d steps (warm-up). Guessing costs\n"
           "ln 10 = %.3f.\n",
           LAYERS, E, S, RATE, WARMUP, log(VOCAB));
    Run runs[RUNS] = {{.name = "post-norm", .placement = PLACED_POST},
                      {.name = "post-norm, warm-up", .placement = PLACED_POST, .warmup = true},
                      {.name = "Lazzaro's", .placement = PLACED_STREAM},
                      {.name = "Lazzaro's, warm-up", .placement = PLACED_STREAM, .warmup = true},
                      {.name = "pre-norm", .placement = PLACED_PRE},
                      {.name = "pre-norm, warm-up", .placement = PLACED_PRE, .warmup = true}};
    real steps[POINTS];
    PlotSeries series[RUNS];
    for (int p = 0; p < POINTS; p++) steps[p] = (real)((p + 1) * WINDOW);
    for (int r = 0; r < RUNS; r++) {
        train(&runs[r], (uint64_t)lesson.common.seed);
        series[r] =
            (PlotSeries){.name = runs[r].name, .x = steps, .y = runs[r].loss, .count = POINTS};
    }
    print_losses(runs);
    const real *const last[RUNS] = {&runs[0].loss[POINTS - 1], &runs[1].loss[POINTS - 1],
                                    &runs[2].loss[POINTS - 1], &runs[3].loss[POINTS - 1],
                                    &runs[4].loss[POINTS - 1], &runs[5].loss[POINTS - 1]};
    compare_claim(&comparison, "post-norm without warm-up never leaves guessing", *last[0] > 2.2f);
    compare_claim(&comparison, "post-norm with warm-up learns", *last[1] < 1.7f);
    compare_claim(&comparison, "Lazzaro's fails and learns where post-norm does",
                  *last[2] > 2.2f && *last[3] < 1.7f);
    compare_claim(&comparison, "pre-norm learns with and without",
                  *last[4] < 0.3f && *last[5] < 0.3f);
    const double off = lazzaro_against_post((uint64_t)lesson.common.seed);
    printf("\nLazzaro's notebook writes x = ln1(x); x = x + attn(x), which looks like\n"
           "pre-norm. But there the next norm is applied to the sum again, so nothing ever\n"
           "goes around the norms: it is post-norm, cut at another place. Over %d layers,\n"
           "with one norm more before the one and after the other, the two differ by %.1g.\n\n",
           LAYERS, off);
    compare_claim(&comparison, "Lazzaro's is post-norm shifted by half a sub-layer", off < 1e-4);
    plot_lines(&(Picture){.name = "norm_placement",
                          .directory = lesson.common.out,
                          .title = "12 layers, one learning rate: where the norm stands",
                          .caption = "the line at the top is two, post-norm and Lazzaro's without "
                                     "warm-up: guessing, 2.303, to the end; warm-up rescues both; "
                                     "pre-norm needs none",
                          .x_label = "step",
                          .y_label = "cross-entropy",
                          .y_min = 0,
                          .y_max = 2.5},
               series, RUNS);
    return lesson_end(&lesson, compare_end(&comparison));
}
