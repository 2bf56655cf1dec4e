// Chapter 4's worked examples: what the demo and the comparisons claim, as checks.
#include "03_self_attention/attention.h"
#include "04_multihead/char_heads.h"
#include "04_multihead/composed_attention.h"
#include "04_multihead/heads.h"
#include "04_multihead/lab/giving.h"
#include "04_multihead/lab/pronoun.h"
#include "04_multihead/lab/wrong_heads.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>

static Graph *graph;

static void setup(void) {
    graph = graph_new();
    graph_use(graph);
}

static void teardown(void) {
    graph_free(graph);
}

/* ---- Split and merge ------------------------------------------------------------------------- */

START_TEST(by_hand) {
    const real query[4] = {2, 0, 0, 2}, keys[12] = {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
    const real values[2][12] = {{1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1},
                                {0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0}};
    Tensor *q = TENSOR_FROM(query, 1, 1, 4), *k = TENSOR_FROM(keys, 1, 3, 4), *z[2][2];
    for (int i = 0; i < 2; i++)
        for (int heads = 1; heads <= 2; heads++)
            z[i][heads - 1] = composed_attention(
                head_columns(q, k, TENSOR_FROM(values[i], 1, 3, 4), heads), (Masks){0}, 0, NULL);
    for (int e = 0; e < 4; e++) // one head cannot tell the sentences apart
        ck_assert_double_eq((double)z[0][0]->data[e], (double)z[1][0]->data[e]);
    ck_assert_double_eq_tol((double)z[0][1]->data[0], 0.8943, 1e-4);
    ck_assert_double_eq_tol((double)z[1][1]->data[0], 0.0529, 1e-4);
}
END_TEST

/* CodeEmporium's Mutlihead_Attention.ipynb: head 0's masked scores and their softmax. */
START_TEST(notebook_softmax) {
    const real scores[16] = {(real)-0.0611, -INFINITY,     -INFINITY,     -INFINITY,
                             (real)0.5596,  (real)0.0404,  -INFINITY,     -INFINITY,
                             (real)0.1348,  (real)-0.0516, (real)0.3945,  -INFINITY,
                             (real)0.0038,  (real)0.5560,  (real)-0.2397, (real)0.4025};
    const double weights[16] = {1.0,    0,      0,      0, 0.6270, 0.3730, 0,      0,
                                0.3198, 0.2655, 0.4147, 0, 0.1996, 0.3467, 0.1564, 0.2973};
    const Tensor *p = op_softmax(TENSOR_FROM(scores, 4, 4));
    for (int i = 0; i < 16; i++) ck_assert_double_eq_tol((double)p->data[i], weights[i], 1e-4);
}
END_TEST

/* A causal layer whose last token changes: the rows that must not move, and the merge without the
 * transpose, by which they do. */
START_TEST(merge_without_transpose_leaks) {
    enum { T = 4, E = 32, H = 8 };
    Random random;
    random_seed(&random, 2);
    real values[3][T * E];
    for (int i = 0; i < 3; i++) random_fill_normal(&random, values[i], T * E, 0, 1);
    Tensor *y[2][2];
    for (int changed = 0; changed < 2; changed++) {
        for (int e = 0; e < E && changed; e++) values[2][3 * E + e] += 1;
        Tensor *z = scaled_dot_product_attention(split_heads(TENSOR_FROM(values[0], 1, T, E), H),
                                                 split_heads(TENSOR_FROM(values[1], 1, T, E), H),
                                                 split_heads(TENSOR_FROM(values[2], 1, T, E), H),
                                                 (Masks){.causal = true}, 0, NULL);
        y[changed][0] = merge_heads(z);
        y[changed][1] = wrong_merge(z);
    }
    const size_t before_last = 3 * E * sizeof(real), row = E * sizeof(real);
    ck_assert_mem_eq(y[0][0]->data, y[1][0]->data, before_last);
    ck_assert_mem_ne(y[0][1]->data, y[1][1]->data, row);
}
END_TEST

/* Row 1 of head 0 is the next piece of token 0 instead of token 1's, and the wrong merge takes that
 * back. */
START_TEST(split_without_transpose_cuts_tokens) {
    enum { T = 4, E = 6, H = 2, D = E / H };
    Tensor *x = TENSOR(1, T, E);
    for (int i = 0; i < T * E; i++) x->data[i] = (real)i;
    const Tensor *wrong = wrong_split(x, H), *right = split_heads(x, H); // (1,H,T,D)
    ck_assert_int_eq(wrong->shape[1], H);
    ck_assert_int_eq(wrong->shape[2], T);
    ck_assert_double_eq((double)wrong->data[D], D);
    ck_assert_double_eq((double)right->data[D], E);
    ck_assert_mem_eq(wrong_merge(wrong_split(x, H))->data, x->data, x->size * sizeof(real));
    ck_assert_mem_ne(merge_heads(wrong_split(x, H))->data, x->data, x->size * sizeof(real));
}
END_TEST

/* Concatenating and W^O is the sum of what each head adds. */
START_TEST(output_is_a_sum_over_heads) {
    enum { T = 3, E = 12, H = 4, D = E / H };
    Random random;
    random_seed(&random, 3);
    Parameters parameters = {0};
    const MultiheadAttention m =
        multihead_new(&parameters, "", (MultiheadConfig){.d_model = E, .nhead = H}, &random);
    Tensor *x = TENSOR(1, T, E);
    random_fill_normal(&random, x->data, x->size, 0, 1);
    const Tensor *y = multihead_forward(&m, x, x, (Masks){0}, NULL, NULL);
    Tensor *sum = m.out_proj.bias;
    for (int h = 0; h < H; h++) {
        Tensor *q = op_linear_rows(x, m.in_proj_weight, m.in_proj_bias, h * D, D);
        Tensor *k = op_linear_rows(x, m.in_proj_weight, m.in_proj_bias, E + h * D, D);
        Tensor *v = op_linear_rows(x, m.in_proj_weight, m.in_proj_bias, 2 * E + h * D, D);
        Tensor *z = scaled_dot_product_attention(q, k, v, (Masks){0}, 0, NULL);
        Tensor *w = op_slice(m.out_proj.weight, 1, h * D, D);
        sum = op_add(sum, op_matmul(z, op_transpose(w, 0, 1)));
    }
    for (size_t i = 0; i < y->size; i++)
        ck_assert_double_eq_tol((double)y->data[i], (double)sum->data[i], 1e-5);
    parameters_free(&parameters);
}
END_TEST

/* ---- Two lookups at once --------------------------------------------------------------------- */

/* Whatever the seed: with the words' names for the model to learn, one head finds a way out; with
 * numbers that are new in each sentence it does not. */
START_TEST(two_heads_answer_what_one_cannot) {
    double right[3]; // one head; two; two without positions
    size_t parameters[3];
    for (int i = 0; i < 3; i++) {
        GivingModel *model = giving_new(i ? 2 : 1, i == 2, (uint64_t)_i);
        parameters[i] = parameters_size(&model->parameters);
        real accuracies[2];
        right[i] = giving_train(model, 400, 400, (uint64_t)_i + 100, accuracies);
        ck_assert_double_eq_tol((double)accuracies[0], 0.5, 0.2); // untrained, a coin
        giving_free(model);
    }
    ck_assert_uint_eq(parameters[0], parameters[1]);
    ck_assert_double_lt(right[0], 0.9);
    ck_assert_double_gt(right[1], 0.99);
    ck_assert_double_eq_tol(right[2], 0.75, 0.05); // whose is whose, it cannot know
}
END_TEST

/* The answers are what words 0 and 4 carry, and the thing carries a third number. */
START_TEST(giving_sentences_say_their_answers) {
    enum { B = 100 };
    static real x[B * GIVING_WORDS * GIVING_WIDTH];
    static int answers[B * GIVING_ANSWERS];
    GivingBatch batch = {.sentences = B, .x = x, .answers = answers};
    Random random;
    random_seed(&random, 1);
    giving_sentences(&batch, &random);
    int alike = 0, ones = 0;
    for (int b = 0; b < B; b++) {
        const real *giver = x + b * GIVING_WORDS * GIVING_WIDTH;
        const real *receiver = giver + (GIVING_WORDS - 1) * GIVING_WIDTH;
        const int *answer = answers + b * GIVING_ANSWERS;
        for (int d = 0; d < GIVING_DIGITS; d++) {
            ck_assert(giver[d] == (answer[d] ? 1 : -1));
            ck_assert(receiver[d] == (answer[GIVING_DIGITS + d] ? 1 : -1));
            alike += answer[d] == answer[GIVING_DIGITS + d];
            ones += answer[d];
        }
    }
    ck_assert_int_eq(abs(alike - B * GIVING_DIGITS / 2) < 80, 1);
    ck_assert_int_eq(abs(ones - B * GIVING_DIGITS / 2) < 80, 1);
}
END_TEST

/* ---- What is it? ----------------------------------------------------------------------------- */

START_TEST(pronoun_family) {
    PronounSentences s = pronoun_sentences();
    ck_assert_int_eq(s.train_count + s.held_out_count, 12 * 8 * 8 * 2);
    ck_assert_int_gt(s.held_out_count, 200);
    for (int i = 0; i < PRONOUN_PUBLISHED; i++) { // the published ones are held out
        const Question q = pronoun_published(i);
        bool found = false;
        for (int j = 0; j < s.train_count; j++)
            ck_assert_mem_ne(s.train[j].ids, q.ids, sizeof q.ids);
        for (int j = 0; j < s.held_out_count; j++)
            found = found || memcmp(s.held_out[j].ids, q.ids, sizeof q.ids) == 0;
        ck_assert(found);
    }
    const Question wide = pronoun_published(1);
    ck_assert_str_eq(sentence_word(wide.ids[pronoun_places(&wide).referent]), "street");
    ck_assert_str_eq(pronoun_french(wide.answers[0]), "elle");
    ck_assert_str_eq(sentence_word(pronoun_noun(pronoun_published(2).answers[0])), "cat");
    pronoun_sentences_free(&s);
}
END_TEST

START_TEST(it_finds_its_noun) {
    PronounSentences s = pronoun_sentences();
    QuestionModel *model = pronoun_train(&s, 1, 2, 1500, 2);
    ck_assert_double_gt(question_model_accuracy(model, s.held_out, s.held_out_count), 0.95);
    const PronounFocus focus = pronoun_focus(model, &s);
    ck_assert_double_gt(focus.referent, 0.7);
    ck_assert_double_gt(focus.referent, focus.other + 0.3);
    for (int i = 0; i < PRONOUN_PUBLISHED; i++) {
        const Question q = pronoun_published(i);
        const real *rows;
        ck_assert_int_eq(pronoun_attention(model, &q, 0, &rows), q.answers[0]);
        for (int h = 0; h < 2; h++) {
            double sum = 0;
            for (int t = 0; t < q.length; t++) sum += (double)rows[h * q.length + t];
            ck_assert_double_eq_tol(sum, 1, 1e-5);
        }
    }
    question_model_free(model);
    pronoun_sentences_free(&s);
}
END_TEST

START_TEST(sentences_are_read_and_written) {
    Question q = {0};
    char text[128];
    ck_assert(sentence_parse("the cat drank the milk because it was sweet", &q));
    ck_assert_int_eq(q.length, 9);
    ck_assert_int_eq(q.asked, 6);
    sentence_text(&q, text, sizeof text);
    ck_assert_str_eq(text, "the cat drank the milk because it was sweet");
    ck_assert(!sentence_parse("the cat drank the ink", &q));
    ck_assert(!sentence_parse("the the the the the the the the the the the the the", &q));
}
END_TEST

/* ---- Karpathy's heads ------------------------------------------------------------------------ */

/* Four heads side by side are attention over four heads with their matrices stacked; the video's
 * scale makes scores half as large. */
START_TEST(char_heads_are_heads) {
    enum { B = 2, T = 5, C = 32, H = 4 };
    for (int video = 0; video < 2; video++) {
        Random random;
        random_seed(&random, 7);
        Parameters parameters = {0};
        const CharHeads heads = char_heads_new(&parameters, "sa.", C, H, video, &random);
        ck_assert_uint_eq(parameters_size(&parameters), 3 * C * C);
        ck_assert_double_eq_tol((double)heads.scale, video ? pow(C, -0.5) : pow(C / H, -0.5), 1e-6);
        Tensor *x = TENSOR(B, T, C), *q = NULL, *k = NULL, *v = NULL;
        random_fill_normal(&random, x->data, x->size, 0, 1);
        for (int h = 0; h < H; h++) {
            Tensor *hq = linear_forward(&heads.heads[h].query, x);
            Tensor *hk = linear_forward(&heads.heads[h].key, x);
            Tensor *hv = linear_forward(&heads.heads[h].value, x);
            q = h ? op_concat(q, hq, 2) : hq;
            k = h ? op_concat(k, hk, 2) : hk;
            v = h ? op_concat(v, hv, 2) : hv;
        }
        const Tensor *expected =
            composed_attention(head_columns(op_scale(q, video ? (real)0.5 : 1), k, v, H),
                               (Masks){.causal = true}, 0, NULL);
        const Tensor *y = char_heads_forward(&heads, x, POSITIONS_LEARNED);
        EXPECT_SHAPE(y, B, T, C);
        for (size_t i = 0; i < y->size; i++)
            ck_assert_double_eq_tol((double)y->data[i], (double)expected->data[i], 1e-6);
        parameters_free(&parameters);
    }
}
END_TEST

/* Padding a sentence in a batch changes nothing for it. */
START_TEST(padding_does_not_matter) {
    enum { CLASSES = 7 };
    const QuestionConfig config = {.vocab = sentence_word_count(),
                                   .answers = 1,
                                   .classes = CLASSES,
                                   .d_model = 16,
                                   .nhead = 2,
                                   .num_layers = 1};
    QuestionModel *model = question_model_new(config, 5);
    Question q[2] = {0};
    ck_assert(sentence_parse("the cat drank the milk because it was sweet", &q[0]));
    ck_assert(sentence_parse("the cow didn't cross the street because it was too wide", &q[1]));
    real alone[CLASSES];
    memcpy(alone, question_model_forward(model, q, 1, NULL)->data, sizeof alone);
    const real *together = question_model_forward(model, q, 2, NULL)->data;
    for (int i = 0; i < CLASSES; i++)
        ck_assert_double_eq_tol((double)alone[i], (double)together[i], 1e-5);
    question_model_free(model);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("chapter4");
    TCase *tests = tcase_create("chapter4");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 600);
    tcase_add_test(tests, by_hand);
    tcase_add_test(tests, notebook_softmax);
    tcase_add_test(tests, merge_without_transpose_leaks);
    tcase_add_test(tests, split_without_transpose_cuts_tokens);
    tcase_add_test(tests, output_is_a_sum_over_heads);
    tcase_add_loop_test(tests, two_heads_answer_what_one_cannot, 1, 4);
    tcase_add_test(tests, giving_sentences_say_their_answers);
    tcase_add_test(tests, pronoun_family);
    tcase_add_test(tests, it_finds_its_noun);
    tcase_add_test(tests, sentences_are_read_and_written);
    tcase_add_test(tests, char_heads_are_heads);
    tcase_add_test(tests, padding_does_not_matter);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
