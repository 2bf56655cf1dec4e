/* copy_task.c - The Annotated Transformer, "A First Example": synthetic data, loss, greedy
 * decoding. A model that learns to copy its input, and says 1 to 10 in the end.
 *
 * Beside: annotated Synthetic Data - the copy task trained, its loss beside guessing
 * Beside: annotated Greedy Decoding - 1 to 10 come back; why his later version, which begins with
 *     0, is luck
 * Beside: tensor2tensor - a task whose answers can be checked: its `identity`, copying
 */
#include "03_self_attention/attention.h"
#include "05_encoder_decoder/lab/teacher.h"
#include "06_training/trainer/schedule.h"
#include "06_training/trainer/trainer.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/vector.h"

#include <stdio.h>

/* His numbers, but for the width: 512 takes minutes on two cores, 128 seconds. */
enum { VOCAB = 11, LENGTH = 10, BATCH = 80, BATCHES = 20, EPOCHS = 20, WARMUP = 400 };
enum { D_MODEL = 128, HEADS = 8, LAYERS = 2, FIRST = 1 };
static const double FACTOR = 0.5;

/* data_gen: numbers from 1 to 10, the first of them always 1, as source and as target. */
static void draw(int (*sentences)[LENGTH], int count, Random *random) {
    for (int b = 0; b < count; b++)
        for (int i = 0; i < LENGTH; i++)
            sentences[b][i] = i == 0 ? FIRST : 1 + (int)random_below(random, VOCAB - 1);
}

/* The sentences as a batch of the current graph: the decoder reads all but the last number of each
 * and is to say all but the first. */
static Batch make_batch(int (*sentences)[LENGTH], int count) {
    const int T = LENGTH - 1;
    int *src = graph_alloc((size_t)(count * LENGTH) * sizeof *src);
    int *tgt = graph_alloc((size_t)(count * T) * sizeof *tgt);
    int *labels = graph_alloc((size_t)(count * T) * sizeof *labels);
    memcpy(src, sentences, (size_t)(count * LENGTH) * sizeof *src);
    for (int i = 0; i < count * T; i++) {
        tgt[i] = sentences[i / T][i % T];
        labels[i] = sentences[i / T][i % T + 1];
    }
    return (Batch){.B = count, .S = LENGTH, .T = T, .src = src, .tgt = tgt, .labels = labels};
}

typedef struct {
    const Transformer *model;
    int (*sentences)[LENGTH]; // (BATCH)
} CopyBatch;

static Tensor *shard_loss(void *context, int shard, int shards) {
    const CopyBatch *copy = context;
    const ThreadShare share = threads_share(BATCH, shard, shards);
    if (share.count == 0) return NULL;
    const Batch batch = make_batch(copy->sentences + share.first, (int)share.count);
    return transformer_loss(copy->model, &batch, 0);
}

/* 20 epochs of 20 batches; returns the loss per number of the last batch. */
static double train(Transformer *model, Trainer *trainer, Random *random) {
    const double peak = FACTOR / sqrt((double)D_MODEL * WARMUP);
    const double scale = 1.0 / (BATCH * (LENGTH - 1));
    int sentences[BATCH][LENGTH];
    CopyBatch copy = {model, sentences};
    double loss = 0;
    for (int step = 1; step <= EPOCHS * BATCHES; step++) {
        draw(sentences, BATCH, random);
        TrainerResult result;
        Error err;
        const double lr = schedule_inverse_square_root(peak, WARMUP, step);
        const TrainerStep what = {.loss = shard_loss, .context = &copy, .scale = scale, .lr = lr};
        if (!trainer_step(trainer, &what, &result, &err)) error_exit(&err);
        loss = result.loss * scale;
        const bool told = step % (2 * BATCHES) == 0 || step == 1;
        if (told) printf("  step %3d  rate %.2e  loss %.4f\n", step, lr, loss);
    }
    return loss;
}

/* Greedy decoding: `said` (LENGTH) begins with src[0] and takes the likeliest number nine times.
 * Nothing is masked in the source, as in his src_mask of ones. */
static int greedy(const Transformer *model, const int *src, int *said) {
    const Masks nothing = {0};
    graph_reset(graph_current());
    Tensor *memory = transformer_encode(model, src, 1, LENGTH, nothing, NULL); // (1,10,E)
    int right = 1;
    said[0] = src[0];
    // All it has said goes in again at each step; only the last place's scores are new.
    for (int t = 1; t < LENGTH; t++) {
        Tensor *out = transformer_decode(model, said, 1, t, memory, nothing, NULL, NULL); // (1,t,E)
        const Tensor *logits = transformer_logits(model, out);
        said[t] = vector_argmax(logits->data + (t - 1) * VOCAB, VOCAB);
        right += said[t] == src[t];
    }
    return right;
}

static bool copied(const Transformer *model, const int *src) {
    int said[LENGTH];
    const int right = greedy(model, src, said);
    printf("  ");
    for (int i = 0; i < LENGTH; i++) printf(" %d", src[i]);
    printf("  ->");
    for (int i = 0; i < LENGTH; i++) printf(" %d", said[i]);
    printf("   %d of %d\n", right, LENGTH);
    return right == LENGTH;
}

/* The share of fresh sequences that come back whole. */
static double accuracy(const Transformer *model, Random *random, int count) {
    int sentence[1][LENGTH], said[LENGTH], whole = 0;
    for (int i = 0; i < count; i++) {
        draw(sentence, 1, random);
        whole += greedy(model, sentence[0], said) == LENGTH;
    }
    return (double)whole / count;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"The Annotated Transformer's copy task, with our parts. Slow: 40 s.",
                         "build/06_training/copy_task"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    const TransformerConfig config = {.layer = {.d_model = D_MODEL,
                                                .nhead = HEADS,
                                                .dim_feedforward = 4 * D_MODEL,
                                                .dropout = (real)0.1,
                                                .norm_first = true},
                                      .num_encoder_layers = LAYERS,
                                      .num_decoder_layers = LAYERS,
                                      .src_vocab = VOCAB,
                                      .tgt_vocab = VOCAB};
    Transformer *model = transformer_new(&config, &random);
    Trainer *trainer = trainer_new(&model->parameters, adam_paper(), (int)lesson.common.threads,
                                   (uint64_t)lesson.common.seed, 0);
    printf("make_model(11, 11, N=2) with d_model %d for his 512, %zu parameters for his\n"
           "14,731,787; %d batches of %d; guessing costs ln 10 = %.4f a number.\n\n",
           D_MODEL, parameters_size(&model->parameters), EPOCHS * BATCHES, BATCH, log(10));
    const double loss = train(model, trainer, &random);

    graph_use(trainer->graphs[0]);
    graph_quiet();
    const int from_1[LENGTH] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    const int from_0[LENGTH] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    puts("\nGreedy decoding, as published (2018): 1 to 10, beginning with 1.");
    const bool first = copied(model, from_1);
    puts("\nThe later version asks for 0 to 9, beginning with 0. But 0 is <pad>: no training\n"
         "sequence contains it, its vector is as it was drawn, and what comes out around it\n"
         "is luck. Nothing is promised:");
    copied(model, from_0);
    const double share = accuracy(model, &random, 200);
    printf("\nOf 200 fresh sequences %.1f %% come back without a mistake.\n\n", 100 * share);
    compare_claim(&comparison, "the loss is below a tenth of guessing", loss < 0.1 * log(10));
    compare_claim(&comparison, "1 2 3 4 5 6 7 8 9 10 comes back, as published", first);
    compare_claim(&comparison, "so do nine in ten fresh sequences", share >= 0.9);
    graph_use(NULL);
    trainer_free(trainer);
    transformer_free(model);
    return lesson_end(&lesson, compare_end(&comparison));
}
