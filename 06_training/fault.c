/* fault.c - "Find the fault": trains a small translator in seconds and shows what one can measure
 * of it. `make 06/fault/3` builds this program with one line of a module changed, and shows its
 * numbers beside those of the sound one.
 *
 * Beside: tutor - the sound training that the six with a fault are held against
 */
#include <stdio.h>
#include <stdlib.h>

#include "01_embeddings/corpus/corpus.h"
#include "06_training/lab/diagnosis.h"
#include "06_training/lab/examination.h"
#include "common/files/folder.h"
#include "common/files/lock.h"
#include "common/kernels.h"
#include "common/screen/progress.h"

enum { DRAWN = 14000, DRAWN_VALID = 2000, WORDS = 5 };

/* Words as they stand between spaces: sentences are wanted short, not counted. */
static int words_of(const char *line) {
    int words = 1;
    for (; *line; line++) words += *line == ' ';
    return words;
}

/* The short pairs of so many of the built-in corpus: they are learned in seconds. */
static bool short_pairs(CorpusSplit split, size_t drawn, Pairs *pairs, Error *err) {
    if (!corpus_pairs(split, 1, drawn, pairs, err)) return false;
    size_t kept = 0;
    for (size_t i = 0; i < drawn; i++) {
        if (words_of(pairs->src.line[i]) > WORDS || words_of(pairs->tgt.line[i]) > WORDS + 1)
            continue;
        pairs->src.line[kept] = pairs->src.line[i];
        pairs->tgt.line[kept++] = pairs->tgt.line[i];
    }
    pairs->src.count = pairs->tgt.count = kept;
    return true;
}

/* Without smoothed targets, so that the loss in training and in validation are of one kind. */
static Settings small_settings(void) {
    Settings settings;
    settings_preset("demo", &settings);
    settings.d_model = 64;
    settings.layers = 1;
    settings.ff = 128;
    settings.dropout = 0.1;
    settings.label_smoothing = 0;
    settings.lr = 5e-3;
    settings.warmup = 60;
    settings.batch_tokens = 384;
    settings.vocab = 1200;
    settings.epochs = 10;
    settings.average = 1;
    return settings;
}

/* The run's own step. Its rate is what the schedule has made of it. */
static bool take_step(Run *run, Symptoms *symptoms, Error *err) {
    if (!run_step(run, err)) return false;
    if (run->state.step == 1)
        symptoms->value[SYMPTOM_FIRST_RATE] = run->state.rate / run->settings->lr;
    return true;
}

/* As train.c does, without saving, resuming or a clock: every number is that of the seed. */
static bool train(Run *run, Symptoms *symptoms, Error *err) {
    const size_t epochs = (size_t)run->settings->epochs;
    Progress progress = progress_begin("train", 0, epochs);
    for (size_t epoch = 1; epoch <= epochs; epoch++) {
        while (!run_epoch_done(run))
            if (!take_step(run, symptoms, err)) return false;
        if (!run_end_epoch(run, err)) return false;
        progress_update(&progress, epoch, NULL);
    }
    progress_end(&progress);
    return true;
}

/* Trains and examines, and leaves the symptoms in the folder. */
static bool make_symptoms(const CommonOptions *common, Error *err) {
    Settings settings = small_settings();
    Symptoms symptoms = {0};
    Pairs pairs = {.skipped = 0}, valid = pairs;
    Run run = {0};
    Lock lock = {.fd = -1};
    bool done = folder_make(common->out, err) && lock_folder(common->out, &lock, err) &&
                short_pairs(CORPUS_TRAIN, DRAWN, &pairs, err) &&
                short_pairs(CORPUS_VALID, DRAWN_VALID, &valid, err) &&
                run_begin(&run, &settings, common, &pairs, &valid, err);
    if (done) {
        run_print(&run);
        examination_before(&run, &symptoms);
        done = train(&run, &symptoms, err) && examination_after(&run, &symptoms, err) &&
               symptoms_write(&symptoms, common->out, err);
        run_free(&run);
    }
    lock_release(&lock);
    symptoms_free(&symptoms);
    pairs_free(&pairs);
    pairs_free(&valid);
    return done;
}

/* answer NULL: shows everything; else judges. Returns the exit status. */
static int show(const char *folder, const char *beside, const char *answer) {
    Symptoms symptoms, sound;
    Error err;
    if (!symptoms_read(folder, &symptoms, &err)) error_exit(&err);
    if (beside && !symptoms_read(beside, &sound, &err)) error_exit(&err);
    bool right = true;
    if (answer) {
        right = diagnosis_judge(answer, &symptoms);
    } else {
        symptoms_print(&symptoms, beside ? &sound : NULL);
        diagnosis_print();
    }
    symptoms_free(&symptoms);
    if (beside) symptoms_free(&sound);
    return !right;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    CommonOptions common = common_options(1, "build/fault/0");
    const char *read = NULL, *beside = NULL, *answer = NULL;
    common.threads = 2; // the numbers are to be the same on every machine
    Option table[] = {
        option_string("read", "DIR", &read, "do not train: the numbers that a run has left there"),
        option_string("beside", "DIR", &beside, "show a sound run's numbers beside"),
        option_choice("answer", diagnosis_words(), &answer, "what is wrong; exit status 1: not so"),
    };
    const Usage usage = {"Trains a small translator on short sentences in seconds, and prints what "
                         "chapter 6 teaches to check. make 06/fault/1 to 06/fault/6 build it with "
                         "a fault each: find it.",
                         "fault --read build/fault/0 --answer none"};
    options_parse(argc, argv, &usage, &common, table, OPTION_COUNT(table));
    Error err;
    if (!read && !make_symptoms(&common, &err)) error_exit(&err);
    const int status = show(read ? read : common.out, beside, answer);
    output_finish();
    return status;
}
