#include "04_multihead/attention_kind.h"

#include "04_multihead/composed_attention.h"
#include "04_multihead/fused_attention.h"

Tensor *attention_of_kind(AttentionKind kind, HeadColumns heads, Masks masks, real dropout,
                          Tensor **weights) {
    return kind == ATTENTION_COMPOSED ? composed_attention(heads, masks, dropout, weights)
                                      : fused_attention(heads, masks, dropout, weights);
}
