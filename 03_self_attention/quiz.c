/* quiz.c - questions on chapter 3: scores, weights, masks, shapes, what the three projections are
 * for, and the way back.
 *
 * Beside: tutor - questions on scores and weights, masks, what the three projections are for
 */
#include "common/screen/quiz.h"

#include "03_self_attention/attention.h"
#include "03_self_attention/head.h"
#include "03_self_attention/lab/saturation.h"
#include "common/kernels.h"
#include "common/softmax.h"

#include <stdio.h>

static const char BY_HAND[] = "03_self_attention/README.md, \"By hand\"";
static const char THE_CODE[] = "03_self_attention/README.md, \"The code\"";
static const char RUN_IT[] = "03_self_attention/README.md, \"Run it\"";
static const char BACKWARD[] = "03_self_attention/README.md, \"The backward pass\"";
static const char GOES_WRONG[] = "03_self_attention/README.md, \"What goes wrong\"";

static const char *const ordinal[] = {"first", "second", "third", "fourth", "fifth", "sixth"};

/* ---- Scores and weights ---------------------------------------------------------------------- */

/* Attention shows weights, no scores. Beside a key of zeros, whose score is 0, the logarithm of the
 * ratio of the two weights is the score. */
static double score_of(const real *q, const real *k, int D) {
    Tensor *keys = TENSOR(2, D), *weights;
    memset(keys->data, 0, keys->size * sizeof(real));
    memcpy(keys->data, k, (size_t)D * sizeof(real));
    scaled_dot_product_attention(TENSOR_FROM(q, 1, D), keys, keys, (Masks){0}, 0, &weights);
    return log((double)weights->data[0] / (double)weights->data[1]);
}

static void score(Random *random, QuizQuestion *q) {
    enum { D = 4 };
    int a[D], b[D];
    real query[D], key[D];
    char query_text[32], key_text[32];
    quiz_draw(random, -2, 3, D, a, query);
    quiz_draw(random, -2, 2, D, b, key);
    int sum = 0;
    for (int d = 0; d < D; d++) sum += a[d] * b[d];
    quiz_text(q, "A query [%s] meets a key [%s]. Which score does the softmax get to see?",
              quiz_numbers_text(query_text, sizeof query_text, a, D),
              quiz_numbers_text(key_text, sizeof key_text, b, D));
    quiz_hint(q, "Q K^T / sqrt(D), and D is how many numbers a key has.");
    quiz_working(q, "The products %d, %d, %d, %d add up to %d, and that is divided by sqrt(4).",
                 a[0] * b[0], a[1] * b[1], a[2] * b[2], a[3] * b[3], sum);
    q->read = THE_CODE;
    quiz_number(q, score_of(query, key, D), 0.01);
}

/* One query of one number, 1: then the score of a key is the key. Keys ln n have the weights n. */
static Tensor *attend_by_shares(const int *n, Tensor *values, int S, Masks masks,
                                Tensor **weights) {
    const real one = 1;
    Tensor *keys = TENSOR(S, 1);
    for (int s = 0; s < S; s++) keys->data[s] = (real)log(n[s]);
    return scaled_dot_product_attention(TENSOR_FROM(&one, 1, 1), keys, values, masks, 0, weights);
}

static void output(Random *random, QuizQuestion *q) {
    static const int shares[][3] = {{2, 1, 1}, {1, 2, 1}, {1, 1, 2}, {1, 3, 1}, {3, 1, 4}};
    const int *n = shares[quiz_between(random, 0, 4)];
    const int total = n[0] + n[1] + n[2];
    int v[3];
    real values[3];
    quiz_draw(random, -9, 9, 3, v, values);
    for (int s = 0; s < 3; s++) values[s] *= (real)total;
    const Tensor *y = attend_by_shares(n, TENSOR_FROM(values, 3, 1), 3, (Masks){0}, NULL);
    quiz_text(q,
              "A query's weights are %g, %g, %g, and the three values are %d, %d, %d (one number\n"
              "each). What is the output?",
              n[0] / (double)total, n[1] / (double)total, n[2] / (double)total, v[0] * total,
              v[1] * total, v[2] * total);
    quiz_hint(q, "A mean of the values, weighted.");
    quiz_working(q, "%d + %d + %d.", n[0] * v[0], n[1] * v[1], n[2] * v[2]);
    q->read = THE_CODE;
    quiz_number(q, (double)tensor_item(y), 0.01);
}

static void mean_of_past(Random *random, QuizQuestion *q) {
    enum { T = 5 };
    int v[T];
    real values[T], zeros[T] = {0};
    char text[32];
    quiz_draw(random, 0, 9, T, v, values);
    const int t = quiz_between(random, 1, T - 2);
    Tensor *none = TENSOR_FROM(zeros, T, 1);
    const Tensor *y = scaled_dot_product_attention(none, none, TENSOR_FROM(values, T, 1),
                                                   (Masks){.causal = true}, 0, NULL);
    int sum = 0;
    for (int s = 0; s <= t; s++) sum += v[s];
    quiz_text(q,
              "All queries are 0, the mask is causal, and the values of the five tokens are\n"
              "%s. What is the output of the %s token?",
              quiz_numbers_text(text, sizeof text, v, T), ordinal[t]);
    quiz_hint(q, "Whom may it look at? And whom does it prefer, with scores that are all 0?");
    quiz_working(q, "The %d tokens up to itself get 1/%d each: %d / %d.", t + 1, t + 1, sum, t + 1);
    q->read = BY_HAND;
    quiz_number(q, (double)y->data[t], 0.006);
}

/* ---- The square root ------------------------------------------------------------------------- */

static void typical_score(Random *random, QuizQuestion *q) {
    static const int widths[] = {16, 25, 36, 64, 100};
    const int D = widths[quiz_between(random, 0, 4)];
    const Saturation s = saturation_measure(D, false, 1000, random);
    quiz_text(
        q,
        "Queries and keys are random numbers of mean 0 and variance 1, %d in each. How large\n"
        "is a typical product of a query and a key (its standard deviation)?",
        D);
    quiz_hint(q, "It is a sum of D products, each of variance 1. Variances add.");
    quiz_working(q,
                 "Its variance is %d; measured on 8000 products, the deviation was %.2f. That is "
                 "why\n  the scores are divided by sqrt(D).",
                 D, sqrt(s.variance));
    q->read = RUN_IT;
    quiz_number(q, sqrt(s.variance), sqrt(D) * 0.08);
}

/* || d weights / d scores ||^2 of a row of three scores, column by column of the way back. */
static double passes_back(const int *scores) {
    real p[3], dx[3];
    double squares = 0;
    for (int i = 0; i < 3; i++) p[i] = (real)scores[i];
    softmax_row(p, 3);
    for (int i = 0; i < 3; i++) {
        real dp[3] = {0};
        memset(dx, 0, sizeof dx);
        dp[i] = 1;
        softmax_row_backward(dx, dp, p, 3);
        for (int j = 0; j < 3; j++) squares += (double)dx[j] * (double)dx[j];
    }
    return squares;
}

static void saturated(Random *random, QuizQuestion *q) {
    enum { ROWS = 4 };
    const int a = quiz_between(random, 0, 2), b = a + quiz_between(random, 5, 9) * 2;
    const int level = quiz_between(random, 40, 60), row[ROWS][3] = {
                                                        {b, a, 0},
                                                        {a, 1, 0},
                                                        {level, level, level},
                                                        {level + 1, level, level},
                                                    };
    char choice[ROWS][160];
    double best = INFINITY;
    for (int i = 0; i < ROWS; i++) {
        REQUIRE(i == 0 || passes_back(row[i]) > best, "row %d passes less back", i);
        if (i == 0) best = passes_back(row[i]);
        quiz_numbers_text(choice[i], sizeof choice[i], row[i], 3);
    }
    quiz_text(q, "Four rows of scores, each on three keys. Through the softmax of which row does\n"
                 "hardly any gradient come back?");
    quiz_hint(q, "Which one has chosen? It is differences that count, not sizes.");
    quiz_working(q,
                 "%s: the others get a share of e^-%d. A softmax that has chosen has weights of 1\n"
                 "  and 0, and p (1 - p) is 0 for both.",
                 choice[0], b - a);
    q->read = RUN_IT;
    quiz_choices(q, random, ROWS, choice);
}

/* ---- Masks ----------------------------------------------------------------------------------- */

static void row_of_weights(Random *random, QuizQuestion *q) {
    enum { S = 3, WAYS = 4 };
    int n[S];
    do quiz_draw(random, 0, 3, S, n, NULL);
    while (n[S - 1] == 0); // a hidden key that scores 0 would look alike in two of the rows
    const unsigned char last[S] = {0, 0, 1};
    real row[WAYS][S];
    for (int w = 0; w < WAYS; w++)
        for (int s = 0; s < S; s++) row[w][s] = (real)n[s];
    masks_fill(row[0], (Masks){.key_padding_mask = last}, 1, S);
    row[2][S - 1] = 0;
    char choice[WAYS][160];
    for (int w = 0; w < WAYS; w++) {
        softmax_row(row[w], S);
        if (w == 3) row[w][S - 1] = 0; // hidden only afterwards
        snprintf(choice[w], sizeof choice[w], "%.3f %.3f %.3f", (double)row[w][0],
                 (double)row[w][1], (double)row[w][2]);
    }
    quiz_text(q,
              "A query scores %d, %d and %d on three keys. The third is <pad>, and hidden. Which\n"
              "are the weights?",
              n[0], n[1], n[2]);
    quiz_hint(q, "A hidden key gets a weight of exactly 0 while the rest still adds up to 1.");
    quiz_working(
        q, "Its score becomes minus infinity before the softmax. With the score 0 it still "
           "gets\n  a share; with its weight set to 0 afterwards the rest does not add up to 1.");
    q->read = RUN_IT;
    quiz_choices(q, random, WAYS, choice);
}

static void pairs_left(Random *random, QuizQuestion *q) {
    enum { MOST = 8 };
    const int T = quiz_between(random, 5, MOST), pads = quiz_between(random, 1, 2);
    const bool causal = quiz_between(random, 0, 1);
    unsigned char padding[MOST] = {0}, ignored[MOST * MOST];
    for (int s = T - pads; s < T; s++) padding[s] = 1;
    masks_merge(ignored, (Masks){.key_padding_mask = padding, .causal = causal}, 1, T, T);
    int left = 0;
    for (int i = 0; i < T * T; i++) left += !ignored[i];
    quiz_text(q,
              "A sentence is %d places long, the last %d of them <pad>. Its %d x %d weights are\n"
              "under a padding mask%s. How many of them are not 0?",
              T, pads, T, T, causal ? " and a causal one" : "");
    quiz_hint(q,
              "A padding mask hides keys (columns), a causal one what lies ahead. No row is left "
              "out:\n  a <pad> looks around like everyone.");
    if (causal)
        quiz_working(
            q, "Row t sees t keys, but never more than %d: 1 + 2 + ... + %d, and %d times %d.",
            T - pads, T - pads, pads, T - pads);
    else
        quiz_working(q, "%d columns are hidden, so %d rows of %d are left.", pads, T, T - pads);
    q->read = RUN_IT;
    quiz_number(q, left, 0);
}

static void nothing_left(Random *random, QuizQuestion *q) {
    enum { MOST = 8 };
    const int S = quiz_between(random, 4, MOST);
    const bool finite = quiz_between(random, 0, 1);
    unsigned char all[MOST];
    memset(all, 1, sizeof all);
    real row[MOST];
    for (int s = 0; s < S; s++) row[s] = (real)(finite ? -1e9 : quiz_between(random, -3, 3));
    if (!finite) masks_fill(row, (Masks){.key_padding_mask = all}, 1, S);
    softmax_row(row, (size_t)S);
    quiz_text(q,
              "All %d keys of a query are hidden, their scores set to %s. Which weight does\n"
              "each key get from the softmax of this repository?",
              S, finite ? "-1e9" : "minus infinity");
    quiz_hint(q, "%s",
              finite ? "They are equal, and a softmax looks at differences only."
                     : "It must not be NaN, and a hidden key is never looked at.");
    quiz_working(q, "%s",
                 finite ? "-1e9 hides nothing where all scores are -1e9: equal shares, "
                          "padding included."
                        : "A row without keys gives zeros. Without that rule it would be "
                          "infinity less infinity,\n  which is NaN.");
    q->read = GOES_WRONG;
    quiz_number(q, (double)row[0], 0.002);
}

/* ---- Shapes and counts ----------------------------------------------------------------------- */

static void shape(Random *random, QuizQuestion *q) {
    const int B = quiz_between(random, 2, 4), T = quiz_between(random, 3, 5);
    const int S = quiz_between(random, 6, 8), D = quiz_between(random, 9, 12), Dv = D + 4;
    const bool of_weights = quiz_between(random, 0, 1);
    Tensor *query = TENSOR(B, T, D), *key = TENSOR(B, S, D), *value = TENSOR(B, S, Dv), *weights;
    random_fill_normal(random, query->data, query->size, 0, 1);
    random_fill_normal(random, key->data, key->size, 0, 1);
    random_fill_normal(random, value->data, value->size, 0, 1);
    const Tensor *y = scaled_dot_product_attention(query, key, value, (Masks){0}, 0, &weights);
    const Tensor *asked = of_weights ? weights : y;
    quiz_text(q, "q is (%d,%d,%d), k is (%d,%d,%d), v is (%d,%d,%d). What shape %s?", B, T, D, B, S,
              D, B, S, Dv, of_weights ? "have the weights" : "has the output");
    quiz_hint(q, "%s",
              of_weights ? "Every query against every key, in each sentence."
                         : "For each query a mean of values.");
    quiz_working(q, "%d sentences, a row for each of %d queries; %s.", B, T,
                 of_weights ? "in it a weight for each key" : "as long as a value");
    q->read = THE_CODE;
    quiz_shape(q, asked->ndim, asked->shape);
}

static void products(Random *random, QuizQuestion *q) {
    const int T = quiz_between(random, 2, 5) * 10, D = quiz_between(random, 2, 4) * 4;
    const int times = quiz_between(random, 2, 4);
    double count[2];
    for (int i = 0; i < 2; i++) {
        const int length = i ? T * times : T;
        Tensor *x = TENSOR(length, D), *weights;
        random_fill_normal(random, x->data, x->size, 0, 1);
        const Tensor *y = scaled_dot_product_attention(x, x, x, (Masks){0}, 0, &weights);
        // Each weight is a sum of D products, each number of the output one of T products.
        count[i] = (double)weights->size * D + (double)y->size * length;
    }
    quiz_text(
        q,
        "A sentence of %d tokens, queries, keys and values of %d numbers. For a sentence of %d\n"
        "tokens, Q K^T and the weights times V take how many times as many products?",
        T, D, T * times);
    quiz_hint(q, "Write down how many numbers each of the two results has, and what each costs.");
    quiz_working(q, "Both take T T D products: %d times the length, %d x %d times the products.",
                 times, times, times);
    q->read = THE_CODE;
    quiz_number(q, count[1] / count[0], 0);
}

static void head_parameters(Random *random, QuizQuestion *q) {
    const int E = quiz_between(random, 2, 6) * 10, D = quiz_between(random, 2, 9);
    Parameters parameters = {0};
    attention_head_new(&parameters, "", E, D, random);
    quiz_text(q,
              "One head: inputs of %d numbers are projected to queries, keys and values of %d,\n"
              "without biases. How many numbers does training change?",
              E, D);
    quiz_hint(q, "Three matrices. The softmax and the masks have nothing to learn.");
    quiz_working(q, "3 x %d x %d.", E, D);
    q->read = THE_CODE;
    quiz_number(q, (double)parameters_size(&parameters), 0);
    parameters_free(&parameters);
}

/* ---- Query, key, value ----------------------------------------------------------------------- */

enum { TOKENS = 4, CHANGED = 1 };

/* What moves when token CHANGED gets another query (0), key (1) or value (2). */
typedef struct {
    bool own_weights, others_weights, own_output, others_output;
} Moved;

static Moved moved_by(int which, Random *random) {
    Tensor *x[3], *weights[2], *y[2];
    for (int i = 0; i < 3; i++) {
        x[i] = TENSOR(TOKENS, 2);
        random_fill_normal(random, x[i]->data, x[i]->size, 0, 1);
    }
    for (int after = 0; after < 2; after++) {
        y[after] = scaled_dot_product_attention(x[0], x[1], x[2], (Masks){0}, 0, &weights[after]);
        x[which]->data[CHANGED * 2] += 1;
    }
    Moved moved = {0};
    for (int t = 0; t < TOKENS; t++) {
        const bool weight = memcmp(weights[0]->data + t * TOKENS, weights[1]->data + t * TOKENS,
                                   TOKENS * sizeof(real)) != 0;
        const bool out = memcmp(y[0]->data + t * 2, y[1]->data + t * 2, 2 * sizeof(real)) != 0;
        *(t == CHANGED ? &moved.own_weights : &moved.others_weights) |= weight;
        *(t == CHANGED ? &moved.own_output : &moved.others_output) |= out;
    }
    return moved;
}

static void which_of_three(Random *random, QuizQuestion *q) {
    static const char *const name[] = {"the query", "the key", "the value"};
    static const char *const because[] = {"It asks otherwise; by its key it is found as before.",
                                          "Everyone's questions meet another name, its own too.",
                                          "Who looks at whom is settled; it hands over another."};
    const int which = quiz_between(random, 0, 2);
    const Moved moved = moved_by(which, random);
    for (int i = 0; i < 3; i++) {
        const Moved other = moved_by(i, random);
        REQUIRE((memcmp(&other, &moved, sizeof moved) == 0) == (i == which), "%d moves the same",
                i);
    }
    quiz_text(q,
              "One token of a sentence got another query, another key or another value; no mask.\n"
              "Its own row of weights %s, those of the other tokens %s, and the others'\n"
              "outputs %s. Which of the three was it?",
              moved.own_weights ? "changed" : "stayed", moved.others_weights ? "changed" : "stayed",
              moved.others_output ? "changed" : "stayed");
    quiz_hint(q, "It asks, has a name to be found by, and has something to hand over.");
    quiz_working(q, "%s", because[which]);
    q->read = BY_HAND;
    for (int i = 0; i < 3; i++) quiz_choice(q, i == which, "%s", name[i]);
}

static void symmetric(Random *random, QuizQuestion *q) {
    int n[4], w[4];
    real x[4], matrix[4];
    char x_text[2][16];
    quiz_draw(random, 1, 4, 4, n, x);
    do quiz_draw(random, -2, 2, 4, w, matrix);
    while (w[0] == w[1] && w[2] == w[3]);
    Tensor *projected = op_matmul(TENSOR_FROM(x, 2, 2), TENSOR_FROM(matrix, 2, 2));
    const Tensor *scores = op_matmul(projected, op_transpose(projected, 0, 1)); // (2,2)
    quiz_text(
        q,
        "A layer uses one and the same matrix for queries and keys. Token 1, [%s], scores %g\n"
        "on token 2, [%s]. What does token 2 score on token 1?",
        quiz_numbers_text(x_text[0], sizeof x_text[0], n, 2), (double)scores->data[1],
        quiz_numbers_text(x_text[1], sizeof x_text[1], n + 2, 2));
    quiz_hint(q, "You need not know the matrix.");
    quiz_working(q, "The same two vectors are multiplied. So if 3 looks at 4, 4 looks back at 3,\n"
                    "  whatever you train: a question is not a name.");
    q->read = RUN_IT;
    quiz_number(q, (double)scores->data[2], 0.001);
}

/* ---- The way back ---------------------------------------------------------------------------- */

static void rows_with_gradient(Random *random, QuizQuestion *q) {
    enum { MOST = 8 };
    const int T = quiz_between(random, 5, MOST), t = quiz_between(random, 1, T - 2);
    const bool causal = quiz_between(random, 0, 2) > 0;
    real numbers[MOST * 2];
    random_fill_normal(random, numbers, sizeof numbers / sizeof numbers[0], 0, 1);
    Tensor *v = tensor_variable(numbers, 2, SHAPE(T, 2)), *x = TENSOR_FROM(numbers, T, 2);
    Tensor *y = scaled_dot_product_attention(x, x, v, (Masks){.causal = causal}, 0, NULL);
    backward(op_sum(op_slice(y, 0, t, 1)));
    int rows = 0;
    for (int s = 0; s < T; s++) rows += tensor_grad(v)[s * 2] != 0;
    quiz_text(q,
              "%d tokens, %s. The loss looks at the output of token %d alone (counted from 1).\n"
              "How many rows of V get a gradient?",
              T, causal ? "causal mask" : "no mask", t + 1);
    quiz_hint(q, "Each value hears from all who looked at it.");
    quiz_working(q, "Token %d looks at %d tokens%s. A weight of 0 passes nothing back.", t + 1,
                 rows, causal ? ", itself and those before it" : ", all of them");
    q->read = BACKWARD;
    quiz_number(q, rows, 0);
}

static void value_gradient(Random *random, QuizQuestion *q) {
    static const int shares[][2] = {{1, 1}, {1, 3}, {3, 1}, {1, 4}, {4, 1}};
    const int *n = shares[quiz_between(random, 0, 4)], total = n[0] + n[1];
    const int g = quiz_between(random, 1, 9) * 4;
    Tensor *v = tensor_variable((const real[2]){1, 2}, 2, SHAPE(2, 1));
    backward(op_sum(op_scale(attend_by_shares(n, v, 2, (Masks){0}, NULL), (real)g)));
    quiz_text(
        q,
        "A query gave two keys the weights %g and %g. Into its output (one number) flows the\n"
        "gradient %d. Which gradient does the first value get?",
        n[0] / (double)total, n[1] / (double)total, g);
    quiz_hint(q, "dV = P^T dy: in proportion to how much it was looked at.");
    quiz_working(q, "%g x %d.", n[0] / (double)total, g);
    q->read = BACKWARD;
    quiz_number(q, (double)tensor_grad(v)[0], 0.01);
}

static void score_gradient(Random *random, QuizQuestion *q) {
    int g[3];
    real dp[3], dx[3] = {0}, p[] = {(real)log(2), 0, 0};
    char text[32];
    quiz_draw(random, -2, 5, 3, g, dp);
    for (int i = 0; i < 3; i++) dp[i] = (real)(g[i] *= 4);
    softmax_row(p, 3);
    softmax_row_backward(dx, dp, p, 3);
    const double mean = g[0] / 2.0 + g[1] / 4.0 + g[2] / 4.0;
    quiz_text(q,
              "A query's weights are 0.5, 0.25, 0.25, and the gradients with respect to them are\n"
              "%s. What is the gradient with respect to its first score?",
              quiz_numbers_text(text, sizeof text, g, 3));
    quiz_hint(q, "dS = P (dP - sum of dP P): a score raises its own weight and lowers the others.");
    quiz_working(q, "The sum is %g, so 0.5 x (%d - %g).", mean, g[0], mean);
    q->read = BACKWARD;
    quiz_number(q, (double)dx[0], 0.01);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static QuizMaker *const makers[] = {
        score,           output,
        which_of_three,  shape,
        mean_of_past,    row_of_weights,
        pairs_left,      nothing_left,
        typical_score,   saturated,
        symmetric,       products,
        head_parameters, rows_with_gradient,
        value_gradient,  score_gradient,
    };
    return quiz_main(argc, argv, "Questions on chapter 3, with other numbers each time.", makers,
                     sizeof makers / sizeof makers[0]);
}
