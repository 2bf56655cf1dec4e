/* bpe.h - a vocabulary of pieces: byte-pair encoding with a way out for unknown characters.
 *
 * Decisions, and what each is for:
 *
 * 1. Text is first cut into chunks, words mostly, and pieces never reach across one (bpe_chunk.h).
 *    A space belongs to the word that follows, so decoding is nothing but writing pieces one after
 *    the other. A space is put before the text and taken off again, so that a word is the same at
 *    the start of a sentence and inside it.
 * 2. A chunk starts as one symbol per character; the learned merges join neighbouring symbols, the
 *    one learned first going first (bpe_encode.h).
 * 3. ASCII characters are single bytes anyway, so all 256 bytes are symbols; other characters seen
 *    in training get a symbol each. A character never seen becomes its two to four bytes. Nothing
 *    is ever unknown: decode(encode(text)) is the text for every UTF-8 string, without an <unk>.
 * 4. A vocabulary is a sequence: 3 special tokens (token_ids.h), 256 bytes, the characters in code
 *    point order, then the pieces in the order in which the merges made them.
 *
 * Sennrich, Haddow, Birch, "Neural Machine Translation of Rare Words with Subword Units" (2016),
 * introduced merging for translation; their subword-nmt marks where words end, this marks where
 * they begin. The merges are learned in bpe_learn.h.
 */
#ifndef EMBEDDINGS_BPE_H
#define EMBEDDINGS_BPE_H

#include "01_embeddings/token_ids.h"
#include "common/array.h"
#include "common/error.h"

#include <stddef.h>

enum {
    BPE_FIRST_BYTE = TOKEN_TEXT,
    BPE_FIRST_CHARACTER = BPE_FIRST_BYTE + 256, // also the smallest possible vocabulary
};

typedef struct Bpe Bpe;

/* left and right, side by side, become piece. Two merges may make the same piece ("ab" + "c" and
 * "a" + "bc"), so a vocabulary can have fewer new pieces than merges. */
typedef struct {
    int left, right, piece;
} BpeMerge;

/* A tokenizer without merges. characters: UTF-8, none of them ASCII, in strictly ascending order.
 * Returns NULL with err set if they are not. The caller frees it with bpe_free. */
Bpe *bpe_new(const char *characters, Error *err);
void bpe_free(Bpe *bpe);

/* Appends the merge of two ids that no earlier merge joins, and returns the id of the piece. The
 * ids may not be special and the piece not be longer than BPE_CHUNK_BYTES; -1 and err if so. */
int bpe_add_merge(Bpe *bpe, int left, int right, Error *err);

int bpe_vocab_size(const Bpe *bpe);
int bpe_merge_count(const Bpe *bpe);
BpeMerge bpe_merge(const Bpe *bpe, int rank); // rank 0 .. bpe_merge_count - 1, the first is 0

/* The rank of the merge that joins the two ids; INT_MAX if none does, so that the smallest rank is
 * always the merge to do next. */
int bpe_rank(const Bpe *bpe, int left, int right);

/* The bytes that the token stands for (not NUL-terminated; none for a special token). */
const char *bpe_bytes(const Bpe *bpe, int id, size_t *length);

/* The token as people should see it: "<pad>", "_the" with U+2581 for the space, "<0x0A>" for a byte
 * that cannot be printed. Valid as long as bpe is. */
const char *bpe_piece(const Bpe *bpe, int id);

/* The id of the symbol at text[0 .. bytes), bytes > 0: a whole character if it is in the
 * vocabulary, otherwise its first byte. *used is how many bytes that took. */
int bpe_symbol(const Bpe *bpe, const char *text, size_t bytes, size_t *used);

/* The first character of a NUL-terminated text that is not ASCII and has no symbol in the
 * vocabulary, so that bytes stand for it: the text that the vocabulary was learned from did not
 * have it, or had too many others. NULL if there is none. */
const char *bpe_unknown_character(const Bpe *bpe, const char *text);

/* The text of the ids; special tokens give nothing. The caller frees it; it ends with a NUL, and
 * *bytes (unless NULL) is its length without that. Always UTF-8: where ids that no text encodes to
 * (a model can write anything) leave parts of characters, they become U+FFFD. */
char *bpe_decode(const Bpe *bpe, const int *ids, size_t count, size_t *bytes);

/* The tokenizer as one line of JSON, for a model file; the caller frees it. */
char *bpe_save(const Bpe *bpe);

/* Reads what bpe_save wrote. Anything else gives NULL and says in err what is wrong. */
Bpe *bpe_load(const char *json, Error *err);

#endif
