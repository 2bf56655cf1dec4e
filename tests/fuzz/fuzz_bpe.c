/* fuzz_bpe.c - byte-pair encoding: learned from half of the lines, it gives back every line, and so
 * does the tokenizer that comes out of a file. */
#include "01_embeddings/bpe_encode.h"
#include "01_embeddings/bpe_learn.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static void check_line(const Bpe *bpe, const Bpe *loaded, const char *line) {
    IntArray ids = {0}, same = {0};
    bpe_encode(bpe, line, strlen(line), &ids);
    bpe_encode(loaded, line, strlen(line), &same);
    REQUIRE(ids.count == same.count &&
                (ids.count == 0 || memcmp(ids.data, same.data, ids.count * sizeof *ids.data) == 0),
            "the tokenizer of the file gives other ids");
    for (size_t i = 0; i < ids.count; i++)
        REQUIRE(ids.data[i] >= TOKEN_TEXT && ids.data[i] < bpe_vocab_size(bpe), "id %d of %d",
                ids.data[i], bpe_vocab_size(bpe));
    size_t bytes;
    char *text = bpe_decode(bpe, ids.data, ids.count, &bytes);
    REQUIRE(bytes == strlen(line) && strcmp(text, line) == 0, "\"%s\" comes back as \"%s\"", line,
            text);
    free(text);
    free(ids.data);
    free(same.data);
}

static void check_tokenizer(const Bpe *bpe, const Lines *lines) {
    Error err = {""};
    char *json = bpe_save(bpe);
    Bpe *loaded = bpe_load(json, &err);
    REQUIRE(loaded, "saved, but not loaded: %s", err.text);
    char *again = bpe_save(loaded);
    REQUIRE(strcmp(json, again) == 0, "saved again it is another");
    for (size_t i = 0; i < lines->count; i++) check_line(bpe, loaded, lines->line[i]);
    free(again);
    free(json);
    bpe_free(loaded);
}

/* The first byte says how many merges there may be; the rest is a text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Lines lines;
    Error err = {""};
    if (size == 0) return 0;
    fuzz_taken = lines_read_composed(fuzz_file(data + 1, size - 1), &lines, &err);
    if (!fuzz_taken) {
        fuzz_refused(&err);
        return 0;
    }
    const Lines half = {.line = lines.line, .count = (lines.count + 1) / 2};
    const int vocab = BPE_FIRST_CHARACTER + data[0];
    Bpe *bpe = bpe_learn(&half, 1, vocab, NULL, NULL, &err);
    REQUIRE(bpe, "nothing learned: %s", err.text);
    REQUIRE(bpe_vocab_size(bpe) <= vocab, "%d tokens instead of %d", bpe_vocab_size(bpe), vocab);
    check_tokenizer(bpe, &lines);
    bpe_free(bpe);
    lines_free(&lines);
    return 0;
}
