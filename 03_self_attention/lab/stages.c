#include "03_self_attention/lab/stages.h"

#include "01_embeddings/characters.h"
#include "common/files/data.h"
#include "common/files/text.h"
#include "common/screen/compare.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROWS_MAX = 64 };

/* The text as ids; the caller frees ids->data. Returns the size of the vocabulary. */
static int load_ids(const char *path, IntArray *ids) {
    Error err;
    char *text;
    size_t bytes;
    Characters characters;
    if (!text_read(path, &text, &bytes, &err) ||
        !characters_learn(&characters, text, bytes, &err) ||
        !characters_encode(&characters, text, bytes, ids, &err))
        error_exit(&err);
    free(text);
    const int vocab = (int)characters.count;
    characters_free(&characters);
    return vocab;
}

static void print_row(const CharRow *row) {
    printf("step %d: train loss %.4f, val loss %.4f\n", row->step, row->train, row->val);
    fflush(stdout);
}

static const CharRow *row_of(const CharRow *rows, int count, int step) {
    for (int i = 0; i < count; i++)
        if (rows[i].step == step) return &rows[i];
    return NULL;
}

static void compare_rows(Comparison *comparison, const Stage *stage, const CharRow *rows,
                         int count) {
    for (int i = 0; i < stage->published_count; i++) {
        const CharRow *published = &stage->published[i];
        const CharRow *ours = row_of(rows, count, published->step);
        char label[64];
        if (!ours) continue;
        const bool drifted = stage->drifts_from && published->step >= stage->drifts_from;
        const double allowed = drifted ? stage->drift : stage->allowed;
        snprintf(label, sizeof label, "step %d, train", published->step);
        compare_value(comparison, label, published->train, ours->train, 4, allowed);
        snprintf(label, sizeof label, "step %d, val", published->step);
        compare_value(comparison, label, published->val, ours->val, 4, allowed);
    }
}

/* Everything hangs on one generator: the weights, the windows to train on and those of each
 * estimate come from seed 1337 in the order in which the video's script asks for them. That is what
 * makes the fourth decimal comparable. */
int stage_run(const Stage *stage, long last_step) {
    char path[1024];
    if (!data_find("tinyshakespeare/input.txt", path, sizeof path)) {
        printf("skipped: %s: %s\n", stage->name, path);
        return 0;
    }
    IntArray ids = {0};
    const int vocab = load_ids(path, &ids);
    Random random;
    random_seed(&random, 1337);
    Parameters parameters = {0};
    const CharModel model = stage->build(&parameters, vocab, &random);
    Comparison comparison = {0};
    compare_value(&comparison, "parameters", (double)stage->numbers,
                  (double)parameters_size(&parameters), 0, 0);
    CharRow rows[ROWS_MAX];
    CharTraining training = stage->training;
    // Without --steps all rows there are; with it, those up to last_step.
    const int wanted = (int)(last_step / training.eval_every) + 1;
    REQUIRE(wanted <= ROWS_MAX - 1, "%d rows", wanted);
    const int count = char_train(char_model_loss, &model, &parameters,
                                 text_part_split(ids.data, ids.count), &training, &random, rows,
                                 last_step < training.steps ? wanted : ROWS_MAX, print_row);
    compare_rows(&comparison, stage, rows, count);
    parameters_free(&parameters);
    free(ids.data);
    return compare_end(&comparison);
}
