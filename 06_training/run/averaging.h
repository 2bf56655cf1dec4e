/* averaging.h - the mean of the weights after the last few epochs (Vaswani et al. 2017, section
 * 6.1).
 *
 * Weights circle around a minimum while the rate is not yet small; their mean lies nearer to it.
 */
#ifndef AVERAGING_H
#define AVERAGING_H

#include "06_training/translator/translator.h"

/* path <- DIRECTORY/epoch-N.safetensors, the weights after epoch N. Returns path. */
const char *averaging_path(const char *directory, long epoch, char path[4096]);

/* Writes DIRECTORY/epoch-N.safetensors and removes the one that is no longer among the last `last`.
 * Nothing happens if last is 1: there is nothing to average. */
bool averaging_save_epoch(const Translator *translator, const char *directory, long epoch,
                          long last, Error *err);

/* Sets the weights to the mean of the files of the `last` epochs up to `epoch`, as many as there
 * are without a gap, and returns how many; if there are none the weights stay. A file that cannot
 * be read, or that is of another run, is a gap: *gap says so, or why there are none; otherwise it
 * is empty. */
int averaging_mean(Translator *translator, const char *directory, long epoch, long last,
                   Error *gap);

#endif
