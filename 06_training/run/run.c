#include "06_training/run/run.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "01_embeddings/bpe_learn.h"
#include "06_training/run/averaging.h"
#include "06_training/run/best.h"
#include "06_training/run/budget.h"
#include "06_training/run/checkpoint.h"
#include "06_training/run/sizing.h"
#include "06_training/trainer/earlier.h"
#include "06_training/trainer/memory.h"
#include "06_training/trainer/ranks.h"
#include "06_training/translator/batch_step.h"
#include "common/clock.h"
#include "common/files/crc32.h"
#include "common/mine.h"

/* Where the run stands in what may limit it. */
static BudgetPlace place(const Run *run) {
    const RunState *state = &run->state;
    const double within = (double)state->batch / (double)run->epoch.count;
    return (BudgetPlace){.steps = (double)state->step,
                         .epochs = (double)state->epoch + within,
                         .seconds = run_total_seconds(run)};
}

static Best best_of(Run *run) {
    return (Best){.directory = run->directory,
                  .lock = run->lock,
                  .translator = &run->translator,
                  .state = &run->state};
}

bool run_keep_model(Run *run, Error *err) {
    const Best best = best_of(run);
    return best_keep(&best, err);
}

/* ---- Beginning ------------------------------------------------------------------------------- */

/* What the user has not said, nor a preset by name, nor the run that is resumed. */
static bool follows_from_size(const Settings *settings, const char *option) {
    return settings->by_size && !settings->resume && !settings_given(settings, option);
}

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
    if (vocab == run->settings->vocab && bpe_merge_count(run->translator.bpe) == 0)
        printf("--vocab %d is used up by single characters: no word has a token of its own\n",
               vocab);
    return true;
}

/* A generator of its own: how many numbers the weights take changes nothing about the order of the
 * epochs. */
static bool make_model(Run *run, const CommonOptions *common, Error *err) {
    const TransformerConfig config =
        settings_config(run->settings, bpe_vocab_size(run->translator.bpe));
    if (!memory_suffices(transformer_size(&config), common->threads, err)) return false;
    Random random;
    random_seed(&random, (uint64_t)run->state.seed);
    run->translator.model = transformer_new(&config, &random);
    run->translator.max_length = (int)run->settings->max_length;
    return true;
}

/* And the rate that goes with them. */
static void choose_batches(const Run *run, Settings *settings) {
    const long preset = settings->batch_tokens;
    settings->batch_tokens =
        sizing_batch_tokens(encoded_pairs_longer_side(&run->train), settings->epochs, preset);
    if (follows_from_size(settings, "lr"))
        settings->lr = sizing_lr(settings->lr, settings->batch_tokens, preset);
}

/* The data come after the tokenizer, which may be a checkpoint's. */
static bool encode_data(Run *run, Settings *settings, const Pairs *train, const Pairs *valid,
                        Error *err) {
    const int max_length = run->translator.max_length;
    run->train = encoded_pairs_new(run->translator.bpe, train, max_length);
    run->translator.length_factor = encoded_pairs_length_factor(&run->train);
    if (follows_from_size(settings, "batch-tokens")) choose_batches(run, settings);
    run->validation = validation_new(&run->translator, valid, (int)run->settings->batch_tokens);
    if (strcmp(run->settings->tok, "auto") != 0)
        run->validation.tokenizer = bleu_tokenizer_named(run->settings->tok);
    if (run->validation.tokenizer != BLEU_13A)
        printf("validation BLEU by the tokenizer %s\n",
               bleu_tokenizer_name(run->validation.tokenizer));
    const EncodedPairs *judged = &run->validation.pairs;
    const size_t skipped = run->train.skipped + judged->skipped;
    if (skipped)
        printf("%zu pairs skipped because a side has more than %d tokens (--max-length)\n", skipped,
               max_length);
    if (run->train.count == 0 || judged->count == 0)
        return error_set(err, "no %s pair of at most %d tokens a side is left",
                         run->train.count ? "validation" : "training", max_length);
    run->epoch = epoch_new(run->train.count);
    return true;
}

/* The generator is noted before it draws: shuffling again from there gives the same batches. */
static void shuffle(Run *run) {
    random_save(&run->random, run->state.epoch_random);
    epoch_shuffle(&run->epoch, &run->train, (int)run->settings->batch_tokens, &run->random);
}

/* The sums are of one epoch: a mean over several would hide what the last one has learned. */
static void begin_epoch(Run *run) {
    run->state.batch = 0;
    run->state.loss_sum = 0;
    run->state.loss_count = 0;
    shuffle(run);
}

/* The sentences by which a run was begun, and by which its best model was found, must be these. */
static bool check_data(const RunState *state, const RunState *now, const char *path, Error *err) {
    if (state->train_pairs != now->train_pairs || state->valid_pairs != now->valid_pairs)
        return error_set(err,
                         "%s: this run was begun with %ld training and %ld validation "
                         "pairs, not these %ld and %ld: give --resume the same data",
                         path, state->train_pairs, state->valid_pairs, now->train_pairs,
                         now->valid_pairs);
    const bool train = state->train_crc == now->train_crc;
    if (train && state->valid_crc == now->valid_crc) return true;
    return error_set(err,
                     "%s: this run was begun with other %s sentences (checksum %08lx, not %08lx): "
                     "give --resume the same data",
                     path, train ? "validation" : "training",
                     (unsigned long)(train ? state->valid_crc : state->train_crc),
                     (unsigned long)(train ? now->valid_crc : now->train_crc));
}

static void note_data(const Run *run, const Pairs *train, RunState *state) {
    state->train_pairs = (long)run->train.count;
    state->valid_pairs = (long)run->validation.pairs.count;
    state->train_crc = (long)pairs_crc32(train);
    state->valid_crc = (long)pairs_crc32(run->validation.text);
}

/* Takes up the epoch that was under way, in the order it had. */
static bool resume_epoch(Run *run, const Pairs *train, const Checkpoint *checkpoint, Error *err) {
    const RunState *state = &run->state;
    RunState now;
    note_data(run, train, &now);
    if (!check_data(state, &now, checkpoint->path, err)) return false;
    // The generator goes back to where this epoch began, and the shuffle draws the order again:
    // that is less to write down than the order itself, which has a number for every pair.
    REQUIRE(random_load(&run->random, state->epoch_random, err), "%s", err->text);
    shuffle(run);
    // Never with the same sentences and settings, but what comes from a file indexes an array.
    if (state->batch >= (long)run->epoch.count)
        return error_set(err,
                         "%s is of other data: it stands at batch %ld of an epoch that has %zu",
                         checkpoint->path, state->batch, run->epoch.count);
    if (!run_log_read(&run->log, run->directory, state->step, err)) return false;
    // Every epoch has its row, and there are more where the end came within one.
    if ((long)run->log.count < state->epoch)
        printf("%s/log.tsv has %zu rows of %ld epochs: the others are gone\n", run->directory,
               run->log.count, state->epoch);
    if (run->settings->new_limits || run->settings->new_lr)
        budget_renew(run->settings, &run->state, place(run));
    return true;
}

/* Adam counts the same steps: its corrections depend on them. */
static bool check_steps(const Run *run, const char *path, Error *err) {
    const long step = (long)run->trainer->optimizer->step;
    return step == run->state.step ||
           error_set(err, "%s: adam.step is %ld, run.step is %ld: expected the same", path, step,
                     run->state.step);
}

/* Apart from run_begin, so that nothing is announced that then fails to begin. */
void run_print(const Run *run) {
    // From the model and not from the settings: what is there is told, not what was asked for.
    const TransformerConfig *c = &run->translator.model->config;
    printf("model: %d+%d layers, d_model %d, %d heads, feed-forward %d: %zu parameters\n",
           c->num_encoder_layers, c->num_decoder_layers, c->layer.d_model, c->layer.nhead,
           c->layer.dim_feedforward, parameters_size(&run->translator.model->parameters));
    printf("an epoch: %zu pairs in %zu batches; %d threads; seed %ld\n", run->train.count,
           run->epoch.count, threads_count(run->trainer->threads), run->state.seed);
    if (ranks_count() > 1) printf("%d ranks, each with as many threads\n", ranks_count());
    if (run->settings->resume)
        printf("resumed at step %ld, epoch %ld\n", run->state.step, run->state.epoch + 1);
    if (run->threads_before && run->threads_before != run->state.threads)
        printf("%ld threads before: with %ld the same sums are rounded otherwise%s\n",
               run->threads_before, run->state.threads,
               run->settings->dropout > 0 ? ", and dropout leaves out other numbers"
                                          : ", and the last digits become others");
    if (run->state.budget.rate > 0 && budget_is_linear(run->settings) && run_spent(run) < 1)
        printf("a new budget since step %.0f: the learning rate falls from %.3g to 0 at its end\n",
               run->state.budget.steps, run->state.budget.rate);
    fflush(stdout);
}

/* What a run is made of, new or from the checkpoint, in the order in which one part needs the
 * other: tokenizer, model, trainer, data. */
static bool assemble(Run *run, Settings *settings, const CommonOptions *common, const Pairs *train,
                     const Pairs *valid, Checkpoint *checkpoint, Error *err) {
    if (settings->resume) {
        if (!checkpoint_open(checkpoint, run->directory, settings, &run->state, &run->translator,
                             err))
            return false;
        if (common->seed_given && common->seed != run->state.seed)
            return error_set(err, "%s: this run was begun with --seed %ld, which cannot become %ld",
                             checkpoint->path, run->state.seed, common->seed);
        if (settings->r_drop > 0 && settings->dropout == 0 && settings_given(settings, "r-drop"))
            return error_set(err,
                             "%s: this run has no dropout: with --r-drop %g each sentence would be "
                             "read twice for the same prediction",
                             checkpoint->path, settings->r_drop);
    } else {
        // A resumed run goes on with the seed it began with.
        run->state.seed = common->seed;
        random_seed(&run->random, (uint64_t)common->seed);
        if (follows_from_size(settings, "vocab"))
            settings->vocab = sizing_vocab(census_text(train), settings->vocab);
        if (!learn_tokenizer(run, train, err) || !make_model(run, common, err)) return false;
    }
    // Adam with the paper's numbers; its moments are zero until a checkpoint fills them.
    run->trainer = trainer_new(&run->translator.model->parameters, adam_paper(),
                               (int)common->threads, (uint64_t)run->state.seed, settings->clip);
    if (strcmp(settings->optimizer, "muon") == 0)
        optimizer_use_muon(run->trainer->optimizer, transformer_is_hidden);
    run->threads_before = run->state.threads; // of a new run: 0
    run->state.threads = common->threads * ranks_count();
    if (!encode_data(run, settings, train, valid, err)) return false;
    const Best best = best_of(run);
    if (settings->resume)
        return checkpoint_restore_optimizer(checkpoint, run->trainer->optimizer, err) &&
               check_steps(run, checkpoint->path, err) &&
               resume_epoch(run, train, checkpoint, err) &&
               best_recall(&best, &run->validation, run->trainer, err);
    note_data(run, train, &run->state);
    begin_epoch(run);
    return true;
}

/* What assemble has made of a run that cannot begin is freed here, however far it came. */
bool run_begin(Run *run, Settings *settings, const CommonOptions *common, const Pairs *train,
               const Pairs *valid, Error *err) {
    *run = (Run){.settings = settings, .directory = common->out, .started = clock_seconds()};
    Checkpoint checkpoint = {.open = false};
    mine_count(true); // the vocabulary and the order of the data are part of what is trained
    const bool begun = assemble(run, settings, common, train, valid, &checkpoint, err);
    mine_count(false);
    checkpoint_close(&checkpoint);
    run->translator.trained_on = (uint32_t)run->state.train_crc;
    if (begun)
        run_start_clock(run);
    else
        run_free(run);
    return begun;
}

/* What a new run finds of these files is of one that had not even come to its first checkpoint. */
bool run_watch(Run *run, Error *err) {
    watching_begin(&run->watching, run->directory, run->lock, &run->validation, &run->translator,
                   run->trainer);
    return !run->settings->resume || watching_read(&run->watching, run->state.step, err);
}

/* A run that is all zeros but for a few parts, as after an error, is freed as well. */
void run_free(Run *run) {
    watching_free(&run->watching);
    trainer_free(run->trainer);
    translator_free(&run->translator);
    encoded_pairs_free(&run->train);
    epoch_free(&run->epoch);
    validation_free(&run->validation);
    run_log_free(&run->log);
    *run = (Run){0};
}

/* ---- A step ---------------------------------------------------------------------------------- */

double run_spent(const Run *run) {
    return budget_spent(run->settings, &run->state, place(run));
}

static BatchStep batch_step(Run *run) {
    return (BatchStep){.model = run->translator.model,
                       .trainer = run->trainer,
                       .pairs = &run->train,
                       .label_smoothing = run->settings->label_smoothing,
                       .consistency = run->settings->r_drop};
}

void run_share(Run *run) {
    const BatchStep shared = batch_step(run);
    batch_step_share(&shared);
    if (ranks_count() > 1) run_start_clock(run); // what went over the network is no training
}

static bool take_step(Run *run, Error *err) {
    RunState *state = &run->state;
    const BatchStep step = batch_step(run);
    TrainerResult result;
    size_t count;
    const size_t *indices = epoch_batch(&run->epoch, (size_t)state->batch, &count);
    const long targets = encoded_pairs_targets(&run->train, indices, count);
    state->spent = run_spent(run);
    state->rate = budget_rate(run->settings, state, place(run));
    if (!batch_step_take(&step, indices, count, state->rate, &result, err)) return false;
    if (result.given_up) return true;                  // as if it had not begun
    const double loss = result.loss / (double)targets; // of one token: comparable between batches
    // For the progress line: about the last 20 steps, so that it neither jumps nor lags.
    state->recent_loss = state->recent_loss > 0 ? 0.95 * state->recent_loss + 0.05 * loss : loss;
    // Sums and a count, not a mean of means: batches differ in size.
    state->loss_sum += result.loss;
    state->loss_count += targets;
    state->step++;
    state->batch++;
    run->tokens_done += targets;
    return true;
}

bool run_step(Run *run, Error *err) {
    RunState *state = &run->state;
    REQUIRE(!run_epoch_done(run), "the epoch has no batch %ld", state->batch);
    const long step = state->step + 1;
    if (!watching_before(&run->watching, step, err)) return false;
    mine_count(true);
    const bool good = take_step(run, err);
    mine_count(false);
    const bool taken = good && state->step == step; // not where it was given up
    return watching_after(&run->watching, step, state->rate, taken, err) && good;
}

/* A question: nothing happens. run_end_epoch is what one does about it. */
bool run_epoch_done(const Run *run) {
    return run->state.batch >= (long)run->epoch.count;
}

/* ---- Judging --------------------------------------------------------------------------------- */

/* The weights are looked at first: BLEU of a broken model is 0 and would look like a bad epoch. */
bool run_validate(Run *run, Error *err) {
    const RunState *state = &run->state;
    if (!lock_names(run->lock, run->directory, err) || !trainer_check_weights(run->trainer, err))
        return false;
    const double loss = validation_loss(&run->validation, &run->translator, run->trainer);
    // A loss that is not finite means a broken model: it is neither logged nor saved.
    if (!isfinite(loss))
        return error_set(err,
                         "step %ld: the validation loss is %g; the last good model stays in %s",
                         state->step, loss, run->directory);
    const double bleu = validation_bleu(&run->validation, &run->translator, run->trainer);
    if (!isfinite(bleu))
        return error_set(err,
                         "step %ld: the model's scores are not finite numbers; the last good model "
                         "stays in %s",
                         state->step, run->directory);
    run_log_add(&run->log, (RunLogRow){.epoch = state->epoch,
                                       .step = state->step,
                                       .lr = state->rate,
                                       .train_loss = state->loss_sum / (double)state->loss_count,
                                       .valid_loss = loss,
                                       .valid_bleu = bleu,
                                       .seconds = run_total_seconds(run)});
    const Best best = best_of(run);
    return best_judge(&best, bleu, loss, err) && run_log_write(&run->log, run->directory, err) &&
           watching_translate(&run->watching, state->step, err);
}

/* Counted first: the row of the log and the file are of an epoch that is done. */
bool run_end_epoch(Run *run, Error *err) {
    REQUIRE(run_epoch_done(run), "batch %ld of %zu", run->state.batch, run->epoch.count);
    run->state.epoch++;
    if (!run_validate(run, err) ||
        !averaging_save_epoch(&run->translator, run->directory, run->state.epoch,
                              run->settings->average, err))
        return false;
    begin_epoch(run);
    return true;
}

/* The average is kept in a file of its own, however good it is, and takes the best model's place if
 * it is better. */
static bool keep_average(Run *run, int averaged, Error *err) {
    char path[4096];
    const double loss = validation_loss(&run->validation, &run->translator, run->trainer);
    const double bleu = validation_bleu(&run->validation, &run->translator, run->trainer);
    const bool best = best_beaten(&run->state, bleu, loss);
    snprintf(path, sizeof path, "%s/average.safetensors", run->directory);
    printf("average of the last %d epochs  valid loss %.4f  BLEU %5.2f%s\n", averaged, loss, bleu,
           best ? "  best so far" : "");
    const Best kept = best_of(run);
    if (!translator_save(&run->translator, path, err) || !best_judge(&kept, bleu, loss, err))
        return false;
    printf("%s: that average\n", path);
    return true;
}

/* What the last step has left, be it good or bad, to be held against the best and the average. A
 * file of that name which this run has not written, a copy of a model that somebody made, is kept
 * under another one. */
static bool keep_last(Run *run, Error *err) {
    char path[4096];
    uint32_t crc;
    snprintf(path, sizeof path, "%s/last.safetensors", run->directory);
    if (access(path, F_OK) == 0 &&
        (!crc32_of_file(path, &crc, err) ||
         ((long)crc != run->state.last_crc && !earlier_keep_file(run->directory, "last", err))))
        return false;
    if (!translator_save(&run->translator, path, err) || !crc32_of_file(path, &crc, err))
        return false;
    run->state.last_crc = (long)crc;
    printf("%s: as the last step has left it\n", path);
    return true;
}

/* The averaged weights take the place of the model's: it is the last thing a run does. */
bool run_average(Run *run, Error *err) {
    RunState *state = &run->state;
    Error gap;
    if (!lock_names(run->lock, run->directory, err) || !keep_last(run, err)) return false;
    const int averaged = averaging_mean(&run->translator, run->directory, state->epoch,
                                        run->settings->average, &gap);
    if (*gap.text)
        printf("%s: %s\n", gap.text,
               averaged ? "the average reaches back no further" : "there is no average");
    // One epoch alone is what has been validated at its end.
    if (averaged > 1 && !keep_average(run, averaged, err)) return false;
    if (state->best_step)
        printf("%s/model.safetensors: the best of all, validation BLEU %.2f (greedy), loss %.4f\n",
               run->directory, state->best_bleu, state->best_loss);
    // A first loss may lie above it, too, but not by half.
    const double equal = log(run->translator.model->config.tgt_vocab);
    if (state->best_step && state->best_loss > 1.5 * equal)
        printf("that loss is worse than %.2f, equal shares for all tokens: the training has gone "
               "astray; a lower --lr may help\n",
               equal);
    return true;
}

/* ---- Files ----------------------------------------------------------------------------------- */

/* Looked at before, not after: the state on the disk is the one to go back to. */
bool run_save(Run *run, Error *err) {
    char path[4096];
    if (!lock_names(run->lock, run->directory, err) || !trainer_check_weights(run->trainer, err))
        return false;
    RunState now = run->state; // a copy, whose clock is brought up to date
    now.seconds = run_total_seconds(run);
    snprintf(path, sizeof path, "%s/state.safetensors", run->directory);
    if (!run_state_check(&now, path, err)) return false; // which resuming would refuse
    // Before the state: what they have of later steps is left out when it is resumed from there.
    if (!watching_write(&run->watching, err)) return false;
    return checkpoint_save(path, &run->translator, run->trainer->optimizer, run->settings, &now,
                           err);
}

/* ---- Time ------------------------------------------------------------------------------------ */

void run_start_clock(Run *run) {
    run->started = clock_seconds();
}

/* Of this process. */
double run_seconds(const Run *run) {
    return clock_seconds() - run->started;
}

double run_total_seconds(const Run *run) {
    return run->state.seconds + run_seconds(run);
}

double run_tokens_per_second(const Run *run) {
    const double seconds = run_seconds(run);
    return seconds > 0 ? (double)run->tokens_done / seconds : 0;
}
