#include "06_training/check/batch_view.h"

#include <stdio.h>
#include <string.h>

#include "common/files/utf8.h"

enum { LABEL = 16, COLUMNS = 100 };

/* The columns that a place takes: for the widest of the pieces in it. */
static int width_of(const Bpe *bpe, int first, int second) {
    const size_t a = utf8_columns(bpe_piece(bpe, first)), b = utf8_columns(bpe_piece(bpe, second));
    const int widest = (int)(a > b ? a : b);
    return 1 + (widest > 5 ? widest : 5);
}

/* Two rows of the same width are aligned; as many places of them as fit into a line. */
typedef struct {
    const Bpe *bpe;
    const int *row, *beside; // (length)
    int length;
} View;

static int places_of(View view) {
    int used = LABEL, place = 0;
    for (; place < view.length; place++) {
        used += width_of(view.bpe, view.row[place], view.beside[place]);
        if (used > COLUMNS - 4) break; // room for the dots
    }
    return place;
}

static void end_row(View view, int places) {
    puts(places < view.length ? " ..." : "");
}

static void print_pieces(View view, const char *label, const int *ids) {
    const int places = places_of(view);
    printf("%-*s", LABEL, label);
    for (int i = 0; i < places; i++) {
        const char *piece = bpe_piece(view.bpe, ids[i]);
        printf("%*s%s", width_of(view.bpe, view.row[i], view.beside[i]) - (int)utf8_columns(piece),
               "", piece);
    }
    end_row(view, places);
}

static void print_ids(View view, const char *label, const int *ids) {
    const int places = places_of(view);
    printf("%-*s", LABEL, label);
    for (int i = 0; i < places; i++)
        printf("%*d", width_of(view.bpe, view.row[i], view.beside[i]), ids[i]);
    end_row(view, places);
}

/* <pad> is not attended to, and not counted by the loss. */
static void print_mask(View view, const char *label, const int *ids, const char *text,
                       const char *pad) {
    const int places = places_of(view);
    printf("%-*s", LABEL, label);
    for (int i = 0; i < places; i++)
        printf("%*s", width_of(view.bpe, view.row[i], view.beside[i]),
               ids[i] == TOKEN_PAD ? pad : text);
    end_row(view, places);
}

void batch_view_print(const Bpe *bpe, Batch batch) {
    for (int b = 0; b < batch.B; b++) {
        const int *src = batch.src + b * batch.S, *tgt = batch.tgt + b * batch.T;
        const int *labels = batch.labels + b * batch.T;
        const View source = {bpe, src, src, batch.S}, target = {bpe, tgt, labels, batch.T};
        printf("sentence %d of %d: source %d places, target %d\n", b + 1, batch.B, batch.S,
               batch.T);
        print_pieces(source, "  source", src);
        print_ids(source, "    ids", src);
        print_mask(source, "    masked", src, "-", "yes");
        print_pieces(target, "  decoder reads", tgt);
        print_ids(target, "    ids", tgt);
        print_pieces(target, "  is to say", labels);
        print_ids(target, "    ids", labels);
        print_mask(target, "    counts", labels, "yes", "-");
    }
}
