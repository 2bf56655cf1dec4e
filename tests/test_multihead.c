// Several heads: the fused operation gives what chapter 3's attention, composed head by head,
// gives, values and gradients, and the shapes and masks mean what the headers say.
#include "03_self_attention/attention.h"
#include "04_multihead/composed_attention.h"
#include "04_multihead/fused_attention.h"
#include "04_multihead/heads.h"
#include "04_multihead/multihead.h"
#include "04_multihead/shared_attention.h"
#include "common/kernels.h"
#include "common/random.h"
#include "common/vector.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>

#ifdef REAL_IS_DOUBLE
static const double TOLERANCE = 1e-12;
#else
static const double TOLERANCE = 1e-6;
#endif

typedef struct {
    int B, T, S, E, H;
    bool padded, causal;
} Size;

// Batch 1, length 1, one head, odd sizes, heads of one dimension, more keys than queries and fewer,
// with each mask and with both.
static const Size SIZES[] = {
    {1, 1, 1, 1, 1, false, false},    {1, 1, 1, 8, 2, false, true},
    {2, 4, 4, 8, 1, false, true},     {2, 5, 5, 12, 4, false, false},
    {2, 5, 5, 12, 4, true, false},    {3, 7, 7, 15, 3, true, true},
    {2, 3, 9, 14, 7, true, false},    {2, 9, 3, 10, 5, false, false},
    {1, 1, 13, 21, 3, true, false},   {4, 6, 6, 6, 6, false, true},
    {2, 17, 17, 64, 8, true, true},   {2, 33, 31, 40, 5, true, false},
    {1, 64, 64, 128, 4, false, true},
};
enum { SIZE_COUNT = (int)(sizeof SIZES / sizeof SIZES[0]) };

/* A draw of the inputs of one size, with the masks it asks for; the last sentence of a padded batch
 * has no key left at all. */
typedef struct {
    Size size;
    Graph *graph;
    Tensor *q, *k, *v, *weight; // weight (B,T,E): what the loss multiplies the result by
    unsigned char *padding;
    Masks masks;
} Draw;

static Tensor *random_variable(Random *random, int B, int L, int E) {
    real *values = malloc((size_t)(B * L * E) * sizeof(real));
    random_fill_normal(random, values, (size_t)(B * L * E), 0, 1);
    Tensor *tensor = tensor_variable(values, 3, SHAPE(B, L, E));
    free(values);
    return tensor;
}

static Draw draw_new(Size size, uint64_t seed) {
    const int B = size.B, T = size.T, S = size.S;
    Random random;
    random_seed(&random, seed);
    Draw d = {.size = size, .graph = graph_new()};
    graph_use(d.graph);
    d.q = random_variable(&random, B, T, size.E);
    d.k = random_variable(&random, B, S, size.E);
    d.v = random_variable(&random, B, S, size.E);
    d.weight = random_variable(&random, B, T, size.E);
    if (size.padded) d.padding = calloc((size_t)(B * S), 1);
    for (int i = 0; i < B * S && size.padded; i++)
        d.padding[i] = i / S == B - 1 || random_below(&random, 3) == 0;
    d.masks = (Masks){.key_padding_mask = d.padding, .causal = size.causal};
    return d;
}

static void draw_free(Draw *d) {
    free(d->padding);
    graph_use(NULL);
    graph_free(d->graph);
}

/* Fails if two arrays differ by more than the tolerance, relative to the largest entry. */
static void expect_close(const char *what, Size s, const real *a, const real *b, size_t n) {
    const double largest = vector_max_abs(a, n), off = vector_max_difference(a, b, n);
    ck_assert_msg(isfinite(largest), "%s is not finite", what);
    ck_assert_msg(off <= TOLERANCE * fmax(largest, 1), "%s B%d T%d S%d E%d H%d: off by %g of %g",
                  what, s.B, s.T, s.S, s.E, s.H, off, largest);
}

/* Runs one of the two ways forward and back; copies of what came out. */
typedef struct {
    real *y, *p, *dq, *dk, *dv;
} Result;

static real *copy(const real *data, size_t n) {
    real *kept = malloc(n * sizeof(real));
    memcpy(kept, data, n * sizeof(real));
    return kept;
}

static Result run(Size size, uint64_t seed, bool fused) {
    Draw d = draw_new(size, seed);
    Tensor *p, *y = attention_of_kind(fused ? ATTENTION_FUSED : ATTENTION_COMPOSED,
                                      head_columns(d.q, d.k, d.v, size.H), d.masks, 0, &p);
    EXPECT_SHAPE(y, size.B, size.T, size.E);
    EXPECT_SHAPE(p, size.B, size.H, size.T, size.S);
    backward(op_sum(op_mul(y, d.weight)));
    Result r = {copy(y->data, y->size), copy(p->data, p->size), copy(tensor_grad(d.q), d.q->size),
                copy(tensor_grad(d.k), d.k->size), copy(tensor_grad(d.v), d.v->size)};
    draw_free(&d);
    return r;
}

static void result_free(Result *r) {
    free(r->y);
    free(r->p);
    free(r->dq);
    free(r->dk);
    free(r->dv);
}

START_TEST(fused_equals_composed) {
    const Size s = SIZES[_i];
    const size_t queries = (size_t)(s.B * s.T * s.E), keys = (size_t)(s.B * s.S * s.E);
    for (uint64_t seed = 1; seed <= 5; seed++) {
        Result composed = run(s, seed, false), fused = run(s, seed, true);
        expect_close("y", s, composed.y, fused.y, queries);
        expect_close("p", s, composed.p, fused.p, (size_t)(s.B * s.H * s.T * s.S));
        expect_close("dq", s, composed.dq, fused.dq, queries);
        expect_close("dk", s, composed.dk, fused.dk, keys);
        expect_close("dv", s, composed.dv, fused.dv, keys);
        result_free(&composed);
        result_free(&fused);
    }
}
END_TEST

/* What several rows share, read where it lies, is what one brings together for each: with heads of
 * less than a register, of registers and a rest, and rows that ask the same sentence. */
START_TEST(shared_equals_fused) {
    static const int WIDTHS[] = {3, 16, 32, 40, 64, 80};
    enum { ROWS = 4, SENTENCES = 3, H = 2, S = 19 };
    static const int at[ROWS] = {2, 0, 2, 1}, lengths[SENTENCES] = {S, 1, 7};
    const int D = WIDTHS[_i], E = H * D;
    Random random;
    random_seed(&random, 4);
    Graph *graph = graph_new();
    graph_use(graph);
    Tensor *kv = random_variable(&random, SENTENCES, S, 2 * E);
    Tensor *query = random_variable(&random, ROWS, 1, E);
    const CachePlaces places = {.at = at, .row_step = 1, .lengths = lengths};
    const KeyValueCache cache = {.kv = kv, .length = S, .complete = true, .places = &places};
    const Tensor *shared = shared_attention(query, &cache, H);
    EXPECT_SHAPE(shared, ROWS, 1, E);
    for (int r = 0; r < ROWS; r++) {
        Tensor *mine = op_slice(op_slice(kv, 0, at[r], 1), 1, 0, lengths[at[r]]); // (1,length,2E)
        const Tensor *alone =
            fused_attention(head_columns(op_slice(query, 0, r, 1), op_slice(mine, 2, 0, E),
                                         op_slice(mine, 2, E, E), H),
                            (Masks){0}, 0, NULL); // (1,1,E)
        expect_close("a row", (Size){1, 1, lengths[at[r]], E, H, false, false}, alone->data,
                     shared->data + r * E, (size_t)E);
    }
    graph_use(NULL);
    graph_free(graph);
}
END_TEST

/* Dropout inside the fused operation is op_dropout on the probabilities: the same ones drop. */
START_TEST(fused_dropout_is_op_dropout) {
    const Size s = {2, 5, 7, 12, 3, true, false};
    Draw d = draw_new(s, 1);
    Tensor *p, *y = composed_attention(head_columns(d.q, d.k, d.v, s.H), d.masks, 0, &p);
    d.graph->dropout_key = 77;
    d.graph->dropout_calls = 0;
    y = merge_heads(op_matmul(op_dropout(p, (real)0.3), split_heads(d.v, s.H)));
    d.graph->dropout_calls = 0;
    Tensor *z = fused_attention(head_columns(d.q, d.k, d.v, s.H), d.masks, (real)0.3, NULL);
    expect_close("y with dropout", s, y->data, z->data, y->size);
    // The two gradients of q, one after the other in one graph: 1 of y and -1 of z cancel.
    backward(op_sum(op_mul(op_sub(y, z), d.weight)));
    for (size_t i = 0; i < d.q->size; i++)
        ck_assert_double_le(fabs((double)tensor_grad(d.q)[i]), 20 * TOLERANCE);
    d.graph->training = false; // and outside training nothing drops
    graph_reset(d.graph);
    draw_free(&d);
    d = draw_new(s, 1);
    d.graph->training = false;
    y = composed_attention(head_columns(d.q, d.k, d.v, s.H), d.masks, (real)0.3, NULL);
    z = fused_attention(head_columns(d.q, d.k, d.v, s.H), d.masks, (real)0.3, NULL);
    expect_close("y outside training", s, y->data, z->data, y->size);
    draw_free(&d);
}
END_TEST

/* The layer with its projections, and the gradients of its parameters. */
static void expect_same_layer(Size s, bool self) {
    Random random;
    random_seed(&random, 3);
    Parameters parameters = {0};
    MultiheadAttention m = multihead_new(&parameters, "self_attn.",
                                         (MultiheadConfig){.d_model = s.E, .nhead = s.H}, &random);
    random_fill_normal(&random, m.in_proj_bias->data, m.in_proj_bias->size, 0, 1);
    real *grad[2][4];
    for (int fused = 0; fused < 2; fused++) {
        Draw d = draw_new(s, 4);
        Tensor *memory = self ? d.q : d.k;
        m.config.attention = fused ? ATTENTION_FUSED : ATTENTION_COMPOSED;
        Tensor *y = multihead_forward(&m, d.q, memory, d.masks, NULL, NULL);
        EXPECT_SHAPE(y, s.B, s.T, s.E);
        parameters_zero_grad(&parameters);
        backward(op_sum(op_mul(y, d.weight)));
        for (int i = 0; i < parameters.count; i++)
            grad[fused][i] = copy(tensor_grad(parameters.items[i]), parameters.items[i]->size);
        draw_free(&d);
    }
    for (int i = 0; i < parameters.count; i++) {
        expect_close(parameters.items[i]->name, s, grad[0][i], grad[1][i],
                     parameters.items[i]->size);
        free(grad[0][i]);
        free(grad[1][i]);
    }
    parameters_free(&parameters);
}

START_TEST(layer_equals_composed) {
    expect_same_layer(SIZES[_i], false);
    if (SIZES[_i].T == SIZES[_i].S) expect_same_layer(SIZES[_i], true);
}
END_TEST

START_TEST(fully_masked_query_gets_zeros) {
    const Size s = {2, 4, 4, 6, 2, true, false};
    Result r = run(s, 9, true);
    for (int i = s.T * s.E; i < 2 * s.T * s.E; i++) { // the last sentence has no key left
        ck_assert_double_eq((double)r.y[i], 0);
        ck_assert_double_eq((double)r.dq[i], 0);
    }
    result_free(&r);
}
END_TEST

/* Equal to one head after another on slices of the columns: nothing passes between heads. */
START_TEST(heads_are_independent) {
    Draw d = draw_new((Size){2, 5, 5, 12, 3, false, true}, 5);
    Tensor *together = composed_attention(head_columns(d.q, d.k, d.v, 3), d.masks, 0, NULL);
    for (int h = 0; h < 3; h++) {
        Tensor *alone =
            scaled_dot_product_attention(op_slice(d.q, 2, 4 * h, 4), op_slice(d.k, 2, 4 * h, 4),
                                         op_slice(d.v, 2, 4 * h, 4), d.masks, 0, NULL);
        Tensor *part = op_slice(together, 2, 4 * h, 4);
        expect_close("head", d.size, alone->data, part->data, part->size);
    }
    draw_free(&d);
}
END_TEST

START_TEST(split_then_merge_is_nothing) {
    Draw d = draw_new((Size){2, 5, 5, 12, 3, false, false}, 6);
    Tensor *heads = split_heads(d.q, 3);
    EXPECT_SHAPE(heads, 2, 3, 5, 4);
    // Sentence 1, head 2, token 3, dimension 1 is column 2*4+1 of token 3.
    ck_assert_double_eq((double)heads->data[((1 * 3 + 2) * 5 + 3) * 4 + 1],
                        (double)d.q->data[(1 * 5 + 3) * 12 + 9]);
    Tensor *back = merge_heads(heads);
    ck_assert_mem_eq(back->data, d.q->data, d.q->size * sizeof(real));
    draw_free(&d);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("multihead");
    TCase *tests = tcase_create("multihead");
    tcase_add_loop_test(tests, fused_equals_composed, 0, SIZE_COUNT);
    tcase_add_loop_test(tests, layer_equals_composed, 0, SIZE_COUNT);
    tcase_add_loop_test(tests, shared_equals_fused, 0, 6);
    tcase_add_test(tests, fused_dropout_is_op_dropout);
    tcase_add_test(tests, fully_masked_query_gets_zeros);
    tcase_add_test(tests, heads_are_independent);
    tcase_add_test(tests, split_then_merge_is_nothing);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
