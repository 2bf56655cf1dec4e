#include "04_multihead/fused_attention.h"

#include "common/dropout.h"
#include "common/softmax.h"

/* One head of one sentence. The matrices are strided: row i of q is q + i q_stride. */
typedef struct {
    int T, S, D;
    int q_stride, k_stride, v_stride, y_stride;
    real scale;             // 1 / sqrt(D)
    Masks masks;            // of this sentence: key_padding_mask (S)
    const Dropout *dropout; // NULL: none
    size_t first;           // index of p[0] among all probabilities, for dropout
} Head;

/* Dropped probabilities into a scratch matrix; without dropout p itself. */
static const real *drop(real *scratch, const real *p, const Head *h) {
    if (!h->dropout) return p;
    dropout_apply(h->dropout, scratch, p, h->first, (size_t)(h->T * h->S));
    return scratch;
}

/* p (T,S) <- softmax(scale q k^T, masked); y (T,D) <- dropout(p) v. scratch is (T,S). */
static void attention_forward(real *y, real *p, real *scratch, const real *q, const real *k,
                              const real *v, const Head *h) {
    gemm(false, true, h->T, h->S, h->D, h->scale, q, h->q_stride, k, h->k_stride, 0, p, h->S);
    masks_fill(p, h->masks, h->T, h->S);
    for (int t = 0; t < h->T; t++) softmax_row(p + t * h->S, (size_t)h->S);
    gemm(false, false, h->T, h->D, h->S, 1, drop(scratch, p, h), h->S, v, h->v_stride, 0, y,
         h->y_stride);
}

/* In the forward pass y = drop(p) v, so now dv += drop(p)^T dy and dp = drop'(dy v^T); p was
 * softmax(scores), so dscores = p (dp - sum p dp), which takes dp's place; scores were scale q k^T,
 * so dq += scale dscores k and dk += scale dscores^T q. Any of dq, dk, dv may be NULL.
 * dp and scratch are (T,S), uninitialised. */
static void attention_backward(real *dq, real *dk, real *dv, const real *dy, real *dp,
                               real *scratch, const real *p, const real *q, const real *k,
                               const real *v, const Head *h) {
    const size_t T = (size_t)h->T, S = (size_t)h->S;
    if (dv)
        gemm(true, false, h->S, h->D, h->T, 1, drop(scratch, p, h), h->S, dy, h->y_stride, 1, dv,
             h->v_stride);
    gemm(false, true, h->T, h->S, h->D, 1, dy, h->y_stride, v, h->v_stride, 0, dp, h->S);
    if (h->dropout) dropout_apply(h->dropout, dp, dp, h->first, T * S);
    for (size_t t = 0; t < T; t++) {
        const real dot = softmax_row_dot(dp + t * S, p + t * S, S);
        for (size_t s = 0; s < S; s++) dp[t * S + s] = p[t * S + s] * (dp[t * S + s] - dot);
    }
    if (dq)
        gemm(false, false, h->T, h->D, h->S, h->scale, dp, h->S, k, h->k_stride, 1, dq,
             h->q_stride);
    if (dk)
        gemm(true, false, h->S, h->D, h->T, h->scale, dp, h->S, q, h->q_stride, 1, dk, h->k_stride);
}

/* ---- All heads of all sentences -------------------------------------------------------------- */

typedef struct {
    Columns q, k, v;
    Tensor *y;
    const real *p; // (B,nhead,T,S)
    int B, T, S, D, nhead;
    Masks masks;
    bool drops;
    Dropout dropout;
} AttentionNode;

/* Head h of sentence b. */
static Head head_of(const AttentionNode *a, int b, int h) {
    Masks masks = a->masks;
    if (masks.key_padding_mask) masks.key_padding_mask += b * a->S;
    return (Head){
        .T = a->T,
        .S = a->S,
        .D = a->D,
        .q_stride = a->q.tensor->shape[2],
        .k_stride = a->k.tensor->shape[2],
        .v_stride = a->v.tensor->shape[2],
        .y_stride = a->y->shape[2],
        .scale = 1 / (real)sqrt(a->D),
        .masks = masks,
        .dropout = a->drops ? &a->dropout : NULL,
        .first = ((size_t)b * (size_t)a->nhead + (size_t)h) * (size_t)(a->T * a->S),
    };
}

/* Where sentence b, head h begins in the columns of data, which has c's layout; NULL stays NULL. */
static real *at(real *data, Columns c, int b, int h, int D) {
    const size_t sentence = (size_t)b * (size_t)c.tensor->shape[1] * (size_t)c.tensor->shape[2];
    return data ? data + sentence + c.first + h * D : NULL;
}

static void attention_go_back(const void *saved) {
    const AttentionNode *a = saved;
    Arena *arena = &graph_current()->arena;
    real *dq = tensor_grad(a->q.tensor), *dk = tensor_grad(a->k.tensor);
    real *dv = tensor_grad(a->v.tensor);
    const Columns y = {a->y, 0};
    const ArenaMark mark = arena_mark(arena);
    real *dp = arena_alloc(arena, (size_t)(a->T * a->S) * sizeof(real));
    real *scratch = arena_alloc(arena, (size_t)(a->T * a->S) * sizeof(real));
    for (int b = 0; b < a->B; b++)
        for (int h = 0; h < a->nhead; h++) {
            const Head head = head_of(a, b, h);
            attention_backward(at(dq, a->q, b, h, a->D), at(dk, a->k, b, h, a->D),
                               at(dv, a->v, b, h, a->D), at(a->y->grad, y, b, h, a->D), dp, scratch,
                               a->p + head.first, at(a->q.tensor->data, a->q, b, h, a->D),
                               at(a->k.tensor->data, a->k, b, h, a->D),
                               at(a->v.tensor->data, a->v, b, h, a->D), &head);
        }
    arena_release(arena, mark);
}

Tensor *fused_attention(HeadColumns heads, Masks masks, real dropout, Tensor **weights) {
    head_columns_check(&heads);
    Tensor *q = heads.q.tensor, *k = heads.k.tensor, *v = heads.v.tensor;
    const int B = q->shape[0], T = q->shape[1], S = heads.S, E = heads.E, H = heads.nhead;
    Tensor *y = tensor_new(3, SHAPE(B, T, E), // (B,T,E)
                           q->requires_grad || k->requires_grad || v->requires_grad);
    Tensor *p = tensor_new(4, SHAPE(B, H, T, S), false); // (B,H,T,S)
    AttentionNode a = {.q = heads.q,
                       .k = heads.k,
                       .v = heads.v,
                       .y = y,
                       .p = p->data,
                       .B = B,
                       .T = T,
                       .S = S,
                       .D = E / H,
                       .nhead = H,
                       .masks = masks,
                       .drops = dropout > 0 && graph_current()->training};
    if (a.drops) a.dropout = dropout_new(graph_dropout_key(), dropout);
    Arena *arena = &graph_current()->arena;
    const ArenaMark mark = arena_mark(arena);
    real *scratch = arena_alloc(arena, (size_t)(T * S) * sizeof(real));
    for (int b = 0; b < B; b++)
        for (int h = 0; h < H; h++) {
            const Head head = head_of(&a, b, h);
            attention_forward(at(y->data, (Columns){y, 0}, b, h, a.D), p->data + head.first,
                              scratch, at(q->data, a.q, b, h, a.D), at(k->data, a.k, b, h, a.D),
                              at(v->data, a.v, b, h, a.D), &head);
        }
    arena_release(arena, mark);
    if (weights) *weights = p;
    if (y->requires_grad) *(AttentionNode *)graph_record(y, attention_go_back, sizeof a) = a;
    return y;
}
