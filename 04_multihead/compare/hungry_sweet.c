/* hungry_sweet.c - Ketan Doshi, "Transformers Explained Visually", part 1: "The cat drank the milk
 * because it was hungry", and "... because it was sweet". What "it" looks at in either, for each of
 * two heads.
 *
 * Beside: doshi - "because it was hungry", "because it was sweet": what "it" looks at, for each
 *     head
 */
#include "04_multihead/lab/pronoun.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

enum { HEADS = PRONOUN_HEADS, STEPS = 1500, WORDS = 9 };

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Doshi's two sentences: what \"it\" stands for, and how each head looks.",
                         "build/04_multihead/hungry_sweet"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 2);
    Comparison comparison = {0};
    PronounSentences sentences = pronoun_sentences();
    QuestionModel *model = pronoun_train(&sentences, 1, HEADS, STEPS, (uint64_t)lesson.common.seed);

    real rows[2][HEADS * WORDS];
    Question question = {0};
    for (int i = 0; i < 2; i++) {
        lesson_step(&lesson, i ? "\"it\" refers to milk" : "\"it\" refers to cat");
        question = pronoun_published(2 + i);
        const real *shown;
        const bool right = pronoun_print(model, &question, 0, &shown);
        memcpy(rows[i], shown, sizeof rows[i]);
        const PronounPlaces places = pronoun_places(&question);
        puts("");
        compare_claim(&comparison,
                      i ? "sweet: \"it\" is associated with the milk"
                        : "hungry: \"it\" is associated with the cat",
                      right);
        compare_claim(&comparison, "the first score highlights the noun",
                      pronoun_most(rows[i], HEADS, WORDS, places.referent) > 0.5);
        compare_claim(&comparison, "the second score highlights the adjective",
                      pronoun_most(rows[i], HEADS, WORDS, places.adjective) > 0.5);
    }
    pronoun_draw((Picture){.name = "hungry_sweet",
                           .directory = lesson.common.out,
                           .caption = "the noun and the adjective get the weight, by one head "
                                      "each; which head takes which depends on the adjective"},
                 (const real *const[]){rows[0], rows[1]},
                 (const char *const[]){"... because it was hungry", "... because it was sweet"},
                 &question, "hungry / sweet");

    lesson_step(&lesson, "What the article leaves open");
    puts("How can \"it\" know its noun before it has seen the adjective? Both come with the\n"
         "same row of weights. One layer manages by letting the words compete; of two\n"
         "layers, one could bring the adjective to \"it\" and the next fetch the noun.\n\n"
         "In French milk is masculine as the cat is, so \"il\" twice: with Doshi's sentences\n"
         "a translator could get away with knowing nothing. Not with Alammar's: l'animal\n"
         "is il, la rue is elle (make 04/it_animal).");
    question_model_free(model);
    pronoun_sentences_free(&sentences);
    return lesson_end(&lesson, compare_end(&comparison));
}
