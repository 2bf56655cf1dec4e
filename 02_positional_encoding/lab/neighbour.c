#include "02_positional_encoding/lab/neighbour.h"

#include "common/init.h"
#include "common/training.h"
#include "common/vector.h"

typedef struct {
    const NeighbourTask *task;
    Positions positions;
    Tensor *w;     // (E,E), or NULL: the two below
    Tensor *a, *b; // (E/2,1) each: pair i is multiplied by [a_i -b_i; b_i a_i]
} Model;

static Model model_new(const NeighbourTask *task, Parameters *parameters, Random *random) {
    const int E = task->d_model;
    Model model = {.task = task};
    if (task->turns_only) {
        model.a = PARAMETER(parameters, "", "a", E / 2, 1);
        model.b = PARAMETER(parameters, "", "b", E / 2, 1);
        random_fill_normal(random, model.a->data, model.a->size, 0, 1 / sqrt(E));
        random_fill_normal(random, model.b->data, model.b->size, 0, 1 / sqrt(E));
    } else {
        model.w = PARAMETER(parameters, "", "w", E, E);
        init_xavier_uniform(random, model.w->data, (size_t)E, (size_t)E, 1);
    }
    model.positions =
        positions_new(task->positions, parameters, "positions.", task->longest, E, random);
    return model;
}

/* What the first n places bring along, (n,E). Every place holds the same word, so that nothing but
 * its position tells one from another. Where positions are added, that word may be all zeros; where
 * they only turn it, there must be something to turn: all ones. */
static Tensor *placed_words(const Model *model, int n) {
    const int E = model->task->d_model;
    Tensor *word = TENSOR(1, n, E);
    for (size_t i = 0; i < word->size; i++)
        word->data[i] = model->positions.kind == POSITIONS_ROTARY;
    return RESHAPE(positions_add(&model->positions, word, 0), n, E);
}

/* x (n,E), queries or keys, turned by their places where positions do that. One head: D = E. */
static Tensor *turned(const Model *model, Tensor *x) {
    const int n = x->shape[0], E = x->shape[1];
    return RESHAPE(positions_turn(&model->positions, RESHAPE(x, 1, n, E), E, 0), n, E);
}

/* p (n,E) times the block matrix of a and b. */
static Tensor *turn_pairs(const Model *model, Tensor *p) {
    const int n = p->shape[0], pairs = p->shape[1] / 2;
    Tensor *crossed = TENSOR(n, pairs, 2); // (cos, -sin) where p has (sin, cos)
    for (size_t i = 0; i < crossed->size; i += 2) {
        crossed->data[i] = p->data[i + 1];
        crossed->data[i + 1] = -p->data[i];
    }
    // a (sin, cos) + b (cos, -sin): stretched by |(a, b)| and turned by their angle
    Tensor *straight = RESHAPE(p, n, pairs, 2);
    Tensor *turned = op_add(op_mul(straight, model->a), op_mul(crossed, model->b));
    return RESHAPE(turned, n, 2 * pairs);
}

/* The scores (n,n) of the first n places: row i says where place i points. */
static Tensor *scores(const Model *model, int n) {
    Tensor *p = placed_words(model, n); // (n,E)
    Tensor *queries = model->w ? op_matmul(p, model->w) : turn_pairs(model, p);
    Tensor *products = op_matmul(turned(model, queries), op_transpose(turned(model, p), 0, 1));
    return op_scale(products, 1 / (real)sqrt(p->shape[1]));
}

/* The summed cross-entropy of places 1 .. trained-1; place 0 has no left neighbour. */
static Tensor *neighbour_loss(void *context, int *count) {
    const Model *model = context;
    const int n = model->task->trained;
    *count = n - 1;
    int *targets = graph_alloc((size_t)n * sizeof *targets);
    for (int i = 0; i < n; i++) targets[i] = i - 1; // -1: not asked
    return op_cross_entropy(scores(model, n), targets, -1, 0);
}

/* Whether place i of the scores (n,n) points at i - 1. */
static bool points_left(const Tensor *s, int i) {
    const size_t n = (size_t)s->shape[0];
    return vector_argmax(s->data + (size_t)i * n, n) == i - 1;
}

static void test(const Model *model, NeighbourScore *score) {
    const int trained = model->task->trained;
    int right[2] = {0, 0};
    Tensor *s = scores(model, score->length);
    // Place 0 has no left neighbour; the rest counts as seen or as beyond.
    for (int i = 1; i < score->length; i++) right[i >= trained] += points_left(s, i);
    score->seen = (double)right[0] / (trained - 1);
    score->beyond = (double)right[1] / (score->length - trained);
    graph_reset(graph_current());
}

double neighbour_train(const NeighbourTask *task, Random *random, NeighbourScore *scored,
                       size_t count) {
    Parameters parameters = {0};
    Model model = model_new(task, &parameters, random);
    const double loss = training_run(&(Training){.parameters = &parameters,
                                                 .adam = adam_pytorch(),
                                                 .steps = task->steps,
                                                 .lr = task->lr,
                                                 .loss = neighbour_loss,
                                                 .context = &model,
                                                 .label = "neighbours"});
    for (size_t i = 0; i < count; i++) test(&model, &scored[i]);
    parameters_free(&parameters);
    return loss;
}
