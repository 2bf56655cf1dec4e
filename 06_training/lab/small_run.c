#include "06_training/lab/small_run.h"

#include <stdio.h>

#include "06_training/lab/examination.h"
#include "common/files/data.h"
#include "common/files/folder.h"
#include "common/files/lock.h"
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

Settings small_run_settings(SmallRunCorpus corpus) {
    Settings settings;
    if (corpus == SMALL_RUN_MULTI30K) {
        settings_preset("tiny", &settings);
        settings.label_smoothing = settings.minutes = 0;
        settings.epochs = 3;
        settings.average = 1;
        return settings;
    }
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

Settings small_run_unfinished(void) {
    Settings settings;
    settings_preset("demo", &settings);
    settings.d_model = 64;
    settings.layers = 1;
    settings.ff = 128;
    settings.dropout = settings.label_smoothing = 0;
    settings.lr = 5e-3;
    settings.warmup = 100;
    settings.schedule = "inverse-sqrt";
    settings.batch_tokens = 512;
    return settings;
}

void small_run_begin(Run *run, Settings *settings, const CommonOptions *common, const Pairs *train,
                     const Pairs *valid, long steps) {
    Error err;
    *settings = small_run_unfinished();
    if (!run_begin(run, settings, common, train, valid, &err)) error_exit(&err);
    run_print(run);
    Progress progress = progress_begin("train", 0, (size_t)steps);
    while (run->state.step < steps) {
        if (!run_step(run, &err)) error_exit(&err);
        progress_update(&progress, (size_t)run->state.step, NULL);
    }
    progress_end(&progress);
    printf("after %ld steps: loss %.2f\n", run->state.step, run->state.recent_loss);
}

/* The run's own step. Its rate is what the schedule has made of it. */
static bool take_step(Run *run, Symptoms *symptoms, Error *err) {
    if (!run_step(run, err)) return false;
    if (run->state.step == 1)
        symptoms->value[SYMPTOM_FIRST_RATE] = run->state.rate / run->settings->lr;
    return true;
}

/* The mean of the last epochs' weights takes their place, and its scores theirs in the log. */
static bool average(Run *run, Error *err) {
    if (!run_average(run, err)) return false;
    RunLogRow *last = &run->log.rows[run->log.count - 1];
    last->valid_loss = validation_loss(&run->validation, &run->translator, run->trainer);
    last->valid_bleu = validation_bleu(&run->validation, &run->translator, run->trainer);
    return run_log_write(&run->log, run->directory, err);
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
    return run->settings->average == 1 || average(run, err);
}

bool small_run_pairs(SmallRunCorpus corpus, CorpusSplit split, Pairs *pairs, Error *err) {
    const bool train = split == CORPUS_TRAIN;
    char src[4096], tgt[4096];
    if (corpus == SMALL_RUN_SHORT)
        return short_pairs(split, train ? DRAWN : DRAWN_VALID, pairs, err);
    if (!data_find(train ? "multi30k/train.en" : "multi30k/val.en", src, sizeof src))
        return error_set(err, "%s", src);
    if (!data_find(train ? "multi30k/train.de" : "multi30k/val.de", tgt, sizeof tgt))
        return error_set(err, "%s", tgt);
    return pairs_read(src, tgt, pairs, err);
}

bool small_run(const Settings *given, const CommonOptions *common, SmallRunCorpus corpus,
               size_t pairs_wanted, Error *err) {
    Settings settings = *given; // which run_begin may fill in
    Symptoms symptoms = {0};
    Pairs pairs = {.skipped = 0}, valid = pairs;
    Run run = {0};
    Lock lock = {.fd = -1};
    bool done = folder_make(common->out, err) && lock_folder(common->out, &lock, err) &&
                small_run_pairs(corpus, CORPUS_TRAIN, &pairs, err) &&
                small_run_pairs(corpus, CORPUS_VALID, &valid, err);
    if (done && pairs_wanted && pairs_wanted < pairs.src.count)
        pairs.src.count = pairs.tgt.count = pairs_wanted;
    done = done && run_begin(&run, &settings, common, &pairs, &valid, err);
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
