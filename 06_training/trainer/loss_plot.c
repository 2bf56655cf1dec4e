#include "06_training/trainer/loss_plot.h"

#include <stdlib.h>

#include "common/arena.h"

/* plot_lines wants one array a curve, a run has one row a validation. */
void loss_plot(Picture picture, const char *const names[2], const LossPoint *points, size_t count) {
    if (count < 2) return;
    real *x = memory_alloc(3 * count * sizeof *x), *train = x + count, *valid = train + count;
    for (size_t i = 0; i < count; i++) {
        x[i] = (real)points[i].step;
        train[i] = (real)points[i].train;
        valid[i] = (real)points[i].valid;
    }
    picture.x_label = "step";
    picture.y_label = "cross-entropy (nats)";
    const PlotSeries series[] = {
        {.name = names[0], .x = x, .y = train, .count = count, .points = true},
        {.name = names[1], .x = x, .y = valid, .count = count, .points = true}};
    plot_lines(&picture, series, 2);
    free(x);
}
