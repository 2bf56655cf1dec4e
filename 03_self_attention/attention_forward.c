#include "03_self_attention/attention_forward.h"

#include "common/softmax.h"

void attention_forward(real *y, real *p, real *scratch, const AttentionHeadArrays *head,
                       Masks masks) {
    const int T = head->T, S = head->S, D = head->D;
    const real scale = 1 / (real)sqrt(D);
    // Scores (T,S), made where the weights will stand.
    gemm(false, true, T, S, D, scale, head->q, head->q_stride, head->k, head->k_stride, 0, p, S);
    masks_fill(p, masks, T, S);
    for (int t = 0; t < T; t++) softmax_row(p + t * S, (size_t)S); // each query shares out 1
    // p itself stays as it is: it is what one looks at, and the softmax's way back needs it whole.
    const real *dropped = p; // (T,S)
    if (head->dropout) {
        dropout_apply(head->dropout, scratch, p, head->first, (size_t)(T * S));
        dropped = scratch;
    }
    gemm(false, false, T, D, S, 1, dropped, S, head->v, head->v_stride, 0, y, head->y_stride);
}
