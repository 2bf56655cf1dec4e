/* gradient_at_start.c - Xiong et al. 2020, "On Layer Normalization in the Transformer
 * Architecture", section 3: why post-norm needs warm-up. The gradients of each layer before the
 * first step, and what ten steps at the full rate make of them.
 *
 * Beside: karpathy 1:32:51; annotated Encoder; bloem The transformer block - why the norm moved to
 *     the front: each layer's gradient before the first step and after ten
 */
#include "05_encoder_decoder/lab/placement.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/training.h"

#include <stdio.h>

enum { E = 64, F = 4 * E, HEADS = 4, VOCAB = 10, B = 16, S = 8, RUNS = 5 };
enum { LAYERS = 12, DEPTHS = 3, DEEPEST = 32, STEPS = 10, WARMUP = 200, CURVES = 5 };
static const double RATE = 5e-3; // norm_placement.c's, at which post-norm never learns

/* The gradients of one wiring at one time. */
typedef struct {
    const char *name;
    Placement placement;
    bool warmup;
    int steps; // that are taken before the gradients are looked at
    // Means of RUNS, filled in by run:
    real norm[DEEPEST]; // size of d loss / d linear2.weight of each layer
    double growth;      // how much larger than x a layer's x + f(x) is, the mean of all layers
} Curve;

typedef struct {
    const PlacedStack *stack;
    Random random;
} Course;

/* A fresh batch of the task: name, at every place, the token at the mirrored place. */
static Tensor *mirror_loss(void *context, int *count) {
    Course *course = context;
    int *ids = graph_alloc(sizeof(int) * B * S), *labels = graph_alloc(sizeof(int) * B * S);
    for (int i = 0; i < B * S; i++) {
        const int row = i / S, place = i % S;
        ids[i] = (int)random_below(&course->random, VOCAB);
        labels[row * S + S - 1 - place] = ids[i];
    }
    *count = B * S;
    Tensor *logits = RESHAPE(placed_stack_forward(course->stack, ids, B, S), B * S, VOCAB);
    return op_cross_entropy(logits, labels, -1, 0);
}

/* The length of the gradient of a (E,F) matrix. */
static double length_of_gradient(Tensor *w) {
    return root_mean_square(tensor_grad(w), w->size) * sqrt((double)w->size);
}

/* A layer's sum x + f(x), before post-norm scales it back to the size of x, against x. */
static double growth_of(const PlacedStack *stack, Random *random) {
    const Placement sum = stack->placement == PLACED_POST ? PLACED_RESIDUAL : stack->placement;
    double growth = 0;
    Tensor *x = TENSOR(B, S, E);
    random_fill_normal(random, x->data, x->size, 0, 1);
    for (int l = 0; l < stack->num_layers; l++) {
        const Tensor *y = placed_layer(&stack->layers[l], sum, x);
        growth += root_mean_square(y->data, y->size) / root_mean_square(x->data, x->size);
        x = placed_layer(&stack->layers[l], stack->placement, x);
    }
    return growth / stack->num_layers;
}

static double warm_up(const Training *training, int step) {
    return training->lr * fmin(1, (step + 1.0) / WARMUP);
}

/* Adds a RUNS-th of one run to what the curve holds. */
static void run_once(Curve *curve, int num_layers, uint64_t seed) {
    Course course;
    random_seed(&course.random, seed);
    const LayerConfig config = {.d_model = E, .nhead = HEADS, .dim_feedforward = F};
    PlacedStack *stack =
        placed_stack_new(curve->placement, config, num_layers, VOCAB, &course.random);
    course.stack = stack;
    const Training training = {.parameters = &stack->parameters,
                               .adam = adam_paper(),
                               .steps = curve->steps,
                               .lr = RATE,
                               .rate = curve->warmup ? warm_up : NULL,
                               .loss = mirror_loss,
                               .context = &course};
    if (curve->steps > 0) training_run(&training);
    int count;
    graph_reset(graph_current());
    Tensor *loss = mirror_loss(&course, &count);
    backward(op_scale(loss, 1 / (real)count));
    for (int l = 0; l < num_layers; l++)
        curve->norm[l] += (real)(length_of_gradient(stack->layers[l].linear2.weight) / RUNS);
    graph_reset(graph_current());
    curve->growth += growth_of(stack, &course.random) / RUNS;
    placed_stack_free(stack);
}

static void run(Curve *curve, int num_layers, long seed) {
    for (int r = 0; r < RUNS; r++) run_once(curve, num_layers, (uint64_t)(seed + r));
}

/* ---- By depth -------------------------------------------------------------------------------- */

/* The last layer's gradient in stacks of several depths: theorem 1 says that it does not depend on
 * the depth L in post-norm, and falls as 1 / sqrt(L) in pre-norm. */
static void by_depth(Lesson *lesson, Comparison *comparison) {
    lesson_step(lesson, "Before the first step: the last layer, by depth");
    static const int depths[DEPTHS] = {2, 8, DEEPEST};
    double last[2][DEPTHS];
    printf("Size of the gradient of the last layer's linear2.weight (%d,%d):\n\n  layers    ", E,
           F);
    for (int d = 0; d < DEPTHS; d++) printf(" %7d", depths[d]);
    for (int p = 0; p < 2; p++) {
        printf("\n  %s", p ? "pre-norm  " : "post-norm ");
        for (int d = 0; d < DEPTHS; d++) {
            Curve curve = {.placement = p ? PLACED_PRE : PLACED_POST};
            run(&curve, depths[d], lesson->common.seed);
            last[p][d] = (double)curve.norm[depths[d] - 1];
            printf(" %7.2f", last[p][d]);
        }
    }
    puts(
        "\n\nTheorem 1 of Xiong et al.: in post-norm it does not depend on the depth, in pre-norm\n"
        "it falls with it, in the limit as 1 / sqrt(layers).\n");
    compare_claim(comparison, "post-norm: the deeper the stack, the last layer's is no smaller",
                  last[0][1] > 0.9 * last[0][0] && last[0][2] > 0.9 * last[0][1]);
    compare_claim(comparison, "pre-norm: it shrinks, from 2 layers to 32 to less than 0.6",
                  last[1][2] < last[1][1] && last[1][2] < 0.6 * last[1][0]);
}

/* ---- By layer -------------------------------------------------------------------------------- */

static void draw(const Curve *curves, const char *out) {
    real x[LAYERS];
    PlotSeries series[CURVES];
    for (int l = 0; l < LAYERS; l++) x[l] = (real)(l + 1);
    for (int i = 0; i < CURVES; i++)
        series[i] = (PlotSeries){
            .name = curves[i].name, .x = x, .y = curves[i].norm, .count = LAYERS, .points = true};
    plot_lines(
        &(Picture){
            .name = "gradient_at_start",
            .directory = out,
            .title = "12 layers: how much gradient each layer gets",
            .caption =
                "near the output post-norm begins with three times pre-norm's "
                "gradient; ten steps at the full rate, and its lower layers get nothing any more; "
                "with warm-up, or with pre-norm, all layers still do",
            .x_label = "layer (12 is next to the output)",
            .y_label = "size of the gradient of linear2.weight",
            .log_y = true},
        series, CURVES);
}

static void by_layer(Lesson *lesson, Comparison *comparison) {
    lesson_step(lesson, "By layer: before the first step, and ten steps later");
    Curve curves[CURVES] = {
        {.name = "post-norm, start", .placement = PLACED_POST},
        {.name = "post-norm, 10 steps", .placement = PLACED_POST, .steps = STEPS},
        {.name = "post-norm, 10 of warm-up",
         .placement = PLACED_POST,
         .steps = STEPS,
         .warmup = true},
        {.name = "pre-norm, start", .placement = PLACED_PRE},
        {.name = "pre-norm, 10 steps", .placement = PLACED_PRE, .steps = STEPS},
    };
    printf("Adam at a rate of %g; with warm-up, %d of the %d steps to it.\n\n  layer%21s", RATE,
           STEPS, WARMUP, "");
    for (int l = 0; l < LAYERS; l += l ? 4 : 3) printf(" %9d", l + 1);
    puts("   x + f(x)");
    for (int i = 0; i < CURVES; i++) {
        run(&curves[i], LAYERS, lesson->common.seed);
        printf("  %-26s", curves[i].name);
        for (int l = 0; l < LAYERS; l += l ? 4 : 3) printf(" %9.6f", (double)curves[i].norm[l]);
        printf("  %9.2f\n", curves[i].growth);
    }
    const real *start = curves[0].norm, *later = curves[1].norm, *warm = curves[2].norm;
    const real *pre_start = curves[3].norm, *pre_later = curves[4].norm;
    printf("\nThe last column: how much larger x + f(x) is than x in a layer. Post-norm divides\n"
           "the sum by its size, x and all, in every layer: what goes around f is divided %d\n"
           "times. Large f, and nothing comes down to the first layer any more (from the last\n"
           "to the first, a factor of %.1f for each layer).\n\n",
           LAYERS, pow((double)(later[LAYERS - 1] / later[0]), 1.0 / (LAYERS - 1)));
    draw(curves, lesson->common.out);
    compare_claim(comparison, "start: near the output post-norm's is twice pre-norm's and more",
                  start[LAYERS - 1] > 2 * pre_start[LAYERS - 1]);
    compare_claim(comparison, "10 full steps: post-norm's first layer gets less than 1/1000",
                  later[0] < start[0] / 1000);
    compare_claim(comparison, "there x + f(x) has grown, with warm-up it has not",
                  curves[1].growth > 2 * curves[0].growth &&
                      curves[2].growth < 1.5 * curves[0].growth);
    compare_claim(comparison, "with warm-up, and with pre-norm, more than 1/100",
                  warm[0] > start[0] / 100 && pre_later[0] > pre_start[0] / 100);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Why post-norm needs warm-up: the gradient of each layer before the first "
                         "step and ten steps later.",
                         "build/05_encoder_decoder/gradient_at_start"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    by_depth(&lesson, &comparison);
    by_layer(&lesson, &comparison);
    return lesson_end(&lesson, compare_end(&comparison));
}
