/* tokens.h - a sentence as a model reads it: its tokens between <s> and </s>. */
#ifndef EMBEDDINGS_TOKENS_H
#define EMBEDDINGS_TOKENS_H

#include "01_embeddings/bpe.h"

/* Appends a source sentence to ids: the tokens of the NUL-terminated line, then </s>. */
void tokens_append_source(const Bpe *bpe, const char *line, IntArray *ids);

/* Appends a target sentence: <s>, the tokens, </s>. A decoder reads all but the last of them and
 * predicts all but the first. */
void tokens_append_target(const Bpe *bpe, const char *line, IntArray *ids);

#endif
