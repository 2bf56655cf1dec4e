/* masks.c - padding, causal, both: what each mask hides, why a padded query is left alone, and why
 * a row of -infinity makes NaN of everything after it.
 */
#include "03_self_attention/attention.h"
#include "common/lesson.h"
#include "common/plot.h"
#include "common/print.h"
#include "common/random.h"

#include <stdio.h>

enum { T = 6, D = 8, KINDS = 4 };

static const char *const WORD[T] = {"the", "cat", "sat", "down", "<pad>", "<pad>"};
static const char *const NAME[KINDS] = {"no mask", "padding", "causal", "both"};
static const int IDS[T] = {5, 6, 7, 8, 0, 0}; // 0 is the padding

/* The masks (T,T) of all kinds; 1 is ignored. */
static void make_masks(unsigned char mask[KINDS][T * T]) {
    unsigned char padding[T], causal[T * T];
    key_padding_mask(padding, IDS, 1, T, 0);
    causal_mask(causal, T, T, 0);
    merge_masks(mask[0], NULL, NULL, 1, T, T);
    merge_masks(mask[1], NULL, padding, 1, T, T);
    merge_masks(mask[2], causal, NULL, 1, T, T);
    merge_masks(mask[3], causal, padding, 1, T, T);
}

static Tensor *random_tensor(Random *random) {
    Tensor *x = TENSOR(T, D);
    random_fill_normal(random, x->data, x->size, 0, 1);
    return x;
}

/* The textbook's softmax of one row, without looking whether anything is left to attend to. */
static void naive_softmax(real *row, int n) {
    real max = -INFINITY, sum = 0;
    for (int i = 0; i < n; i++) max = row[i] > max ? row[i] : max;
    for (int i = 0; i < n; i++) sum += row[i] = (real)exp((double)(row[i] - max));
    for (int i = 0; i < n; i++) row[i] /= sum;
}

/* Weights (T,T) of all kinds as pictures: ignored cells are NaN there, which is drawn hatched. */
static void draw(const CommonOptions *common, real weights[KINDS][T * T],
                 unsigned char mask[KINDS][T * T]) {
    static real shown[KINDS][T * T];
    PlotMap maps[KINDS];
    for (int kind = 0; kind < KINDS; kind++) {
        for (int i = 0; i < T * T; i++) shown[kind][i] = mask[kind][i] ? NAN : weights[kind][i];
        maps[kind] = (PlotMap){NAME[kind], shown[kind], T, T, WORD, WORD};
    }
    const Picture picture = {.name = "masks",
                             .directory = common->out,
                             .title = "The same scores under four masks",
                             .caption =
                                 "hatched cells are hidden; every row still adds up to 1 over "
                                 "what is left",
                             .x_label = "key: the token looked at",
                             .y_label = "query: the token that looks",
                             .value_label = "weight",
                             .value_min = 0,
                             .value_max = 1};
    plot_heatmap_grid(&picture, maps, KINDS, 2, 2);
}

/* How much the first 4 outputs move when the padding's vectors are replaced by others. */
static double padding_leak(Tensor *q, Tensor *k, Tensor *v, const unsigned char *mask) {
    Tensor *y = scaled_dot_product_attention(q, k, v, mask, T * T, NULL);
    for (int i = 4 * D; i < T * D; i++) q->data[i] += 7, k->data[i] -= 5, v->data[i] = 1000;
    Tensor *other = scaled_dot_product_attention(q, k, v, mask, T * T, NULL);
    double leak = 0;
    for (int i = 0; i < 4 * D; i++) leak = fmax(leak, fabs((double)(y->data[i] - other->data[i])));
    return leak;
}

static void fully_masked_row(Comparison *comparison) {
    real naive[T];
    for (int i = 0; i < T; i++) naive[i] = -INFINITY;
    naive_softmax(naive, T);
    real safe[T], large[T];
    for (int i = 0; i < T; i++) safe[i] = -INFINITY, large[i] = (real)-1e9;
    Tensor *ours = op_softmax(TENSOR_FROM(safe, 1, T)),
           *fill = op_softmax(TENSOR_FROM(large, 1, T));
    printf("  exp(-inf - -inf) is exp(nan):      weight %s\n", isnan(naive[0]) ? "nan" : "finite");
    printf("  -1e9 instead of -inf:              weight %.4f each, padding included\n",
           (double)fill->data[0]);
    printf("  zeros, as common/softmax.h has it: weight %.4f each\n", (double)ours->data[0]);
    compare_claim(comparison, "naive: NaN", isnan(naive[0]));
    compare_claim(comparison, "NaN times a weight of 0 is still NaN", isnan(0 * naive[0]));
    compare_claim(comparison, "ours: zeros", ours->data[0] == 0 && ours->data[T - 1] == 0);
}

int main(int argc, char **argv) {
    const Usage usage = {"Padding and causal masks, and what goes wrong with them.",
                         "build/03_self_attention/masks"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    Graph *graph = graph_new();
    graph_use(graph);
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    Tensor *q = random_tensor(&random), *k = random_tensor(&random), *v = random_tensor(&random);
    unsigned char mask[KINDS][T * T];
    real weights[KINDS][T * T];
    Comparison comparison = {0};
    make_masks(mask);

    lesson_step(&lesson, "The same scores (6,6) under four masks");
    for (int kind = 0; kind < KINDS; kind++) {
        Tensor *w;
        scaled_dot_product_attention(q, k, v, mask[kind], T * T, &w);
        memcpy(weights[kind], w->data, sizeof weights[kind]);
        print_heatmap(NAME[kind], weights[kind], T, T, WORD, WORD, 2);
    }
    draw(&lesson.common, weights, mask);

    lesson_step(&lesson, "The two padded queries (last rows) are left alone");
    const double leak = padding_leak(q, k, v, mask[1]);
    printf("They look at the sentence like everyone, and nobody reads what they find: the\n"
           "loss skips them and no query may look at them. Replace all the padding's\n"
           "numbers, and the four real outputs move by %g.\n",
           leak);
    compare_claim(&comparison, "padding's content never reaches a real token", leak == 0);

    lesson_step(&lesson, "A row in which everything is hidden");
    fully_masked_row(&comparison);
    graph_free(graph);
    return compare_end(&comparison);
}
