/* data_check.h - whether sentence pairs are what one wants to train on: the first half of
 * `train --check`. */
#ifndef DATA_CHECK_H
#define DATA_CHECK_H

#include "06_training/check/checklist.h"
#include "06_training/run/run.h"

/* Prints a check for each line of the list: how many pairs, what was left out, repeated and equal
 * pairs, validation pairs that are trained on, scripts, lengths, and whether the lines of the two
 * sides belong together. train: the text that the run was begun with. */
void data_check(const Run *run, const Pairs *train, Checklist *list);

#endif
