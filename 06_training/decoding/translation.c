#include "06_training/decoding/translation.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "01_embeddings/tokens.h"

/* The most of each in a batch. Memory that is asked for must be cleared first, which takes as long
 * as a good part of the arithmetic. */
enum { SENTENCES = 64, HYPOTHESES = 256, TOKENS = 1024 };

size_t translation_batch(int beam, int longest) {
    const int wide = HYPOTHESES / beam, fit = TOKENS / longest < wide ? TOKENS / longest : wide;
    return fit < 1 ? 1 : fit > SENTENCES ? SENTENCES : (size_t)fit;
}

/* The lines as the threads see them. */
typedef struct {
    const Translation *translation;
    const EncodedLines *lines;
    size_t blank;        // of them, the first, have nothing to translate
    int wanted;          // translations for each line
    char **out;          // (text lines,wanted)
    double *scores;      // likewise; NULL: the best alone is wanted, whatever its score
    atomic_size_t taken; // lines, from the end
    _Atomic bool finite; // on all threads
} Work;

/* A line end within it would shift all lines behind, a tab what is beside it. */
void translation_one_column(char *text) {
    for (char *c = text; *c; c++)
        if (*c >= '\t' && *c <= '\r') *c = ' ';
}

/* The text of ids, whatever the model has said. The caller frees. */
static char *line_of(const Bpe *bpe, const IntArray *ids) {
    char *text = bpe_decode(bpe, ids->data, ids->count, NULL);
    translation_one_column(text);
    return text;
}

static SearchOptions options_of(const Translation *t) {
    SearchOptions options = t->options;
    options.length_factor = t->translator->length_factor;
    return options;
}

/* The arrays grow by malloc and not in the arena: how long they become is not known. */
static bool say(const Work *work, const int *src, int B, int S, const EncodedLine *line) {
    const Translation *t = work->translation;
    IntArray said[SENTENCES] = {{0}};
    const bool finite = search_batch(t->translator->model, src, B, S, t->translator->max_length,
                                     options_of(t), said);
    for (int b = 0; b < B; b++) {
        work->out[line[b].line] = line_of(t->translator->bpe, &said[b]);
        free(said[b].data);
    }
    return finite;
}

/* The same, with scores, for the best ones of each line. */
static bool say_best(const Work *work, const int *src, int B, int S, const EncodedLine *line) {
    const Translation *t = work->translation;
    const size_t wanted = (size_t)work->wanted;
    SearchHypothesis *best = memory_calloc((size_t)B * wanted * sizeof *best);
    const bool finite = search_best(t->translator->model, src, B, S, t->translator->max_length,
                                    options_of(t), work->wanted, best);
    for (size_t i = 0; i < (size_t)B * wanted; i++) {
        const size_t to = line[i / wanted].line * wanted + i % wanted;
        work->scores[to] = best[i].score;
        if (best[i].score > -INFINITY) work->out[to] = line_of(t->translator->bpe, &best[i].ids);
        free(best[i].ids.data);
    }
    free(best);
    return finite;
}

/* Lines [first, first + B), in this thread's own graph; out[] of different batches are different
 * lines, so nothing is shared. */
static void translate_batch(Work *work, size_t first, int B, Graph *graph) {
    const EncodedLine *line = work->lines->line + first;
    const int S = line[B - 1].length; // the longest, since lines are in order of length
    graph_use(graph);
    graph_reset(graph);
    // As wide as the longest of these lines, and no wider: each batch makes its own rectangle.
    int *src = graph_alloc((size_t)(B * S) * sizeof *src); // (B,S)
    for (int b = 0; b < B; b++) {
        const int *ids = work->lines->ids + line[b].first;
        for (int s = 0; s < S; s++) src[b * S + s] = s < line[b].length ? ids[s] : TOKEN_PAD;
    }
    if (!(work->scores ? say_best(work, src, B, S, line) : say(work, src, B, S, line)))
        work->finite = false;
}

/* Takes the next batch: *end <- behind its last line. Returns how many lines it has, 0 if none are
 * left. The longest lines come first: what they need of memory serves the others too, and what is
 * left for one thread alone at the end is short. */
static size_t take_batch(Work *work, size_t *end) {
    size_t taken = work->taken, B;
    do {
        *end = work->lines->count - taken;
        if (*end == work->blank) return 0;
        B = translation_batch(work->translation->options.beam, work->lines->line[*end - 1].length);
        if (B > *end - work->blank) B = *end - work->blank;
    } while (!atomic_compare_exchange_weak(&work->taken, &taken, taken + B));
    return B;
}

/* One thread of the team: it takes the next batch whenever it has finished one. */
static void translate_batches(void *context, int thread) {
    Work *work = context;
    const Translation *t = work->translation;
    for (size_t end, B; (B = take_batch(work, &end)) > 0;) {
        // The calling thread tells.
        if (thread == 0 && t->progress)
            t->progress(t->context, work->blank + work->lines->count - end);
        translate_batch(work, end - B, (int)B, t->graphs[thread]);
    }
}

/* The lines go back to their places through line[].line. */
static bool run(const Translation *translation, const EncodedLines *lines, int wanted, char **out,
                double *scores) {
    Work work = {.translation = translation,
                 .lines = lines,
                 .wanted = wanted,
                 .out = out,
                 .scores = scores,
                 .finite = true};
    for (size_t i = 0; i < lines->text_lines * (size_t)wanted; i++) {
        out[i] = NULL; // the too long ones stay so
        if (scores) scores[i] = -INFINITY;
    }
    // The shortest come first, so the blank ones are at the front.
    for (; work.blank < lines->count && lines->line[work.blank].length == 0; work.blank++) {
        const size_t to = lines->line[work.blank].line * (size_t)wanted;
        out[to] = memory_calloc(1);
        if (scores) scores[to] = 0;
    }
    Transformer *model = translation->translator->model;
    const bool packed = transformer_pack(model);
    threads_run(translation->threads, translate_batches, &work);
    if (packed) transformer_unpack(model);
    return work.finite;
}

bool translation_run(const Translation *translation, const EncodedLines *lines, char **out) {
    return run(translation, lines, 1, out, NULL);
}

/* For lines that are translated once. Who asks again and again keeps the EncodedLines. */
static bool run_lines(const Translation *translation, const char *const *lines, size_t count,
                      int wanted, char **out, double *scores) {
    const Translator *translator = translation->translator;
    EncodedLines encoded = encoded_lines_new(translator->bpe, lines, count, translator->max_length);
    const bool finite = run(translation, &encoded, wanted, out, scores);
    encoded_lines_free(&encoded);
    return finite;
}

bool translation_of_lines(const Translation *translation, const char *const *lines, size_t count,
                          char **out) {
    return run_lines(translation, lines, count, 1, out, NULL);
}

bool translation_best_of_lines(const Translation *translation, const char *const *lines,
                               size_t count, int wanted, char **out, double *scores) {
    return run_lines(translation, lines, count, wanted, out, scores);
}
