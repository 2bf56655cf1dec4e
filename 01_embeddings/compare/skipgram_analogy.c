// Jay Mody and Wikipedia: word vectors cluster by meaning, and queen - woman + man is near king.
#include "01_embeddings/little_world.h"
#include "01_embeddings/pca.h"
#include "common/lesson.h"
#include "common/plot.h"

#include <stdio.h>
#include <stdlib.h>

enum { E = LITTLE_WORLD_DIM, GROUPS = 4, PER_GROUP = 4, SHOWN = GROUPS * PER_GROUP, NAME = 24 };

static const char *const group_name[GROUPS] = {"fruit", "vegetables", "furniture", "animals"};
static const char *const member[SHOWN] = {"apple",  "pear",    "cherry", "plum",  "carrot", "onion",
                                          "potato", "cabbage", "chair",  "table", "sofa",   "bed",
                                          "cat",    "dog",     "horse",  "cow"};

typedef struct {
    WordText text;
    real *vectors; // (V,E)
} Words;

static const real *vector_of(const Words *words, const char *word) {
    return words->vectors + (size_t)word_id(&words->text, word) * E;
}

static void print_neighbours(const Words *words, const char *word) {
    int nearest[5];
    char name[NAME];
    const int without[] = {word_id(&words->text, word), -1};
    nearest_words(words->vectors, (int)words->text.words.count, E, vector_of(words, word), without,
                  nearest, 5);
    printf("  %-8s", word);
    for (int i = 0; i < 5; i++)
        printf(" %s %.2f ", word_name(&words->text, nearest[i], name, sizeof name),
               cosine(vector_of(words, word), words->vectors + nearest[i] * E, E));
    puts("");
}

/* The mean distance between the words of two groups of the figure. */
static double group_distance(const Words *words, int a, int b) {
    double sum = 0;
    for (int i = 0; i < PER_GROUP; i++)
        for (int j = 0; j < PER_GROUP; j++) {
            const real *x = vector_of(words, member[a * PER_GROUP + i]);
            const real *y = vector_of(words, member[b * PER_GROUP + j]);
            double square = 0;
            for (int e = 0; e < E; e++) square += (double)((x[e] - y[e]) * (x[e] - y[e]));
            sum += sqrt(square);
        }
    return sum / (PER_GROUP * PER_GROUP);
}

static void clusters(Comparison *comparison, const Words *words) {
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
static void ask(Comparison *comparison, const Words *words, const char *a, const char *b,
                const char *c, const char *expected) {
    real query[E];
    analogy(vector_of(words, a), vector_of(words, b), vector_of(words, c), E, query);
    const int without[] = {word_id(&words->text, a), word_id(&words->text, b),
                           word_id(&words->text, c), -1};
    int best, of_all;
    const int V = (int)words->text.words.count, none = -1;
    nearest_words(words->vectors, V, E, query, without, &best, 1);
    nearest_words(words->vectors, V, E, query, &none, &of_all, 1);
    char question[80], answer[NAME], plain[NAME];
    word_name(&words->text, best, answer, sizeof answer);
    word_name(&words->text, of_all, plain, sizeof plain);
    snprintf(question, sizeof question, "%s - %s + %s = %s", a, b, c, answer);
    compare_claim(comparison, question, strcmp(answer, expected) == 0);
    printf("    cosine %.2f; nearest of all words: %s\n",
           cosine(query, words->vectors + best * E, E), plain);
}

static void draw(const char *directory, const Words *words) {
    real chosen[SHOWN * E], plane[SHOWN * 2];
    PlotPoint points[SHOWN];
    double share[2];
    for (int i = 0; i < SHOWN; i++)
        memcpy(chosen + i * E, vector_of(words, member[i]), E * sizeof(real));
    pca_plane(chosen, SHOWN, E, plane, share);
    for (int i = 0; i < SHOWN; i++)
        points[i] = (PlotPoint){plane[2 * i], plane[2 * i + 1], member[i], i / PER_GROUP};
    printf("\nPCA: the plane of the picture holds %.0f %% of what sets these 16 words apart.\n",
           100 * (share[0] + share[1]));
    plot_scatter(
        &(Picture){
            .name = "word_clusters",
            .directory = directory,
            .title = "word vectors learned from 5000 sentences, in two of 16 dimensions",
            .caption = "four heaps, though nobody told the program what a fruit is.",
            .x_label = "first principal component",
            .y_label = "second",
        },
        points, SHOWN, group_name, GROUPS);
}

static void draw_royals(const char *directory, const Words *words) {
    enum { PEOPLE = 8 };
    static const char *const person[PEOPLE] = {"king", "queen", "man",    "woman",
                                               "boy",  "girl",  "prince", "princess"};
    static const char *const gender[2] = {"he", "she"};
    real chosen[PEOPLE * E], plane[PEOPLE * 2];
    PlotPoint points[PEOPLE];
    for (int i = 0; i < PEOPLE; i++)
        memcpy(chosen + i * E, vector_of(words, person[i]), E * sizeof(real));
    pca_plane(chosen, PEOPLE, E, plane, NULL);
    for (int i = 0; i < PEOPLE; i++)
        points[i] = (PlotPoint){plane[2 * i], plane[2 * i + 1], person[i], i % 2};
    plot_scatter(
        &(Picture){
            .name = "king_queen",
            .directory = directory,
            .title = "two steps: from he to she, and from common to royal",
            .caption = "from every he to its she it is the same step, and so from man to king and "
                       "boy to prince.",
            .x_label = "first principal component",
            .y_label = "second",
        },
        points, PEOPLE, gender, 2);
}

int main(int argc, char **argv) {
    const Usage usage = {"Word vectors trained here: neighbours, clusters, analogies.",
                         "build/01_embeddings/skipgram_analogy --seed 2"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Words words = {0};
    double loss;
    words.vectors = little_world_vectors((uint64_t)lesson.common.seed, &words.text, &loss);
    printf("Skip-gram on 5000 sentences of a little world: %zu words, %d dimensions, loss\n"
           "%.2f (a uniform guess: %.2f). Nearest by cosine:\n\n",
           words.text.words.count, E, loss, log((double)words.text.words.count));
    const char *const asked[] = {"king", "apple", "chair", "dog", "bank"};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) print_neighbours(&words, asked[i]);
    clusters(&comparison, &words);
    puts("\nMody: queen - woman + man ~ king. Wikipedia: king - man + woman.\n");
    ask(&comparison, &words, "queen", "woman", "man", "king");
    ask(&comparison, &words, "king", "man", "woman", "queen");
    ask(&comparison, &words, "prince", "boy", "girl", "princess");
    puts("\nThe posts do not say that the question's own three words are usually left out;\n"
         "in vectors learned from real text the nearest of all is often one of them.");
    draw(lesson.common.out, &words);
    draw_royals(lesson.common.out, &words);
    free(words.vectors);
    word_text_free(&words.text);
    return compare_end(&comparison);
}
