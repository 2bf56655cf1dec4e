/* trace.h - looking inside a forward pass: every module's output as it is made.
 *
 * PyTorch has hooks for this. Here the layers hand each result through traced(), which gives it
 * back unchanged and, while this thread is being traced, reports it under the name that the module
 * has in PyTorch. Off, it costs one comparison for each module.
 */
#ifndef TRACE_H
#define TRACE_H

#include "common/tensor.h"

/* Told of an output: module is "transformer.encoder.layers.0.self_attn", valid during the call. */
typedef void (*Trace)(void *context, const char *module, const Tensor *output);

/* From here on trace is called on this thread, until trace_set(NULL, NULL). */
void trace_set(Trace trace, void *context);

/* Returns output. name is a parameter's name, and the module is what is left without its last
 * `levels` parts: "encoder.layers.0.norm1.weight" belongs to the module "encoder.layers.0.norm1"
 * (1) in the layer "encoder.layers.0" (2). */
Tensor *traced(const char *name, int levels, Tensor *output);

/* A Trace that prints one line: module, shape, mean and standard deviation (divided by the count)
 * of all its numbers. context is not used. */
void trace_print(void *context, const char *module, const Tensor *output);

#endif
