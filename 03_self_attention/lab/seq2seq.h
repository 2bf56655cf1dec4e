/* seq2seq.h - an RNN reads a sentence, another RNN writes one: with a single vector between them,
 * or with attention (Sutskever et al. 2014; Bahdanau et al. 2015; Luong et al. 2015, whose dot
 * product this is). The task that goes with it: reversing strings.
 */
#ifndef SEQ2SEQ_H
#define SEQ2SEQ_H

#include "01_embeddings/embedding.h"
#include "03_self_attention/lab/rnn.h"

typedef struct {
    bool attends;        // false: all that passes is the encoder's last state
    int vocab, hidden;   // V, H
    Embedding embedding; // (V+1,H): row V is the token the decoder starts from
    RnnCell encoder, decoder;
    Linear query;  // (H,H), from the decoder's state; only where it attends
    Linear output; // from the decoder's state (H), or from state and context (2H), to V scores
} Seq2Seq;

Seq2Seq seq2seq_new(Parameters *parameters, bool attends, int vocab, int hidden, Random *random);

/* src (B,S) -> logits (B T,V), the scores of token t of sentence b in row t B + b. tgt (B,T): the
 * decoder is told the right token before each (teacher forcing); NULL: it goes on from its own best
 * one. weights (T pointers), if not NULL, receives the attention of each step, (B,1,S). */
Tensor *seq2seq_forward(const Seq2Seq *model, const int *src, int B, int S, const int *tgt, int T,
                        Tensor **weights);

/* src (B,S) <- random tokens in [0,vocab), tgt (B,S) <- each row of src from its end. */
void reversal_batch(Random *random, int vocab, int B, int S, int *src, int *tgt);

typedef struct {
    int steps, batch;
    int shortest, longest; // lengths trained on, one drawn for each batch
    double lr;             // at the start; it falls to 0 along a line
} Seq2SeqTraining;

/* Trains with Adam, gradients clipped to norm 1. Resets the current graph. */
void seq2seq_train(const Seq2Seq *model, Parameters *parameters, const Seq2SeqTraining *training,
                   Random *random);

/* The share of B random strings of length S that the model reverses without a mistake, going on
 * from its own tokens. Resets the current graph. */
double seq2seq_accuracy(const Seq2Seq *model, Random *random, int B, int S);

#endif
