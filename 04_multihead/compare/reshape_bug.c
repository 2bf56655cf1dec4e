/* reshape_bug.c - CodeEmporium, notebook Mutlihead_Attention [sic], its last step: merging the
 * heads without changing heads and time back. The shapes it prints are right; the numbers are not,
 * and a causal mask stops no one any more.
 *
 * Beside: codeemporium Mutlihead_Attention - his softmax of one head, and the line after it, which
 *     mixes up the words
 * Beside: codeemporium transformer.py - the line as it is mended there, and what a model learns
 *     with the wrong one
 */
#include "01_embeddings/embedding.h"
#include "02_positional_encoding/sinusoid.h"
#include "03_self_attention/attention.h"
#include "04_multihead/heads.h"
#include "04_multihead/lab/wrong_heads.h"
#include "04_multihead/multihead.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/training.h"

#include <stdio.h>

/* The notebook prints head 0's masked scores, already divided by 8, and their softmax. */
static const real SCORES[4][4] = {
    {(real)-0.0611, -INFINITY, -INFINITY, -INFINITY},
    {(real)0.5596, (real)0.0404, -INFINITY, -INFINITY},
    {(real)0.1348, (real)-0.0516, (real)0.3945, -INFINITY},
    {(real)0.0038, (real)0.5560, (real)-0.2397, (real)0.4025},
};
static const double WEIGHTS[4][4] = {
    {1.0000, 0.0000, 0.0000, 0.0000},
    {0.6270, 0.3730, 0.0000, 0.0000},
    {0.3198, 0.2655, 0.4147, 0.0000},
    {0.1996, 0.3467, 0.1564, 0.2973},
};

static void show_notebook(Comparison *comparison) {
    Tensor *weights = op_softmax(TENSOR_FROM(&SCORES[0][0], 4, 4));
    compare_matrix(comparison, "softmax of the printed scores, token", &WEIGHTS[0][0],
                   weights->data, 4, 4, 4, 1e-4);
    compare_value(comparison, "its check by hand", 0.6269606805367254, (double)weights->data[4], 4,
                  1e-5);
}

/* Prints a (1,H,T,D) or (1,T,E) tensor of numbers below 1000 with three digits each. */
static void print_digits(const Tensor *x, const char *name, const char *row) {
    char shape[64];
    printf("%s %s\n", name, shape_text(shape, x->ndim, x->shape));
    const int cols = x->shape[x->ndim - 1], rows = (int)x->size / cols;
    for (int r = 0; r < rows; r++) {
        printf("  ");
        if (x->ndim == 4 && x->shape[2] > 0) printf("head %d ", r / x->shape[2]);
        printf("%s %d [", row, x->ndim == 4 ? r % x->shape[2] : r);
        for (int c = 0; c < cols; c++) printf(" %03.0f", (double)x->data[r * cols + c]);
        puts(" ]");
    }
}

/* Every number says where it comes from: head, token, dimension. */
static void show_digits(void) {
    enum { H = 2, T = 3, D = 2 };
    Tensor *z = TENSOR(1, H, T, D);
    for (int i = 0; i < H * T * D; i++)
        z->data[i] = (real)(i / (T * D) * 100 + i / D % T * 10 + i % D);
    puts("Each number names its own place: hundreds the head, tens the token, ones the\n"
         "dimension.\n");
    print_digits(z, "Z, what two heads give for three tokens,", "token");
    print_digits(merge_heads(z), "\ntransposed back, then merged:", "token");
    print_digits(wrong_merge(z), "\nonly reshaped, as in the notebook:", "token");
    puts("\nRead the tens. Merged rightly, token 0's row holds token 0 of both heads. Only\n"
         "reshaped, it holds tokens 0 and 1 of head 0: same shape, another tensor.");
}

/* The largest change of each output row when the last token changes; x (1,T,E). */
static void causal_changes(bool wrong, real *change) {
    enum { T = 4, E = 512, H = 8 };
    Tensor *y[2];
    for (int i = 0; i < 2; i++) {
        Random random;
        random_seed(&random, 1);
        Tensor *q = TENSOR(1, T, E), *k = TENSOR(1, T, E), *v = TENSOR(1, T, E);
        random_fill_normal(&random, q->data, q->size, 0, 1);
        random_fill_normal(&random, k->data, k->size, 0, 1);
        random_fill_normal(&random, v->data, v->size, 0, 1);
        for (int e = 0; e < E && i == 1; e++) v->data[3 * E + e] += 1; // token 3 is another one
        Tensor *z =
            scaled_dot_product_attention(split_heads(q, H), split_heads(k, H), split_heads(v, H),
                                         (Masks){.causal = true}, 0, NULL);
        y[i] = wrong ? wrong_merge(z) : merge_heads(z); // (1,T,E)
    }
    for (int t = 0; t < T; t++) {
        change[t] = 0;
        for (int e = 0; e < E; e++) {
            const real by = y[0]->data[t * E + e] - y[1]->data[t * E + e];
            if (by > change[t] || -by > change[t]) change[t] = by > 0 ? by : -by;
        }
    }
}

/* ---- Split and merge, rightly and wrongly ---------------------------------------------------- */

enum { B = 32, T = 8, E = 32, H = 4, SIDES = 6, WAYS = 4 };

typedef struct {
    const char *name;
    bool wrong_split, wrong_merge;
    real seen[T * T];   // row t: 1 for the tokens that row t of the result depends on
    double next, first; // losses: of the next throw, of naming the first one again
} Way;

/* Attention over the heads of q, k, v (B,T,E), cut and put together in this way; causal. */
static Tensor *attention_of(const Way *way, Tensor *q, Tensor *k, Tensor *v) {
    Tensor *(*split)(Tensor *, int) = way->wrong_split ? wrong_split : split_heads;
    Tensor *z = scaled_dot_product_attention(split(q, H), split(k, H), split(v, H),
                                             (Masks){.causal = true}, 0, NULL); // (B,H,T,D)
    return way->wrong_merge ? wrong_merge(z) : merge_heads(z);                  // (B,T,E)
}

/* Which tokens a row of the result depends on is what its gradient tells. */
static void find_seen(Way *way) {
    real values[T * E];
    Random random;
    random_seed(&random, 1);
    random_fill_normal(&random, values, T * E, 0, 1);
    for (int t = 0; t < T; t++) {
        graph_reset(graph_current());
        Tensor *x = tensor_variable(values, 3, SHAPE(1, T, E));
        Tensor *row = op_slice(attention_of(way, x, x, x), 1, t, 1); // (1,1,E)
        backward(op_sum(op_mul(row, row)));
        for (int i = 0; i < T * E; i++)
            if (tensor_grad(x)[i] != 0) way->seen[t * T + i / E] = 1;
    }
}

/* A causal model of one layer that reads throws of a die. */
typedef struct {
    const Way *way;
    bool first; // asked for the first throw again, after every throw; else for the next
    Embedding embedding;
    MultiheadAttention attention;
    Linear readout;
    Random random;
} Gambler;

/* The summed cross-entropy of its guesses after each throw. */
static Tensor *dice_loss(void *context, int *count) {
    Gambler *g = context;
    int throws[B][T + 1];
    int *now = graph_alloc(sizeof(int) * B * T), *asked = graph_alloc(sizeof(int) * B * T);
    for (int i = 0; i < B * (T + 1); i++)
        throws[i / (T + 1)][i % (T + 1)] = (int)random_below(&g->random, SIDES);
    // T + 1 throws give T questions: after each of the first T, what comes next?
    for (int i = 0; i < B * T; i++) now[i] = throws[i / T][i % T];
    for (int i = 0; i < B * T; i++) asked[i] = throws[i / T][g->first ? 0 : i % T + 1];
    const MultiheadAttention *m = &g->attention;
    Tensor *x = sinusoid_add(EMBEDDING_FORWARD(&g->embedding, now, B, T), 0); // (B,T,E)
    Tensor *qkv = op_linear(x, m->in_proj_weight, m->in_proj_bias);           // (B,T,3E)
    Tensor *z = attention_of(g->way, op_slice(qkv, 2, 0, E), op_slice(qkv, 2, E, E),
                             op_slice(qkv, 2, 2 * E, E)); // (B,T,E)
    x = linear_forward(&m->out_proj, z);                  // (B,T,E)
    Tensor *logits = RESHAPE(linear_forward(&g->readout, x), B * T, SIDES);
    *count = B * T;
    return op_cross_entropy(logits, asked, -1, 0);
}

/* Trains it; returns the mean loss of the last hundred steps. */
static double ask(const Way *way, bool first, uint64_t seed) {
    Gambler gambler = {.way = way, .first = first};
    Random *random = &gambler.random;
    random_seed(random, seed);
    Parameters parameters = {0};
    gambler.embedding = embedding_new(&parameters, "embedding.", SIDES, E, random);
    gambler.attention = multihead_new(&parameters, "self_attn.",
                                      (MultiheadConfig){.d_model = E, .nhead = H}, random);
    gambler.readout = linear_new(&parameters, "readout.", E, SIDES, true, random);
    const double mean = training_run(&(Training){.parameters = &parameters,
                                                 .adam = adam_pytorch(),
                                                 .steps = 800,
                                                 .lr = 0.003,
                                                 .loss = dice_loss,
                                                 .context = &gambler,
                                                 .average = 100});
    parameters_free(&parameters);
    return mean;
}

static void draw_seen(const Way *ways, const char *out) {
    PlotMap maps[WAYS];
    for (int i = 0; i < WAYS; i++)
        maps[i] = (PlotMap){.title = ways[i].name, .data = ways[i].seen, .rows = T, .cols = T};
    plot_heatmap_grid(&(Picture){.name = "wrong_split",
                                 .directory = out,
                                 .title = "Who sees whom, under a causal mask",
                                 .caption = "row t of the result depends on the dark tokens; above "
                                            "the diagonal is the future; wrong both ways hides the "
                                            "past instead",
                                 .x_label = "token",
                                 .y_label = "row",
                                 .no_scale = true},
                      maps, WAYS, WAYS, -1);
}

/* Whether row t depends on a later token, and whether it misses an earlier one. */
static bool leaks(const Way *way) {
    bool leak = false;
    for (int i = 0; i < T * T; i++) leak = leak || (i % T > i / T && way->seen[i] > 0);
    return leak;
}

static bool misses(const Way *way) {
    bool miss = false;
    for (int i = 0; i < T * T; i++) miss = miss || (i % T <= i / T && way->seen[i] == 0);
    return miss;
}

static void predict_dice(Lesson *lesson, Comparison *comparison) {
    Way ways[WAYS] = {{.name = "right"},
                      {.name = "wrong merge", .wrong_merge = true},
                      {.name = "wrong split", .wrong_split = true},
                      {.name = "wrong both ways", .wrong_split = true, .wrong_merge = true}};
    printf("The split has the same trap: (%d,%d) is (%d,%d,%d) at one blow, and head 0 then holds\n"
           "all columns of the first %d tokens instead of %d columns of all %d. A causal model is\n"
           "trained on throws of a die, to say the next throw, or the first one again. Nobody\n"
           "can beat ln 6 = %.3f at the one; whoever looks back knows the other.\n\n"
           "                   sees the  misses    next throw  first throw\n"
           "                   future    the past  loss        loss\n",
           T, E, H, T, E / H, T / H, E / H, T, log(SIDES));
    for (int i = 0; i < WAYS; i++) {
        Way *way = &ways[i];
        find_seen(way);
        way->next = ask(way, false, (uint64_t)lesson->common.seed);
        way->first = ask(way, true, (uint64_t)lesson->common.seed);
        printf("  %-16s %-9s %-9s %.2f        %.2f\n", way->name, leaks(way) ? "yes" : "no",
               misses(way) ? "yes" : "no", way->next, way->first);
    }
    puts("\nA model that leaks looks better, until it has to write a text from left to right\n"
         "and there is no future to read. Wrong both ways leaks nothing, for the two mistakes\n"
         "undo each other's order, and so no test of the mask finds it: but each token now\n"
         "sees its own part of the sentence only. The author's later file, transformer.py,\n"
         "has the transpose.\n");
    draw_seen(ways, lesson->common.out);
    compare_claim(comparison, "right: no row sees a later token, none misses an earlier one",
                  !leaks(&ways[0]) && !misses(&ways[0]));
    compare_claim(comparison, "either mistake alone: the future leaks, and dice are predicted",
                  leaks(&ways[1]) && leaks(&ways[2]) && ways[1].next < 1.5 && ways[2].next < 1.5);
    compare_claim(comparison, "both: no leak, but the past is hidden, and the first throw with it",
                  !leaks(&ways[3]) && misses(&ways[3]) && ways[0].first < 0.1 &&
                      ways[3].first > 0.5);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {
        "CodeEmporium's notebook merges its heads without the transpose: what that, and a split "
        "without one, does to an array, to a causal mask and to training.",
        "build/04_multihead/reshape_bug"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};

    lesson_step(&lesson, "The notebook's numbers: one head's softmax");
    show_notebook(&comparison);

    lesson_step(&lesson, "The step after: (1,8,4,64) becomes (1,4,512)");
    show_digits();

    lesson_step(&lesson, "A causal mask that leaks");
    real right[4], wrong[4];
    causal_changes(false, right);
    causal_changes(true, wrong);
    puts("The notebook's sizes and mask; then token 3 is exchanged. How far does each row\n"
         "of the result move? Rows 0, 1, 2 must not know about token 3.\n");
    printf("           row 0   row 1   row 2   row 3\n");
    printf("  merged  %6.3f  %6.3f  %6.3f  %6.3f\n", (double)right[0], (double)right[1],
           (double)right[2], (double)right[3]);
    printf("  reshaped%6.3f  %6.3f  %6.3f  %6.3f\n", (double)wrong[0], (double)wrong[1],
           (double)wrong[2], (double)wrong[3]);
    puts("");
    compare_claim(&comparison, "merged, rows 0 to 2 do not move at all",
                  right[0] == 0 && right[1] == 0 && right[2] == 0);
    compare_claim(&comparison, "reshaped, row 0 has seen token 3", wrong[0] > 0);

    lesson_step(&lesson, "A wrong split, and what both do to training: predicting dice");
    predict_dice(&lesson, &comparison);
    return lesson_end(&lesson, compare_end(&comparison));
}
