/* batch_norm.c - Karpathy, "Let's build GPT", 1:32:51: he takes the batch norm of an earlier video
 * and changes one digit, x.mean(0) to x.mean(1), and it is a layer norm. What that digit decides.
 *
 * Beside: karpathy 1:32:51 - his matrix of 32 by 100 normed: mean 0.1469 and deviation 0.8803 of a
 *     column that is no longer normed; and why a Transformer wants no batch norm
 */
#include "01_embeddings/characters.h"
#include "03_self_attention/char_model.h"
#include "04_multihead/char_heads.h"
#include "05_encoder_decoder/layer_norm.h"
#include "common/files/data.h"
#include "common/files/text.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- The two norms --------------------------------------------------------------------------- */

/* dim 0: each column of x (N,E) is brought to mean 0 and variance 1, so that a number depends on
 * the other rows; dim 1: each row, so that it does not. The variance is divided by count - 1, as
 * x.var() in the video. */
static Tensor *norm_along(Tensor *x, int dim) {
    const int N = x->shape[0], E = x->shape[1], count = dim == 0 ? N : E;
    const int one_row[] = {1, E}, one_column[] = {N, 1};
    const int *shape = dim == 0 ? one_row : one_column;
    Tensor *mean = op_scale(op_sum_dim(x, dim), 1 / (real)count);   // (E) or (N)
    Tensor *centred = op_sub(x, op_reshape(mean, 2, shape));        // (N,E)
    Tensor *squares = op_sum_dim(op_mul(centred, centred), dim);    // (E) or (N)
    Tensor *variance = op_scale(squares, 1 / (real)(count - 1));    // (E) or (N)
    Tensor *epsilon = TENSOR_FROM(((const real[]){(real)1e-5}), 1); // (1)
    Tensor *scale = op_pow(op_add(variance, epsilon), (real)-0.5);  // (E) or (N)
    return op_mul(centred, op_reshape(scale, 2, shape));            // (N,E)
}

/* Of `count` numbers, `stride` apart: mean, and deviation divided by count - 1. */
static void moments(const real *x, int count, int stride, double *mean, double *deviation) {
    double sum = 0, squares = 0;
    for (int i = 0; i < count; i++) sum += (double)x[i * stride];
    *mean = sum / count;
    for (int i = 0; i < count; i++) squares += pow((double)x[i * stride] - *mean, 2);
    *deviation = sqrt(squares / (count - 1));
}

/* torch.manual_seed(1337); x = torch.randn(32, 100); x = module(x), with both modules. */
static void his_matrix(Comparison *comparison) {
    enum { N = 32, E = 100 };
    Random random;
    random_seed(&random, 1337);
    Tensor *x = TENSOR(N, E);
    random_fill_normal(&random, x->data, x->size, 0, 1);
    const char *const names[] = {"batch norm, x.mean(0)", "layer norm, x.mean(1)"};
    double mean, deviation;
    puts("                         column 0: one number       row 0: one example's\n"
         "                         of 32 examples             100 numbers\n"
         "                         mean      deviation        mean      deviation");
    for (int dim = 0; dim < 2; dim++) {
        const real *y = norm_along(x, dim)->data;
        moments(y, N, E, &mean, &deviation);
        printf("  %s  %7.4f   %7.4f", names[dim], mean + 1e-9, deviation);
        moments(y, E, 1, &mean, &deviation);
        printf("          %7.4f   %7.4f\n", mean + 1e-9, deviation);
    }
    puts("");
    moments(norm_along(x, 1)->data, N, E, &mean, &deviation);
    compare_value(comparison, "x[:,0].mean() after his LayerNorm1d", 0.1469, mean, 4, 5e-5);
    compare_value(comparison, "x[:,0].std()", 0.8803, deviation, 4, 5e-5);
}

/* ---- What a row depends on ------------------------------------------------------------------- */

enum { TOKENS = 8, WIDTH = 12 };

/* One token's vector is five times as large as the others', one column lies off by four. Each norm
 * mends one of the two. */
static void picture(void) {
    Random random;
    random_seed(&random, 7);
    Tensor *x = TENSOR(TOKENS, WIDTH);
    random_fill_normal(&random, x->data, x->size, 0, 1);
    for (int e = 0; e < WIDTH; e++) x->data[2 * WIDTH + e] *= 5;
    for (int t = 0; t < TOKENS; t++) x->data[t * WIDTH + 8] += 4;
    const PlotMap maps[] = {
        {.title = "x", .data = x->data, .rows = TOKENS, .cols = WIDTH},
        {.title = "batch norm", .data = norm_along(x, 0)->data, .rows = TOKENS, .cols = WIDTH},
        {.title = "layer norm", .data = norm_along(x, 1)->data, .rows = TOKENS, .cols = WIDTH}};
    plot_heatmap_grid(&(Picture){.name = "batch_norm",
                                 .title = "Eight tokens of twelve numbers",
                                 .caption =
                                     "batch norm takes away column 8, layer norm the size of "
                                     "row 2",
                                 .x_label = "number",
                                 .y_label = "token",
                                 .width = 1100,
                                 .height = 360,
                                 .value_min = -6,
                                 .value_max = 6},
                      maps, 3, 3, -1);
}

/* How far the first row of y moves when the last row of x is replaced. */
static double moved(int dim) {
    Random random;
    random_seed(&random, 3);
    Tensor *x = TENSOR(TOKENS, WIDTH);
    random_fill_normal(&random, x->data, x->size, 0, 1);
    const real *before = norm_along(x, dim)->data;
    random_fill_normal(&random, x->data + (TOKENS - 1) * WIDTH, WIDTH, 0, 3);
    return vector_max_difference(before, norm_along(x, dim)->data, WIDTH);
}

static void dependence(Comparison *comparison) {
    const double batch = moved(0), layer = moved(1);
    printf("Replace the last of the eight tokens. The first one's numbers move by\n\n"
           "  batch norm  %.4f\n  layer norm  %.4f\n\n"
           "If the rows are sentences of a batch, one's result hangs on its neighbours. If they\n"
           "are the places of one sentence, an earlier word has seen a later one, and no mask of\n"
           "attention helps. And a batch of one row is that row minus itself: nothing.\n\n",
           batch, layer);
    Tensor *one = TENSOR_FROM(((const real[]){3, 1, 2}), 1, 3);
    Parameters parameters = {0};
    const LayerNorm norm = layer_norm_new(&parameters, "norm.", 3);
    const real *y = layer_norm(&norm, one)->data;
    compare_claim(comparison, "layer norm: a row knows of itself only", layer == 0 && batch > 0.1);
    compare_claim(comparison, "layer norm of a batch of one row is what it always is",
                  fabs((double)y[0] - sqrt(1.5)) < 1e-4);
    parameters_free(&parameters);
}

/* ---- Trained with the one and with the other ------------------------------------------------- */

/* His block, x + sa(norm(x)) and x + ffwd(norm(x)), with either norm. */
typedef struct {
    CharHeads heads;
    Linear in, out;
    LayerNorm scale[2]; // weight and bias of either norm; as layer norms also the norm itself
    bool batch;
} Block;

/* x (B,T,E): all B T places of the batch make the columns, as PyTorch's BatchNorm1d has it. */
static Tensor *normed(const Block *block, int which, Tensor *x) {
    if (!block->batch) return layer_norm(&block->scale[which], x);
    const int B = x->shape[0], T = x->shape[1], E = x->shape[2];
    Tensor *y = norm_along(RESHAPE(x, B * T, E), 0);                             // (BT,E)
    y = op_add(op_mul(y, block->scale[which].weight), block->scale[which].bias); // (BT,E)
    return RESHAPE(y, B, T, E);
}

static Tensor *block_forward(const void *state, Tensor *x, PositionsKind positions) {
    const Block *block = state;
    x = op_add(x, char_heads_forward(&block->heads, normed(block, 0, x), positions)); // (B,T,E)
    Tensor *hidden = op_relu(linear_forward(&block->in, normed(block, 1, x)));        // (B,T,4E)
    return op_add(x, linear_forward(&block->out, hidden));                            // (B,T,E)
}

static CharModel model_new(Parameters *parameters, Block *block, int vocab, Random *random) {
    enum { E = 32 };
    CharModel model = char_model_begin(
        parameters,
        (CharConfig){
            .vocab = vocab, .block_size = TOKENS, .n_embd = E, .positions = POSITIONS_LEARNED},
        random);
    block->heads = char_heads_new(parameters, "sa.", E, 4, false, random);
    block->in = linear_new(parameters, "in.", E, 4 * E, true, random);
    block->out = linear_new(parameters, "out.", 4 * E, E, true, random);
    block->scale[0] = layer_norm_new(parameters, "norm1.", E);
    block->scale[1] = layer_norm_new(parameters, "norm2.", E);
    char_model_finish(&model, parameters, (CharMiddle){block_forward, block, E}, random);
    return model;
}

/* A short training, then the loss on validation windows, 32 at once and one at a time. */
static void train(bool batch, TextParts parts, int vocab, double *together, double *alone) {
    const CharTraining training = {.batch = 32,
                                   .block = TOKENS,
                                   .steps = 600,
                                   .eval_every = 1000,
                                   .eval_batches = 1,
                                   .lr = 1e-3};
    Random random;
    random_seed(&random, 1337);
    Parameters parameters = {0};
    Block block = {.batch = batch};
    const CharModel model = model_new(&parameters, &block, vocab, &random);
    CharRow rows[2];
    char_train(char_model_loss, &model, &parameters, parts, &training, &random, rows, 2, NULL);
    *together =
        text_part_estimate_loss(char_model_loss, &model, &random, parts.val, 50, 32, TOKENS);
    *alone = text_part_estimate_loss(char_model_loss, &model, &random, parts.val, 1600, 1, TOKENS);
    parameters_free(&parameters);
}

static void trained(Comparison *comparison) {
    char path[1024], *text;
    size_t bytes;
    Error err;
    Characters characters;
    IntArray ids = {0};
    if (!data_find("tinyshakespeare/input.txt", path, sizeof path)) {
        printf("left out: %s\n", path);
        return;
    }
    if (!text_read(path, &text, &bytes, &err) ||
        !characters_learn(&characters, text, bytes, &err) ||
        !characters_encode(&characters, text, bytes, &ids, &err))
        error_exit(&err);
    double together[2], alone[2];
    for (int i = 0; i < 2; i++)
        train(i == 0, text_part_split(ids.data, ids.count), (int)characters.count, &together[i],
              &alone[i]);
    printf("One block of his model, 600 steps on tiny Shakespeare, windows of %d. Loss of a\n"
           "character of the validation part, the windows read\n\n"
           "              32 at once   one at a time\n"
           "  batch norm  %10.3f   %13.3f\n  layer norm  %10.3f   %13.3f\n\n"
           "One at a time is how a model writes. Batch norm then takes its means from the eight\n"
           "characters of a single window and is another function than the one that learned.\n"
           "PyTorch's keeps running means for that time, a state that no gradient teaches. Layer\n"
           "norm needs nothing: training and use are the same.\n\n",
           TOKENS, together[0], alone[0], together[1], alone[1]);
    compare_claim(comparison, "batch norm is worse by 0.1 or more one window at a time",
                  alone[0] > together[0] + 0.1);
    compare_claim(comparison, "layer norm is not", fabs(alone[1] - together[1]) < 0.1);
    free(text);
    free(ids.data);
    characters_free(&characters);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Batch norm against layer norm, from Karpathy's demo to a training.",
                         "build/05_encoder_decoder/batch_norm"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    Comparison comparison = {0};
    lesson_step(&lesson, "One digit: which numbers are brought to mean 0 and deviation 1");
    his_matrix(&comparison);
    picture();
    lesson_step(&lesson, "What a row depends on");
    dependence(&comparison);
    lesson_step(&lesson, "Trained with the one, and with the other");
    trained(&comparison);
    return lesson_end(&lesson, compare_end(&comparison));
}
