/* masks.c - The masks that every post passes in a line, of padding and of the future (the paper,
 * section 3.2.3): what each hides, why a padded query is left alone, and why a row of -infinity
 * makes NaN of everything after it.
 *
 * Beside: paper 3.2.3; annotated Applications of Attention in our Model; alammar The Decoder Side -
 *     padding, the future, both: who may look at whom
 * Beside: karpathy 1:11:38 - nearest: his arrows as a table, row looks at column, under four masks
 * Beside: codeemporium Transformer_Trainer_Notebook - why he masks with -1e9: what a row does in
 *     which all is hidden
 */
#include "03_self_attention/attention.h"
#include "common/kernels.h"
#include "common/random.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/vector.h"

#include <stdio.h>

enum { T = 6, D = 8, KINDS = 4 };

static const char *const WORD[T] = {"the", "cat", "sat", "down", "pad", "pad"};
static const char *const NAME[KINDS] = {"no mask", "padding", "causal", "both"};
static const int IDS[T] = {5, 6, 7, 8, 0, 0}; // 0 is the padding

/* The masks of all kinds, padding (T) being their array; and what each ignores, (T,T), as 1. */
static void make_masks(Masks masks[KINDS], unsigned char padding[T],
                       unsigned char ignored[KINDS][T * T]) {
    masks_key_padding(padding, IDS, 1, T, 0);
    for (int kind = 0; kind < KINDS; kind++) {
        masks[kind] = (Masks){.key_padding_mask = kind & 1 ? padding : NULL, .causal = kind & 2};
        masks_merge(ignored[kind], masks[kind], 1, T, T);
    }
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
        maps[kind] = (PlotMap){.title = NAME[kind],
                               .data = shown[kind],
                               .rows = T,
                               .cols = T,
                               .row_labels = WORD,
                               .col_labels = WORD};
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
static double padding_leak(Tensor *q, Tensor *k, Tensor *v, Masks masks) {
    Tensor *y = scaled_dot_product_attention(q, k, v, masks, 0, NULL);
    // Rows 4 and 5 are the padding, as queries, keys and values.
    for (int i = 4 * D; i < T * D; i++) q->data[i] += 7, k->data[i] -= 5, v->data[i] = 1000;
    Tensor *other = scaled_dot_product_attention(q, k, v, masks, 0, NULL);
    return vector_max_difference(y->data, other->data, 4 * D);
}

/* How a row without any key becomes NaN, step by step, as any calculator would. */
static void follow_nan(void) {
    real row[T], largest = -INFINITY, sum = 0;
    for (int i = 0; i < T; i++) row[i] = -INFINITY;
    for (int i = 0; i < T; i++) largest = row[i] > largest ? row[i] : largest;
    printf("  the largest score           %5.1f\n", (double)largest);
    printf("  score - largest             %5.1f   infinity less infinity is no number\n",
           fabs((double)(row[0] - largest)));
    for (int i = 0; i < T; i++) sum += (real)exp((double)row[i]);
    printf("  or, without subtracting it:\n");
    printf("  e^score, and their sum      %5.1f   %.1f\n", exp((double)row[0]), (double)sum);
    printf("  e^score / sum               %5.1f\n\n", fabs(exp((double)row[0]) / (double)sum));
}

/* Two queries, T keys with values of one number; the second query is padding with everything
 * hidden, its weights are `padded`, and the loss counts it 0 times. Prints and returns the gradient
 * of the first value. */
static double value_gradient(const char *name, const real padded[T]) {
    real weights[2 * T], counted[2] = {1, 0}, value[T] = {0};
    for (int i = 0; i < T; i++) weights[i] = (real)1 / T, weights[T + i] = padded[i];
    Graph *outer = graph_current(), *graph = graph_new();
    graph_use(graph);
    Tensor *v = tensor_variable(value, 2, SHAPE(T, 1));   // (6,1)
    Tensor *y = op_matmul(TENSOR_FROM(weights, 2, T), v); // (2,1)
    backward(op_sum(op_mul(y, TENSOR_FROM(counted, 2, 1))));
    const double gradient = (double)tensor_grad(v)[0];
    printf("  padded row %-5s: gradient of a value  %.4f * 1 + %.1f * 0 = %.4f\n", name, 1.0 / T,
           fabs((double)padded[0]), fabs(gradient));
    graph_free(graph);
    graph_use(outer);
    return gradient;
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
    puts("The values belong to both rows, the real one and the padded one nobody reads:");
    const double spoilt = value_gradient("NaN", naive), sound = value_gradient("zeros", ours->data);
    compare_claim(comparison, "naive: NaN", isnan(naive[0]));
    compare_claim(comparison, "NaN times a weight of 0 is still NaN",
                  isnan(spoilt) && fabs(sound - 1.0 / T) < 1e-6);
    compare_claim(comparison, "ours: zeros", ours->data[0] == 0 && ours->data[T - 1] == 0);
}

/* The causal mask read as "takes part" instead of "ignored". */
static void wrong_sign(Comparison *comparison, Tensor *q, Tensor *k, Tensor *v,
                       const unsigned char causal[T * T]) {
    unsigned char mask[T * T];
    double past = 0, last = 0;
    for (int i = 0; i < T * T; i++) mask[i] = !causal[i];
    Tensor *w;
    scaled_dot_product_attention(q, k, v, (Masks){.attn_mask = mask}, 0, &w);
    print_heatmap("causal, read the other way", w->data, T, T, WORD, WORD, 2);
    for (int t = 0; t < T; t++)
        for (int s = 0; s <= t; s++) past += (double)w->data[t * T + s];
    for (int s = 0; s < T; s++) last += (double)w->data[(T - 1) * T + s];
    puts("Every token sees only what comes after it. Nothing complains, and the loss will\n"
         "be splendid: the next word is in plain sight. The last row, left without a key,\n"
         "gives it away.");
    compare_claim(comparison, "only the future is seen, and the last token sees nothing",
                  past == 0 && last == 0);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Padding and causal masks, and what goes wrong with them.",
                         "build/03_self_attention/masks"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    Tensor *q = random_tensor(&random), *k = random_tensor(&random), *v = random_tensor(&random);
    unsigned char padding[T], ignored[KINDS][T * T];
    Masks masks[KINDS];
    real weights[KINDS][T * T];
    Comparison comparison = {0};
    make_masks(masks, padding, ignored);

    lesson_step(&lesson, "The same scores (6,6) under four masks");
    for (int kind = 0; kind < KINDS; kind++) {
        Tensor *w;
        scaled_dot_product_attention(q, k, v, masks[kind], 0, &w);
        memcpy(weights[kind], w->data, sizeof weights[kind]);
        print_heatmap(NAME[kind], weights[kind], T, T, WORD, WORD, 2);
    }
    draw(&lesson.common, weights, ignored);

    lesson_step(&lesson, "The two padded queries (last rows) are left alone");
    const double leak = padding_leak(q, k, v, masks[1]);
    printf("They look at the sentence like everyone, and nobody reads what they find: the\n"
           "loss skips them and no query may look at them. Replace all the padding's\n"
           "numbers, and the four real outputs move by %g.\n",
           leak);
    compare_claim(&comparison, "padding's content never reaches a real token", leak == 0);

    lesson_step(&lesson, "A row in which everything is hidden");
    follow_nan();
    fully_masked_row(&comparison);

    lesson_step(&lesson, "The mask's sign");
    wrong_sign(&comparison, q, k, v, ignored[2]);
    return lesson_end(&lesson, compare_end(&comparison));
}
