#include "05_encoder_decoder/lab/phrases.h"
#include "common/training.h"

#include <stdlib.h>

enum { PERSONS = 6, VERBS = 8, ADVERBS = 3, ENGLISH = 29, FRENCH = 48, BATCH = 64, WARMUP = 100 };

/* I you he she we they; the object forms; the verbs with and without s; the adverbs. */
static const char *const english[ENGLISH] = {
    "I",     "you",     "he",    "she",     "we",     "they",    "me",    "him",   "her",   "us",
    "them",  "love",    "help",  "invite",  "hire",   "watch",   "greet", "carry", "find",  "loves",
    "helps", "invites", "hires", "watches", "greets", "carries", "finds", "often", "always"};
enum { ENGLISH_VERB = 11, ENGLISH_ADVERB = 27 };
static const int english_object[PERSONS] = {6, 1, 7, 8, 9, 10};

/* je tu il elle nous ils; the clitics; each verb with -e -es -ons -ent; the adverbs. */
static const char *const french[FRENCH] = {
    "je",         "tu",         "il",       "elle",     "nous",      "ils",       "me",
    "m'",         "te",         "t'",       "le",       "la",        "l'",        "les",
    "aime",       "aimes",      "aimons",   "aiment",   "aide",      "aides",     "aidons",
    "aident",     "invite",     "invites",  "invitons", "invitent",  "embauche",  "embauches",
    "embauchons", "embauchent", "regarde",  "regardes", "regardons", "regardent", "salue",
    "salues",     "saluons",    "saluent",  "porte",    "portes",    "portons",   "portent",
    "trouve",     "trouves",    "trouvons", "trouvent", "souvent",   "toujours"};
enum { FRENCH_VERB = 14, FRENCH_ADVERB = 46, VOWEL_VERBS = 4 };
static const int french_object[PERSONS][2] = {{6, 7},   {8, 9}, {10, 12},  // before a consonant,
                                              {11, 12}, {4, 4}, {13, 13}}; // before a vowel
static const int french_ending[PERSONS] = {0, 1, 0, 0, 2, 3};

static const char *const marks[TOKEN_TEXT] = {"<pad>", "<s>", "</s>"};

const char *phrase_english(int id) {
    return id < TOKEN_TEXT ? marks[id] : english[id - TOKEN_TEXT];
}
const char *phrase_french(int id) {
    return id < TOKEN_TEXT ? marks[id] : french[id - TOKEN_TEXT];
}

static void add(int *ids, int *length, int word) {
    ids[(*length)++] = TOKEN_TEXT + word;
}

/* subject (adverb) verb object -> sujet objet verbe (adverbe) */
static Phrase make(int subject, int verb, int object, int adverb) {
    Phrase phrase = {.held_out = false};
    SentencePair *p = &phrase.pair;
    const bool third = subject == 2 || subject == 3, vowel = verb < VOWEL_VERBS;
    const int place = adverb > 0; // how far the adverb moves verb and object to the right
    add(p->src, &p->src_length, subject);
    if (adverb) add(p->src, &p->src_length, ENGLISH_ADVERB + adverb - 1);
    add(p->src, &p->src_length, ENGLISH_VERB + verb + (third ? VERBS : 0));
    add(p->src, &p->src_length, english_object[object]);
    add(p->tgt, &p->tgt_length, subject);
    add(p->tgt, &p->tgt_length, french_object[object][vowel]);
    add(p->tgt, &p->tgt_length, FRENCH_VERB + 4 * verb + french_ending[subject]);
    if (adverb) add(p->tgt, &p->tgt_length, FRENCH_ADVERB + adverb - 1);
    const int origin[PHRASE_LENGTH] = {0, 2 + place, 1 + place, adverb ? 1 : 3, 4};
    memcpy(phrase.origin, origin, sizeof origin);
    return phrase;
}

/* Nobody does it to himself, alone or among others: je me, nous me, ... are left out. */
static bool reflexive(int subject, int object) {
    const bool first = subject == 0 || subject == 4, object_first = object == 0 || object == 4;
    return (first && object_first) || (subject == 1 && object == 1);
}

void phrases_make(Phrase phrases[PHRASE_COUNT]) {
    int count = 0;
    for (int verb = 0; verb < VERBS; verb++)
        for (int subject = 0; subject < PERSONS; subject++)
            for (int object = 0; object < PERSONS; object++)
                for (int adverb = 0; adverb < ADVERBS && !reflexive(subject, object); adverb++) {
                    REQUIRE(count < PHRASE_COUNT, "more than %d phrases", PHRASE_COUNT);
                    phrases[count] = make(subject, verb, object, adverb);
                    phrases[count].held_out =
                        count % 5 == 4 || (subject + verb + adverb == 0 && object == 1);
                    count++;
                }
    REQUIRE(count == PHRASE_COUNT, "%d phrases", count);
}

const Phrase *phrase_find(const Phrase phrases[PHRASE_COUNT], const char *sentence) {
    int ids[TEACHER_LENGTH];
    const int length = teacher_sentence_ids(ids, sentence, english, ENGLISH);
    for (int i = 0; i < PHRASE_COUNT; i++)
        if (phrases[i].pair.src_length == length &&
            memcmp(phrases[i].pair.src, ids, (size_t)length * sizeof *ids) == 0)
            return &phrases[i];
    REQUIRE(false, "no phrase \"%s\"", sentence);
    return NULL;
}

Transformer *phrases_model(uint64_t seed) {
    Random random;
    random_seed(&random, seed);
    const TransformerConfig config = {
        .layer = {.d_model = 32, .nhead = PHRASE_HEADS, .dim_feedforward = 64},
        .num_encoder_layers = PHRASE_LAYERS,
        .num_decoder_layers = PHRASE_LAYERS,
        .src_vocab = TOKEN_TEXT + ENGLISH,
        .tgt_vocab = TOKEN_TEXT + FRENCH};
    return transformer_new(&config, &random);
}

typedef struct {
    const Transformer *model;
    const Phrase *phrases;
    Random random;
} Course;

static Tensor *batch_loss(void *context, int *count) {
    Course *course = context;
    SentencePair batch[BATCH];
    for (int b = 0; b < BATCH;) {
        const Phrase *phrase = &course->phrases[random_below(&course->random, PHRASE_COUNT)];
        if (!phrase->held_out) batch[b++] = phrase->pair;
    }
    *count = 1;
    return teacher_loss(course->model, batch, BATCH);
}

static double warm_up(const Training *training, int step) {
    return training->lr * fmin(1, (step + 1.0) / WARMUP);
}

double phrases_train(Transformer *model, const Phrase phrases[PHRASE_COUNT], int steps,
                     uint64_t seed) {
    Course course = {.model = model, .phrases = phrases};
    random_seed(&course.random, seed);
    return training_run(&(Training){.parameters = &model->parameters,
                                    .adam = adam_paper(),
                                    .steps = steps,
                                    .lr = 3e-3,
                                    .rate = warm_up,
                                    .loss = batch_loss,
                                    .context = &course,
                                    .average = 20,
                                    .label = "phrases"});
}

double phrases_accuracy(const Transformer *model, const Phrase phrases[PHRASE_COUNT],
                        bool held_out) {
    SentencePair *chosen = memory_alloc(PHRASE_COUNT * sizeof *chosen);
    int count = 0;
    for (int i = 0; i < PHRASE_COUNT; i++)
        if (phrases[i].held_out == held_out) chosen[count++] = phrases[i].pair;
    const double share = teacher_accuracy(model, chosen, count);
    free(chosen);
    return share;
}

void phrases_cross_attention(const Transformer *model, const Phrase *phrase,
                             Tensor *cross[PHRASE_LAYERS]) {
    graph_reset(graph_current());
    Tensor *source[PHRASE_LAYERS], *target[PHRASE_LAYERS];
    AttentionWeights weights = {source, target, cross};
    const Batch batch = teacher_batch(&phrase->pair, 1);
    transformer_forward(model, &batch, &weights);
}
