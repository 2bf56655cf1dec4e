/* train.c - trains a translator: the loop that everything else in this repository is for. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "06_training/translator/checkpoint.h"
#include "06_training/translator/interrupt.h"
#include "06_training/translator/run.h"
#include "06_training/translator/settings.h"
#include "common/files/folder.h"
#include "common/kernels.h"
#include "common/screen/progress.h"

/* Why training ends, or NULL to go on. */
static const char *reason_to_stop(const Run *run, const Settings *s) {
    if (interrupted()) return "interrupted";
    if (s->steps && run->step >= s->steps) return "all steps done";
    if (s->epochs && run->epoch >= s->epochs) return "all epochs done";
    if (s->minutes > 0 && run_seconds(run) >= 60 * s->minutes) return "time is up";
    return NULL;
}

/* For the progress line only; 0, unknown, when only the time is limited. */
static long total_steps(const Run *run, const Settings *s) {
    const long by_epochs = s->epochs * (long)run->epoch_order.count;
    if (!s->steps) return by_epochs;
    return by_epochs && by_epochs < s->steps ? by_epochs : s->steps;
}

/* Validates, prints the epoch's row, keeps the best model and the checkpoint. */
static bool end_epoch(Run *run, Error *err) {
    if (!run_validate(run, err)) return false;
    const LogRow *row = &run->log[run->log_count - 1];
    printf("epoch %3ld  step %6ld  train loss %.4f  valid loss %.4f  BLEU %5.2f%s\n", row->epoch,
           row->step, row->train_loss, row->valid_loss, row->valid_bleu,
           run->best_step == run->step ? "  best so far" : "");
    fflush(stdout);
    return checkpoint_save(run, err);
}

enum { SAVE_EVERY = 300 }; // seconds between checkpoints within an epoch

/* Saved after every epoch, every five minutes within a long one, and at the end: what a power cut
 * can take is bounded. */
static bool train(Run *run, const Settings *s, Error *err) {
    double saved = 0;
    const char *reason;
    Progress progress = progress_begin("train", (size_t)run->step, (size_t)total_steps(run, s));
    while (!(reason = reason_to_stop(run, s))) {
        if (!run_step(run, err)) return false;
        char note[64];
        snprintf(note, sizeof note, "epoch %ld, loss %.3f, %.0f tokens/s", run->epoch + 1,
                 run->recent_loss, run_tokens_per_second(run));
        progress_update(&progress, (size_t)run->step, note);
        if (run_epoch_ended(run)) {
            progress_end(&progress);
            if (!end_epoch(run, err)) return false;
            saved = run_seconds(run);
        } else if (run_seconds(run) - saved > SAVE_EVERY) {
            if (!checkpoint_save(run, err)) return false;
            saved = run_seconds(run);
        }
    }
    progress_end(&progress);
    if (run->batch > 0) { // within an epoch
        if (!checkpoint_save(run, err)) return false;
        // Interrupted before the first validation there is no model yet: this one, untested, is
        // better than nothing to translate with.
        if (interrupted() && run->best_step == 0 && !run_keep_model(run, err)) return false;
        if (!interrupted() && !run_validate(run, err)) return false;
    }
    run_plot(run, run->directory);
    printf("%s after %ld steps, %.1f minutes of this run\n", reason, run->step,
           run_seconds(run) / 60);
    if (interrupted()) {
        printf("saved in %s; the same command with --resume goes on\n", run->directory);
        return true;
    }
    return run_average(run, err);
}

/* ---- An earlier run in the same folder is moved aside, never overwritten --------------------- */

static bool exists(const char *directory, const char *name) {
    char path[4096];
    struct stat info;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return stat(path, &info) == 0;
}

/* Only what train writes is moved: the folder may hold the user's own files. */
static bool belongs_to_a_run(const char *name) {
    static const char *const names[] = {"model.safetensors", "state.safetensors", "log.tsv",
                                        "loss.png",          "loss.gp",           "loss.dat"};
    for (size_t i = 0; i < OPTION_COUNT(names); i++)
        if (strcmp(name, names[i]) == 0) return true;
    return strncmp(name, "epoch-", 6) == 0;
}

/* rename within a folder cannot fail halfway through a file, and nothing has to be read. */
static bool move_aside(const char *directory, Error *err) {
    char old[4096], from[4608], to[4608];
    if (!exists(directory, "model.safetensors") && !exists(directory, "state.safetensors"))
        return true;
    for (int i = 1;; i++) {
        snprintf(old, sizeof old, "%s/earlier-%d", directory, i);
        if (mkdir(old, 0777) == 0) break;
        if (errno != EEXIST) return error_set(err, "%s: %s", old, strerror(errno));
    }
    DIR *folder = opendir(directory);
    if (!folder) return error_set(err, "%s: %s", directory, strerror(errno));
    bool moved = true;
    for (struct dirent *entry; moved && (entry = readdir(folder));) {
        if (!belongs_to_a_run(entry->d_name)) continue;
        snprintf(from, sizeof from, "%s/%s", directory, entry->d_name);
        snprintf(to, sizeof to, "%s/%s", old, entry->d_name);
        if (rename(from, to) != 0) moved = error_set(err, "%s: %s", from, strerror(errno));
    }
    closedir(folder);
    if (moved) printf("the earlier run in %s is now in %s\n", directory, old);
    return moved;
}

/* ---- Data ------------------------------------------------------------------------------------ */

/* Without validation files the last pairs, one in twenty but at most 500, are held out. */
static void hold_out(Pairs *train, Pairs *valid) {
    const size_t count = train->src.count / 20 < 500 ? train->src.count / 20 + 1 : 500;
    const size_t rest = train->src.count - count;
    *valid = (Pairs){.src = {train->src.line + rest, count, NULL},
                     .tgt = {train->tgt.line + rest, count, NULL}};
    train->src.count = train->tgt.count = rest;
    printf("the last %zu pairs are held out for validation\n", count);
}

typedef struct {
    Pairs train, valid;
    bool valid_is_part; // of train
} Data;

static void data_free(Data *data) {
    if (!data->valid_is_part) pairs_free(&data->valid);
    pairs_free(&data->train);
}

/* What was left out is said, or a corpus that is half blank would train without a word. */
static void report_skipped(const char *what, const Pairs *pairs) {
    printf("%s: %zu pairs", what, pairs->src.count);
    if (pairs->skipped) printf(", %zu more skipped because a side is empty", pairs->skipped);
    printf("\n");
}

static bool data_read(const Settings *s, Data *data, Error *err) {
    *data = (Data){0};
    if (s->data  ? !pairs_read_tsv(s->data, &data->train, err)
        : s->src ? !pairs_read(s->src, s->tgt, &data->train, err)
                 : !run_builtin_pairs(&data->train, &data->valid, err))
        return false;
    bool read = true;
    if (s->valid_data)
        read = pairs_read_tsv(s->valid_data, &data->valid, err);
    else if (s->valid_src)
        read = pairs_read(s->valid_src, s->valid_tgt, &data->valid, err);
    else if (s->src || s->data) {
        if (data->train.src.count < 2)
            read = error_set(err, "%s: a single pair; at least 2 are needed, one to validate with",
                             s->data ? s->data : s->src);
        else {
            hold_out(&data->train, &data->valid);
            data->valid_is_part = true;
        }
    }
    if (!read) {
        pairs_free(&data->train);
        return false;
    }
    report_skipped("training", &data->train);
    report_skipped("validation", &data->valid);
    return true;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    CommonOptions common = common_options(1, "build/06_training/run");
    Settings settings;
    Error err;
    Data data;
    settings_parse(argc, argv, &common, &settings);
    if (!data_read(&settings, &data, &err)) error_exit(&err);
    // Nothing is written before it is certain that there is something to train.
    Run run;
    bool done = run_begin(&run, &settings, &common, &data.train, &data.valid, &err);
    if (done) {
        interrupts_catch();
        done = folder_make(common.out, &err) && (settings.resume || move_aside(common.out, &err));
        if (done) {
            run_print(&run); // from here on, Ctrl-C saves
            done = train(&run, &settings, &err);
        }
        run_free(&run);
    }
    data_free(&data);
    if (!done) error_exit(&err);
    output_finish();
    return 0;
}
