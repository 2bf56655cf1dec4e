#include "06_training/run/learning.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "06_training/decoding/translation.h"
#include "06_training/trainer/run_table.h"
#include "common/screen/print.h"

static const RunTable TABLE = {"learning.tsv", "step\tsentence\ttext\n"};

enum { FIRST_STEP = 25 };

/* In one column and one line, whatever a source holds. The caller frees. */
static char *copy_of(const char *text) {
    const size_t bytes = strlen(text) + 1;
    char *copy = memcpy(memory_alloc(bytes), text, bytes);
    for (char *c = copy; *c; c++)
        if (*c >= '\t' && *c <= '\r') *c = ' ';
    return copy;
}

/* The validation sources are in order of length: the middle one of each of three equal parts. */
void learning_begin(Learning *learning, const Validation *validation) {
    const EncodedLines *sources = &validation->sources;
    const Pairs *text = validation->text;
    const size_t all = sources->count;
    *learning = (Learning){.count = all < LEARNING_SENTENCES ? (int)all : LEARNING_SENTENCES};
    for (int i = 0; i < learning->count; i++) {
        const size_t at = (size_t)(2 * i + 1) * all / (size_t)(2 * learning->count);
        learning->src[i] = copy_of(text->src.line[sources->line[at].line]);
        learning->tgt[i] = copy_of(text->tgt.line[sources->line[at].line]);
    }
}

static void free_row(LearningRow *row) {
    for (int i = 0; i < LEARNING_SENTENCES; i++) free(row->said[i]);
}

void learning_free(Learning *learning) {
    for (int i = 0; i < learning->count; i++) free(learning->src[i]), free(learning->tgt[i]);
    for (size_t i = 0; i < learning->row_count; i++) free_row(&learning->rows[i]);
    free(learning->rows);
    *learning = (Learning){.count = 0};
}

/* Much happens at the beginning, and less and less afterwards. */
bool learning_is_due(long step) {
    while (step > FIRST_STEP && step % 2 == 0) step /= 2;
    return step == 0 || step == FIRST_STEP;
}

static LearningRow *last_row(const Learning *learning) {
    return learning->row_count ? &learning->rows[learning->row_count - 1] : NULL;
}

static LearningRow *append(Learning *learning, long step) {
    learning->rows = array_reserve(learning->rows, &learning->capacity, learning->row_count + 1,
                                   sizeof *learning->rows);
    learning->rows[learning->row_count] = (LearningRow){.step = step};
    return &learning->rows[learning->row_count++];
}

/* What was printed of a row that is replaced was the same: so are the weights. */
void learning_add(Learning *learning, const Translator *translator, const Trainer *trainer,
                  long step) {
    LearningRow *row = last_row(learning);
    if (row && row->step == step)
        free_row(row);
    else
        row = append(learning, step);
    const Translation greedy = {.translator = translator,
                                .options = search_greedy(),
                                .threads = trainer->threads,
                                .graphs = trainer->graphs};
    translation_of_lines(&greedy, (const char *const *)learning->src, (size_t)learning->count,
                         row->said);
    for (int i = 0; i < learning->count; i++)
        if (!row->said[i]) row->said[i] = memory_calloc(1);
}

/* ---- The file -------------------------------------------------------------------------------- */

bool learning_write(const Learning *learning, const char *directory, Error *err) {
    ByteArray text = {0};
    run_table_append(&text, "%s", TABLE.start);
    for (int i = 0; i < learning->count; i++)
        run_table_append(&text, "source\t%d\t%s\ntarget\t%d\t%s\n", i + 1, learning->src[i], i + 1,
                         learning->tgt[i]);
    for (size_t r = 0; r < learning->row_count; r++)
        for (int i = 0; i < learning->count; i++)
            run_table_append(&text, "%ld\t%d\t%s\n", learning->rows[r].step, i + 1,
                             learning->rows[r].said[i]);
    const bool written = run_table_write(TABLE, directory, &text, err);
    free(text.data);
    return written;
}

/* One line of the file into the rows, which it goes on with or begins. What is none, as the
 * sentences themselves, is passed over. */
static void read_line(Learning *learning, const char *line, long last_step) {
    long step;
    int sentence, text = 0;
    if (sscanf(line, "%ld\t%d%n", &step, &sentence, &text) != 2 || line[text] != '\t') return;
    if (step < 0 || step > last_step || sentence < 1 || sentence > learning->count) return;
    LearningRow *row = last_row(learning);
    if (!row || row->step != step) row = append(learning, step);
    free(row->said[sentence - 1]);
    row->said[sentence - 1] = copy_of(line + text + 1);
}

bool learning_read(Learning *learning, const char *directory, long step, Error *err) {
    char *text, *line;
    if (!run_table_read(TABLE, directory, &text, err)) return false;
    for (char *rest = text; run_table_next_line(&rest, &line);) read_line(learning, line, step);
    free(text);
    for (size_t r = 0; r < learning->row_count; r++)
        for (int i = 0; i < learning->count; i++)
            if (!learning->rows[r].said[i]) learning->rows[r].said[i] = memory_calloc(1);
    learning->printed = learning->row_count;
    return true;
}

bool learning_is_ours(const char *directory) {
    return run_table_is_ours(TABLE, directory);
}

/* ---- On the screen --------------------------------------------------------------------------- */

static void print_sentence(int i, const char *text) {
    char before[16];
    snprintf(before, sizeof before, "  %d  ", i + 1);
    print_short(before, text);
}

void learning_print(const Learning *learning) {
    for (int i = 0; i < learning->count; i++) {
        print_sentence(i, learning->src[i]);
        print_short("  =  ", learning->tgt[i]);
    }
}

/* Whether row r says of sentence i what the row before it does not. */
static bool is_new(const Learning *learning, size_t r, int i) {
    return r == 0 || strcmp(learning->rows[r].said[i], learning->rows[r - 1].said[i]) != 0;
}

static bool row_has_news(const Learning *learning, size_t r) {
    for (int i = 0; i < learning->count; i++)
        if (is_new(learning, r, i)) return true;
    return false;
}

bool learning_has_news(const Learning *learning) {
    for (size_t r = learning->printed; r < learning->row_count; r++)
        if (row_has_news(learning, r)) return true;
    return false;
}

void learning_print_new(Learning *learning, bool with_step) {
    for (; learning->printed < learning->row_count; learning->printed++) {
        const size_t r = learning->printed;
        if (with_step && row_has_news(learning, r)) printf("step %ld\n", learning->rows[r].step);
        for (int i = 0; i < learning->count; i++)
            if (is_new(learning, r, i)) print_sentence(i, learning->rows[r].said[i]);
    }
    fflush(stdout);
}
