// Chapter 1's claims: characters and pieces of "ಕನ್ನಡ", lookup and its gradient, word vectors.
#include "01_embeddings/bpe_encode.h"
#include "01_embeddings/bpe_learn.h"
#include "01_embeddings/embedding.h"
#include "01_embeddings/lab/little_world.h"
#include "01_embeddings/lab/pca.h"
#include "01_embeddings/lab/similarity.h"
#include "01_embeddings/lab/word_vectors.h"
#include "common/files/utf8.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>

/* The same ids as one-hot rows times the table, and by lookup: equal forward and backward. */
START_TEST(one_hot_is_a_lookup) {
    enum { V = 7, E = 5, N = 4 };
    const int ids[N] = {2, 6, 2, 0};
    Random random;
    random_seed(&random, 3);
    Parameters parameters = {0};
    const Embedding table = embedding_new(&parameters, "", V, E, &random);
    Graph *graph = graph_new();
    graph_use(graph);
    Tensor *w = tensor_variable(table.weight->data, 2, SHAPE(V, E)), *hot = TENSOR(N, V);
    memset(hot->data, 0, hot->size * sizeof *hot->data);
    for (int n = 0; n < N; n++) hot->data[n * V + ids[n]] = 1;
    Tensor *product = op_matmul(hot, w), *rows = EMBEDDING_FORWARD(&table, ids, N);
    Tensor *slope = TENSOR(N, E);
    for (size_t i = 0; i < slope->size; i++) slope->data[i] = (real)i;
    backward(op_add(op_sum(op_mul(product, slope)), op_sum(op_mul(rows, slope))));
    for (size_t i = 0; i < rows->size; i++) ck_assert(product->data[i] == rows->data[i]);
    const real *a = tensor_grad(w), *b = tensor_grad(table.weight);
    for (int i = 0; i < V * E; i++) ck_assert(a[i] == b[i]);
    for (int e = 0; e < E; e++) {
        ck_assert(b[1 * E + e] == 0);                  // not in the sentence
        ck_assert(b[2 * E + e] == (real)(2 * e + 10)); // rows 0 and 2 of slope: e and 10 + e
    }
    graph_use(NULL);
    graph_free(graph);
    parameters_free(&parameters);
}
END_TEST

START_TEST(scaled_by_sqrt_d_model) {
    Random random;
    random_seed(&random, 1);
    Parameters parameters = {0};
    const Embedding table = embedding_new(&parameters, "", 3, 512, &random);
    const int ids[] = {1};
    Graph *graph = graph_new();
    graph_use(graph);
    const Tensor *scaled = embedding_forward_scaled(&table, ids, 1, SHAPE(1));
    for (int e = 0; e < 512; e++)
        ck_assert_double_eq_tol((double)scaled->data[e],
                                22.627417 * (double)table.weight->data[512 + e], 1e-5);
    graph_use(NULL);
    graph_free(graph);
    parameters_free(&parameters);
}
END_TEST

static size_t pieces(const Bpe *bpe, const char *text) {
    IntArray ids = {0};
    bpe_encode(bpe, text, strlen(text), &ids);
    char *back = bpe_decode(bpe, ids.data, ids.count, NULL);
    ck_assert_str_eq(back, text);
    free(back);
    free(ids.data);
    return ids.count;
}

START_TEST(kannada) {
    const char word[] = "ಕನ್ನಡ";
    size_t points = 0;
    uint32_t c;
    for (size_t i = 0, n; (n = utf8_decode(word + i, strlen(word) - i, &c)) > 0; i += n) points++;
    ck_assert_uint_eq(points, 5); // list("ಕನ್ನಡ") of the notebook
    ck_assert_uint_eq(strlen(word), 15);

    Error err;
    Bpe *blank = bpe_new("", &err);
    ck_assert_uint_eq(pieces(blank, word), 16); // a space and 15 bytes
    bpe_free(blank);
    char *lines[] = {"ಕನ್ನಡ", "ಕನ್ನಡ"};
    const Lines text = {.line = lines, .count = 2};
    Bpe *learned = bpe_learn(&text, 1, BPE_FIRST_CHARACTER + 40, NULL, NULL, &err);
    ck_assert_uint_eq(pieces(learned, word), 1);
    bpe_free(learned);
    Bpe *characters = bpe_learn(&text, 1, BPE_FIRST_CHARACTER + 4, NULL, NULL, &err);
    ck_assert_uint_eq(pieces(characters, word), 6); // a space and 5 characters, of which 4 differ
    bpe_free(characters);
}
END_TEST

/* Points on an ellipse around (5,-3,2) whose axes are known. */
START_TEST(pca_finds_the_axes) {
    enum { N = 100 };
    real points[N * 3], plane[N * 2];
    double share[2];
    for (int n = 0; n < N; n++) {
        const double angle = 2 * 3.14159265358979 * n / N, a = 4 * cos(angle), b = sin(angle);
        points[3 * n + 0] = (real)(5 + 0.6 * a - 0.8 * b);
        points[3 * n + 1] = (real)(-3 + 0.8 * a + 0.6 * b);
        points[3 * n + 2] = 2;
    }
    pca_plane(points, N, 3, plane, share);
    ck_assert_double_eq_tol(share[0], 16.0 / 17, 1e-5);
    ck_assert_double_eq_tol(share[1], 1.0 / 17, 1e-5);
    for (int n = 0; n < N; n++) {
        const double angle = 2 * 3.14159265358979 * n / N;
        ck_assert_double_eq_tol((double)plane[2 * n], 4 * cos(angle), 1e-4);
        ck_assert_double_eq_tol(fabs((double)plane[2 * n + 1]), fabs(sin(angle)), 1e-4);
    }
}
END_TEST

START_TEST(pca_of_one_point) {
    const real points[] = {1, 2, 1, 2, 1, 2};
    real plane[6];
    double share[2];
    pca_plane(points, 3, 2, plane, share);
    for (int i = 0; i < 6; i++) ck_assert(plane[i] == 0);
    ck_assert_double_eq(share[0], 0);
}
END_TEST

START_TEST(nearest_and_cosine) {
    const real vectors[] = {1, 0, 0, 2, 3, 3, -1, 0}, query[] = {1, 0.1f};
    const int without[] = {0, -1};
    int nearest[3];
    similarity_nearest(vectors, 4, 2, query, without, nearest, 3);
    ck_assert_int_eq(nearest[0], 2);
    ck_assert_int_eq(nearest[1], 1);
    ck_assert_int_eq(nearest[2], 3);
    ck_assert_double_eq_tol(similarity_cosine(vectors + 2, vectors + 4, 2), sqrt(0.5), 1e-6);
    ck_assert_double_eq(similarity_cosine(vectors, (const real[]){0, 0}, 2), 0);
}
END_TEST

START_TEST(sentences_depend_on_the_seed_alone) {
    char a[LITTLE_WORLD_SENTENCE], b[LITTLE_WORLD_SENTENCE];
    Random one, two;
    random_seed(&one, 9);
    random_seed(&two, 9);
    for (int i = 0; i < 2000; i++) { // meets every pattern, and none is too long
        little_world_sentence(&one, a);
        little_world_sentence(&two, b);
        ck_assert_str_eq(a, b);
        ck_assert_ptr_null(strpbrk(a, "{}"));
    }
}
END_TEST

/* a - b + c is nearest to `expected`, the words of the question left out. */
static void expect_analogy(const WordVectors *words, const char *a, const char *b, const char *c,
                           const char *expected) {
    char answer[24];
    word_text_word(&words->text, word_vectors_analogy(words, a, b, c, true), answer, sizeof answer);
    ck_assert_str_eq(answer, expected);
}

/* Each member is nearer to all others of its group than to any of the rest, on average. */
static void expect_groups(const WordVectors *words, const char *const *member, int groups,
                          int per_group) {
    for (int i = 0; i < groups * per_group; i++) {
        double own = 0, other = 0;
        for (int j = 0; j < groups * per_group; j++) {
            const double c = j == i ? 0 : word_vectors_cosine(words, member[i], member[j]);
            *(j / per_group == i / per_group ? &own : &other) += c;
        }
        ck_assert_msg(own / (per_group - 1) > other / ((groups - 1) * per_group) + 0.3, "%s",
                      member[i]);
    }
}

START_TEST(the_corpus_teaches_kinds_and_tenses) {
    static const char *const member[] = {"cat",  "dog",   "goat",  "bread",  "cheese",
                                         "soup", "chair", "table", "bed",    "hat",
                                         "coat", "dress", "hotel", "museum", "library"};
    Graph *graph = graph_new();
    graph_use(graph);
    WordVectors words = word_vectors_of_corpus(1 + (uint64_t)_i);
    ck_assert_double_lt(words.loss, 4.2); // a guess: ln 513 = 6.24
    expect_groups(&words, member, 5, 3);
    expect_analogy(&words, "drank", "drink", "eat", "ate");
    expect_analogy(&words, "eating", "eat", "drink", "drinking");
    for (int i = 0; i < 2; i++) // lower case, no punctuation
        ck_assert_int_lt(word_text_id(&words.text, i ? "The" : "."), 0);
    word_vectors_free(&words);
    graph_free(graph);
}
END_TEST

START_TEST(the_little_world_teaches_rank_and_senses) {
    Graph *graph = graph_new();
    graph_use(graph);
    WordVectors words = word_vectors_of_little_world(11 + (uint64_t)_i);
    ck_assert_double_lt(words.loss, 2.8); // a guess: ln 177 = 5.18
    expect_analogy(&words, "queen", "woman", "man", "king");
    expect_analogy(&words, "king", "man", "woman", "queen");
    expect_analogy(&words, "prince", "boy", "girl", "princess");
    ck_assert_double_gt(word_vectors_cosine(&words, "apple", "pear"), 0.6);
    ck_assert_double_lt(word_vectors_cosine(&words, "apple", "sofa"), 0.4);
    // One vector for two senses lies between those of the words that have one of them each.
    const double apart = word_vectors_cosine(&words, "shore", "safe");
    ck_assert_double_gt(word_vectors_cosine(&words, "bank", "shore"), apart + 0.1);
    ck_assert_double_gt(word_vectors_cosine(&words, "bank", "safe"), apart + 0.1);
    word_vectors_free(&words);
    graph_free(graph);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("chapter 1");
    TCase *cases = tcase_create("embeddings");
    tcase_add_test(cases, one_hot_is_a_lookup);
    tcase_add_test(cases, scaled_by_sqrt_d_model);
    tcase_add_test(cases, kannada);
    tcase_add_test(cases, pca_finds_the_axes);
    tcase_add_test(cases, pca_of_one_point);
    tcase_add_test(cases, nearest_and_cosine);
    tcase_add_test(cases, sentences_depend_on_the_seed_alone);
    tcase_set_timeout(cases, 60); // the address sanitizer
    tcase_add_loop_test(cases, the_corpus_teaches_kinds_and_tenses, 0, 3);
    tcase_add_loop_test(cases, the_little_world_teaches_rank_and_senses, 0, 3);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
