#include "06_training/translator/translation.h"

#include <math.h>
#include <stdlib.h>

#include "01_embeddings/tokens.h"

/* The most of both in a batch. */
enum { SENTENCES = 32, HYPOTHESES = 256 };

/* Sentences per batch: few enough that a wide beam does not ask for gigabytes, and the same for any
 * number of threads, so that the result does not depend on it. */
static size_t batch_size(int beam) {
    const int fit = HYPOTHESES / beam;
    return fit < 1 ? 1 : fit > SENTENCES ? SENTENCES : (size_t)fit;
}

/* The lines as the threads see them. */
typedef struct {
    const Translation *translation;
    const EncodedLines *lines;
    size_t first;         // of this round
    int wanted;           // translations for each line
    char **out;           // (text lines,wanted)
    double *scores;       // likewise; NULL: the best alone is wanted, whatever its score
    _Atomic bool *finite; // on all threads
} Round;

/* The text of ids, in one line and one column, whatever the model has said: a line end within it
 * would shift all lines behind, a tab what is beside it. The caller frees. */
static char *line_of(const Bpe *bpe, const IntArray *ids) {
    char *text = bpe_decode(bpe, ids->data, ids->count, NULL);
    for (char *c = text; *c; c++)
        if (*c >= '\t' && *c <= '\r') *c = ' ';
    return text;
}

/* The arrays grow by malloc and not in the arena: how long they become is not known. */
static bool say(const Round *round, const int *src, int B, int S, const EncodedLine *line) {
    const Translation *t = round->translation;
    IntArray said[SENTENCES] = {{0}};
    const bool finite =
        search_batch(t->translator->model, src, B, S, t->translator->max_length, t->options, said);
    for (int b = 0; b < B; b++) {
        round->out[line[b].line] = line_of(t->translator->bpe, &said[b]);
        free(said[b].data);
    }
    return finite;
}

/* The same, with scores, for the best ones of each line. */
static bool say_best(const Round *round, const int *src, int B, int S, const EncodedLine *line) {
    const Translation *t = round->translation;
    const size_t wanted = (size_t)round->wanted;
    SearchHypothesis *best = memory_calloc((size_t)B * wanted * sizeof *best);
    const bool finite = search_best(t->translator->model, src, B, S, t->translator->max_length,
                                    t->options, round->wanted, best);
    for (size_t i = 0; i < (size_t)B * wanted; i++) {
        const size_t to = line[i / wanted].line * wanted + i % wanted;
        round->scores[to] = best[i].score;
        if (best[i].score > -INFINITY) round->out[to] = line_of(t->translator->bpe, &best[i].ids);
        free(best[i].ids.data);
    }
    free(best);
    return finite;
}

/* Runs on one thread of the team, in its own graph; out[] of different batches are different
 * lines, so nothing is shared. */
static void translate_batch(void *context, int thread) {
    const Round *round = context;
    const Translation *t = round->translation;
    const size_t most = batch_size(t->options.beam), count = round->lines->count;
    const size_t first = round->first + (size_t)thread * most;
    if (first >= count) return; // the last round may not have a batch for every thread
    const int B = (int)(count - first < most ? count - first : most);
    const EncodedLine *line = round->lines->line + first;
    const int S = line[B - 1].length; // the longest, since lines are in order of length
    Graph *graph = t->graphs[thread];
    graph_use(graph);
    graph_reset(graph);
    // As wide as the longest of these lines, and no wider: each round makes its own rectangle.
    int *src = graph_alloc((size_t)(B * S) * sizeof *src); // (B,S)
    for (int b = 0; b < B; b++) {
        const int *ids = round->lines->ids + line[b].first;
        for (int s = 0; s < S; s++) src[b * S + s] = s < line[b].length ? ids[s] : TOKEN_PAD;
    }
    if (!(round->scores ? say_best(round, src, B, S, line) : say(round, src, B, S, line)))
        *round->finite = false;
}

/* The lines go back to their places through line[].line. Each round gives every thread one
 * batch. */
static bool run(const Translation *translation, const EncodedLines *lines, int wanted, char **out,
                double *scores) {
    _Atomic bool finite = true;
    Round round = {.translation = translation,
                   .lines = lines,
                   .wanted = wanted,
                   .out = out,
                   .scores = scores,
                   .finite = &finite};
    for (size_t i = 0; i < lines->text_lines * (size_t)wanted; i++) {
        out[i] = NULL; // the too long ones stay so
        if (scores) scores[i] = -INFINITY;
    }
    // The shortest come first, so the blank ones are at the front.
    for (; round.first < lines->count && lines->line[round.first].length == 0; round.first++) {
        const size_t to = lines->line[round.first].line * (size_t)wanted;
        out[to] = memory_calloc(1);
        if (scores) scores[to] = 0;
    }
    const size_t step =
        (size_t)threads_count(translation->threads) * batch_size(translation->options.beam);
    for (; round.first < lines->count; round.first += step) {
        // Between rounds, where the calling thread is alone.
        if (translation->progress) translation->progress(translation->context, round.first);
        threads_run(translation->threads, translate_batch, &round);
    }
    return finite;
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
