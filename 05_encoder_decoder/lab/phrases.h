/* phrases.h - a little English and French, and a model that has learned most of it.
 *
 *     I always help him   ->   je l' aide toujours
 *
 * Small as it is, translating it takes what attention is for: pronouns and adverbs change places,
 * the verb's ending depends on the subject, and him is l' before a vowel and le elsewhere, so that
 * the second French word depends on the third. Every word's origin is known by construction.
 */
#ifndef PHRASES_H
#define PHRASES_H

#include "05_encoder_decoder/lab/teacher.h"

enum {
    PHRASE_COUNT = 744,
    PHRASE_LENGTH = 5, // words with TOKEN_EOS on either side, at most
    PHRASE_LAYERS = 2, // of the model, on each side
    PHRASE_HEADS = 4
};

typedef struct {
    SentencePair pair;
    int origin
        [PHRASE_LENGTH]; // the source place that target word t translates, TOKEN_EOS's included
    bool held_out;       // never trained on: every fifth, and "I love you"
} Phrase;

/* All phrases, always in the same order. */
void phrases_make(Phrase phrases[PHRASE_COUNT]);

/* The word of an id: "love", "t'", "<pad>", "<s>", "</s>". */
const char *phrase_english(int id);
const char *phrase_french(int id);

/* The phrase whose English is this sentence; a programmer's error if there is none. */
const Phrase *phrase_find(const Phrase phrases[PHRASE_COUNT], const char *english);

/* A post-norm model with 2 + 2 layers of d_model 32, as drawn. Caller frees with transformer_free.
 */
Transformer *phrases_model(uint64_t seed);

/* Trains it for so many steps of 64 phrases that are not held out, with warm-up. Uses and resets
 * the current graph. Returns the mean loss of the last 20 steps. */
double phrases_train(Transformer *model, const Phrase phrases[PHRASE_COUNT], int steps,
                     uint64_t seed);

/* The share of the phrases translated without a mistake, held out or not. */
double phrases_accuracy(const Transformer *model, const Phrase phrases[PHRASE_COUNT],
                        bool held_out);

/* Cross-attention while the model reads the right translation: cross[i] is (1,PHRASE_HEADS,T,S) of
 * decoder layer i, row t belonging to the place that is to say target word t. Lives in the current
 * graph, which is reset first. */
void phrases_cross_attention(const Transformer *model, const Phrase *phrase,
                             Tensor *cross[PHRASE_LAYERS]);

#endif
