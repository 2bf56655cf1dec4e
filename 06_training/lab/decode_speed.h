/* decode_speed.h - how many sentences a second a model translates, whatever it has learned. */
#ifndef DECODE_SPEED_H
#define DECODE_SPEED_H

#include "05_encoder_decoder/transformer.h"
#include "06_training/trainer/threads.h"

/* Sentences a second that the team translates with a beam (1: greedy decoding), each thread in its
 * graph, as translate does: in batches of about one length, with packed weights, which count. The
 * words are random, the lengths those of image descriptions in English and German; since a model
 * that has learned nothing does not end, each translation ends at its length. */
double decode_speed(Transformer *model, Threads *threads, Graph **graphs, int sentences, int beam);

#endif
