/* char_model.h - the language model that grows in Karpathy's "Let's build GPT".
 *
 * Token and position embeddings, something in the middle, and a linear layer back to the
 * vocabulary. Each stage of the video puts something else in the middle: nothing, one head, several
 * heads, ... This chapter has the first two; later chapters bring their own. Weights are drawn in
 * the order of the video's constructor, so that its seed gives its losses.
 */
#ifndef CHAR_MODEL_H
#define CHAR_MODEL_H

#include "01_embeddings/embedding.h"
#include "01_embeddings/text_part.h"
#include "03_self_attention/head.h"

/* What stands between the embeddings and lm_head: x (B,T,C) -> (B,T,width). Which positions the
 * model has it is told, since rotary ones are no affair of the embeddings but of what it does. */
typedef struct {
    Tensor *(*forward)(const void *state, Tensor *x, PositionsKind positions); // NULL: x goes on
    const void *state; // handed to forward; must outlive the model
    int width;
} CharMiddle;

typedef struct {
    int vocab;
    int block_size;          // the longest window
    int n_embd;              // C
    PositionsKind positions; // learned in the video
} CharConfig;

typedef struct {
    int block_size;
    Embedding token;     // (V,C)
    Positions positions; // learned: (block_size,C)
    CharMiddle middle;
    Linear lm_head; // (V,width)
} CharModel;

/* The embeddings: "token_embedding_table.weight" and, if positions are learned,
 * "position_embedding_table.weight". The caller then draws its middle from the same random, and
 * ends with char_model_finish. */
CharModel char_model_begin(Parameters *parameters, CharConfig config, Random *random);

/* Sets the middle and adds "lm_head.weight", "lm_head.bias". */
void char_model_finish(CharModel *model, Parameters *parameters, CharMiddle middle, Random *random);

/* Nothing in the middle: the stage `position`. */
CharMiddle char_middle_none(int n_embd);

/* One head with a causal mask: the stage `head`. It must outlive the model. */
CharMiddle char_middle_head(const AttentionHead *head);

/* ids (B,T), T <= block_size -> logits (B,T,V). */
Tensor *char_model_logits(const CharModel *model, const int *ids, int B, int T);

/* A TextPartLoss (text_part.h): the mean cross-entropy of predicting y from x, both (B,T). */
Tensor *char_model_loss(const void *model, const int *x, const int *y, int B, int T);

/* Appends `count` tokens to ids, which holds `length` >= 1 and has room for them: each is drawn, as
 * torch.multinomial draws, from the softmax of the scores after the last block_size tokens, divided
 * by temperature > 0. 1 is what the model has learned, less makes likely tokens likelier. Resets
 * the current graph. */
void char_model_generate(const CharModel *model, Random *random, double temperature, int *ids,
                         size_t length, size_t count);

/* ---- Training as in the video ---------------------------------------------------------------- */

typedef struct {
    int batch, block, steps; // steps: max_iters
    int eval_every, eval_batches;
    bool eval_last; // the later versions also evaluate at the last step
    double lr;
} CharTraining;

/* Whether the losses are estimated before this step. */
bool char_train_evaluates(const CharTraining *training, int step);

/* A line of the video's output: "step N: train loss X, val loss Y". */
typedef struct {
    int step;
    double train, val;
} CharRow;

/* Trains with AdamW (weight decay 0.01, PyTorch's default) and writes a row at each evaluation into
 * rows (as many as there are: at most steps / eval_every + 2), calling report (NULL: nobody) with
 * it. random is the one the model was drawn from: the video has one generator for all. Stops early,
 * after the row, once rows_wanted are there. Resets the current graph. Returns how many rows there
 * are. */
int char_train(TextPartLoss loss, const void *model, Parameters *parameters, TextParts parts,
               const CharTraining *training, Random *random, CharRow *rows, int rows_wanted,
               void (*report)(const CharRow *row));

#endif
