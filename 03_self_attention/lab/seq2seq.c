#include "03_self_attention/lab/seq2seq.h"

#include "03_self_attention/attention.h"
#include "common/training.h"
#include "common/vector.h"

#include <stdlib.h>

Seq2Seq seq2seq_new(Parameters *parameters, bool attends, int vocab, int hidden, Random *random) {
    Seq2Seq model = {.attends = attends, .vocab = vocab, .hidden = hidden};
    model.embedding = embedding_new(parameters, "embedding.", vocab + 1, hidden, random);
    model.encoder = rnn_cell_new(parameters, "encoder.", hidden, hidden, true, random);
    model.decoder = rnn_cell_new(parameters, "decoder.", hidden, hidden, true, random);
    if (attends) model.query = linear_new(parameters, "query.", hidden, hidden, false, random);
    model.output =
        linear_new(parameters, "output.", attends ? 2 * hidden : hidden, vocab, true, random);
    return model;
}

/* Column t of ids (B,T) as B ids in the current graph's memory, vectors (B,H). */
static Tensor *embed_column(const Seq2Seq *model, const int *ids, int B, int T, int t) {
    int *column = graph_alloc((size_t)B * sizeof *column);
    for (int b = 0; b < B; b++) column[b] = ids ? ids[b * T + t] : model->vocab;
    return EMBEDDING_FORWARD(&model->embedding, column, B);
}

/* The id of the largest score in each row of logits (B,V), in the current graph's memory. */
static int *best_tokens(const Tensor *logits) {
    const int B = logits->shape[0], V = logits->shape[1];
    int *best = graph_alloc((size_t)B * sizeof *best);
    for (int b = 0; b < B; b++) best[b] = vector_argmax(logits->data + b * V, (size_t)V);
    return best;
}

/* The reader's states are kept only where there is someone to look at them. They are keys and
 * values at once: what a state is found by and what it hands over are the same numbers here.
 *
 * Reads src: the last state (B,H), and all states (B,S,H) for the attention to look at. */
static Tensor *encode(const Seq2Seq *model, const int *src, int B, int S, Tensor **states) {
    const int H = model->hidden;
    Tensor *h = rnn_cell_start(&model->encoder, B);
    *states = NULL;
    for (int s = 0; s < S; s++) {
        h = rnn_cell_forward(&model->encoder, embed_column(model, src, B, S, s), h);
        if (!model->attends) continue;
        Tensor *state = RESHAPE(h, B, 1, H);
        *states = *states ? op_concat(*states, state, 1) : state;
    }
    return h;
}

/* The query has a projection of its own. Without it the writer's state would have to resemble the
 * reader's state that it looks for, and it has other things to remember: tried that way, the same
 * training sometimes finds the strings' ends and sometimes does not. */
Tensor *seq2seq_forward(const Seq2Seq *model, const int *src, int B, int S, const int *tgt, int T,
                        Tensor **weights) {
    const int H = model->hidden;
    Tensor *states, *all = NULL;
    Tensor *h = encode(model, src, B, S, &states);
    const int *own = NULL;
    for (int t = 0; t < T; t++) {
        Tensor *x = t == 0 ? embed_column(model, NULL, B, 1, 0)
                    : tgt  ? embed_column(model, tgt, B, T, t - 1)
                           : embed_column(model, own, B, 1, 0);
        h = rnn_cell_forward(&model->decoder, x, h); // (B,H)
        Tensor *seen = h;
        if (model->attends) { // the state asks, the encoder's states are keys and values
            Tensor *query = RESHAPE(linear_forward(&model->query, h), B, 1, H);
            Tensor *context = scaled_dot_product_attention(query, states, states, (Masks){0}, 0,
                                                           weights ? &weights[t] : NULL); // (B,1,H)
            seen = op_concat(h, RESHAPE(context, B, H), 1);                               // (B,2H)
        }
        Tensor *logits = linear_forward(&model->output, seen); // (B,V)
        if (!tgt) own = best_tokens(logits);
        all = all ? op_concat(all, logits, 0) : logits;
    }
    return all; // (T B,V)
}

void reversal_batch(Random *random, int vocab, int B, int S, int *src, int *tgt) {
    for (int b = 0; b < B; b++)
        for (int s = 0; s < S; s++)
            tgt[b * S + S - 1 - s] = src[b * S + s] = (int)random_below(random, (uint64_t)vocab);
}

/* tgt (B,T) in the order of the logits, (T,B), in the current graph's memory. */
static const int *in_order_of_steps(const int *tgt, int B, int T) {
    int *turned = graph_alloc((size_t)(B * T) * sizeof *turned);
    for (int b = 0; b < B; b++)
        for (int t = 0; t < T; t++) turned[t * B + b] = tgt[b * T + t];
    return turned;
}

typedef struct {
    const Seq2Seq *model;
    const Seq2SeqTraining *training;
    Random *random;
} Course;

/* The summed cross-entropy of a batch. All its strings have one length, so that nothing has to be
 * padded or masked. */
static Tensor *batch_loss(void *context, int *count) {
    const Course *course = context;
    const Seq2SeqTraining *t = course->training;
    const int vocab = course->model->vocab, B = t->batch;
    const int S =
        t->shortest + (int)random_below(course->random, (uint64_t)(t->longest - t->shortest + 1));
    *count = B * S;
    int *src = graph_alloc((size_t)(B * S) * sizeof *src);
    int *tgt = graph_alloc((size_t)(B * S) * sizeof *tgt);
    reversal_batch(course->random, vocab, B, S, src, tgt);
    Tensor *logits = seq2seq_forward(course->model, src, B, S, tgt, S, NULL); // (S B,V)
    return op_cross_entropy(logits, in_order_of_steps(tgt, B, S), -1, 0);
}

void seq2seq_train(const Seq2Seq *model, Parameters *parameters, const Seq2SeqTraining *training,
                   Random *random) {
    Course course = {model, training, random};
    training_run(&(Training){.parameters = parameters,
                             .adam = adam_pytorch(),
                             .steps = training->steps,
                             .lr = training->lr,
                             .rate = training_linear,
                             // What went back through many steps of an RNN can be enormous.
                             .clip = 1,
                             .loss = batch_loss,
                             .context = &course,
                             .label = "reversing"});
}

double seq2seq_accuracy(const Seq2Seq *model, Random *random, int B, int S) {
    int *src = memory_alloc((size_t)(B * S) * sizeof *src);
    int *tgt = memory_alloc((size_t)(B * S) * sizeof *tgt);
    reversal_batch(random, model->vocab, B, S, src, tgt);
    graph_reset(graph_current());
    const GraphMode before = graph_quiet();
    const Tensor *logits = seq2seq_forward(model, src, B, S, NULL, S, NULL);
    const int *best = best_tokens(logits); // (S,B)
    int right = 0;
    for (int b = 0; b < B; b++) {
        int wrong = 0;
        for (int s = 0; s < S; s++) wrong += best[s * B + b] != tgt[b * S + s];
        right += wrong == 0;
    }
    graph_restore(before);
    free(src);
    free(tgt);
    return (double)right / B;
}
