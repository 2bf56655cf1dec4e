// What chapter 3's modules promise.
#include "03_self_attention/attention.h"
#include "03_self_attention/head.h"
#include "03_self_attention/lab/pointing.h"
#include "03_self_attention/lab/saturation.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- attention.h ----------------------------------------------------------------------------- */

enum { B = 2, T = 5, S = 7, D = 3, DV = 4 };

static Graph *graph;

static void begin(void) {
    graph = graph_new();
    graph_use(graph);
}

static void end(void) {
    graph_free(graph);
}

static Tensor *random_tensor(Random *random, int a, int b, int c) {
    Tensor *x = TENSOR(a, b, c);
    random_fill_normal(random, x->data, x->size, 0, 1);
    return x;
}

/* Attention of query (b,t) by the formula, in double: y (DV). */
static void by_formula(const Tensor *q, const Tensor *k, const Tensor *v, const unsigned char *mask,
                       int b, int t, double *y) {
    double weight[S], sum = 0;
    for (int s = 0; s < S; s++) {
        double score = 0;
        for (int d = 0; d < D; d++)
            score += (double)(q->data[(b * T + t) * D + d] * k->data[(b * S + s) * D + d]);
        weight[s] = mask[t * S + s] ? 0 : exp(score / sqrt(D));
        sum += weight[s];
    }
    for (int e = 0; e < DV; e++) {
        y[e] = 0;
        for (int s = 0; s < S; s++) y[e] += weight[s] / sum * (double)v->data[(b * S + s) * DV + e];
    }
}

START_TEST(attention_is_its_formula) {
    begin();
    Random random;
    random_seed(&random, (uint64_t)_i);
    Tensor *q = random_tensor(&random, B, T, D), *k = random_tensor(&random, B, S, D);
    Tensor *v = random_tensor(&random, B, S, DV), *weights;
    unsigned char mask[T * S];
    masks_causal(mask, T, S);
    Tensor *y = scaled_dot_product_attention(q, k, v, (Masks){.causal = true}, 0, &weights);
    EXPECT_SHAPE(y, B, T, DV);
    EXPECT_SHAPE(weights, B, T, S);
    for (int b = 0; b < B; b++)
        for (int t = 0; t < T; t++) {
            double expected[DV];
            by_formula(q, k, v, mask, b, t, expected);
            for (int e = 0; e < DV; e++)
                ck_assert_double_eq_tol((double)y->data[(b * T + t) * DV + e], expected[e], 1e-5);
        }
    end();
}
END_TEST

START_TEST(masks_say_what_is_ignored) {
    unsigned char causal[3 * 5], padding[2 * 3], merged[2 * 2 * 3];
    masks_causal(causal, 3, 5); // three new tokens after two earlier ones
    const unsigned char expected[3 * 5] = {0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0};
    ck_assert_mem_eq(causal, expected, sizeof expected);
    const int ids[2 * 3] = {4, 5, 0, 6, 0, 0};
    masks_key_padding(padding, ids, 2, 3, 0);
    ck_assert_mem_eq(padding, ((unsigned char[]){0, 0, 1, 0, 1, 1}), 6);
    const unsigned char attn[2 * 3] = {0, 0, 0, 1, 0, 0};
    Masks masks = {.key_padding_mask = padding, .attn_mask = attn};
    masks_merge(merged, masks, 2, 2, 3);
    ck_assert_mem_eq(merged, ((unsigned char[]){0, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1}), 12);
    masks = (Masks){.key_padding_mask = padding, .causal = true};
    masks_merge(merged, masks, 2, 2, 3);
    ck_assert_mem_eq(merged, ((unsigned char[]){0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1}), 12);
    masks_merge(merged, (Masks){0}, 2, 2, 3);
    for (int i = 0; i < 12; i++) ck_assert_int_eq(merged[i], 0);
}
END_TEST

/* Every combination of the three masks, and more queries than keys: what masks_merge names is what
 * masks_fill and masks_apply set to -infinity, and nothing else changes. */
START_TEST(masks_are_filled_as_they_are_merged) {
    enum { N = 2, H = 3, QUERIES = 4, KEYS = 3 };
    static const unsigned char padding[N * KEYS] = {0, 0, 1, 1, 0, 0};
    static const unsigned char attn[QUERIES * KEYS] = {0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0};
    begin();
    const Masks masks = {.key_padding_mask = _i & 1 ? padding : NULL,
                         .attn_mask = _i & 2 ? attn : NULL,
                         .causal = _i & 4};
    unsigned char merged[N * QUERIES * KEYS];
    masks_merge(merged, masks, N, QUERIES, KEYS);
    Tensor *scores = TENSOR(N, H, QUERIES, KEYS);
    for (size_t i = 0; i < scores->size; i++) scores->data[i] = (real)i;
    const Tensor *applied = masks_apply(scores, masks);
    for (int b = 0; b < N; b++) {
        Masks own = masks;
        if (own.key_padding_mask) own.key_padding_mask += b * KEYS;
        for (int h = 0; h < H; h++) {
            const int matrix = (b * H + h) * QUERIES * KEYS;
            real filled[QUERIES * KEYS];
            for (int i = 0; i < QUERIES * KEYS; i++) filled[i] = (real)(matrix + i);
            masks_fill(filled, own, QUERIES, KEYS);
            for (int i = 0; i < QUERIES * KEYS; i++) {
                const real expected =
                    merged[b * QUERIES * KEYS + i] ? -INFINITY : (real)(matrix + i);
                ck_assert(filled[i] == expected);
                ck_assert(applied->data[matrix + i] == expected);
            }
        }
    }
    end();
}
END_TEST

/* Changing token t changes no output before t under a causal mask, to the last bit. */
START_TEST(causal_mask_hides_the_future) {
    enum { E = 6 };
    begin();
    Random random;
    random_seed(&random, 11);
    Parameters parameters = {0};
    const AttentionHead head = attention_head_new(&parameters, "", E, D, &random);
    ck_assert_int_eq(head.positions, POSITIONS_NONE); // and not what lay on the stack
    Tensor *x = random_tensor(&random, 1, T, E);
    const Masks causal = {.causal = true};
    Tensor *before = attention_head_forward(&head, x, causal, NULL);
    for (int t = T - 1; t > 0; t--) {
        for (int e = 0; e < E; e++) x->data[t * E + e] += 3;
        Tensor *after = attention_head_forward(&head, x, causal, NULL);
        ck_assert_mem_eq(before->data, after->data, (size_t)(t * D) * sizeof(real));
        ck_assert(memcmp(before->data + t * D, after->data + t * D, D * sizeof(real)) != 0);
    }
    parameters_free(&parameters);
    end();
}
END_TEST

/* A query that may look at nothing gets zeros and sends zeros back; nobody else notices. */
START_TEST(nothing_to_look_at) {
    begin();
    Random random;
    random_seed(&random, 12);
    real values[3][T * D];
    for (int i = 0; i < 3; i++) random_fill_normal(&random, values[i], T * D, 0, 1);
    unsigned char mask[T * T] = {0};
    for (int s = 0; s < T; s++) mask[2 * T + s] = 1;
    Tensor *q = tensor_variable(values[0], 2, SHAPE(T, D));
    Tensor *k = tensor_variable(values[1], 2, SHAPE(T, D));
    Tensor *v = tensor_variable(values[2], 2, SHAPE(T, D));
    Tensor *y = scaled_dot_product_attention(q, k, v, (Masks){.attn_mask = mask}, 0, NULL);
    backward(op_sum(op_mul(y, y)));
    for (int d = 0; d < D; d++) {
        ck_assert(y->data[2 * D + d] == 0);
        ck_assert(tensor_grad(q)[2 * D + d] == 0);
    }
    for (int i = 0; i < T * D; i++)
        ck_assert(isfinite(tensor_grad(q)[i]) && isfinite(tensor_grad(k)[i]) &&
                  isfinite(tensor_grad(v)[i]));
    ck_assert(tensor_grad(q)[0] != 0);
    end();
}
END_TEST

/* ---- head.h, saturation.h, pointing.h -------------------------------------------------------- */

START_TEST(head_draws_key_query_value) {
    Random random, again;
    random_seed(&random, 1337);
    random_seed(&again, 1337);
    Parameters parameters = {0}, expected = {0};
    attention_head_new(&parameters, "sa_head.", 8, 4, &random);
    const char *const names[3] = {"key.", "query.", "value."};
    for (int i = 0; i < 3; i++) {
        char name[64];
        const Linear linear = linear_new(&expected, names[i], 8, 4, false, &again);
        snprintf(name, sizeof name, "sa_head.%sweight", names[i]);
        const Tensor *ours = parameters_find(&parameters, name);
        ck_assert_ptr_nonnull(ours);
        ck_assert_mem_eq(ours->data, linear.weight->data, ours->size * sizeof(real));
    }
    ck_assert_int_eq(parameters.count, 3);
    parameters_free(&parameters);
    parameters_free(&expected);
}
END_TEST

START_TEST(root_keeps_the_softmax_open) {
    Random random;
    Saturation last = {0};
    for (int d = 4; d <= 1024; d *= 4) {
        random_seed(&random, 5);
        const Saturation raw = saturation_measure(d, false, 1000, &random);
        random_seed(&random, 5);
        const Saturation scaled = saturation_measure(d, true, 1000, &random);
        ck_assert_double_eq_tol(raw.variance / d, 1, .06);
        ck_assert_double_eq_tol(scaled.variance, 1, .06);
        ck_assert_double_eq_tol(scaled.largest, .35, .03);
        ck_assert(raw.largest > last.largest);
        if (d > 4) ck_assert(raw.gradient < last.gradient);
        last = raw;
    }
    ck_assert_double_gt(last.largest, .94); // resources: .97 +- .03 at d = 1024
    ck_assert_double_lt(last.gradient, .06);
}
END_TEST

/* Equal query and key projections cannot solve the directed task; different ones can. Equal key and
 * value can where the vector has room for both. */
START_TEST(pointing_needs_three_projections) {
    const struct {
        Projections projections;
        int head;
        double at_least, at_most;
        size_t numbers;
    } kinds[] = {{PROJECT_NOTHING, 8, .15, .5, 256}, {PROJECT_QK_SAME, 8, .2, .5, 448},
                 {PROJECT_KV_SAME, 8, .99, 1, 448},  {PROJECT_SEPARATE, 8, .99, 1, 640},
                 {PROJECT_QK_SAME, 2, .15, .5, 112}, {PROJECT_KV_SAME, 2, .15, .5, 112},
                 {PROJECT_SEPARATE, 2, .99, 1, 160}};
    begin();
    PointingModel model = pointing_new(kinds[_i].projections, kinds[_i].head, 3);
    ck_assert_uint_eq(parameters_size(&model.parameters), kinds[_i].numbers);
    const double right = pointing_train(&model, 400, 400, 4, NULL);
    ck_assert_double_ge(right, kinds[_i].at_least);
    ck_assert_double_le(right, kinds[_i].at_most);
    pointing_free(&model);
    end();
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("chapter3");
    TCase *tc = tcase_create("chapter3");
    tcase_set_timeout(tc, 600);
    tcase_add_loop_test(tc, attention_is_its_formula, 0, 5);
    tcase_add_test(tc, masks_say_what_is_ignored);
    tcase_add_loop_test(tc, masks_are_filled_as_they_are_merged, 0, 8);
    tcase_add_test(tc, causal_mask_hides_the_future);
    tcase_add_test(tc, nothing_to_look_at);
    tcase_add_test(tc, head_draws_key_query_value);
    tcase_add_test(tc, root_keeps_the_softmax_open);
    tcase_add_loop_test(tc, pointing_needs_three_projections, 0, 7);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
