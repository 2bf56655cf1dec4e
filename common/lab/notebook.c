#include "common/lab/notebook.h"

#include "common/lab/descent.h"
#include "common/lab/python_random.h"

static const uint32_t SEED = 1337;
static const double DECAY = 1e-4;

const double notebook_loss[NOTEBOOK_STEPS] = {
    0.8958441029, 1.7235905337, 0.7429006314, 0.7705641261, 0.3692793386, 0.3135454819,
    0.2814234350, 0.2688873331, 0.2567147286, 0.2704862552, 0.2450702385, 0.2509905530,
    0.2156095185, 0.2309037845, 0.2015215123, 0.2257450628, 0.1944798760, 0.2108949620,
    0.1598307736, 0.1845374875, 0.1897752286, 0.1907270404, 0.1173369509, 0.1217352441,
    0.1261571261, 0.1604909778, 0.1874719771, 0.1674183789, 0.0958658349, 0.0877878371,
    0.1173129757, 0.0934014646, 0.1245445490, 0.0798400265, 0.0772751923, 0.0766125014,
    0.1061049238, 0.0906280843, 0.1067188704, 0.0522565992, 0.0601600990, 0.0859672453,
    0.0511210794, 0.0524014240, 0.0453068418, 0.0721107337, 0.0333423865, 0.0314322280,
    0.0365853675, 0.0482913938, 0.0987511477, 0.0544906397, 0.0339267944, 0.0526151726,
    0.0325029525, 0.0288832739, 0.0413915110, 0.0189874074, 0.0252383352, 0.0207965652,
    0.0325971116, 0.0178633517, 0.0230087178, 0.0220793255, 0.0294329179, 0.0162515146,
    0.0284685345, 0.0139943655, 0.0155523448, 0.0338911995, 0.0142298701, 0.0132552816,
    0.0123002776, 0.0126760525, 0.0205938120, 0.0118453982, 0.0160126975, 0.0254583602,
    0.0143829303, 0.0116989624, 0.0123185008, 0.0141211170, 0.0116645920, 0.0115893145,
    0.0109902993, 0.0109892267, 0.0109881938, 0.0109872004, 0.0109862468, 0.0109853327,
    0.0109844583, 0.0109836235, 0.0109828283, 0.0109820727, 0.0109813567, 0.0109806803,
    0.0109800434, 0.0109794461, 0.0109788883, 0.0109783701};
const double notebook_correct[NOTEBOOK_STEPS] = {
    50,  81,  77,  82,  84,  86,  89,  91,  91,  91,  91,  92,  91,  93,  92,  93,  92,
    93,  94,  93,  91,  93,  97,  95,  95,  95,  92,  95,  97,  96,  95,  97,  95,  97,
    97,  98,  96,  99,  95,  98,  100, 96,  99,  97,  100, 97,  99,  100, 99,  99,  96,
    99,  100, 97,  99,  100, 98,  100, 100, 100, 99,  100, 100, 100, 99,  100, 99,  100,
    100, 99,  100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100,
    100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100};

/* micrograd draws a neuron's weights one after the other from random.uniform(-1, 1), layer by
 * layer; its biases are 0. */
void notebook_begin(Notebook *notebook) {
    notebook->step = 0;
    moons_make(&notebook->moons, SEED);
    Random random;
    random_seed(&random, 0); // PyTorch's draws are replaced
    moons_net_new(&notebook->net, 1, &random);
    python_random_seed(&random, SEED);
    for (int i = 0; i < MOONS_LAYERS; i++) {
        const Linear *layer = &notebook->net.layer[i];
        for (size_t k = 0; k < layer->weight->size; k++)
            layer->weight->data[k] = (real)(-1 + 2 * python_random_uniform(&random));
        for (size_t k = 0; k < layer->bias->size; k++) layer->bias->data[k] = 0;
    }
}

void notebook_end(Notebook *notebook) {
    moons_net_free(&notebook->net);
}

/* DECAY times the sum of the squares of everything that is trained: () */
static Tensor *weight_decay(const Parameters *parameters) {
    Tensor *sum = tensor_scalar(0);
    for (int i = 0; i < parameters->count; i++)
        sum = op_add(sum, op_sum(op_mul(parameters->items[i], parameters->items[i])));
    return op_scale(sum, (real)DECAY);
}

NotebookRow notebook_step(Notebook *notebook, bool forgetful) {
    const Moons *moons = &notebook->moons;
    Parameters *parameters = &notebook->net.parameters;
    Tensor *x = TENSOR_FROM(moons->x, MOONS_POINTS, 2), *minus_y = TENSOR(MOONS_POINTS, 1);
    for (int i = 0; i < MOONS_POINTS; i++) minus_y->data[i] = moons->label[i] ? -1 : 1;
    Tensor *score = moons_net_forward(&notebook->net, x);                       // (100,1)
    Tensor *margin = op_relu(op_add(op_mul(minus_y, score), tensor_scalar(1))); // (100,1)
    Tensor *loss = op_add(op_mean(margin), weight_decay(parameters));           // ()
    NotebookRow row = {(double)tensor_item(loss), 0};
    for (int i = 0; i < MOONS_POINTS; i++) row.correct += (score->data[i] > 0) == moons->label[i];
    backward(loss);
    descent_step(parameters, 1 - 0.9 * notebook->step++ / NOTEBOOK_STEPS);
    if (!forgetful) parameters_zero_grad(parameters);
    graph_reset(graph_current());
    return row;
}
