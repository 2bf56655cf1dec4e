#include "01_embeddings/bpe_learn.h"

#include "01_embeddings/interner.h"
#include "common/files/utf8.h"

#include <stdlib.h>
#include <string.h>

/* The text enters as a list of distinct chunks with counts: 58,000 sentences have a few ten
 * thousand different words. Pairs are counted once; after a merge only the pairs around the places
 * where it happened have new counts. Three structures make that fast: for each pair the words it
 * occurs in, for each word its symbols, and a heap that brings the best pair to the top. */

typedef struct {
    int left, right;
    long count;  // in the text as it stands after the merges so far
    long queued; // the largest count with which it waits in the heap, 0 if it does not wait
    int use;     // the first of its entries in Learner.uses, -1 if none
} Pair;

/* One word in which a pair occurs, or used to; a list linked by index. */
typedef struct {
    int word, next;
} Use;

typedef struct {
    size_t start; // of its symbols in Learner.symbols
    size_t length;
    long count;
} Word;

typedef struct {
    long count;
    int pair;
} Candidate;

typedef struct {
    Bpe *bpe;
    Interner chunks; // number n is the text of words[n]
    Word *words;
    size_t word_capacity;
    IntArray symbols;
    Interner pair_ids; // number n is (left, right) of pairs[n]
    Pair *pairs;
    size_t pair_capacity;
    Use *uses;
    size_t use_count, use_capacity;
    Candidate *heap;
    size_t heap_count, heap_capacity;
    IntArray touched; // pairs whose count rose in the current merge
} Learner;

/* ---- the best pair --------------------------------------------------------------------------- */

static int compare_pieces(const Bpe *bpe, int a, int b) {
    size_t a_bytes, b_bytes;
    const char *a_text = bpe_bytes(bpe, a, &a_bytes), *b_text = bpe_bytes(bpe, b, &b_bytes);
    const int order = memcmp(a_text, b_text, a_bytes < b_bytes ? a_bytes : b_bytes);
    return order ? order : (a_bytes > b_bytes) - (a_bytes < b_bytes);
}

/* Whether a is merged before b. Comparing UTF-8 byte by byte is comparing code points. */
static bool goes_first(const Learner *l, Candidate a, Candidate b) {
    if (a.count != b.count) return a.count > b.count;
    const Pair *p = &l->pairs[a.pair], *q = &l->pairs[b.pair];
    const int order = compare_pieces(l->bpe, p->left, q->left);
    return (order ? order : compare_pieces(l->bpe, p->right, q->right)) > 0;
}

static void heap_push(Learner *l, Candidate added) {
    l->heap = array_reserve(l->heap, &l->heap_capacity, l->heap_count + 1, sizeof *l->heap);
    size_t i = l->heap_count++;
    for (; i > 0 && goes_first(l, added, l->heap[(i - 1) / 2]); i = (i - 1) / 2)
        l->heap[i] = l->heap[(i - 1) / 2];
    l->heap[i] = added;
}

static Candidate heap_pop(Learner *l) {
    const Candidate top = l->heap[0], last = l->heap[--l->heap_count];
    size_t i = 0, child;
    while ((child = 2 * i + 1) < l->heap_count) {
        if (child + 1 < l->heap_count && goes_first(l, l->heap[child + 1], l->heap[child])) child++;
        if (!goes_first(l, l->heap[child], last)) break;
        l->heap[i] = l->heap[child];
        i = child;
    }
    l->heap[i] = last;
    return top;
}

/* Counts fall without the heap being told; a candidate that comes up with a count from earlier goes
 * back with the present one. Returns the pair, or -1 when none occurs twice. */
static int best_pair(Learner *l) {
    while (l->heap_count > 0) {
        const Candidate top = heap_pop(l);
        Pair *pair = &l->pairs[top.pair];
        if (top.count != pair->queued) continue; // queued again since, with a larger count
        pair->queued = 0;
        if (top.count == pair->count) return top.pair;
        if (pair->count < 2) continue;
        pair->queued = pair->count;
        heap_push(l, (Candidate){pair->count, top.pair});
    }
    return -1;
}

/* ---- counting pairs -------------------------------------------------------------------------- */

static int pair_number(Learner *l, int left, int right) {
    const size_t known = l->pair_ids.count;
    const int number = interner_add(&l->pair_ids, (const int[]){left, right}, 2 * sizeof(int));
    if (l->pair_ids.count > known) {
        l->pairs = array_reserve(l->pairs, &l->pair_capacity, known + 1, sizeof *l->pairs);
        l->pairs[number] = (Pair){left, right, 0, 0, -1};
    }
    return number;
}

static void pair_gains(Learner *l, int left, int right, int word) {
    const int number = pair_number(l, left, right);
    Pair *pair = &l->pairs[number];
    pair->count += l->words[word].count;
    int_array_push(&l->touched, number);
    if (pair->use >= 0 && l->uses[pair->use].word == word) return;
    l->uses = array_reserve(l->uses, &l->use_capacity, l->use_count + 1, sizeof *l->uses);
    l->uses[l->use_count] = (Use){word, pair->use};
    pair->use = (int)l->use_count++;
}

static void pair_loses(Learner *l, int left, int right, int word) {
    l->pairs[pair_number(l, left, right)].count -= l->words[word].count;
}

static void queue_touched(Learner *l) {
    for (size_t i = 0; i < l->touched.count; i++) {
        Pair *pair = &l->pairs[l->touched.data[i]];
        if (pair->count < 2 || pair->count <= pair->queued) continue;
        pair->queued = pair->count;
        heap_push(l, (Candidate){pair->count, l->touched.data[i]});
    }
    l->touched.count = 0;
}

/* In one word, left to right: every "left right" becomes `piece`. */
static void merge_in_word(Learner *l, int word, int left, int right, int piece) {
    int *s = l->symbols.data + l->words[word].start;
    size_t n = l->words[word].length;
    for (size_t i = 0; i + 1 < n; i++) {
        if (s[i] != left || s[i + 1] != right) continue;
        // before: ... a left right b ...     after: ... a piece b ...
        pair_loses(l, left, right, word);
        if (i > 0) pair_loses(l, s[i - 1], left, word);
        if (i + 2 < n) pair_loses(l, right, s[i + 2], word);
        if (i > 0) pair_gains(l, s[i - 1], piece, word);
        if (i + 2 < n) pair_gains(l, piece, s[i + 2], word);
        s[i] = piece;
        memmove(s + i + 1, s + i + 2, (n - i - 2) * sizeof *s);
        n--;
    }
    l->words[word].length = n;
}

/* ---- from text to words ---------------------------------------------------------------------- */

static void count_chunk(Learner *l, const char *chunk, size_t bytes) {
    const size_t known = l->chunks.count;
    const int number = interner_add(&l->chunks, chunk, bytes);
    if (l->chunks.count > known) {
        l->words = array_reserve(l->words, &l->word_capacity, known + 1, sizeof *l->words);
        l->words[number] = (Word){0};
    }
    l->words[number].count++;
}

static void count_chunks(Learner *l, const Lines *texts, size_t text_count) {
    ByteArray spaced = {0};
    for (size_t t = 0; t < text_count; t++)
        for (size_t i = 0; i < texts[t].count; i++) {
            spaced.count = 0;
            byte_array_append(&spaced, " ", 1);
            byte_array_append(&spaced, texts[t].line[i], strlen(texts[t].line[i]));
            for (size_t at = 0, bytes; spaced.count > 1 && at < spaced.count; at += bytes) {
                bytes = bpe_chunk_bytes(spaced.data + at, spaced.count - at);
                count_chunk(l, spaced.data + at, bytes);
            }
        }
    free(spaced.data);
}

typedef struct {
    char text[5]; // NUL-terminated
    long count;
} Character;

static int by_code_point(const void *a, const void *b) {
    return strcmp(((const Character *)a)->text, ((const Character *)b)->text);
}

static int by_count(const void *a, const void *b) {
    const long x = ((const Character *)a)->count, y = ((const Character *)b)->count;
    return x != y ? (x < y) - (x > y) : by_code_point(a, b);
}

/* The characters beyond ASCII with their counts, in order of appearance. The caller frees them. */
static Character *count_characters(const Learner *l, size_t *count) {
    Interner seen = {0};
    Character *characters = NULL;
    size_t capacity = 0, bytes, length;
    for (size_t w = 0; w < l->chunks.count; w++) {
        const char *chunk = interner_key(&l->chunks, (int)w, &bytes);
        for (size_t i = 0; i < bytes; i += length) {
            uint32_t c;
            length = utf8_decode(chunk + i, bytes - i, &c);
            if (length < 2) length = 1; // ASCII, or a malformed byte
            if (length < 2) continue;
            const size_t number = (size_t)interner_add(&seen, chunk + i, length);
            characters = array_reserve(characters, &capacity, seen.count, sizeof *characters);
            if (number == *count) {
                characters[(*count)++] = (Character){0};
                memcpy(characters[number].text, chunk + i, length);
            }
            characters[number].count += l->words[w].count;
        }
    }
    interner_free(&seen);
    return characters;
}

/* At most `room` characters, the most frequent, in code point order as bpe_new wants them. */
static char *choose_characters(const Learner *l, size_t room) {
    size_t count = 0;
    Character *characters = count_characters(l, &count);
    if (count > 0) qsort(characters, count, sizeof *characters, by_count);
    if (count > room) count = room;
    if (count > 0) qsort(characters, count, sizeof *characters, by_code_point);
    ByteArray text = {0};
    byte_array_append(&text, "", 0);
    for (size_t i = 0; i < count; i++)
        byte_array_append(&text, characters[i].text, strlen(characters[i].text));
    free(characters);
    return text.data;
}

/* Writes each word as symbols and counts the pairs. */
static void split_words(Learner *l) {
    for (size_t w = 0; w < l->chunks.count; w++) {
        Word *word = &l->words[w];
        size_t bytes;
        const char *chunk = interner_key(&l->chunks, (int)w, &bytes);
        word->start = l->symbols.count;
        for (size_t i = 0, used; i < bytes; i += used)
            int_array_push(&l->symbols, bpe_symbol(l->bpe, chunk + i, bytes - i, &used));
        word->length = l->symbols.count - word->start;
        for (size_t i = 0; i + 1 < word->length; i++) {
            const int *symbol = l->symbols.data + word->start + i;
            pair_gains(l, symbol[0], symbol[1], (int)w);
        }
    }
    queue_touched(l);
}

/* ---- learning -------------------------------------------------------------------------------- */

/* Merges the best pair everywhere. Returns false when there is none left. */
static bool learn_merge(Learner *l, BpeWatcher *watcher, void *context) {
    const int best = best_pair(l);
    if (best < 0) return false;
    const Pair pair = l->pairs[best]; // a copy: l->pairs moves as it grows
    Error err = {0};
    const int piece = bpe_add_merge(l->bpe, pair.left, pair.right, &err);
    REQUIRE(piece >= 0, "%s", err.text);
    for (int use = pair.use; use >= 0; use = l->uses[use].next)
        merge_in_word(l, l->uses[use].word, pair.left, pair.right, piece);
    queue_touched(l);
    if (watcher) watcher(context, l->bpe, bpe_merge_count(l->bpe) - 1, pair.count);
    return true;
}

Bpe *bpe_learn(const Lines *texts, size_t text_count, int vocab_size, BpeWatcher *watcher,
               void *context, Error *err) {
    Learner l = {0};
    if (vocab_size < BPE_FIRST_CHARACTER) {
        error_set(err,
                  "a vocabulary of %d tokens is too small: expected at least %d, the special "
                  "tokens and the 256 bytes",
                  vocab_size, BPE_FIRST_CHARACTER);
        return NULL;
    }
    count_chunks(&l, texts, text_count);
    char *characters = choose_characters(&l, (size_t)(vocab_size - BPE_FIRST_CHARACTER));
    l.bpe = bpe_new(characters, err);
    REQUIRE(l.bpe, "%s", err->text);
    split_words(&l);
    while (bpe_vocab_size(l.bpe) < vocab_size && learn_merge(&l, watcher, context)) continue;

    free(characters);
    interner_free(&l.chunks);
    interner_free(&l.pair_ids);
    free(l.words);
    free(l.symbols.data);
    free(l.pairs);
    free(l.uses);
    free(l.heap);
    free(l.touched.data);
    return l.bpe;
}
