#include "04_multihead/lab/pronoun.h"

#include "common/screen/print.h"
#include "common/training.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 32, BATCH = 64, HELD_OUT = 5 };
static const double LEARNING_RATE = 0.003, WEIGHT_DECAY = 0.1;

/* A sentence with places for an animal, a thing and an adjective that fits only the animal, or
 * only the thing. */
typedef struct {
    const char *parts[4]; // the words around the three places
    SentenceKind thing, of_animal, of_thing;
} Pattern;

static const Pattern PATTERNS[] = {
    {{"the ", " didn't cross the ", " because it was too ", ""}, PLACE, TIRED, WIDE},
    {{"the ", " drank the ", " because it was ", ""}, DRINK, HUNGRY, SWEET},
};
enum { PATTERN_COUNT = (int)(sizeof PATTERNS / sizeof PATTERNS[0]) };

static const char *const PUBLISHED[PRONOUN_PUBLISHED] = {
    "the animal didn't cross the street because it was too tired",
    "the animal didn't cross the street because it was too wide",
    "the cat drank the milk because it was hungry",
    "the cat drank the milk because it was sweet",
};

PronounPlaces pronoun_places(const Question *question) {
    int animal = 0, thing = 0;
    for (int t = 0; t < question->length; t++) {
        const SentenceKind kind = sentence_kind(question->ids[t]);
        if (kind == ANIMAL) animal = t;
        if (kind == PLACE || kind == DRINK) thing = t;
    }
    const int adjective = question->length - 1;
    const SentenceKind kind = sentence_kind(question->ids[adjective]);
    const bool is_thing = kind == WIDE || kind == SWEET;
    return (PronounPlaces){is_thing ? thing : animal, is_thing ? animal : thing, adjective};
}

int pronoun_noun(int answer) {
    return sentence_first(ANIMAL) + answer;
}

const char *pronoun_french(int answer) {
    return sentence_feminine(pronoun_noun(answer)) ? "elle" : "il";
}

/* The nouns' ids follow one another: animals, places, drinks. */
static int noun_count(void) {
    return sentence_count(ANIMAL) + sentence_count(PLACE) + sentence_count(DRINK);
}

/* A sentence of the family with its answer: the noun's number among all nouns. */
static Question parsed(const char *text) {
    Question question = {0};
    REQUIRE(sentence_parse(text, &question), "%s", text);
    question.answers[0] = question.ids[pronoun_places(&question).referent] - sentence_first(ANIMAL);
    return question;
}

Question pronoun_published(int i) {
    return parsed(PUBLISHED[i]);
}

/* A pure function of the words: adding a sentence elsewhere moves no other from one side to the
 * other. */
static bool is_held_out(const Question *question, const char *text) {
    uint64_t hash = 0;
    for (int t = 0; t < question->length; t++)
        hash = random_mix64(hash + (uint64_t)question->ids[t]);
    bool published = false;
    for (int i = 0; i < PRONOUN_PUBLISHED; i++)
        published = published || strcmp(text, PUBLISHED[i]) == 0;
    return published || hash % HELD_OUT == 0;
}

static void add_sentence(PronounSentences *s, const Pattern *pattern, int animal, int thing,
                         int adjective) {
    char text[128];
    snprintf(text, sizeof text, "%s%s%s%s%s%s", pattern->parts[0], sentence_word(animal),
             pattern->parts[1], sentence_word(thing), pattern->parts[2], sentence_word(adjective));
    const Question question = parsed(text);
    if (is_held_out(&question, text))
        s->held_out[s->held_out_count++] = question;
    else
        s->train[s->train_count++] = question;
}

PronounSentences pronoun_sentences(void) {
    size_t total = 0;
    for (int p = 0; p < PATTERN_COUNT; p++)
        total += (size_t)(sentence_count(ANIMAL) * sentence_count(PATTERNS[p].thing) *
                          (sentence_count(PATTERNS[p].of_animal) +
                           sentence_count(PATTERNS[p].of_thing)));
    PronounSentences s = {.train = memory_calloc(total * sizeof(Question)),
                          .held_out = memory_calloc(total * sizeof(Question))};
    for (int p = 0; p < PATTERN_COUNT; p++)
        for (int a = 0; a < sentence_count(ANIMAL); a++)
            for (int t = 0; t < sentence_count(PATTERNS[p].thing); t++)
                for (int id = 1; id < sentence_word_count(); id++) {
                    const SentenceKind kind = sentence_kind(id);
                    if (kind == PATTERNS[p].of_animal || kind == PATTERNS[p].of_thing)
                        add_sentence(&s, &PATTERNS[p], sentence_first(ANIMAL) + a,
                                     sentence_first(PATTERNS[p].thing) + t, id);
                }
    return s;
}

void pronoun_sentences_free(PronounSentences *sentences) {
    free(sentences->train);
    free(sentences->held_out);
    *sentences = (PronounSentences){0};
}

typedef struct {
    const QuestionModel *model;
    const PronounSentences *sentences;
    Random random;
} Course;

static Tensor *batch_loss(void *context, int *count) {
    Course *course = context;
    const PronounSentences *from = course->sentences;
    Question batch[BATCH];
    for (int i = 0; i < BATCH; i++)
        batch[i] = from->train[random_below(&course->random, (uint64_t)from->train_count)];
    *count = 1;
    return question_model_loss(course->model, batch, BATCH);
}

QuestionModel *pronoun_train(const PronounSentences *sentences, int num_layers, int nhead,
                             int steps, uint64_t seed) {
    QuestionModel *model = question_model_new((QuestionConfig){.vocab = sentence_word_count(),
                                                               .answers = 1,
                                                               .classes = noun_count(),
                                                               .d_model = WIDTH,
                                                               .nhead = nhead,
                                                               .num_layers = num_layers},
                                              seed);
    Course course = {.model = model, .sentences = sentences};
    random_seed(&course.random, seed + 1);
    Training training = {.parameters = &model->parameters,
                         .adam = adamw_pytorch(),
                         .steps = steps,
                         .lr = LEARNING_RATE,
                         .rate = training_linear, // to nothing, so that the weights come to rest
                         .loss = batch_loss,
                         .context = &course,
                         .label = "pronouns"};
    training.adam.weight_decay = WEIGHT_DECAY;
    training_run(&training);
    return model;
}

int pronoun_attention(const QuestionModel *model, const Question *question, int layer,
                      const real **rows) {
    const int H = model->config.nhead, T = question->length;
    Tensor *weights[QUESTION_LAYERS];
    graph_reset(graph_current());
    const Tensor *logits = question_model_forward(model, question, 1, weights); // (1,classes)
    real *it = graph_alloc((size_t)(H * T) * sizeof *it);
    for (int h = 0; h < H; h++) // row `asked` of each head's (T,T)
        memcpy(it + h * T, weights[layer]->data + (h * T + question->asked) * T,
               (size_t)T * sizeof *it);
    *rows = it;
    return vector_argmax(logits->data, logits->size);
}

bool pronoun_print(const QuestionModel *model, const Question *question, int layer,
                   const real **rows) {
    const int answer = pronoun_attention(model, question, layer, rows), T = question->length;
    const char *words[QUESTION_LENGTH];
    for (int t = 0; t < T; t++) words[t] = sentence_word(question->ids[t]);
    char text[128];
    sentence_text(question, text, sizeof text);
    printf("%s\n\"it\" is the %s, in French %s\n", text, sentence_word(pronoun_noun(answer)),
           pronoun_french(answer));
    print_heatmap("how \"it\" looks, one row for each head", *rows, (size_t)model->config.nhead,
                  (size_t)T, NULL, words, 1);
    return answer == question->answers[0];
}

double pronoun_most(const real *rows, int H, int T, int t) {
    real largest = 0;
    for (int h = 0; h < H; h++)
        if (rows[h * T + t] > largest) largest = rows[h * T + t];
    return (double)largest;
}

void pronoun_draw(Picture picture, const real *const rows[2], const char *const titles[2],
                  const Question *question, const char *last) {
    static const char *const HEAD_NAMES[PRONOUN_HEADS] = {"head 0", "head 1"};
    const char *words[QUESTION_LENGTH];
    for (int t = 0; t < question->length; t++) words[t] = sentence_word(question->ids[t]);
    words[question->length - 1] = last;
    PlotMap maps[2];
    for (int i = 0; i < 2; i++)
        maps[i] = (PlotMap){.title = titles[i],
                            .data = rows[i],
                            .rows = PRONOUN_HEADS,
                            .cols = (size_t)question->length,
                            .row_labels = HEAD_NAMES,
                            .col_labels = words};
    picture.title = "How \"it\" looks at the words: one row for each head";
    picture.value_max = 1;
    plot_heatmap_grid(&picture, maps, 2, 1, 2);
}

double pronoun_accuracy_without(const QuestionModel *model, const PronounSentences *sentences,
                                int layer, int head) {
    const MultiheadAttention *m = &model->layers[layer];
    Tensor *w = m->out_proj.weight; // (E,E), columns head D to (head+1) D are the head's
    const int E = m->config.d_model, D = E / m->config.nhead;
    real *kept = memory_alloc(w->size * sizeof(real));
    memcpy(kept, w->data, w->size * sizeof(real));
    for (int e = 0; e < E; e++) memset(w->data + e * E + head * D, 0, (size_t)D * sizeof(real));
    const double accuracy =
        question_model_accuracy(model, sentences->held_out, sentences->held_out_count);
    memcpy(w->data, kept, w->size * sizeof(real));
    free(kept);
    return accuracy;
}

PronounFocus pronoun_focus(const QuestionModel *model, const PronounSentences *sentences) {
    const int H = model->config.nhead, n = sentences->held_out_count;
    PronounFocus focus = {0};
    for (int i = 0; i < n; i++) {
        const Question *question = &sentences->held_out[i];
        const real *rows;
        pronoun_attention(model, question, model->config.num_layers - 1, &rows);
        const PronounPlaces places = pronoun_places(question);
        focus.referent += pronoun_most(rows, H, question->length, places.referent) / n;
        focus.other += pronoun_most(rows, H, question->length, places.other) / n;
        focus.adjective += pronoun_most(rows, H, question->length, places.adjective) / n;
    }
    return focus;
}
