/* length_penalty.c - Wu et al. 2016, "Google's Neural Machine Translation System", equation 14, and
 * the paper's section 6.1 (beam 4, alpha 0.6): why a beam prefers short translations, by hand on
 * four steps and measured on a trained model.
 *
 * Beside: alammar The Loss Function; annotated Search; paper 6.1 - a beam of two by hand, and why a
 *     beam likes short answers
 */
#include "05_encoder_decoder/lab/teacher.h"
#include "06_training/decoding/beam.h"
#include "06_training/decoding/search.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/training.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- By hand --------------------------------------------------------------------------------- */

/* "He is tired." A model that knows six words, and is unsure of some. */
enum { IL = TOKEN_TEXT, LUI, EST, DORT, TIRED, LAS, WORDS, PLACES = 4, KEPT = 2, WANTED = 4 };
static const char *const word[WORDS] = {"<pad>", "<s>",  "</s>",           "il", "lui",
                                        "est",   "dort", "fatigu\xc3\xa9", "las"};

/* Row w: what comes after word w, as shares of 1. */
static const double next_word[WORDS][WORDS] = {
    [TOKEN_BOS] = {[IL] = 0.6, [LUI] = 0.3, [TOKEN_EOS] = 0.1},
    [IL] = {[EST] = 0.5, [DORT] = 0.28, [TOKEN_EOS] = 0.22},
    [LUI] = {[EST] = 0.5, [DORT] = 0.3, [TOKEN_EOS] = 0.2},
    [EST] = {[TIRED] = 0.45, [LAS] = 0.35, [TOKEN_EOS] = 0.2},
    [DORT] = {[TOKEN_EOS] = 0.7, [EST] = 0.3},
    [TIRED] = {[TOKEN_EOS] = 0.8, [LAS] = 0.2},
    [LAS] = {[TOKEN_EOS] = 0.9, [TIRED] = 0.1},
};

typedef struct {
    int token[PLACES + 1]; // token[0] is <s>
    int length;            // of them, <s> not counted
    double score;          // ln P
    size_t node;           // in the picture
} Hypothesis;

/* The tree as it grows, for the picture. */
typedef struct {
    PlotNode nodes[1 + PLACES * WANTED];
    PlotArrow arrows[PLACES * WANTED];
    char text[1 + PLACES * WANTED][2][24];
    size_t count;
} Tree;

static void print_words(const Hypothesis *h) {
    for (int i = 1; i <= h->length; i++) printf(" %s", word[h->token[i]]);
}

static Hypothesis extended(const Hypothesis *from, BeamCandidate c) {
    Hypothesis h = *from;
    h.token[++h.length] = c.token;
    h.score = c.score;
    return h;
}

/* A box for candidate number `row` of a step, and an arrow to it. */
static void tree_add(Tree *tree, Hypothesis *h, size_t from, int row, const char *fate) {
    const size_t i = tree->count++;
    snprintf(tree->text[i][0], sizeof tree->text[i][0], "P = %.4f", exp(h->score));
    tree->nodes[i] = (PlotNode){.title = word[h->token[h->length]],
                                .first = tree->text[i][0],
                                .second = fate,
                                .column = (real)h->length,
                                .row = (real)row};
    tree->arrows[i - 1] = (PlotArrow){from, i, NULL};
    h->node = i;
}

/* One step of a beam of KEPT: prints the best candidates and what becomes of each. ended receives
 * those that said </s>; returns how many go on. */
static int hand_step(Hypothesis *alive, int count, Hypothesis *ended, int *finished, Tree *tree) {
    real logits[KEPT * WORDS];
    double scores[KEPT];
    BeamCandidate best[WANTED], scratch[WANTED];
    for (int k = 0; k < count; k++) {
        const Hypothesis *h = &alive[k];
        scores[k] = h->score;
        for (int v = 0; v < WORDS; v++)
            logits[k * WORDS + v] = (real)log(next_word[h->token[h->length]][v] + 1e-30);
    }
    beam_step(logits, scores, count, WORDS, best, scratch, WANTED);
    Hypothesis kept[KEPT];
    int going = 0;
    for (int i = 0; i < WANTED; i++) {
        if (exp(best[i].score) < 1e-6) continue; // no word that this model would say
        const Hypothesis *from = &alive[best[i].hypothesis];
        Hypothesis h = extended(from, best[i]);
        const bool ends = best[i].token == TOKEN_EOS;
        const char *fate = ends                                        ? i < KEPT ? "ends" : "cut"
                           : going < KEPT && from->length < PLACES - 1 ? "goes on"
                                                                       : "cut";
        printf("  %7.4f  %-8s", exp(h.score), fate);
        print_words(&h);
        putchar('\n');
        tree_add(tree, &h, from->node, i, fate);
        if (ends && i < KEPT) ended[(*finished)++] = h;
        if (!ends && going < KEPT) kept[going++] = h;
    }
    for (int k = 0; k < going; k++) alive[k] = kept[k];
    return going;
}

/* The place of the best of `count` finished hypotheses; its score is ln P / lp. */
static int best_of(const Hypothesis *ended, int count, double alpha) {
    int best = 0;
    for (int i = 1; i < count; i++)
        if (ended[i].score / beam_length_penalty(ended[i].length, alpha) >
            ended[best].score / beam_length_penalty(ended[best].length, alpha))
            best = i;
    return best;
}

static void draw_tree(const Tree *tree, const char *out) {
    plot_graph(&(Picture){.name = "beam_tree",
                          .directory = out,
                          .title = "A beam of two says \"He is tired.\"",
                          .caption =
                              "a column is a step, its best candidates from above; two go "
                              "on, one that says </s> among the best two has ended; il dort "
                              "is likelier than il est fatigu\xc3\xa9, because it is shorter"},
               tree->nodes, tree->count, tree->arrows, tree->count - 1);
}

static void by_hand(Lesson *lesson, Comparison *comparison) {
    lesson_step(lesson, "By hand: \"He is tired.\", a beam of two");
    Hypothesis alive[KEPT] = {{.token = {TOKEN_BOS}}}, ended[PLACES * KEPT];
    static Tree tree = {.nodes = {{.title = "<s>", .first = "P = 1"}}, .count = 1};
    int finished = 0, count = 1;
    for (int step = 1; finished < KEPT + 1 && step <= PLACES; step++) {
        printf("%sstep %d\n", step > 1 ? "\n" : "", step);
        count = hand_step(alive, count, ended, &finished, &tree);
    }
    puts("\nThree have ended. ln P, and ln P / lp with lp = ((5 + tokens) / 6)^0.6:\n");
    for (int i = 0; i < finished; i++) {
        const double lp = beam_length_penalty(ended[i].length, 0.6);
        printf("  %d tokens  %7.4f  / %.4f = %7.4f ", ended[i].length, ended[i].score, lp,
               ended[i].score / lp);
        print_words(&ended[i]);
        putchar('\n');
    }
    putchar('\n');
    compare_claim(comparison, "without the penalty \"il dort\" wins, a word short",
                  ended[best_of(ended, finished, 0)].token[2] == DORT);
    compare_claim(comparison, "with alpha 0.6 \"il est fatigu\xc3\xa9\" wins",
                  ended[best_of(ended, finished, 0.6)].token[3] == TIRED);
    draw_tree(&tree, lesson->common.out);
}

/* ---- A trained model ------------------------------------------------------------------------- */

/* What translations are like: every word can be said in two ways, so a right translation of n words
 * shares its probability with 2^n - 1 others; and now and then a translator has stopped early. */
enum { NUMBERS = 10, WAYS = 2, LONGEST = 10, BATCH = 64, STEPS = 700, TESTED = 100 };
static const double STOPPED = 0.05;

static void draw_pair(SentencePair *pair, int length, Random *random) {
    *pair = (SentencePair){.src_length = length, .tgt_length = length};
    for (int i = 0; i < length; i++) {
        const int number = (int)random_below(random, NUMBERS);
        pair->src[i] = TOKEN_TEXT + number;
        pair->tgt[i] = TOKEN_TEXT + WAYS * number + (int)random_below(random, WAYS);
    }
    if (random_uniform_double(random) < STOPPED)
        pair->tgt_length = (int)random_below(random, (uint64_t)length);
}

typedef struct {
    const Transformer *model;
    Random random;
} Course;

static Tensor *pairs_loss(void *context, int *count) {
    Course *course = context;
    SentencePair pairs[BATCH];
    for (int b = 0; b < BATCH; b++)
        draw_pair(&pairs[b], 1 + (int)random_below(&course->random, LONGEST), &course->random);
    *count = 1;
    return teacher_loss(course->model, pairs, BATCH);
}

static double warm_up(const Training *training, int step) {
    return training->lr * fmin(1, (step + 1.0) / 100);
}

static Transformer *trained(uint64_t seed) {
    Course course = {0};
    random_seed(&course.random, seed);
    const TransformerConfig config = {.layer = {.d_model = 32, .nhead = 4, .dim_feedforward = 64},
                                      .num_encoder_layers = 1,
                                      .num_decoder_layers = 1,
                                      .src_vocab = TOKEN_TEXT + NUMBERS,
                                      .tgt_vocab = TOKEN_TEXT + WAYS * NUMBERS};
    Transformer *model = transformer_new(&config, &course.random);
    course.model = model;
    const double loss = training_run(&(Training){.parameters = &model->parameters,
                                                 .adam = adam_paper(),
                                                 .steps = STEPS,
                                                 .lr = 5e-3,
                                                 .rate = warm_up,
                                                 .loss = pairs_loss,
                                                 .context = &course,
                                                 .average = 50});
    printf("Numbers of 1 to %d digits, each digit said in one of %d ways, drawn anew each\n"
           "time, so that being right about one costs ln %d = %.3f at best; %.0f %% of the\n"
           "training translations stop early. After %d steps a word costs %.3f on average,\n"
           "</s> among them, which is easy.\n\n",
           LONGEST, WAYS, WAYS, log(WAYS), 100 * STOPPED, STEPS, loss);
    return model;
}

/* What became of the TESTED sources. */
typedef struct {
    double length, right, nothing; // means: tokens, and shares in %
    double log_p;                  // mean ln P of what was said, </s> included
} Result;

/* Whether every number is said, in one way or another, and nothing else. */
static bool is_right(const SentencePair *said) {
    bool right = said->tgt_length == said->src_length;
    for (int i = 0; i < said->tgt_length && right; i++)
        right = (said->tgt[i] - TOKEN_TEXT) / WAYS == said->src[i] - TOKEN_TEXT;
    return right;
}

static Result decode(const Transformer *model, SentencePair *pairs, int beam, double alpha) {
    graph_reset(graph_current());
    const Batch batch = teacher_batch(pairs, TESTED);
    IntArray out[TESTED] = {{0}};
    search_batch(model, batch.src, TESTED, batch.S, TEACHER_LENGTH - 1,
                 (SearchOptions){.beam = beam, .length_penalty = alpha}, out);
    Result result = {0};
    for (int i = 0; i < TESTED; i++) {
        SentencePair *said = &pairs[i];
        said->tgt_length = (int)out[i].count;
        if (out[i].count) memcpy(said->tgt, out[i].data, out[i].count * sizeof(int));
        result.length += said->tgt_length / (double)TESTED;
        result.right += is_right(said) * 100.0 / TESTED;
        result.nothing += (said->tgt_length == 0) * 100.0 / TESTED;
        free(out[i].data);
    }
    // Read again with the teacher, what it said costs -ln P.
    const Batch again = teacher_batch(pairs, TESTED);
    const GraphMode before = graph_quiet();
    result.log_p = -(double)tensor_item(transformer_loss(model, &again, 0)) / TESTED;
    graph_restore(before);
    return result;
}

enum { BEAMS = 5, ALPHAS = 3 };
static const int beams[BEAMS] = {1, 2, 4, 8, 16};
static const double alphas[ALPHAS] = {0, 0.6, 1};

static void draw_lengths(const char *out, Result results[ALPHAS][BEAMS]) {
    static const char *const names[ALPHAS] = {"no penalty", "alpha 0.6", "alpha 1"};
    real x[BEAMS], y[ALPHAS][BEAMS];
    PlotSeries series[ALPHAS];
    for (int a = 0; a < ALPHAS; a++) {
        for (int b = 0; b < BEAMS; b++) {
            x[b] = (real)beams[b];
            y[a][b] = (real)results[a][b].length;
        }
        series[a] =
            (PlotSeries){.name = names[a], .x = x, .y = y[a], .count = BEAMS, .points = true};
    }
    plot_lines(&(Picture){.name = "length_penalty",
                          .directory = out,
                          .title = "How long the translations of ten words are",
                          .caption = "without a penalty the wider beam finds the likelier and "
                                     "shorter translation, until it says next to nothing",
                          .x_label = "beam",
                          .y_label = "words said, mean",
                          .log_x = true,
                          .x_min = 1,
                          .x_max = 16,
                          .y_min = 0,
                          .y_max = LONGEST + 0.5},
               series, ALPHAS);
}

static void by_beam(Lesson *lesson, Comparison *comparison) {
    lesson_step(lesson, "Measured: the wider the beam, the shorter the translation");
    const uint64_t seed = (uint64_t)lesson->common.seed;
    Transformer *model = trained(seed);
    SentencePair *pairs = memory_alloc(TESTED * sizeof *pairs);
    Random random;
    random_seed(&random, seed + 1);
    for (int i = 0; i < TESTED; i++) draw_pair(&pairs[i], LONGEST, &random);
    Result results[ALPHAS][BEAMS];
    printf("%d fresh numbers of %d digits:\n\n"
           "  alpha  beam  words said  right, %%  nothing, %%  mean ln P\n",
           TESTED, LONGEST);
    for (int a = 0; a < ALPHAS; a++)
        for (int b = 0; b < BEAMS; b++) {
            const Result r = results[a][b] = decode(model, pairs, beams[b], alphas[a]);
            printf("  %5.1f  %4d  %10.2f  %8.0f  %10.0f  %9.2f\n", alphas[a], beams[b], r.length,
                   r.right, r.nothing, r.log_p);
        }
    putchar('\n');
    draw_lengths(lesson->common.out, results);
    const Result *none = results[0], *some = results[1];
    compare_claim(comparison, "without: the widest beam finds likelier and far shorter ones",
                  none[4].log_p > none[0].log_p && none[4].length < none[0].length / 2);
    compare_claim(comparison, "and is right less often than greedy decoding",
                  none[4].right < none[0].right);
    compare_claim(comparison, "with 0.6 every beam says longer ones than without",
                  some[2].length > none[2].length && some[4].length > none[4].length);
    free(pairs);
    transformer_free(model);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Why beam search needs a length penalty: four steps by hand, then lengths "
                         "and scores by beam width on a trained model.",
                         "build/06_training/length_penalty"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    by_hand(&lesson, &comparison);
    by_beam(&lesson, &comparison);
    return lesson_end(&lesson, compare_end(&comparison));
}
