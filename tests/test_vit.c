// The vision transformer against PyTorch's with the same weights, its rollout, and the pointing
// images.
#include "04_multihead/lab/patches.h"
#include "05_encoder_decoder/lab/pointers.h"
#include "05_encoder_decoder/lab/vit.h"
#include "common/kernels.h"
#include "common/vector.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>

static Graph *graph;

static void setup(void) {
    graph = graph_new();
    graph_use(graph);
}

static void teardown(void) {
    graph_free(graph);
}

/* ---- verify: same parameters, same output ---------------------------------------------------- */

enum { SIDE = 6, CLASSES = 3, IMAGES = 2 };

static const VitConfig fixture_config = {.side = SIDE,
                                         .patch = 2,
                                         .d_model = 8,
                                         .nhead = 2,
                                         .dim_feedforward = 12,
                                         .layers = 2,
                                         .classes = CLASSES};

static void read_values(const Safetensors *file, const char *name, int ndim, const int *shape,
                        double *values) {
    Error err;
    ck_assert_msg(safetensors_read(file, name, DTYPE_F64, ndim, shape, values, &err), "%s",
                  err.text);
}

/* Every parameter by its name and shape: one that PyTorch does not have is an error. */
static void load(Vit *vit, const Safetensors *file) {
    for (int i = 0; i < vit->parameters.count; i++) {
        Tensor *t = vit->parameters.items[i];
        double *values = memory_alloc(t->size * sizeof *values);
        read_values(file, t->name, t->ndim, t->shape, values);
        for (size_t k = 0; k < t->size; k++) t->data[k] = (real)values[k];
        free(values);
    }
}

START_TEST(same_parameters_same_output) {
    Safetensors file;
    Error err;
    double values[IMAGES * SIDE * SIDE], expected[IMAGES * CLASSES];
    real pixels[IMAGES * SIDE * SIDE];
    ck_assert_msg(safetensors_open("tests/fixtures/vit.safetensors", &file, &err), "%s", err.text);
    read_values(&file, "images", 3, SHAPE(IMAGES, SIDE, SIDE), values);
    read_values(&file, "logits", 2, SHAPE(IMAGES, CLASSES), expected);
    for (int i = 0; i < IMAGES * SIDE * SIDE; i++) pixels[i] = (real)values[i];
    Vit *vit = vit_new(fixture_config, 1);
    load(vit, &file);
    const real *const images[IMAGES] = {pixels, pixels + SIDE * SIDE};
    const Tensor *logits = vit_forward(vit, images, IMAGES, NULL);
    const double allowed = sizeof(real) == sizeof(double) ? 1e-10 : 1e-5;
    for (int i = 0; i < IMAGES * CLASSES; i++)
        ck_assert_double_eq_tol((double)logits->data[i], expected[i], allowed);
    vit_free(vit);
    safetensors_close(&file);
}
END_TEST

/* ---- Patches, rollout, images ---------------------------------------------------------------- */

START_TEST(patches_are_cut) {
    real image[16], patches[16];
    static const int expected[16] = {0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15};
    for (int i = 0; i < 16; i++) image[i] = (real)i;
    patches_cut(patches, image, 4, 2);
    for (int i = 0; i < 16; i++) ck_assert_int_eq((int)patches[i], expected[i]);
}
END_TEST

/* Two layers of one head by hand: in the first, patch 0 looks at patch 1 alone; in the second the
 * class token looks at patch 0 alone. A quarter stays, a quarter is patch 0 through its own way, a
 * quarter patch 1; the last quarter is the class token's look at itself in the first layer. */
START_TEST(rollout_by_hand) {
    Vit *vit = vit_new((VitConfig){.side = 2,
                                   .patch = 1,
                                   .d_model = 2,
                                   .nhead = 1,
                                   .dim_feedforward = 2,
                                   .layers = 2,
                                   .classes = 2},
                       1);
    Tensor *weights[2] = {TENSOR(1, 1, 5, 5), TENSOR(1, 1, 5, 5)};
    for (int i = 0; i < 25; i++)
        weights[0]->data[i] = weights[1]->data[i] = i / 5 == i % 5; // everyone at itself
    weights[0]->data[5 + 1] = 0, weights[0]->data[5 + 2] = 1;
    weights[1]->data[0] = 0, weights[1]->data[1] = 1;
    real rollout[4];
    vit_rollout(vit, weights, rollout);
    static const double expected[4] = {0.25, 0.25, 0, 0};
    for (int i = 0; i < 4; i++) ck_assert_double_eq((double)rollout[i], expected[i]);
    vit_free(vit);
}
END_TEST

/* The arrow's neighbour is one cell away, and pixels there are those of the label's shape. */
START_TEST(arrows_show_to_their_label) {
    static const int corner[POINTER_SHAPES] = {1, 1, 1, 0}, inner[POINTER_SHAPES] = {0, 1, 0, 0};
    PointerImage images[200];
    int labels[POINTER_SHAPES] = {0};
    Random random;
    random_seed(&random, 2);
    pointers_draw(images, 200, &random);
    for (int n = 0; n < 200; n++) {
        const PointerImage *p = &images[n];
        const int dy = p->arrow / 3 - p->target / 3, dx = p->arrow % 3 - p->target % 3;
        ck_assert_int_eq(dy * dy + dx * dx, 1);
        real cells[POINTER_SIDE * POINTER_SIDE];
        patches_cut(cells, p->pixels, POINTER_SIDE, POINTER_CELL);
        const real *cell = cells + p->target * 16;
        ck_assert_int_eq(cell[0] > (real)0.5, corner[p->label]);
        ck_assert_int_eq(cell[5] > (real)0.5, inner[p->label]);
        labels[p->label]++;
    }
    for (int i = 0; i < POINTER_SHAPES; i++) ck_assert_int_gt(labels[i], 25);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("vit");
    TCase *tc = tcase_create("vit");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, same_parameters_same_output);
    tcase_add_test(tc, patches_are_cut);
    tcase_add_test(tc, rollout_by_hand);
    tcase_add_test(tc, arrows_show_to_their_label);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
