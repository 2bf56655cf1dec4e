/* teacher.h - the whole machine on a handful of sentences: batches, training steps, answers.
 *
 * Training is "teacher forcing": the decoder reads the right answer shifted right by one place, and
 * is to say at every place what comes next. One pass trains all places. Answering has no teacher:
 * the decoder reads what it has said itself, one token after the other.
 */
#ifndef TEACHER_H
#define TEACHER_H

#include "05_encoder_decoder/transformer.h"

enum {
    START = 1, // what the decoder reads first (PAD is 0)
    END = 2,   // what it says last; the source ends with it, too
    WORDS = 3, // the first id that is a word
    SENTENCE_LENGTH = 64
};

/* A sentence and its translation, both without START and END. */
typedef struct {
    int src[SENTENCE_LENGTH], tgt[SENTENCE_LENGTH];
    int src_length, tgt_length;
} SentencePair;

/* out (B,T): every row of ids (B,T) moved one place to the right, `first` in the place that is
 * free, the last id gone. */
void shift_right(int *out, const int *ids, int B, int T, int first);

/* The ids of a sentence's words, separated by single spaces; word i of the vocabulary has id
 * WORDS + i. Returns how many there are. A word outside the vocabulary is a programmer's error. */
int sentence_ids(int *ids, const char *sentence, const char *const *vocabulary, int count);

/* The pairs as a batch of the current graph, padded to the longest:
 *     src  a b c END      tgt  START x y z      labels  x y z END  */
Batch teacher_batch(const SentencePair *pairs, int count);

/* The mean cross-entropy of the pairs' targets, a scalar of the current graph. */
Tensor *teacher_loss(const Transformer *model, const SentencePair *pairs, int count);

/* The share of the pairs for which every place's most probable token is the right one. Saying all
 * of a sentence right after the right words is saying it right altogether, so this is the share
 * that answer() gets right, in one pass. Resets the current graph. */
double teacher_accuracy(const Transformer *model, const SentencePair *pairs, int count);

/* Greedy decoding of one source sentence with caches; out receives at most capacity tokens, END
 * left out. Returns how many. Resets the current graph. */
int answer(const Transformer *model, const int *src, int src_length, int *out, int capacity);

#endif
