#include "06_training/decoding/candidates.h"

#include <math.h>

#include "01_embeddings/tokens.h"

void candidates_clear(BeamCandidate *best, int count) {
    for (int i = 0; i < count; i++) best[i] = (BeamCandidate){-INFINITY, 0, TOKEN_EOS};
}

/* From the back, where most of those that belong at all belong. */
void candidates_insert(BeamCandidate *best, int count, BeamCandidate new) {
    if (!(new.score > best[count - 1].score)) return;
    int i = count - 1;
    for (; i > 0 && new.score > best[i - 1].score; i--) best[i] = best[i - 1];
    best[i] = new;
}
