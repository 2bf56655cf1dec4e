/* quiz.c - questions on chapter 4: which numbers are whose, what heads cost, what a wrong merge
 * mixes up.
 *
 * Beside: tutor - questions on which numbers are whose, what heads cost, what a wrong merge mixes
 *     up
 */
#include "common/screen/quiz.h"

#include "04_multihead/char_heads.h"
#include "04_multihead/composed_attention.h"
#include "04_multihead/heads.h"
#include "04_multihead/lab/wrong_heads.h"
#include "04_multihead/multihead.h"
#include "common/kernels.h"

#include <stdio.h>

static const char BY_HAND[] = "04_multihead/README.md, \"By hand\"";
static const char THE_CODE[] = "04_multihead/README.md, \"The code\"";
static const char BESIDE[] = "04_multihead/README.md, \"Beside the resources\"";
static const char BACKWARD[] = "04_multihead/README.md, \"The backward pass\"";
static const char GOES_WRONG[] = "04_multihead/README.md, \"What goes wrong\"";

/* ---- Split ----------------------------------------------------------------------------------- */

/* q (1,T,E) whose numbers tell where they come from: tens the word, ones the column. */
static Tensor *digits(int T, int E) {
    Tensor *q = TENSOR(1, T, E);
    for (int t = 0; t < T; t++)
        for (int e = 0; e < E; e++) q->data[t * E + e] = (real)(10 * t + e);
    return q;
}

static void head_of_column(Random *random, QuizQuestion *q) {
    const int H = quiz_between(random, 2, 4), D = quiz_between(random, 2, 4), E = H * D;
    const int column = quiz_between(random, 0, E - 1);
    const Tensor *heads = split_heads(digits(1, E), H); // (1,H,1,D)
    int head = -1;
    for (int i = 0; i < E; i++)
        if (heads->data[i] == column) head = i / D;
    quiz_text(
        q,
        "d_model %d is cut into %d heads. To which of them, counted from 0, belongs column %d of\n"
        "a query, counted from 0?",
        E, H, column);
    quiz_hint(q, "E = H D, and head h has the columns h D to (h + 1) D.");
    quiz_working(q, "A head has %d columns; %d / %d, rounded down.", D, column, D);
    q->read = THE_CODE;
    quiz_number(q, head, 0);
}

static void split_digit(Random *random, QuizQuestion *q) {
    const int H = quiz_between(random, 2, 3), D = quiz_between(random, 2, 3), E = H * D;
    const int T = quiz_between(random, 3, 5), h = quiz_between(random, 0, H - 1);
    const int t = quiz_between(random, 1, T - 1), d = quiz_between(random, 0, D - 1);
    const Tensor *heads = split_heads(digits(T, E), H); // (1,H,T,D)
    quiz_text(q,
              "q is (1,%d,%d), and its numbers tell where they come from: tens the word, ones the\n"
              "column, both counted from 0. It is split into %d heads, (1,%d,%d,%d). Which number\n"
              "stands there in head %d, token %d, place %d?",
              T, E, H, H, T, D, h, t, d);
    quiz_hint(q, "Every head has all the words, and of each word its own columns.");
    quiz_working(q, "Word %d, column %d x %d + %d.", t, h, D, d);
    q->read = THE_CODE;
    quiz_number(q, (double)heads->data[(h * T + t) * D + d], 0);
}

static void shape(Random *random, QuizQuestion *q) {
    const int B = quiz_between(random, 2, 4), T = quiz_between(random, 5, 6);
    const int H = quiz_between(random, 2, 3), D = quiz_between(random, 7, 9);
    const int kind = quiz_between(random, 0, 2);
    Tensor *x = TENSOR(B, T, H * D), *weights;
    random_fill_normal(random, x->data, x->size, 0, 1);
    const Tensor *heads = split_heads(x, H);
    const Tensor *y = composed_attention(head_columns(x, x, x, H), (Masks){0}, 0, &weights);
    const Tensor *asked = kind == 0 ? heads : kind == 1 ? weights : y;
    quiz_text(q, "Queries, keys and values are (%d,%d,%d), for %d heads.\nWhat shape %s?", B, T,
              H * D, H,
              kind == 0   ? "has the split query"
              : kind == 1 ? "have the weights of all heads"
                          : "has what the heads find, merged");
    quiz_hint(q, "E = H D. Words and heads change places, so that one head's words lie together.");
    quiz_working(q, "%d sentences, %d heads, %d words; a head has %d = %d / %d numbers%s.", B, H, T,
                 D, H * D, H,
                 kind == 0   ? ""
                 : kind == 1 ? "; a weight for each pair of words"
                             : "; merged, a word has all of them");
    q->read = THE_CODE;
    quiz_shape(q, asked->ndim, asked->shape);
}

/* ---- What heads compute ---------------------------------------------------------------------- */

static void head_score(Random *random, QuizQuestion *q) {
    enum { H = 2, D = 4, E = H * D };
    int a[E], b[E];
    real query[E], keys[2 * E] = {0}; // the second key, of zeros, scores 0
    char text[2][32];
    quiz_draw(random, -1, 2, E, a, query);
    quiz_draw(random, -1, 2, E, b, keys);
    const int h = quiz_between(random, 0, 1);
    Tensor *k = TENSOR_FROM(keys, 1, 2, E), *weights; // (1,H,1,2)
    composed_attention(head_columns(TENSOR_FROM(query, 1, 1, E), k, k, H), (Masks){0}, 0, &weights);
    const double score = log((double)weights->data[h * 2] / (double)weights->data[h * 2 + 1]);
    int sum = 0;
    for (int d = 0; d < D; d++) sum += a[h * D + d] * b[h * D + d];
    quiz_text(q,
              "Two heads. A query is [%s], a key [%s].\nWhat does head %d score (the first is 0)?",
              quiz_numbers_text(text[0], sizeof text[0], a, E),
              quiz_numbers_text(text[1], sizeof text[1], b, E), h);
    quiz_hint(q, "Its own columns only, and divided by the root of how many those are.");
    quiz_working(q, "Columns %d to %d: the products add up to %d, divided by sqrt(4).", h * D,
                 h * D + D - 1, sum);
    q->read = BY_HAND;
    quiz_number(q, score, 0.01);
}

static void two_heads(Random *random, QuizQuestion *q) {
    enum { H = 2, S = 3 };
    static const int shares[][S] = {{8, 1, 1}, {1, 8, 1}, {1, 1, 8}, {5, 4, 1}, {5, 1, 4}};
    const int first = quiz_between(random, 0, 4), second = (first + quiz_between(random, 1, 4)) % 5;
    const int *share[H] = {shares[first], shares[second]}, asked = quiz_between(random, 0, 1);
    int v[S * H];
    real keys[S * H], values[S * H];
    quiz_draw(random, 0, 9, S * H, v, values);
    // Heads of one column each, asking 1: a key of ln n weighs n.
    for (int s = 0; s < S; s++)
        for (int h = 0; h < H; h++) keys[s * H + h] = (real)log(share[h][s]);
    const Tensor *y = composed_attention(head_columns(TENSOR_FROM(((const real[]){1, 1}), 1, 1, H),
                                                      TENSOR_FROM(keys, 1, S, H),
                                                      TENSOR_FROM(values, 1, S, H), H),
                                         (Masks){0}, 0, NULL);
    quiz_text(
        q,
        "Two heads of one column each. On three tokens head 0 has the weights 0.%d 0.%d 0.%d,\n"
        "head 1 has 0.%d 0.%d 0.%d. The values are [%d %d], [%d %d], [%d %d]. What is the %s\n"
        "number of the result?",
        share[0][0], share[0][1], share[0][2], share[1][0], share[1][1], share[1][2], v[0], v[1],
        v[2], v[3], v[4], v[5], asked ? "second" : "first");
    quiz_hint(q, "Each head reads its own columns of the values, with its own weights.");
    quiz_working(q, "Head %d: 0.%d x %d + 0.%d x %d + 0.%d x %d.", asked, share[asked][0], v[asked],
                 share[asked][1], v[2 + asked], share[asked][2], v[4 + asked]);
    q->read = BY_HAND;
    quiz_number(q, (double)y->data[asked], 0.01);
}

static void all_weights(Random *random, QuizQuestion *q) {
    const int T = quiz_between(random, 4, 9), H = quiz_between(random, 2, 8);
    const bool causal = quiz_between(random, 0, 1);
    Tensor *x = TENSOR(1, T, H * 2), *weights;
    random_fill_normal(random, x->data, x->size, 0, 1);
    composed_attention(head_columns(x, x, x, H), (Masks){.causal = causal}, 0, &weights);
    double sum = 0;
    for (size_t i = 0; i < weights->size; i++) sum += (double)weights->data[i];
    quiz_text(q,
              "A sentence of %d words looks at itself through %d heads, %s. What do all the\n"
              "weights of the layer add up to?",
              T, H, causal ? "with a causal mask" : "without a mask");
    quiz_hint(q, "Each softmax has 1 to share out. How many of them are there?");
    quiz_working(q,
                 "A row for each word in each head, and a row adds up to 1: %d x %d. A mask hides\n"
                 "  keys, and the others share what is left.",
                 T, H);
    q->read = BY_HAND;
    quiz_number(q, sum, 0.01);
}

/* ---- What heads cost ------------------------------------------------------------------------- */

static void layer_parameters(Random *random, QuizQuestion *q) {
    const int H = 1 << quiz_between(random, 0, 3), E = quiz_between(random, 1, 5) * 8;
    Parameters parameters = {0};
    multihead_new(&parameters, "", (MultiheadConfig){.d_model = E, .nhead = H}, random);
    quiz_text(
        q,
        "How many numbers does training change in a multi-head attention with d_model %d and %d\n"
        "head%s, biases everywhere?",
        E, H, H == 1 ? "" : "s");
    quiz_hint(q, "W^Q, W^K, W^V and W^O are E x E, however they are cut.");
    quiz_working(q, "4 x (%d x %d + %d), with any number of heads.", E, E, E);
    q->read = THE_CODE;
    quiz_number(q, (double)parameters_size(&parameters), 0);
    parameters_free(&parameters);
}

static void wide_heads(Random *random, QuizQuestion *q) {
    const int H = quiz_between(random, 2, 8), E = H * quiz_between(random, 2, 4);
    size_t size[2];
    for (int wide = 0; wide < 2; wide++) {
        Parameters parameters = {0};
        const int width = wide ? H * E : E;
        static const char *const name[] = {"query.", "key.", "value."};
        for (int i = 0; i < 3; i++) linear_new(&parameters, name[i], E, width, false, random);
        linear_new(&parameters, "output.", width, E, false, random);
        size[wide] = parameters_size(&parameters);
        parameters_free(&parameters);
    }
    quiz_text(q,
              "TensorFlow's tutorial makes each of its %d heads as wide as the model, %d. How many "
              "times\n"
              "as many weights (no biases) has its attention as the paper's with as many heads?",
              H, E);
    quiz_hint(q, "In the paper the heads share the width: E = H D.");
    quiz_working(q, "Its four matrices are %d x %d, those of the paper %d x %d.", E, H * E, E, E);
    q->read = BESIDE;
    quiz_number(q, (double)size[1] / (double)size[0], 0);
}

static void cost(Random *random, QuizQuestion *q) {
    const int T = quiz_between(random, 2, 9) * 10, H = quiz_between(random, 2, 4);
    const int D = quiz_between(random, 2, 5), E = H * D;
    const bool exponentials = quiz_between(random, 0, 1);
    Tensor *x = TENSOR(1, T, E), *weights;
    random_fill_normal(random, x->data, x->size, 0, 1);
    composed_attention(head_columns(x, x, x, H), (Masks){0}, 0, &weights); // weights (1,H,T,T)
    quiz_text(q,
              "A sentence of %d words, d_model %d, %d heads. %s\nfrom queries and keys to weights, "
              "all heads together?",
              T, E, H,
              exponentials ? "How many exponentials does it take"
                           : "How many products of two numbers does it take");
    quiz_hint(q, "A score for each pair of words in each head, made of D = E / H products.");
    if (exponentials)
        quiz_working(q, "One for each weight: %d x %d x %d. This is what more heads do cost.", H, T,
                     T);
    else
        quiz_working(q, "%d x %d x %d scores of %d products: T T E, as with one head.", H, T, T, D);
    q->read = BESIDE;
    quiz_number(q, (double)weights->size * (exponentials ? 1 : D), 0);
}

static void cache_size(Random *random, QuizQuestion *q) {
    const int B = quiz_between(random, 2, 5), capacity = quiz_between(random, 2, 6) * 5;
    const int E = quiz_between(random, 2, 8) * 4, H = quiz_between(random, 1, 2) * 2;
    const KeyValueCache cache = key_value_cache_new(B, capacity, E);
    quiz_text(
        q,
        "%d sentences are said word by word, with room for %d words each; d_model is %d, in %d\n"
        "heads. How many numbers does one layer's cache of keys and values hold?",
        B, capacity, E, H);
    quiz_hint(q, "A key and a value for each word. Heads are columns of them.");
    quiz_working(q, "%d x %d x 2 x %d, whatever the heads.", B, capacity, E);
    q->read = THE_CODE;
    quiz_number(q, (double)cache.kv->size, 0);
}

/* ---- What goes wrong ------------------------------------------------------------------------- */

/* What heads found, (1,H,T,D), each number its word. */
static Tensor *words_of_heads(int H, int T, int D) {
    Tensor *z = TENSOR(1, H, T, D);
    for (int i = 0; i < H * T * D; i++) z->data[i] = (real)(i / D % T);
    return z;
}

static void wrong_word(Random *random, QuizQuestion *q) {
    const int H = 2, T = quiz_between(random, 3, 5), D = quiz_between(random, 2, 3), E = H * D;
    const int row = quiz_between(random, 0, T - 1), column = quiz_between(random, 0, E - 1);
    const Tensor *y = wrong_merge(words_of_heads(H, T, D)); // (1,T,E)
    quiz_text(
        q,
        "Two heads found (1,2,%d,%d). Someone merges them by a reshape to (1,%d,%d), without the\n"
        "transpose. Which word's number (the first is 0) stands in row %d, column %d?",
        T, D, T, E, row, column);
    quiz_hint(q,
              "A reshape moves nothing: write the numbers of head 0 one after the other, then head "
              "1's.");
    quiz_working(
        q,
        "It is number %d in memory. A word of a head has %d, so it is row %d of the %d rows\n"
        "  that both heads have, and they have %d each.",
        row * E + column, D, (row * E + column) / D, H * T, T);
    q->read = GOES_WRONG;
    quiz_number(q, (double)y->data[row * E + column], 0);
}

static void wrong_number(Random *random, QuizQuestion *q) {
    const int H = 2, D = quiz_between(random, 2, 3), E = H * D, T = quiz_between(random, 2, 3) * 2;
    const int h = quiz_between(random, 0, H - 1), t = quiz_between(random, 1, T - 1);
    const int d = quiz_between(random, 0, D - 1), place = (h * T + t) * D + d;
    const Tensor *heads = wrong_split(digits(T, E), H); // (1,H,T,D)
    quiz_text(
        q,
        "The numbers of q (1,%d,%d) are tens for the word and ones for the column, both counted\n"
        "from 0. Someone makes two heads by a reshape to (1,2,%d,%d), without the transpose. "
        "Which\n"
        "number stands in head %d, token %d, place %d?",
        T, E, T, D, h, t, d);
    quiz_hint(q, "Write q's numbers in one line, and cut it into pieces of %d.", D);
    quiz_working(
        q,
        "Head %d begins %d numbers in; that one is number %d, and a word has %d: word %d,\n"
        "  column %d. A head has all columns of some words now.",
        h, h * T * D, place, E, place / E, place % E);
    q->read = GOES_WRONG;
    quiz_number(q, (double)heads->data[place], 0);
}

static void leaking_rows(Random *random, QuizQuestion *q) {
    const int H = quiz_between(random, 2, 3), T = quiz_between(random, 3, 6), D = 2;
    const Tensor *y = wrong_merge(words_of_heads(H, T, D)); // (1,T,H D)
    int rows = 0;
    for (int t = 0; t < T; t++) {
        bool later = false;
        for (int e = 0; e < H * D; e++) later |= y->data[t * H * D + e] > t;
        rows += later;
    }
    quiz_text(
        q,
        "%d heads found something for %d words, under a causal mask, and are merged by a reshape\n"
        "without the transpose. In how many of the %d rows stands something of a later word?",
        H, T, T);
    quiz_hint(q, "Row 0 holds the first %d words of head 0. Write all rows down.", H);
    quiz_working(q,
                 "Word after word, head after head, %d to a row. Through such rows a causal model\n"
                 "  reads the future.",
                 H);
    q->read = GOES_WRONG;
    quiz_number(q, rows, 0);
}

static void video_scale(Random *random, QuizQuestion *q) {
    const int root = quiz_between(random, 2, 4), H = root * root,
              D = quiz_between(random, 2, 9) * 4;
    double scale[2];
    for (int of_video = 0; of_video < 2; of_video++) {
        Parameters parameters = {0};
        scale[of_video] = (double)char_heads_new(&parameters, "", H * D, H, of_video, random).scale;
        parameters_free(&parameters);
    }
    quiz_text(
        q,
        "A model of width %d has %d heads of %d. Someone divides the scores by the root of the\n"
        "model's width. How many times too small are they?",
        H * D, H, D);
    quiz_hint(q, "A score is a sum over a head's columns, so sqrt(D) is right.");
    quiz_working(q, "sqrt(%d) / sqrt(%d) = sqrt(%d). The softmax is flatter than meant.", H * D, D,
                 H);
    q->read = GOES_WRONG;
    quiz_number(q, scale[0] / scale[1], 0.001);
}

static void silenced(Random *random, QuizQuestion *q) {
    enum { T = 4 };
    const int H = quiz_between(random, 2, 4), D = quiz_between(random, 2, 4), E = H * D;
    const int dead = quiz_between(random, 0, H - 1);
    Parameters parameters = {0};
    const MultiheadAttention m =
        multihead_new(&parameters, "", (MultiheadConfig){.d_model = E, .nhead = H}, random);
    for (int e = 0; e < E; e++)
        for (int d = 0; d < D; d++) m.out_proj.weight->data[e * E + dead * D + d] = 0;
    Tensor *x = TENSOR(1, T, E), *factor = TENSOR(1, T, E);
    random_fill_normal(random, x->data, x->size, 0, 1);
    random_fill_normal(random, factor->data, factor->size, 0, 1);
    backward(op_sum(op_mul(multihead_forward(&m, x, x, (Masks){0}, NULL, NULL), factor)));
    const real *grad = tensor_grad(m.in_proj_weight); // (3E,E)
    int rows = 0;
    for (int r = 0; r < 3 * E; r++) {
        bool any = false;
        for (int e = 0; e < E; e++) any |= grad[r * E + e] != 0;
        rows += any;
    }
    quiz_text(
        q,
        "d_model %d, %d heads. Head %d is silenced: its columns of W^O are zero. How many of the\n"
        "%d rows of W^Q, W^K and W^V (one matrix) get a gradient?",
        E, H, dead, 3 * E);
    quiz_hint(q, "dZ = dY W^O^T: what comes back to a head comes through its columns of W^O.");
    quiz_working(
        q, "%d rows of each of the three are the silenced head's, and hear nothing: 3 x (%d - %d).",
        D, E, D);
    q->read = BACKWARD;
    quiz_number(q, rows, 0);
    parameters_free(&parameters);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static QuizMaker *const makers[] = {
        head_of_column, split_digit,      shape,        head_score,  two_heads,
        all_weights,    layer_parameters, wide_heads,   cost,        cache_size,
        wrong_word,     wrong_number,     leaking_rows, video_scale, silenced,
    };
    return quiz_main(argc, argv, "Questions on chapter 4, with other numbers each time.", makers,
                     sizeof makers / sizeof makers[0]);
}
