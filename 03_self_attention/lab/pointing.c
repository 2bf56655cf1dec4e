#include "03_self_attention/lab/pointing.h"

#include "03_self_attention/attention.h"
#include "common/training.h"
#include "common/vector.h"

enum { T = POINTING_TOKENS, V = POINTING_PAYLOADS, E = POINTING_WIDTH };
enum { TRAIN_SENTENCES = 32, TEST_SENTENCES = 64 };

/* Projections that are tied are one Linear, added to the parameters once: their gradients add up,
 * and they stay equal while they learn. */
PointingModel pointing_new(Projections projections, int D, uint64_t seed) {
    PointingModel model = {.projections = projections};
    Parameters *p = &model.parameters;
    Random random;
    random_seed(&random, seed);
    if (projections != PROJECT_NOTHING) {
        model.query = linear_new(p, "query.", E, D, false, &random);
        model.key = projections == PROJECT_QK_SAME ? model.query
                                                   : linear_new(p, "key.", E, D, false, &random);
    }
    model.value =
        projections == PROJECT_KV_SAME ? model.key : linear_new(p, "value.", E, D, false, &random);
    model.output = linear_new(p, "output.", D, V, false, &random);
    return model;
}

void pointing_free(PointingModel *model) {
    parameters_free(&model->parameters);
}

Tensor *pointing_forward(const PointingModel *model, Tensor *x, Tensor **weights) {
    const bool projected = model->projections != PROJECT_NOTHING;
    Tensor *q = projected ? linear_forward(&model->query, x) : x;              // (B,T,D)
    Tensor *k = projected ? linear_forward(&model->key, x) : x;                // (B,T,D)
    Tensor *v = linear_forward(&model->value, x);                              // (B,T,D)
    Tensor *y = scaled_dot_product_attention(q, k, v, (Masks){0}, 0, weights); // (B,T,D)
    return linear_forward(&model->output, y);                                  // (B,T,V)
}

/* Token t of a sentence x (T,E): one-hot name, one-hot name of the one it points at, payload. */
static void write_token(real *x, int t, int name, int points_at, int payload) {
    real *row = x + t * E;
    for (int e = 0; e < E; e++) row[e] = 0;
    row[name] = row[T + points_at] = row[2 * T + payload] = 1;
}

/* A random ring: token order[i] points at token order[i+1]. Names are a second permutation, so that
 * a token's place says nothing about its name. */
static void random_sentence(real *x, int *targets, Random *random) {
    size_t order[T], names[T];
    int payloads[T];
    random_permutation(random, order, T);
    random_permutation(random, names, T);
    for (int t = 0; t < T; t++) payloads[t] = (int)random_below(random, V);
    for (int i = 0; i < T; i++) {
        const size_t from = order[i], to = order[(i + 1) % T];
        write_token(x, (int)from, (int)names[from], (int)names[to], payloads[from]);
        targets[from] = payloads[to];
    }
}

void pointing_batch(PointingBatch *batch, Random *random) {
    for (int b = 0; b < batch->sentences; b++)
        random_sentence(batch->x + (size_t)b * T * E, batch->targets + (size_t)b * T, random);
}

/* The same task in the order that is easiest to look at: the wanted attention is the line just
 * above the diagonal. */
void pointing_ring(real *x) {
    for (int t = 0; t < T; t++) write_token(x, t, t, (t + 1) % T, t % V);
}

/* The share of tokens whose largest logit is the right one. */
static double accuracy(const PointingModel *model, const PointingBatch *batch) {
    Tensor *logits = pointing_forward(model, TENSOR_FROM(batch->x, batch->sentences, T, E), NULL);
    int right = 0;
    for (int n = 0; n < batch->sentences * T; n++)
        right += vector_argmax(logits->data + n * V, V) == batch->targets[n];
    return (double)right / (batch->sentences * T);
}

typedef struct {
    const PointingModel *model;
    Random random;
    PointingBatch test;
    int every;
    real *accuracies; // NULL: nobody asks
} Course;

/* The summed cross-entropy of a batch. All batches are new: there is nothing to learn by heart. */
static Tensor *batch_loss(void *context, int *count) {
    Course *course = context;
    const int B = TRAIN_SENTENCES, N = *count = B * T;
    PointingBatch batch = {.sentences = B,
                           .x = graph_alloc((size_t)(N * E) * sizeof *batch.x),
                           .targets = graph_alloc((size_t)N * sizeof *batch.targets)};
    pointing_batch(&batch, &course->random);
    Tensor *x = TENSOR_FROM(batch.x, B, T, E);                 // (B,T,E)
    Tensor *logits = pointing_forward(course->model, x, NULL); // (B,T,V)
    return op_cross_entropy(RESHAPE(logits, N, V), batch.targets, -1, 0);
}

static bool look(void *context, int step) {
    const Course *course = context;
    if (course->accuracies)
        course->accuracies[step / course->every] = (real)accuracy(course->model, &course->test);
    return true;
}

double pointing_train(PointingModel *model, int steps, int every, uint64_t seed, real *accuracies) {
    real test_x[TEST_SENTENCES * T * E];
    int test_targets[TEST_SENTENCES * T];
    Course course = {.model = model,
                     .test = {TEST_SENTENCES, test_x, test_targets},
                     .every = every,
                     .accuracies = accuracies};
    random_seed(&course.random, seed);
    pointing_batch(&course.test, &course.random); // before all others
    training_run(&(Training){.parameters = &model->parameters,
                             .adam = adam_pytorch(),
                             .steps = steps,
                             .lr = 0.02,
                             .loss = batch_loss,
                             .context = &course,
                             .look = look,
                             .every = every,
                             .label = "pointing"});
    const double reached = accuracy(model, &course.test);
    if (accuracies && steps % every == 0) accuracies[steps / every] = (real)reached;
    graph_reset(graph_current());
    return reached;
}
