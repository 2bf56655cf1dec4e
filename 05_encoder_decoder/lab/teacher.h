/* teacher.h - the whole machine on a handful of sentences: batches, training steps, answers.
 *
 * Training is "teacher forcing": the decoder reads the right answer shifted right by one place, and
 * is to say at every place what comes next. One pass trains all places. Answering has no teacher:
 * the decoder reads what it has said itself, one token after the other.
 */
#ifndef TEACHER_H
#define TEACHER_H

#include "05_encoder_decoder/transformer.h"

enum { TEACHER_LENGTH = 64 }; // words of a sentence, at most

/* A sentence and its translation, both without TOKEN_BOS and TOKEN_EOS. */
typedef struct {
    int src[TEACHER_LENGTH], tgt[TEACHER_LENGTH];
    int src_length, tgt_length;
} SentencePair;

/* The ids of a sentence's words, separated by single spaces; word i of the vocabulary has id
 * TOKEN_TEXT + i. Returns how many there are. A word outside the vocabulary is a programmer's
 * error. */
int teacher_sentence_ids(int *ids, const char *sentence, const char *const *vocabulary, int count);

/* The pairs as a batch of the current graph, padded to the longest:
 *     src  a b c TOKEN_EOS      tgt  TOKEN_BOS x y z      labels  x y z TOKEN_EOS  */
Batch teacher_batch(const SentencePair *pairs, int count);

/* The mean cross-entropy of the pairs' targets, a scalar of the current graph. */
Tensor *teacher_loss(const Transformer *model, const SentencePair *pairs, int count);

/* The share of the pairs for which every place's most probable token is the right one. Saying all
 * of a sentence right after the right words is saying it right altogether, so this is the share
 * that teacher_answer() gets right, in one pass. Resets the current graph. */
double teacher_accuracy(const Transformer *model, const SentencePair *pairs, int count);

/* Greedy decoding of one source sentence with caches; out receives at most capacity tokens,
 * TOKEN_EOS left out. Returns how many. Resets the current graph. */
int teacher_answer(const Transformer *model, const int *src, int src_length, int *out,
                   int capacity);

#endif
