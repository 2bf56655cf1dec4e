#include "01_embeddings/tokens.h"

#include "01_embeddings/bpe_encode.h"

#include <string.h>

void tokens_append_source(const Bpe *bpe, const char *line, IntArray *ids) {
    bpe_encode(bpe, line, strlen(line), ids);
    int_array_push(ids, TOKEN_EOS);
}

/* A target is a source with a beginning: what follows <s> is encoded and ended alike. */
void tokens_append_target(const Bpe *bpe, const char *line, IntArray *ids) {
    int_array_push(ids, TOKEN_BOS);
    tokens_append_source(bpe, line, ids);
}
