#include "04_multihead/giving.h"

#include <stdio.h>

enum { BATCH = 64, TEST_SENTENCES = 500 };
static const double LEARNING_RATE = 0.003;

const char *giving_name(int answer) {
    return sentence_word(sentence_first(NAME) + answer);
}

Question giving_sentence(Random *random) {
    static const char *const BEGINNINGS[] = {"", "yesterday ", "today "};
    const char *beginning = BEGINNINGS[random_below(random, 3)];
    // Never the same twice in a sentence, so that the receiver is one of nine once the giver is
    // known.
    const int giver = (int)random_below(random, GIVING_NAMES);
    const int receiver = (giver + 1 + (int)random_below(random, GIVING_NAMES - 1)) % GIVING_NAMES;
    const int present = (int)random_below(random, (uint64_t)sentence_count(PRESENT));
    char text[128];
    snprintf(text, sizeof text, "%s%s gave %s to %s", beginning, giving_name(giver),
             sentence_word(sentence_first(PRESENT) + present), giving_name(receiver));
    Question question = {.answers = {giver, receiver}};
    REQUIRE(sentence_parse(text, &question), "%s", text);
    return question;
}

QuestionModel *giving_model_new(int d_model, int nhead, uint64_t seed) {
    REQUIRE(sentence_count(NAME) == GIVING_NAMES, "%d names", sentence_count(NAME));
    return question_model_new((QuestionConfig){.vocab = sentence_word_count(),
                                               .answers = 2,
                                               .classes = GIVING_NAMES,
                                               .d_model = d_model,
                                               .nhead = nhead,
                                               .num_layers = 1},
                              seed);
}

double giving_step(QuestionModel *model, Optimizer *optimizer, Random *random) {
    Question batch[BATCH];
    for (int i = 0; i < BATCH; i++) batch[i] = giving_sentence(random);
    return question_model_step(model, optimizer, batch, BATCH, LEARNING_RATE);
}

double giving_accuracy(const QuestionModel *model, Random *random) {
    Question test[TEST_SENTENCES];
    for (int i = 0; i < TEST_SENTENCES; i++) test[i] = giving_sentence(random);
    return question_model_accuracy(model, test, TEST_SENTENCES);
}
