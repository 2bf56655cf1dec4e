#include "01_embeddings/corpus/grammar.h"

#include "01_embeddings/corpus/sandhi.h"
#include "common/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* {son S A X} is the longest expression. */
enum { TOKENS = 4 };

/* One of the tokens between braces: a keyword, or a slot. */
typedef struct {
    char keyword[GRAMMAR_FORM_BYTES]; // empty for a slot
    const Word *word, *other;         // of the slot; other for "A+B"
    bool plural;
    char form[8];
} Token;

typedef struct {
    const char *pattern; // for messages
    Token token[TOKENS];
    int count;
} Expression;

typedef void Realise(const Expression *e, ByteArray *out);

/* Walks over `index` bars; a form that is not there is an empty word, which callers ask about. */
const char *grammar_form(const char *forms, int index, char text[GRAMMAR_FORM_BYTES]) {
    for (; index > 0 && forms; index--) {
        forms = strchr(forms, '|');
        if (forms) forms++;
    }
    const size_t length = forms ? strcspn(forms, "|") : 0;
    REQUIRE(length < GRAMMAR_FORM_BYTES, "\"%s\" is too long a word", forms);
    if (length > 0) memcpy(text, forms, length);
    text[length] = '\0';
    return text;
}

/* Appends to a word. */
static void add(char text[GRAMMAR_FORM_BYTES], const char *ending) {
    const size_t length = strlen(text), more = strlen(ending);
    REQUIRE(length + more < GRAMMAR_FORM_BYTES, "\"%s\" + \"%s\" is too long a word", text, ending);
    memcpy(text + length, ending, more + 1);
}

static bool ends_with(const char *text, const char *end) {
    const size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

static void append(ByteArray *out, const char *text) {
    byte_array_append(out, text, strlen(text));
}

/* ---- Reading a pattern ----------------------------------------------------------------------- */

/* A slot that nothing fills is a slip in the table of patterns, found by the first sentence. */
static const Word *slot_word(const Expression *e, const Fillers *fillers, char letter) {
    REQUIRE(letter >= 'A' && letter <= 'Z' && fillers->slot[letter - 'A'],
            "pattern \"%s\": nothing fills the slot '%c'", e->pattern, letter);
    return fillers->slot[letter - 'A'];
}

/* "A", "As", "V.past", "A+B", or a keyword. */
static Token read_token(const Expression *e, const Fillers *fillers,
                        const char text[GRAMMAR_FORM_BYTES]) {
    Token token = {0};
    const char *rest = text + 1;
    if (*text < 'A' || *text > 'Z') {
        snprintf(token.keyword, sizeof token.keyword, "%s", text);
        return token;
    }
    token.word = slot_word(e, fillers, *text);
    if (*rest == 's') token.plural = *rest++ == 's';
    if (*rest == '+') token.other = slot_word(e, fillers, rest[1]);
    if (*rest == '.') snprintf(token.form, sizeof token.form, "%s", rest + 1);
    REQUIRE(*rest == '\0' || *rest == '+' || *rest == '.', "pattern \"%s\": \"%s\"", e->pattern,
            text);
    return token;
}

/* Cuts what stands between braces at its spaces. */
static Expression read_expression(const char *pattern, const char *text, size_t bytes,
                                  const Fillers *fillers) {
    Expression e = {.pattern = pattern};
    for (size_t i = 0; i < bytes; i++) {
        char piece[GRAMMAR_FORM_BYTES];
        const size_t length = strcspn(text + i, " }");
        REQUIRE(e.count < TOKENS && length > 0 && length < sizeof piece,
                "pattern \"%s\": braces at \"%s\"", pattern, text);
        snprintf(piece, sizeof piece, "%.*s", (int)length, text + i);
        e.token[e.count++] = read_token(&e, fillers, piece);
        i += length;
    }
    return e;
}

/* Copies the pattern with every expression in braces realised. */
static void expand(const char *pattern, const Fillers *fillers, Realise *realise, ByteArray *out) {
    while (*pattern) {
        // Plain text up to the next brace, then what stands in the braces.
        const size_t plain = strcspn(pattern, "{");
        byte_array_append(out, pattern, plain);
        pattern += plain;
        if (*pattern == '\0') return;
        const size_t inside = strcspn(pattern, "}");
        REQUIRE(pattern[inside] == '}', "pattern \"%s\": a brace is missing", pattern);
        const Expression e = read_expression(pattern, pattern + 1, inside - 1, fillers);
        realise(&e, out);
        pattern += inside + 1;
    }
}

_Noreturn static void bad_expression(const Expression *e) {
    require_failed(__FILE__, __LINE__, __func__, "cannot make sense of \"%s\"", e->pattern);
}

/* The verb of which the keyword is a form in one of the languages. */
static const Word *find_verb(const Expression *e, bool (*has_form)(const Word *, const char *)) {
    for (size_t i = 0; i < lexicon_size; i++)
        if (lexicon[i].kind == VERB && has_form(&lexicon[i], e->token[0].keyword))
            return &lexicon[i];
    bad_expression(e);
}

/* Nouns and names are third persons; their plural is "they". */
static Person person_of(const Token *subject) {
    return subject->plural && subject->word->person == IL ? ILS : subject->word->person;
}

/* ---- English --------------------------------------------------------------------------------- */

enum { EN_BASE, EN_HE, EN_PAST, EN_ING };

static void english_plural(const Word *noun, char text[GRAMMAR_FORM_BYTES]) {
    if (*grammar_form(noun->english, 1, text)) return;
    grammar_form(noun->english, 0, text);
    const bool hisses = ends_with(text, "s") || ends_with(text, "x") || ends_with(text, "ch");
    add(text, hisses ? "es" : "s");
}

/* "more expensive", but "bigger". */
static void english_more(const Word *adjective, char text[GRAMMAR_FORM_BYTES]) {
    char plain[GRAMMAR_FORM_BYTES];
    if (*grammar_form(adjective->english, 1, text)) return;
    add(text, "more ");
    add(text, grammar_form(adjective->english, 0, plain));
}

static void english_slot(const Expression *e, const Token *t, ByteArray *out) {
    static const char *const name[] = {"", "s", "past", "ing"};
    char text[GRAMMAR_FORM_BYTES] = "";
    if (t->plural && t->word->kind == NOUN)
        english_plural(t->word, text);
    else if (strcmp(t->form, "more") == 0)
        english_more(t->word, text);
    else // a form by its name; none is the base form, which nouns and adjectives have as well
        for (int form = EN_BASE; form <= EN_ING; form++)
            if (strcmp(t->form, name[form]) == 0) grammar_form(t->word->english, form, text);
    if (!*text) bad_expression(e);
    append(out, text);
}

/* Only "be" has more than four forms in English: am, are, were are given here, not in the lexicon.
 */
static void english_verb(const Word *verb, bool past, Person who, ByteArray *out) {
    char text[GRAMMAR_FORM_BYTES];
    const bool be = strncmp(verb->english, "be|", 3) == 0;
    grammar_form(verb->english, past ? EN_PAST : who == IL ? EN_HE : EN_BASE, text);
    if (be && !past && who != IL)
        append(out, who == JE ? "am" : "are");
    else if (be && past && who != IL && who != JE)
        append(out, "were");
    else
        append(out, text);
}

/* A pattern names a verb by a form that tells its tense: {wants S}, {went S}. */
static bool has_english_form(const Word *verb, const char *form) {
    char text[GRAMMAR_FORM_BYTES];
    return strcmp(grammar_form(verb->english, EN_HE, text), form) == 0 ||
           strcmp(grammar_form(verb->english, EN_PAST, text), form) == 0;
}

/* What the keywords he, him and his stand for; NULL if the keyword is none of them. */
static const char *english_pronoun(const char *keyword, const Token *t) {
    static const char *const forms[][PERSONS + 1] = {
        {"I", "you", "he", "we", "they", "she"},
        {"me", "you", "him", "us", "them", "her"},
        {"my", "your", "his", "our", "their", "her"},
    };
    const Person who = person_of(t);
    for (int i = 0; i < 3; i++)
        if (strcmp(forms[i][IL], keyword) == 0)
            return forms[i][who == IL && t->word->feminine ? (int)PERSONS : (int)who];
    return NULL;
}

/* The same letter means different things by what stands before it: {V S} conjugates, {the S} gives
 * an article to nouns only, {his S} looks at person and gender. */
static void english(const Expression *e, ByteArray *out) {
    const Token *first = &e->token[0], *second = &e->token[1];
    if (e->count == 1 && first->word) {
        english_slot(e, first, out);
    } else if (e->count != 2 || !second->word) {
        bad_expression(e);
    } else if (first->word && first->word->kind == VERB) {
        english_verb(first->word, false, person_of(second), out);
    } else if (strcmp(first->keyword, "the") == 0) {
        if (second->word->kind == NOUN) append(out, "the ");
        english_slot(e, second, out);
    } else if (english_pronoun(first->keyword, second)) {
        append(out, english_pronoun(first->keyword, second));
    } else {
        const Word *verb = find_verb(e, has_english_form);
        char past[GRAMMAR_FORM_BYTES];
        grammar_form(verb->english, EN_PAST, past);
        english_verb(verb, strcmp(past, first->keyword) == 0, person_of(second), out);
    }
}

/* ---- French ---------------------------------------------------------------------------------- */

enum { FR_INF, FR_JE, FR_DONE = FR_JE + PERSONS, FR_STEM };

/* Gender and number, of one noun or of two together. */
typedef struct {
    bool feminine, plural;
} Agreement;

static Agreement agreement_of(const Token *t) {
    // One masculine among feminine ones makes the group masculine.
    const bool feminine = t->word->feminine && (!t->other || t->other->feminine);
    return (Agreement){feminine, t->plural || t->other || t->word->person == ILS};
}

/* Spelling, for nouns and adjectives alike: nouveau, nouveaux; animal, animaux; heureux stays. */
static void pluralise(char text[GRAMMAR_FORM_BYTES]) {
    if (ends_with(text, "s") || ends_with(text, "x")) return;
    if (ends_with(text, "al")) {
        text[strlen(text) - 1] = '\0'; // cheval, chevaux
        add(text, "ux");
    } else {
        add(text, ends_with(text, "eau") ? "x" : "s");
    }
}

static void french_noun(const Word *noun, bool plural, char text[GRAMMAR_FORM_BYTES]) {
    if (plural && *grammar_form(noun->french, 1, text)) return;
    grammar_form(noun->french, 0, text);
    if (plural) pluralise(text);
}

/* The feminine is given where it is more than an e: blanc, blanche; heureux, heureuse. */
static void french_adjective(const Word *adjective, Agreement a, char text[GRAMMAR_FORM_BYTES]) {
    grammar_form(adjective->french, 0, text);
    if (a.feminine && !*grammar_form(adjective->french, 1, text)) {
        grammar_form(adjective->french, 0, text);
        if (!ends_with(text, "e")) add(text, "e");
    }
    if (a.plural) pluralise(text);
}

typedef struct {
    const char *name, *masculine, *feminine, *plural, *before_vowel;
} Determiner;

/* Before a vowel the masculine "ce" becomes "cet", the feminine "ma" becomes "mon"; what "le" and
 * "la" become is left to the end, as it happens with pronouns too. NULL: no change. */
static const Determiner *find_determiner(const char *name) {
    static const Determiner determiners[] = {
        {"le", "le", "la", "les", NULL},         {"un", "un", "une", "des", NULL},
        {"ce", "ce", "cette", "ces", "cet"},     {"quel", "quel", "quelle", "quels", NULL},
        {"mon", "mon", "ma", "mes", "mon"},      {"ton", "ton", "ta", "tes", "ton"},
        {"son", "son", "sa", "ses", "son"},      {"notre", "notre", "notre", "nos", NULL},
        {"leur", "leur", "leur", "leurs", NULL},
    };
    for (size_t i = 0; i < sizeof determiners / sizeof *determiners; i++)
        if (strcmp(determiners[i].name, name) == 0) return &determiners[i];
    return NULL;
}

/* "ce" changes before a masculine (cet arbre), "mon" before a feminine (mon écharpe): the sound of
 * the next word, which may be the adjective (ma nouvelle écharpe). */
static const char *determiner_form(const Determiner *d, Agreement a, const char *next) {
    if (a.plural) return d->plural;
    const bool changes = d->before_vowel && sandhi_starts_with_vowel(next);
    if (changes && a.feminine == (strcmp(d->name, "ce") != 0)) return d->before_vowel;
    return a.feminine ? d->feminine : d->masculine;
}

/* A determiner (or a number, or nothing), the noun, and the adjective on its side of it. */
static void noun_phrase(const char *determiner, const Token *noun, const Token *adjective,
                        ByteArray *out) {
    char n[GRAMMAR_FORM_BYTES], a[GRAMMAR_FORM_BYTES] = "";
    const Agreement agreement = agreement_of(noun);
    french_noun(noun->word, noun->plural, n);
    const bool before = adjective && adjective->word->before;
    if (adjective) french_adjective(adjective->word, agreement, a);
    if (before && !agreement.plural && !agreement.feminine && sandhi_starts_with_vowel(n)) {
        char special[GRAMMAR_FORM_BYTES]; // un bel arbre, un vieil homme
        if (*grammar_form(adjective->word->french, 2, special)) memcpy(a, special, sizeof a);
    }
    const Determiner *d = find_determiner(determiner);
    if (d) determiner = determiner_form(d, agreement, before ? a : n);
    if (before && strcmp(determiner, "des") == 0) determiner = "de"; // de petits chats
    // Any of the three may be empty, and then there is no space for it.
    const char *part[] = {determiner, before ? a : n, before ? n : a};
    for (int i = 0; i < 3; i++) {
        if (i > 0 && *part[i - 1] && *part[i]) append(out, " ");
        append(out, part[i]);
    }
}

/* What only the infinitive is given of, in -er, is regular: je parle, nous parlons, parlé. */
static void regular_form(const char *infinitive, int form, char text[GRAMMAR_FORM_BYTES]) {
    static const char *const ending[] = {"er", "e", "es", "e", "ons", "ent", "é"};
    const size_t stem = strlen(infinitive) - 2;
    // nous mangeons: the g stays soft.
    const bool soft = infinitive[stem - 1] == 'g' && form == FR_JE + NOUS;
    grammar_form(infinitive, 0, text);
    text[stem] = '\0';
    if (soft) add(text, "e");
    add(text, ending[form]);
}

/* One form alone in the lexicon means that all others follow from it. */
static const char *french_form(const Word *verb, int form, char text[GRAMMAR_FORM_BYTES]) {
    if (strchr(verb->french, '|'))
        grammar_form(verb->french, form, text);
    else
        regular_form(verb->french, form, text);
    return text;
}

/* il mangeait: the stem of "nous" with endings of its own. */
static const char *imparfait(const Word *verb, Person who, char text[GRAMMAR_FORM_BYTES]) {
    static const char *const ending[PERSONS] = {"ais", "ais", "ait", "ions", "aient"};
    grammar_form(verb->french, FR_STEM, text);
    if (!*text) {
        french_form(verb, FR_JE + NOUS, text);
        text[strlen(text) - 3] = '\0'; // "ons"
    }
    if (who == NOUS && ends_with(text, "ge")) text[strlen(text) - 1] = '\0';
    add(text, ending[who]);
    return text;
}

/* A verb alone: infinitive, participle, or an order: mange ! mangeons ! */
static void french_verb_alone(const Expression *e, const Token *t, ByteArray *out) {
    char text[GRAMMAR_FORM_BYTES];
    if (strcmp(t->form, "inf") == 0) {
        french_form(t->word, FR_INF, text);
    } else if (strcmp(t->form, "done") == 0) {
        french_form(t->word, FR_DONE, text);
    } else if (strcmp(t->form, "lets") == 0) {
        french_form(t->word, FR_JE + NOUS, text);
    } else if (strcmp(t->form, "order") == 0) {
        french_form(t->word, FR_JE + TU, text);
        if (ends_with(text, "es")) text[strlen(text) - 1] = '\0';
    } else {
        bad_expression(e);
    }
    append(out, text);
}

/* Whether it stands alone decides what is said of it: a noun without article, a verb by its form,
 * anything else as it is. */
static void french_slot(const Expression *e, const Token *t, ByteArray *out) {
    char text[GRAMMAR_FORM_BYTES];
    if (t->word->kind == VERB) {
        french_verb_alone(e, t, out);
    } else if (t->word->kind == NOUN) {
        noun_phrase("", t, NULL, out);
    } else { // ".was": it was raining
        append(out, grammar_form(t->word->french, strcmp(t->form, "was") == 0, text));
    }
}

/* Present and imparfait differ in every verb here, so the form tells the tense as well. */
static bool has_french_form(const Word *verb, const char *form) {
    char text[GRAMMAR_FORM_BYTES];
    return strcmp(french_form(verb, FR_JE + IL, text), form) == 0 ||
           strcmp(imparfait(verb, IL, text), form) == 0;
}

/* The words that a keyword stands for once it is known whom they agree with; NULL if the keyword is
 * none of these. */
static const char *french_small_word(const char *keyword, const Token *t) {
    static const char *const je[] = {"je", "tu", "il", "nous", "ils"};
    static const char *const me[] = {"me", "te", "se", "nous", "se"};
    static const char *const tout[2][2] = {{"tout", "tous"}, {"toute", "toutes"}};
    static const char *const e[2][2] = {{"", "s"}, {"e", "es"}};
    const Agreement a = agreement_of(t);
    const Person who = person_of(t);
    if (strcmp(keyword, "e") == 0) return e[a.feminine][a.plural];
    if (strcmp(keyword, "tout") == 0) return tout[a.feminine][a.plural];
    if (strcmp(keyword, "clitic") == 0) return a.plural ? "les" : a.feminine ? "la" : "le";
    if (strcmp(keyword, "se") == 0) return me[who];
    if (strcmp(keyword, "il") != 0) return NULL;
    // The table has the masculine; "nous" and "tu" are the same for both.
    if (a.feminine && (who == IL || who == ILS)) return a.plural ? "elles" : "elle";
    return je[who];
}

/* {keyword A ...} */
static void french_keyword(const Expression *e, ByteArray *out) {
    static const char *const owner[PERSONS] = {"mon", "ton", "son", "notre", "leur"};
    const char *keyword = e->token[0].keyword;
    const Token *t = &e->token[1], *adjective = e->count > 2 ? &e->token[2] : NULL;
    if (e->count < 2 || !t->word) bad_expression(e);
    const char *small = french_small_word(keyword, t);
    if (small) {
        append(out, small);
    } else if (strcmp(keyword, "son") == 0) {
        noun_phrase(owner[person_of(t)], adjective, e->count > 3 ? &e->token[3] : NULL, out);
    } else if (find_determiner(keyword)) {
        if (t->word->kind == NOUN)
            noun_phrase(keyword, t, adjective, out);
        else
            french_slot(e, t, out);
    } else {
        const Word *verb = find_verb(e, has_french_form);
        char text[GRAMMAR_FORM_BYTES];
        if (strcmp(french_form(verb, FR_JE + IL, text), keyword) == 0)
            french_form(verb, FR_JE + (int)person_of(t), text);
        else
            imparfait(verb, person_of(t), text);
        append(out, text);
    }
}

/* {X A}, {V S}, {O A X}, {N As X} */
static void french_slot_pair(const Expression *e, ByteArray *out) {
    const Token *first = &e->token[0], *second = &e->token[1];
    char text[GRAMMAR_FORM_BYTES];
    if (first->word->kind == ADJECTIVE) {
        french_adjective(first->word, agreement_of(second), text);
    } else if (first->word->kind == VERB) {
        if (strcmp(first->form, "was") == 0)
            imparfait(first->word, person_of(second), text);
        else
            french_form(first->word, FR_JE + (int)person_of(second), text);
    } else {
        noun_phrase(first->word->french, second, e->count > 2 ? &e->token[2] : NULL, out);
        return;
    }
    append(out, text);
}

static void french(const Expression *e, ByteArray *out) {
    if (!e->token[0].word)
        french_keyword(e, out);
    else if (e->count == 1)
        french_slot(e, &e->token[0], out);
    else if (e->token[1].word)
        french_slot_pair(e, out);
    else
        bad_expression(e);
}

/* ---- Sentences ------------------------------------------------------------------------------- */

/* Expansion first, sounds last: what "a" or "le" becomes depends on the next word, and that may
 * come from any slot. */
void grammar_english(const char *pattern, const Fillers *fillers, ByteArray *out) {
    out->count = 0;
    expand(pattern, fillers, english, out);
    sandhi_english(out);
}

void grammar_french(const char *pattern, const Fillers *fillers, ByteArray *out) {
    out->count = 0;
    expand(pattern, fillers, french, out);
    sandhi_french(out);
}
