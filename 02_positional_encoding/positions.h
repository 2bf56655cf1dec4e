/* positions.h - how a model is told where its tokens stand: one choice, one setting.
 *
 * A model calls positions_add once, after its embeddings, and positions_turn in every attention of
 * a sequence to itself, on queries and keys. Which of the two does something is the kind's affair.
 */
#ifndef POSITIONS_H
#define POSITIONS_H

#include "common/ops.h"
#include "common/parameters.h"
#include "common/random.h"

typedef enum {
    POSITIONS_SINUSOID, // the paper's table is added; what a config of zeros means
    POSITIONS_NONE,     // not at all
    POSITIONS_LEARNED,  // a trained table is added (learned_positions.h)
    POSITIONS_ROTARY,   // nothing is added; queries and keys are turned (rotary.h)
} PositionsKind;

typedef struct {
    PositionsKind kind;
    Tensor *weight; // (max_length,E) if learned, else NULL
} Positions;

/* Learned: adds PREFIXweight (max_length,d_model), drawn from N(0,1) as nn.Embedding draws it. The
 * other kinds add and draw nothing; prefix, max_length and random do not matter to them. */
Positions positions_new(PositionsKind kind, Parameters *parameters, const char *prefix,
                        int max_length, int d_model, Random *random);

/* x (B,T,E), whose first token stands at first_position (more than 0 when decoding goes on from a
 * cache) -> x + the places' vectors (B,T,E). None and rotary: x itself. */
Tensor *positions_add(const Positions *positions, Tensor *x, int first_position);

/* Queries or keys x (B,T,E), as heads of head_dim columns -> (B,T,E). Rotary: turned. The others: x
 * itself. */
Tensor *positions_turn(const Positions *positions, Tensor *x, int head_dim, int first_position);

/* "none", "sinusoid", "learned" or "rotary"; and the kind of that name, false if there is none. */
const char *positions_name(PositionsKind kind);
bool positions_from_name(const char *name, PositionsKind *kind);

#endif
