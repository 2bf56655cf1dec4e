#include "01_embeddings/lab/word_vectors.h"

#include "01_embeddings/corpus/corpus.h"
#include "01_embeddings/lab/little_world.h"
#include "01_embeddings/lab/pca.h"
#include "01_embeddings/lab/similarity.h"
#include "01_embeddings/lab/skipgram.h"
#include "common/arena.h"

#include <stdio.h>
#include <stdlib.h>

enum { CORPUS_SENTENCES = 12000, LITTLE_WORLD_SENTENCES = 5000, NAME_BYTES = 24, NEAREST = 8 };

/* ---- From a text to vectors ------------------------------------------------------------------ */

static WordVectors train(WordText text, Random *random, int steps) {
    const SkipGram config = {
        .dim = WORD_VECTORS_DIM, .window = 3, .batch = 256, .steps = steps, .lr = 0.02};
    WordVectors words = {.text = text};
    words.rows = memory_alloc(text.words.count * WORD_VECTORS_DIM * sizeof *words.rows);
    words.loss = skipgram_train(&config, &words.text, random, words.rows);
    return words;
}

/* "The man's hat? It is big." -> "the man's hat it is big" */
static void add_plain(WordText *text, const char *sentence) {
    char plain[256];
    size_t length = 0;
    for (const char *c = sentence; *c; c++) {
        // ASCII alone: the corpus' English has no other letters.
        if (strchr(",.?!", *c)) continue;
        REQUIRE(length + 1 < sizeof plain, "longer than %zu bytes: %s", sizeof plain, sentence);
        plain[length++] = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    }
    plain[length] = '\0';
    word_text_add(text, plain);
}

WordVectors word_vectors_of_corpus(uint64_t seed) {
    Pairs pairs;
    Error err = {""};
    const bool enough = corpus_pairs(CORPUS_TRAIN, seed, CORPUS_SENTENCES, &pairs, &err);
    REQUIRE(enough, "%s", err.text);
    WordText text = {0};
    for (size_t i = 0; i < pairs.src.count; i++) add_plain(&text, pairs.src.line[i]);
    pairs_free(&pairs);
    Random random;
    random_seed(&random, seed);
    return train(text, &random, 3000);
}

WordVectors word_vectors_of_little_world(uint64_t seed) {
    Random random;
    random_seed(&random, seed);
    char sentence[LITTLE_WORLD_SENTENCE];
    WordText text = {0};
    for (int i = 0; i < LITTLE_WORLD_SENTENCES; i++) {
        little_world_sentence(&random, sentence);
        word_text_add(&text, sentence);
    }
    return train(text, &random, 2000);
}

void word_vectors_free(WordVectors *words) {
    word_text_free(&words->text);
    free(words->rows);
    *words = (WordVectors){0};
}

/* ---- Questions ------------------------------------------------------------------------------- */

/* Questions are asked by programs, so a word that is not there is a slip of theirs. */
static int known_id(const WordVectors *words, const char *word) {
    const int id = word_text_id(&words->text, word);
    REQUIRE(id >= 0, "the text does not have the word \"%s\"", word);
    return id;
}

const real *word_vectors_row(const WordVectors *words, const char *word) {
    return words->rows + (size_t)known_id(words, word) * WORD_VECTORS_DIM;
}

double word_vectors_cosine(const WordVectors *words, const char *a, const char *b) {
    return similarity_cosine(word_vectors_row(words, a), word_vectors_row(words, b),
                             WORD_VECTORS_DIM);
}

/* query (E) <- a - b + c; nearest (count) <- the ids of the words nearest to it. */
static void ask(const WordVectors *words, const char *a, const char *b, const char *c, bool strict,
                real query[WORD_VECTORS_DIM], int *nearest, int count) {
    similarity_analogy(word_vectors_row(words, a), word_vectors_row(words, b),
                       word_vectors_row(words, c), WORD_VECTORS_DIM, query);
    const int all[] = {known_id(words, a), known_id(words, b), known_id(words, c), -1};
    similarity_nearest(words->rows, (int)words->text.words.count, WORD_VECTORS_DIM, query,
                       strict ? all : all + 3, nearest, count);
}

int word_vectors_analogy(const WordVectors *words, const char *a, const char *b, const char *c,
                         bool strict) {
    real query[WORD_VECTORS_DIM];
    int nearest;
    ask(words, a, b, c, strict, query, &nearest, 1);
    return nearest;
}

/* One line: the question, then the words ids (count) with their cosines to query (E). */
static void print_words(const WordVectors *words, const char *question, const real *query,
                        const int *ids, int count) {
    char name[NAME_BYTES];
    printf("  %-22s", question);
    for (int i = 0; i < count; i++)
        printf("  %s %.2f", word_text_word(&words->text, ids[i], name, sizeof name),
               similarity_cosine(query, words->rows + (size_t)ids[i] * WORD_VECTORS_DIM,
                                 WORD_VECTORS_DIM));
    puts("");
}

void word_vectors_print_neighbours(const WordVectors *words, const char *word, int count) {
    int nearest[NEAREST];
    const int without[] = {known_id(words, word), -1};
    similarity_nearest(words->rows, (int)words->text.words.count, WORD_VECTORS_DIM,
                       word_vectors_row(words, word), without, nearest, count);
    print_words(words, word, word_vectors_row(words, word), nearest, count);
}

void word_vectors_print_analogy(const WordVectors *words, const char *a, const char *b,
                                const char *c, bool strict, int count) {
    int nearest[NEAREST];
    real query[WORD_VECTORS_DIM];
    char question[80];
    ask(words, a, b, c, strict, query, nearest, count);
    snprintf(question, sizeof question, "%s - %s + %s", a, b, c);
    print_words(words, question, query, nearest, count);
}

/* ---- A picture ------------------------------------------------------------------------------- */

/* To hundredths: processors add in different orders, and trained vectors differ in the sixth digit.
 * Rounded, the picture is the same to the byte everywhere. */
static real rounded(real x) {
    return (real)(round((double)x * 100) / 100);
}

double word_vectors_draw(const Picture *picture, const WordVectors *words, const char *const *word,
                         const char *const *group_name, int groups, int per_group) {
    const int count = groups * per_group;
    real *chosen = memory_alloc((size_t)count * (WORD_VECTORS_DIM + 2) * sizeof *chosen);
    real *plane = chosen + count * WORD_VECTORS_DIM;
    PlotPoint *points = memory_alloc((size_t)count * sizeof *points);
    double share[2];
    for (int i = 0; i < count; i++)
        memcpy(chosen + i * WORD_VECTORS_DIM, word_vectors_row(words, word[i]),
               WORD_VECTORS_DIM * sizeof *chosen);
    pca_plane(chosen, count, WORD_VECTORS_DIM, plane, share);
    for (int i = 0; i < count; i++)
        points[i] = (PlotPoint){.x = rounded(plane[2 * i]),
                                .y = rounded(plane[2 * i + 1]),
                                .label = word[i],
                                .group = i / per_group};
    plot_scatter(picture, points, (size_t)count, group_name, (size_t)groups);
    free(points);
    free(chosen);
    return share[0] + share[1];
}
