/* quiz.c - questions on chapter 5: norms, residuals, shift right, which mask where, what a layer
 * costs, and which curve had no warm-up.
 *
 * Beside: tutor - questions on norms, residuals, which mask where, which curve had no warm-up
 */
#include "common/screen/quiz.h"

#include "05_encoder_decoder/decoder_caches.h"
#include "05_encoder_decoder/lab/phrases.h"
#include "05_encoder_decoder/lab/warm_up_curve.h"
#include "05_encoder_decoder/shift_right.h"
#include "05_encoder_decoder/trace.h"
#include "common/kernels.h"

#include <stdio.h>

static const char BY_HAND[] = "05_encoder_decoder/README.md, \"By hand\"";
static const char THE_CODE[] = "05_encoder_decoder/README.md, \"The code\"";
static const char RUN_IT[] = "05_encoder_decoder/README.md, \"Run it\"";
static const char BACKWARD[] = "05_encoder_decoder/README.md, \"The backward pass\"";
static const char GOES_WRONG[] = "05_encoder_decoder/README.md, \"What goes wrong\"";

enum { VOCAB = 12, LONGEST = 8, HEADS = 2 };

/* ---- The norm -------------------------------------------------------------------------------- */

/* Layer norm of one token, weight and bias the same for all its numbers. */
static void normalise(real *y, const real *x, int E, real weight, real bias) {
    real w[4], b[4], mean, rstd;
    for (int e = 0; e < E; e++) {
        w[e] = weight;
        b[e] = bias;
    }
    layer_norm_forward(y, &mean, &rstd, x, w, b, 1, (size_t)E);
}

static void norm_by_hand(Random *random, QuizQuestion *q) {
    // Distances from the mean, and their squares' mean.
    static const int off[][4] = {{-1, 1, -1, 1}, {-1, -1, -1, 3}, {3, 1, -3, -1}, {-2, 0, 0, 2}};
    const int *d = off[quiz_between(random, 0, 3)], mean = quiz_between(random, 1, 9);
    const int times = quiz_between(random, 1, 3), w = quiz_between(random, 1, 3);
    const int b = quiz_between(random, -2, 2);
    int n[4], squares = 0;
    real x[4], y[4];
    char text[32];
    for (int i = 0; i < 4; i++) {
        x[i] = (real)(n[i] = mean + times * d[i]);
        squares += times * d[i] * times * d[i];
    }
    normalise(y, x, 4, (real)w, (real)b);
    quiz_text(q,
              "A token of four numbers, [%s], goes through a layer norm. Its weights are all %d,\n"
              "its biases are all %d. What is the last number that comes out?",
              quiz_numbers_text(text, sizeof text, n, 4), w, b);
    quiz_hint(q, "Mean; differences from it; their squares' mean, whose root is the deviation.");
    quiz_working(q, "Mean %d, variance %d / 4, so %d * (%d - %d) / sqrt(%g) + %d.", mean, squares,
                 w, n[3], mean, squares / 4.0, b);
    q->read = BY_HAND;
    quiz_number(q, (double)y[3], 0.02);
}

static void norm_forgets(Random *random, QuizQuestion *q) {
    int n[3], moved[3];
    real x[3], y[3], again[3];
    char text[32], moved_text[32];
    do quiz_draw(random, 0, 9, 3, n, x);
    while (n[0] == n[1] || n[1] == n[2]);
    const int times = quiz_between(random, 2, 5), plus = quiz_between(random, 1, 9) * 10;
    normalise(y, x, 3, 1, 0);
    for (int i = 0; i < 3; i++) x[i] = (real)(moved[i] = n[i] * times + plus);
    normalise(again, x, 3, 1, 0);
    quiz_text(q,
              "A fresh layer norm makes [%.3f %.3f %.3f] of [%s]. Predict: what does it make "
              "of\nthe first number of [%s]?",
              (double)y[0], (double)y[1], (double)y[2], quiz_numbers_text(text, sizeof text, n, 3),
              quiz_numbers_text(moved_text, sizeof moved_text, moved, 3));
    quiz_hint(q,
              "The second row is %d times the first, plus %d. What do mean and deviation become?",
              times, plus);
    quiz_working(q, "What is added goes with the mean, what is multiplied with the deviation: the\n"
                    "  same numbers come out.");
    q->read = BACKWARD;
    quiz_number(q, (double)again[0], 0.005);
}

static void add_and_norm(Random *random, QuizQuestion *q) {
    int x[2], f[2];
    real x_values[2], f_values[2];
    char x_text[16], f_text[16];
    do {
        quiz_draw(random, -4, 9, 2, x, x_values);
        quiz_draw(random, -4, 9, 2, f, f_values);
    } while (x[0] + f[0] == x[1] + f[1]);
    const LayerConfig config = {.d_model = 2, .norm_first = quiz_between(random, 0, 1)};
    Parameters parameters = {0};
    const LayerNorm norm = layer_norm_new(&parameters, "", 2);
    const Tensor *y =
        sublayer_leave(TENSOR_FROM(x_values, 1, 2), TENSOR_FROM(f_values, 1, 2), &norm, &config);
    quiz_text(q,
              "Around a %s-norm sub-layer goes x = [%s], and f gives [%s]. The norm is as new.\n"
              "What is the first number that goes on?",
              config.norm_first ? "pre" : "post", quiz_numbers_text(x_text, sizeof x_text, x, 2),
              quiz_numbers_text(f_text, sizeof f_text, f, 2));
    quiz_hint(q, "Post-norm is norm(x + f(x)), pre-norm is x + f(norm(x)).");
    if (config.norm_first)
        quiz_working(q, "f has had its norm; what leaves is the sum, %d + %d.", x[0], f[0]);
    else
        quiz_working(q,
                     "The norm of [%d %d]: two numbers are always one deviation from their mean.",
                     x[0] + f[0], x[1] + f[1]);
    q->read = THE_CODE;
    quiz_number(q, (double)y->data[0], 0.01);
    parameters_free(&parameters);
}

static void deep_gradient(Random *random, QuizQuestion *q) {
    static const double factors[] = {0.5, 1, 2};
    const double c = factors[quiz_between(random, 0, 2)];
    const int layers = quiz_between(random, 2, 4);
    const bool residual = quiz_between(random, 0, 3) > 0;
    Tensor *x = tensor_variable((const real[]){1}, 0, NULL), *y = x;
    for (int i = 0; i < layers; i++) {
        Tensor *f = op_scale(y, (real)c);
        y = residual ? op_add(y, f) : f;
    }
    backward(y);
    quiz_text(q,
              "Each of %d layers computes f(x) = %g x, and %s.\nA gradient of 1 comes in at the "
              "top. Which gradient arrives at the bottom?",
              layers, c, residual ? "there is a residual around it" : "nothing goes around it");
    quiz_hint(q, "dx = dy + (df/dx) dy with a residual, layer after layer; without it the second "
                 "part alone.");
    quiz_working(q, "%g to the power of %d.", residual ? 1 + c : c, layers);
    q->read = BACKWARD;
    quiz_number(q, (double)tensor_grad(x)[0], 0.001);
}

/* ---- Counts ---------------------------------------------------------------------------------- */

static void layer_parameters(Random *random, QuizQuestion *q) {
    const int E = quiz_between(random, 1, 3) * 4, F = E * quiz_between(random, 2, 4);
    const bool decoder = quiz_between(random, 0, 1);
    const LayerConfig config = {.d_model = E, .nhead = 2, .dim_feedforward = F};
    Parameters parameters = {0};
    if (decoder)
        decoder_layer_new(&parameters, "", config, random);
    else
        encoder_layer_new(&parameters, "", config, random);
    const int attentions = decoder ? 2 : 1;
    quiz_text(
        q,
        "How many numbers does training change in one %s layer with d_model %d, 2 heads and a\n"
        "feed-forward of %d, everything with biases?",
        decoder ? "decoder" : "encoder", E, F);
    quiz_hint(
        q, "Count attentions (four matrices E x E and four biases each), two linear layers, and\n"
           "  a norm (weight and bias) for each sub-layer. The number of heads does not matter.");
    quiz_working(q, "%d x 4 x (%d x %d + %d), %d x %d + %d, %d x %d + %d, and %d norms of 2 x %d.",
                 attentions, E, E, E, E, F, F, F, E, E, attentions + 1, E);
    q->read = THE_CODE;
    quiz_number(q, (double)parameters_size(&parameters), 0);
    parameters_free(&parameters);
}

static Transformer *small_model(int E, int vocab, bool tied, Random *random) {
    const TransformerConfig config = {
        .layer = {.d_model = E, .nhead = HEADS, .dim_feedforward = 2 * E},
        .num_encoder_layers = 1,
        .num_decoder_layers = 1,
        .src_vocab = vocab,
        .tgt_vocab = vocab,
        .tie_embeddings = tied};
    return transformer_new(&config, random);
}

static void one_matrix(Random *random, QuizQuestion *q) {
    const int E = quiz_between(random, 2, 6) * 2, vocab = quiz_between(random, 3, 9) * 10;
    size_t size[2];
    for (int tied = 0; tied < 2; tied++) {
        Transformer *model = small_model(E, vocab, tied, random);
        size[tied] = parameters_size(&model->parameters);
        const Tensor *bias = parameters_find(&model->parameters, "generator.bias");
        if (bias) size[tied] -= bias->size; // the question is about matrices
        transformer_free(model);
    }
    quiz_text(
        q,
        "A model with d_model %d and one vocabulary of %d pieces for both languages has two\n"
        "embeddings and a generator. Make one matrix of the three: how many numbers are saved?",
        E, vocab);
    quiz_hint(q, "Each of the three has a row of d_model numbers for every piece.");
    quiz_working(q, "Two of the three matrices of %d x %d.", vocab, E);
    q->read = THE_CODE;
    quiz_number(q, (double)(size[0] - size[1]), 0);
}

/* A Trace that counts the places that go through the decoder's feed-forward. */
static void count_places(void *context, const char *module, const Tensor *output) {
    if (strstr(module, "decoder.layers.0.linear1")) *(int *)context += output->shape[1];
}

static void places_computed(Random *random, QuizQuestion *q) {
    const int words = quiz_between(random, 4, LONGEST), src[] = {5, 6, TOKEN_EOS};
    const bool cached = quiz_between(random, 0, 2) == 0;
    const int tgt[LONGEST] = {TOKEN_BOS, 3, 4, 5, 6, 7, 8, 9};
    Transformer *model = small_model(4, VOCAB, false, random);
    Tensor *memory = transformer_encode(model, src, 1, 3, (Masks){0}, NULL);
    DecoderCache *caches = cached ? decoder_caches_new(model, memory, words) : NULL;
    int places = 0;
    trace_set(count_places, &places);
    for (int t = 0; t < words; t++)
        transformer_decode(model, cached ? tgt + t : tgt, 1, cached ? 1 : t + 1, memory, (Masks){0},
                           caches, NULL);
    trace_set(NULL, NULL);
    quiz_text(q,
              "A decoder says %d words one by one, and %s of earlier words.\nHow many "
              "places go through each of its layers, all steps together?",
              words, cached ? "keeps the keys and values" : "keeps nothing");
    quiz_hint(q, "Before the first word it reads <s>, before the second <s> and one word, ...");
    if (cached)
        quiz_working(q, "One new place for each word: %d.", words);
    else
        quiz_working(q, "1 + 2 + ... + %d: each step computes all the earlier ones anew.", words);
    q->read = RUN_IT;
    quiz_number(q, places, 0);
    transformer_free(model);
}

static void loss_places(Random *random, QuizQuestion *q) {
    enum { PAIRS = 3 };
    static Phrase phrases[PHRASE_COUNT];
    phrases_make(phrases);
    SentencePair pairs[PAIRS];
    char text[200] = "";
    size_t order[PHRASE_COUNT], used = 0;
    random_permutation(random, order, PHRASE_COUNT);
    for (int i = 0; i < PAIRS; i++) {
        pairs[i] = phrases[order[i]].pair;
        for (int t = 0; t < pairs[i].tgt_length; t++)
            used += (size_t)snprintf(text + used, sizeof text - used, t ? " %s" : "\n    %s",
                                     phrase_french(pairs[i].tgt[t]));
    }
    const Batch batch = teacher_batch(pairs, PAIRS);
    quiz_text(q, "Three translations are one batch:%s\nHow many places count in the loss?", text);
    quiz_hint(q,
              "Each place is to say the next word, and the last word is not the last thing to be "
              "said.");
    quiz_working(q,
                 "A place for each word and one for each </s>; the rest of the %d x %d places are "
                 "<pad>,\n  and left out.",
                 batch.B, batch.T);
    q->read = BY_HAND;
    quiz_number(q, cross_entropy_count(batch.labels, batch.B * batch.T, TOKEN_PAD), 0);
}

/* ---- What the decoder reads ------------------------------------------------------------------ */

/* " je t' aime </s>" without the first space, cut at TOKEN_PAD or not. */
static void words_text(char text[160], const int *ids, int count) {
    text[0] = '\0';
    for (int i = 0; i < count; i++)
        snprintf(text + strlen(text), 160 - strlen(text), i ? "  %s" : "%s", phrase_french(ids[i]));
}

static void decoder_input(Random *random, QuizQuestion *q) {
    static Phrase phrases[PHRASE_COUNT];
    phrases_make(phrases);
    const SentencePair *pair = &phrases[random_below(random, PHRASE_COUNT)].pair;
    const Batch batch = teacher_batch(pair, 1);
    int input[PHRASE_LENGTH], left[PHRASE_LENGTH + 1];
    char choice[3][160], target[160];
    shift_right(input, batch.labels, 1, batch.T, TOKEN_BOS);
    memcpy(left, batch.labels + 1, (size_t)(batch.T - 1) * sizeof *left);
    left[batch.T - 1] = TOKEN_PAD;
    words_text(choice[0], input, batch.T);
    words_text(choice[1], batch.labels, batch.T);
    words_text(choice[2], left, batch.T);
    words_text(target, batch.labels, batch.T);
    quiz_text(q, "The decoder is to say\n    %s\nWhat does it read in training?", target);
    quiz_hint(q, "Each place may read up to itself, and must not find its answer there.");
    quiz_working(q, "The target, shifted right by one place: what stands above a word is the word "
                    "before it.");
    q->read = BY_HAND;
    quiz_choices(q, random, 3, choice);
}

/* One pass of a small model over one pair, whose attention is kept. */
typedef struct {
    Tensor *encoder_self, *decoder_self, *decoder_cross, *logits;
} Pass;

static Pass pass(Transformer *model, const int *src, int S, const int *tgt, int T, int B) {
    Pass p;
    AttentionWeights weights = {&p.encoder_self, &p.decoder_self, &p.decoder_cross};
    const Batch batch = {B, S, T, src, tgt, NULL};
    p.logits = transformer_logits(model, transformer_forward(model, &batch, &weights));
    return p;
}

static void random_words(Random *random, int *ids, int count) {
    quiz_draw(random, TOKEN_TEXT, VOCAB - 1, count, ids, NULL);
}

static void who_is_read(Random *random, QuizQuestion *q) {
    static const char *const where[] = {
        "In the encoder, from how many places does source place 1",
        "In the decoder's self-attention, from how many places does",
        "In cross-attention, from how many places of the source does"};
    const int S = quiz_between(random, 5, LONGEST), pads = quiz_between(random, 1, 3);
    const int T = quiz_between(random, 4, LONGEST), t = quiz_between(random, 2, T - 1);
    const int kind = quiz_between(random, 0, 2);
    int src[LONGEST] = {0}, tgt[LONGEST] = {TOKEN_BOS};
    random_words(random, src, S - pads);
    random_words(random, tgt + 1, T - 1);
    Transformer *model = small_model(4, VOCAB, false, random);
    const Pass p = pass(model, src, S, tgt, T, 1);
    const Tensor *w = kind == 0 ? p.encoder_self : kind == 1 ? p.decoder_self : p.decoder_cross;
    const int keys = w->shape[3], row = kind == 0 ? 0 : t - 1;
    int read = 0;
    for (int s = 0; s < keys; s++) read += w->data[row * keys + s] > 0;
    char place[32] = "";
    if (kind) snprintf(place, sizeof place, " target place %d", t);
    quiz_text(q,
              "In a batch a source has %d words and %d <pad>, the target %d words (counting <s>).\n"
              "%s%s read?",
              S - pads, pads, T, where[kind], place);
    quiz_hint(q,
              "Three masks: <pad> of the source is hidden from everyone who reads the source, the\n"
              "  future is hidden from the decoder.");
    quiz_working(q,
                 kind == 1 ? "The places up to itself, %d."
                           : "All %d words of the source, before "
                             "it and after it.",
                 read);
    q->read = BY_HAND;
    quiz_number(q, read, 0);
    transformer_free(model);
}

static void shape(Random *random, QuizQuestion *q) {
    static const char *const what[] = {"the encoder's attention weights",
                                       "the cross-attention weights",
                                       "the decoder's self-attention weights", "the logits"};
    const int B = quiz_between(random, 3, 5), S = quiz_between(random, 7, LONGEST);
    const int T = quiz_between(random, 4, 6), kind = quiz_between(random, 0, 3);
    int src[5 * LONGEST], tgt[5 * LONGEST];
    random_words(random, src, B * S);
    random_words(random, tgt, B * T);
    Transformer *model = small_model(4, VOCAB, false, random);
    const Pass p = pass(model, src, S, tgt, T, B);
    const Tensor *asked[] = {p.encoder_self, p.decoder_cross, p.decoder_self, p.logits};
    quiz_text(
        q,
        "B = %d sentences, S = %d source places, T = %d target places, %d heads, a vocabulary\n"
        "of %d. What shape have %s%s?",
        B, S, T, HEADS, VOCAB, what[kind], kind == 3 ? "" : " of one layer");
    quiz_hint(q, "Who asks makes the rows, who is asked the columns; logits score every piece.");
    quiz_working(q, "%s",
                 kind == 0   ? "Each head: every source place against every source place."
                 : kind == 1 ? "Each head: every target place asks every source place."
                 : kind == 2 ? "Each head: every target place against every target place."
                             : "At every target place a score for every piece.");
    q->read = THE_CODE;
    quiz_shape(q, asked[kind]->ndim, asked[kind]->shape);
    transformer_free(model);
}

static void what_changes(Random *random, QuizQuestion *q) {
    const int S = quiz_between(random, 4, LONGEST), T = quiz_between(random, 4, LONGEST);
    const bool source = quiz_between(random, 0, 3) == 0;
    const int place = quiz_between(random, 2, (source ? S : T) - 1);
    int src[LONGEST], tgt[LONGEST];
    random_words(random, src, S);
    random_words(random, tgt, T);
    Transformer *model = small_model(4, VOCAB, false, random);
    const Tensor *before = pass(model, src, S, tgt, T, 1).logits;
    int *word = source ? &src[place - 1] : &tgt[place - 1];
    *word = *word == TOKEN_TEXT ? TOKEN_TEXT + 1 : TOKEN_TEXT;
    const Tensor *after = pass(model, src, S, tgt, T, 1).logits;
    int changed = 0;
    for (int t = 0; t < T; t++) {
        double most = 0;
        for (int v = 0; v < VOCAB; v++)
            most = fmax(most,
                        fabs((double)(before->data[t * VOCAB + v] - after->data[t * VOCAB + v])));
        changed += most > 1e-4;
    }
    quiz_text(q,
              "The source has %d places, the decoder reads %d. Put another word in place %d "
              "of\n%s. At how many of the decoder's places do the logits change?",
              S, T, place, source ? "the source" : "what the decoder reads");
    quiz_hint(q,
              "The causal mask hides what lies ahead in the decoder; the source is read by all.");
    if (source)
        quiz_working(q, "The encoder has no causal mask, and all %d places ask it.", T);
    else
        quiz_working(q,
                     "At place %d and behind it, %d - %d + 1. The earlier ones must not notice: "
                     "that\n  is the test for a forgotten mask.",
                     place, T, place);
    q->read = GOES_WRONG;
    quiz_number(q, changed, 0);
    transformer_free(model);
}

static void embedding_rows(Random *random, QuizQuestion *q) {
    const int T = quiz_between(random, 5, 6), t = quiz_between(random, 3, T - 1);
    int src[4], tgt[LONGEST] = {TOKEN_BOS}, labels[LONGEST] = {TOKEN_PAD};
    char text[32];
    random_words(random, src, 4);
    quiz_draw(random, TOKEN_TEXT, TOKEN_TEXT + 3, T - 1, tgt + 1, NULL); // few, so that some recur
    labels[t - 1] = TOKEN_EOS;
    Transformer *model = small_model(4, VOCAB, false, random);
    const Batch batch = {1, 4, T, src, tgt, labels};
    backward(transformer_loss(model, &batch, 0));
    const real *grad = tensor_grad(model->tgt_embed.weight); // (V,E)
    int rows = 0;
    for (int v = 0; v < VOCAB; v++) {
        bool any = false;
        for (int e = 0; e < 4; e++) any |= grad[v * 4 + e] != 0;
        rows += any;
    }
    quiz_text(q,
              "The decoder reads the ids %s, and of the loss only place %d counts. How many\nrows "
              "of its embedding (a matrix of its own) get a gradient?",
              quiz_numbers_text(text, sizeof text, tgt, T), t);
    quiz_hint(q, "Whom does that place read, and which ids stand twice?");
    quiz_working(q, "The first %d places are read, and there are %d different ids among them.", t,
                 rows);
    q->read = BACKWARD;
    quiz_number(q, rows, 0);
    transformer_free(model);
}

/* ---- Warm-up --------------------------------------------------------------------------------- */

static void no_warm_up(Random *random, QuizQuestion *q) {
    enum { RUNS = 3, WINDOWS = WARM_UP_CURVE_WINDOWS, LAST = WINDOWS - 1 };
    double loss[RUNS][WINDOWS]; // the first is asked for
    do {                        // until one sees it: now and then post-norm gets away without
        const uint64_t seed = random_below(random, 100000);
        warm_up_curve(PLACED_POST, false, seed, loss[0]);
        warm_up_curve(PLACED_POST, true, seed, loss[1]);
        warm_up_curve(PLACED_PRE, false, seed, loss[2]);
    } while (loss[0][LAST] < 0.25 + fmax(loss[1][LAST], loss[2][LAST]));
    char choice[RUNS][160];
    for (int i = 0; i < RUNS; i++)
        snprintf(choice[i], sizeof choice[i], "%.2f   %.2f   %.2f   %.2f", loss[i][0], loss[i][1],
                 loss[i][2], loss[i][3]);
    quiz_text(
        q,
        "Three encoders of %d layers were trained just now, from the same weights, at the same\n"
        "rate: post-norm without warm-up, post-norm with it, pre-norm without it. The mean\n"
        "losses of four times %d steps, where guessing costs ln %d = %.2f. Which was post-norm\n"
        "without warm-up?",
        WARM_UP_CURVE_LAYERS, WARM_UP_CURVE_WINDOW, WARM_UP_CURVE_DIGITS,
        log(WARM_UP_CURVE_DIGITS));
    quiz_hint(q, "It never gets below the loss of guessing.");
    quiz_working(q, "The one that stays highest. Pre-norm needs no warm-up: what it passes around\n"
                    "  a layer is never normalised.");
    q->read = RUN_IT;
    quiz_choices(q, random, RUNS, choice);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static QuizMaker *const makers[] = {
        norm_by_hand, norm_forgets,  add_and_norm,    decoder_input,  who_is_read,
        loss_places,  shape,         what_changes,    embedding_rows, layer_parameters,
        one_matrix,   deep_gradient, places_computed, no_warm_up,
    };
    return quiz_main(argc, argv, "Questions on chapter 5, with other numbers each time.", makers,
                     sizeof makers / sizeof makers[0]);
}
