#include "common/lab/moons.h"

#include "common/lab/python_random.h"
#include "common/ops.h"
#include "common/training.h"

#include <stdio.h>
#include <stdlib.h>

static const double NOISE = 0.1;

/* Fifty places on a half circle each. The lower moon is the upper one turned, moved by one to the
 * right and by a half up, so that each has its horn in the other's bay. */
static void on_the_moons(size_t i, double *x, double *y) {
    enum { EACH = MOONS_POINTS / 2 };
    const double pi = 3.14159265358979323846;
    const double angle = pi * (double)(i % EACH) / (EACH - 1);
    const bool lower = i >= EACH;
    *x = lower ? 1 - cos(angle) : cos(angle);
    *y = lower ? 0.5 - sin(angle) : sin(angle);
}

/* First the order is drawn, then the noise: the draws must come in scikit-learn's order. */
void moons_make(Moons *moons, uint64_t seed) {
    Random random;
    random_seed(&random, seed);
    size_t order[MOONS_POINTS];
    double noise[2 * MOONS_POINTS];
    for (size_t i = 0; i < MOONS_POINTS; i++) order[i] = i;
    numpy_random_shuffle(&random, order, MOONS_POINTS);
    numpy_random_normal(&random, noise, 2 * MOONS_POINTS, NOISE);
    for (size_t i = 0; i < MOONS_POINTS; i++) {
        double x, y;
        on_the_moons(order[i], &x, &y);
        moons->x[2 * i] = (real)(x + noise[2 * i]);
        moons->x[2 * i + 1] = (real)(y + noise[2 * i + 1]);
        moons->label[i] = order[i] >= MOONS_POINTS / 2;
    }
}

void moons_net_new(MoonsNet *net, int outputs, Random *random) {
    *net = (MoonsNet){0};
    const int width[MOONS_LAYERS + 1] = {2, MOONS_HIDDEN, MOONS_HIDDEN, outputs};
    for (int i = 0; i < MOONS_LAYERS; i++) {
        char prefix[32];
        snprintf(prefix, sizeof prefix, "layers.%d.", i);
        net->layer[i] = linear_new(&net->parameters, prefix, width[i], width[i + 1], true, random);
    }
}

void moons_net_free(MoonsNet *net) {
    parameters_free(&net->parameters);
}

Tensor *moons_net_forward(const MoonsNet *net, Tensor *x) {
    Tensor *h = op_relu(linear_forward(&net->layer[0], x)); // (N,16)
    h = op_relu(linear_forward(&net->layer[1], h));         // (N,16)
    return linear_forward(&net->layer[2], h);               // (N,outputs)
}

int moons_correct(const Tensor *logits, const Moons *moons) {
    EXPECT_SHAPE(logits, MOONS_POINTS, 2);
    int correct = 0;
    for (int i = 0; i < MOONS_POINTS; i++)
        correct += (logits->data[2 * i + 1] > logits->data[2 * i]) == moons->label[i];
    return correct;
}

/* What training_run hands to the functions below. */
typedef struct {
    const MoonsNet *net;
    const Moons *moons;
    const MoonsWatch *watch;
    int step;
} Pupil;

static Tensor *moons_loss(void *context, int *count) {
    Pupil *pupil = context;
    Tensor *x = TENSOR_FROM(pupil->moons->x, MOONS_POINTS, 2); // (100,2)
    Tensor *logits = moons_net_forward(pupil->net, x);         // (100,2)
    *count = MOONS_POINTS;
    if (pupil->watch->correct)
        pupil->watch->correct[pupil->step] = moons_correct(logits, pupil->moons);
    return op_cross_entropy(logits, pupil->moons->label, -1, 0); // (), summed over the points
}

static bool moons_look(void *context, int step) {
    Pupil *pupil = context;
    pupil->step = step;
    if (pupil->watch->look) pupil->watch->look(pupil->watch->context, step);
    return true;
}

static bool moons_note(void *context, int step, double loss) {
    Pupil *pupil = context;
    if (pupil->watch->loss) pupil->watch->loss[step] = (real)loss;
    return true;
}

void moons_train(MoonsNet *net, const Moons *moons, double rate, int steps,
                 const MoonsWatch *watch) {
    Pupil pupil = {.net = net, .moons = moons, .watch = watch};
    training_run(&(Training){.parameters = &net->parameters,
                             .adam = adam_pytorch(),
                             .steps = steps,
                             .lr = rate,
                             .loss = moons_loss,
                             .look = moons_look,
                             .note = moons_note,
                             .context = &pupil});
}

/* All places of the grid are one batch; nothing is recorded, since nothing goes back. */
void moons_field(const MoonsNet *net, const MoonsGrid *grid, real *field) {
    const GraphMode before = graph_quiet();
    Tensor *places = TENSOR(grid->rows * grid->cols, 2); // (rows cols, 2)
    for (int r = 0; r < grid->rows; r++)
        for (int c = 0; c < grid->cols; c++) {
            real *place = places->data + 2 * (r * grid->cols + c);
            place[0] = (real)(grid->x_min + (grid->x_max - grid->x_min) * c / (grid->cols - 1));
            place[1] = (real)(grid->y_min + (grid->y_max - grid->y_min) * r / (grid->rows - 1));
        }
    const Tensor *p = op_softmax(moons_net_forward(net, places)); // (rows cols, 2)
    for (int i = 0; i < grid->rows * grid->cols; i++)
        field[i] = p->data[2 * i + 1] - p->data[2 * i];
    graph_restore(before);
}

/* The grid's place nearest to value, of `count` from low to high. */
static int nearest(double value, double low, double high, int count) {
    return (int)lround((value - low) / (high - low) * (count - 1));
}

void moons_map(const MoonsNet *net, const MoonsGrid *grid, const Moons *moons, char *map) {
    const int rows = grid->rows, cols = grid->cols;
    real *field = graph_alloc((size_t)(rows * cols) * sizeof *field);
    moons_field(net, grid, field);
    for (int r = 0; r < rows; r++) // a text begins at its top, a plane at its bottom
        for (int c = 0; c < cols; c++)
            map[(rows - 1 - r) * cols + c] = field[r * cols + c] > 0 ? ':' : ' ';
    for (int i = 0; i < MOONS_POINTS; i++) {
        const int r = nearest((double)moons->x[2 * i + 1], grid->y_min, grid->y_max, rows);
        const int c = nearest((double)moons->x[2 * i], grid->x_min, grid->x_max, cols);
        if (r >= 0 && r < rows && c >= 0 && c < cols)
            map[(rows - 1 - r) * cols + c] = moons->label[i] ? 'x' : 'o';
    }
}
