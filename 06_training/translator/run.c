#include "06_training/translator/run.h"

#include <stdio.h>
#include <stdlib.h>

#include "01_embeddings/bpe_learn.h"
#include "01_embeddings/corpus/corpus.h"
#include "06_training/score/bleu_score.h"
#include "06_training/translator/checkpoint.h"
#include "common/clock.h"
#include "common/screen/plot.h"

/* ---- Beginning ------------------------------------------------------------------------------- */

/* One vocabulary for both sides: names and numbers are shared, and the embeddings can be tied
 * (Vaswani et al. 2017, section 5.1). */
static bool learn_tokenizer(Run *run, const Pairs *train, Error *err) {
    const Lines both[] = {train->src, train->tgt};
    run->translator.bpe = bpe_learn(both, 2, (int)run->settings->vocab, NULL, NULL, err);
    if (!run->translator.bpe) return false;
    const int vocab = bpe_vocab_size(run->translator.bpe);
    if (vocab < run->settings->vocab)
        printf("vocabulary: %d tokens, all that these sentences give (--vocab %ld)\n", vocab,
               run->settings->vocab);
    else
        printf("vocabulary: %d tokens\n", vocab);
    return true;
}

/* Embeddings and output layer are one matrix (tied): of the tiny model's weights that matrix is
 * already half, and every piece is trained as input and as output. */
static void make_model(Run *run, uint64_t seed) {
    const Settings *s = run->settings;
    const int vocab = bpe_vocab_size(run->translator.bpe);
    const TransformerConfig config = {.layer = {.d_model = (int)s->d_model,
                                                .nhead = (int)s->heads,
                                                .dim_feedforward = (int)s->ff,
                                                .dropout = (real)s->dropout,
                                                .norm_first = s->norm_first},
                                      .num_encoder_layers = (int)s->layers,
                                      .num_decoder_layers = (int)s->layers,
                                      .src_vocab = vocab,
                                      .tgt_vocab = vocab,
                                      .tie_embeddings = true};
    Random random;
    random_seed(&random, seed);
    run->translator.model = transformer_new(&config, &random);
    run->translator.max_length = (int)s->max_length;
}

/* Validation is cut into batches once, without chance: its loss must be of the same sums every
 * time. */
static bool encode_data(Run *run, const Pairs *train, const Pairs *valid, Error *err) {
    const int max_length = run->translator.max_length;
    run->train = encode_pairs(run->translator.bpe, train, max_length);
    run->valid = encode_pairs(run->translator.bpe, valid, max_length);
    run->valid_pairs = valid;
    const size_t skipped = run->train.skipped + run->valid.skipped;
    if (skipped)
        printf("%zu pairs skipped because a side has more than %d tokens (--max-length)\n", skipped,
               max_length);
    if (run->train.count == 0 || run->valid.count == 0)
        return error_set(err, "no %s pair of at most %d tokens a side is left",
                         run->train.count ? "validation" : "training", max_length);
    run->epoch_order = epoch_new(&run->train);
    run->valid_order = epoch_new(&run->valid);
    epoch_shuffle(&run->valid_order, &run->valid, (int)run->settings->batch_tokens, NULL);
    return true;
}

/* The generator's state before the shuffle is what a checkpoint keeps: shuffling again from it
 * gives the same batches, and `batch` says how many of them are done. */
static void begin_epoch(Run *run) {
    run->epoch_random = run->random;
    run->batch = 0;
    run->loss_sum = 0;
    run->loss_count = 0;
    epoch_shuffle(&run->epoch_order, &run->train, (int)run->settings->batch_tokens, &run->random);
}

/* Takes up the epoch that was under way, in the order it had. */
static bool resume(Run *run, const Checkpoint *checkpoint, Error *err) {
    size_t batch = 0;
    if (!checkpoint_restore(run, checkpoint, &batch, err)) return false;
    const double sum = run->loss_sum;
    const long count = run->loss_count;
    begin_epoch(run);
    run->loss_sum = sum;
    run->loss_count = count;
    run->batch = batch;
    return batch <= run->epoch_order.count ||
           error_set(err, "%s is of other data: it stands at batch %zu of an epoch that has %zu",
                     checkpoint->path, batch, run->epoch_order.count);
}

/* Apart from run_begin, so that nothing is announced that then fails to begin. */
void run_print(const Run *run) {
    const TransformerConfig *c = &run->translator.model->config;
    printf("model: %d+%d layers, d_model %d, %d heads, feed-forward %d: %zu parameters\n",
           c->num_encoder_layers, c->num_decoder_layers, c->layer.d_model, c->layer.nhead,
           c->layer.dim_feedforward, parameters_size(&run->translator.model->parameters));
    printf("an epoch: %zu pairs in %zu batches; %d threads; seed %llu\n", run->train.count,
           run->epoch_order.count, threads_count(run->trainer->threads),
           (unsigned long long)run->trainer->seed);
    if (run->settings->resume)
        printf("resumed at step %ld, epoch %ld\n", run->step, run->epoch + 1);
    fflush(stdout);
}

/* In this order: tokenizer or checkpoint, model, trainer, data. The data come last because
 * encoding needs the tokenizer, which may be the checkpoint's. */
bool run_begin(Run *run, Settings *settings, const CommonOptions *common, const Pairs *train,
               const Pairs *valid, Error *err) {
    const uint64_t seed = (uint64_t)common->seed;
    *run = (Run){.settings = settings, .directory = common->out};
    random_seed(&run->random, seed);
    Checkpoint checkpoint = {0};
    if (settings->resume) {
        if (!checkpoint_open(run, settings, &checkpoint, err)) return false;
    } else {
        if (!learn_tokenizer(run, train, err)) return false;
        make_model(run, seed);
    }
    Parameters *parameters = &run->translator.model->parameters;
    run->trainer =
        trainer_new(parameters, adam_paper(), (int)common->threads, seed, settings->clip);
    bool begun = encode_data(run, train, valid, err);
    if (begun && settings->resume)
        begun = resume(run, &checkpoint, err);
    else if (begun)
        begin_epoch(run);
    checkpoint_close(&checkpoint);
    if (!begun) {
        run_free(run);
        return false;
    }
    run->started = clock_seconds();
    return true;
}

void run_free(Run *run) {
    trainer_free(run->trainer);
    translator_free(&run->translator);
    encoded_pairs_free(&run->train);
    encoded_pairs_free(&run->valid);
    epoch_free(&run->epoch_order);
    epoch_free(&run->valid_order);
    free(run->log);
    *run = (Run){0};
}

/* ---- A step ---------------------------------------------------------------------------------- */

typedef struct {
    Run *run;
    const size_t *indices;
    size_t count;
} StepBatch;

/* Summed, not averaged, over the shard's targets: shards differ in length, and a mean of means
 * would give short ones more weight. */
static Tensor *shard_loss(void *context, int shard) {
    const StepBatch *step = context;
    const Run *run = step->run;
    size_t first, size;
    shard_range(step->count, shard, threads_count(run->trainer->threads), &first, &size);
    if (size == 0) return NULL;
    const Batch batch =
        batch_make(&run->train, step->indices + first, size, &graph_current()->arena);
    return transformer_loss(run->translator.model, &batch, (real)run->settings->label_smoothing);
}

/* Without the start mark, which nothing predicts. */
static long count_targets(const EncodedPairs *pairs, const size_t *indices, size_t count) {
    long targets = 0;
    for (size_t i = 0; i < count; i++) targets += pairs->pair[indices[i]].tgt_length - 1;
    return targets;
}

bool run_step(Run *run, Error *err) {
    const size_t *start = run->epoch_order.start + run->batch;
    StepBatch batch = {run, run->epoch_order.order + start[0], start[1] - start[0]};
    const long targets = count_targets(&run->train, batch.indices, batch.count);
    const double lr =
        inverse_square_root_lr(run->settings->lr, run->settings->warmup, run->step + 1);
    StepResult result;
    // The mean over targets, not over sentences: a long sentence teaches more than a short one.
    if (!trainer_step(run->trainer, shard_loss, &batch, 1 / (double)targets, lr, &result, err))
        return false;
    const double loss = result.loss / (double)targets;
    // For the progress line: about the last 20 steps, so that it neither jumps nor lags.
    run->recent_loss = run->recent_loss > 0 ? 0.95 * run->recent_loss + 0.05 * loss : loss;
    run->loss_sum += result.loss;
    run->loss_count += targets;
    run->tokens_done += targets;
    run->step++;
    run->batch++;
    return true;
}

/* The next epoch begins in run_validate, once this one's losses are in the log. */
bool run_epoch_ended(Run *run) {
    if (run->batch < run->epoch_order.count) return false;
    run->epoch++;
    return true;
}

double run_seconds(const Run *run) {
    return clock_seconds() - run->started;
}

double run_tokens_per_second(const Run *run) {
    const double seconds = run_seconds(run);
    return seconds > 0 ? (double)run->tokens_done / seconds : 0;
}

/* ---- Validation ------------------------------------------------------------------------------ */

typedef struct {
    const Run *run;
    double *losses; // one per batch, so that they are added in the same order however shared out
} Validation;

/* Batch b goes to thread b mod n: neighbours have similar lengths, so the shares come out even. */
static void validate_thread(void *context, int i) {
    const Validation *v = context;
    const Run *run = v->run;
    Graph *graph = run->trainer->graphs[i];
    graph_use(graph);
    const GraphMode before = graph_quiet();
    const int threads = threads_count(run->trainer->threads);
    for (size_t b = (size_t)i; b < run->valid_order.count; b += (size_t)threads) {
        const size_t *start = run->valid_order.start + b;
        graph_reset(graph);
        const Batch batch = batch_make(&run->valid, run->valid_order.order + start[0],
                                       start[1] - start[0], &graph->arena);
        v->losses[b] = tensor_item(transformer_loss(run->translator.model, &batch, 0));
    }
    graph_reset(graph);
    graph_restore(before);
}

/* The mean cross-entropy of the validation targets, without smoothing or dropout. */
static double validation_loss(const Run *run) {
    Validation v = {run, memory_calloc(run->valid_order.count * sizeof(double))};
    threads_run(run->trainer->threads, validate_thread, &v);
    double sum = 0;
    for (size_t b = 0; b < run->valid_order.count; b++) sum += v.losses[b];
    free(v.losses);
    return sum / (double)count_targets(&run->valid, run->valid_order.order, run->valid.count);
}

/* Greedy BLEU against the raw validation targets. */
static double validation_bleu(const Run *run) {
    const Lines *src = &run->valid_pairs->src, *tgt = &run->valid_pairs->tgt;
    char **out = memory_alloc(src->count * sizeof *out);
    const DecodeOptions greedy = {.beam = 1, .length_penalty = 0.6};
    translate_lines(&run->translator, (const char *const *)src->line, src->count, greedy,
                    run->trainer->threads, run->trainer->graphs, out, NULL, NULL);
    for (size_t i = 0; i < src->count; i++) // too long for the model: nothing said
        if (!out[i]) out[i] = memory_calloc(1);
    const char *const *reference = (const char *const *)tgt->line;
    const double bleu = bleu_corpus((const char *const *)out, &reference, 1, src->count,
                                    (BleuOptions){BLEU_13A, false}, NULL);
    for (size_t i = 0; i < src->count; i++) free(out[i]);
    free(out);
    return bleu;
}

/* BLEU decides, since translations are what one wants; the loss breaks its ties, which are
 * frequent at the start, when BLEU is 0. */
static bool better(const Run *run, double bleu, double loss) {
    if (run->best_step == 0) return true;
    return bleu > run->best_bleu || (bleu == run->best_bleu && loss < run->best_loss);
}

/* Takes note of a validated model and keeps it if it is the best. */
static bool judge(Run *run, double bleu, double loss, Error *err) {
    if (!better(run, bleu, loss)) return true;
    run->best_bleu = bleu;
    run->best_loss = loss;
    return run_keep_model(run, err);
}

/* A loss that is not finite means a broken model: it is neither logged nor saved, and what was
 * good stays. */
bool run_validate(Run *run, Error *err) {
    if (!trainer_check_weights(run->trainer, err)) return false;
    const double loss = validation_loss(run);
    if (!isfinite(loss))
        return error_set(err,
                         "step %ld: the validation loss is %g; the last good model stays in %s",
                         run->step, loss, run->directory);
    // A finished run that is resumed without more to do validates the same step again.
    if (run->log_count && run->log[run->log_count - 1].step == run->step) run->log_count--;
    run->log = array_reserve(run->log, &run->log_capacity, run->log_count + 1, sizeof *run->log);
    LogRow *row = &run->log[run->log_count++];
    *row =
        (LogRow){.epoch = run->epoch,
                 .step = run->step,
                 .lr = inverse_square_root_lr(run->settings->lr, run->settings->warmup, run->step),
                 .train_loss = run->loss_sum / (double)run->loss_count,
                 .valid_loss = loss,
                 .valid_bleu = validation_bleu(run),
                 .seconds = run->seconds_before + run_seconds(run)};
    const double bleu = row->valid_bleu;
    if (run->batch >= run->epoch_order.count) {
        if (!checkpoint_save_epoch(run, err)) return false;
        begin_epoch(run);
    }
    return judge(run, bleu, loss, err) && checkpoint_write_log(run, err);
}

/* A line needs two points. */
void run_plot(const Run *run, const char *directory) {
    const size_t n = run->log_count;
    if (n < 2) return;
    real *x = memory_alloc(3 * n * sizeof *x), *train = x + n, *valid = train + n;
    for (size_t i = 0; i < n; i++) {
        x[i] = (real)run->log[i].step;
        train[i] = (real)run->log[i].train_loss;
        valid[i] = (real)run->log[i].valid_loss;
    }
    const Picture picture = {.name = "loss",
                             .directory = directory,
                             .title = "Loss per target token",
                             .caption = "training stays above, with its dropout and smoothed "
                                        "labels; where validation turns up, the model has begun to "
                                        "learn its sentences by heart",
                             .x_label = "step",
                             .y_label = "cross-entropy (nats)"};
    const PlotSeries series[] = {
        {.name = "training", .x = x, .y = train, .count = n, .points = true},
        {.name = "validation", .x = x, .y = valid, .count = n, .points = true}};
    plot_lines(&picture, series, 2);
    free(x);
}

bool run_keep_model(Run *run, Error *err) {
    char path[4096];
    snprintf(path, sizeof path, "%s/model.safetensors", run->directory);
    if (!translator_save(&run->translator, path, err)) return false;
    run->best_step = run->step;
    return true;
}

/* The weights of the last epochs circle around a minimum; their mean lies nearer to it. */
bool run_average(Run *run, Error *err) {
    int averaged = 0;
    if (!checkpoint_average(run, &averaged, err)) return false;
    if (averaged > 1) {
        const double loss = validation_loss(run), bleu = validation_bleu(run);
        const bool best = better(run, bleu, loss);
        printf("average of the last %d epochs  valid loss %.4f  BLEU %5.2f%s\n", averaged, loss,
               bleu, best ? "  best so far" : "");
        if (!judge(run, bleu, loss, err)) return false;
    }
    printf("%s/model.safetensors: validation BLEU %.2f (greedy), loss %.4f\n", run->directory,
           run->best_bleu, run->best_loss);
    return true;
}

bool run_builtin_pairs(Pairs *train, Pairs *valid, Error *err) {
    // Which sentences they are does not depend on the run's seed: runs stay comparable.
    if (!corpus_pairs(CORPUS_TRAIN, 1, CORPUS_TRAIN_PAIRS, train, err)) return false;
    if (corpus_pairs(CORPUS_VALID, 1, CORPUS_VALID_PAIRS, valid, err)) return true;
    pairs_free(train);
    return false;
}
