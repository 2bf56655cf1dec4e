#include "05_encoder_decoder/trace.h"

#include <stdio.h>

/* One per thread, like the current graph: what another thread computes is not this one's trace. */
static _Thread_local Trace current;
static _Thread_local void *current_context;

void trace_set(Trace trace, void *context) {
    current = trace;
    current_context = context;
}

/* A parameter knows its full name, and a module is the name without its last parts: so nothing has
 * to carry names only to be traced. */
Tensor *traced(const char *name, int levels, Tensor *output) {
    if (!current) return output;
    char module[256];
    snprintf(module, sizeof module, "%s", name);
    for (int i = 0; i < levels; i++) {
        char *dot = strrchr(module, '.');
        if (dot) *dot = '\0';
    }
    current(current_context, module, output);
    return output;
}

/* Mean and deviation in double, in two passes: modules of a million numbers are printed to six
 * digits. */
void trace_print(void *context, const char *module, const Tensor *output) {
    (void)context;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < output->size; i++) sum += (double)output->data[i];
    double mean = sum / (double)output->size;
    for (size_t i = 0; i < output->size; i++)
        squares += ((double)output->data[i] - mean) * ((double)output->data[i] - mean);
    if (fabs(mean) < 5e-7) mean = 0; // no "-0.000000" after a norm
    char shape[64];
    printf("%-47s %-10s %10.6f %9.6f\n", module, shape_text(shape, output->ndim, output->shape),
           mean, sqrt(squares / (double)output->size));
}
