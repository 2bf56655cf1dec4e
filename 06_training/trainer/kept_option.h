/* kept_option.h - the options of a run in the metadata of its file, under "train.NAME", so that a
 * person can read there how to repeat the run, and --resume takes them back. */
#ifndef KEPT_OPTION_H
#define KEPT_OPTION_H

#include "common/files/options.h"
#include "common/files/safetensors.h"

enum { KEPT_OPTION_KEY = 64 }; // bytes of a key, with its end

/* "train.NAME", written to key, which is returned. */
const char *kept_option_key(const Option *option, char key[KEPT_OPTION_KEY]);

/* What a flag (0 or 1), an integer or a real option is set to. */
double kept_option_value(const Option *option);

/* Sets it: within what the option may be, and without a fraction if it has none. */
void kept_option_set(const Option *option, double value);

/* Adds the number that such an option is set to. */
void kept_option_write(SafetensorsWriter *writer, const Option *option);

/* *value <- the number that the file keeps of such an option. One that is absent, or that the
 * option could not be, is an error that names file and key. */
bool kept_option_read(const Safetensors *file, const Option *option, double *value, Error *err);

#endif
