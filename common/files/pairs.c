#include "common/files/pairs.h"

#include <stdlib.h>
#include <string.h>

/* Drops the pairs with a blank side, keeping the order of the others. */
static void pairs_drop_blank(Pairs *pairs) {
    size_t kept = 0;
    for (size_t i = 0; i < pairs->src.count; i++) {
        if (lines_is_blank(pairs->src.line[i]) || lines_is_blank(pairs->tgt.line[i])) continue;
        pairs->src.line[kept] = pairs->src.line[i];
        pairs->tgt.line[kept++] = pairs->tgt.line[i];
    }
    pairs->skipped = pairs->src.count - kept;
    pairs->src.count = pairs->tgt.count = kept;
}

/* Line counts that differ mean that the files are not parallel from some line on, and no later line
 * could be trusted. */
bool pairs_read(const char *src_path, const char *tgt_path, Pairs *pairs, Error *err) {
    *pairs = (Pairs){0};
    bool ok = lines_read(src_path, &pairs->src, err) && lines_read(tgt_path, &pairs->tgt, err);
    if (ok && pairs->src.count != pairs->tgt.count)
        ok = error_set(err, "%s has %zu lines but %s has %zu: expected as many", src_path,
                       pairs->src.count, tgt_path, pairs->tgt.count);
    if (ok) pairs_drop_blank(pairs);
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
        char *tab = strchr(pairs->src.line[i], '\t');
        if (!tab) return error_set(err, "%s:%zu: no tab: expected source TAB target", path, i + 1);
        // A second tab may be a third column or a tab inside a sentence: guessing which would train
        // on the wrong text.
        if (strchr(tab + 1, '\t'))
            return error_set(err, "%s:%zu: more than one tab: expected source TAB target", path,
                             i + 1);
        *tab = '\0';
        pairs->tgt.line[i] = tab + 1;
    }
    pairs->tgt.count = pairs->src.count;
    return true;
}

/* Line counts cannot differ here; a line without its tab is the same accident, named by number. */
bool pairs_read_tsv(const char *path, Pairs *pairs, Error *err) {
    *pairs = (Pairs){0};
    bool ok = lines_read(path, &pairs->src, err) && pairs_split(path, pairs, err);
    if (ok) pairs_drop_blank(pairs);
    if (ok && pairs->src.count == 0)
        ok = error_set(err, "%s: no line has text on both sides of its tab", path);
    if (!ok) pairs_free(pairs);
    return ok;
}

void pairs_free(Pairs *pairs) {
    lines_free(&pairs->src);
    lines_free(&pairs->tgt);
    *pairs = (Pairs){0};
}
