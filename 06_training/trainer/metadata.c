#include "06_training/trainer/metadata.h"

#include <math.h>
#include <stdlib.h>

/* Whoever edits a file by hand is told what would do. NaN is in no range. */
static bool read_number(const Safetensors *file, const char *key, double min, double max,
                        bool whole, double *value, Error *err) {
    const char *text = safetensors_metadata(file, key);
    char *end = NULL;
    const double number = text ? strtod(text, &end) : 0;
    if (text && end != text && !*end && number >= min && number <= max &&
        (!whole || number == floor(number))) {
        *value = number;
        return true;
    }
    return error_set(err, "%s: metadata \"%s\" is \"%s\", expected a%s number from %.10g to %.10g",
                     file->path, key, text ? text : "absent", whole ? " whole" : "", min, max);
}

bool metadata_read_real(const Safetensors *file, const char *key, double min, double max,
                        double *value, Error *err) {
    return read_number(file, key, min, max, false, value, err);
}

/* A double holds every whole number up to 2^53, about 9e15, exactly. */
bool metadata_read_whole(const Safetensors *file, const char *key, long min, long max, long *value,
                         Error *err) {
    double number = 0;
    if (!read_number(file, key, (double)min, (double)max, true, &number, err)) return false;
    *value = (long)number;
    return true;
}

bool metadata_is_of(const char *path, const char *key, const char *writer, Error *err) {
    Safetensors file;
    if (!safetensors_open(path, &file, err)) return false;
    const bool has_key = safetensors_metadata(&file, key) != NULL;
    safetensors_close(&file);
    return has_key || error_set(err, "%s: not written by %s", path, writer);
}
