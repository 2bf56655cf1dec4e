/* model_check.h - whether the model and the way it is trained are sound: `train --check`, second
 * half. */
#ifndef MODEL_CHECK_H
#define MODEL_CHECK_H

#include "06_training/check/checklist.h"
#include "06_training/run/run.h"

/* Prints a batch as the model sees it, and a check for each line of the list: first loss, prefix
 * and padding tests, gradient norms, eight pairs learned by heart, and whether the training is long
 * enough. The run, which has taken no step, is left as it was. */
bool model_check(const Run *run, Checklist *list, Error *err);

#endif
