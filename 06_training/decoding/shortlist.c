#include "06_training/decoding/shortlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "06_training/decoding/lexicon.h"
#include "06_training/trainer/run_table.h"
#include "common/arena.h"
#include "common/files/crc32.h"
#include "common/files/file.h"
#include "common/screen/progress.h"

/* A lexicon of so many pairs takes some hundred megabytes at most. */
enum { SAMPLE = 30000 };

/* ---- Made of pairs --------------------------------------------------------------------------- */

/* Whether any of ids (count) has not been met; from now on all have. */
static bool brings_new(bool *met, const int *ids, int count) {
    bool new = false;
    for (int i = 0; i < count; i++) {
        new = new || !met[ids[i]];
        met[ids[i]] = true;
    }
    return new;
}

/* in (pairs) <- which are learned from: some, evenly spaced, and all that bring a source token that
 * none before had. */
static void choose(const EncodedPairs *pairs, int V, bool *in) {
    bool *met = memory_calloc((size_t)V * sizeof *met);
    double sampled = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        const EncodedPair *pair = &pairs->pair[i];
        const bool due = sampled <= (double)i * SAMPLE / (double)pairs->count;
        const bool new = brings_new(met, pairs->ids + pair->src, pair->src_length);
        in[i] = pairs->count <= SAMPLE || due || new;
        sampled += due;
    }
    free(met);
}

/* </s> is one of the source's tokens here: what comes with nothing in particular comes with it. */
static Lexicon *learn(const EncodedPairs *pairs, int V) {
    Lexicon *lexicon = lexicon_new(V);
    bool *in = memory_alloc(pairs->count * sizeof *in);
    choose(pairs, V, in);
    Progress progress = progress_begin("lexicon", 0, LEXICON_ROUNDS * pairs->count);
    for (int round = 0; round < LEXICON_ROUNDS; round++) {
        for (size_t i = 0; i < pairs->count; i++) {
            const EncodedPair *pair = &pairs->pair[i];
            if (in[i])
                lexicon_take(lexicon, pairs->ids + pair->src, pair->src_length,
                             pairs->ids + pair->tgt + 1, pair->tgt_length - 1);
            progress_update(&progress, (size_t)round * pairs->count + i + 1, NULL);
        }
        lexicon_end_round(lexicon);
    }
    progress_end(&progress);
    free(in);
    return lexicon;
}

typedef struct {
    int token;
    double frequency;
} Frequent;

static int more_frequent(const void *a, const void *b) {
    const Frequent *x = a, *y = b;
    if (x->frequency != y->frequency) return x->frequency > y->frequency ? -1 : 1;
    return (x->token > y->token) - (x->token < y->token);
}

/* What may always be said: the marks, and the most frequent tokens of the target. */
static void list_always(IntArray *list, const Lexicon *lexicon, int V, int always) {
    Frequent *all = memory_alloc((size_t)V * sizeof *all);
    for (int v = 0; v < V; v++) all[v] = (Frequent){v, lexicon_frequency(lexicon, v)};
    qsort(all, (size_t)V, sizeof *all, more_frequent);
    for (int mark = 0; mark < TOKEN_TEXT; mark++) int_array_push(list, mark);
    for (int i = 0, listed = 0; i < V && listed < always; i++) {
        if (all[i].token < TOKEN_TEXT) continue;
        int_array_push(list, all[i].token);
        listed++;
    }
    free(all);
}

/* The likeliest of entry (count), all of source token v, and v itself: names and numbers are
 * copied, and so is what the pairs do not have. */
static void list_likeliest(IntArray *list, int v, const LexiconEntry *entry, size_t count,
                           int each) {
    bool itself = false;
    for (size_t i = 0; i < count && i < (size_t)each; i++) {
        int_array_push(list, entry[i].tgt);
        itself = itself || entry[i].tgt == v;
    }
    if (!itself) int_array_push(list, v);
}

Shortlist shortlist_of(const EncodedPairs *pairs, int V, int each, int always) {
    Lexicon *lexicon = learn(pairs, V);
    size_t count, at = 0;
    LexiconEntry *entry = lexicon_entries(lexicon, &count);
    IntArray list = {0};
    Shortlist s = {.V = V, .begin = memory_alloc(((size_t)V + 1) * sizeof *s.begin)};
    for (int v = 0; v < V; v++) {
        size_t end = at;
        while (end < count && entry[end].src == v) end++;
        s.begin[v] = list.count;
        if (v == TOKEN_EOS)
            list_always(&list, lexicon, V, always);
        else if (v >= TOKEN_TEXT)
            list_likeliest(&list, v, entry + at, end - at, each);
        at = end;
    }
    s.begin[V] = list.count;
    s.token = list.data;
    free(entry);
    lexicon_free(lexicon);
    return s;
}

void shortlist_free(Shortlist *s) {
    free(s->begin);
    free(s->token);
    *s = (Shortlist){0};
}

/* ---- Asked ----------------------------------------------------------------------------------- */

int shortlist_union(const Shortlist *s, const int *ids, size_t count, int *tokens) {
    unsigned char *listed = memory_calloc((size_t)s->V);
    int n = 0;
    bool known = true, marks = false;
    for (size_t i = 0; i < count && known; i++) {
        const size_t begin = s->begin[ids[i]], end = s->begin[ids[i] + 1];
        known = end > begin || ids[i] == TOKEN_PAD;
        marks = marks || ids[i] == TOKEN_EOS;
        for (size_t k = begin; k < end; k++) listed[s->token[k]] = 1;
    }
    for (int v = 0; v < s->V && known && marks; v++)
        if (listed[v]) tokens[n++] = v;
    free(listed);
    return 2 * n > s->V ? 0 : n;
}

/* ---- File ------------------------------------------------------------------------------------ */

static const char START[] = "# shortlist for vocabulary ", TRAINED[] = ", of a model trained on ";

static uint32_t vocabulary_of(const Bpe *bpe) {
    char *text = bpe_save(bpe);
    const uint32_t crc = crc32_add(0, text, strlen(text));
    free(text);
    return crc;
}

/* The first line without its newline, columns and lists aside: whose it is. */
static void whose(const Translator *translator, char text[96]) {
    snprintf(text, 96, "%s%08x of %d tokens%s%08x", START, (unsigned)vocabulary_of(translator->bpe),
             bpe_vocab_size(translator->bpe), TRAINED, (unsigned)translator->trained_on);
}

static size_t list_count(const Shortlist *s) {
    size_t count = 0;
    for (int v = 0; v < s->V; v++) count += s->begin[v + 1] > s->begin[v];
    return count;
}

bool shortlist_save(const Shortlist *s, const Translator *translator, const char *path,
                    Error *err) {
    const Bpe *bpe = translator->bpe;
    char start[96];
    if (!file_may_replace(path, START, 1))
        return error_set(err, "%s: is there and is no shortlist: it stays as it is", path);
    file_remove_leftovers_of(path);
    ByteArray text = {0};
    whose(translator, start);
    run_table_append(&text, "%s, %zu lists: token\tpiece\tits list\tpieces\n", start,
                     list_count(s));
    for (int v = 0; v < s->V; v++) {
        const size_t begin = s->begin[v], end = s->begin[v + 1];
        if (begin == end) continue;
        run_table_append(&text, "%d\t%s\t", v, bpe_piece(bpe, v));
        for (size_t k = begin; k < end; k++)
            run_table_append(&text, k == begin ? "%d" : " %d", s->token[k]);
        for (size_t k = begin; k < end; k++)
            run_table_append(&text, k == begin ? "\t%s" : " %s", bpe_piece(bpe, s->token[k]));
        run_table_append(&text, "\n");
    }
    const bool written = file_write(path, &(Bytes){text.data, text.count}, 1, err);
    free(text.data);
    return written;
}

/* *value <- a token at *text, which goes on behind it. */
static bool read_token(char **text, int V, int *value) {
    char *end;
    if (**text < '0' || **text > '9') return false; // strtol takes spaces and signs, too
    const long number = strtol(*text, &end, 10);
    if (number >= V) return false;
    *value = (int)number;
    *text = end;
    return true;
}

/* One line behind the first; the source tokens are in ascending order. */
static bool read_list(char *line, Shortlist *s, IntArray *list, int *next) {
    int v, token;
    if (!read_token(&line, s->V, &v) || v < *next || *line++ != '\t') return false;
    while (*next <= v) s->begin[(*next)++] = list->count;
    if (!(line = strchr(line, '\t'))) return false;
    do {
        line++;
        if (!read_token(&line, s->V, &token)) return false;
        int_array_push(list, token);
    } while (*line == ' ');
    return *line == '\t';
}

/* Without them a translation could not end. */
static bool has_marks(const Shortlist *s) {
    int marks = 0;
    for (size_t k = s->begin[TOKEN_EOS]; k < s->begin[TOKEN_EOS + 1]; k++)
        if (s->token[k] < TOKEN_TEXT) marks |= 1 << s->token[k];
    return marks == 7;
}

static bool read_lists(char *rest, size_t lists, const char *path, Shortlist *s, Error *err) {
    IntArray list = {0};
    char *line;
    int next = 0; // the first source token without a beginning
    bool good = true;
    size_t number = 1;
    while (good && run_table_next_line(&rest, &line)) {
        number++;
        if (!(good = read_list(line, s, &list, &next)))
            error_set(
                err,
                "%s:%zu: expected a token, its piece, the tokens of its list, and their pieces",
                path, number);
    }
    while (next <= s->V) s->begin[next++] = list.count;
    s->token = list.data;
    if (good && number - 1 != lists)
        return error_set(err, "%s: %zu lists where its first line says %zu: it is cut off", path,
                         number - 1, lists);
    return good && (has_marks(s) ||
                    error_set(err, "%s: the list of </s> lacks one of the three marks", path));
}

/* The first line: one of ours, for this model; *lists <- how many there are. Where one of both does
 * not know what the model was trained on, that is not compared. */
static bool read_first(const char *line, const Translator *translator, const char *path,
                       size_t *lists, Error *err) {
    char ours[96];
    unsigned trained;
    int end = 0;
    whose(translator, ours);
    const size_t vocabulary = (size_t)(strstr(ours, TRAINED) - ours);
    if (strncmp(line, START, strlen(START)) != 0)
        return error_set(err, "%s: is no shortlist (build/06_training/shortlist writes them)",
                         path);
    if (strncmp(line, ours, vocabulary) != 0)
        return error_set(err, "%s: is for another vocabulary than the model's", path);
    line += vocabulary;
    if (strncmp(line, TRAINED, strlen(TRAINED)) != 0)
        return error_set(err, "%s: is of an earlier version: make it again", path);
    if (sscanf(line + strlen(TRAINED), "%8x, %7zu lists:%n", &trained, lists, &end) != 2 || !end)
        return error_set(err, "%s:1: expected the number of lists", path);
    return trained == 0 || translator->trained_on == 0 || trained == translator->trained_on ||
           error_set(err,
                     "%s: is for a model that was trained on other pairs, or the other way round: "
                     "make one for this model",
                     path);
}

bool shortlist_load(const char *path, const Translator *translator, Shortlist *s, Error *err) {
    char *text, *rest, *first;
    size_t bytes, lists;
    *s = (Shortlist){.V = bpe_vocab_size(translator->bpe)};
    if (!file_read(path, &text, &bytes, err)) return false;
    rest = text;
    // A NUL would hide what comes behind it.
    bool good =
        (strlen(text) == bytes && run_table_next_line(&rest, &first)) ||
        error_set(err, "%s: is no shortlist (build/06_training/shortlist writes them)", path);
    good = good && read_first(first, translator, path, &lists, err);
    if (good) {
        s->begin = memory_alloc(((size_t)s->V + 1) * sizeof *s->begin);
        good = read_lists(rest, lists, path, s, err);
    }
    free(text);
    if (!good) shortlist_free(s);
    return good;
}
