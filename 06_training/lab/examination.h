/* examination.h - takes the symptoms of a training run: the checks of this chapter, as numbers.
 *
 * Whatever is measured is computed by the modules that the program is made of, so that a fault in
 * one of them shows. What is compared with them, a batch put together from the text, is made here.
 */
#ifndef EXAMINATION_H
#define EXAMINATION_H

#include "06_training/lab/symptoms.h"
#include "06_training/run/run.h"

/* What can only be seen before the first step. Both use the run's graphs. */
void examination_before(Run *run, Symptoms *symptoms);

/* All else, and the run's log. The run's weights are afterwards what they were. */
bool examination_after(Run *run, Symptoms *symptoms, Error *err);

#endif
