/* fuzz_text.c - text files: what is taken is the same whole, line by line and as it arrives. */
#include "common/files/line_stream.h"
#include "common/files/lines.h"
#include "common/files/text.h"
#include "common/files/utf8.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

/* The same file as a stream: line for line the same. */
static void check_stream(const Lines *lines) {
    LineStream stream = {.fd = fuzz_descriptor()};
    Error err = {""};
    const char *text;
    size_t length;
    for (size_t i = 0; i < lines->count; i++) {
        REQUIRE(line_stream_next(&stream, -1, &text, &length, &err) == LINE_TAKEN,
                "the stream ends before line %zu of %zu", i + 1, lines->count);
        const size_t there = length > LINE_BYTES_MAX ? LINE_BYTES_MAX : length; // at least
        REQUIRE(length == strlen(lines->line[i]) && memcmp(text, lines->line[i], there) == 0,
                "line %zu is \"%.*s\" in the stream, \"%s\" in the file", i + 1, (int)length, text,
                lines->line[i]);
    }
    REQUIRE(line_stream_next(&stream, -1, &text, &length, &err) == LINE_END,
            "the stream goes on after %zu lines", lines->count);
    line_stream_free(&stream);
}

/* Composed once, it is composed. */
static void check_composed(const char *path) {
    Lines composed;
    Error err = {""};
    REQUIRE(lines_read_composed(path, &composed, &err), "not in composed form: %s", err.text);
    REQUIRE(lines_first_uncomposed(&composed) == 0, "line %zu is not composed",
            lines_first_uncomposed(&composed));
    for (size_t i = 0; i < composed.count; i++) {
        lines_is_blank(composed.line[i]);
        REQUIRE(utf8_columns(composed.line[i]) <= 2 * strlen(composed.line[i]), "too wide");
    }
    lines_free(&composed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_file(data, size);
    char *text;
    size_t bytes;
    Error err = {""};
    fuzz_taken = text_read(path, &text, &bytes, &err);
    if (!fuzz_taken) {
        fuzz_refused(&err);
        return 0;
    }
    REQUIRE(utf8_valid_bytes(text, bytes) == bytes && strlen(text) == bytes, "not text");
    Lines lines;
    REQUIRE(lines_read(path, &lines, &err), "text, but no lines: %s", err.text);
    check_stream(&lines);
    check_composed(path);
    lines_free(&lines);
    free(text);
    return 0;
}
