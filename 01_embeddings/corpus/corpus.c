#include "01_embeddings/corpus/corpus.h"

#include "01_embeddings/corpus/patterns.h"
#include "01_embeddings/interner.h"
#include "common/arena.h"
#include "common/random.h"

#include <stdlib.h>
#include <string.h>

/* TRIES: a pattern that gave nothing new 400 times in a row is taken to be exhausted. OFTEN: how
 * much more often the patterns with an ambiguous "it" come up, which are what attention is needed
 * for. */
enum { WORDS = 512, SLOTS = 8, MASKS = 3, TRIES = 400, OFTEN = 3 };

/* A set of tags as bits, so that "goes with" is one AND. */
typedef struct {
    uint64_t bits[MASKS];
} TagSet;

/* One "B=food,drink/A": the letter B, the words with one of the tags, and A. */
typedef struct {
    int letter, partner; // partner -1: none
    IntArray words;      // numbers in the lexicon
} Slot;

typedef struct {
    Slot slot[SLOTS];
    int slot_count;
    size_t weight;
    int tries; // draws in a row that gave nothing new; at TRIES the pattern is exhausted
} CompiledPattern;

/* The tables, with tags as bits. */
typedef struct {
    Interner tag_names;
    TagSet *tags, *fits; // (lexicon_size)
    CompiledPattern *patterns;
} Grammar;

/* ---- From text to bits ----------------------------------------------------------------------- */

static void add_tag(Grammar *g, const char *name, size_t length, TagSet *set) {
    const int bit = interner_add(&g->tag_names, name, length);
    REQUIRE(bit < 64 * MASKS, "more than %d tags in the lexicon", 64 * MASKS);
    set->bits[bit / 64] |= (uint64_t)1 << bit % 64;
}

/* "animal pet" or "animal,pet". */
static TagSet read_tags(Grammar *g, const char *text, size_t bytes) {
    TagSet set = {{0}};
    for (size_t i = 0, length; i < bytes; i += length + 1) {
        // The names are not NUL-terminated here: the text goes on with '/' or another slot.
        length = strcspn(text + i, " ,/");
        if (length > bytes - i) length = bytes - i;
        if (length > 0) add_tag(g, text + i, length, &set);
    }
    return set;
}

/* The whole of "goes with": one common tag is enough. */
static bool intersects(TagSet a, TagSet b) {
    for (int i = 0; i < MASKS; i++)
        if (a.bits[i] & b.bits[i]) return true;
    return false;
}

/* The words that have one of the tags. */
static IntArray words_with(const Grammar *g, TagSet tags) {
    IntArray words = {0};
    for (size_t w = 0; w < lexicon_size; w++)
        if (intersects(g->tags[w], tags)) int_array_push(&words, (int)w);
    return words;
}

/* "A=animal B=food/A" */
static CompiledPattern compile_pattern(Grammar *g, const char *slots) {
    CompiledPattern p = {.weight = 1};
    if (strncmp(slots, "often ", 6) == 0) {
        p.weight = OFTEN;
        slots += 6;
    }
    while (*slots) {
        // "B=food,drink/A": length to the space, tags to the slash; without one there is no partner
        const size_t length = strcspn(slots, " "), tags = strcspn(slots, "/ ");
        REQUIRE(p.slot_count < SLOTS && length > 2 && slots[1] == '=', "slots at \"%s\"", slots);
        Slot *slot = &p.slot[p.slot_count++];
        slot->letter = slots[0] - 'A';
        slot->partner = tags < length ? slots[tags + 1] - 'A' : -1;
        slot->words = words_with(g, read_tags(g, slots + 2, tags - 2));
        slots += length + (slots[length] == ' ');
    }
    return p;
}

/* A tag that only a pattern has is a misspelling: it would match nothing and make the pattern
 * silently useless. */
static Grammar grammar_compile(void) {
    Grammar g = {0};
    REQUIRE(lexicon_size <= WORDS, "the lexicon has %zu words, more than %d", lexicon_size, WORDS);
    g.tags = memory_calloc(lexicon_size * sizeof *g.tags);
    g.fits = memory_calloc(lexicon_size * sizeof *g.fits);
    g.patterns = memory_calloc(pattern_count * sizeof *g.patterns);
    for (size_t i = 0; i < lexicon_size; i++) {
        g.tags[i] = read_tags(&g, lexicon[i].tags, strlen(lexicon[i].tags));
        g.fits[i] = read_tags(&g, lexicon[i].fits, strlen(lexicon[i].fits));
    }
    const size_t known = g.tag_names.count; // from here on a new tag is one that no word has
    for (size_t i = 0; i < pattern_count; i++) {
        g.patterns[i] = compile_pattern(&g, patterns[i].slots);
        REQUIRE(g.tag_names.count == known,
                "pattern \"%s\" asks for a tag that no word has: \"%s\"", patterns[i].english,
                patterns[i].slots);
    }
    return g;
}

static void grammar_free(Grammar *g) {
    interner_free(&g->tag_names);
    free(g->tags);
    free(g->fits);
    for (size_t i = 0; i < pattern_count; i++)
        for (int s = 0; s < g->patterns[i].slot_count; s++) free(g->patterns[i].slot[s].words.data);
    free(g->patterns);
}

/* ---- One sentence ---------------------------------------------------------------------------- */

/* "The cat is funnier than the cat" is grammar without sense. */
static bool is_used(const Fillers *fillers, const Word *word) {
    for (int i = 0; i < 26; i++)
        if (fillers->slot[i] == word) return true;
    return false;
}

/* Whether the word, which has the slot's tags, can stand there given what stands in the others. */
static bool can_fill(const Grammar *g, const Slot *slot, const Fillers *fillers, int word) {
    if (is_used(fillers, &lexicon[word])) return false;
    if (slot->partner < 0) return true;
    const size_t partner = (size_t)(fillers->slot[slot->partner] - lexicon);
    return intersects(g->fits[word], g->tags[partner]) ||
           intersects(g->fits[partner], g->tags[word]);
}

/* Fills every slot at random. Returns false if what was drawn first leaves a later slot nothing. */
static bool fill_slots(const Grammar *g, const CompiledPattern *p, Random *random,
                       Fillers *fillers) {
    int candidates[WORDS];
    *fillers = (Fillers){0};
    for (int s = 0; s < p->slot_count; s++) {
        const Slot *slot = &p->slot[s];
        size_t count = 0;
        // All that fit what has been drawn so far, each as likely as the others.
        for (size_t i = 0; i < slot->words.count; i++)
            if (can_fill(g, slot, fillers, slot->words.data[i]))
                candidates[count++] = slot->words.data[i];
        if (count == 0) return false;
        fillers->slot[slot->letter] = &lexicon[candidates[random_below(random, count)]];
    }
    return true;
}

/* ---- Splits ---------------------------------------------------------------------------------- */

/* A hash of our own, so that the splits are the same on every machine and for ever. */
static uint64_t hash_text(const char *text) {
    uint64_t hash = 0;
    for (; *text; text++) hash = random_mix64(hash + (unsigned char)*text);
    return hash;
}

/* Small words occur with everything; keeping two of them apart would empty the training set. */
static bool is_content(const Word *word) {
    return word && (word->kind == NOUN || word->kind == ADJECTIVE || word->kind == VERB);
}

/* The pairs of the sentences everybody knows are kept apart too. */
static bool is_well_known(const Word *a, const Word *b) {
    return (strcmp(a->french, "animal") == 0 && strcmp(b->french, "rue") == 0) ||
           (strcmp(a->french, "chat") == 0 && strcmp(b->french, "lait") == 0);
}

/* The English text decides and not the place in the table: adding a word moves no other pair. */
bool corpus_is_held_out(const Word *a, const Word *b) {
    if (a == b || !is_content(a) || !is_content(b)) return false;
    if (is_well_known(a, b) || is_well_known(b, a)) return true;
    const uint64_t both = hash_text(a->english) + hash_text(b->english); // in either order
    return random_mix64(both) % HELD_OUT_ONE_IN == 0;
}

/* A pure function of the sentence: whatever is drawn, in whatever order, the splits stay apart. */
static CorpusSplit split_of(const char *english, const Fillers *fillers) {
    for (int i = 0; i < 26; i++)
        for (int j = i + 1; j < 26; j++)
            if (corpus_is_held_out(fillers->slot[i], fillers->slot[j])) return CORPUS_HELD_OUT;
    return hash_text(english) % VALID_ONE_IN == 0 ? CORPUS_VALID : CORPUS_TRAIN;
}

/* ---- Drawing --------------------------------------------------------------------------------- */

/* What has been drawn so far. */
typedef struct {
    Interner seen;         // English sentences; number n is pair n
    ByteArray french;      // the French ones, NUL-terminated, one after the other
    CorpusOrigin *origins; // (seen.count)
    size_t origin_capacity;
    ByteArray en, fr; // the sentence at hand
} Drawing;

/* Adds the sentence unless it was drawn before. */
static bool add_sentence(Drawing *d, int pattern, const Fillers *fillers) {
    const size_t known = d->seen.count;
    interner_add(&d->seen, d->en.data, d->en.count);
    if (d->seen.count == known) return false;
    grammar_french(patterns[pattern].french, fillers, &d->fr);
    byte_array_append(&d->french, d->fr.data, d->fr.count + 1);
    d->origins = array_reserve(d->origins, &d->origin_capacity, d->seen.count, sizeof *d->origins);
    d->origins[known] = (CorpusOrigin){pattern, *fillers};
    return true;
}

/* The sentences everybody knows, as the first four patterns have them. */
static void add_well_known(Drawing *d) {
    static const char *const words[][3] = {{"animal", "street", "tired"},
                                           {"animal", "street", "wide|wider"},
                                           {"cat", "milk", "hungry"},
                                           {"cat", "milk", "sweet"}};
    static const char letters[][4] = {"ABX", "ABX", "ABC", "ABX"};
    for (int pattern = 0; pattern < 4; pattern++) {
        Fillers fillers = {0};
        for (int s = 0; s < 3; s++)
            for (size_t w = 0; w < lexicon_size; w++)
                if (strcmp(lexicon[w].english, words[pattern][s]) == 0)
                    fillers.slot[letters[pattern][s] - 'A'] = &lexicon[w];
        grammar_english(patterns[pattern].english, &fillers, &d->en);
        add_sentence(d, pattern, &fillers);
    }
}

/* One draw from the pattern; whether it gave a new sentence of the split. */
static bool draw_sentence(const Grammar *g, int pattern, CorpusSplit split, Random *random,
                          Drawing *d) {
    Fillers fillers;
    if (!fill_slots(g, &g->patterns[pattern], random, &fillers)) return false;
    grammar_english(patterns[pattern].english, &fillers, &d->en);
    return split_of(d->en.data, &fillers) == split && add_sentence(d, pattern, &fillers);
}

/* Every pattern has the chance that its weight gives it until it has nothing new to give. */
static void draw_sentences(Grammar *g, CorpusSplit split, uint64_t seed, size_t count, Drawing *d) {
    Random random;
    random_seed(&random, seed);
    IntArray open = {0}; // the patterns not exhausted, each as often as its weight says
    for (size_t i = 0; i < pattern_count; i++)
        for (size_t n = 0; n < g->patterns[i].weight; n++) int_array_push(&open, (int)i);
    while (d->seen.count < count && open.count > 0) {
        // An exhausted pattern's place is taken by the last one, so no draw is ever wasted on it.
        int *pattern = &open.data[random_below(&random, open.count)];
        CompiledPattern *p = &g->patterns[*pattern];
        p->tries = draw_sentence(g, *pattern, split, &random, d) ? 0 : p->tries + 1;
        if (p->tries >= TRIES) *pattern = open.data[--open.count];
    }
    free(open.data);
}

/* Lines over texts that lie one after the other, each NUL-terminated; takes the texts over. */
static Lines make_lines(char *texts, size_t count) {
    Lines lines = {memory_alloc((count + 1) * sizeof(char *)), count, texts};
    for (size_t i = 0; i < count; i++) {
        lines.line[i] = texts;
        texts += strlen(texts) + 1;
    }
    return lines;
}

/* Pairs look the same as if they had been read from files: whoever trains need not know. */
static Pairs make_pairs(Drawing *d) {
    ByteArray english = {0};
    for (size_t i = 0; i < d->seen.count; i++) {
        size_t bytes;
        const char *text = interner_key(&d->seen, (int)i, &bytes);
        byte_array_append(&english, text, bytes);
        byte_array_append(&english, "", 1);
    }
    Pairs pairs = {.src = make_lines(english.data, d->seen.count),
                   .tgt = make_lines(d->french.data, d->seen.count)};
    d->french = (ByteArray){0};
    return pairs;
}

/* Compiled for every call: a fraction of a second, and no state that outlives it. */
bool corpus_pairs_with_origins(CorpusSplit split, uint64_t seed, size_t count, Pairs *pairs,
                               CorpusOrigin **origins, Error *err) {
    static const char *const name[] = {"training", "validation", "held-out"};
    Grammar g = grammar_compile();
    Drawing d = {0};
    if (split == CORPUS_HELD_OUT) add_well_known(&d);
    draw_sentences(&g, split, seed, count, &d);
    const size_t drawn = d.seen.count;
    const bool enough = drawn >= count;
    if (enough) {
        *pairs = make_pairs(&d);
        *origins = d.origins;
    } else {
        error_set(err, "the built-in corpus has only %zu %s pairs, %zu were asked for", drawn,
                  name[split], count);
        free(d.origins);
    }
    free(d.french.data);
    free(d.en.data);
    free(d.fr.data);
    interner_free(&d.seen);
    grammar_free(&g);
    return enough;
}

bool corpus_pairs(CorpusSplit split, uint64_t seed, size_t count, Pairs *pairs, Error *err) {
    CorpusOrigin *origins;
    if (!corpus_pairs_with_origins(split, seed, count, pairs, &origins, err)) return false;
    free(origins);
    return true;
}
