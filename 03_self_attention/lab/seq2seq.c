#include "03_self_attention/lab/seq2seq.h"

#include "03_self_attention/attention.h"
#include "common/optimizer.h"
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
            Tensor *context = scaled_dot_product_attention(query, states, states, NULL, 0,
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

void seq2seq_train(const Seq2Seq *model, Parameters *parameters, const Seq2SeqTraining *training,
                   Random *random) {
    static const AdamConfig adam = {.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8};
    const int B = training->batch;
    const size_t bytes = (size_t)(B * training->longest) * sizeof(int);
    int *src = memory_alloc(bytes), *tgt = memory_alloc(bytes);
    Graph *graph = graph_new();
    graph_use(graph);
    Optimizer *optimizer = optimizer_new(parameters, adam);
    for (int step = 0; step < training->steps; step++) {
        graph_reset(graph);
        // All strings of a batch have one length, so that nothing has to be padded or masked.
        const int range = training->longest - training->shortest + 1;
        const int S = training->shortest + (int)random_below(random, (uint64_t)range);
        reversal_batch(random, model->vocab, B, S, src, tgt);
        Tensor *logits = seq2seq_forward(model, src, B, S, tgt, S, NULL);
        backward(op_cross_entropy(logits, in_order_of_steps(tgt, B, S), -1, 0));
        // A gradient that went back through many steps of an RNN is now and then enormous.
        const double mean = 1.0 / (B * S), norm = mean * parameters_grad_norm(parameters);
        const double lr = training->lr * (1 - (double)step / training->steps);
        optimizer_step(optimizer, lr, norm > 1 ? mean / norm : mean);
    }
    optimizer_free(optimizer);
    graph_free(graph);
    free(src);
    free(tgt);
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
