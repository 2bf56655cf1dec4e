/* fuzz_pairs.c - files of two columns: pairs that are written out and read again are the same. */
#include "common/array.h"
#include "common/files/pairs.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

/* With a byte order mark, lest a first sentence that begins with one loses it, and with Windows'
 * line ends, lest a sentence that ends with a carriage return does. */
static const char *write_out(const Pairs *pairs) {
    ByteArray text = {0};
    byte_array_append(&text, "\xef\xbb\xbf", 3);
    for (size_t i = 0; i < pairs->src.count; i++) {
        byte_array_append(&text, pairs->src.line[i], strlen(pairs->src.line[i]));
        byte_array_append(&text, "\t", 1);
        byte_array_append(&text, pairs->tgt.line[i], strlen(pairs->tgt.line[i]));
        byte_array_append(&text, "\r\n", 2);
    }
    const char *path = fuzz_file(text.data, text.count);
    free(text.data);
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Pairs pairs, again;
    Error err = {""};
    fuzz_taken = pairs_read_tsv(fuzz_file(data, size), &pairs, &err);
    if (!fuzz_taken) {
        fuzz_refused(&err);
        return 0;
    }
    REQUIRE(pairs.src.count == pairs.tgt.count && pairs.src.count > 0, "%zu and %zu sentences",
            pairs.src.count, pairs.tgt.count);
    for (size_t i = 0; i < pairs.src.count; i++)
        REQUIRE(!lines_is_blank(pairs.src.line[i]) && !lines_is_blank(pairs.tgt.line[i]),
                "pair %zu is half blank", i);
    REQUIRE(pairs_read_tsv(write_out(&pairs), &again, &err), "written, but not read: %s", err.text);
    REQUIRE(again.src.count == pairs.src.count && again.skipped + again.too_long == 0 &&
                pairs_crc32(&again) == pairs_crc32(&pairs),
            "%zu pairs have become %zu others", pairs.src.count, again.src.count);
    pairs_free(&again);
    pairs_free(&pairs);
    return 0;
}
