/* loss_plot.h - the picture of a training: two losses against the step. */
#ifndef LOSS_PLOT_H
#define LOSS_PLOT_H

#include "common/screen/plot.h"

typedef struct {
    long step;
    double train, valid; // nats
} LossPoint;

/* Draws both losses. The picture's name, directory, title and caption are the caller's, the axes'
 * labels are not; names are those of the two curves. Fewer than two points make no line, and then
 * nothing is drawn. */
void loss_plot(Picture picture, const char *const names[2], const LossPoint *points, size_t count);

#endif
