/* skipgram_analogy.c - Jay Mody, "An Intuition for Attention", and Wikipedia, "Word embedding":
 * word vectors cluster by meaning, and queen - woman + man is near king. Mody asks the reader to
 * imagine such vectors; these are trained, on sentences of a little world.
 *
 * Beside: mody Word Vectors and Similarity - his three heaps and queen - woman + man, trained
 *     instead of imagined
 * Beside: wikipedia Word embedding - king - man + woman; "bank", one vector for two meanings
 */
#include "01_embeddings/lab/word_vectors.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

enum { E = WORD_VECTORS_DIM, GROUPS = 4, PER_GROUP = 4, SHOWN = GROUPS * PER_GROUP };

static const char *const group_name[GROUPS] = {"fruit", "vegetables", "furniture", "animals"};
static const char *const member[SHOWN] = {"apple",  "pear",    "cherry", "plum",  "carrot", "onion",
                                          "potato", "cabbage", "chair",  "table", "sofa",   "bed",
                                          "cat",    "dog",     "horse",  "cow"};

/* The mean distance between the words of two groups of the figure. */
static double group_distance(const WordVectors *words, int a, int b) {
    double sum = 0;
    for (int i = 0; i < PER_GROUP; i++)
        for (int j = 0; j < PER_GROUP; j++) {
            const real *x = word_vectors_row(words, member[a * PER_GROUP + i]);
            const real *y = word_vectors_row(words, member[b * PER_GROUP + j]);
            double square = 0;
            // Euclid's distance, since that is what the eye sees in the figure.
            for (int e = 0; e < E; e++) square += (double)((x[e] - y[e]) * (x[e] - y[e]));
            sum += sqrt(square);
        }
    return sum / (PER_GROUP * PER_GROUP);
}

static void clusters(Comparison *comparison, const WordVectors *words) {
    puts("\nMody's figure: fruit, vegetables and furniture in three heaps, the first two\n"
         "nearer to each other. Mean distance between the words of two groups, ours:\n");
    printf("  %-12s", "");
    for (int b = 0; b < GROUPS; b++) printf("%12s", group_name[b]);
    puts("");
    for (int a = 0; a < GROUPS; a++) {
        printf("  %-12s", group_name[a]);
        for (int b = 0; b < GROUPS; b++) printf("%12.2f", group_distance(words, a, b));
        puts("");
    }
    puts("");
    const double near = group_distance(words, 0, 1);
    compare_claim(comparison, "fruit and vegetables are nearer to each other than to furniture",
                  near < group_distance(words, 0, 2) && near < group_distance(words, 1, 2));
}

/* a - b + c, with the three words of the question left out and with them allowed. */
static void ask(Comparison *comparison, const WordVectors *words, const char *a, const char *b,
                const char *c, const char *expected) {
    char question[80], answer[24], plain[24];
    word_text_word(&words->text, word_vectors_analogy(words, a, b, c, true), answer, sizeof answer);
    word_text_word(&words->text, word_vectors_analogy(words, a, b, c, false), plain, sizeof plain);
    snprintf(question, sizeof question, "%s - %s + %s = %s", a, b, c, answer);
    compare_claim(comparison, question, strcmp(answer, expected) == 0);
    printf("    nearest of all words, the question's own included: %s\n", plain);
}

static void draw_royals(const char *directory, const WordVectors *words) {
    static const char *const person[] = {"king",  "prince",   "man",   "boy",
                                         "queen", "princess", "woman", "girl"};
    static const char *const gender[2] = {"he", "she"};
    word_vectors_draw(
        &(Picture){
            .name = "king_queen",
            .directory = directory,
            .title = "two steps: from he to she, and from common to royal",
            .caption = "from every he to its she it is the same step, and so from man to king and "
                       "boy to prince.",
            .x_label = "first principal component",
            .y_label = "second",
        },
        words, person, gender, 2, 4);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Word vectors trained here: neighbours, clusters, analogies.",
                         "build/01_embeddings/skipgram_analogy --seed 2"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    WordVectors words = word_vectors_of_little_world((uint64_t)lesson.common.seed);
    printf("Skip-gram on 5000 sentences of a little world: %zu words, %d dimensions, loss\n"
           "%.2f (a uniform guess: %.2f). Nearest by cosine:\n\n",
           words.text.words.count, E, words.loss, log((double)words.text.words.count));
    const char *const asked[] = {"king", "apple", "chair", "dog", "bank"};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
        word_vectors_print_neighbours(&words, asked[i], 4);
    clusters(&comparison, &words);
    puts("\nMody: queen - woman + man ~ king. Wikipedia: king - man + woman ~ queen.\n");
    ask(&comparison, &words, "queen", "woman", "man", "king");
    ask(&comparison, &words, "king", "man", "woman", "queen");
    ask(&comparison, &words, "prince", "boy", "girl", "princess");
    puts("\nMody asks you to imagine such vectors; these are trained. What neither page says:\n"
         "the question's own three words are usually left out of the answer, since in\n"
         "vectors learned from real text the nearest of all is often one of them.");
    draw_royals(lesson.common.out, &words);
    word_vectors_free(&words);
    return lesson_end(&lesson, compare_end(&comparison));
}
