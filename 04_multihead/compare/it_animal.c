/* it_animal.c - Alammar, "The Illustrated Transformer", "Self-Attention at a High Level" and "The
 * Beast With Many Heads": what is "it" in "The animal didn't cross the street because it was too
 * tired", and, which the post does not show, "... because it was too wide"?
 *
 * Beside: alammar Self-Attention at a High Level; alammar The Beast With Many Heads - his two heads
 *     at "it", and the reading that he does not show, "too wide"
 */
#include "04_multihead/lab/pronoun.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

enum { HEADS = PRONOUN_HEADS, STEPS = 1500, WORDS = 11, SEEDS = 5 };

/* Trains the same model from other seeds and tells how its heads look on average. */
static void show_seeds(const PronounSentences *sentences, uint64_t seed) {
    puts("  seed  held-out right  weight on its noun  other noun  adjective");
    for (uint64_t i = 0; i < SEEDS; i++) {
        QuestionModel *model = pronoun_train(sentences, 1, HEADS, STEPS, seed + i);
        const PronounFocus focus = pronoun_focus(model, sentences);
        printf("  %4llu  %12.0f %%  %18.2f  %10.2f  %9.2f\n", (unsigned long long)(seed + i),
               100 * question_model_accuracy(model, sentences->held_out, sentences->held_out_count),
               focus.referent, focus.other, focus.adjective);
        question_model_free(model);
    }
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Alammar's sentence: how each head of \"it\" looks at the words, for both "
                         "of its readings. Slow: 10 s.",
                         "build/04_multihead/it_animal --seed 5"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 2);
    const uint64_t seed = (uint64_t)lesson.common.seed;
    Comparison comparison = {0};
    PronounSentences sentences = pronoun_sentences();

    lesson_step(&lesson, "A layer with two heads learns what \"it\" stands for");
    QuestionModel *model = pronoun_train(&sentences, 1, HEADS, STEPS, seed);
    printf("%d sentences like \"the goat didn't cross the bridge because it was too long\",\n"
           "%d held out, Alammar's among them. Held-out sentences right: %.0f %%\n",
           sentences.train_count, sentences.held_out_count,
           100 * question_model_accuracy(model, sentences.held_out, sentences.held_out_count));

    lesson_step(&lesson, "His reading: tired");
    real rows[2][HEADS * WORDS];
    Question question = pronoun_published(0);
    const real *shown;
    const bool tired = pronoun_print(model, &question, 0, &shown);
    memcpy(rows[0], shown, sizeof rows[0]);
    PronounPlaces places = pronoun_places(&question);
    puts("\nHis picture (layer 5 of a large model, the word \"it\"):");
    compare_claim(&comparison, "one head focuses most on \"the animal\"",
                  tired && pronoun_most(rows[0], HEADS, WORDS, places.referent) > 0.5);
    compare_claim(&comparison, "another on \"tired\"",
                  pronoun_most(rows[0], HEADS, WORDS, places.adjective) > 0.5);

    lesson_step(&lesson, "The other reading: wide");
    question = pronoun_published(1);
    const bool wide = pronoun_print(model, &question, 0, &shown);
    memcpy(rows[1], shown, sizeof rows[1]);
    places = pronoun_places(&question);
    puts("\nNot in the post, and the test of the first picture: a head that always looked at\n"
         "the animal would have drawn that, too.");
    compare_claim(&comparison, "with \"wide\", one head focuses most on the street",
                  wide && pronoun_most(rows[1], HEADS, WORDS, places.referent) > 0.5);
    pronoun_draw(
        (Picture){.name = "it_animal",
                  .directory = lesson.common.out,
                  .caption = "one head on the noun that \"it\" stands for, the other on "
                             "the adjective that decides; exchange the adjective and "
                             "they exchange places"},
        (const real *const[]){rows[0], rows[1]},
        (const char *const[]){"... because it was too tired", "... because it was too wide"},
        &question, "tired / wide");

    lesson_step(&lesson, "Does it need both?");
    for (int h = 0; h < HEADS; h++)
        printf("  head %d silenced: %3.0f %% of the held-out sentences right\n", h,
               100 * pronoun_accuracy_without(model, &sentences, 0, h));
    puts("\nHow does a head know whether to look at the noun? The word \"it\" asks the same\n"
         "in every sentence. But the words bid against each other for its attention: make\n"
         "04/neuron_view shows \"wide\" outbidding \"animal\", and \"tired\" not.");

    lesson_step(&lesson, "Nobody told the heads: other seeds share the work otherwise");
    show_seeds(&sentences, seed);
    puts("\nAveraged over the held-out sentences: the most that any head gives to each word.\n"
         "A low number does not mean a wrong answer: weights show where a layer looked,\n"
         "not what it concluded.");
    question_model_free(model);
    pronoun_sentences_free(&sentences);
    return lesson_end(&lesson, compare_end(&comparison));
}
