/* run.h - a training run: the model, where it stands in its data, and what it leaves in its folder.
 *
 *     model.safetensors   the best model so far, judged by BLEU on the validation pairs
 *     state.safetensors   everything needed to go on as if nothing had happened
 *     epoch-N.safetensors the weights after the last few epochs, to be averaged
 *     log.tsv, loss.png   one row, one point per epoch
 *
 * All are replaced atomically: at any moment, each of them is a whole file.
 */
#ifndef RUN_H
#define RUN_H

#include "06_training/translator/batches.h"
#include "06_training/translator/decode.h"
#include "06_training/translator/settings.h"
#include "06_training/translator/trainer.h"

typedef struct {
    long epoch, step;
    double lr, train_loss, valid_loss, valid_bleu, seconds;
} LogRow;

typedef struct {
    const Settings *settings;
    const char *directory;
    Translator translator;
    Trainer *trainer;
    EncodedPairs train, valid;
    const Pairs *valid_pairs;
    Epoch epoch_order, valid_order;
    Random random, epoch_random; // the order's generator, now and as it was before this epoch
    long step, epoch;            // finished ones
    size_t batch;                // of the current epoch, the next one
    double loss_sum;             // over this epoch's targets
    long loss_count;
    double recent_loss; // of the last steps, a running mean
    long tokens_done;   // target tokens, of this process
    double best_bleu, best_loss;
    long best_step;        // 0: no model kept yet
    double started;        // by the monotonic clock, this process
    double seconds_before; // spent in earlier processes
    LogRow *log;
    size_t log_count, log_capacity;
} Run;

/* Starts a run, or with settings->resume takes up the one in common->out. train and valid must
 * outlive it. On success the caller frees with run_free. */
bool run_begin(Run *run, Settings *settings, const CommonOptions *common, const Pairs *train,
               const Pairs *valid, Error *err);
void run_free(Run *run);

/* Prints what is trained: the model's sizes, the epoch's, where a resumed run stands. */
void run_print(const Run *run);

/* One optimizer step on the next batch. */
bool run_step(Run *run, Error *err);

/* True after the last batch of an epoch; the next one is then made. */
bool run_epoch_ended(Run *run);

/* Seconds this process has trained; target tokens it did in each of them. */
double run_seconds(const Run *run);
double run_tokens_per_second(const Run *run);

/* Loss and BLEU (greedy, sacreBLEU's 13a) on the validation pairs into a new row of the log; keeps
 * the model if it is the best so far; at the end of an epoch begins the next one. */
bool run_validate(Run *run, Error *err);

/* Writes the model as it is now to model.safetensors. */
bool run_keep_model(Run *run, Error *err);

/* Draws DIRECTORY/loss.png from the log, if it has two rows or more; NULL: build/figures. */
void run_plot(const Run *run, const char *directory);

/* Averages the weights of the last epochs (Vaswani et al. 2017, section 6.1) and keeps the result
 * if it validates better than the best single epoch. */
bool run_average(Run *run, Error *err);

/* The built-in corpus. The caller frees both. */
bool run_builtin_pairs(Pairs *train, Pairs *valid, Error *err);

#endif
