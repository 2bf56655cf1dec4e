/* run_report.h - what is told before a training: the data as the model gets them, and what will be
 * tried with them. */
#ifndef RUN_REPORT_H
#define RUN_REPORT_H

#include "06_training/run/run.h"

/* Lengths and pieces per word of both sides, settings that follow from the size of the data, how
 * many steps there will be, and how the rate moves. train: the text that the run was begun with. */
void run_report(const Run *run, const Pairs *train);

/* Steps of the whole training if its limits of steps and epochs say so; 0: only the clock does, or
 * nothing. */
long run_report_steps(const Run *run);

#endif
