/* patchify.c - Appendix: an image is a sentence, too. lucidrains' vit-pytorch and
 * mildlyoverfitted's video on the vision transformer: cut into patches, one token per patch, then
 * the same attention. Then a very small one, trained.
 *
 * Beside: mildlyoverfitted - patches, the class token, his and lucidrains' numbers of parameters:
 *     86,567,656, 86,859,496, 54,630,376; a small one, trained
 */
#include "02_positional_encoding/positions.h"
#include "04_multihead/lab/patches.h"
#include "04_multihead/multihead.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/training.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { SIDE = 8, PATCH = 2, ROW = SIDE / PATCH, PATCHES = ROW * ROW, PIXELS = PATCH * PATCH };
enum { TOKENS = PATCHES + 1, E = 32, HEADS = 2, CLASSES = 4, BATCH = 64, STEPS = 600, LAST = 50 };

static void show_indices(Comparison *comparison) {
    real image[SIDE * SIDE], patches[SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) image[i] = (real)i;
    patches_cut(patches, image, SIDE, 4);
    print_matrix("image", image, SIDE, SIDE, 0);
    print_matrix("patches of 4 x 4", patches, 4, 16, 0);
    const int first[4] = {0, 4, 32, 36}; // the pixels in the corners of the four patches
    bool right = true;
    for (int i = 0; i < 4; i++) right = right && patches[i * 16] == first[i];
    compare_claim(comparison, "patches begin with pixels 0, 4, 32, 36", right);
}

/* Parameters of a vision transformer: patch embedding, [class] token, positions, layers,
 * classifier. bias of q, k, v as 0 or 1; norms: of the patches and of the tokens, beside the
 * layers' own. */
static long vit_parameters(long image, long patch, long dim, long depth, long inner, long mlp,
                           long classes, bool qkv_bias, long norms) {
    const long patches = image / patch * (image / patch), pixels = 3 * patch * patch;
    const long attention = 3 * dim * inner + (qkv_bias ? 3 * inner : 0) + inner * dim + dim;
    const long layer = attention + dim * mlp + mlp + mlp * dim + dim + 2 * 2 * dim;
    return pixels * dim + dim + dim + (patches + 1) * dim + depth * layer + norms + dim * classes +
           classes;
}

static void count_published(Comparison *comparison) {
    compare_value(comparison, "patches of 256 / 32", 64, 256.0 / 32 * 256 / 32, 0, 0);
    compare_value(comparison, "numbers in a patch", 3072, 3 * 32 * 32, 0, 0);
    // vit-pytorch normalises the pixels, the embedded patches, and the tokens at the end.
    compare_value(comparison, "vit-pytorch's example", 54630376,
                  (double)vit_parameters(256, 32, 1024, 6, 1024, 2048, 1000, false,
                                         2 * 3072 + 2 * 1024 + 2 * 1024),
                  0, 0);
    compare_value(comparison, "vit_base_patch16_224", 86567656,
                  (double)vit_parameters(224, 16, 768, 12, 768, 3072, 1000, true, 2 * 768), 0, 0);
    compare_value(comparison, "vit_base_patch16_384", 86859496,
                  (double)vit_parameters(384, 16, 768, 12, 768, 3072, 1000, true, 2 * 768), 0, 0);
    puts("\nFrom 224 to 384 pixels only the table of positions grows: 197 tokens become 577.\n"
         "The patches are embedded and attended to by the same weights.");
}

/* ---- A vision transformer of one layer ------------------------------------------------------- */

typedef struct {
    Parameters parameters;
    Linear embed;        // (E,PIXELS)
    Tensor *class_token; // (1,1,E)
    Positions place;     // learned, as in the paper: (TOKENS,E)
    MultiheadAttention attention;
    Linear readout; // (CLASSES,E)
} Vit;

static void vit_new(Vit *vit, PositionsKind positions, uint64_t seed) {
    Random random;
    random_seed(&random, seed);
    *vit = (Vit){.parameters = {0}};
    vit->embed = linear_new(&vit->parameters, "embed.", PIXELS, E, true, &random);
    vit->class_token = PARAMETER(&vit->parameters, "", "class_token", 1, 1, E);
    random_fill_normal(&random, vit->class_token->data, E, 0, 1);
    vit->place = positions_new(positions, &vit->parameters, "place.", TOKENS, E, &random);
    vit->attention = multihead_new(
        &vit->parameters, "attention.",
        (MultiheadConfig){.d_model = E, .nhead = HEADS, .rotary = positions == POSITIONS_ROTARY},
        &random);
    vit->readout = linear_new(&vit->parameters, "readout.", E, CLASSES, true, &random);
}

/* images (B,SIDE,SIDE) -> logits (B,CLASSES), from the first token, which is no patch: it is there
 * to collect. print: the shape after each step. */
static Tensor *vit_forward(const Vit *vit, const real *images, int B, Tensor **weights,
                           bool print) {
    Tensor *patches = TENSOR(B, PATCHES, PIXELS), *zeros = TENSOR(B, 1, E);
    memset(zeros->data, 0, zeros->size * sizeof(real));
    for (int b = 0; b < B; b++)
        patches_cut(patches->data + b * SIDE * SIDE, images + b * SIDE * SIDE, SIDE, PATCH);
    Tensor *tokens = linear_forward(&vit->embed, patches);                  // (B,16,E)
    Tensor *first = op_add(zeros, vit->class_token);                        // (B,1,E)
    Tensor *x = positions_add(&vit->place, op_concat(first, tokens, 1), 0); // (B,17,E)
    Tensor *found = multihead_forward(&vit->attention, x, x, (Masks){0}, NULL, weights);
    x = op_add(x, found);
    Tensor *logits = linear_forward(&vit->readout, RESHAPE(op_slice(x, 1, 0, 1), B, E));
    const Tensor *steps[] = {patches, tokens, op_concat(first, tokens, 1), found, logits};
    static const char *const NAMES[] = {"patches", "embedded", "with the class token",
                                        "after attention", "logits from the first token"};
    for (int i = 0; i < 5 && print; i++) {
        char shape[64];
        printf("  %-28s %s\n", NAMES[i], shape_text(shape, steps[i]->ndim, steps[i]->shape));
    }
    return logits;
}

/* A noisy image with a bright line of five pixels: 0 across, 1 down, 2 and 3 the two diagonals. */
static int draw_line(Random *random, real *image) {
    static const int STEP[CLASSES][2] = {{0, 1}, {1, 0}, {1, 1}, {1, -1}};
    const int kind = (int)random_below(random, CLASSES), length = 5;
    random_fill_uniform(random, image, SIDE * SIDE, 0, 0.3);
    const int room_y = SIDE - STEP[kind][0] * (length - 1);
    const int room_x = SIDE - abs(STEP[kind][1]) * (length - 1);
    const int y = (int)random_below(random, (uint64_t)room_y);
    const int x =
        (int)random_below(random, (uint64_t)room_x) + (STEP[kind][1] < 0 ? length - 1 : 0);
    for (int i = 0; i < length; i++)
        image[(y + i * STEP[kind][0]) * SIDE + x + i * STEP[kind][1]] = 1;
    return kind;
}

typedef struct {
    const Vit *vit;
    Random random;
    int step;
    double right; // share of the images told apart, mean of the last LAST batches
} Course;

/* The summed cross-entropy of a batch of fresh images. */
static Tensor *batch_loss(void *context, int *count) {
    Course *course = context;
    real images[BATCH * SIDE * SIDE];
    int *kinds = graph_alloc(BATCH * sizeof *kinds), right = 0;
    for (int b = 0; b < BATCH; b++) kinds[b] = draw_line(&course->random, images + b * SIDE * SIDE);
    Tensor *logits = vit_forward(course->vit, images, BATCH, NULL, false); // (B,CLASSES)
    for (int b = 0; b < BATCH; b++)
        right += vector_argmax(logits->data + b * CLASSES, CLASSES) == kinds[b];
    if (course->step++ >= STEPS - LAST) course->right += (double)right / BATCH / LAST;
    *count = BATCH;
    return op_cross_entropy(logits, kinds, -1, 0);
}

/* Returns the share right over the last batches, each of fresh images. */
static double vit_train(Vit *vit, uint64_t seed) {
    Course course = {.vit = vit};
    random_seed(&course.random, seed + 1);
    training_run(&(Training){.parameters = &vit->parameters,
                             .adam = adam_pytorch(),
                             .steps = STEPS,
                             .lr = 0.003,
                             .loss = batch_loss,
                             .context = &course});
    return course.right;
}

/* How the class token looks at each patch of an image, the mean of the heads. */
static void class_token_weights(const Vit *vit, const real *image, real share[PATCHES]) {
    Tensor *weights; // (1,2,17,17)
    graph_reset(graph_current());
    vit_forward(vit, image, 1, &weights, false);
    const real *head = weights->data + 1; // row 0, the class token's, without itself
    for (int patch = 0; patch < PATCHES; patch++)
        // (1,H,17,17): the second head's row 0 stands 17 x 17 numbers further on.
        share[patch] = (head[patch] + head[TOKENS * TOKENS + patch]) / HEADS;
}

static int patch_of(int pixel) {
    return pixel / SIDE / PATCH * ROW + pixel % SIDE / PATCH;
}

/* Over fresh images: the weight on patches that the line runs through (its pixels alone are 1),
 * and the share of the patches that these are. */
static void measure_looks(const Vit *vit, Random *random, double *weight, double *patches) {
    enum { IMAGES = 200 };
    *weight = *patches = 0;
    for (int n = 0; n < IMAGES; n++) {
        real image[SIDE * SIDE], share[PATCHES];
        bool on_line[PATCHES] = {false};
        draw_line(random, image);
        class_token_weights(vit, image, share);
        for (int i = 0; i < SIDE * SIDE; i++) on_line[patch_of(i)] |= image[i] == 1;
        for (int patch = 0; patch < PATCHES; patch++) {
            if (!on_line[patch]) continue;
            *weight += (double)share[patch] / IMAGES;
            *patches += 1.0 / (IMAGES * PATCHES);
        }
    }
}

/* One image of each kind, and below it how the class token looks at the image, both heads
 * together: every pixel of a patch has the patch's weight. */
static void show_looks(const Vit *vit, const char *out, Random *random) {
    static const char *const KINDS[CLASSES] = {"across", "down", "falling", "rising"};
    real images[CLASSES][SIDE * SIDE], looks[CLASSES][SIDE * SIDE];
    PlotMap maps[2 * CLASSES];
    for (int kind = 0; kind < CLASSES; kind++) {
        while (draw_line(random, images[kind]) != kind) continue;
        real share[PATCHES];
        class_token_weights(vit, images[kind], share);
        for (int i = 0; i < SIDE * SIDE; i++) looks[kind][i] = share[patch_of(i)];
        maps[kind] =
            (PlotMap){.title = KINDS[kind], .data = images[kind], .rows = SIDE, .cols = SIDE};
        maps[CLASSES + kind] =
            (PlotMap){.title = "looked at", .data = looks[kind], .rows = SIDE, .cols = SIDE};
    }
    print_matrix("image", images[2], SIDE, SIDE, 1);
    print_matrix("how the class token looks at it", looks[2], SIDE, SIDE, 1);
    plot_heatmap_grid(&(Picture){.name = "vit_lines",
                                 .directory = out,
                                 .title = "A vision transformer of one layer, and where it looks",
                                 .caption =
                                     "above the images, below the weights of the class "
                                     "token: most of it on patches that the line runs through",
                                 .value_max = 1},
                      maps, 2 * CLASSES, CLASSES, -1);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {
        "Appendix: images as sentences of patches, vision transformers counted, and "
        "a very small one trained.",
        "build/04_multihead/patchify"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};

    lesson_step(&lesson, "Cut an image of 8 x 8 into patches");
    show_indices(&comparison);

    lesson_step(&lesson, "Published sizes");
    count_published(&comparison);

    lesson_step(&lesson, "Train one layer to tell lines apart");
    Vit vit;
    vit_new(&vit, POSITIONS_LEARNED, (uint64_t)lesson.common.seed);
    const double accuracy = vit_train(&vit, (uint64_t)lesson.common.seed);
    Random random;
    random_seed(&random, 3);
    real image[SIDE * SIDE] = {0};
    graph_reset(graph_current());
    vit_forward(&vit, image, 1, NULL, true);
    printf("\nFour directions of a line in noise, fresh images: %.0f %% right (chance: 25 %%).\n",
           100 * accuracy);
    compare_claim(&comparison, "it has learned the directions", accuracy > 0.6);
    show_looks(&vit, lesson.common.out, &random);
    double weight, patches;
    measure_looks(&vit, &random, &weight, &patches);
    printf("In 200 fresh images %.0f %% of its weight lies on patches that the line runs\n"
           "through, which are %.0f %% of all patches.\n",
           100 * weight, 100 * patches);
    compare_claim(&comparison, "more than twice the weight of chance", weight > 2 * patches);
    parameters_free(&vit.parameters);
    return lesson_end(&lesson, compare_end(&comparison));
}
