/* loss_plot.h - the picture of a training: two losses against the step, and below them what else is
 * known of it. */
#ifndef LOSS_PLOT_H
#define LOSS_PLOT_H

#include "common/screen/plot.h"

typedef struct {
    long step;
    double train, valid; // nats
    double bleu, lr;     // validation BLEU, learning rate; NAN: not known
} LossPoint;

/* Draws both losses, and BLEU and the rate in panels of their own where all points have them. The
 * picture's name, directory, title, caption and whether it is live are the caller's, the axes'
 * labels are not; names are those of the two curves. Fewer than two points make no line, and then
 * nothing is drawn. */
void loss_plot(Picture picture, const char *const names[2], const LossPoint *points, size_t count);

#endif
