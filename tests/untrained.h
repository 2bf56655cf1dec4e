/* untrained.h - a translator for tests in which it does not matter what is said. */
#ifndef UNTRAINED_H
#define UNTRAINED_H

#include "06_training/translator/translator.h"

/* One encoder layer, two decoder layers, two heads, d_model wide, its norms last if its embeddings
 * are tied, else first. Every byte is a piece, and each of the characters, which are above U+007F.
 * The caller frees with translator_free. */
Translator untrained_translator(const char *characters, int d_model, bool tied);

#endif
