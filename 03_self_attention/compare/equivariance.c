/* equivariance.c - Peter Bloem, "Transformers from scratch": attention sees a set, not a sequence.
 *
 * He begins with self-attention without a single parameter (bmm, softmax, bmm), then adds queries,
 * keys and values. Both treat "mary gave roses to susan" and "susan gave roses to mary" alike.
 *
 * Beside: bloem Understanding why self-attention works - attention sees a set: shuffle before or
 *     after, it is the same
 * Beside: bloem In Pytorch: basic self-attention - his three lines, without a single parameter
 * Beside: karpathy 1:12:46 - "gave" cannot tell who gave; with positions it can
 * Beside: johnson Lecture 13 - its inputs are a set
 */
#include "02_positional_encoding/sinusoid.h"
#include "03_self_attention/head.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/vector.h"

#include <stdio.h>

enum { T = 5, E = 16 };

typedef enum { BASIC, PROJECTED, TWO_HEADS, POSITIONED } Kind;

typedef struct {
    AttentionHead head[2]; // all but TWO_HEADS use the first
} Layer;

static Tensor *attend(const Layer *layer, Kind kind, Tensor *x) {
    // (T,E) x (E,T): every word against every word; the softmax's rows then mix the words.
    if (kind == BASIC) return op_matmul(op_softmax(op_matmul(x, op_transpose(x, 0, 1))), x);
    if (kind == POSITIONED) {
        // (1,T,E): positions are added to a batch of sentences, and this is a batch of one.
        Tensor *batch = sinusoid_add(RESHAPE(x, 1, T, E), 0);
        x = RESHAPE(batch, T, E);
    }
    Tensor *y = attention_head_forward(&layer->head[0], x, (Masks){0}, NULL); // (T,E)
    if (kind != TWO_HEADS) return y;
    return op_concat(y, attention_head_forward(&layer->head[1], x, (Masks){0}, NULL), 1); // (T,2E)
}

/* The rows of x (T,...) in the order given. */
static Tensor *permute(const Tensor *x, const size_t *order) {
    const size_t row = (size_t)x->shape[1];
    Tensor *y = TENSOR(T, x->shape[1]);
    for (size_t t = 0; t < T; t++)
        memcpy(y->data + t * row, x->data + order[t] * row, row * sizeof *y->data);
    return y;
}

/* || f(P x) - P f(x) || over the largest entry. */
static double equivariance_error(const Layer *layer, Kind kind, Tensor *x, const size_t *order) {
    Tensor *after = permute(attend(layer, kind, x), order);
    Tensor *before = attend(layer, kind, permute(x, order));
    return vector_max_difference(after->data, before->data, after->size);
}

/* How far the output for "gave" (token 1) moves when mary (0) and susan (4) change places. */
static double gave_moves(const Layer *layer, Kind kind, Tensor *x) {
    static const size_t swapped[T] = {4, 1, 2, 3, 0};
    Tensor *original = attend(layer, kind, x), *other = attend(layer, kind, permute(x, swapped));
    const size_t row = (size_t)original->shape[1];
    return vector_max_difference(original->data + row, other->data + row, row);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Bloem's permutation equivariance, and mary, roses and susan.",
                         "build/03_self_attention/equivariance"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    Parameters parameters = {0};
    const Layer layer = {{attention_head_new(&parameters, "0.", E, E, &random),
                          attention_head_new(&parameters, "1.", E, E, &random)}};
    Tensor *x = TENSOR(T, E); // one random vector for each of mary gave roses to susan
    random_fill_normal(&random, x->data, x->size, 0, 1);
    size_t order[T];
    random_permutation(&random, order, T);

    lesson_step(&lesson,
                "Shuffle the words, then attend; or attend, then shuffle: f(P x) = P f(x)");
    Comparison comparison = {0};
    compare_value(&comparison, "without parameters", 0, equivariance_error(&layer, BASIC, x, order),
                  5, 1e-6);
    compare_value(&comparison, "with Q, K, V", 0, equivariance_error(&layer, PROJECTED, x, order),
                  5, 1e-6);
    const double positioned = equivariance_error(&layer, POSITIONED, x, order);
    printf("  with chapter 2's positions added first: differs by %.2f\n", positioned);

    lesson_step(&lesson,
                "mary gave roses to susan; susan gave roses to mary: \"gave\" cannot tell");
    compare_value(&comparison, "without parameters", 0, gave_moves(&layer, BASIC, x), 5, 1e-6);
    compare_value(&comparison, "with Q, K, V", 0, gave_moves(&layer, PROJECTED, x), 5, 1e-6);
    compare_value(&comparison, "with two heads", 0, gave_moves(&layer, TWO_HEADS, x), 5, 1e-6);
    const double moved = gave_moves(&layer, POSITIONED, x);
    printf("  with positions: the output for \"gave\" moves by %.2f\n", moved);
    printf("Bloem goes on to several heads. They are for another trouble: each is as blind\n"
           "to order as one. Chapter 2's positions tell the giver from the receiver.\n");
    compare_claim(&comparison, "with positions, order matters", positioned > .01 && moved > .01);
    parameters_free(&parameters);
    return lesson_end(&lesson, compare_end(&comparison));
}
