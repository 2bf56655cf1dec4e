#include "06_training/lab/classifier.h"

#include "common/training.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { E = 32, HEADS = 2, FEED_FORWARD = 64, BATCH = 50 };
static const double LEARNING_RATE = 0.002;

Classifier *classifier_new(ClassifierKind kind, int num_layers, uint64_t seed) {
    Classifier *c = memory_calloc(sizeof *c);
    Parameters *p = &c->parameters;
    Random random;
    random_seed(&random, seed);
    c->kind = kind;
    c->num_layers = kind == CLASSIFIER_BAG ? 0 : num_layers;
    c->embedding = embedding_new(p, "embedding.", opinions_vocabulary(), E, &random);
    const PositionsKind positions =
        kind == CLASSIFIER_ENCODER ? POSITIONS_SINUSOID : POSITIONS_NONE;
    c->positions = positions_new(positions, p, "positions.", OPINION_LENGTH, E, &random);
    c->layers = memory_calloc(((size_t)c->num_layers + 1) * sizeof *c->layers);
    const LayerConfig config = {.d_model = E,
                                .nhead = HEADS,
                                .dim_feedforward = FEED_FORWARD,
                                .norm_first = true,
                                .positions = positions};
    for (int i = 0; i < c->num_layers; i++) {
        char prefix[32];
        snprintf(prefix, sizeof prefix, "layers.%d.", i);
        c->layers[i] = encoder_layer_new(p, prefix, config, &random);
    }
    c->scores = linear_new(p, "scores.", E, 2, true, &random);
    return c;
}

void classifier_free(Classifier *classifier) {
    if (!classifier) return;
    parameters_free(&classifier->parameters);
    free(classifier->layers);
    free(classifier);
}

/* x (B,S,E) -> the mean over each sentence's own places (B,E): a product with a matrix (B,1,S) that
 * has 1/length where there is a word and 0 where there is <pad>. */
static Tensor *mean_of_words(Tensor *x, const Opinion *opinions) {
    const int B = x->shape[0], S = x->shape[1];
    Tensor *shares = TENSOR(B, 1, S);
    for (int i = 0; i < B * S; i++) {
        const int length = opinions[i / S].length;
        shares->data[i] = i % S < length ? 1 / (real)length : 0;
    }
    return RESHAPE(op_matmul(shares, x), B, E);
}

Tensor *classifier_forward(const Classifier *c, const Opinion *opinions, int count,
                           Tensor **weights) {
    int S = 1;
    for (int b = 0; b < count; b++)
        if (opinions[b].length > S) S = opinions[b].length;
    int *ids = graph_alloc((size_t)(count * S) * sizeof *ids);
    for (int i = 0; i < count * S; i++)
        ids[i] = i % S < opinions[i / S].length ? opinions[i / S].ids[i % S] : TOKEN_PAD;
    unsigned char *padding = graph_alloc((size_t)(count * S));
    masks_key_padding(padding, ids, count, S, TOKEN_PAD);
    const Masks masks = {.key_padding_mask = padding};
    Tensor *x = EMBEDDING_FORWARD(&c->embedding, ids, count, S); // (B,S,E)
    x = positions_add(&c->positions, x, 0);
    for (int i = 0; i < c->num_layers; i++)
        x = encoder_layer_forward(&c->layers[i], x, masks, weights ? &weights[i] : NULL);
    return linear_forward(&c->scores, mean_of_words(x, opinions)); // (B,2)
}

double classifier_accuracy(const Classifier *classifier, const Opinion *opinions, int count,
                           real right[OPINION_PATTERNS]) {
    int sentences[OPINION_PATTERNS] = {0}, hits[OPINION_PATTERNS] = {0}, all = 0;
    graph_reset(graph_current());
    const GraphMode before = graph_quiet();
    const Tensor *scores = classifier_forward(classifier, opinions, count, NULL);
    for (int b = 0; b < count; b++) {
        const bool hit = vector_argmax(scores->data + 2 * b, 2) == opinions[b].label;
        sentences[opinions[b].pattern]++;
        hits[opinions[b].pattern] += hit;
        all += hit;
    }
    graph_restore(before);
    for (int p = 0; p < OPINION_PATTERNS && right; p++)
        if (sentences[p] > 0) right[p] = (real)hits[p] / (real)sentences[p];
    return (double)all / count;
}

/* ---- Training -------------------------------------------------------------------------------- */

typedef struct {
    const Classifier *classifier;
    const Opinion *trained, *tested;
    int trained_count, tested_count, batches; // of one epoch
    size_t *order;                            // (trained_count)
    int next;                                 // of the order
    Random random;
    real *accuracy;
} Course;

/* The summed cross-entropy of the next batch's labels. */
static Tensor *batch_loss(void *context, int *count) {
    Course *course = context;
    if (course->next == 0)
        random_permutation(&course->random, course->order, (size_t)course->trained_count);
    Opinion *batch = graph_alloc(BATCH * sizeof *batch);
    int *labels = graph_alloc(BATCH * sizeof *labels);
    for (int b = 0; b < BATCH; b++) {
        batch[b] = course->trained[course->order[course->next + b]];
        labels[b] = batch[b].label;
    }
    course->next = (course->next + BATCH) % (course->batches * BATCH);
    *count = BATCH;
    return op_cross_entropy(classifier_forward(course->classifier, batch, BATCH, NULL), labels, -1,
                            0);
}

static bool look(void *context, int step) {
    Course *course = context;
    course->accuracy[step / course->batches] =
        (real)classifier_accuracy(course->classifier, course->tested, course->tested_count, NULL);
    return true;
}

void classifier_train(Classifier *classifier, const Opinion *trained, int trained_count,
                      const Opinion *tested, int tested_count, int epochs, uint64_t seed,
                      real *accuracy) {
    Course course = {.classifier = classifier,
                     .trained = trained,
                     .tested = tested,
                     .trained_count = trained_count,
                     .tested_count = tested_count,
                     .batches = trained_count / BATCH,
                     .order = memory_alloc((size_t)trained_count * sizeof(size_t)),
                     .accuracy = accuracy};
    random_seed(&course.random, seed);
    const Training training = {.parameters = &classifier->parameters,
                               .adam = adam_pytorch(),
                               .steps = epochs * course.batches,
                               .lr = LEARNING_RATE,
                               .loss = batch_loss,
                               .context = &course,
                               .look = look,
                               .every = course.batches,
                               .label = "opinions"};
    training_run(&training);
    look(&course, training.steps);
    free(course.order);
}
