#include "03_self_attention/char_model.h"

#include "common/softmax.h"
#include "common/training.h"

#include <stdlib.h>

/* Two functions instead of one, because the middle is drawn between the embeddings and lm_head: in
 * PyTorch's constructor every layer takes its numbers from one generator in the order of the lines,
 * and a model whose parts are drawn in another order starts, and ends, somewhere else. */
CharModel char_model_begin(Parameters *parameters, CharConfig c, Random *random) {
    CharModel model = {.block_size = c.block_size};
    model.token = embedding_new(parameters, "token_embedding_table.", c.vocab, c.n_embd, random);
    model.positions = positions_new(c.positions, parameters, "position_embedding_table.",
                                    c.block_size, c.n_embd, random);
    return model;
}

void char_model_finish(CharModel *model, Parameters *parameters, CharMiddle middle,
                       Random *random) {
    model->middle = middle;
    const int vocab = model->token.weight->shape[0];
    model->lm_head = linear_new(parameters, "lm_head.", middle.width, vocab, true, random);
}

/* Without a middle the model says what follows a token at a place, whatever stands before it. */
CharMiddle char_middle_none(int n_embd) {
    return (CharMiddle){.width = n_embd};
}

/* x (B,T,C) -> (B,T,D). The positions are the model's to choose, so the head is told on the way. */
static Tensor *head_forward(const void *state, Tensor *x, PositionsKind positions) {
    AttentionHead head = *(const AttentionHead *)state;
    head.positions = positions;
    return attention_head_forward(&head, x, (Masks){.causal = true}, NULL);
}

CharMiddle char_middle_head(const AttentionHead *head) {
    return (CharMiddle){head_forward, head, head->value.weight->shape[0]};
}

Tensor *char_model_logits(const CharModel *model, const int *ids, int B, int T) {
    REQUIRE(T <= model->block_size, "a window of %d; the model has %d positions", T,
            model->block_size);
    const CharMiddle *middle = &model->middle;
    Tensor *x = EMBEDDING_FORWARD(&model->token, ids, B, T); // (B,T,C)
    x = positions_add(&model->positions, x, 0);              // (B,T,C)
    if (middle->forward) x = middle->forward(middle->state, x, model->positions.kind);
    return linear_forward(&model->lm_head, x); // (B,T,V)
}

/* Every place of every window is a question of its own: B T of them, and their mean. */
Tensor *char_model_loss(const void *model, const int *x, const int *y, int B, int T) {
    Tensor *logits = char_model_logits(model, x, B, T);
    const int N = B * T, V = logits->shape[2];
    return op_scale(op_cross_entropy(RESHAPE(logits, N, V), y, -1, 0), 1 / (real)N);
}

/* The scores of all T places are computed and only the last row is used: wasteful, and just what
 * the video does. Chapter 4's cache keeps the keys and values of earlier tokens instead. */
void char_model_generate(const CharModel *model, Random *random, double temperature, int *ids,
                         size_t length, size_t count) {
    const GraphMode before = graph_quiet();
    for (size_t end = length; end < length + count; end++) {
        graph_reset(graph_current());
        const int T = end < (size_t)model->block_size ? (int)end : model->block_size;
        const Tensor *logits = char_model_logits(model, ids + end - T, 1, T); // (1,T,V)
        const size_t V = (size_t)logits->shape[2];
        real *last = logits->data + (size_t)(T - 1) * V;
        for (size_t v = 0; v < V; v++) last[v] /= (real)temperature;
        softmax_row(last, V); // (V): what may follow, and how likely it is
        ids[end] = (int)random_multinomial(random, last, V);
    }
    graph_restore(before);
}

/* ---- Training -------------------------------------------------------------------------------- */

bool char_train_evaluates(const CharTraining *training, int step) {
    return step % training->eval_every == 0 || (training->eval_last && step == training->steps - 1);
}

/* A training under way. */
typedef struct {
    TextPartLoss loss;
    const void *model;
    TextParts parts;
    const CharTraining *training;
    Random *random;
    CharRow *rows;
    int count, wanted;
    void (*report)(const CharRow *row);
} CharCourse;

static Tensor *batch_loss(void *context, int *count) {
    const CharCourse *c = context;
    *count = 1; // a TextPartLoss is a mean
    return text_part_draw_loss(c->loss, c->model, c->random, c->parts.train, c->training->batch,
                               c->training->block);
}

static double estimate(const CharCourse *c, TextPart part) {
    const CharTraining *t = c->training;
    return text_part_estimate_loss(c->loss, c->model, c->random, part, t->eval_batches, t->batch,
                                   t->block);
}

/* The estimate draws its windows from the same generator as the batches do, so evaluating more
 * often would change what is trained on, and with it every later loss. */
static bool evaluate(void *context, int step) {
    CharCourse *c = context;
    CharRow *row = &c->rows[c->count++];
    row->step = step;
    row->train = estimate(c, c->parts.train);
    row->val = estimate(c, c->parts.val);
    if (c->report) c->report(row);
    return c->count < c->wanted;
}

int char_train(TextPartLoss loss, const void *model, Parameters *parameters, TextParts parts,
               const CharTraining *training, Random *random, CharRow *rows, int rows_wanted,
               void (*report)(const CharRow *row)) {
    CharCourse course = {.loss = loss,
                         .model = model,
                         .parts = parts,
                         .training = training,
                         .random = random,
                         .rows = rows,
                         .wanted = rows_wanted,
                         .report = report};
    training_run(&(Training){.parameters = parameters,
                             .adam = adamw_pytorch(),
                             .steps = training->steps,
                             .lr = training->lr,
                             .loss = batch_loss,
                             .context = &course,
                             .look = evaluate,
                             .every = training->eval_every,
                             .look_last = training->eval_last});
    return course.count;
}
