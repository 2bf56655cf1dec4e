#include "06_training/trainer/loss_plot.h"

#include <stdlib.h>

#include "common/arena.h"

/* plot_panels wants one array a curve, a run has one row a validation. */
void loss_plot(Picture picture, const char *const names[2], const LossPoint *points, size_t count) {
    enum { TRAIN, VALID, BLEU, LR, CURVES };
    if (count < 2) return;
    real *x = memory_alloc((1 + CURVES) * count * sizeof *x), *y[CURVES];
    for (int c = 0; c < CURVES; c++) y[c] = x + (size_t)(1 + c) * count;
    bool bleu = true, lr = true;
    for (size_t i = 0; i < count; i++) {
        const LossPoint *p = &points[i];
        x[i] = (real)p->step;
        y[TRAIN][i] = (real)p->train;
        y[VALID][i] = (real)p->valid;
        y[BLEU][i] = (real)p->bleu;
        y[LR][i] = (real)p->lr;
        bleu = bleu && isfinite(p->bleu);
        lr = lr && isfinite(p->lr);
    }
    PlotSeries series[CURVES];
    for (int c = 0; c < CURVES; c++)
        series[c] = (PlotSeries){
            .name = c < BLEU ? names[c] : NULL, .x = x, .y = y[c], .count = count, .points = true};
    PlotPanel panels[3] = {{.y_label = "cross-entropy (nats)", .series = series, .count = 2}};
    size_t shown = 1;
    if (bleu) panels[shown++] = (PlotPanel){.y_label = "BLEU", .series = &series[BLEU], .count = 1};
    if (lr) panels[shown++] = (PlotPanel){.y_label = "rate", .series = &series[LR], .count = 1};
    picture.x_label = "step";
    picture.y_label = panels[0].y_label;
    if (shown == 1)
        plot_lines(&picture, series, 2);
    else
        plot_panels(&picture, panels, shown);
    free(x);
}
