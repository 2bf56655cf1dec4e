/* probe.h - what one can measure of a model on a batch, to know whether it is sound: the tests that
 * find a fault before a training has run for hours. All but those that take steps work in the
 * current graph, which should be quiet (graph_quiet), and leave their tensors there. */
#ifndef PROBE_H
#define PROBE_H

#include "06_training/trainer/trainer.h"
#include "06_training/translator/encoded_pairs.h"

/* The places of the first pairs, 0 to count - 1, in the current graph. */
const size_t *probe_first(size_t count);

/* The same batch with more <pad> behind every source, where keys are masked, or behind every
 * target, where nothing is predicted and what no earlier place sees. Nothing may change: a batch is
 * as wide as its longest sentence, and this is what a longer one would do to the others. */
Batch probe_more_src_pad(Batch batch);
Batch probe_more_tgt_pad(Batch batch);

/* The mean loss of a target token, in nats. What is predicted is counted here, whatever the loss
 * has summed. */
double probe_loss(const Transformer *model, Batch batch);

/* The prefix test: another token takes the last place of every row that the decoder reads. Returns
 * the largest change of a logit before it, which must not know. */
double probe_later_token(const Transformer *model, Batch batch);

/* The share of the places whose label is the likeliest token, by the rule of greedy decoding. */
double probe_agreement(const Transformer *model, Batch batch);

/* The share of the places that read what they are to say. A word that comes twice in a row does so
 * by right. */
double probe_already_read(Batch batch);

/* ---- Steps ----------------------------------------------------------------------------------- */

/* Pairs that a model is shown again and again. */
typedef struct {
    const EncodedPairs *pairs;
    const size_t *indices; // (count)
    size_t count;
    int steps;
    double enough; // ends when the loss of a token is below; 0: takes all steps
    double lr;     // after a climb of `warmup` steps
    long warmup;
} ProbeCourse;

/* The gradient norm of the course's pairs in so many shards, each sentence in one. How a batch is
 * cut up must not matter. Without dropout, which draws for each shard apart. */
bool probe_norm(const ProbeCourse *course, Transformer *model, int shards, double *norm,
                Error *err);

/* A new model of that config that takes the course on one thread: it must get its pairs by heart.
 * *loss, *steps <- of the last step, and how many there were. Caller frees the model; NULL: an
 * error. */
Transformer *probe_overfit(const TransformerConfig *config, uint64_t seed,
                           const ProbeCourse *course, double clip, double *loss, int *steps,
                           Error *err);

/* How many of the pairs the model says word for word from the source alone, by greedy decoding. */
int probe_exact(const Transformer *model, const EncodedPairs *pairs, const size_t *indices,
                size_t count, int max_length);

/* Adds to the gradients of the model's parameters, in the current graph, those of the mean loss of
 * a token. The graph records meanwhile; no activation is dropped. */
void probe_gradients(const Transformer *model, Batch batch);

#endif
