#include "04_multihead/lab/giving.h"

#include "02_positional_encoding/sinusoid.h"
#include "common/training.h"

#include <stdlib.h>

enum { T = GIVING_WORDS, E = GIVING_WIDTH, DIGITS = GIVING_DIGITS, ANSWERS = GIVING_ANSWERS };
enum { BATCH = 64, TEST_SENTENCES = 250 };
static const double LEARNING_RATE = 0.005;

GivingModel *giving_new(int nhead, bool no_positions, uint64_t seed) {
    GivingModel *model = memory_calloc(sizeof *model);
    model->no_positions = no_positions;
    Random random;
    random_seed(&random, seed);
    model->attention = multihead_new(&model->parameters, "self_attn.",
                                     (MultiheadConfig){.d_model = E, .nhead = nhead}, &random);
    model->readout = linear_new(&model->parameters, "readout.", E, 2 * ANSWERS, true, &random);
    return model;
}

void giving_free(GivingModel *model) {
    if (!model) return;
    parameters_free(&model->parameters);
    free(model);
}

/* Word t: its digits as -1 and 1 in columns 0-7, then a 1 in the column of its kind. Only people
 * and the thing have digits. */
static void write_word(real *row, int t, const int *digits) {
    enum { PERSON = DIGITS, THING, OTHER };
    static const int kind[T] = {PERSON, OTHER, THING, OTHER, PERSON};
    for (int e = 0; e < E; e++) row[e] = 0;
    row[kind[t]] = 1;
    if (kind[t] == OTHER) return;
    for (int d = 0; d < DIGITS; d++) row[d] = digits[d] ? 1 : -1;
}

/* Gives a person the number of one of so many names. */
static void take_name(int *digits, int names, Random *random) {
    const uint64_t number = random_mix64(random_below(random, (uint64_t)names));
    for (int d = 0; d < DIGITS; d++) digits[d] = (int)(number >> d & 1);
}

void giving_sentences(GivingBatch *batch, Random *random) {
    for (int b = 0; b < batch->sentences; b++) {
        int digits[T][DIGITS];
        for (int i = 0; i < T * DIGITS; i++)
            digits[i / DIGITS][i % DIGITS] = (int)random_below(random, 2);
        for (int t = 0; t < T && batch->names; t += T - 1)
            take_name(digits[t], batch->names, random);
        for (int t = 0; t < T; t++) write_word(batch->x + (b * T + t) * E, t, digits[t]);
        memcpy(batch->answers + b * ANSWERS, digits[0], sizeof digits[0]);
        memcpy(batch->answers + b * ANSWERS + DIGITS, digits[T - 1], sizeof digits[0]);
    }
}

Tensor *giving_forward(const GivingModel *model, const GivingBatch *batch, Tensor **weights) {
    const int B = batch->sentences;
    Tensor *x = TENSOR_FROM(batch->x, B, T, E);
    if (!model->no_positions) x = sinusoid_add(x, 0);
    Tensor *y = multihead_forward(&model->attention, x, x, (Masks){0}, NULL, weights); // (B,T,E)
    Tensor *gave = op_slice(y, 1, GIVING_VERB, 1);                                     // (B,1,E)
    return RESHAPE(linear_forward(&model->readout, gave), B * ANSWERS, 2);
}

/* A training under way. */
typedef struct {
    const GivingModel *model;
    Random random;
    real *accuracies;
    int every;
} Course;

/* The summed cross-entropy of a fresh batch's digits. */
static Tensor *batch_loss(void *context, int *count) {
    Course *course = context;
    real x[BATCH * T * E];
    int *answers = graph_alloc(sizeof(int) * BATCH * ANSWERS); // looked at again on the way back
    GivingBatch batch = {BATCH, x, answers, course->model->names};
    *count = BATCH * ANSWERS;
    giving_sentences(&batch, &course->random);
    return op_cross_entropy(giving_forward(course->model, &batch, NULL), answers, -1, 0);
}

/* The share of digits answered right in fresh sentences. Resets the current graph. */
static double giving_accuracy(const GivingModel *model, Random *random) {
    real x[TEST_SENTENCES * T * E];
    int answers[TEST_SENTENCES * ANSWERS], right = 0;
    GivingBatch batch = {TEST_SENTENCES, x, answers, model->names};
    giving_sentences(&batch, random);
    graph_reset(graph_current());
    const real *scores = giving_forward(model, &batch, NULL)->data;
    for (int i = 0; i < TEST_SENTENCES * ANSWERS; i++)
        right += (scores[2 * i + 1] > scores[2 * i]) == answers[i];
    return (double)right / (TEST_SENTENCES * ANSWERS);
}

static bool look(void *context, int step) {
    Course *course = context;
    course->accuracies[step / course->every] =
        (real)giving_accuracy(course->model, &course->random);
    return true;
}

double giving_train(GivingModel *model, int steps, int every, uint64_t seed, real *accuracies) {
    Course course = {.model = model, .accuracies = accuracies, .every = every};
    random_seed(&course.random, seed);
    training_run(&(Training){.parameters = &model->parameters,
                             .adam = adam_pytorch(),
                             .steps = steps,
                             .lr = LEARNING_RATE,
                             .loss = batch_loss,
                             .context = &course,
                             .look = look,
                             .every = every,
                             .label = "giving"});
    if (steps % every == 0) look(&course, steps);
    return giving_accuracy(model, &course.random);
}
