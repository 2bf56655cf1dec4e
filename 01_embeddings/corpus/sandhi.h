/* sandhi.h - what neighbouring words do to each other, and the capital at the start of a sentence.
 *
 * Both languages adapt small words to what follows: "a apple" is "an apple", "le animal" is
 * "l'animal", "de le roi" is "du roi". (Linguists call it sandhi, after the Sanskrit grammarians.)
 * Doing it last, on the finished sentence, keeps it out of every pattern.
 */
#ifndef EMBEDDINGS_SANDHI_H
#define EMBEDDINGS_SANDHI_H

#include "common/array.h"

#include <stdbool.h>

/* Rewrite the sentence, which is replaced. */
void sandhi_english(ByteArray *sentence);
void sandhi_french(ByteArray *sentence);

/* Whether a French word starts with a vowel or a mute h; "*" before a word says that it does not.
 */
bool sandhi_starts_with_vowel(const char *word);

#endif
