/* little_world.h - sentences about a small world, to learn what the corpus does not tell.
 *
 * Word vectors come from the company that words keep, so the sentences here keep telling company:
 * what is eaten, what is sat on, who wears a crown, who wears a tie. Some words are set up to be
 * found out: king, queen, man and woman differ in rank and in gender and in nothing else, and
 * "bank" is both of a river and of money.
 */
#ifndef EMBEDDINGS_LITTLE_WORLD_H
#define EMBEDDINGS_LITTLE_WORLD_H

#include "common/random.h"

enum { LITTLE_WORLD_SENTENCE = 96 }; // bytes that a sentence takes at most, with its NUL

/* Writes a sentence drawn at random: lower-case words with one space between them. */
void little_world_sentence(Random *random, char sentence[LITTLE_WORLD_SENTENCE]);

#endif
