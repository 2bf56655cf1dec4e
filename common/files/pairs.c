#include "common/files/pairs.h"

#include <stdlib.h>
#include <string.h>

#include "common/arena.h"

/* A line of a megabyte is of another kind: one line of JSON, a minified page. */
static bool is_too_long(const char *line) {
    return strlen(line) > LINE_BYTES_MAX;
}

/* Drops the pairs that are none, keeping the order of the others. */
static void drop_unusable(Pairs *pairs) {
    size_t kept = 0;
    pairs->number = memory_alloc(pairs->src.count * sizeof *pairs->number);
    for (size_t i = 0; i < pairs->src.count; i++) {
        char *src = pairs->src.line[i], *tgt = pairs->tgt.line[i];
        if (lines_is_blank(src) || lines_is_blank(tgt)) {
            pairs->skipped++;
        } else if (is_too_long(src) || is_too_long(tgt)) {
            pairs->too_long++;
        } else {
            pairs->number[kept] = i + 1;
            pairs->src.line[kept] = src;
            pairs->tgt.line[kept++] = tgt;
        }
    }
    pairs->src.count = pairs->tgt.count = kept;
}

/* Line counts that differ mean that the files are not parallel from some line on, and no later line
 * could be trusted. */
bool pairs_read(const char *src_path, const char *tgt_path, Pairs *pairs, Error *err) {
    *pairs = (Pairs){0};
    bool ok = lines_read_composed(src_path, &pairs->src, err) &&
              lines_read_composed(tgt_path, &pairs->tgt, err);
    if (ok && pairs->src.count != pairs->tgt.count)
        ok = error_set(err, "%s has %zu lines but %s has %zu: expected as many", src_path,
                       pairs->src.count, tgt_path, pairs->tgt.count);
    if (ok) drop_unusable(pairs);
    if (ok && pairs->src.count == 0)
        ok = error_set(err, "%s, %s: no line has text in both files", src_path, tgt_path);
    if (!ok) pairs_free(pairs);
    return ok;
}

/* Ends every source line at its tab and points the target line behind it. */
static bool pairs_split(const char *path, Pairs *pairs, Error *err) {
    pairs->tgt.line = malloc(pairs->src.count * sizeof *pairs->tgt.line);
    if (!pairs->tgt.line) return error_set(err, "%s: too large for the memory", path);
    for (size_t i = 0; i < pairs->src.count; i++) {
        char *line = pairs->src.line[i], *tab = strchr(line, '\t');
        if (!tab && !lines_is_blank(line))
            return error_set(err, "%s:%zu: no tab: expected source TAB target", path, i + 1);
        // A second tab may be a third column or a tab inside a sentence: guessing which would train
        // on the wrong text.
        if (tab && strchr(tab + 1, '\t'))
            return error_set(
                err,
                "%s:%zu: more than one tab: expected source TAB target (cut -f 1,2 keeps "
                "the first two columns)",
                path, i + 1);
        pairs->tgt.line[i] =
            tab ? tab + 1 : line + strlen(line); // a blank line has two blank sides
        if (tab) *tab = '\0';
    }
    pairs->tgt.count = pairs->src.count;
    return true;
}

/* Line counts cannot differ here; a line without its tab is the same accident, named by number. */
bool pairs_read_tsv(const char *path, Pairs *pairs, Error *err) {
    *pairs = (Pairs){0};
    bool ok = lines_read_composed(path, &pairs->src, err) && pairs_split(path, pairs, err);
    if (ok) drop_unusable(pairs);
    if (ok && pairs->src.count == 0)
        ok = error_set(err, "%s: no line has text on both sides of its tab", path);
    if (!ok) pairs_free(pairs);
    return ok;
}

void pairs_free(Pairs *pairs) {
    lines_free(&pairs->src);
    lines_free(&pairs->tgt);
    free(pairs->number);
    *pairs = (Pairs){0};
}

size_t pairs_line(const Pairs *pairs, size_t i) {
    return pairs->number ? pairs->number[i] : i + 1;
}

/* With each NUL, so that moving a word from one line to the next is a difference. */
uint32_t pairs_crc32(const Pairs *pairs) {
    uint32_t crc = 0;
    for (size_t i = 0; i < pairs->src.count; i++) {
        crc = crc32_add(crc, pairs->src.line[i], strlen(pairs->src.line[i]) + 1);
        crc = crc32_add(crc, pairs->tgt.line[i], strlen(pairs->tgt.line[i]) + 1);
    }
    return crc;
}
