/* demo.c - chapter 3 told by a running program: who looks at whom, and what they take home.
 *
 * Beside: artoftheproblem - step 1: the weights that one input made, frozen and used on another
 * Beside: google - step 7: "server", a person and a machine: two vectors from one
 * Beside: alammar Matrix Calculation of Self-Attention; mody Multiple Queries; annotated Attention
 *     - step 3: X times three matrices, scores, softmax, output, every number shown
 * Beside: mody Key-Value Lookups based on Meaning - step 2: "fruit" asked of apple, banana and
 *     chair
 * Beside: ark - step 5: variance, largest weight and gradient, with the division and without
 * Beside: tensorflow The causal self-attention layer; karpathy 1:14:14 - step 6: a hidden word's
 *     score, and two ways that hide nothing
 * Beside: alammar Self-Attention in Detail - step 4: why three vectors, which the post leaves out
 */
#include "01_embeddings/characters.h"
#include "02_positional_encoding/sinusoid.h"
#include "03_self_attention/attention.h"
#include "03_self_attention/char_model.h"
#include "03_self_attention/head.h"
#include "03_self_attention/lab/pointing.h"
#include "03_self_attention/lab/saturation.h"
#include "common/files/data.h"
#include "common/files/text.h"
#include "common/kernels.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- 1. Weights that depend on the input ----------------------------------------------------- */

static void dynamic_weights(Lesson *lesson, Random *random) {
    enum { T = 3, E = 8 };
    lesson_step(lesson, "A layer whose weights depend on its input");
    puts("A dense layer over tokens multiplies them by one matrix W, whatever comes in.\n"
         "Attention multiplies by A(x). One untrained layer, two inputs x0, x1 (3,8):\n");
    Parameters parameters = {0};
    const AttentionHead head = attention_head_new(&parameters, "", E, E, random);
    Tensor *x0 = TENSOR(T, E), *x1 = TENSOR(T, E), *a0, *a1;
    random_fill_normal(random, x0->data, x0->size, 0, 2);
    random_fill_normal(random, x1->data, x1->size, 0, 2);
    attention_head_forward(&head, x0, (Masks){0}, &a0);
    Tensor *y1 = attention_head_forward(&head, x1, (Masks){0}, &a1);
    print_heatmap("A(x0)", a0->data, T, T, NULL, NULL, 2);
    print_heatmap("A(x1)", a1->data, T, T, NULL, NULL, 2);
    Tensor *frozen = op_matmul(a0, linear_forward(&head.value, x1));
    double off = 0, size = 0;
    for (size_t i = 0; i < y1->size; i++) {
        off += pow((double)(frozen->data[i] - y1->data[i]), 2);
        size += pow((double)y1->data[i], 2);
    }
    printf("\nFreeze A(x0) and use it on x1: the result is off by %.0f %% of its size.\n"
           "Given A, the rest is a plain weighted sum. So: where does A come from?\n"
           "More: make 03/dynamic_weights\n",
           100 * sqrt(off / size));
    parameters_free(&parameters);
}

/* ---- 2. A soft dictionary -------------------------------------------------------------------- */

static void dictionary(Lesson *lesson) {
    enum { N = 3, D = 2 };
    lesson_step(lesson, "A dictionary that answers questions nobody wrote down");
    puts("stock = {apple: 10, banana: 5, chair: 2}. Ask for \"fruit\" and a dictionary says\n"
         "no. Give every word a vector instead of a spelling (sweet, wooden), and ask how\n"
         "well the query points along each key:\n");
    const real key[N * D] = {3, 0, (real)2.6, 0, 0, 4}, stock[N] = {10, 5, 2}, fruit[D] = {1, 0};
    Tensor *q = TENSOR_FROM(fruit, 1, D), *k = TENSOR_FROM(key, N, D), *w;
    print_matrix("keys: apple, banana, chair", key, N, D, 1);
    print_vector("query: fruit", fruit, D, 1);
    print_matrix("scores = q K^T", op_matmul(q, op_transpose(k, 0, 1))->data, 1, N, 2);
    Tensor *soft = scaled_dot_product_attention(q, k, TENSOR_FROM(stock, N, 1), (Masks){0}, 0, &w);
    print_matrix("weights = softmax(scores / sqrt(2))", w->data, 1, N, 2);
    printf("\nanswer = weights times values = %.2f: some of the apples, some of the bananas,\n"
           "hardly a chair. Nothing is found or not found, so everything can be learned.\n"
           "More: make 03/dict_lookup, 03/kv_store, 03/kqv_addressing\n",
           (double)soft->data[0]);
}

/* ---- 3. By hand ------------------------------------------------------------------------------ */

/* Raimi Karim's three inputs and three weight matrices. */
static void by_hand(Lesson *lesson) {
    enum { T = 3, E = 4, D = 3 };
    static const real x_[T * E] = {1, 0, 1, 0, 0, 2, 0, 2, 1, 1, 1, 1};
    static const real w_q[E * D] = {1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 1};
    static const real w_k[E * D] = {0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 0};
    static const real w_v[E * D] = {0, 2, 0, 0, 3, 0, 1, 0, 3, 1, 1, 0};
    lesson_step(lesson, "By hand: three tokens of four numbers");
    puts("Every token plays three parts: it asks (query), it has a name to be found by\n"
         "(key) and something to hand over (value). Three matrices (4,3) make them.\n");
    Tensor *x = TENSOR_FROM(x_, T, E), *w;
    Tensor *q = op_matmul(x, TENSOR_FROM(w_q, E, D)), *k = op_matmul(x, TENSOR_FROM(w_k, E, D));
    Tensor *v = op_matmul(x, TENSOR_FROM(w_v, E, D));
    print_matrix("X", x->data, T, E, 0);
    print_matrix("Q = X W_Q", q->data, T, D, 0);
    print_matrix("K = X W_K", k->data, T, D, 0);
    print_matrix("V = X W_V", v->data, T, D, 0);
    print_matrix("scores = Q K^T", op_matmul(q, op_transpose(k, 0, 1))->data, T, T, 0);
    Tensor *y = scaled_dot_product_attention(q, k, v, (Masks){0}, 0, &w);
    print_matrix("weights = softmax(scores / sqrt(3)), row by row", w->data, T, T, 4);
    print_matrix("output = weights V", y->data, T, D, 4);
    puts("\nRow 2 looks at itself for 91 %, so its output is nearly its value [2 8 0].\n"
         "Beside the post these numbers are from: make 03/raimi");
}

/* ---- 4. What the three are for --------------------------------------------------------------- */

enum { RING = POINTING_TOKENS };

enum { KINDS = 3 };

static void draw_pointing(const CommonOptions *common, const char *const name[KINDS],
                          real map[KINDS][RING * RING]) {
    PlotMap maps[KINDS];
    for (int i = 0; i < KINDS; i++)
        maps[i] = (PlotMap){.title = name[i], .data = map[i], .rows = RING, .cols = RING};
    const Picture picture = {.name = "pointing",
                             .directory = common->out,
                             .title = "Who looks at whom, when token i points at i+1",
                             .caption = "wanted is the line just above the diagonal; only three "
                                        "separate projections of 2 numbers find it",
                             .x_label = "key: who is looked at",
                             .y_label = "query: who looks",
                             .value_label = "weight",
                             .value_min = 0,
                             .value_max = 1};
    plot_heatmap_grid(&picture, maps, KINDS, KINDS, -1);
}

/* Trains one kind on the ring; map receives who looks at whom. Returns the share right. */
static double train_pointing(Projections kind, uint64_t seed, real map[RING * RING]) {
    PointingModel model = pointing_new(kind, 2, seed);
    const double right = pointing_train(&model, 400, 400, 42, NULL);
    real ring[RING * POINTING_WIDTH];
    Tensor *weights;
    pointing_ring(ring);
    pointing_forward(&model, TENSOR_FROM(ring, 1, RING, POINTING_WIDTH), &weights);
    memcpy(map, weights->data, RING * RING * sizeof *map);
    pointing_free(&model);
    return right;
}

static void pointing(Lesson *lesson) {
    static const char *const name[KINDS] = {"query = key", "key = value", "three projections"};
    static const Projections kind[KINDS] = {PROJECT_QK_SAME, PROJECT_KV_SAME, PROJECT_SEPARATE};
    static real map[KINDS][RING * RING];
    lesson_step(lesson, "Why three projections? A task that two cannot do");
    puts("Eight tokens in a ring, x (8,24): each knows its name, the name of the one it\n"
         "points at, and a payload, and must answer with the payload of the one it points\n"
         "at. One attention layer, q, k, v (8,2), trained 400 steps with\n");
    for (int i = 0; i < KINDS; i++) {
        const double right = train_pointing(kind[i], (uint64_t)lesson->common.seed, map[i]);
        printf("  %-18s right answers: %3.0f %%\n", name[i], 100 * right);
    }
    puts("\nToken i points at i+1. Who looks at whom:\n");
    print_heatmap(name[0], map[0], RING, RING, NULL, NULL, 2);
    print_heatmap(name[2], map[2], RING, RING, NULL, NULL, 2);
    puts("\nA query is a question, a key a name, a value an answer. With query = key, i\n"
         "scores j as j scores i: no looking ahead without looking back. With key = value\n"
         "two numbers must say who one is and what one carries, and cannot say both.\n"
         "More, with longer vectors: make 03/why_three");
    draw_pointing(&lesson->common, name, map);
}

/* ---- 5. The square root ---------------------------------------------------------------------- */

static void square_root(Lesson *lesson) {
    lesson_step(lesson, "Why divide by the square root of d?");
    puts("Random q and k of length d, 8 keys. A score is a sum of d products, so its\n"
         "variance is d. Large scores make the softmax choose one key before anything is\n"
         "learned, and a softmax that has chosen passes no gradient back. Largest: of the\n"
         "eight weights; gradient: the size of the softmax's derivative; means of many draws.\n\n"
         "          not divided                  divided by sqrt(d)\n"
         "     d    variance  largest  gradient  variance  largest  gradient");
    for (int d = 1; d <= 1024; d *= 8) {
        Saturation mean[2];
        for (int scaled = 0; scaled < 2; scaled++) {
            Random random;
            random_seed(&random, (uint64_t)lesson->common.seed + (uint64_t)d);
            mean[scaled] = saturation_measure(d, scaled, 2000, &random);
        }
        printf("  %4d  %10.1f  %7.2f  %8.2f  %8.2f  %7.2f  %8.2f\n", d, mean[0].variance,
               mean[0].largest, mean[0].gradient, mean[1].variance, mean[1].largest,
               mean[1].gradient);
    }
    puts("Drawn: make 03/sqrt_d");
}

/* ---- 6. Masks -------------------------------------------------------------------------------- */

/* What hiding one of three keys does to a row of weights, and two ways to get it wrong. */
static void mask_by_hand(void) {
    enum { S = 3, WAYS = 4 };
    static const char *const way[WAYS] = {"nothing hidden", "its score -infinity", "its score 0",
                                          "its weight 0"};
    const real scores[WAYS][S] = {{2, 1, 3}, {2, 1, -INFINITY}, {2, 1, 0}, {2, 1, 3}};
    puts("                      scores        e^score             weights         sum");
    for (int i = 0; i < WAYS; i++) {
        Tensor *w = op_softmax(TENSOR_FROM(scores[i], 1, S));
        if (i == 3) w->data[2] = 0; // crossed out after the softmax
        double sum = 0;
        printf("%-19s", way[i]);
        for (int s = 0; s < S; s++) printf(" %4.0f", (double)scores[i][s]);
        printf(" ");
        for (int s = 0; s < S; s++) printf(" %5.2f", exp((double)scores[i][s]));
        printf(" ");
        for (int s = 0; s < S; s++) {
            printf(" %.3f", (double)w->data[s]);
            sum += (double)w->data[s];
        }
        printf("  %.3f\n", sum);
    }
}

static void masks(Lesson *lesson, Random *random) {
    enum { T = 4, E = 8 };
    static const char *const word[T] = {"the", "cat", "sat", "<pad>"};
    static const int ids[T] = {5, 6, 7, 0};
    lesson_step(lesson, "Masks: what one may not look at scores -infinity");
    puts("One query, three keys, and the third must not be seen:\n");
    mask_by_hand();
    puts("\ne^-infinity is 0: the hidden key gets nothing and the others share all of it, as\n"
         "if it were not there. A score of 0 is a score like any other, and a weight\n"
         "crossed out afterwards is missing from the sum.\n\n"
         "Padding fills a batch up to one length and means nothing: no query may look at\n"
         "it. In a model that writes from left to right no query may look ahead:\n");
    unsigned char padding[T];
    masks_key_padding(padding, ids, 1, T, 0);
    const Masks both = {.key_padding_mask = padding, .causal = true};
    Parameters parameters = {0};
    const AttentionHead head = attention_head_new(&parameters, "", E, E, random);
    Tensor *x = TENSOR(T, E), *w;
    random_fill_normal(random, x->data, x->size, 0, 2);
    Tensor *open = attention_head_forward(&head, x, both, &w);
    print_heatmap("causal and padding", w->data, T, T, word, word, 2);
    for (int i = 2 * E; i < 3 * E; i++) x->data[i] += 1; // another "sat"
    Tensor *changed = attention_head_forward(&head, x, both, NULL);
    double early = 0, late = 0;
    for (int i = 0; i < 2 * E; i++) early += fabs((double)(open->data[i] - changed->data[i]));
    for (int i = 2 * E; i < 3 * E; i++) late += fabs((double)(open->data[i] - changed->data[i]));
    printf("\nReplace \"sat\": the outputs of \"the cat\" change by %g, that of \"sat\" by %.1f.\n"
           "The row of <pad> is ordinary, and nobody reads it. Mask it too, and the row is\n"
           "all -infinity: every e^score is 0, so is their sum, and 0 / 0 is NaN.\n"
           "More, and drawn: make 03/masks\n",
           early, late);
    parameters_free(&parameters);
}

/* ---- 7. One word, two meanings --------------------------------------------------------------- */

static double cosine(const real *a, const real *b, int n) {
    double ab = 0, aa = 0, bb = 0;
    for (int i = 0; i < n; i++) {
        ab += (double)(a[i] * b[i]);
        aa += (double)(a[i] * a[i]);
        bb += (double)(b[i] * b[i]);
    }
    return ab / sqrt(aa * bb);
}

/* GoogleCloudTech's two servers, with vectors made by hand and no projections at all. */
static void two_servers(Lesson *lesson) {
    enum { T = 3, E = 4 };
    static const char *const words[2][T] = {{"server", "the", "check"},
                                            {"crashed", "the", "server"}};
    // person, machine, money, failure
    static const real sentence[2][T * E] = {{1, 1, 0, 0, 0, 0, 0, 0, 2, 0, 2, 0},
                                            {0, 2, 0, 2, 0, 0, 0, 0, 1, 1, 0, 0}};
    static const int server[2] = {0, 2};
    lesson_step(lesson, "What chapter 1 could not do: one word, two meanings");
    puts("\"Server, can I have the check?\" \"Looks like I just crashed the server.\"\n"
         "One word, one vector: (person, machine, money, failure) = [1 1 0 0] in both.\n"
         "Attention with Q = K = V = X:\n");
    real *after[2];
    for (int s = 0; s < 2; s++) {
        Tensor *x = TENSOR_FROM(sentence[s], T, E), *w;
        Tensor *y = scaled_dot_product_attention(x, x, x, (Masks){0}, 0, &w);
        after[s] = y->data + server[s] * E;
        printf("in \"%s ... %s\": ", words[s][0], words[s][2]);
        print_vector("server", after[s], E, 2);
    }
    printf("\nBefore, the two are equal: cosine 1. After, %.2f: the one has become a person,\n"
           "the other a machine. The neighbours did it.\n",
           cosine(after[0], after[1], E));
}

/* ---- 8. Order -------------------------------------------------------------------------------- */

static void order(Lesson *lesson, Random *random) {
    enum { T = 5, E = 16 };
    lesson_step(lesson, "It still sees a set: mary gave roses to susan");
    Parameters parameters = {0};
    const AttentionHead head = attention_head_new(&parameters, "", E, E, random);
    Tensor *x = TENSOR(1, T, E), *swapped = TENSOR(1, T, E);
    random_fill_normal(random, x->data, x->size, 0, 1);
    memcpy(swapped->data, x->data, x->size * sizeof(real));
    memcpy(swapped->data, x->data + 4 * E, E * sizeof(real)); // susan first
    memcpy(swapped->data + 4 * E, x->data, E * sizeof(real)); // mary last
    double moved[2];
    for (int placed = 0; placed < 2; placed++) {
        Tensor *in[2] = {x, swapped}, *y[2];
        for (int s = 0; s < 2; s++)
            y[s] = attention_head_forward(&head, placed ? sinusoid_add(in[s], 0) : in[s],
                                          (Masks){0}, NULL);
        moved[placed] = vector_max_difference(y[0]->data + E, y[1]->data + E, E); // "gave"'s row
    }
    printf("Swap mary and susan: the output for \"gave\" moves by %.2f. With chapter 2's\n"
           "positions added to the inputs it moves by %.2f. More: make 03/equivariance\n",
           moved[0], moved[1]);
    parameters_free(&parameters);
}

/* ---- 9. On real text ------------------------------------------------------------------------- */

static void print_loss(const CharRow *row) {
    if (row->step % 1500 == 0)
        printf("step %4d: train loss %.4f, val loss %.4f\n", row->step, row->train, row->val);
    fflush(stdout);
}

/* Karpathy's stage `head` on the ids of a text. */
static void train_head(const Characters *characters, const IntArray *ids) {
    enum { BLOCK = 8, WIDTH = 32, SAMPLE = 120 };
    static const CharTraining training = {.batch = 32,
                                          .block = BLOCK,
                                          .steps = 5000,
                                          .eval_every = 500,
                                          .eval_batches = 200,
                                          .lr = 1e-3};
    Random random;
    random_seed(&random, 1337);
    Parameters parameters = {0};
    const CharConfig config = {.vocab = (int)characters->count,
                               .block_size = BLOCK,
                               .n_embd = WIDTH,
                               .positions = POSITIONS_LEARNED};
    CharModel model = char_model_begin(&parameters, config, &random);
    const AttentionHead head = attention_head_new(&parameters, "sa_head.", WIDTH, WIDTH, &random);
    char_model_finish(&model, &parameters, char_middle_head(&head), &random);
    CharRow rows[16];
    char_train(char_model_loss, &model, &parameters, text_part_split(ids->data, ids->count),
               &training, &random, rows, 16, print_loss);
    int sample[1 + SAMPLE] = {0};
    char_model_generate(&model, &random, 1, sample, 1, SAMPLE);
    char *text = characters_decode(characters, sample + 1, SAMPLE, NULL);
    printf("\nIt writes:\n%s\n\n", text);
    free(text);
    parameters_free(&parameters);
}

static void real_text(Lesson *lesson) {
    lesson_step(lesson, "On real text: Karpathy's model with one head");
    char path[1024], *text;
    size_t bytes;
    Characters characters;
    IntArray ids = {0};
    Error err;
    if (!data_find("tinyshakespeare/input.txt", path, sizeof path)) {
        printf("Left out: %s\n", path);
        return;
    }
    if (!text_read(path, &text, &bytes, &err) ||
        !characters_learn(&characters, text, bytes, &err) ||
        !characters_encode(&characters, text, bytes, &ids, &err))
        error_exit(&err);
    puts("Characters of tiny Shakespeare, windows of 8, seed 1337, 7,553 numbers. Chapter\n"
         "1's bigram ended at val loss 2.4911; with positions alone it is 2.5114:\n");
    train_head(&characters, &ids);
    puts("His rows, all of them: make 03/position_stage, make 03/head_stage");
    free(text);
    free(ids.data);
    characters_free(&characters);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Chapter 3: self-attention, step by step, with the numbers.", "make 03"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    dynamic_weights(&lesson, &random);
    dictionary(&lesson);
    by_hand(&lesson);
    pointing(&lesson);
    square_root(&lesson);
    masks(&lesson, &random);
    two_servers(&lesson);
    order(&lesson, &random);
    real_text(&lesson);
    puts("\nOne head looks at one thing at a time. What if a word has two questions at once?\n"
         "make 04");
    return lesson_end(&lesson, 0);
}
