#include "01_embeddings/bpe_learn.h"

#include "01_embeddings/bpe_merge.h"
#include "01_embeddings/bpe_words.h"
#include "common/arena.h"

#include <stdlib.h>
#include <string.h>

/* Pairs are counted once; after a merge only the words in which it happened are counted anew. Three
 * structures make that fast: for each pair the words it occurs in, for each word its symbols, and a
 * heap that brings the best pair to the top. */

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

/* The symbols of a word: Learner.symbols[start .. start + length). */
typedef struct {
    size_t start, length;
    long count; // how often the word stands in the text
} Word;

typedef struct {
    long count;
    int pair;
} Candidate;

typedef struct {
    Bpe *bpe;
    Word *words;
    IntArray symbols;  // of all words, one after the other
    Interner pair_ids; // number n is (left, right) of pairs[n]
    Pair *pairs;
    size_t pair_capacity;
    Use *uses;
    size_t use_count, use_capacity;
    Candidate *heap;
    size_t heap_count, heap_capacity;
    IntArray touched; // pairs whose count rose in the current merge
} Learner;

/* ---- The best pair --------------------------------------------------------------------------- */

/* As text: byte by byte, and a beginning comes before what it begins. */
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

/* A binary heap: heap[i] goes before its children heap[2i + 1] and heap[2i + 2], so heap[0] is the
 * best of all. */
static void heap_push(Learner *l, Candidate added) {
    l->heap = array_reserve(l->heap, &l->heap_capacity, l->heap_count + 1, sizeof *l->heap);
    size_t i = l->heap_count++; // the free place, at the bottom
    // Parents that added goes before move down into it, one after the other.
    for (; i > 0 && goes_first(l, added, l->heap[(i - 1) / 2]); i = (i - 1) / 2)
        l->heap[i] = l->heap[(i - 1) / 2];
    l->heap[i] = added;
}

/* Takes the best out; the last moves to the top and down again to where it belongs. */
static Candidate heap_pop(Learner *l) {
    const Candidate top = l->heap[0], last = l->heap[--l->heap_count];
    size_t i = 0, child;
    while ((child = 2 * i + 1) < l->heap_count) {
        // The better child takes the free place, unless `last` goes before both.
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
        if (pair->count < 2) continue; // merged away, or left over once: no piece is worth that
        pair->queued = pair->count;
        heap_push(l, (Candidate){pair->count, top.pair});
    }
    return -1;
}

/* ---- Counting pairs -------------------------------------------------------------------------- */

/* The number of a pair, which gets one when it is met for the first time. */
static int pair_number(Learner *l, int left, int right) {
    const size_t known = l->pair_ids.count;
    const int number = interner_add(&l->pair_ids, (const int[]){left, right}, 2 * sizeof(int));
    if (l->pair_ids.count > known) {
        l->pairs = array_reserve(l->pairs, &l->pair_capacity, known + 1, sizeof *l->pairs);
        l->pairs[number] = (Pair){.left = left, .right = right, .use = -1};
    }
    return number;
}

/* Notes that the pair occurs in the word. A word noted twice costs time but changes nothing. */
static void pair_used(Learner *l, Pair *pair, int word) {
    if (pair->use >= 0 && l->uses[pair->use].word == word) return;
    l->uses = array_reserve(l->uses, &l->use_capacity, l->use_count + 1, sizeof *l->uses);
    l->uses[l->use_count] = (Use){word, pair->use};
    pair->use = (int)l->use_count++;
}

/* Takes the pairs of a word out of the counts, so that its symbols may change. */
static void word_leaves(Learner *l, const Word *word) {
    const int *symbols = l->symbols.data + word->start;
    for (size_t i = 0; i + 1 < word->length; i++)
        l->pairs[pair_number(l, symbols[i], symbols[i + 1])].count -= word->count;
}

enum { ANY_SYMBOL = -1 };

/* Counts the pairs of a word as they are now. Of a word that was counted before only the pairs with
 * `piece`, the symbol just made, can be new; with ANY_SYMBOL the word itself is. */
static void word_enters(Learner *l, int number, int piece) {
    const Word *word = &l->words[number];
    const int *symbols = l->symbols.data + word->start;
    for (size_t i = 0; i + 1 < word->length; i++) {
        const int pair = pair_number(l, symbols[i], symbols[i + 1]);
        l->pairs[pair].count += word->count;
        if (piece != ANY_SYMBOL && symbols[i] != piece && symbols[i + 1] != piece) continue;
        pair_used(l, &l->pairs[pair], number);
        int_array_push(&l->touched, pair);
    }
}

/* Lets the heap know of the pairs that are new or more frequent than it thinks. */
static void queue_touched(Learner *l) {
    for (size_t i = 0; i < l->touched.count; i++) {
        Pair *pair = &l->pairs[l->touched.data[i]];
        if (pair->count < 2 || pair->count <= pair->queued) continue;
        pair->queued = pair->count;
        heap_push(l, (Candidate){pair->count, l->touched.data[i]});
    }
    l->touched.count = 0;
}

/* Writes each word of the text as symbols and counts the pairs. */
static void split_words(Learner *l, const BpeWords *text) {
    l->words = memory_alloc(text->words.count * sizeof *l->words);
    for (size_t w = 0; w < text->words.count; w++) {
        size_t bytes;
        const char *word = interner_key(&text->words, (int)w, &bytes);
        const size_t start = l->symbols.count;
        for (size_t i = 0, used; i < bytes; i += used)
            int_array_push(&l->symbols, bpe_symbol(l->bpe, word + i, bytes - i, &used));
        l->words[w] = (Word){start, l->symbols.count - start, text->times[w]};
        word_enters(l, (int)w, ANY_SYMBOL);
    }
    queue_touched(l);
}

/* ---- Learning -------------------------------------------------------------------------------- */

/* In one word, every "left right" becomes `piece`, and the counts follow. */
static void merge_in_word(Learner *l, int number, Pair pair, int piece) {
    Word *word = &l->words[number];
    word_leaves(l, word);
    word->length =
        bpe_merge_pair(l->symbols.data + word->start, word->length, pair.left, pair.right, piece);
    word_enters(l, number, piece);
}

/* Merges the best pair everywhere. Returns false when there is none left. */
static bool learn_merge(Learner *l, BpeWatcher *watcher, void *context) {
    const int best = best_pair(l);
    if (best < 0) return false;
    const Pair pair = l->pairs[best]; // a copy: l->pairs moves as it grows
    Error err = {0}; // none can come up: a pair that was merged stands nowhere any more
    const int piece = bpe_add_merge(l->bpe, pair.left, pair.right, &err);
    REQUIRE(piece >= 0, "%s", err.text);
    // Uses added on the way come before pair.use in their lists and are not met.
    for (int use = pair.use; use >= 0; use = l->uses[use].next)
        merge_in_word(l, l->uses[use].word, pair, piece);
    queue_touched(l);
    if (watcher) watcher(context, l->bpe, bpe_merge_count(l->bpe) - 1, pair.count);
    return true;
}

static void learner_free(Learner *l) {
    interner_free(&l->pair_ids);
    free(l->words);
    free(l->symbols.data);
    free(l->pairs);
    free(l->uses);
    free(l->heap);
    free(l->touched.data);
}

Bpe *bpe_learn(const Lines *texts, size_t text_count, int vocab_size, BpeWatcher *watcher,
               void *context, Error *err) {
    if (vocab_size < BPE_FIRST_CHARACTER) {
        error_set(err,
                  "a vocabulary of %d tokens is too small: expected at least %d, the special "
                  "tokens and the 256 bytes",
                  vocab_size, BPE_FIRST_CHARACTER);
        return NULL;
    }
    BpeWords words = {0};
    for (size_t t = 0; t < text_count; t++) bpe_words_add(&words, &texts[t]);
    char *characters = bpe_words_characters(&words, (size_t)(vocab_size - BPE_FIRST_CHARACTER));
    Learner l = {.bpe = bpe_new(characters, err)};
    REQUIRE(l.bpe, "%s", err->text);
    split_words(&l, &words);
    // By vocabulary and not by merges: a merge may make a piece that is there already.
    while (bpe_vocab_size(l.bpe) < vocab_size && learn_merge(&l, watcher, context)) continue;
    free(characters);
    bpe_words_free(&words);
    learner_free(&l);
    return l.bpe;
}
