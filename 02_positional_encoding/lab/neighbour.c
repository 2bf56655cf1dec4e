#include "02_positional_encoding/lab/neighbour.h"

#include "02_positional_encoding/sinusoid.h"
#include "common/init.h"
#include "common/training.h"
#include "common/vector.h"

typedef struct {
    const NeighbourTask *task;
    Tensor *positions; // (longest,E) learned, or NULL: the paper's
    Tensor *w;         // (E,E), or NULL: the two below
    Tensor *a, *b;     // (E/2,1) each: pair i is multiplied by [a_i -b_i; b_i a_i]
} Model;

static Model model_new(const NeighbourTask *task, Parameters *parameters, Random *random) {
    const int E = task->d_model;
    Model model = {.task = task};
    if (task->kind == NEIGHBOUR_ROTATED) {
        model.a = PARAMETER(parameters, "", "a", E / 2, 1);
        model.b = PARAMETER(parameters, "", "b", E / 2, 1);
        random_fill_normal(random, model.a->data, model.a->size, 0, 1 / sqrt(E));
        random_fill_normal(random, model.b->data, model.b->size, 0, 1 / sqrt(E));
        return model;
    }
    model.w = PARAMETER(parameters, "", "w", E, E);
    init_xavier_uniform(random, model.w->data, (size_t)E, (size_t)E, 1);
    if (task->kind == NEIGHBOUR_LEARNED) {
        model.positions = PARAMETER(parameters, "", "positions", task->longest, E);
        random_fill_normal(random, model.positions->data, model.positions->size, 0, 1);
    }
    return model;
}

/* The vectors (n,E) of the first n places: rows of the learned table, or the paper's. */
static Tensor *position_vectors(const Model *model, int n) {
    if (model->positions) return op_slice(model->positions, 0, 0, n);
    Tensor *p = TENSOR(n, model->task->d_model);
    sinusoid_table(p->data, 0, n, model->task->d_model);
    return p;
}

/* p (n,E) times the block matrix of a and b. */
static Tensor *turn_pairs(const Model *model, Tensor *p) {
    const int n = p->shape[0], pairs = p->shape[1] / 2;
    Tensor *crossed = TENSOR(n, pairs, 2); // (cos, -sin) where p has (sin, cos)
    for (size_t i = 0; i < crossed->size; i += 2) {
        crossed->data[i] = p->data[i + 1];
        crossed->data[i + 1] = -p->data[i];
    }
    Tensor *straight = RESHAPE(p, n, pairs, 2);
    Tensor *turned = op_add(op_mul(straight, model->a), op_mul(crossed, model->b));
    return RESHAPE(turned, n, 2 * pairs);
}

/* The scores (n,n) of the first n places: row i says where place i points. */
static Tensor *scores(const Model *model, int n) {
    Tensor *p = position_vectors(model, n); // (n,E)
    Tensor *queries = model->w ? op_matmul(p, model->w) : turn_pairs(model, p);
    Tensor *products = op_matmul(queries, op_transpose(p, 0, 1));
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
