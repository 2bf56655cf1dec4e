/* token_ids.h - the ids that stand for no text.
 *
 * A batch is filled up, a decoder starts and stops, and a loss leaves out what was filled up, all
 * by the same three ids.
 */
#ifndef EMBEDDINGS_TOKEN_IDS_H
#define EMBEDDINGS_TOKEN_IDS_H

enum {
    TOKEN_PAD = 0, // fills the shorter sentences of a batch; never attended to, never a target
    TOKEN_BOS = 1, // <s>, where the decoder starts
    TOKEN_EOS = 2, // </s>, where it stops
    TOKEN_TEXT = 3 // ids from here on stand for text
};

#endif
