// The built-in corpus: correct French, one translation per sentence, and splits that keep apart.
#include "01_embeddings/corpus/corpus.h"
#include "01_embeddings/corpus/patterns.h"
#include "01_embeddings/corpus/sandhi.h"
#include "01_embeddings/interner.h"
#include "common/files/utf8.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SINGULAR_CLOTHES " hat dress shirt jacket coat scarf sweater ring "

enum { SPLITS = 3 };

/* The three splits as a training program takes them. */
static Pairs pairs[SPLITS];
static CorpusOrigin *origins[SPLITS];
static Interner nouns; // see find_noun

static void draw_all(void) {
    static const size_t count[SPLITS] = {CORPUS_TRAIN_PAIRS, CORPUS_VALID_PAIRS,
                                         CORPUS_HELD_OUT_PAIRS};
    Error err = {""};
    for (int s = 0; s < SPLITS; s++)
        ck_assert_msg(
            corpus_pairs_with_origins((CorpusSplit)s, 1, count[s], &pairs[s], &origins[s], &err),
            "%s", err.text);
}

static void free_all(void) {
    for (int s = 0; s < SPLITS; s++) {
        pairs_free(&pairs[s]);
        free(origins[s]);
    }
    interner_free(&nouns);
}

#define EACH_PAIR(s, i)                                                                            \
    for (int s = 0; s < SPLITS; s++)                                                               \
        for (size_t i = 0; i < pairs[s].src.count; i++)

static const Word *find(const char *english) {
    for (size_t i = 0; i < lexicon_size; i++)
        if (strncmp(lexicon[i].english, english, strlen(english)) == 0 &&
            strchr("|", lexicon[i].english[strlen(english)]))
            return &lexicon[i];
    ck_abort_msg("no word '%s'", english);
    return NULL;
}

/* The sentence that a French pattern gives with A, B, X filled by the words; NULL: not filled. */
static const char *french(const char *pattern, const char *a, const char *b, const char *x) {
    static ByteArray out;
    static char text[256];
    Fillers fillers = {0};
    if (a) fillers.slot['A' - 'A'] = find(a);
    if (b) fillers.slot['B' - 'A'] = find(b);
    if (x) fillers.slot['X' - 'A'] = find(x);
    grammar_french(pattern, &fillers, &out);
    snprintf(text, sizeof text, "%s", out.data);
    free(out.data);
    out = (ByteArray){0};
    return text;
}

/* ---- the rules of grammar, one by one -------------------------------------------------------- */

START_TEST(french_noun_phrases) {
    ck_assert_str_eq(french("{le A X}", "cat", NULL, "black"), "Le chat noir");
    ck_assert_str_eq(french("{le A X}", "cat", NULL, "small"), "Le petit chat");
    ck_assert_str_eq(french("{le As X}", "mouse", NULL, "white"), "Les souris blanches");
    ck_assert_str_eq(french("{un A X}", "tree", NULL, "old"), "Un vieil arbre");
    ck_assert_str_eq(french("{un A X}", "bird", NULL, "beautiful"), "Un bel oiseau");
    ck_assert_str_eq(french("{un A X}", "plane", NULL, "new"), "Un nouvel avion");
    ck_assert_str_eq(french("{un A X}", "school", NULL, "old"), "Une vieille école");
    ck_assert_str_eq(french("{un As X}", "animal", NULL, "old"), "De vieux animaux");
    ck_assert_str_eq(french("{un As X}", "horse", NULL, "black"), "Des chevaux noirs");
    ck_assert_str_eq(french("{un As X}", "hat", NULL, "beautiful"), "De beaux chapeaux");
    ck_assert_str_eq(french("{ce A X}", "man", NULL, "sad"), "Cet homme triste");
    ck_assert_str_eq(french("{ce A X}", "man", NULL, "young"), "Ce jeune homme");
    ck_assert_str_eq(french("{ce A}", "island", NULL, NULL), "Cette île");
    ck_assert_str_eq(french("{quel A X} !", "story", NULL, "long"), "Quelle longue histoire !");
    ck_assert_str_eq(french("{tout As} {le As}", "box", NULL, NULL), "Toutes les boîtes");
    ck_assert_str_eq(french("{son B A}", "scarf", "I", NULL), "Mon écharpe");
    ck_assert_str_eq(french("{son B A X}", "scarf", "queen", "old"), "Sa vieille écharpe");
    ck_assert_str_eq(french("{son B As}", "scarf", "we", NULL), "Nos écharpes");
    ck_assert_str_eq(french("{B As X}", "carrot", "two", "big"), "Deux grandes carottes");
}
END_TEST

START_TEST(french_agreement) {
    ck_assert_str_eq(french("{X A+B}", "dress", "hat", "white"), "Blancs");
    ck_assert_str_eq(french("{X A+B}", "dress", "shirt", "white"), "Blanches");
    ck_assert_str_eq(french("lu{e A} lu{e As} lu{e B}", "letter", "book", NULL), "Lue lues lu");
    ck_assert_str_eq(french("{il A} {il As} {il B}", "road", "we", NULL), "Elle elles nous");
    ck_assert_str_eq(french("{clitic A} voir", "water", NULL, NULL), "La voir");
    ck_assert_str_eq(french("{clitic A} aimer", "water", NULL, NULL), "L'aimer");
    ck_assert_str_eq(french("{X A}", "lemonade", NULL, "fresh"), "Fraîche");
    ck_assert_str_eq(french("{X As}", "king", NULL, "happy"), "Heureux");
}
END_TEST

START_TEST(french_verbs) {
    ck_assert_str_eq(french("{A B} {A.done} {A.inf}", "eat", "we", NULL), "Mangeons mangé manger");
    ck_assert_str_eq(french("{A B} {A.was B} {A.order}", "read", "you", NULL), "Lis lisais lis");
    ck_assert_str_eq(french("{A B} {A.was B} {A.order}", "open", "you", NULL),
                     "Ouvres ouvrais ouvre");
    ck_assert_str_eq(french("{A.was B}", "eat", "we", NULL), "Mangions");
    ck_assert_str_eq(french("{A.was B}", "eat", "they", NULL), "Mangeaient");
    ck_assert_str_eq(french("{est A} {était A} {a B} {va B}", "they", "I", NULL),
                     "Sont étaient ai vais");
    ck_assert_str_eq(french("{A Bs} {A.lets}", "buy", "king", NULL), "Achètent achetons");
}
END_TEST

START_TEST(french_neighbours) {
    static const char *const cases[][2] = {
        {"le animal de le roi", "L'animal du roi"},
        {"à le ami de les enfants", "À l'ami des enfants"},
        {"à le marché, à les animaux", "Au marché, aux animaux"},
        {"je ai dit que elle ne a pas de eau.", "J'ai dit qu'elle n'a pas d'eau."},
        {"si il pleut, si elle vient", "S'il pleut, si elle vient"},
        {"ce est le *huit, je se aime", "C'est le huit, je s'aime"},
        {"où est-il ? il est là. étrange !", "Où est-il ? Il est là. Étrange !"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ByteArray text = {0};
        byte_array_append(&text, cases[i][0], strlen(cases[i][0]));
        sandhi_french(&text);
        ck_assert_str_eq(text.data, cases[i][1]);
        free(text.data);
    }
    ByteArray text = {0};
    byte_array_append(&text, "a apple is a egg, a box a", 25);
    sandhi_english(&text);
    ck_assert_str_eq(text.data, "An apple is an egg, a box a");
    free(text.data);
}
END_TEST

/* ---- every sentence -------------------------------------------------------------------------- */

/* The words of a sentence, without its punctuation: "l'animal" is two. */
static size_t cut_words(char *sentence, char *words[64]) {
    size_t count = 0;
    for (char *word = strtok(sentence, " ,.?!"); word; word = strtok(NULL, " ,.?!")) {
        char *apostrophe = strchr(word, '\'');
        ck_assert_uint_lt(count + 2, 64);
        words[count++] = word;
        if (!apostrophe) continue;
        *apostrophe = '\0';
        words[count++] = apostrophe + 1;
    }
    return count;
}

static bool is_among(const char *word, const char *list) { // list: " one two "
    char spaced[80];
    snprintf(spaced, sizeof spaced, " %s ", word);
    return strstr(list, spaced) != NULL;
}

/* Contractions and elisions that must have happened. */
static void check_neighbours(const char *sentence) {
    char copy[256];
    snprintf(copy, sizeof copy, "%s", sentence);
    if (copy[0] >= 'A' && copy[0] <= 'Z') copy[0] += 'a' - 'A';
    const char *before = "", *previous = "";
    for (char *word = strtok(copy, " ,.?!"); word; word = strtok(NULL, " ,.?!")) {
        const bool wrong =
            (is_among(previous, " de à ") && is_among(word, " le les ")) ||
            (is_among(previous, " le la je me te se ce de ne que ma ta sa ") &&
             sandhi_starts_with_vowel(word)) ||
            (is_among(previous, " si ") && is_among(word, " il ils ")) ||
            (is_among(previous, " beau nouveau ") && sandhi_starts_with_vowel(word) &&
             is_among(before, " un le ce quel mon ton son notre leur "));
        ck_assert_msg(!wrong, "\"%s %s\" in: %s", previous, word, sentence);
        before = previous;
        previous = word;
    }
}

/* The nouns in the singular, by their French text. A word that is a verb too ("lit") and one that
 * is its own plural say nothing about the article before it; they are left out. */
static const Word *find_noun(const char *french_word) {
    static const Word *noun[512];
    if (nouns.count == 0)
        for (size_t w = 0; w < lexicon_size; w++) {
            char text[GRAMMAR_FORM_BYTES];
            grammar_form(lexicon[w].french, 0, text);
            if (lexicon[w].kind == NOUN && text[strlen(text) - 1] != 's' &&
                !is_among(text, " lit porte "))
                noun[interner_add(&nouns, text, strlen(text))] = &lexicon[w];
        }
    const int number = interner_find(&nouns, french_word, strlen(french_word));
    return number < 0 ? NULL : noun[number];
}

/* "un" with a feminine noun and the like. */
static void check_articles(const char *sentence) {
    char copy[256], *words[64];
    snprintf(copy, sizeof copy, "%s", sentence);
    if (copy[0] >= 'A' && copy[0] <= 'Z') copy[0] += 'a' - 'A';
    const size_t count = cut_words(copy, words);
    for (size_t i = 1; i < count; i++) {
        const Word *noun = find_noun(words[i]);
        if (!noun) continue;
        const char *wrong = noun->feminine ? " un le ce cet quel vieux beau nouveau petit "
                                           : " une la cette ma ta sa quelle petite ";
        ck_assert_msg(!is_among(words[i - 1], wrong), "\"%s %s\" in: %s", words[i - 1], words[i],
                      sentence);
    }
}

static void check_shape(const char *text, bool is_french) {
    const size_t bytes = strlen(text);
    char copy[256], *words[64];
    ck_assert_uint_lt(bytes, sizeof copy);
    ck_assert_uint_eq(utf8_valid_bytes(text, bytes), bytes);
    ck_assert_msg(strchr(".?!", text[bytes - 1]) != NULL, "%s", text);
    ck_assert_msg((text[0] >= 'A' && text[0] <= 'Z') || (unsigned char)text[0] == 0xc3, "%s", text);
    ck_assert_msg(!strpbrk(text, "{}*|\t\n") && !strstr(text, "  ") && !strstr(text, "’"), "%s",
                  text);
    for (size_t i = 1; i < bytes; i++)
        if (strchr("?!", text[i]))
            ck_assert_msg((text[i - 1] == ' ') == is_french, "space before ? and !: %s", text);
    snprintf(copy, sizeof copy, "%s", text);
    const size_t count = cut_words(copy, words);
    ck_assert_msg(count >= 3 && count <= (is_french ? 18 : 15), "%zu words: %s", count, text);
}

START_TEST(every_sentence_is_well_formed) {
    EACH_PAIR(s, i) {
        check_shape(pairs[s].src.line[i], false);
        check_shape(pairs[s].tgt.line[i], true);
        check_neighbours(pairs[s].tgt.line[i]);
        check_articles(pairs[s].tgt.line[i]);
    }
}
END_TEST

START_TEST(one_translation_per_sentence) {
    Interner english = {0};
    char **translation = malloc(200000 * sizeof *translation);
    Pairs drawn[6];
    for (int d = 0; d < 6; d++) { // all splits, and training under other seeds
        Error err = {""};
        ck_assert(corpus_pairs(d < SPLITS ? (CorpusSplit)d : CORPUS_TRAIN, (uint64_t)d,
                               d < 1 || d > 2 ? 15000 : 1000, &drawn[d], &err));
        for (size_t i = 0; i < drawn[d].src.count; i++) {
            const char *src = drawn[d].src.line[i];
            const size_t known = english.count;
            const int number = interner_add(&english, src, strlen(src));
            if (english.count > known) translation[number] = drawn[d].tgt.line[i];
            ck_assert_str_eq(translation[number], drawn[d].tgt.line[i]);
        }
    }
    ck_assert_uint_gt(english.count, 45000);
    for (int d = 0; d < 6; d++) pairs_free(&drawn[d]);
    free(translation);
    interner_free(&english);
}
END_TEST

/* "Our coat" and "his dress" are grammar without sense; "our coats" is fine. */
START_TEST(a_coat_has_one_owner) {
    EACH_PAIR(s, i) {
        char copy[256], *words[64];
        snprintf(copy, sizeof copy, "%s", pairs[s].src.line[i]);
        if (copy[0] >= 'A' && copy[0] <= 'Z') copy[0] += 'a' - 'A';
        const size_t count = cut_words(copy, words);
        for (size_t k = 0; k + 1 < count; k++) {
            const bool several = is_among(words[k], " our their ");
            ck_assert_msg(!(several && is_among(words[k + 1], SINGULAR_CLOTHES)) &&
                              !(is_among(words[k], " his ") && is_among(words[k + 1], " dress ")),
                          "%s", pairs[s].src.line[i]);
        }
    }
}
END_TEST

/* ---- splits ---------------------------------------------------------------------------------- */

START_TEST(enough_and_distinct) {
    Interner seen = {0};
    ck_assert_uint_ge(pairs[CORPUS_TRAIN].src.count, 20000);
    ck_assert_uint_ge(pairs[CORPUS_HELD_OUT].src.count, 500);
    EACH_PAIR(s, i) {
        const size_t known = seen.count;
        interner_add(&seen, pairs[s].src.line[i], strlen(pairs[s].src.line[i]));
        ck_assert_msg(seen.count == known + 1, "twice: %s", pairs[s].src.line[i]);
    }
    interner_free(&seen);
}
END_TEST

START_TEST(the_seed_decides) {
    Pairs again, other;
    Error err = {""};
    ck_assert(corpus_pairs(CORPUS_TRAIN, 1, 500, &again, &err));
    ck_assert(corpus_pairs(CORPUS_TRAIN, 2, 500, &other, &err));
    size_t same = 0;
    for (size_t i = 0; i < 500; i++) {
        ck_assert_str_eq(again.src.line[i], pairs[CORPUS_TRAIN].src.line[i]);
        ck_assert_str_eq(again.tgt.line[i], pairs[CORPUS_TRAIN].tgt.line[i]);
        same += strcmp(other.src.line[i], again.src.line[i]) == 0;
    }
    ck_assert_uint_lt(same, 10);
    pairs_free(&again);
    pairs_free(&other);
}
END_TEST

/* The number of pairs of fillers in the sentence that are kept apart. */
static int kept_apart(const Fillers *fillers) {
    int count = 0;
    for (int i = 0; i < 26; i++)
        for (int j = i + 1; j < 26; j++)
            if (fillers->slot[i] && fillers->slot[j])
                count += corpus_is_held_out(fillers->slot[i], fillers->slot[j]);
    return count;
}

START_TEST(held_out_combinations_are_new) {
    // By the generator's own account, and by looking: together[a][b] after all training sentences.
    const size_t n = lexicon_size;
    unsigned char *together = calloc(n * n, 1);
    for (size_t i = 0; i < pairs[CORPUS_TRAIN].src.count; i++) {
        const Fillers *f = &origins[CORPUS_TRAIN][i].fillers;
        ck_assert_int_eq(kept_apart(f), 0);
        for (int a = 0; a < 26; a++)
            for (int b = 0; b < 26; b++)
                if (f->slot[a] && f->slot[b])
                    together[(size_t)(f->slot[a] - lexicon) * n + (size_t)(f->slot[b] - lexicon)] =
                        1;
    }
    for (size_t i = 0; i < pairs[CORPUS_HELD_OUT].src.count; i++) {
        const Fillers *f = &origins[CORPUS_HELD_OUT][i].fillers;
        bool is_new = false;
        for (int a = 0; a < 26; a++)
            for (int b = 0; b < 26; b++)
                is_new |=
                    f->slot[a] && f->slot[b] && a != b &&
                    !together[(size_t)(f->slot[a] - lexicon) * n + (size_t)(f->slot[b] - lexicon)];
        ck_assert_msg(is_new && kept_apart(f) > 0, "%s", pairs[CORPUS_HELD_OUT].src.line[i]);
    }
    free(together);
}
END_TEST

static void add_words(Interner *words, const char *sentence) {
    char copy[256], *word[64];
    snprintf(copy, sizeof copy, "%s", sentence);
    const size_t count = cut_words(copy, word);
    for (size_t i = 0; i < count; i++) interner_add(words, word[i], strlen(word[i]));
}

START_TEST(held_out_words_and_patterns_are_known) {
    for (int side = 0; side < 2; side++) {
        Interner words = {0};
        const Lines *train = side ? &pairs[CORPUS_TRAIN].tgt : &pairs[CORPUS_TRAIN].src;
        for (size_t i = 0; i < train->count; i++) add_words(&words, train->line[i]);
        const size_t known = words.count;
        for (int s = CORPUS_VALID; s <= CORPUS_HELD_OUT; s++)
            for (size_t i = 0; i < pairs[s].src.count; i++) {
                add_words(&words, side ? pairs[s].tgt.line[i] : pairs[s].src.line[i]);
                ck_assert_msg(words.count == known, "a new word in: %s", pairs[s].tgt.line[i]);
            }
        interner_free(&words);
    }
}
END_TEST

START_TEST(every_pattern_and_word_is_used) {
    size_t *used = calloc(pattern_count, sizeof *used),
           *words = calloc(lexicon_size, sizeof *words);
    ck_assert_uint_ge(pattern_count, 60);
    for (size_t i = 0; i < pairs[CORPUS_TRAIN].src.count; i++) {
        const CorpusOrigin *o = &origins[CORPUS_TRAIN][i];
        used[o->pattern]++;
        for (int a = 0; a < 26; a++)
            if (o->fillers.slot[a]) words[o->fillers.slot[a] - lexicon]++;
    }
    for (size_t p = 0; p < pattern_count; p++)
        ck_assert_msg(used[p] >= 8, "%zu times: %s", used[p], patterns[p].english);
    for (size_t w = 0; w < lexicon_size; w++)
        ck_assert_msg(words[w] >= 10 || !*lexicon[w].tags, "%zu times: %s", words[w],
                      lexicon[w].english);
    free(used);
    free(words);
}
END_TEST

/* "it" has to be looked up: in each pattern it is "il" often and "elle" often. */
START_TEST(it_is_il_or_elle) {
    int il[8] = {0}, elle[8] = {0};
    for (size_t i = 0; i < pairs[CORPUS_TRAIN].src.count; i++) {
        const int p = origins[CORPUS_TRAIN][i].pattern;
        if (p >= 8) continue;
        const char *text = pairs[CORPUS_TRAIN].tgt.line[i];
        const bool is_elle = strstr(text, "qu'elle ") != NULL;
        ck_assert_msg(is_elle != (strstr(text, "qu'il ") != NULL), "%s", text);
        il[p] += !is_elle;
        elle[p] += is_elle;
    }
    for (int p = 0; p < 8; p++)
        ck_assert_msg(il[p] >= 4 && elle[p] >= 4, "%d il, %d elle: %s", il[p], elle[p],
                      patterns[p].english);
}
END_TEST

START_TEST(the_well_known_sentences) {
    static const char *const known[4][2] = {
        {"The animal didn't cross the street because it was too tired.",
         "L'animal n'a pas traversé la rue parce qu'il était trop fatigué."},
        {"The animal didn't cross the street because it was too wide.",
         "L'animal n'a pas traversé la rue parce qu'elle était trop large."},
        {"The cat drank the milk because it was hungry.",
         "Le chat a bu le lait parce qu'il avait faim."},
        {"The cat drank the milk because it was sweet.",
         "Le chat a bu le lait parce qu'il était sucré."},
    };
    for (int i = 0; i < 4; i++) {
        ck_assert_str_eq(pairs[CORPUS_HELD_OUT].src.line[i], known[i][0]);
        ck_assert_str_eq(pairs[CORPUS_HELD_OUT].tgt.line[i], known[i][1]);
    }
}
END_TEST

/* A tag that two kinds of words share lets a pattern take the wrong one. */
START_TEST(tags_belong_to_one_kind) {
    Interner tags = {0};
    LexiconKind kind[256];
    for (size_t w = 0; w < lexicon_size; w++) {
        char copy[256];
        snprintf(copy, sizeof copy, "%s", lexicon[w].tags);
        for (char *tag = strtok(copy, " "); tag; tag = strtok(NULL, " ")) {
            if (is_among(tag, " someone buyer single lady several other third one adult "))
                continue; // whatever can be a subject
            const size_t known = tags.count;
            const int number = interner_add(&tags, tag, strlen(tag));
            if (tags.count > known) kind[number] = lexicon[w].kind;
            ck_assert_msg(kind[number] == lexicon[w].kind, "tag '%s' of '%s'", tag,
                          lexicon[w].english);
        }
    }
    interner_free(&tags);
}
END_TEST

START_TEST(more_than_there_is) {
    Pairs none;
    Error err = {""};
    ck_assert(!corpus_pairs(CORPUS_VALID, 1, 1000000, &none, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "the built-in corpus has only "));
    ck_assert_ptr_nonnull(strstr(err.text, " validation pairs, 1000000 were asked for"));
    ck_assert(corpus_pairs(CORPUS_TRAIN, 1, 0, &none, &err));
    ck_assert_uint_eq(none.src.count, 0);
    pairs_free(&none);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("corpus");
    TCase *rules = tcase_create("rules"), *cases = tcase_create("corpus");
    tcase_add_test(rules, french_noun_phrases);
    tcase_add_test(rules, french_agreement);
    tcase_add_test(rules, french_verbs);
    tcase_add_test(rules, french_neighbours);
    tcase_add_test(rules, tags_belong_to_one_kind);
    tcase_add_unchecked_fixture(cases, draw_all, free_all);
    tcase_set_timeout(cases, 300); // valgrind
    tcase_add_test(cases, every_sentence_is_well_formed);
    tcase_add_test(cases, a_coat_has_one_owner);
    tcase_add_test(cases, one_translation_per_sentence);
    tcase_add_test(cases, enough_and_distinct);
    tcase_add_test(cases, the_seed_decides);
    tcase_add_test(cases, held_out_combinations_are_new);
    tcase_add_test(cases, held_out_words_and_patterns_are_known);
    tcase_add_test(cases, every_pattern_and_word_is_used);
    tcase_add_test(cases, it_is_il_or_elle);
    tcase_add_test(cases, the_well_known_sentences);
    tcase_add_test(cases, more_than_there_is);
    suite_add_tcase(suite, rules);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
