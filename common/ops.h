/* ops.h - the operations: each computes at once and records its way back.
 *
 * Every function returns a new tensor of the current graph, valid until graph_reset. Wrong shapes
 * are a programmer's error and abort with both shapes in the message. Gradients are always added.
 */
#ifndef COMMON_OPS_H
#define COMMON_OPS_H

#include "common/backward.h"
#include "common/tensor.h"

/* ---- Element by element (ops_elementwise.c) -------------------------------------------------- */

/* a, b of any shapes that broadcast as in NumPy: aligned at the last dimension, where each pair of
 * dimensions is equal or one of them is 1. */
Tensor *op_add(Tensor *a, Tensor *b);
Tensor *op_sub(Tensor *a, Tensor *b);
Tensor *op_mul(Tensor *a, Tensor *b);
Tensor *op_div(Tensor *a, Tensor *b);

/* x of any shape -> the same shape. */
Tensor *op_scale(Tensor *x, real factor); // factor * x
Tensor *op_pow(Tensor *x, real exponent); // x^exponent; x > 0 unless it is an integer
Tensor *op_exp(Tensor *x);                // e^x
Tensor *op_log(Tensor *x);                // ln x
Tensor *op_tanh(Tensor *x);
Tensor *op_sigmoid(Tensor *x); // 1 / (1 + e^-x)
Tensor *op_relu(Tensor *x);    // max(x, 0); gradient 0 at 0, as in PyTorch
Tensor *op_gelu(Tensor *x);    // x/2 (1 + tanh(sqrt(2/pi)(x + 0.044715 x^3)))

/* While training, each element is 0 with probability p and x / (1 - p) otherwise (Srivastava et al.
 * 2014, "inverted"); else x itself. 0 <= p < 1. Which elements drop is a pure function of the
 * graph's dropout_key, of how many dropouts came before since the reset, and of the element's
 * place: the way back recomputes it, and nothing is stored. */
Tensor *op_dropout(Tensor *x, real p);

/* ---- Shape (ops_shape.c) --------------------------------------------------------------------- */

/* The same numbers in the same order under another shape of the same size. Shares x's data. */
Tensor *op_reshape(Tensor *x, int ndim, const int *shape);
#define RESHAPE(x, ...) op_reshape(x, NDIM(__VA_ARGS__), SHAPE(__VA_ARGS__))

/* Swaps two dimensions (negative ones count from the end, -1 is the last) and moves the data. */
Tensor *op_transpose(Tensor *x, int dim0, int dim1);

/* x[..., start:start+length, ...] along dim. */
Tensor *op_slice(Tensor *x, int dim, int start, int length);

/* a and b, equal in every other dimension, one after the other along dim. */
Tensor *op_concat(Tensor *a, Tensor *b, int dim);

/* x (V,E), count ids in [0,V) -> (count,E): row n is row ids[n] of x. ids is kept, not copied,
 * until the way back. */
Tensor *op_gather_rows(Tensor *x, const int *ids, int count);

/* value where ignored is nonzero, x elsewhere. x (...,T,S). ignored is (T,S), repeated over the
 * leading dimensions, or has x's full size; which one is told by ignored_size. Not copied: must
 * outlive the graph's use. */
Tensor *op_masked_fill(Tensor *x, const unsigned char *ignored, size_t ignored_size, real value);

/* ---- Reductions (ops_shape.c) ---------------------------------------------------------------- */

Tensor *op_sum(Tensor *x);              // any shape -> ()
Tensor *op_mean(Tensor *x);             // any shape -> ()
Tensor *op_sum_dim(Tensor *x, int dim); // dim disappears

/* ---- Matrices (ops_matmul.c) ----------------------------------------------------------------- */

/* a (...,M,K), b (...,K,N) -> (...,M,N); b may also be (K,N) for all leading dimensions of a. */
Tensor *op_matmul(Tensor *a, Tensor *b);

/* x (...,I), weight (O,I), bias (O) or NULL -> x weight^T + bias (...,O). */
Tensor *op_linear(Tensor *x, Tensor *weight, Tensor *bias);

/* The same with the rows [first, first+count) of weight and bias only: -> (...,count). */
Tensor *op_linear_rows(Tensor *x, Tensor *weight, Tensor *bias, int first, int count);

/* ---- Probabilities (ops_softmax.c, ops_loss.c) ----------------------------------------------- */

/* softmax over the last dimension, with the largest entry subtracted first. A row that is all
 * -infinity (everything masked) gives zeros, forward and backward, and never NaN; its logarithm
 * stays -infinity. */
Tensor *op_softmax(Tensor *x);
Tensor *op_log_softmax(Tensor *x);

/* The sum over rows of the cross-entropy between softmax(logits) and the targets.
 * logits (N,V), targets N ids; rows whose target is ignore_index count nothing. With label
 * smoothing e the target distribution is (1-e) one-hot + e/V (PyTorch's; Szegedy et al. 2016,
 * section 7). -> (). Divide by cross_entropy_count for the mean. */
Tensor *op_cross_entropy(Tensor *logits, const int *targets, int ignore_index,
                         real label_smoothing);

/* op_cross_entropy(op_linear(x, weight, bias), ...) in blocks of rows: the (N,V) logits, the
 * largest thing in a training step, never exist as a whole. x (N,E), weight (V,E), bias (V) or
 * NULL. The gradients are computed along with the loss, while each block is at hand. With a
 * consistency > 0 the rows are two readings of the same: row N/2 + n predicts targets[n] again, and
 * the loss is that of cross_entropy_twice.h; targets beyond N/2 are not looked at. */
Tensor *op_linear_cross_entropy(Tensor *x, Tensor *weight, Tensor *bias, const int *targets,
                                int ignore_index, real label_smoothing, real consistency);

/* How many of the n targets are not ignore_index. */
int cross_entropy_count(const int *targets, int n, int ignore_index);

#endif
