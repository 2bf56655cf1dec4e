/* question_model.h - the smallest model that can be asked something about a word of a sentence.
 *
 * Word vectors and positions (chapters 1 and 2), one or more layers of multi-head attention, each
 * adding its result to what came in, and a linear readout at the word that is asked about. No
 * feed-forward, no layer norm: whatever this model knows about other words, attention fetched.
 */
#ifndef QUESTION_MODEL_H
#define QUESTION_MODEL_H

#include "01_embeddings/embedding.h"
#include "04_multihead/multihead.h"

enum { QUESTION_LENGTH = 12, QUESTION_ANSWERS = 2, QUESTION_LAYERS = 4 };

/* A sentence and what is asked at one of its words. */
typedef struct {
    int ids[QUESTION_LENGTH]; // padded with 0, which is no word
    int length;
    int asked;                     // the place of the word asked about
    int answers[QUESTION_ANSWERS]; // the classes that are right
} Question;

typedef struct {
    int vocab;   // word ids are 1 .. vocab-1
    int answers; // how many questions are asked at the word, at most QUESTION_ANSWERS
    int classes; // of each answer
    int d_model, nhead, num_layers;
} QuestionConfig;

typedef struct {
    QuestionConfig config;
    Parameters parameters;
    Embedding embedding;                        // (vocab,E)
    MultiheadAttention layers[QUESTION_LAYERS]; // each with nhead heads
    Linear readout;                             // (answers*classes,E)
} QuestionModel;

/* Drawn from the seed. The caller frees it; its address must not change while an optimizer uses
 * its parameters. */
QuestionModel *question_model_new(QuestionConfig config, uint64_t seed);
void question_model_free(QuestionModel *model); // NULL is allowed

/* The logits (count*answers,classes) for count sentences, in the current graph. Sentences are
 * padded to the longest. weights, if not NULL, receives one tensor (count,H,T,T) per layer. */
Tensor *question_model_forward(const QuestionModel *model, const Question *questions, int count,
                               Tensor **weights);

/* The mean cross-entropy of the questions' answers, a scalar of the current graph. */
Tensor *question_model_loss(const QuestionModel *model, const Question *questions, int count);

/* The share of the questions with every answer right. Resets the current graph. */
double question_model_accuracy(const QuestionModel *model, const Question *questions, int count);

#endif
