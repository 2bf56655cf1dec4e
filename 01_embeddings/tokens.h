/* tokens.h - the ids that stand for no text, and a sentence as a model reads it.
 *
 * One home for both: a batch is filled up, a decoder starts and stops, and a loss leaves out what
 * was filled up, all by the same three ids.
 */
#ifndef EMBEDDINGS_TOKENS_H
#define EMBEDDINGS_TOKENS_H

#include "common/array.h"

enum {
    TOKEN_PAD = 0, // fills the shorter sentences of a batch; never attended to, never a target
    TOKEN_BOS = 1, // <s>, where the decoder starts
    TOKEN_EOS = 2, // </s>, where it stops
    TOKEN_TEXT = 3 // ids from here on stand for text
};

struct Bpe; // bpe.h; who needs only the ids above does not need it

/* Appends a source sentence to ids: the tokens of the NUL-terminated line, then </s>. */
void tokens_append_source(const struct Bpe *bpe, const char *line, IntArray *ids);

/* Appends a target sentence: <s>, the tokens, </s>. A decoder reads all but the last of them and
 * predicts all but the first. */
void tokens_append_target(const struct Bpe *bpe, const char *line, IntArray *ids);

#endif
