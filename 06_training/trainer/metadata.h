/* metadata.h - numbers out of the metadata of a safetensors file, which knows strings only;
 * safetensors_writer_number has put them in. */
#ifndef METADATA_H
#define METADATA_H

#include "common/files/safetensors.h"

/* The largest whole number: exact in a double, and more than anything that is counted reaches. */
#define METADATA_WHOLE_MAX 1000000000000000

/* *value <- the number under key, from min to max; one that is absent, no number or out of range is
 * an error that names file and key. */
bool metadata_read_real(const Safetensors *file, const char *key, double min, double max,
                        double *value, Error *err);

/* The same for a number without a fraction, at most METADATA_WHOLE_MAX. */
bool metadata_read_whole(const Safetensors *file, const char *key, long min, long max, long *value,
                         Error *err);

/* Whether path is a file that can be read and has key in its metadata. If not, an error that says
 * why; writer: who writes that key, "gpt". */
bool metadata_is_of(const char *path, const char *key, const char *writer, Error *err);

#endif
