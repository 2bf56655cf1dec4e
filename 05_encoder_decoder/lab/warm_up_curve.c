#include "05_encoder_decoder/lab/warm_up_curve.h"

#include "common/training.h"

enum { B = 8, S = 3, E = 16, DIGITS = WARM_UP_CURVE_DIGITS };
enum { STEPS = WARM_UP_CURVE_WINDOWS * WARM_UP_CURVE_WINDOW, WARM_UP = STEPS / 2 };
static const double RATE = 0.01;

typedef struct {
    const PlacedStack *stack;
    Random random;
    double *loss;
} Course;

static Tensor *backwards_loss(void *context, int *count) {
    Course *course = context;
    *count = B * S;
    int *ids = graph_alloc(sizeof(int) * B * S), *labels = graph_alloc(sizeof(int) * B * S);
    for (int b = 0; b < B; b++)
        for (int s = 0; s < S; s++) {
            ids[b * S + s] = (int)random_below(&course->random, DIGITS);
            labels[b * S + S - 1 - s] = ids[b * S + s];
        }
    Tensor *logits = placed_stack_forward(course->stack, ids, B, S); // (B,S,DIGITS)
    return op_cross_entropy(RESHAPE(logits, B * S, DIGITS), labels, -1, 0);
}

static bool note(void *context, int step, double loss) {
    const Course *course = context;
    course->loss[step / WARM_UP_CURVE_WINDOW] += loss / WARM_UP_CURVE_WINDOW;
    return true;
}

static double along_a_line(const Training *training, int step) {
    return training->lr * fmin(1, (step + 1.0) / WARM_UP);
}

void warm_up_curve(Placement placement, bool warm_up, uint64_t seed, double *loss) {
    const LayerConfig config = {.d_model = E, .nhead = 2, .dim_feedforward = 2 * E};
    Course course = {.loss = loss};
    for (int i = 0; i < WARM_UP_CURVE_WINDOWS; i++) loss[i] = 0;
    random_seed(&course.random, seed);
    PlacedStack *stack =
        placed_stack_new(placement, config, WARM_UP_CURVE_LAYERS, DIGITS, &course.random);
    course.stack = stack;
    training_run(&(Training){.parameters = &stack->parameters,
                             .adam = adam_paper(),
                             .steps = STEPS,
                             .lr = RATE,
                             .rate = warm_up ? along_a_line : NULL,
                             .loss = backwards_loss,
                             .context = &course,
                             .note = note});
    placed_stack_free(stack);
}
