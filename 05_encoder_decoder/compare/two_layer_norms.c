// Layer norm twice: CodeEmporium's notebook and the Annotated Transformer do not compute the same.
#include "05_encoder_decoder/layer_norm.h"
#include "common/lesson.h"

#include <stdio.h>

enum { ROWS = 2, WIDTH = 3 };
static const real x[ROWS * WIDTH] = {(real)0.2, (real)0.1, (real)0.3,
                                     (real)0.5, (real)0.1, (real)0.1};

/* Mean and standard deviation of a row; the sum of squares is divided by `divisor`. */
static void moments(const real *row, int divisor, double *mean, double *deviation) {
    double sum = 0, squares = 0;
    for (int e = 0; e < WIDTH; e++) sum += (double)row[e];
    *mean = sum / WIDTH;
    for (int e = 0; e < WIDTH; e++) squares += pow((double)row[e] - *mean, 2);
    *deviation = sqrt(squares / divisor);
}

int main(int argc, char **argv) {
    const Usage usage = {"Layer norm with the biased and with the unbiased deviation.",
                         "build/05_encoder_decoder/two_layer_norms"};
    lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    Graph *graph = graph_new();
    graph_use(graph);
    Parameters parameters = {0};
    const LayerNorm norm = layer_norm_new(&parameters, "norm.", WIDTH);

    puts("CodeEmporium's rows [.2 .1 .3] and [.5 .1 .1]; deviation over all three numbers,\n"
         "divided by 3, epsilon inside the root. PyTorch and we do the same.\n");
    const double means[ROWS] = {0.2, 0.2333}, deviations[ROWS] = {0.0817, 0.1886};
    const double published[ROWS * WIDTH] = {0, -1.2238, 1.2238, 1.4140, -0.7070, -0.7070};
    for (int r = 0; r < ROWS; r++) {
        double mean, deviation;
        moments(x + r * WIDTH, WIDTH, &mean, &deviation);
        deviation = sqrt(deviation * deviation + 1e-5); // he prints it with epsilon in it
        compare_value(&comparison, "mean", means[r], mean, 4, 0.00005);
        compare_value(&comparison, "deviation", deviations[r], deviation, 4, 0.00005);
    }
    const Tensor *y = layer_norm(&norm, TENSOR_FROM(x, ROWS, WIDTH));
    compare_matrix(&comparison, "row", published, y->data, ROWS, WIDTH, 4, 0.00015);

    puts("\nThe Annotated Transformer: x.std() divides by n - 1 = 2, and epsilon (1e-6) is\n"
         "added to the deviation, outside the root:\n");
    double mean, deviation;
    moments(x, WIDTH - 1, &mean, &deviation);
    real annotated[WIDTH];
    for (int e = 0; e < WIDTH; e++)
        annotated[e] = (real)(((double)x[e] - mean) / (deviation + 1e-6));
    compare_row(&comparison, "row 0", (const double[]){0, -1, 1}, annotated, WIDTH, 4, 0.00005);

    puts("\nThe ratio of the two is sqrt(n / (n - 1)), nearly nothing where it is used. It\n"
         "matters when you load one's weights into the other, and on rows of three.\n");
    const int widths[] = {3, 8, 64, 512};
    for (int i = 0; i < 4; i++)
        printf("  width %3d: the biased norm is larger by a factor of %.5f\n", widths[i],
               sqrt(widths[i] / (widths[i] - 1.0)));

    puts("\nA row of equal numbers has deviation 0: epsilon is what saves the division. In\n"
         "the gradient its place matters: next to 0, sqrt has no slope that is finite.");
    const Tensor *zero = layer_norm(&norm, TENSOR_FROM(((const real[]){2, 2, 2}), 1, WIDTH));
    compare_row(&comparison, "norm of [2 2 2]", (const double[]){0, 0, 0}, zero->data, WIDTH, 4, 0);
    parameters_free(&parameters);
    graph_use(NULL);
    graph_free(graph);
    return compare_end(&comparison);
}
