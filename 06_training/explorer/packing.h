/* packing.h - a model's weights with fewer bits each, for a page that carries them.
 *
 * All parameters one after the other in the order of their construction, each tensor once.
 */
#ifndef PACKING_H
#define PACKING_H

#include "common/array.h"
#include "common/parameters.h"

/* Appends every weight as a half (half.h), little endian. */
void packing_halves(const Parameters *parameters, ByteArray *bytes);

/* Sets every weight to the half nearest to it: the model that the page runs. */
void packing_round_to_halves(Parameters *parameters);

/* Appends every weight as a whole number from -127 to 127, and to scales, as little-endian floats,
 * what the numbers of each row are times; a row is what lies along the last dimension. Coarser than
 * a half, and good enough for seeing how a model learned. */
void packing_bytes(const Parameters *parameters, ByteArray *bytes, ByteArray *scales);

#endif
