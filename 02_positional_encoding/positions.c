#include "02_positional_encoding/positions.h"

#include "02_positional_encoding/learned_positions.h"
#include "02_positional_encoding/rotary.h"
#include "02_positional_encoding/sinusoid.h"

static const char *const names[] = {
    [POSITIONS_SINUSOID] = "sinusoid",
    [POSITIONS_NONE] = "none",
    [POSITIONS_LEARNED] = "learned",
    [POSITIONS_ROTARY] = "rotary",
};
enum { KINDS = sizeof names / sizeof names[0] };

/* Only what is learned draws: a model whose positions are a formula keeps the random numbers, and
 * so the weights, that it would have without them. */
Positions positions_new(PositionsKind kind, Parameters *parameters, const char *prefix,
                        int max_length, int d_model, Random *random) {
    Positions positions = {.kind = kind};
    if (kind == POSITIONS_LEARNED) {
        positions.weight = PARAMETER(parameters, prefix, "weight", max_length, d_model);
        random_fill_normal(random, positions.weight->data, positions.weight->size, 0, 1);
    }
    return positions;
}

/* Every kind is named, so that the compiler asks after a fifth. */
Tensor *positions_add(const Positions *positions, Tensor *x, int first_position) {
    REQUIRE(x->ndim == 3, "x must be (B,T,E), not %d-dimensional", x->ndim);
    switch (positions->kind) {
    case POSITIONS_SINUSOID:
        return sinusoid_add(x, first_position);
    case POSITIONS_LEARNED: // (B,T,E) + (T,E): the same places in every sentence of the batch
        return op_add(x, learned_positions(positions->weight, first_position, x->shape[1]));
    case POSITIONS_NONE:
    case POSITIONS_ROTARY:
        break;
    }
    return x;
}

Tensor *positions_turn(const Positions *positions, Tensor *x, int head_dim, int first_position) {
    return positions->kind == POSITIONS_ROTARY ? rotary_turn(x, head_dim, first_position) : x;
}

const char *positions_name(PositionsKind kind) {
    REQUIRE((int)kind >= 0 && (int)kind < KINDS, "kind %d", (int)kind);
    return names[kind];
}

bool positions_from_name(const char *name, PositionsKind *kind) {
    for (int k = 0; k < KINDS; k++)
        if (strcmp(name, names[k]) == 0) {
            *kind = (PositionsKind)k;
            return true;
        }
    return false;
}
