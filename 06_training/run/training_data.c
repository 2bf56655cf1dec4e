#include "06_training/run/training_data.h"

#include <stdio.h>

#include "01_embeddings/corpus/corpus.h"

/* Lines that both share are freed once. */
void training_data_free(TrainingData *data) {
    if (!data->valid_is_part) pairs_free(&data->valid);
    pairs_free(&data->train);
}

/* Which sentences they are does not depend on the run's seed: runs stay comparable. */
bool training_data_builtin(TrainingData *data, Error *err) {
    *data = (TrainingData){0};
    if (!corpus_pairs(CORPUS_TRAIN, 1, CORPUS_TRAIN_PAIRS, &data->train, err)) return false;
    if (corpus_pairs(CORPUS_VALID, 1, CORPUS_VALID_PAIRS, &data->valid, err)) return true;
    pairs_free(&data->train);
    return false;
}

/* The last pairs, one in twenty but at most 500, become the validation pairs. */
static bool hold_out(TrainingData *data, const char *path, Error *err) {
    Pairs *train = &data->train;
    if (train->src.count < 2)
        return error_set(err, "%s: a single pair; at least 2 are needed, one to validate with",
                         path);
    const size_t count = train->src.count / 20 < 500 ? train->src.count / 20 + 1 : 500;
    const size_t rest = train->src.count - count; // what is left to learn from
    // Views into train: they own nothing.
    data->valid = (Pairs){.src = {.line = train->src.line + rest, .count = count},
                          .tgt = {.line = train->tgt.line + rest, .count = count},
                          .number = train->number + rest};
    data->valid_is_part = true;
    train->src.count = train->tgt.count = rest;
    printf("the last %zu pairs are held out for validation\n", count);
    return true;
}

/* What was left out is said, or a corpus that is half blank would train without a word. */
static void report(const char *what, const Pairs *pairs) {
    printf("%s: %zu pairs", what, pairs->src.count);
    if (pairs->skipped) printf(", %zu more skipped because a side is empty", pairs->skipped);
    if (pairs->too_long)
        printf(", %zu more skipped because a side has more than %d bytes", pairs->too_long,
               LINE_BYTES_MAX);
    printf("\n");
}

/* Validation pairs for training pairs from files. */
static bool read_valid(const Settings *s, TrainingData *data, Error *err) {
    if (s->valid_data) return pairs_read_tsv(s->valid_data, &data->valid, err);
    if (s->valid_src) return pairs_read(s->valid_src, s->valid_tgt, &data->valid, err);
    return hold_out(data, s->data ? s->data : s->src, err);
}

/* From two files, from one with a tab in each line, or from our grammar: settings_parse has seen to
 * it that only one of them is asked for. */
bool training_data_read(const Settings *s, TrainingData *data, Error *err) {
    *data = (TrainingData){0};
    if (!s->data && !s->src) {
        if (!training_data_builtin(data, err)) return false;
    } else {
        if (s->data ? !pairs_read_tsv(s->data, &data->train, err)
                    : !pairs_read(s->src, s->tgt, &data->train, err))
            return false;
        if (!read_valid(s, data, err)) {
            pairs_free(&data->train);
            return false;
        }
    }
    report("training", &data->train);
    report("validation", &data->valid);
    return true;
}
