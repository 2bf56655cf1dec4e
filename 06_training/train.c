/* train.c - trains a translator: the loop that everything else in this repository is for.
 *
 * Beside: annotated Averaging - the weights of the last four epochs, averaged and kept if they are
 *     better (`--average`); a minute on the built-in corpus
 */
#include <stdio.h>
#include <stdlib.h>

#include "06_training/check/data_check.h"
#include "06_training/check/model_check.h"
#include "06_training/run/run.h"
#include "06_training/run/run_files.h"
#include "06_training/run/run_report.h"
#include "06_training/run/training_data.h"
#include "06_training/trainer/interrupt.h"
#include "06_training/trainer/ranks.h"
#include "06_training/translator/batch_step.h"
#include "common/files/folder.h"
#include "common/kernels.h"
#include "common/screen/mine_report.h"
#include "common/screen/plot.h"
#include "common/screen/progress.h"

/* Why training is over, or NULL. */
static const char *reason_to_end(const Run *run, const Settings *s) {
    if (s->steps && run->state.step >= s->steps) return "all steps done";
    if (s->epochs && run->state.epoch >= s->epochs) return "all epochs done";
    if (s->minutes > 0 && run_total_seconds(run) >= 60 * s->minutes) return "time is up";
    return NULL;
}

/* Why it stops before that, to be resumed, or NULL. */
static const char *reason_to_pause(const Run *run, const Settings *s) {
    if (interrupted()) return "interrupted";
    if (s->stop_after && run->state.step >= s->stop_after) return "paused";
    return NULL;
}

/* For the progress line only: where the share of the budget that is spent will have become 1. 0,
 * unknown, without a limit. */
static size_t total_steps(const Run *run) {
    const double from = run->state.budget.steps, spent = run_spent(run);
    return spent > 0 ? (size_t)(from + ((double)run->state.step - from) / spent + 0.5) : 0;
}

/* What a validation has found. */
static void print_row(const Run *run, const char *when) {
    const RunLogRow *row = run_log_last(&run->log);
    printf("%s  step %6ld  train loss %.4f  valid loss %.4f  BLEU %5.2f%s\n", when, row->step,
           row->train_loss, row->valid_loss, row->valid_bleu,
           run->state.best_step == run->state.step ? "  best so far" : "");
}

/* Ends the epoch, keeps the checkpoint, and prints its row. */
static bool end_epoch(Run *run, Error *err) {
    if (!run_end_epoch(run, err) || !run_save(run, err)) return false;
    char when[32];
    snprintf(when, sizeof when, "epoch %3ld", run->state.epoch);
    if (plot_live_ready()) run_log_plot(&run->log, run->directory, true);
    print_row(run, when);
    learning_print_new(&run->watching.learning, false); // after this very step
    return true;
}

/* The sentences that are watched, before there is anything to see of them. */
static void print_watched(const Run *run) {
    printf("watch it learn (%s/learning.tsv); = is right, and what is new is shown:\n",
           run->directory);
    learning_print(&run->watching.learning);
    fflush(stdout);
}

/* Averages, and leaves the state as it was before: the average takes the weights' place, but what
 * is resumed goes on from the last step. The state is saved after all, since it remembers which
 * model is the best. */
static bool average(Run *run, Error *err) {
    Parameters *parameters = &run->translator.model->parameters;
    real *last = parameters_copy_values(parameters);
    const bool averaged = run_average(run, err);
    parameters_set_values(parameters, last);
    free(last);
    return averaged && run_save(run, err);
}

/* Stopped before its end, to be resumed. */
static bool pause_run(Run *run, Error *err) {
    // Before the first validation there is no model yet: this one, untested, is better than nothing
    // to translate with.
    if (run->state.best_step == 0 && !run_keep_model(run, err)) return false;
    if (!run_save(run, err)) return false;
    printf("saved in %s; the same command with --resume%s goes on\n", run->directory,
           interrupted() ? "" : ", and without --stop-after,");
    return true;
}

/* What is left to do when training has stopped, for whatever reason. The picture comes last: what
 * was learned does not depend on gnuplot. */
static bool conclude(Run *run, const char *reason, bool ended, Error *err) {
    if (run->state.step == 0 && ended)
        return error_set(err, "%s before the first step: nothing was learned", reason);
    // Within an epoch what it has learned since the last validation counts, too.
    if (ended && run->state.batch > 0) {
        if (!run_validate(run, err)) return false;
        print_row(run, "the end  ");
    }
    learning_print_new(&run->watching.learning, true);
    printf("%s after %ld steps, %.1f minutes of this run\n", reason, run->state.step,
           run_seconds(run) / 60);
    if (run->state.step == 0) return true; // nothing to save
    if (!(ended ? average(run, err) : pause_run(run, err))) return false;
    run_log_plot(&run->log, run->directory, false);
    gradient_log_plot(&run->watching.gradients, run->directory);
    return true;
}

enum { SAVE_EVERY = 300 }; // seconds between checkpoints within an epoch

/* Saved after every epoch, every five minutes within a long one, and at the end: what a power cut
 * can take is bounded. *ended <- whether it came to its end, and did not stop before. */
static bool train(Run *run, const Settings *s, bool *ended, Error *err) {
    double saved = 0;
    run_share(run);
    const char *end, *pause = NULL;
    Progress progress = progress_begin("train", (size_t)run->state.step, total_steps(run));
    const size_t to_do = progress.total ? progress.total - progress.first : 0;
    MineForecast forecast = mine_report_begin(to_do, threads_count(run->trainer->threads));
    while (!(end = reason_to_end(run, s)) && !(pause = reason_to_pause(run, s))) {
        if (!run_step(run, err)) return false;
        progress.total = total_steps(run);
        char note[64];
        snprintf(note, sizeof note, "epoch %ld, loss %.3f, %.0f tokens/s", run->state.epoch + 1,
                 run->state.recent_loss, run_tokens_per_second(run));
        progress_update(&progress, (size_t)run->state.step, note);
        mine_report_step(&forecast, &progress);
        plot_live_ready(); // a picture that is done takes its place
        if (!run_epoch_done(run) && learning_has_news(&run->watching.learning)) {
            progress_end(&progress);
            learning_print_new(&run->watching.learning, true);
        }
        if (run_epoch_done(run)) {
            progress_end(&progress);
            if (!end_epoch(run, err)) return false;
            saved = run_seconds(run);
        } else if (run_seconds(run) - saved > SAVE_EVERY) {
            if (!run_save(run, err)) return false;
            saved = run_seconds(run);
        }
    }
    progress_end(&progress);
    *ended = end != NULL;
    return conclude(run, end ? end : pause, *ended, err);
}

/* ---- The program ----------------------------------------------------------------------------- */

/* A resumed run has its folder before it reads there; a new one makes it when it is certain that
 * there is something to train. */
static bool begin(Run *run, Settings *settings, const CommonOptions *common,
                  const TrainingData *data, Lock *lock, Error *err) {
    const Pairs *train = &data->train, *valid = &data->valid;
    if (settings->resume && !run_files_take(common->out, lock, err)) return false;
    if (!run_begin(run, settings, common, train, valid, err)) return false;
    const bool room = settings->resume ||
                      (folder_make(common->out, err) && run_files_take(common->out, lock, err) &&
                       run_files_make_room(common->out, err));
    run->lock = lock;
    if (room && run_watch(run, err)) return true;
    run_free(run);
    return false;
}

/* --check: what a run on these data would begin with; nothing is written. Returns the exit
 * status. */
static int check(Settings *settings, const CommonOptions *common, const TrainingData *data) {
    Run run;
    Error err;
    Checklist list = {0};
    if (!run_begin(&run, settings, common, &data->train, &data->valid, &err)) error_exit(&err);
    run_print(&run);
    run_report(&run, &data->train);
    data_check(&run, &data->train, &list);
    const bool checked = model_check(&run, &list, &err);
    run_free(&run);
    if (!checked) error_exit(&err);
    const bool sound = checklist_end(&list);
    output_finish();
    return !sound;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    ranks_begin();
    if (ranks_number() > 0) return batch_step_follow();
    CommonOptions common = common_options(1, "build/06_training/run");
    Settings settings;
    Error err;
    TrainingData data;
    settings_parse(argc, argv, &common, &settings);
    if (!training_data_read(&settings, &data, &err)) error_exit(&err);
    if (settings.check) {
        const int status = check(&settings, &common, &data);
        training_data_free(&data);
        return status;
    }
    Run run;
    Lock lock;
    bool ended = false; // a signal that comes after the last step changes nothing
    bool done = begin(&run, &settings, &common, &data, &lock, &err);
    if (done) {
        interrupt_catch(); // from here on, Ctrl-C saves
        run_print(&run);
        run_report(&run, &data.train);
        print_watched(&run);
        mine_report_names();
        done = train(&run, &settings, &ended, &err);
        if (done) mine_report_uses();
        run_free(&run);
    }
    training_data_free(&data);
    if (!done) error_exit(&err);
    output_finish();
    return ended ? 0 : interrupt_status();
}
