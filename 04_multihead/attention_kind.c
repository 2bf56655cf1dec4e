#include "04_multihead/attention_kind.h"

#include <string.h>

#include "04_multihead/composed_attention.h"
#include "04_multihead/fused_attention.h"
#include "common/mine.h"

/* What a learner has written shall be what runs (common/mine.h). Chapter 3's attention and this
 * chapter's split and merge are called by composed attention alone, so it takes the place of the
 * fused one, unless that is the learner's, too. With the way back of a head by hand theirs as well,
 * which only the fused one calls, each gets its share: in training a sequence looks at itself the
 * composed way, and at a memory the fused way. */
static AttentionKind kind_for_mine(AttentionKind kind, const HeadColumns *heads) {
    if (mine_has("04/fused_attention")) return kind;
    if (!mine_has("03/attention") && !mine_has("04/heads")) return kind;
    const bool to_itself = heads->q.tensor == heads->k.tensor;
    return mine_has("03/attention_backward") && !to_itself ? kind : ATTENTION_COMPOSED;
}

/* Both take the same and give the same, so this is all there is to choosing. */
Tensor *attention_of_kind(AttentionKind kind, HeadColumns heads, Masks masks, real dropout,
                          Tensor **weights) {
    return kind_for_mine(kind, &heads) == ATTENTION_COMPOSED
               ? composed_attention(heads, masks, dropout, weights)
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
