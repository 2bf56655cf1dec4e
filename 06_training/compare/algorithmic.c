/* algorithmic.c - tasks whose answers can be checked, for a decoder alone: tensor2tensor's reverse,
 * shift and addition, minGPT's sort, Karpathy's EX2 (addition, digits reversed, no loss on the
 * question), and the calculator of Johnson's fifth assignment. How many answers are right from the
 * first to the last token, by length, and beyond the lengths trained on.
 *
 * Beside: karpathy EX2 - minGPT's first task, sorting, with four kinds of positions, to twice the
 *     trained length
 * Beside: karpathy EX2 --task add - sums of numbers with up to three digits, and with up to six;
 *     digits reversed, and what `--task add-forward` makes of it
 * Beside: tensor2tensor --task reverse --positions all - its tasks `reverse`, `shift` and `add`,
 *     with four kinds of positions
 * Beside: johnson Assignment 5 --task calculator - his encoding, 14 10 0 3 3 3 and so on, and his
 *     three sums answered by a trained model
 * Beside: karpathy EX4 --task shift --positions all - rotary positions, from a later paper, against
 *     his table, beyond the trained length
 */
#include "03_self_attention/attention.h"
#include "05_encoder_decoder/gpt_model.h"
#include "06_training/lab/algorithm.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/training.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 64, ASKED = 200, LENGTHS = 32, KINDS = 4 };

static const char *const KIND_NAMES[KINDS] = {"learned", "sinusoid", "rotary", "none"};

typedef struct {
    Algorithm algorithm;
    Parameters parameters;
    GptModel *model; // NULL: this kind of positions is not wanted
    Random random;
} Learner;

/* ---- Training -------------------------------------------------------------------------------- */

/* BATCH problems of one length as x and y (B,T) of the current graph, T their tokens less one. y is
 * -1, which counts nothing, where a part of the question is to come: a question cannot be
 * predicted. Returns T. */
static int make_batch(Learner *learner, int n, int B, int **x, int **y) {
    int T = 0;
    for (int b = 0; b < B; b++) {
        const AlgorithmProblem p = algorithm_draw(learner->algorithm, n, &learner->random);
        if (b == 0) {
            T = p.count - 1;
            *x = graph_alloc((size_t)(B * T) * sizeof **x);
            *y = graph_alloc((size_t)(B * T) * sizeof **y);
        }
        for (int t = 0; t < T; t++) {
            (*x)[b * T + t] = p.tokens[t];
            (*y)[b * T + t] = t + 1 < p.question ? -1 : p.tokens[t + 1];
        }
    }
    return T;
}

static Tensor *batch_loss(void *context, int *count) {
    Learner *learner = context;
    const AlgorithmTask *task = algorithm_task(learner->algorithm);
    const int n = 1 + (int)random_below(&learner->random, (uint64_t)task->trained);
    int *x, *y;
    const int T = make_batch(learner, n, BATCH, &x, &y), N = BATCH * T;
    Tensor *logits = char_model_logits(&learner->model->chars, x, BATCH, T); // (B,T,V)
    *count = cross_entropy_count(y, N, -1);
    return op_cross_entropy(RESHAPE(logits, N, task->vocab), y, -1, 0); // ()
}

/* The share of fresh problems of length n whose whole answer is right. Every place is asked after
 * the right tokens before it: who is right everywhere then is right going on from its own, and who
 * is not is not. */
static double accuracy(Learner *learner, int n) {
    const GraphMode before = graph_quiet();
    graph_reset(graph_current());
    int *x, *y, right = 0;
    const int T = make_batch(learner, n, ASKED, &x, &y), V = learner->model->config.vocab;
    const Tensor *logits = char_model_logits(&learner->model->chars, x, ASKED, T); // (B,T,V)
    for (int b = 0; b < ASKED; b++) {
        bool whole = true;
        for (int i = b * T; i < (b + 1) * T; i++)
            whole = whole && (y[i] < 0 || vector_argmax(logits->data + (size_t)i * (size_t)V,
                                                        (size_t)V) == y[i]);
        right += whole;
    }
    graph_restore(before);
    return (double)right / ASKED;
}

static void learner_new(Learner *learner, Algorithm algorithm, PositionsKind positions,
                        uint64_t seed) {
    const GptConfig config = {.kind = GPT_NORM,
                              .vocab = algorithm_task(algorithm)->vocab,
                              .block_size = ALGORITHM_TOKENS,
                              .d_model = 64,
                              .heads = 4,
                              .layers = 2,
                              .positions = positions};
    *learner = (Learner){.algorithm = algorithm};
    random_seed(&learner->random, seed);
    learner->model = gpt_model_new(&learner->parameters, &config, &learner->random);
}

/* Trains it, and asks it for every length. */
static void learn(Learner *learner, long steps, real *shares) {
    const AlgorithmTask *task = algorithm_task(learner->algorithm);
    training_run(&(Training){.parameters = &learner->parameters,
                             .adam = adam_paper(),
                             .steps = (int)steps,
                             .lr = 2e-3,
                             .rate = training_linear,
                             .clip = 1,
                             .loss = batch_loss,
                             .context = learner});
    for (int n = 1; n <= task->asked; n++) shares[n - 1] = (real)accuracy(learner, n);
}

/* ---- Asking ---------------------------------------------------------------------------------- */

/* The question answered token after token; prints both. Returns whether the answer is right. */
static bool answers(const Learner *learner, const AlgorithmProblem *p) {
    const int V = learner->model->config.vocab;
    AlgorithmProblem said = *p;
    char text[128];
    const GraphMode before = graph_quiet();
    for (int t = p->question; t < p->count; t++) {
        graph_reset(graph_current());
        const Tensor *logits = char_model_logits(&learner->model->chars, said.tokens, 1, t);
        said.tokens[t] = vector_argmax(logits->data + (size_t)(t - 1) * (size_t)V, (size_t)V);
    }
    graph_restore(before);
    const bool right = memcmp(said.tokens, p->tokens, sizeof p->tokens) == 0;
    algorithm_text(learner->algorithm, said.tokens, said.count, text, sizeof text);
    printf("  %s  %s\n", text, right ? "right" : "wrong");
    return right;
}

/* The examples that the resources have. */
static void ask_published(Learner *learner, Comparison *comparison) {
    const Algorithm a = learner->algorithm;
    AlgorithmProblem p;
    bool right = true;
    puts("\nAsked, and answered token after token:");
    if (a == ALGORITHM_SORT) {
        p = algorithm_sequence(a, 6, (const int[]){0, 0, 2, 1, 0, 1});
        right = answers(learner, &p);
    } else if (a == ALGORITHM_CALCULATOR) {
        const int sums[3][3] = {{333, 696, 0}, {-286, -44, 1}, {-420, 342, 0}};
        for (int i = 0; i < 3; i++) {
            p = algorithm_sum(a, 3, sums[i][0], sums[i][1], sums[i][2]);
            right = answers(learner, &p) && right;
        }
    } else if (a >= ALGORITHM_ADD) {
        p = algorithm_sum(a, 2, 85, 50, false);
        right = answers(learner, &p);
    } else {
        p = algorithm_sequence(a, 5, (const int[]){3, 1, 4, 1, 5});
        right = answers(learner, &p);
    }
    compare_claim(comparison, "what the resource asks is answered right", right);
}

/* His encoding of his first problem, before anything is trained. */
static void compare_encoding(Comparison *comparison) {
    static const double published[] = {14, 10, 0, 3, 3, 3, 12, 10, 0, 6, 9, 6, 15};
    const AlgorithmProblem p = algorithm_sum(ALGORITHM_CALCULATOR, 3, 333, 696, false);
    real ours[13];
    for (int i = 0; i < 13; i++) ours[i] = (real)p.tokens[i];
    compare_row(comparison, "BOS POSITIVE 0333 add POSITIVE 0696 EOS", published, ours, 13, 0, 0);
}

static void print_row(const char *name, const real *shares, int asked) {
    printf("  %-9s", name);
    for (int n = 0; n < asked; n++) printf(" %3.0f", 100 * (double)shares[n]);
    putchar('\n');
}

/* What is expected of the first kind of positions, and of none, for which it is NULL if it was not
 * asked for. */
static void judge(const AlgorithmTask *task, Algorithm algorithm, const real *shares,
                  const real *without, Comparison *comparison) {
    const double longest = (double)shares[task->trained - 1];
    if (algorithm == ALGORITHM_ADD_FORWARD)
        compare_claim(comparison, "the longest trained on: not half, the first digit wants a carry",
                      longest < 0.5);
    else
        compare_claim(comparison, "the longest trained on: nine in ten are right", longest >= 0.9);
    if (shares != without)
        compare_claim(comparison, "the longest asked for: not one in ten",
                      shares[task->asked - 1] < (real)0.1);
    if (algorithm == ALGORITHM_SORT && without)
        compare_claim(comparison, "without positions, two longer than trained: nine in ten",
                      without[task->trained + 1] >= (real)0.9);
}

static bool wanted(const char *positions, int kind) {
    return strcmp(positions, "all") == 0 || strcmp(positions, KIND_NAMES[kind]) == 0;
}

static void plot(const AlgorithmTask *task, real shares[KINDS][LENGTHS], const Learner *learners) {
    PlotSeries series[KINDS + 1];
    real x[LENGTHS], edge[2] = {(real)task->trained + (real)0.5, (real)task->trained + (real)0.5};
    const real from_0_to_1[2] = {0, 1};
    size_t count = 0;
    char name[64], title[96], caption[160];
    for (int n = 0; n < task->asked; n++) x[n] = (real)(n + 1);
    for (int k = 0; k < KINDS; k++)
        if (learners[k].model)
            series[count++] =
                (PlotSeries){KIND_NAMES[k], x, shares[k], (size_t)task->asked, .points = true};
    series[count++] = (PlotSeries){"longest trained", edge, from_0_to_1, 2, .points = false};
    snprintf(name, sizeof name, "algorithmic_%s", task->name);
    snprintf(title, sizeof title, "Task %s: whole answers that are right", task->name);
    snprintf(caption, sizeof caption,
             "trained on lengths up to %d; what is to the right of them the model has never seen",
             task->trained);
    plot_lines(&(Picture){.name = name,
                          .title = title,
                          .caption = caption,
                          .x_label = "length",
                          .y_label = "share right",
                          .y_min = -0.03,
                          .y_max = 1.03},
               series, count);
}

static void print_head(const AlgorithmTask *task, Algorithm algorithm, long steps) {
    Random random;
    random_seed(&random, 5);
    char text[128];
    puts("Problems like these:");
    for (int n = task->trained - 2; n <= task->trained; n++) {
        const AlgorithmProblem p = algorithm_draw(algorithm, n, &random);
        algorithm_text(algorithm, p.tokens, p.count, text, sizeof text);
        printf("  %s\n", text);
    }
    printf("\n%ld batches of %d, each of one length from 1 to %d. Of %d fresh problems of each\n"
           "length, right to the last token, in percent; beyond %d nothing was trained:\n\n"
           "  length   ",
           steps, BATCH, task->trained, ASKED, task->trained);
    for (int n = 1; n <= task->asked; n++) printf(" %3d", n);
    puts("");
}

/* A model with each kind of positions that is wanted, a row of the table each. Returns the first
 * kind. */
static int learn_all(Learner *learners, Algorithm algorithm, const char *positions, long steps,
                     long seed, real shares[KINDS][LENGTHS]) {
    int first = KINDS;
    for (int k = KINDS - 1; k >= 0; k--) first = wanted(positions, k) ? k : first;
    for (int k = first; k < KINDS; k++) {
        PositionsKind kind;
        if (!wanted(positions, k) || !positions_from_name(KIND_NAMES[k], &kind)) continue;
        learner_new(&learners[k], algorithm, kind, (uint64_t)seed);
        learn(&learners[k], steps, shares[k]);
        print_row(KIND_NAMES[k], shares[k], algorithm_task(algorithm)->asked);
    }
    return first;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {
        "Tasks whose answers can be checked, by length and beyond. Slow: 15 s; reversing and "
        "shifting take as long, sums half a minute, the calculator 2 min, and with --positions "
        "all each of these four times that.",
        "build/06_training/algorithmic --task reverse --positions all"};
    const char *name = "sort", *positions = NULL;
    long steps = 0;
    const Option own[] = {option_choice("task", algorithm_names(), &name, "what is to be learned"),
                          option_choice("positions", "learned|sinusoid|rotary|none|all", &positions,
                                        "how the model is told where a token stands; else all for "
                                        "sort, learned for the others"),
                          option_integer("steps", "N", &steps, 0, 1000000,
                                         "batches to train on; 0: as many as the task needs")};
    const Lesson lesson = lesson_begin_with(argc, argv, &usage, 1337, own, OPTION_COUNT(own));
    Comparison comparison = {0};
    Algorithm algorithm = ALGORITHM_SORT;
    while (strcmp(algorithm_task(algorithm)->name, name) != 0) algorithm++;
    const AlgorithmTask *task = algorithm_task(algorithm);
    if (steps == 0) steps = task->steps;
    if (!positions) positions = algorithm == ALGORITHM_SORT ? "all" : "learned";
    if (algorithm == ALGORITHM_CALCULATOR) compare_encoding(&comparison);
    print_head(task, algorithm, steps);
    real shares[KINDS][LENGTHS];
    Learner learners[KINDS] = {{0}};
    const int first = learn_all(learners, algorithm, positions, steps, lesson.common.seed, shares);
    ask_published(&learners[first], &comparison);
    judge(task, algorithm, shares[first], learners[KINDS - 1].model ? shares[KINDS - 1] : NULL,
          &comparison);
    plot(task, shares, learners);
    for (int k = 0; k < KINDS; k++) {
        gpt_model_free(learners[k].model);
        parameters_free(&learners[k].parameters);
    }
    return lesson_end(&lesson, compare_end(&comparison));
}
