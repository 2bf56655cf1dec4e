/* codeemporium.c - CodeEmporium, notebook Self_Attention: its random Q, K and V, printed there to
 * eight decimals, and everything that it computes from them: scores, variances, mask, softmax, new
 * values.
 *
 * Beside: codeemporium Self_Attention - his Q, K and V: scores, the variances 0.8672 0.9230 5.1447
 *     0.6431, masked softmax, new values
 */
#include "03_self_attention/attention.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"

#include <stdio.h>

enum { L = 4, D = 8 }; // "My name is Ajay": four words, d_k = d_v = 8

static const double Q[L * D] = {
    .11672673,  -2.54870451, -1.44065948, .93661829,  1.36278968, 1.04252277, -.01310938,
    -1.3163937, .26721599,   -.90218255,  .07417847,  -.10430246, .52684253,  -.07081531,
    -.60511725, -.55225527,  -.93297509,  .28724456,  1.37184579, .41589874,  .34981245,
    -.24753755, -1.24497125, .05044148,   -.11414585, -.01545749, -.58376828, -.40193907,
    .93931836,  -1.94334363, -.34770465,  1.50103406};
static const double K[L * D] = {
    1.1226585,   -.85645535,  .54315044,   1.36560451, .52539476,   -.94502504, -.48444661,
    .46268014,   -.53713766,  -1.16937329, -.57988617, .92713577,   -.85995607, -.40352635,
    .26555146,   -1.83159914, -2.06994435, -.09514715, -1.64928361, -.17375184, .13146819,
    -1.76335363, 1.56568846,  .69751826,   .32910684,  -.1939204,   -.80444134, .78816869,
    .35599408,   .28309835,   -.25970963,  1.49744622};
static const double V[L * D] = {
    -.00368231,  1.43739233,  -.59614565,  -1.23171219, 1.12030717, -.98620738, -.15461465,
    -1.03106383, .85585446,   -1.79878344, .67321704,   .05607552,  -.15542661, -1.41264124,
    -.40136933,  -1.17626611, .50465335,   2.28693419,  .67128338,  .2506863,   1.78802234,
    .14775751,   -.11405725,  .88026286,   -.68069105,  .68385101,  .17994557,  -1.68013201,
    .91543969,   -.19108312,  .03160471,   1.40527326};

/* What the notebook prints. */
static const double SCORES[L * L] = {1.9385252,  5.43647918,  -.38370563,  1.24225801,
                                     1.35187753, 1.19807371,  -1.70999851, -.38129862,
                                     1.06382646, -.86860778,  -1.86251774, -.68520405,
                                     2.21209236, -2.81995366, 5.32327746,  2.24049732};
static const double VARIANCES[4] = {.8672192297664698, .9229851723027697, 5.1446872979260165,
                                    .643085912240752};
static const double WEIGHTS[L * L] = {
    1,         0,         0,        0, .51359112, .48640888, 0,         0,
    .53753304, .27144826, .1910187, 0, .19293995, .03256643, .57960627, .19488734};
static const double NEW_V[L * D] = {
    -.00368231,  1.43739233,  -.59614565, -1.23171219, 1.12030717, -.98620738, -.15461465,
    -1.03106383, .41440401,   -.13671232, .02128364,   -.60532081, .49977893,  -1.1936286,
    -.27463831,  -1.10169151, .32673907,  .72121642,   -.00947672, -.59897862, .90155754,
    -.88535361,  -.21384855,  -.7053796,  .18700384,   1.67754576, .33105314,  -.41795742,
    1.4258469,   -.18788199,  -.10285145, .54683565};

static Tensor *tensor_of(const double *values, int rows, int cols) {
    Tensor *tensor = TENSOR(rows, cols);
    for (size_t i = 0; i < tensor->size; i++) tensor->data[i] = (real)values[i];
    return tensor;
}

/* The variance over all entries, as NumPy's var(): divided by n, not n - 1. */
static real variance(const Tensor *x) {
    double mean = 0, sum = 0;
    for (size_t i = 0; i < x->size; i++) mean += (double)x->data[i] / (double)x->size;
    for (size_t i = 0; i < x->size; i++) sum += pow((double)x->data[i] - mean, 2);
    return (real)(sum / (double)x->size);
}

/* e^a / (e^a + e^b) in float, as written in the notebook. */
static float naive_softmax_of_two(float a, float b) {
    return expf(a) / (expf(a) + expf(b));
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"CodeEmporium's notebook: the printed Q, K, V and what comes of them.",
                         "build/03_self_attention/codeemporium"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    Tensor *q = tensor_of(Q, L, D), *k = tensor_of(K, L, D), *v = tensor_of(V, L, D); // (4,8) each

    lesson_step(&lesson, "Scores: np.matmul(q, k.T), (4,8) x (8,4) -> (4,4)");
    Tensor *scores = op_matmul(q, op_transpose(k, 0, 1)); // (4,4)
    compare_matrix(&comparison, "row", SCORES, scores->data, L, L, 4, 2e-6);

    lesson_step(&lesson, "Variances of q, k, the scores, and the scores / sqrt(8)");
    const real variances[4] = {variance(q), variance(k), variance(scores),
                               variance(op_scale(scores, (real)(1 / sqrt(D))))};
    compare_row(&comparison, "var", VARIANCES, variances, 4, 4, 2e-6);
    printf("The last is the third over 8, always. That it comes out near 1 is the point, and\n"
           "comes of q and k having variances near 1.\n");

    lesson_step(&lesson, "Masked softmax: no word sees a later one");
    const Masks causal = {.causal = true};
    Tensor *weights, *new_v = scaled_dot_product_attention(q, k, v, causal, 0, &weights);
    compare_matrix(&comparison, "row", WEIGHTS, weights->data, L, L, 4, 2e-6);

    lesson_step(&lesson, "New values: weights times V, (4,4) x (4,8) -> (4,8)");
    compare_matrix(&comparison, "row", NEW_V, new_v->data, L, D, 4, 2e-6);

    lesson_step(&lesson, "What goes wrong");
    printf("The notebook's softmax does not subtract the row's largest score before exp. Two\n"
           "scores of 100 and 98 in float are then inf/inf; NumPy's doubles hold out to 709.\n");
    Tensor *safe = op_softmax(TENSOR_FROM(((real[]){100, 98}), 1, 2));
    printf("  naive      %s\n  subtracted %.4f\n",
           isnan(naive_softmax_of_two(100, 98)) ? "nan" : "finite", (double)safe->data[0]);
    return lesson_end(&lesson, compare_end(&comparison));
}
