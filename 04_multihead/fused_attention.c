#include "04_multihead/fused_attention.h"

#include "03_self_attention/attention_backward.h"

/* What begins at `first` for sentence 0 and head 0, for sentence b and head h; NULL stays NULL. */
static size_t head_offset(HeadRows rows, int b, int h, int D) {
    return (size_t)b * rows.sentence + (size_t)(h * D);
}

static real *gradient_of_head(real *first, HeadRows rows, int b, int h, int D) {
    return first ? first + head_offset(rows, b, h, D) : NULL;
}

/* Head h of sentence b, as chapter 3 takes it: no number is copied, only the strides say that the
 * matrices are columns of wider ones. */
static AttentionHeadArrays arrays_of_head(const FusedArrays *a, int b, int h) {
    return (AttentionHeadArrays){
        .T = a->T,
        .S = a->S,
        .D = a->D,
        .q = a->q.first + head_offset(a->q, b, h, a->D),
        .k = a->k.first + head_offset(a->k, b, h, a->D),
        .v = a->v.first + head_offset(a->v, b, h, a->D),
        .q_stride = a->q.row,
        .k_stride = a->k.row,
        .v_stride = a->v.row,
        .y_stride = a->H * a->D,
        .dropout = a->drops ? &a->dropout : NULL,
        .first = ((size_t)b * (size_t)a->H + (size_t)h) * (size_t)(a->T * a->S),
    };
}

/* The result (B,T,H D), and its gradient, are laid out like contiguous queries. */
static HeadRows rows_of_result(const FusedArrays *a) {
    const int E = a->H * a->D;
    return (HeadRows){.row = E, .sentence = (size_t)a->T * (size_t)E};
}

void fused_attention_forward(real *y, real *p, real *scratch, const FusedArrays *a, Masks masks) {
    for (int b = 0; b < a->B; b++) {
        Masks own = masks; // of sentence b: its row of the padding, the rest is every sentence's
        if (own.key_padding_mask) own.key_padding_mask += b * a->S;
        for (int h = 0; h < a->H; h++) {
            const AttentionHeadArrays head = arrays_of_head(a, b, h);
            real *found = y + head_offset(rows_of_result(a), b, h, a->D); // (T,D), stride H D
            attention_forward(found, p + head.first, scratch, &head, own);
        }
    }
}

void fused_attention_backward(real *dq, real *dk, real *dv, const real *dy, const real *dp,
                              const real *p, real *scratch, const FusedArrays *a) {
    // In any order: heads share no columns and sentences no rows, so no two of them add to the same
    // place. Their scratch they share, one after the other.
    for (int b = 0; b < a->B; b++)
        for (int h = 0; h < a->H; h++) {
            const AttentionHeadArrays head = arrays_of_head(a, b, h);
            attention_backward(gradient_of_head(dq, a->q, b, h, a->D),
                               gradient_of_head(dk, a->k, b, h, a->D),
                               gradient_of_head(dv, a->v, b, h, a->D),
                               dy + head_offset(rows_of_result(a), b, h, a->D),
                               dp ? dp + head.first : NULL, p + head.first, scratch, &head);
        }
}

/* ---- On the tape ----------------------------------------------------------------------------- */

typedef struct {
    HeadColumns heads;
    Tensor *y, *p;
    FusedArrays arrays;
} FusedNode;

/* Given. Where the columns lie in the tensor, for its data; its gradient is laid out alike. */
static HeadRows rows_of(Columns c) {
    const int W = c.tensor->shape[2];
    return (HeadRows){.first = c.tensor->data + c.first,
                      .row = W,
                      .sentence = (size_t)c.tensor->shape[1] * (size_t)W};
}

/* Given. */
static real *gradient_of(Columns c) {
    real *grad = tensor_grad(c.tensor); // (B,L,W)
    return grad ? grad + c.first : NULL;
}

/* Given. */
static real *scratch_new(Arena *arena, const FusedArrays *a) {
    return arena_alloc(arena, (size_t)a->T * (size_t)a->S * sizeof(real));
}

/* Given. */
static void fused_attention_go_back(const void *saved) {
    const FusedNode *node = saved;
    const HeadColumns *heads = &node->heads;
    const ProfilePlace before = profile_enter(PROFILE_ATTENTION);
    Arena *arena = &graph_current()->arena;
    // Gradients first: they stay, and scratch goes.
    real *dq = gradient_of(heads->q), *dk = gradient_of(heads->k), *dv = gradient_of(heads->v);
    const ArenaMark mark = arena_mark(arena);
    real *scratch = scratch_new(arena, &node->arrays);
    fused_attention_backward(dq, dk, dv, node->y->grad, node->p->grad, node->p->data, scratch,
                             &node->arrays);
    arena_release(arena, mark);
    profile_leave(before);
}

/* Given. The weights are a second result of the same operation, and its record is y's. Where a
 * gradient has reached them, this makes sure that y has one too, of zeros if need be: or y's record
 * would be passed over. */
static void weights_go_back(const void *saved) {
    const FusedNode *node = saved;
    tensor_grad(node->y);
}

/* Given. Checks, allocates and records. */
Tensor *fused_attention(HeadColumns heads, Masks masks, real dropout, Tensor **weights) {
    head_columns_check(&heads);
    Tensor *q = heads.q.tensor, *k = heads.k.tensor, *v = heads.v.tensor;
    const int B = q->shape[0], T = q->shape[1], S = heads.S, E = heads.E, H = heads.nhead;
    const bool track = q->requires_grad || k->requires_grad || v->requires_grad;
    Tensor *y = tensor_new(3, SHAPE(B, T, E), track);
    Tensor *p = tensor_new(4, SHAPE(B, H, T, S), track && weights);
    FusedNode node = {.heads = heads, .y = y, .p = p};
    node.arrays = (FusedArrays){.B = B,
                                .H = H,
                                .T = T,
                                .S = S,
                                .D = E / H,
                                .q = rows_of(heads.q),
                                .k = rows_of(heads.k),
                                .v = rows_of(heads.v),
                                .drops = dropout > 0 && graph_current()->training};
    if (node.arrays.drops) node.arrays.dropout = dropout_new(graph_dropout_key(), dropout);
    Arena *arena = &graph_current()->arena;
    const ArenaMark mark = arena_mark(arena);
    real *scratch = node.arrays.drops ? scratch_new(arena, &node.arrays) : NULL;
    const ProfilePlace before = profile_enter(PROFILE_ATTENTION);
    fused_attention_forward(y->data, p->data, scratch, &node.arrays, masks);
    profile_leave(before);
    arena_release(arena, mark);
    if (weights) *weights = p;
    if (y->requires_grad)
        *(FusedNode *)graph_record(y, fused_attention_go_back, sizeof node) = node;
    if (p->requires_grad) *(FusedNode *)graph_record_shared(p, weights_go_back, sizeof node) = node;
    return y;
}
