#include "06_training/trainer/kept_option.h"

#include "06_training/trainer/metadata.h"

#include <stdio.h>

const char *kept_option_key(const Option *option, char key[KEPT_OPTION_KEY]) {
    snprintf(key, KEPT_OPTION_KEY, "train.%s", option->name);
    return key;
}

double kept_option_value(const Option *option) {
    return option->kind == OPTION_REAL   ? *option->value.number
           : option->kind == OPTION_FLAG ? *option->value.flag
                                         : (double)*option->value.integer;
}

void kept_option_set(const Option *option, double value) {
    if (option->kind == OPTION_REAL) *option->value.number = value;
    if (option->kind == OPTION_INTEGER) *option->value.integer = (long)value;
    if (option->kind == OPTION_FLAG) *option->value.flag = value != 0;
}

void kept_option_write(SafetensorsWriter *writer, const Option *option) {
    char key[KEPT_OPTION_KEY];
    safetensors_writer_number(writer, kept_option_key(option, key), kept_option_value(option), 17);
}

bool kept_option_read(const Safetensors *file, const Option *option, double *value, Error *err) {
    char key[KEPT_OPTION_KEY];
    long whole = 0;
    kept_option_key(option, key);
    if (option->kind == OPTION_REAL)
        return metadata_read_real(file, key, option->min, option->max, value, err);
    const long min = (long)option->min, max = option->kind == OPTION_FLAG ? 1 : (long)option->max;
    if (!metadata_read_whole(file, key, min, max, &whole, err)) return false;
    *value = (double)whole;
    return true;
}
