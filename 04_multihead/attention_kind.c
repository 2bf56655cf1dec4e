#include "04_multihead/attention_kind.h"

#include <string.h>

#include "04_multihead/composed_attention.h"
#include "04_multihead/fused_attention.h"

/* Both take the same and give the same, so this is all there is to choosing. */
Tensor *attention_of_kind(AttentionKind kind, HeadColumns heads, Masks masks, real dropout,
                          Tensor **weights) {
    return kind == ATTENTION_COMPOSED ? composed_attention(heads, masks, dropout, weights)
                                      : fused_attention(heads, masks, dropout, weights);
}

static const char *const NAMES[] = {[ATTENTION_FUSED] = "fused", [ATTENTION_COMPOSED] = "composed"};

const char *attention_kind_name(AttentionKind kind) {
    return NAMES[kind];
}

bool attention_kind_from_name(const char *name, AttentionKind *kind) {
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
        if (strcmp(name, NAMES[i]) == 0) {
            *kind = (AttentionKind)i;
            return true;
        }
    return false;
}
