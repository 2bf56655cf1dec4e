#include "06_training/lab/symptoms.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/array.h"
#include "common/files/file.h"
#include "common/files/lines.h"

/* How a number is called in the file and on the screen; a title begins a group. */
static const struct {
    const char *title, *key, *text;
} ROWS[SYMPTOM_COUNT] = {
    [SYMPTOM_EQUAL_SHARES] = {"64 validation pairs before the first step", "equal_shares",
                              "ln V: equal shares for all tokens"},
    [SYMPTOM_FIRST_LOSS] = {NULL, "first_loss", "loss of a token"},
    [SYMPTOM_LOSS] = {"The same pairs after training", "loss",
                      "loss of a token, the batch made as for training"},
    [SYMPTOM_FROM_TEXT] = {NULL, "from_text", "the batch made here, from the English and French"},
    [SYMPTOM_OTHER_SOURCE] = {NULL, "other_source", "each with the source of another sentence"},
    [SYMPTOM_MORE_SRC_PAD] = {NULL, "more_src_pad", "eight <pad> more behind every source"},
    [SYMPTOM_MORE_TGT_PAD] = {NULL, "more_tgt_pad", "eight <pad> more behind every target"},
    [SYMPTOM_LATER_TOKEN] = {NULL, "later_token",
                             "another last token: earlier logits change by up to"},
    [SYMPTOM_ALREADY_READ] = {NULL, "already_read", "places that read what they are to say, share"},
    [SYMPTOM_TEACHER] = {NULL, "teacher", "right tokens, the right ones before them read, share"},
    [SYMPTOM_FIRST_RATE] = {"A step", "first_rate", "rate of the first step, share of the highest"},
    [SYMPTOM_NORM_ONE] = {NULL, "norm_one", "norm of the gradient, the batch in one shard"},
    [SYMPTOM_NORM_TWO] = {NULL, "norm_two", "norm of the gradient, the batch in two shards"},
    [SYMPTOM_OVERFITTED] = {NULL, "overfitted", "a new model after 100 steps on 8 pairs: loss"},
    [SYMPTOM_VALID] = {"Validating and decoding", "valid", "validation loss, all pairs"},
    [SYMPTOM_VALID_AGAIN] = {NULL, "valid_again", "validation loss, all pairs, once more"},
    [SYMPTOM_SAID_AGAIN] = {NULL, "said_again",
                            "tokens said one by one, said again all at once, share"},
    [SYMPTOM_CACHE] = {NULL, "cache", "translations that are the same without cache, share"},
};

static void free_texts(char *texts[SYMPTOM_LINES]) {
    for (int i = 0; i < SYMPTOM_LINES; i++) free(texts[i]);
}

void symptoms_free(Symptoms *symptoms) {
    run_log_free(&symptoms->log);
    free_texts(symptoms->src);
    free_texts(symptoms->tgt);
    free_texts(symptoms->said);
    *symptoms = (Symptoms){0};
}

/* ---- File ------------------------------------------------------------------------------------ */

enum { PATH_BYTES = 4096, LINE_BYTES = 256 };

/* A word and what ends it: a tab or a newline. */
static void append(ByteArray *text, const char *word, char end) {
    byte_array_append(text, word, strlen(word));
    byte_array_append(text, &end, 1);
}

/* All digits: what is read is what was measured. The curve has a file already, the run's log. */
bool symptoms_write(const Symptoms *symptoms, const char *folder, Error *err) {
    char path[PATH_BYTES], number[LINE_BYTES];
    ByteArray text = {0};
    for (int i = 0; i < SYMPTOM_COUNT; i++) {
        snprintf(number, sizeof number, "%.17g", symptoms->value[i]);
        append(&text, ROWS[i].key, '\t');
        append(&text, number, '\n');
    }
    for (int i = 0; i < SYMPTOM_LINES; i++) {
        append(&text, symptoms->src[i], '\t');
        append(&text, symptoms->tgt[i], '\t');
        append(&text, symptoms->said[i], '\n');
    }
    snprintf(path, sizeof path, "%s/symptoms.tsv", folder);
    const Bytes bytes = {text.data, text.count};
    const bool written = file_write(path, &bytes, 1, err);
    free(text.data);
    return written;
}

/* KEY TAB NUMBER */
static bool read_value(const char *line, const char *key, double *value) {
    const size_t length = strlen(key);
    return strncmp(line, key, length) == 0 && sscanf(line + length, "\t%lg", value) == 1;
}

/* A copy of what stands at *rest up to the next tab, which is stepped over. */
static char *next_text(const char **rest) {
    const size_t length = strcspn(*rest, "\t");
    char *text = memory_calloc(length + 1);
    memcpy(text, *rest, length);
    *rest += length + ((*rest)[length] == '\t');
    return text;
}

/* Lines in the order in which they were written. Anything else was written by another version of
 * this program, and its numbers would stand in wrong rows. */
bool symptoms_read(const char *folder, Symptoms *symptoms, Error *err) {
    char path[PATH_BYTES];
    Lines lines;
    *symptoms = (Symptoms){0};
    snprintf(path, sizeof path, "%s/symptoms.tsv", folder);
    if (!lines_read(path, &lines, err)) return false;
    bool good = lines.count == SYMPTOM_COUNT + SYMPTOM_LINES;
    for (int i = 0; i < SYMPTOM_COUNT && good; i++)
        good = read_value(lines.line[i], ROWS[i].key, &symptoms->value[i]);
    for (int i = 0; i < SYMPTOM_LINES && good; i++) {
        const char *rest = lines.line[SYMPTOM_COUNT + i];
        symptoms->src[i] = next_text(&rest);
        symptoms->tgt[i] = next_text(&rest);
        symptoms->said[i] = next_text(&rest);
    }
    lines_free(&lines);
    if (!good) {
        symptoms_free(symptoms);
        return error_set(err, "%s: not what this program writes", path);
    }
    if (run_log_read(&symptoms->log, folder, LONG_MAX, err)) return true;
    symptoms_free(symptoms);
    return false;
}

/* ---- Screen ---------------------------------------------------------------------------------- */

/* Training and validation loss are of one kind here: no target is smoothed. */
static void print_epoch(const RunLogRow *row) {
    printf("   %8.4f %8.4f %6.1f", row->train_loss, row->valid_loss, row->valid_bleu);
}

/* Every second epoch and the last. */
static void print_curve(const Symptoms *symptoms, const Symptoms *sound) {
    static const char columns[] = "      train    valid   BLEU";
    if (sound) printf("%10s   %-27s   %s\n", "", "      sound", "      this one");
    printf("epoch step%s%s\n", sound ? columns : "", columns);
    const size_t count = symptoms->log.count;
    for (size_t i = 0; i < count; i++) {
        if (i % 2 && i + 1 < count) continue;
        const RunLogRow *row = &symptoms->log.rows[i];
        printf("%5ld %4ld", row->epoch, row->step);
        if (sound && i < sound->log.count) print_epoch(&sound->log.rows[i]);
        print_epoch(row);
        putchar('\n');
    }
}

/* A row that differs is not marked: to find it is the exercise. */
static void print_values(const Symptoms *symptoms, const Symptoms *sound) {
    for (int i = 0; i < SYMPTOM_COUNT; i++) {
        if (ROWS[i].title)
            printf("\n%-58s%10s%10s\n", ROWS[i].title, sound ? "sound" : "",
                   sound ? "this one" : "");
        printf("  %-56s", ROWS[i].text);
        if (sound) printf("%10.4f", sound->value[i]);
        printf("%10.4f\n", symptoms->value[i]);
    }
}

/* Two losses beside each other tell less than what a model says. */
void symptoms_print(const Symptoms *symptoms, const Symptoms *sound) {
    print_curve(symptoms, sound);
    print_values(symptoms, sound);
    for (int i = 0; i < SYMPTOM_LINES; i++) {
        printf("\n%s\n  right     %s\n", symptoms->src[i], symptoms->tgt[i]);
        if (sound) printf("  sound     %s\n", sound->said[i]);
        printf("  this one  %s\n", symptoms->said[i]);
    }
}
