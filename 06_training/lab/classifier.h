/* classifier.h - an encoder that gives a whole sentence one of two labels, and what it is held
 * against: a bag of words.
 *
 * Bloem, "Transformers from scratch": the blocks' outputs are averaged over the sentence's places
 * (global average pooling), and one linear layer makes the labels' scores of the mean.
 */
#ifndef CLASSIFIER_H
#define CLASSIFIER_H

#include "06_training/lab/opinions.h"

typedef enum {
    CLASSIFIER_BAG,          // no layer at all: the mean of the words' vectors
    CLASSIFIER_NO_POSITIONS, // the encoder, which is not told where the words stand
    CLASSIFIER_ENCODER,      // with the sinusoids of chapter 2
    CLASSIFIER_KINDS
} ClassifierKind;

typedef struct {
    ClassifierKind kind;
    Parameters parameters;
    Embedding embedding; // (vocabulary,E)
    Positions positions;
    EncoderLayer *layers;
    int num_layers;
    Linear scores; // (2,E)
} Classifier;

/* Layers of d_model 32 with 2 heads. Caller frees with classifier_free. */
Classifier *classifier_new(ClassifierKind kind, int num_layers, uint64_t seed);
void classifier_free(Classifier *classifier); // NULL is allowed

/* Scores (count,2) of bad and good, in the current graph. weights, if not NULL, has room for
 * num_layers tensors and receives each layer's attention (count,2,S,S), S the longest sentence's
 * length. */
Tensor *classifier_forward(const Classifier *classifier, const Opinion *opinions, int count,
                           Tensor **weights);

/* The share of the sentences that get their label. right, if not NULL, receives it for each pattern
 * of which there are sentences. Resets the current graph. */
double classifier_accuracy(const Classifier *classifier, const Opinion *opinions, int count,
                           real right[OPINION_PATTERNS]);

/* Trains on all sentences, epochs times in a new order each, in batches of 50. accuracy
 * (epochs + 1) receives the share of `tested` that gets its label, before the first epoch and after
 * each. Uses and resets the current graph. */
void classifier_train(Classifier *classifier, const Opinion *trained, int trained_count,
                      const Opinion *tested, int tested_count, int epochs, uint64_t seed,
                      real *accuracy);

#endif
