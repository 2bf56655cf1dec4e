// Chapter 1's claims: characters and pieces of "ಕನ್ನಡ", lookup and its gradient, word vectors.
#include "01_embeddings/bpe_learn.h"
#include "01_embeddings/embedding.h"
#include "01_embeddings/little_world.h"
#include "01_embeddings/pca.h"
#include "common/text.h"

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
    nearest_words(vectors, 4, 2, query, without, nearest, 3);
    ck_assert_int_eq(nearest[0], 2);
    ck_assert_int_eq(nearest[1], 1);
    ck_assert_int_eq(nearest[2], 3);
    ck_assert_double_eq_tol(cosine(vectors + 2, vectors + 4, 2), sqrt(0.5), 1e-6);
    ck_assert_double_eq(cosine(vectors, (const real[]){0, 0}, 2), 0);
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

static const real *vector_of(const WordText *text, const real *vectors, const char *word) {
    ck_assert_int_ge(word_id(text, word), 0);
    return vectors + word_id(text, word) * LITTLE_WORLD_DIM;
}

/* a - b + c is nearest to `expected`, the words of the question left out. */
static void expect_analogy(const WordText *text, const real *vectors, const char *a, const char *b,
                           const char *c, const char *expected) {
    real query[LITTLE_WORLD_DIM];
    analogy(vector_of(text, vectors, a), vector_of(text, vectors, b), vector_of(text, vectors, c),
            LITTLE_WORLD_DIM, query);
    const int without[] = {word_id(text, a), word_id(text, b), word_id(text, c), -1};
    int best;
    nearest_words(vectors, (int)text->words.count, LITTLE_WORLD_DIM, query, without, &best, 1);
    ck_assert_int_eq(best, word_id(text, expected));
}

START_TEST(word_vectors_mean_something) {
    WordText text = {0};
    double loss;
    real *vectors = little_world_vectors(11 + (uint64_t)_i, &text, &loss);
    ck_assert_double_lt(loss, 2.8); // of ln 177 = 5.18 for a guess
    expect_analogy(&text, vectors, "queen", "woman", "man", "king");
    expect_analogy(&text, vectors, "king", "man", "woman", "queen");
    expect_analogy(&text, vectors, "prince", "boy", "girl", "princess");
    const real *apple = vector_of(&text, vectors, "apple"),
               *bank = vector_of(&text, vectors, "bank");
    ck_assert_double_gt(cosine(apple, vector_of(&text, vectors, "pear"), LITTLE_WORLD_DIM), 0.6);
    ck_assert_double_lt(cosine(apple, vector_of(&text, vectors, "sofa"), LITTLE_WORLD_DIM), 0.4);
    // One vector for two senses lies between those of the words that have one of them each.
    const real *shore = vector_of(&text, vectors, "shore"),
               *safe = vector_of(&text, vectors, "safe");
    const double apart = cosine(shore, safe, LITTLE_WORLD_DIM);
    ck_assert_double_gt(cosine(bank, shore, LITTLE_WORLD_DIM), apart + 0.1);
    ck_assert_double_gt(cosine(bank, safe, LITTLE_WORLD_DIM), apart + 0.1);
    free(vectors);
    word_text_free(&text);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("chapter 1");
    TCase *cases = tcase_create("embeddings");
    tcase_add_test(cases, one_hot_is_a_lookup);
    tcase_add_test(cases, scaled_by_sqrt_d_model);
    tcase_add_test(cases, kannada);
    tcase_add_test(cases, pca_finds_the_axes);
    tcase_add_test(cases, pca_of_one_point);
    tcase_add_test(cases, nearest_and_cosine);
    tcase_add_test(cases, sentences_depend_on_the_seed_alone);
    tcase_add_loop_test(cases, word_vectors_mean_something, 0, 3);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
