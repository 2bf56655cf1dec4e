#include "01_embeddings/text_part.h"

/* n = int(0.9 * len(data)) in the video. In whole numbers, since 0.9 is not a number a computer
 * has, and in two parts, since 9 * count could overflow. */
TextParts text_part_split(const int *ids, size_t count) {
    const size_t train = count / 10 * 9 + count % 10 * 9 / 10;
    return (TextParts){{ids, train}, {ids + train, count - train}};
}

void text_part_windows(Random *random, TextPart part, int B, int T, int *x, int *y) {
    const size_t length = (size_t)T;
    REQUIRE(part.count > length, "windows of %d in a text of %zu", T, part.count);
    for (size_t b = 0; b < (size_t)B; b++) {
        // The last window that has a token after it begins at count - T - 1.
        const int *start = part.ids + random_below(random, part.count - length);
        memcpy(x + b * length, start, length * sizeof(int));
        memcpy(y + b * length, start + 1, length * sizeof(int));
    }
}

Tensor *text_part_draw_loss(TextPartLoss loss, const void *model, Random *random, TextPart part,
                            int B, int T) {
    const size_t bytes = (size_t)B * (size_t)T * sizeof(int);
    int *x = graph_alloc(bytes), *y = graph_alloc(bytes); // (B,T)
    text_part_windows(random, part, B, T, x, y);
    return loss(model, x, y, B, T);
}

double text_part_estimate_loss(TextPartLoss loss, const void *model, Random *random, TextPart part,
                               int batches, int B, int T) {
    const GraphMode before = graph_quiet(); // nothing is to be learned from what is measured
    double total = 0;
    for (int i = 0; i < batches; i++) {
        graph_reset(graph_current());
        total += (double)tensor_item(text_part_draw_loss(loss, model, random, part, B, T));
    }
    graph_reset(graph_current());
    graph_restore(before);
    return total / batches;
}
