"use strict";
/* tokenizer.js - 01_embeddings/ in the browser: bpe.c, bpe_chunk.c, bpe_encode.c, tokens.c.
 *
 * Bytes are kept as strings of characters 0 to 255, "binary strings", which can be keys of a Map.
 * The vocabulary: 3 special tokens, 256 bytes, characters beyond ASCII, then what the merges made.
 */

const BPE_FIRST_BYTE = TOKEN_TEXT, BPE_CHUNK_BYTES = 256;

/* ---- UTF-8 (common/files/utf8.c) ---- */

const utf8_encoder = new TextEncoder();

function utf8_bytes(text) {
    return String.fromCharCode(...utf8_encoder.encode(text));
}

/* The character at bytes[at ...]: its length in bytes, 0 if they are malformed. */
function utf8_length(bytes, at) {
    const b = (i) => bytes.charCodeAt(at + i); // NaN behind the end
    if (b(0) < 0x80) return 1;
    const length = b(0) >= 0xf0 ? 4 : b(0) >= 0xe0 ? 3 : 2;
    if (b(0) < 0xc2 || b(0) > 0xf4 || at + length > bytes.length) return 0;
    let c = b(0) & (0xff >> (length + 1));
    for (let i = 1; i < length; i++) {
        if ((b(i) & 0xc0) !== 0x80) return 0;
        c = c << 6 | (b(i) & 0x3f);
    }
    const smallest = length === 4 ? 0x10000 : length === 3 ? 0x800 : 0x80;
    return c < smallest || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? 0 : length;
}

/* The text of bytes; each malformed byte becomes U+FFFD. */
function utf8_text(bytes) {
    let text = "";
    for (let at = 0; at < bytes.length;) {
        const length = utf8_length(bytes, at);
        if (length === 0) text += "\uFFFD";
        else {
            const codes = Array.from(bytes.substr(at, length), (c) => c.charCodeAt(0));
            text += new TextDecoder("utf-8", {ignoreBOM: true}).decode(new Uint8Array(codes));
        }
        at += length || 1;
    }
    return text;
}

/* ---- Chunks (bpe_chunk.c): no piece reaches across one ---- */

const BPE_SPACE = "space", BPE_WORD = "word", BPE_OTHER = "other";

function bpe_chunk_kind(character) {
    if (/^[\p{L}\p{M}\p{N}]$/u.test(character)) return BPE_WORD;
    return /^[ \t-\r\p{Z}]$/u.test(character) ? BPE_SPACE : BPE_OTHER;
}

/* Where the run of characters of one kind that starts at `start` ends, or is cut for its length. */
function run_end(text, start, limit, kind) {
    let end = start;
    while (end < text.length && text[end].kind === kind && text[end].end <= limit) end++;
    return end;
}

/* text: characters with their kinds and ends in bytes. The length of the chunk at `start`. */
function bpe_chunk_characters(text, start) {
    const begin = start ? text[start - 1].end : 0, limit = begin + BPE_CHUNK_BYTES;
    const joins = (at, joiners) => // a hyphen or an apostrophe, with a word behind it
        at + 1 < text.length && joiners.includes(text[at].character) &&
        text[at + 1].kind === BPE_WORD && text[at].end <= limit;
    const spaces = run_end(text, start, limit, BPE_SPACE) - start;
    let word = start;
    if (spaces > 0) { // of several spaces only the last goes with the word
        if (start + spaces === text.length || text[start + spaces - 1].character !== " ")
            return spaces;
        if (spaces > 1) return spaces - 1;
        word = start + 1;
    }
    if (text[word].kind !== BPE_WORD) return run_end(text, word, limit, BPE_OTHER) - start;
    let end = run_end(text, word, limit, BPE_WORD);
    while (joins(end, "-")) end = run_end(text, end + 1, limit, BPE_WORD);
    if (joins(end, "'\u2019")) end++;
    return end - start;
}

/* ---- The vocabulary (bpe.c) ---- */

/* json: {"characters": "...", "merges": [left, right, ...]}, as bpe_save writes it. */
function bpe_load(json) {
    const bpe = {bytes: ["", "", ""], ids: new Map(), ranks: new Map(), merged: []};
    const add = (bytes) => {
        if (!bpe.ids.has(bytes)) {
            bpe.ids.set(bytes, bpe.bytes.length);
            bpe.bytes.push(bytes);
        }
        return bpe.ids.get(bytes);
    };
    for (let byte = 0; byte < 256; byte++) add(String.fromCharCode(byte));
    for (const character of json.characters) add(utf8_bytes(character));
    bpe.first_merged = bpe.bytes.length;
    for (let i = 0; i < json.merges.length; i += 2) {
        const left = json.merges[i], right = json.merges[i + 1];
        bpe.ranks.set(left + "," + right, i / 2);
        bpe.merged.push(add(bpe.bytes[left] + bpe.bytes[right]));
    }
    return bpe;
}

/* The token as people should see it: U+2581 for a space, <0x0A> for a byte without a shape. */
function bpe_piece(bpe, id) {
    if (id < BPE_FIRST_BYTE) return ["<pad>", "<s>", "</s>"][id];
    const bytes = bpe.bytes[id];
    let label = "";
    for (let at = 0, length; at < bytes.length; at += length) {
        length = utf8_length(bytes, at);
        const character = length ? utf8_text(bytes.substr(at, length)) : "";
        if (character === " ") label += "\u2581";
        else if (character && !/[\p{C}\p{Z}\s]/u.test(character)) label += character;
        else {
            const code = bytes.charCodeAt(at);
            label += "<0x" + (code < 16 ? "0" : "") + code.toString(16).toUpperCase() + ">";
            length = 1;
        }
    }
    return label;
}

/* ---- To ids and back (bpe_encode.c, tokens.c) ---- */

/* Joins neighbours, the merge learned first going first, until none applies. */
function bpe_encode_symbols(bpe, symbols) {
    for (;;) {
        let best = -1, rank = Infinity;
        for (let i = 0; i + 1 < symbols.length; i++) {
            const r = bpe.ranks.get(symbols[i] + "," + symbols[i + 1]);
            if (r !== undefined && r < rank) [best, rank] = [i, r]; // of equals the leftmost
        }
        if (best < 0) return symbols;
        symbols.splice(best, 2, bpe.merged[rank]);
    }
}

function bpe_encode(bpe, text) {
    if (text === "") return [];
    let end = 0;
    const characters = Array.from(" " + text, (character) => {
        const bytes = utf8_bytes(character);
        return {character, bytes, kind: bpe_chunk_kind(character), end: end += bytes.length};
    });
    const ids = [];
    for (let at = 0, length; at < characters.length; at += length) {
        length = bpe_chunk_characters(characters, at);
        const symbols = [];
        for (const {bytes} of characters.slice(at, at + length)) {
            const id = bpe.ids.get(bytes);
            if (id !== undefined && id < bpe.first_merged) symbols.push(id);
            else for (const byte of bytes) symbols.push(BPE_FIRST_BYTE + byte.charCodeAt(0));
        }
        ids.push(...bpe_encode_symbols(bpe, symbols));
    }
    return ids;
}

/* Special tokens give nothing; the space that bpe_encode put in front goes again. */
function bpe_decode(bpe, ids) {
    const bytes = Array.from(ids, (id) => bpe.bytes[id]).join("");
    return utf8_text(bytes[0] === " " ? bytes.slice(1) : bytes);
}

/* A sentence as the encoder reads it, and as the decoder is to say it: in composed form, as the
 * model has read its own (common/files/utf8.c). */
function tokens_source(bpe, line) {
    return [...bpe_encode(bpe, line.normalize("NFC")), TOKEN_EOS];
}

function tokens_target(bpe, line) {
    return [TOKEN_BOS, ...tokens_source(bpe, line)];
}
