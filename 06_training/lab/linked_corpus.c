#include "06_training/lab/linked_corpus.h"

#include "01_embeddings/corpus/patterns.h"
#include "01_embeddings/corpus/sandhi.h"

#include <stdio.h>
#include <stdlib.h>

enum { LETTERS = 26, FORMS_BYTES = 256, DETERMINER = LETTERS, TAGS = 2 * LETTERS, NONE = -1 };

/* A sentence cut into words. */
typedef struct {
    const char *word[TEACHER_LENGTH];
    size_t length[TEACHER_LENGTH];
    int count;
} Words;

/* ---- Cutting --------------------------------------------------------------------------------- */

static void add_word(Words *words, const char *text, size_t length) {
    if (length == 0) return;
    REQUIRE(words->count < TEACHER_LENGTH - 1, "a sentence of more than %d words", words->count);
    words->word[words->count] = text;
    words->length[words->count++] = length;
}

/* What stands between two spaces. */
static void cut_span(Words *words, const char *text, size_t length, bool french) {
    // A mark at the end, which is a word of its own (and in French often one already).
    const bool marked = length > 1 && strchr(".,?!", text[length - 1]);
    const size_t end = length - marked;
    size_t from = 0;
    for (size_t i = 0; i < end; i++) {
        if (text[i] != '\'') continue;
        // l'|animal, but man|'s; "didn't" stays as it is.
        const size_t cut = french ? i + 1 : text[i + 1] == 's' ? i : from;
        add_word(words, text + from, cut - from);
        from = cut;
    }
    add_word(words, text + from, end - from);
    add_word(words, text + end, marked);
}

static Words cut(const char *text, bool french) {
    Words words = {.count = 0};
    for (size_t length; *text; text += length + (text[length] == ' ')) {
        length = strcspn(text, " ");
        cut_span(&words, text, length, french);
    }
    return words;
}

/* ---- Which slot a word was made of ----------------------------------------------------------- */

/* The sentence is made a second time with marked words in its slots: every form of slot C's word is
 * "xqC", or "aqC" where a vowel matters to the words before it. The two have the same number of
 * words, and a word of the second tells which slot the word in its place comes from. */
typedef struct {
    Word word;
    char english[FORMS_BYTES], french[FORMS_BYTES];
} MarkedWord;

static bool is_vowel(const char *word, bool french) {
    return french ? sandhi_starts_with_vowel(word) : strchr("aeiou", *word) != NULL;
}

/* Bars, spaces, apostrophes and the star of an aspirated h stay where they are. */
static void mark_forms(char marked[FORMS_BYTES], const char *forms, char letter, bool french) {
    size_t length = 0;
    while (*forms) {
        REQUIRE(length + 8 < FORMS_BYTES, "\"%s\"", forms);
        if (strchr("| '*", *forms)) {
            marked[length++] = *forms++;
            continue;
        }
        marked[length++] = is_vowel(forms, french) ? 'a' : 'x';
        marked[length++] = 'q';
        marked[length++] = letter;
        forms += strcspn(forms, "| '");
    }
    marked[length] = '\0';
}

/* A French verb's forms that a rule would make of others are written out. */
static void mark_french_verb(char marked[FORMS_BYTES], const Word *verb, char letter) {
    char mark[FORMS_BYTES];
    int bars = 0;
    mark_forms(marked, verb->french, letter, true);
    for (const char *c = marked; *c; c++) bars += *c == '|';
    mark_forms(mark, verb->french, letter, true);
    mark[strcspn(mark, "|")] = '\0'; // the infinitive's
    for (; bars < 7; bars++) {
        const size_t length = strlen(marked);
        snprintf(marked + length, FORMS_BYTES - length, "|%s", mark);
    }
}

static bool is_marked(const Word *word) {
    return word && (word->kind == NOUN || word->kind == ADJECTIVE || word->kind == VERB ||
                    word->kind == NAME || word->kind == NUMBER);
}

/* to <- fillers with the words that carry meaning marked. */
static void mark_fillers(MarkedWord to[LETTERS], const Fillers *fillers, Fillers *marked) {
    *marked = *fillers;
    for (int i = 0; i < LETTERS; i++) {
        const Word *word = fillers->slot[i];
        if (!is_marked(word)) continue;
        to[i].word = *word;
        mark_forms(to[i].english, word->english, (char)('A' + i), false);
        if (word->kind == VERB)
            mark_french_verb(to[i].french, word, (char)('A' + i));
        else
            mark_forms(to[i].french, word->french, (char)('A' + i), true);
        to[i].word.english = to[i].english;
        to[i].word.french = to[i].french;
        marked->slot[i] = &to[i].word;
    }
}

/* The slot that a marked word names, 0 to 25; NONE for words that are not marked. */
static int slot_of(const Words *words, int i) {
    const char *text = words->word[i];
    for (size_t c = 1; c + 1 < words->length[i]; c++)
        if (text[c] == 'q' && strchr("axAX", text[c - 1]) && text[c + 1] >= 'A' &&
            text[c + 1] <= 'Z')
            return text[c + 1] - 'A';
    return NONE;
}

static bool is_determiner(const Words *words, int i) {
    static const char list[] =
        " the a an this these my your his her our their which what "
        "le la l' les un une des de d' ce cet cette ces mon ma mes ton ta tes son sa ses notre nos "
        "leur leurs quel quelle quels quelles ";
    char word[GRAMMAR_FORM_BYTES];
    snprintf(word, sizeof word, " %.*s ", (int)words->length[i], words->word[i]);
    if (word[1] >= 'A' && word[1] <= 'Z') word[1] += 'a' - 'A'; // at the start of a sentence
    return strstr(list, word) != NULL;
}

/* tags <- of each word its slot, of the determiner before a noun and its adjectives the noun's
 * slot + DETERMINER; NONE elsewhere. */
static void tag_words(const Words *marked, const Fillers *fillers, int tags[TEACHER_LENGTH]) {
    for (int i = 0; i < marked->count; i++) tags[i] = slot_of(marked, i);
    for (int i = 0; i < marked->count; i++) {
        if (tags[i] == NONE || tags[i] >= LETTERS || fillers->slot[tags[i]]->kind != NOUN) continue;
        int before = i - 1;
        while (before >= 0 && tags[before] != NONE && tags[before] < LETTERS &&
               fillers->slot[tags[before]]->kind == ADJECTIVE)
            before--;
        if (before >= 0 && tags[before] == NONE && is_determiner(marked, before))
            tags[before] = tags[i] + DETERMINER;
    }
}

/* Where the tag stands: one bit for each place. */
static uint64_t places(const int *tags, int count, int tag) {
    uint64_t bits = 0;
    for (int i = 0; i < count; i++)
        if (tags[i] == tag) bits |= (uint64_t)1 << i;
    return bits;
}

/* The n-th lowest bit alone. */
static uint64_t nth_bit(uint64_t bits, int n) {
    while (n-- > 0) bits &= bits - 1;
    return bits & -bits;
}

static int count_bits(uint64_t bits) {
    int count = 0;
    for (; bits; bits &= bits - 1) count++;
    return count;
}

/* A tag that stands equally often on both sides is linked in order; else all with all. */
static void link_words(const int *src_tags, int S, const int *tgt_tags, int T, uint64_t *links) {
    int seen[TAGS] = {0};
    for (int t = 0; t < T; t++) {
        links[t] = 0;
        if (tgt_tags[t] == NONE) continue;
        const uint64_t src = places(src_tags, S, tgt_tags[t]);
        const bool equal = count_bits(src) == count_bits(places(tgt_tags, T, tgt_tags[t]));
        links[t] = equal ? nth_bit(src, seen[tgt_tags[t]]++) : src;
    }
}

/* ---- Pairs ----------------------------------------------------------------------------------- */

static int take_ids(Interner *interner, const Words *words, int *ids) {
    for (int i = 0; i < words->count; i++)
        ids[i] = TOKEN_TEXT + interner_add(interner, words->word[i], words->length[i]);
    return words->count;
}

/* Unmarked words are the same in both, which is what the marking promises. */
static void require_same_words(const Words *words, const Words *marked) {
    REQUIRE(words->count == marked->count, "\"%s\" has %d words, marked %d", words->word[0],
            words->count, marked->count);
    for (int i = 0; i < words->count; i++)
        REQUIRE(slot_of(marked, i) != NONE ||
                    (words->length[i] == marked->length[i] &&
                     memcmp(words->word[i], marked->word[i], words->length[i]) == 0),
                "\"%s\" marked is \"%s\"", words->word[i], marked->word[i]);
}

static LinkedPair link_pair(LinkedCorpus *corpus, const char *english, const char *french,
                            const CorpusOrigin *origin) {
    MarkedWord words[LETTERS];
    Fillers fillers;
    ByteArray marked_english = {0}, marked_french = {0};
    mark_fillers(words, &origin->fillers, &fillers);
    grammar_english(patterns[origin->pattern].english, &fillers, &marked_english);
    grammar_french(patterns[origin->pattern].french, &fillers, &marked_french);
    const Words src = cut(english, false), tgt = cut(french, true);
    const Words src_marked = cut(marked_english.data, false),
                tgt_marked = cut(marked_french.data, true);
    require_same_words(&src, &src_marked);
    require_same_words(&tgt, &tgt_marked);
    int src_tags[TEACHER_LENGTH], tgt_tags[TEACHER_LENGTH];
    tag_words(&src_marked, &origin->fillers, src_tags);
    tag_words(&tgt_marked, &origin->fillers, tgt_tags);
    LinkedPair pair = {{.src_length = 0}, {0}};
    pair.pair.src_length = take_ids(&corpus->english, &src, pair.pair.src);
    pair.pair.tgt_length = take_ids(&corpus->french, &tgt, pair.pair.tgt);
    link_words(src_tags, src.count, tgt_tags, tgt.count, pair.links);
    free(marked_english.data);
    free(marked_french.data);
    return pair;
}

void linked_corpus_add(LinkedCorpus *corpus, CorpusSplit split, uint64_t seed, size_t count) {
    Pairs pairs;
    CorpusOrigin *origins;
    Error err;
    if (!corpus_pairs_with_origins(split, seed, count, &pairs, &origins, &err)) error_exit(&err);
    size_t capacity = corpus->count;
    corpus->pairs =
        array_reserve(corpus->pairs, &capacity, corpus->count + count, sizeof *corpus->pairs);
    for (size_t i = 0; i < count; i++)
        corpus->pairs[corpus->count++] =
            link_pair(corpus, pairs.src.line[i], pairs.tgt.line[i], &origins[i]);
    free(origins);
    pairs_free(&pairs);
}

void linked_corpus_free(LinkedCorpus *corpus) {
    interner_free(&corpus->english);
    interner_free(&corpus->french);
    free(corpus->pairs);
    *corpus = (LinkedCorpus){0};
}

const char *linked_corpus_word(const Interner *words, int id, char text[GRAMMAR_FORM_BYTES]) {
    static const char *const marks[TOKEN_TEXT] = {"<pad>", "<s>", "</s>"};
    size_t length;
    if (id < TOKEN_TEXT) return marks[id];
    const char *word = interner_key(words, id - TOKEN_TEXT, &length);
    snprintf(text, GRAMMAR_FORM_BYTES, "%.*s", (int)length, word);
    return text;
}

char *linked_corpus_text(const Interner *words, const int *ids, int length) {
    ByteArray text = {0};
    char word[GRAMMAR_FORM_BYTES];
    byte_array_append(&text, "", 0);
    for (int i = 0; i < length; i++) {
        const char *next = linked_corpus_word(words, ids[i], word);
        if (i > 0) byte_array_append(&text, " ", 1);
        byte_array_append(&text, next, strlen(next));
    }
    return text.data;
}
