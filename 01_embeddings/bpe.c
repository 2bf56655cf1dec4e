#include "01_embeddings/bpe.h"

#include "01_embeddings/bpe_chunk.h"
#include "01_embeddings/interner.h"
#include "common/arena.h"
#include "common/files/json_memory.h"
#include "common/files/utf8.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

struct Bpe {
    Interner pieces;   // number n is the bytes of id BPE_FIRST_BYTE + n
    Interner pairs;    // number n is the pair (left, right) that merge n joins
    IntArray merged;   // (merges): the id that merge n makes
    int first_merged;  // ids from here on are made by merges
    ByteArray labels;  // what bpe_piece gives, NUL-terminated, one after the other
    IntArray label_at; // (vocabulary): where in labels
};

/* ---- The vocabulary -------------------------------------------------------------------------- */

static void append_text(ByteArray *array, const char *text) {
    byte_array_append(array, text, strlen(text));
}

/* Whether a terminal shows something for the character, whose kind is given. */
static bool is_visible(const char *text, size_t length, BpeKind kind) {
    uint32_t c;
    return kind == BPE_WORD || (kind == BPE_OTHER && utf8_decode(text, length, &c) > 0 &&
                                utf8proc_charwidth((utf8proc_int32_t)c) > 0);
}

/* Appends the label of the next id: the bytes as people should see them. A piece may begin or end
 * in the middle of a character, so bytes that are no character are shown one by one, in hex. */
static void add_label(Bpe *bpe, const char *bytes, size_t count) {
    size_t length;
    char hex[8];
    int_array_push(&bpe->label_at, (int)bpe->labels.count);
    for (size_t i = 0; i < count; i += length) {
        const BpeKind kind = bpe_chunk_kind(bytes + i, count - i, &length);
        if (bytes[i] == ' ') {
            append_text(&bpe->labels, "\u2581");
        } else if (is_visible(bytes + i, length, kind)) {
            byte_array_append(&bpe->labels, bytes + i, length);
        } else {
            snprintf(hex, sizeof hex, "<0x%02X>", (unsigned char)bytes[i]);
            append_text(&bpe->labels, hex);
            length = 1;
        }
    }
    byte_array_append(&bpe->labels, "", 1); // the NUL that ends it
}

/* The id of the token with these bytes, which is added if it is new. */
static int add_piece(Bpe *bpe, const char *bytes, size_t count) {
    const size_t known = bpe->pieces.count;
    const int number = interner_add(&bpe->pieces, bytes, count);
    if (bpe->pieces.count > known) add_label(bpe, bytes, count);
    return BPE_FIRST_BYTE + number;
}

/* The characters beyond ASCII, after the 256 bytes. Their order is demanded, not made: then the
 * same set always gives the same ids, whoever wrote the model file. */
static bool add_characters(Bpe *bpe, const char *characters, Error *err) {
    const size_t bytes = strlen(characters);
    uint32_t c, previous = 0x7f; // the last of ASCII
    for (size_t i = 0, length; i < bytes; i += length, previous = c) {
        length = utf8_decode(characters + i, bytes - i, &c);
        if (length == 0 || c <= previous)
            return error_set(err, "tokenizer: characters, byte %zu: expected UTF-8 above U+%04X", i,
                             (unsigned)previous);
        add_piece(bpe, characters + i, length);
    }
    bpe->first_merged = bpe_vocab_size(bpe);
    return true;
}

Bpe *bpe_new(const char *characters, Error *err) {
    static const char *const special[BPE_FIRST_BYTE] = {"<pad>", "<s>", "</s>"};
    Bpe *bpe = memory_calloc(sizeof *bpe);
    for (int id = 0; id < BPE_FIRST_BYTE; id++) add_label(bpe, special[id], strlen(special[id]));
    // Each byte is a piece of its own: what no merge and no character covers goes through as bytes.
    for (int byte = 0; byte < 256; byte++) add_piece(bpe, (const char[]){(char)byte}, 1);
    if (add_characters(bpe, characters, err)) return bpe;
    bpe_free(bpe);
    return NULL;
}

void bpe_free(Bpe *bpe) {
    if (!bpe) return;
    interner_free(&bpe->pieces);
    interner_free(&bpe->pairs);
    free(bpe->merged.data);
    free(bpe->labels.data);
    free(bpe->label_at.data);
    free(bpe);
}

int bpe_rank(const Bpe *bpe, int left, int right) {
    const int rank = interner_find(&bpe->pairs, (const int[]){left, right}, 2 * sizeof(int));
    return rank < 0 ? INT_MAX : rank;
}

/* Merges also come from model files, so everything that later code relies on is checked here: that
 * both ids exist already, that a piece fits into a chunk, and that a pair has one rank. */
int bpe_add_merge(Bpe *bpe, int left, int right, Error *err) {
    const int rank = bpe_merge_count(bpe), limit = bpe_vocab_size(bpe);
    char joined[BPE_CHUNK_BYTES];
    size_t left_bytes, right_bytes;
    if (left < BPE_FIRST_BYTE || left >= limit || right < BPE_FIRST_BYTE || right >= limit) {
        error_set(err, "tokenizer: merge %d joins %d and %d: expected ids from %d to %d", rank,
                  left, right, BPE_FIRST_BYTE, limit - 1);
        return -1;
    }
    const char *left_text = bpe_bytes(bpe, left, &left_bytes);
    const char *right_text = bpe_bytes(bpe, right, &right_bytes);
    if (left_bytes + right_bytes > BPE_CHUNK_BYTES || bpe_rank(bpe, left, right) != INT_MAX) {
        error_set(err, "tokenizer: merge %d joins %d and %d: %s", rank, left, right,
                  left_bytes + right_bytes > BPE_CHUNK_BYTES ? "the piece would be too long"
                                                             : "an earlier merge does so too");
        return -1;
    }
    // A piece is its bytes: "ab" + "c" and "a" + "bc" find the same id.
    memcpy(joined, left_text, left_bytes);
    memcpy(joined + left_bytes, right_text, right_bytes);
    const int piece = add_piece(bpe, joined, left_bytes + right_bytes);
    interner_add(&bpe->pairs, (const int[]){left, right}, 2 * sizeof(int));
    int_array_push(&bpe->merged, piece);
    return piece;
}

/* The special tokens have no bytes, so they are not among the pieces. */
int bpe_vocab_size(const Bpe *bpe) {
    return BPE_FIRST_BYTE + (int)bpe->pieces.count;
}

int bpe_merge_count(const Bpe *bpe) {
    return (int)bpe->merged.count;
}

BpeMerge bpe_merge(const Bpe *bpe, int rank) {
    size_t bytes;
    int pair[2];
    memcpy(pair, interner_key(&bpe->pairs, rank, &bytes), sizeof pair);
    return (BpeMerge){pair[0], pair[1], bpe->merged.data[rank]};
}

const char *bpe_bytes(const Bpe *bpe, int id, size_t *length) {
    REQUIRE(id >= 0 && id < bpe_vocab_size(bpe), "id %d of %d", id, bpe_vocab_size(bpe));
    *length = 0;
    return id < BPE_FIRST_BYTE ? "" : interner_key(&bpe->pieces, id - BPE_FIRST_BYTE, length);
}

const char *bpe_piece(const Bpe *bpe, int id) {
    REQUIRE(id >= 0 && id < bpe_vocab_size(bpe), "id %d of %d", id, bpe_vocab_size(bpe));
    return bpe->labels.data + bpe->label_at.data[id];
}

/* ---- Symbols, and back to text --------------------------------------------------------------- */

/* Merged pieces may be one character long too (two bytes joined), but a chunk starts from what the
 * vocabulary started with; hence the comparison with first_merged. */
int bpe_symbol(const Bpe *bpe, const char *text, size_t bytes, size_t *used) {
    uint32_t c;
    const size_t length = utf8_decode(text, bytes, &c);
    if (length > 1) {
        const int number = interner_find(&bpe->pieces, text, length);
        *used = length;
        if (number >= 0 && BPE_FIRST_BYTE + number < bpe->first_merged)
            return BPE_FIRST_BYTE + number;
    }
    *used = 1;
    return BPE_FIRST_BYTE + (unsigned char)*text;
}

const char *bpe_unknown_character(const Bpe *bpe, const char *text) {
    const size_t bytes = strlen(text);
    for (size_t at = 0, used; at < bytes; at += used) {
        uint32_t c;
        bpe_symbol(bpe, text + at, bytes - at, &used);
        if (used < utf8_decode(text + at, bytes - at, &c)) return text + at;
    }
    return NULL;
}

/* Appends the bytes with every malformed one replaced. */
static void append_valid(ByteArray *text, const char *bytes, size_t count) {
    while (count > 0) {
        const size_t valid = utf8_valid_bytes(bytes, count); // up to the next bad byte, or all
        byte_array_append(text, bytes, valid);
        if (valid == count) return;
        append_text(text, "\uFFFD"); // for one bad byte; the one after it may be good again
        bytes += valid + 1;
        count -= valid + 1;
    }
}

/* Joined first and looked at afterwards: a character's bytes may come from several tokens. */
char *bpe_decode(const Bpe *bpe, const int *ids, size_t count, size_t *bytes) {
    ByteArray joined = {0}, text = {0};
    append_text(&joined, ""); // an empty string even without ids
    append_text(&text, "");
    for (size_t i = 0; i < count; i++) {
        size_t length;
        const char *piece = bpe_bytes(bpe, ids[i], &length);
        byte_array_append(&joined, piece, length);
    }
    const size_t space = joined.data[0] == ' '; // the one that bpe_encode put there
    append_valid(&text, joined.data + space, joined.count - space);
    free(joined.data);
    if (bytes) *bytes = text.count;
    return text.data;
}

/* ---- As JSON --------------------------------------------------------------------------------- */

/* {"type": "bpe", "characters": "...", "merges": [left, right, left, right, ...]}. Ids of pieces
 * are not written: making the merges again in the same order gives the same ones. */
char *bpe_save(const Bpe *bpe) {
    ByteArray json = {0};
    size_t length;
    append_text(&json, "{\"type\": \"bpe\", \"characters\": \"");
    for (int id = BPE_FIRST_CHARACTER; id < bpe->first_merged; id++) {
        const char *character = bpe_bytes(bpe, id, &length);
        byte_array_append(&json, character, length); // above ASCII, so nothing needs an escape
    }
    append_text(&json, "\", \"merges\": [");
    for (int rank = 0; rank < bpe_merge_count(bpe); rank++) {
        char pair[32];
        const BpeMerge merge = bpe_merge(bpe, rank);
        snprintf(pair, sizeof pair, "%s%d, %d", rank ? ", " : "", merge.left, merge.right);
        append_text(&json, pair);
    }
    append_text(&json, "]}");
    return json.data;
}

/* Numbers are checked for being ids at all here, and for being the right ones by bpe_add_merge. */
static bool load_merges(Bpe *bpe, const json_t *merges, Error *err) {
    const size_t count = json_array_size(merges);
    if (count % 2 != 0)
        return error_set(err, "tokenizer: %zu numbers in \"merges\": expected pairs", count);
    for (size_t i = 0; i < count; i += 2) {
        const json_t *left = json_array_get(merges, i), *right = json_array_get(merges, i + 1);
        const json_int_t l = json_integer_value(left), r = json_integer_value(right);
        if (!json_is_integer(left) || !json_is_integer(right) || l < 0 || l > INT_MAX || r < 0 ||
            r > INT_MAX)
            return error_set(err, "tokenizer: merge %zu: expected two ids", i / 2);
        if (bpe_add_merge(bpe, (int)l, (int)r, err) < 0) return false;
    }
    return true;
}

/* Nothing else may stand in the object: an unknown key is more likely a newer format than noise. */
static Bpe *load_object(const json_t *root, Error *err) {
    const json_t *type = json_object_get(root, "type");
    const json_t *characters = json_object_get(root, "characters");
    const json_t *merges = json_object_get(root, "merges");
    if (json_object_size(root) != 3 || !json_is_string(type) || !json_is_string(characters) ||
        !json_is_array(merges) || strcmp(json_string_value(type), "bpe") != 0) {
        error_set(err, "tokenizer: expected an object with \"type\": \"bpe\", a string "
                       "\"characters\", an array \"merges\" and nothing else");
        return NULL;
    }
    Bpe *bpe = bpe_new(json_string_value(characters), err);
    if (bpe && load_merges(bpe, merges, err)) return bpe;
    bpe_free(bpe);
    return NULL;
}

Bpe *bpe_load(const char *text, Error *err) {
    json_error_t where;
    json_memory_use();
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    if (!root) {
        error_set(err, "tokenizer: byte %d: %s", where.position, where.text);
        return NULL;
    }
    Bpe *bpe = load_object(root, err);
    json_decref(root);
    return bpe;
}
