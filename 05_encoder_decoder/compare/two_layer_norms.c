/* two_layer_norms.c - Layer norm twice: CodeEmporium, notebook Layer_Normalization, and the
 * Annotated Transformer, "Encoder", do not compute the same.
 *
 * Beside: codeemporium Layer_Normalization - mean 0.2000, deviation 0.0817, and 0.0000 -1.2238
 *     1.2238
 * Beside: annotated Encoder - its LayerNorm is another: it divides by n - 1, and epsilon stands
 *     outside of the root
 */
#include "05_encoder_decoder/layer_norm.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

enum { ROWS = 2, WIDTH = 3 };
static const real x[ROWS * WIDTH] = {(real)0.2, (real)0.1, (real)0.3,
                                     (real)0.5, (real)0.1, (real)0.1};

/* Mean and standard deviation of a row; the sum of squares is divided by `divisor`. */
static void moments(const real *row, int divisor, double *mean, double *deviation) {
    double sum = 0, squares = 0;
    for (int e = 0; e < WIDTH; e++) sum += (double)row[e];
    *mean = sum / WIDTH;
    // Of 3 numbers: dividing by 2 or by 3 matters; with 512 it would hardly.
    for (int e = 0; e < WIDTH; e++) squares += pow((double)row[e] - *mean, 2);
    *deviation = sqrt(squares / divisor);
}

/* The Annotated Transformer's a_2 * (x - mean) / (std + eps) + b_2 with a_2 = 1, b_2 = 0. */
static void annotated(const real *row, real *out) {
    double mean, deviation;
    moments(row, WIDTH - 1, &mean, &deviation);
    for (int e = 0; e < WIDTH; e++) out[e] = (real)(((double)row[e] - mean) / (deviation + 1e-6));
}

/* Rows [0 0 d] for smaller and smaller d: from which size on does each take a difference for
 * nothing? */
static void where_epsilon_stands(Comparison *comparison, const LayerNorm *norm) {
    puts("\nWhere epsilon stands decides what counts as no difference at all. Largest number\n"
         "of the normalised row [0 0 d]:\n\n"
         "  d         sqrt(variance + 1e-5)   deviation + 1e-6");
    const double sizes[] = {1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6};
    double inside = 0, outside = 0;
    for (int i = 0; i < 6; i++) {
        const real row[WIDTH] = {0, 0, (real)sizes[i]};
        real other[WIDTH];
        annotated(row, other);
        const double ours = (double)layer_norm(norm, TENSOR_FROM(row, 1, WIDTH))->data[2];
        printf("  %-8g  %21.4f   %16.4f\n", sizes[i], ours, (double)other[2]);
        if (i == 3) inside = ours, outside = (double)other[2];
    }
    puts("\nInside the root it hushes what is below 0.003; outside, differences a hundred\n"
         "times smaller still come out as loud as any.\n");
    compare_claim(comparison, "d = 0.0001: nearly nothing inside, loud outside",
                  inside < 0.05 && outside > 1);
}

/* The way back through a row of equal numbers, whose deviation is 0. Only epsilon keeps the slope
 * d y_0 / d x_0 = (1 - 1/n) / (what stands in the denominator) finite. */
static void equal_numbers(Comparison *comparison, const LayerNorm *norm) {
    Tensor *equal = tensor_variable((const real[]){2, 2, 2}, 2, SHAPE(1, WIDTH));
    Tensor *y = layer_norm(norm, equal);
    backward(op_sum(op_mul(y, TENSOR_FROM(((const real[]){1, 0, 0}), 1, WIDTH))));
    const double slope = (double)tensor_grad(equal)[0];
    printf("\nA row of equal numbers has deviation 0, and only epsilon saves the division. Its\n"
           "place decides how steep the norm is there: %.0f with us, 2/3 over the root of\n"
           "1e-5; and 2/3 over 1e-6, %.0f, where it stands outside. One such token is\n"
           "enough to throw a training step off.\n\n",
           slope, 2 / 3.0 / 1e-6);
    compare_claim(comparison, "norm of [2 2 2] is [0 0 0], its slope 2/3 / sqrt(1e-5)",
                  fabs((double)y->data[0]) + fabs((double)y->data[1]) + fabs((double)y->data[2]) <
                          1e-6 &&
                      fabs(slope / (2 / 3.0 / sqrt(1e-5)) - 1) < 1e-4);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Layer norm with the biased and with the unbiased deviation.",
                         "build/05_encoder_decoder/two_layer_norms"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
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
    real other[WIDTH];
    annotated(x, other);
    compare_row(&comparison, "row 0", (const double[]){0, -1, 1}, other, WIDTH, 3, 0.0005);

    puts("\nThe ratio of the two is sqrt(n / (n - 1)), nearly nothing where it is used. It\n"
         "matters when you load one's weights into the other, and on rows of three.\n");
    const int widths[] = {3, 8, 64, 512};
    for (int i = 0; i < 4; i++)
        printf("  width %3d: the biased norm is larger by a factor of %.5f\n", widths[i],
               sqrt(widths[i] / (widths[i] - 1.0)));

    where_epsilon_stands(&comparison, &norm);
    equal_numbers(&comparison, &norm);
    parameters_free(&parameters);
    return lesson_end(&lesson, compare_end(&comparison));
}
