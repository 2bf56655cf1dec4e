/* vit.c - Appendix: a vision transformer of several layers, mildlyoverfitted's video and
 * lucidrains' vit-pytorch: patches, a class token, learned positions and this chapter's encoder
 * layers. The images are drawn so that one layer is not enough.
 *
 * Beside: mildlyoverfitted - the whole machine, of one, two and three layers: accuracy epoch by
 *     epoch, and which patches have come to the class token; his verify is tests/test_vit.c
 */
#include "05_encoder_decoder/lab/vit.h"
#include "05_encoder_decoder/lab/pointers.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/training.h"
#include "common/vector.h"

#include <stdio.h>

enum { DEPTHS = 3, EPOCHS = 12, EPOCH_STEPS = 80, BATCH = 64, TESTED = 500, SHOWN = 4 };
static const double LEARNING_RATE = 0.002;

static VitConfig config(int layers) {
    return (VitConfig){.side = POINTER_SIDE,
                       .patch = POINTER_CELL,
                       .d_model = 48,
                       .nhead = 4,
                       .dim_feedforward = 96,
                       .layers = layers,
                       .classes = POINTER_SHAPES};
}

/* ---- Training -------------------------------------------------------------------------------- */

typedef struct {
    const Vit *vit;
    const PointerImage *tested;
    Random random;
    real *accuracy; // (EPOCHS + 1)
} Course;

static Tensor *logits_of(const Vit *vit, const PointerImage *images, int count) {
    const real **pixels = graph_alloc((size_t)count * sizeof *pixels);
    for (int n = 0; n < count; n++) pixels[n] = images[n].pixels;
    return vit_forward(vit, pixels, count, NULL);
}

/* The summed cross-entropy of a batch of fresh images. */
static Tensor *batch_loss(void *context, int *count) {
    Course *course = context;
    PointerImage *images = graph_alloc(BATCH * sizeof *images);
    int *labels = graph_alloc(BATCH * sizeof *labels);
    pointers_draw(images, BATCH, &course->random);
    for (int b = 0; b < BATCH; b++) labels[b] = images[b].label;
    *count = BATCH;
    return op_cross_entropy(logits_of(course->vit, images, BATCH), labels, -1, 0);
}

static bool look(void *context, int step) {
    Course *course = context;
    int right = 0;
    graph_reset(graph_current());
    const GraphMode before = graph_quiet();
    const Tensor *logits = logits_of(course->vit, course->tested, TESTED);
    for (int n = 0; n < TESTED; n++)
        right += vector_argmax(logits->data + n * POINTER_SHAPES, POINTER_SHAPES) ==
                 course->tested[n].label;
    graph_restore(before);
    course->accuracy[step / EPOCH_STEPS] = (real)right / TESTED;
    return true;
}

static void train(Vit *vit, const PointerImage *tested, uint64_t seed, real *accuracy) {
    Course course = {.vit = vit, .tested = tested, .accuracy = accuracy};
    random_seed(&course.random, seed + 1);
    const Training training = {.parameters = &vit->parameters,
                               .adam = adam_pytorch(),
                               .steps = EPOCHS * EPOCH_STEPS,
                               .lr = LEARNING_RATE,
                               .loss = batch_loss,
                               .context = &course,
                               .look = look,
                               .every = EPOCH_STEPS,
                               .label = "images"};
    training_run(&training);
    look(&course, training.steps);
}

/* ---- Looking --------------------------------------------------------------------------------- */

/* The share of the tested images whose largest rollout, but for the arrow's own cell, is the cell
 * that the arrow shows to. */
static double rollout_finds(const Vit *vit, const PointerImage *tested) {
    int found = 0;
    for (int n = 0; n < TESTED; n++) {
        Tensor *weights[DEPTHS];
        real rollout[POINTER_CELLS];
        const real *pixels = tested[n].pixels;
        graph_reset(graph_current());
        vit_forward(vit, &pixels, 1, weights);
        vit_rollout(vit, weights, rollout);
        rollout[tested[n].arrow] = 0;
        found += vector_argmax(rollout, POINTER_CELLS) == tested[n].target;
    }
    return (double)found / TESTED;
}

static void draw_looks(const char *out, const Vit *vit, const PointerImage *tested) {
    enum { PIXELS = POINTER_SIDE * POINTER_SIDE };
    static real looks[SHOWN][PIXELS];
    PlotMap maps[2 * SHOWN];
    for (int n = 0; n < SHOWN; n++) {
        Tensor *weights[DEPTHS];
        real rollout[POINTER_CELLS];
        const real *pixels = tested[n].pixels;
        graph_reset(graph_current());
        vit_forward(vit, &pixels, 1, weights);
        vit_rollout(vit, weights, rollout);
        for (int i = 0; i < PIXELS; i++)
            looks[n][i] = rollout[i / POINTER_SIDE / POINTER_CELL * POINTER_ROW +
                                  i % POINTER_SIDE / POINTER_CELL];
        const real largest = rollout[vector_argmax(rollout, POINTER_CELLS)];
        for (int i = 0; i < PIXELS; i++) looks[n][i] /= largest;
        maps[n] = (PlotMap){.title = pointers_shape(tested[n].label),
                            .data = pixels,
                            .rows = POINTER_SIDE,
                            .cols = POINTER_SIDE};
        maps[SHOWN + n] = (PlotMap){
            .title = "rollout", .data = looks[n], .rows = POINTER_SIDE, .cols = POINTER_SIDE};
    }
    plot_heatmap_grid(&(Picture){.name = "vit_rollout",
                                 .directory = out,
                                 .title = "What has come to the class token, through all layers",
                                 .caption = "above the images, below how much of each patch has "
                                            "come through: the arrow and what it shows to",
                                 .value_min = 0,
                                 .value_max = 1},
                      maps, 2 * SHOWN, SHOWN, -1);
}

static void draw_accuracy(const char *out, real accuracy[DEPTHS][EPOCHS + 1]) {
    static const char *const names[DEPTHS] = {"1 layer", "2 layers", "3 layers"};
    PlotSeries series[DEPTHS];
    for (int d = 0; d < DEPTHS; d++)
        series[d] =
            (PlotSeries){.name = names[d], .y = accuracy[d], .count = EPOCHS + 1, .points = true};
    plot_lines(&(Picture){.name = "vit_accuracy",
                          .directory = out,
                          .title = "Which shape does the arrow point at? Fresh images",
                          .caption = "with one layer the class token cannot ask a patch what "
                                     "that patch has found out from another",
                          .x_label = "epoch",
                          .y_label = "share right",
                          .y_min = 0.2,
                          .y_max = 1.02},
               series, DEPTHS);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Appendix: vision transformers of one, two and three layers. Slow: about "
                         "15 seconds.",
                         "build/05_encoder_decoder/vit"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    const uint64_t seed = (uint64_t)lesson.common.seed;
    Comparison comparison = {0};
    static PointerImage tested[TESTED];
    static real accuracy[DEPTHS][EPOCHS + 1];
    Vit *vits[DEPTHS];
    Random random;
    random_seed(&random, seed);
    pointers_draw(tested, TESTED, &random);

    lesson_step(&lesson, "An image that has to be read in two steps");
    print_matrix("image", tested[0].pixels, POINTER_SIDE, POINTER_SIDE, 1);
    printf("\nNine cells. One shows to a neighbour: cell %d to cell %d, counted from 0, row by\n"
           "row. What stands there? A %s. Each cell is a patch.\n",
           tested[0].arrow, tested[0].target, pointers_shape(tested[0].label));

    lesson_step(&lesson, "One, two and three layers");
    for (int d = 0; d < DEPTHS; d++) {
        vits[d] = vit_new(config(d + 1), seed);
        train(vits[d], tested, seed, accuracy[d]);
    }
    printf("%d fresh images an epoch, the same %d tested; one answer in four is luck:\n\n"
           "  epoch  1 layer  2 layers  3 layers\n",
           EPOCH_STEPS * BATCH, TESTED);
    for (int epoch = 0; epoch <= EPOCHS; epoch += 2)
        printf("  %5d  %7.3f  %8.3f  %8.3f\n", epoch, (double)accuracy[0][epoch],
               (double)accuracy[1][epoch], (double)accuracy[2][epoch]);
    draw_accuracy(lesson.common.out, accuracy);

    lesson_step(&lesson, "Where the answer comes from");
    draw_looks(lesson.common.out, vits[1], tested);
    const double found = rollout_finds(vits[1], tested), lost = rollout_finds(vits[0], tested);
    printf("Rollout: each layer passes a token half of itself and half of what it looks at. Of\n"
           "the patches but the arrow, most comes from the one that is shown to in %.0f %% of the\n"
           "images with two layers, in %.0f %% with one; %.0f %% would be chance.\n\n",
           100 * found, 100 * lost, 100.0 / (POINTER_CELLS - 1));
    compare_claim(&comparison, "one layer is not enough: below .7",
                  accuracy[0][EPOCHS] < (real)0.7);
    compare_claim(&comparison, "two are: above .95", accuracy[1][EPOCHS] > (real)0.95);
    compare_claim(&comparison, "three are: above .95", accuracy[2][EPOCHS] > (real)0.95);
    compare_claim(&comparison, "the rollout of two shows the right patch, three times in four",
                  found > 0.75);
    for (int d = 0; d < DEPTHS; d++) vit_free(vits[d]);
    return lesson_end(&lesson, compare_end(&comparison));
}
