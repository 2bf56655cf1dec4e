/* quiz.c - questions on chapter 6: the rate, the target, the loss, clipping, batches, BLEU, greedy
 * and beam.
 *
 * Beside: tutor - questions on the rate, the target, clipping, batches, BLEU, greedy and beam
 */
#include "common/screen/quiz.h"

#include "01_embeddings/token_ids.h"
#include "06_training/decoding/beam.h"
#include "06_training/score/bleu_counts.h"
#include "06_training/trainer/clipping.h"
#include "06_training/trainer/reduction.h"
#include "06_training/trainer/schedule.h"
#include "06_training/translator/length_batches.h"
#include "common/kernels.h"
#include "common/label_smoothing.h"
#include "common/ops.h"

#include <stdio.h>

static const char BY_HAND[] = "06_training/README.md, \"By hand\"";
static const char THE_CODE[] = "06_training/README.md, \"The code\"";
static const char RATE[] = "06_training/README.md, \"The rate\"";
static const char RUN_IT[] = "06_training/README.md, \"Run it\"";
static const char BEAM[] = "06_training/README.md, \"Beam search and the length penalty\"";
static const char BACKWARD[] = "06_training/README.md, \"The backward pass\"";
static const char GOES_WRONG[] = "06_training/README.md, \"What goes wrong\"";

/* ---- The rate -------------------------------------------------------------------------------- */

static void rate(Random *random, QuizQuestion *q) {
    const int warmup = quiz_between(random, 1, 10) * 100, tenths = quiz_between(random, 1, 9);
    const int root = quiz_between(random, 2, 5), peak = quiz_between(random, 1, 9);
    const bool climbing = quiz_between(random, 0, 2) == 0;
    const int step = climbing ? warmup * tenths / 10 : warmup * root * root;
    quiz_text(q,
              "The rate has its peak, 0.00%d, at the end of a warm-up of %d steps, and falls with\n"
              "the root. What is it at step %d?",
              peak, warmup, step);
    quiz_hint(q, "peak min(step / warmup, sqrt(warmup / step)).");
    if (climbing)
        quiz_working(q, "On the way up, in a straight line: 0.00%d x %d / %d.", peak, step, warmup);
    else
        quiz_working(q, "%d is %d times the warm-up, so the rate is 1/%d of 0.00%d.", step,
                     root * root, root, peak);
    q->read = THE_CODE;
    quiz_number(q, schedule_inverse_square_root(peak / 1000.0, warmup, step), 0.00001);
}

static void which_schedule(Random *random, QuizQuestion *q) {
    enum { KINDS = 4, POINTS = 4 };
    static const double at[POINTS] = {0.25, 0.5, 1, 4}; // in warm-ups
    const long warmup = quiz_between(random, 1, 9) * 400;
    const double peak = quiz_between(random, 4, 12);
    char choice[KINDS][160];
    for (int k = 0; k < KINDS; k++) {
        choice[k][0] = '\0';
        for (int i = 0; i < POINTS; i++) {
            const long step = (long)(at[i] * (double)warmup);
            const double way[KINDS] = {
                schedule_inverse_square_root(peak, warmup, step),
                schedule_inverse_square_root(peak, 0, step),
                schedule_inverse_square_root(peak, 2 * warmup, step),
                schedule_linear(peak, warmup, step, (double)step / (double)(10 * warmup))};
            snprintf(choice[k] + strlen(choice[k]), 160 - strlen(choice[k]), i ? "   %.2f" : "%.2f",
                     way[k]);
        }
    }
    quiz_text(
        q,
        "These are rates (in 1/10000) after %ld, %ld, %ld and %ld steps. Which of them is the\n"
        "paper's schedule with a warm-up of %ld steps and a peak of %g?",
        warmup / 4, warmup / 2, warmup, warmup * 4, warmup, peak);
    quiz_hint(q,
              "Up in a line to the peak, then down with the root. After four times the warm-up?");
    quiz_working(q,
                 "A quarter, a half, all of the peak; then sqrt(1/4) of it. One of the others has "
                 "no\n  warm-up, one twice as long a one, one falls along a line.");
    q->read = RATE;
    quiz_choices(q, random, KINDS, choice);
}

/* ---- Target and loss ------------------------------------------------------------------------- */

static void smoothed_target(Random *random, QuizQuestion *q) {
    static const int classes[] = {4, 5, 10, 20};
    const int V = classes[quiz_between(random, 0, 3)], tenths = quiz_between(random, 1, 3);
    const bool right = quiz_between(random, 0, 1);
    const LabelSmoothing s = label_smoothing((real)(tenths / 10.0), (size_t)V);
    quiz_text(
        q,
        "Label smoothing of 0.%d, as PyTorch has it, over a vocabulary of %d. What is the target\n"
        "for %s?",
        tenths, V, right ? "the right word" : "one of the wrong words");
    quiz_hint(q, "(1-e) y + e/V: everyone gets a share, the right word too.");
    quiz_working(q,
                 right ? "1 - 0.%d is its own, and its share is 0.%d / %d."
                       : "1 - 0.%d goes to the right word alone, the rest to all: 0.%d / %d.",
                 tenths, tenths, V);
    q->read = BACKWARD;
    quiz_number(q, (double)(right ? s.certainty + s.share : s.share), 0.001);
}

static void smoothed_gradient(Random *random, QuizQuestion *q) {
    static const int classes[] = {4, 5, 10};
    const int V = classes[quiz_between(random, 0, 2)], tenths = quiz_between(random, 0, 3);
    const int target[] = {quiz_between(random, 0, V - 1)};
    const bool right = quiz_between(random, 0, 3) > 0;
    real logits[10] = {0};
    Tensor *z = tensor_variable(logits, 2, SHAPE(1, V));
    backward(op_cross_entropy(z, target, -1, (real)(tenths / 10.0)));
    char smoothing[64] = "without label smoothing";
    if (tenths) snprintf(smoothing, sizeof smoothing, "with a label smoothing of 0.%d", tenths);
    quiz_text(q,
              "A model gives each of %d words the same logit. The loss is the cross-entropy,\n%s. "
              "What is its gradient with respect to the logit of\n%s?",
              V, smoothing, right ? "the right word" : "a wrong word");
    quiz_hint(q, "p - q: what was said minus what is true, smoothed.");
    quiz_working(q, "p is 1/%d; q is 0.%d / %d%s.", V, tenths, V,
                 right ? ", and what was not handed round on top" : "");
    q->read = BACKWARD;
    const int asked = right ? target[0] : (target[0] + 1) % V;
    quiz_number(q, (double)tensor_grad(z)[asked], 0.002);
}

static void first_loss(Random *random, QuizQuestion *q) {
    enum { ROWS = 2000 };
    const int power = quiz_between(random, 6, 8), V = 1 << power, s = quiz_between(random, 0, 1);
    int targets[ROWS] = {0};
    Tensor *z = TENSOR(ROWS, V);
    random_fill_normal(random, z->data, z->size, 0, s);
    const double loss = (double)tensor_item(op_cross_entropy(z, targets, -1, 0)) / ROWS;
    char spread[96] = "all equal";
    if (s) snprintf(spread, sizeof spread, "random, mean 0, deviation 1");
    quiz_text(q,
              "A model with a vocabulary of %d knows nothing; its logits are %s.\nBefore you run "
              "anything: what should it lose per token? (ln 2 = 0.693)",
              V, spread);
    quiz_hint(q, "%d is 2^%d. Logits that differ by chance cost half their variance more.", V,
              power);
    quiz_working(q, "%d ln 2 = %.2f%s. Measured just now on %d tokens: %.3f.", power,
                 power * log(2), s ? ", and 1/2 on top" : "", ROWS, loss);
    q->read = BY_HAND;
    quiz_number(q, loss, 0.12);
}

static void bits(Random *random, QuizQuestion *q) {
    enum { PLACES = 4, V = 3 };
    int n[PLACES];
    do quiz_draw(random, 1, 6, PLACES - 1, n, NULL);
    while ((n[0] + n[1] + n[2]) % 3);
    // The right word is 2; word 1 has what is left. The last place is <pad>.
    real logits[PLACES * V];
    const int targets[PLACES] = {2, 2, 2, TOKEN_PAD};
    n[PLACES - 1] = 1;
    for (int i = 0; i < PLACES; i++) {
        logits[i * V] = -100;
        logits[i * V + 1] = (real)log((1 << n[i]) - 1);
        logits[i * V + 2] = 0;
    }
    const Tensor *loss = op_cross_entropy(TENSOR_FROM(logits, PLACES, V), targets, TOKEN_PAD, 0);
    const double nats = (double)tensor_item(loss) / cross_entropy_count(targets, PLACES, TOKEN_PAD);
    const bool perplexity = quiz_between(random, 0, 1);
    const int mean = (n[0] + n[1] + n[2]) / 3;
    quiz_text(q,
              "Four places. A model gave the right word 1/%d, 1/%d and 1/%d; the fourth place is\n"
              "<pad>. What is its %s?",
              1 << n[0], 1 << n[1], 1 << n[2],
              perplexity ? "perplexity, e to the mean loss" : "mean loss in bits");
    quiz_hint(q, "1/2^n costs n bits, n ln 2 in nats. How many places count?");
    quiz_working(q, "(%d + %d + %d) / 3 = %d bits%s. <pad> does not count.", n[0], n[1], n[2], mean,
                 perplexity ? ", and 2 to the power of that" : "");
    q->read = GOES_WRONG;
    quiz_number(q, perplexity ? exp(nats) : nats / log(2), 0.01);
}

/* ---- A step ---------------------------------------------------------------------------------- */

static void two_threads(Random *random, QuizQuestion *q) {
    const int places[] = {quiz_between(random, 1, 4), quiz_between(random, 5, 9)};
    const int total = places[0] + places[1];
    const int first = quiz_between(random, 1, 9),
              second = quiz_between(random, 1, 4) * total - first;
    Parameters parameters = {0};
    Tensor *w = PARAMETER(&parameters, "", "w", 1);
    Threads *threads = threads_new(2);
    Reduction *reduction = reduction_new(&parameters, threads);
    w->grad[0] = (real)first; // the first thread adds to the parameters' own
    reduction_shard_grads(reduction, 1)[0][0] = (real)second;
    reduction_sum(reduction, (const double[]){0, 0});
    const double step = (double)w->grad[0] / total;
    reduction_free(reduction);
    threads_free(threads);
    parameters_free(&parameters);
    quiz_text(q,
              "One thread took %d places of a batch, and its gradient for a weight, summed over\n"
              "them, is %d. The other took %d places, and has %d. Which gradient of the mean loss\n"
              "goes to Adam?",
              places[0], first, places[1], second);
    quiz_hint(q, "The mean of means is another number, if the parts are of different size.");
    quiz_working(q, "Add the sums and divide once: (%d + %d) / (%d + %d).", first, second,
                 places[0], places[1]);
    q->read = GOES_WRONG;
    quiz_number(q, step, 0.001);
}

static void clipped(Random *random, QuizQuestion *q) {
    const int times = quiz_between(random, 1, 8), clip = quiz_between(random, 1, 4) * 5;
    const int side = quiz_between(random, 0, 1),
              g[] = {(side ? 3 : 4) * times, (side ? 4 : 3) * times};
    Parameters parameters = {0};
    Tensor *w = PARAMETER(&parameters, "", "w", 2);
    for (int i = 0; i < 2; i++) w->grad[i] = (real)g[i];
    const double scale = clipping_scale(parameters_grad_norm(&parameters), clip);
    parameters_free(&parameters);
    quiz_text(
        q,
        "A model of two weights has the gradient [%d %d], and gradients are clipped to a norm of\n"
        "%d. Which gradient does the first weight get?",
        g[0], g[1], clip);
    quiz_hint(q, "g min(1, clip / |g|). How long is it?");
    quiz_working(q, "|g| is %d, so it is multiplied by %s.", 5 * times,
                 scale < 1 ? "clip / |g|" : "1: it is short enough");
    q->read = THE_CODE;
    quiz_number(q, g[0] * scale, 0.01);
}

static void threads_take(Random *random, QuizQuestion *q) {
    const int sentences = quiz_between(random, 9, 40), threads = quiz_between(random, 2, 6);
    size_t most = 0;
    for (int i = 0; i < threads; i++) {
        const ThreadShare share = threads_share((size_t)sentences, i, threads);
        if (share.count > most) most = share.count;
    }
    quiz_text(
        q, "A batch of %d sentences is shared out over %d threads. How many does the busiest take?",
        sentences, threads);
    quiz_hint(q, "The parts differ by one at most.");
    quiz_working(q, "%d / %d, rounded up.", sentences, threads);
    q->read = THE_CODE;
    quiz_number(q, (double)most, 0);
}

/* ---- Batches --------------------------------------------------------------------------------- */

enum { SENTENCES = 8 };

/* The lengths of the sentences, in order of length or not, cut into batches. */
typedef struct {
    int lengths[SENTENCES], batch_tokens;
    size_t start[SENTENCES + 1], count;
    int padding;
    char text[64];
} Cut;

static Cut cut(Random *random, bool sorted) {
    Cut c = {.batch_tokens = quiz_between(random, 4, 7) * 5};
    quiz_draw(random, 2, 12, SENTENCES, c.lengths, NULL);
    for (int i = 1; sorted && i < SENTENCES; i++)
        for (int j = i; j > 0 && c.lengths[j] < c.lengths[j - 1]; j--) {
            const int longer = c.lengths[j - 1];
            c.lengths[j - 1] = c.lengths[j];
            c.lengths[j] = longer;
        }
    c.count = length_batches_cut(c.lengths, SENTENCES, c.batch_tokens, c.start);
    for (size_t b = 0; b < c.count; b++) {
        int widest = 0;
        for (size_t i = c.start[b]; i < c.start[b + 1]; i++)
            if (c.lengths[i] > widest) widest = c.lengths[i];
        for (size_t i = c.start[b]; i < c.start[b + 1]; i++) c.padding += widest - c.lengths[i];
    }
    quiz_numbers_text(c.text, sizeof c.text, c.lengths, SENTENCES);
    return c;
}

/* "3, 2, 2, 1": how many sentences each batch has. */
static void cut_text(const Cut *c, char text[160]) {
    text[0] = '\0';
    for (size_t b = 0; b < c->count; b++)
        snprintf(text + strlen(text), 160 - strlen(text), b ? ", %zu" : "%zu",
                 c->start[b + 1] - c->start[b]);
}

static void batches(Random *random, QuizQuestion *q) {
    const Cut c = cut(random, true);
    char text[160];
    cut_text(&c, text);
    quiz_text(q,
              "Eight sentences in order of length, of %s tokens. A batch has as many\n"
              "as fit into %d places, <pad> included. How many batches are they?",
              c.text, c.batch_tokens);
    quiz_hint(q, "A batch is a rectangle: as wide as its longest sentence, as high as it has "
                 "sentences.");
    quiz_working(q, "%s sentences: one more in any of them, and rows times width is above %d.",
                 text, c.batch_tokens);
    q->read = RUN_IT;
    quiz_number(q, (double)c.count, 0);
}

static void padding(Random *random, QuizQuestion *q) {
    const Cut c = cut(random, false);
    char text[160];
    cut_text(&c, text);
    quiz_text(q,
              "Eight sentences as they come, of %s tokens. A batch takes as many of\n"
              "them, in this order, as fit into %d places. How many places are <pad> altogether?",
              c.text, c.batch_tokens);
    quiz_hint(q, "Every row of a batch is as long as its longest one. First cut, then count.");
    quiz_working(q, "The batches have %s sentences. In order of length they would waste less.",
                 text);
    q->read = RUN_IT;
    quiz_number(q, c.padding, 0);
}

/* ---- BLEU ------------------------------------------------------------------------------------ */

static void ngrams(Random *random, QuizQuestion *q) {
    static const char *const word[] = {"the", "the", "dog", "sees", "cat"};
    char line[2][64] = {"", ""};
    const int n = quiz_between(random, 1, 2);
    for (int l = 0; l < 2; l++)
        for (int i = 0; i < 6; i++)
            snprintf(line[l] + strlen(line[l]), sizeof line[l] - strlen(line[l]), i ? " %s" : "%s",
                     word[quiz_between(random, 0, 4)]);
    BleuCounts counts = {0};
    bleu_counts_add(&counts, line[0], (const char *const[]){line[1]}, 1);
    quiz_text(
        q,
        "Translation:  %s\nReference:    %s\nFor BLEU, how many %s of the translation count as "
        "right?",
        line[0], line[1], n == 1 ? "words" : "pairs of neighbours");
    quiz_hint(q, "None counts more often than it stands in the reference.");
    quiz_working(q,
                 "For each of the translation's %s the smaller of two counts, its own and the\n"
                 "  reference's; %ld of %ld.",
                 n == 1 ? "words" : "pairs", counts.correct[n - 1], counts.total[n - 1]);
    q->read = BY_HAND;
    quiz_number(q, (double)counts.correct[n - 1], 0);
}

static void brevity(Random *random, QuizQuestion *q) {
    static const struct {
        int hypothesis, reference;
        const char *power;
    } lengths[] = {{8, 10, "-0.25"},  {12, 18, "-0.5"}, {10, 20, "-1"}, {10, 9, NULL},
                   {20, 25, "-0.25"}, {16, 24, "-0.5"}, {9, 18, "-1"},  {12, 12, NULL}};
    const int i = quiz_between(random, 0, 7);
    const int c = lengths[i].hypothesis, r = lengths[i].reference;
    quiz_text(q,
              "The translations have %d words, the references %d. By what does BLEU multiply?\n"
              "(e^-0.25 = 0.779, e^-0.5 = 0.607, e^-1 = 0.368)",
              c, r);
    quiz_hint(q, "A fine for being short: e^(1 - reference / translation).");
    if (lengths[i].power)
        quiz_working(q, "1 - %d/%d = %s.", r, c, lengths[i].power);
    else
        quiz_working(q,
                     "They are not too short, and being long costs nothing here: the n-grams pay.");
    q->read = BY_HAND;
    quiz_number(q, bleu_counts_brevity_penalty(c, r), 0.005);
}

/* ---- Greedy and beam ------------------------------------------------------------------------- */

enum { FIRST_WORDS = 2, NEXT_WORDS = 3, PIECES = TOKEN_TEXT + NEXT_WORDS };

/* row (PIECES) <- the logarithms of the shares, in hundredths, of words TOKEN_TEXT and on. */
static void shares(real *row, const int *share, int count) {
    for (int v = 0; v < PIECES; v++) row[v] = -100;
    for (int i = 0; i < count; i++) row[TOKEN_TEXT + i] = (real)log(share[i] / 100.0);
}

/* P of the best sentence of two words that a beam finds. */
static double search(const int *first, const int next[][NEXT_WORDS], int beam) {
    real logits[FIRST_WORDS * PIECES];
    double scores[FIRST_WORDS] = {0};
    BeamCandidate kept[FIRST_WORDS], best[FIRST_WORDS], scratch[FIRST_WORDS];
    shares(logits, first, FIRST_WORDS);
    beam_step(logits, scores, 1, PIECES, kept, scratch, beam);
    for (int k = 0; k < beam; k++) {
        shares(logits + k * PIECES, next[kept[k].token - TOKEN_TEXT], NEXT_WORDS);
        scores[k] = kept[k].score;
    }
    beam_step(logits, scores, beam, PIECES, best, scratch, beam);
    return exp(best[0].score);
}

static void tree(Random *random, QuizQuestion *q) {
    static const int pairs[][FIRST_WORDS] = {{60, 40}, {40, 60}, {70, 30}, {45, 55}};
    static const int spread[][2][NEXT_WORDS] = {// after the likelier word, after the other
                                                {{40, 30, 30}, {10, 80, 10}},
                                                {{40, 40, 20}, {90, 5, 5}},
                                                {{30, 30, 40}, {20, 70, 10}},
                                                {{20, 50, 30}, {10, 10, 80}}};
    const int *first = pairs[quiz_between(random, 0, 3)], likelier = first[1] > first[0];
    const int(*drawn)[NEXT_WORDS] = spread[quiz_between(random, 0, 3)];
    int next[FIRST_WORDS][NEXT_WORDS];
    memcpy(next[likelier], drawn[0], sizeof next[0]);
    memcpy(next[!likelier], drawn[1], sizeof next[0]);
    const int beam = quiz_between(random, 1, 2);
    quiz_text(
        q,
        "The first word is A with 0.%d or B with 0.%d. After A the second is x, y or z with\n"
        "0.%02d, 0.%02d, 0.%02d, after B with 0.%02d, 0.%02d, 0.%02d. How likely is the sentence "
        "of\ntwo words that %s finds?",
        first[0], first[1], next[0][0], next[0][1], next[0][2], next[1][0], next[1][1], next[1][2],
        beam == 1 ? "greedy decoding" : "a beam of 2");
    quiz_hint(q, "Greedy says the likeliest word and never takes it back. A beam of 2 goes on from "
                 "both.");
    quiz_working(q, "After %s first the best is %.3f, after %s %.3f%s.", likelier ? "B" : "A",
                 search(first, (const int(*)[NEXT_WORDS])next, 1), likelier ? "A" : "B",
                 first[!likelier] / 100.0 *
                     (drawn[1][0] > drawn[1][1]   ? drawn[1][0]
                      : drawn[1][1] > drawn[1][2] ? drawn[1][1]
                                                  : drawn[1][2]) /
                     100.0,
                 beam == 1 ? ", but greedy decoding never gets there" : "");
    q->read = BEAM;
    quiz_number(q, search(first, (const int(*)[NEXT_WORDS])next, beam), 0.005);
}

static void length_penalty(Random *random, QuizQuestion *q) {
    const int short_length = quiz_between(random, 0, 1) * 3 + 1, long_length = short_length + 6;
    const int alpha = quiz_between(random, 0, 1);
    const double better = quiz_between(random, 10, 20) / 10.0;
    const double worse = better + quiz_between(random, 1, 14) / 10.0;
    const double score[] = {-better / beam_length_penalty(short_length, alpha),
                            -worse / beam_length_penalty(long_length, alpha)};
    quiz_text(
        q,
        "Two translations have ended: one of %d tokens with ln P = -%.1f, one of %d with\n"
        "ln P = -%.1f. They are compared with a length penalty of alpha = %d. What is the score\n"
        "of the one that wins?",
        short_length, better, long_length, worse, alpha);
    quiz_hint(q, "ln P / ((5 + length) / 6)^alpha, and the larger score wins.");
    quiz_working(q, "%.3f for the short one, %.3f for the long one.", score[0], score[1]);
    q->read = BEAM;
    quiz_number(q, fmax(score[0], score[1]), 0.01);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static QuizMaker *const makers[] = {
        first_loss, bits,        smoothed_target, smoothed_gradient, rate,    which_schedule,
        clipped,    two_threads, threads_take,    batches,           padding, ngrams,
        brevity,    tree,        length_penalty,
    };
    return quiz_main(argc, argv, "Questions on chapter 6, with other numbers each time.", makers,
                     sizeof makers / sizeof makers[0]);
}
