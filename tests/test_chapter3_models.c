// The small models of chapter 3: one head, the recurrent cell, seq2seq, Karpathy's character model.
#include "03_self_attention/char_model.h"
#include "03_self_attention/lab/seq2seq.h"
#include "common/kernels.h"
#include "common/vector.h"
#include "tests/gradcheck.h"

#include <stdlib.h>

enum { B = 2, T = 3, E = 4, H = 3, V = 5 };

static const CharConfig SMALL = {
    .vocab = V, .block_size = T, .n_embd = E, .positions = POSITIONS_LEARNED};
static const CharConfig VIDEO = {
    .vocab = 65, .block_size = 8, .n_embd = 32, .positions = POSITIONS_LEARNED};

/* ---- Gradients ------------------------------------------------------------------------------- */

static Tensor *build_head(const void *context, Tensor **x) {
    return attention_head_forward(context, x[0], (Masks){.causal = true}, NULL);
}

static Tensor *build_cell(const void *context, Tensor **x) {
    return rnn_cell_forward(context, x[0], x[1]);
}

static const int SRC[B * T] = {0, 1, 2, 4, 4, 3}, TGT[B * T] = {2, 1, 0, 3, 4, 4};

static Tensor *build_seq2seq(const void *context, Tensor **unused) {
    (void)unused;
    return seq2seq_forward(context, SRC, B, T, TGT, T, NULL);
}

static Tensor *build_char_loss(const void *context, Tensor **unused) {
    (void)unused;
    return char_model_loss(context, SRC, TGT, B, T);
}

START_TEST(head_gradients) {
    Random random;
    random_seed(&random, (uint64_t)_i);
    Parameters parameters = {0};
    const AttentionHead head = attention_head_new(&parameters, "", E, H, &random);
    const GradCase c = {"head", build_head, ANY, {INPUT(B, T, E)}, &head, &parameters};
    gradcheck(&c, 100 + (uint64_t)_i);
    parameters_free(&parameters);
}
END_TEST

START_TEST(cell_gradients) {
    Random random;
    random_seed(&random, (uint64_t)_i);
    Parameters parameters = {0};
    const RnnCell cell = rnn_cell_new(&parameters, "", E, H, _i % 2, &random);
    const GradCase c = {"cell", build_cell, ANY, {INPUT(B, E), INPUT(B, H)}, &cell, &parameters};
    gradcheck(&c, 200 + (uint64_t)_i);
    parameters_free(&parameters);
}
END_TEST

START_TEST(seq2seq_gradients) {
    Random random;
    random_seed(&random, (uint64_t)_i);
    Parameters parameters = {0};
    const Seq2Seq model = seq2seq_new(&parameters, _i % 2, V, H, &random);
    const GradCase c = {"seq2seq", build_seq2seq, ANY, {{0}}, &model, &parameters};
    gradcheck(&c, 300 + (uint64_t)_i);
    parameters_free(&parameters);
}
END_TEST

/* With each kind of positions. */
START_TEST(char_model_gradients) {
    Random random;
    random_seed(&random, (uint64_t)_i);
    Parameters parameters = {0};
    CharConfig config = SMALL;
    config.positions = (PositionsKind)(_i % (POSITIONS_ROTARY + 1));
    CharModel model = char_model_begin(&parameters, config, &random);
    const AttentionHead head = attention_head_new(&parameters, "sa_head.", E, 2, &random);
    char_model_finish(&model, &parameters, char_middle_head(&head), &random);
    const GradCase c = {"char", build_char_loss, ANY, {{0}}, &model, &parameters};
    gradcheck(&c, 400 + (uint64_t)_i);
    parameters_free(&parameters);
}
END_TEST

/* ---- The recurrent cell ---------------------------------------------------------------------- */

START_TEST(cell_is_its_formula) {
    gradcheck_graph();
    Random random;
    random_seed(&random, 1);
    Parameters parameters = {0};
    const RnnCell cell = rnn_cell_new(&parameters, "", 1, 1, false, &random);
    cell.input.weight->data[0] = 2;
    cell.input.bias->data[0] = (real).25;
    cell.hidden.weight->data[0] = -1;
    cell.hidden.bias->data[0] = (real).5;
    Tensor *x = TENSOR_FROM(((real[]){(real).1}), 1, 1),
           *h = TENSOR_FROM(((real[]){(real).3}), 1, 1);
    ck_assert_double_eq_tol((double)rnn_cell_forward(&cell, x, h)->data[0],
                            tanh(2 * .1 + .25 - .3 + .5), 1e-6);
    ck_assert(rnn_cell_start(&cell, 1)->data[0] == 0);
    parameters_free(&parameters);
}
END_TEST

START_TEST(orthogonal_start_is_a_rotation) {
    enum { N = 7 };
    Random random;
    random_seed(&random, 2);
    Parameters parameters = {0};
    const RnnCell cell = rnn_cell_new(&parameters, "", 2, N, true, &random);
    const real *w = cell.hidden.weight->data;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double dot = 0;
            for (int k = 0; k < N; k++) dot += (double)(w[i * N + k] * w[j * N + k]);
            ck_assert_double_eq_tol(dot, i == j, 1e-5);
        }
    parameters_free(&parameters);
}
END_TEST

/* ---- seq2seq --------------------------------------------------------------------------------- */

START_TEST(reversal_reverses) {
    Random random;
    random_seed(&random, 3);
    int src[2 * 4], tgt[2 * 4];
    reversal_batch(&random, V, 2, 4, src, tgt);
    for (int b = 0; b < 2; b++)
        for (int s = 0; s < 4; s++) {
            ck_assert_int_eq(tgt[b * 4 + s], src[b * 4 + 3 - s]);
            ck_assert(src[b * 4 + s] >= 0 && src[b * 4 + s] < V);
        }
}
END_TEST

/* Told its own best tokens, the decoder computes what it computes on its own. */
START_TEST(forcing_equals_going_on_alone) {
    enum { S = 5, N = 3 };
    gradcheck_graph();
    const GraphMode before = graph_quiet();
    Random random;
    random_seed(&random, 4);
    Parameters parameters = {0};
    const Seq2Seq model = seq2seq_new(&parameters, _i, V, 8, &random);
    int src[N * S], tgt[N * S];
    reversal_batch(&random, V, N, S, src, tgt);
    Tensor *weights[S];
    const Tensor *alone = seq2seq_forward(&model, src, N, S, NULL, S, _i ? weights : NULL);
    EXPECT_SHAPE(alone, S * N, V);
    for (int t = 0; t < S; t++)
        for (int n = 0; n < N; n++)
            tgt[n * S + t] = vector_argmax(alone->data + (t * N + n) * V, V);
    const Tensor *forced = seq2seq_forward(&model, src, N, S, tgt, S, NULL);
    for (size_t i = 0; i < alone->size; i++)
        ck_assert_double_eq_tol((double)alone->data[i], (double)forced->data[i], 1e-6);
    if (_i)
        for (int t = 0; t < S; t++) {
            double sum = 0;
            for (int s = 0; s < S; s++) sum += (double)weights[t]->data[s];
            ck_assert_double_eq_tol(sum, 1, 1e-5);
        }
    graph_restore(before);
    parameters_free(&parameters);
}
END_TEST

START_TEST(seq2seq_learns_short_strings) {
    gradcheck_graph();
    Random random;
    random_seed(&random, 5);
    Parameters parameters = {0};
    const Seq2Seq model = seq2seq_new(&parameters, _i, 4, 24, &random);
    ck_assert_double_lt(seq2seq_accuracy(&model, &random, 100, 3), .2);
    const Seq2SeqTraining training = {
        .steps = 300, .batch = 32, .shortest = 1, .longest = 3, .lr = 0.01};
    seq2seq_train(&model, &parameters, &training, &random);
    ck_assert_double_gt(seq2seq_accuracy(&model, &random, 100, 3), .9);
    parameters_free(&parameters);
}
END_TEST

/* ---- The character model --------------------------------------------------------------------- */

START_TEST(stages_have_the_published_sizes) {
    Random random;
    random_seed(&random, 1337);
    Parameters position = {0}, head_stage = {0};
    CharModel model = char_model_begin(&position, VIDEO, &random);
    char_model_finish(&model, &position, char_middle_none(32), &random);
    ck_assert_uint_eq(parameters_size(&position), 4481);
    model = char_model_begin(&head_stage, VIDEO, &random);
    const AttentionHead head = attention_head_new(&head_stage, "sa_head.", 32, 32, &random);
    char_model_finish(&model, &head_stage, char_middle_head(&head), &random);
    ck_assert_uint_eq(parameters_size(&head_stage), 7553);
    ck_assert_str_eq(head_stage.items[2]->name, "sa_head.key.weight");
    parameters_free(&position);
    parameters_free(&head_stage);
}
END_TEST

/* The scores of a token know nothing of the tokens after it; those of the head know the ones
 * before, and without a middle not even those. */
START_TEST(scores_know_only_the_past) {
    gradcheck_graph();
    Random random;
    random_seed(&random, 6);
    Parameters parameters = {0};
    CharModel model = char_model_begin(&parameters, SMALL, &random);
    const AttentionHead head = attention_head_new(&parameters, "sa_head.", E, H, &random);
    const CharMiddle middle = _i ? char_middle_head(&head) : char_middle_none(E);
    char_model_finish(&model, &parameters, middle, &random);
    const int text[T] = {1, 2, 3}, other_end[T] = {1, 2, 0}, other_start[T] = {4, 2, 3};
    const Tensor *a = char_model_logits(&model, text, 1, T);
    const Tensor *b = char_model_logits(&model, other_end, 1, T);
    const Tensor *c = char_model_logits(&model, other_start, 1, T);
    EXPECT_SHAPE(a, 1, T, V);
    ck_assert_mem_eq(a->data, b->data, 2 * V * sizeof(real));
    const bool same = memcmp(a->data + 2 * V, c->data + 2 * V, V * sizeof(real)) == 0;
    ck_assert_int_eq(same, !_i);
    parameters_free(&parameters);
}
END_TEST

/* On a text of one repeated word the loss falls, and the rows come at the steps asked for. */
START_TEST(training_reports_and_learns) {
    gradcheck_graph();
    int ids[400];
    for (int i = 0; i < 400; i++) ids[i] = i % V;
    Random random;
    random_seed(&random, 7);
    Parameters parameters = {0};
    CharModel model = char_model_begin(&parameters, SMALL, &random);
    char_model_finish(&model, &parameters, char_middle_none(E), &random);
    const CharTraining training = {.batch = 8,
                                   .block = T,
                                   .steps = 101,
                                   .eval_every = 50,
                                   .eval_batches = 2,
                                   .eval_last = true,
                                   .lr = .05};
    CharRow rows[8];
    const int count = char_train(char_model_loss, &model, &parameters, text_part_split(ids, 400),
                                 &training, &random, rows, 8, NULL);
    ck_assert_int_eq(count, 3);
    for (int i = 0; i < 3; i++) ck_assert_int_eq(rows[i].step, 50 * i);
    ck_assert_double_gt(rows[0].val, 1);
    ck_assert_double_lt(rows[2].val, .2);
    parameters_free(&parameters);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("chapter3_models");
    TCase *tc = tcase_create("models");
    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, head_gradients, 0, 5);
    tcase_add_loop_test(tc, cell_gradients, 0, 5);
    tcase_add_loop_test(tc, seq2seq_gradients, 0, 6);
    tcase_add_loop_test(tc, char_model_gradients, 0, 8);
    tcase_add_test(tc, cell_is_its_formula);
    tcase_add_test(tc, orthogonal_start_is_a_rotation);
    tcase_add_test(tc, reversal_reverses);
    tcase_add_loop_test(tc, forcing_equals_going_on_alone, 0, 2);
    tcase_add_loop_test(tc, seq2seq_learns_short_strings, 0, 2);
    tcase_add_test(tc, stages_have_the_published_sizes);
    tcase_add_loop_test(tc, scores_know_only_the_past, 0, 2);
    tcase_add_test(tc, training_reports_and_learns);
    suite_add_tcase(suite, tc);
    return gradcheck_main(argc, argv, suite);
}
