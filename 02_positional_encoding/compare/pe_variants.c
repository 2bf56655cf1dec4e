/* pe_variants.c - One idea in three layouts: the formula of the paper's section 3.5, the code of
 * TensorFlow's tutorial, and that of tensor2tensor (layers/common_attention.py, with the numbers of
 * its test).
 *
 * Beside: tensor2tensor - the rows that its own test expects, and its table beside the paper's and
 *     TensorFlow's
 * Beside: tensorflow The embedding and positional encoding layer - the formula it prints against
 *     the columns its code makes
 */
#include "02_positional_encoding/lab/sinusoid_form.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"

#include <stdio.h>

enum { D_MODEL = 8, POSITIONS = 64 };

/* tensor2tensor's own test: d_model 4, position p -> sin p, sin p/10000, cos p, cos p/10000. */
static void compare_tensor2tensor(Comparison *comparison) {
    for (int position = 0; position < 3; position++) {
        const double p = position, published[] = {sin(p), sin(p * 1e-4), cos(p), cos(p * 1e-4)};
        real ours[4];
        sinusoid_form_table(ours, SINUSOID_TENSOR2TENSOR, position, 1, 4);
        char label[64];
        snprintf(label, sizeof label, "common_attention_test.py, position %d", position);
        compare_row(comparison, label, published, ours, 4, 6, 1e-6);
    }
}

/* The largest difference between paper's columns and their places in the TensorFlow layout. */
static double largest_after_sorting(const real *paper, const real *tensorflow) {
    double largest = 0;
    for (int t = 0; t < POSITIONS; t++)
        for (int c = 0; c < D_MODEL; c++) {
            // The sines (even columns) go to the left half, the cosines to the right.
            const int there = c % 2 ? D_MODEL / 2 + c / 2 : c / 2;
            const double a = (double)paper[t * D_MODEL + c];
            largest = fmax(largest, fabs(a - (double)tensorflow[t * D_MODEL + there]));
        }
    return largest;
}

/* The largest difference between PE(p) . PE(q) in two forms, over all p and q. */
static double largest_product_difference(const real *a, const real *b) {
    double largest = 0;
    for (int p = 0; p < POSITIONS; p++)
        for (int q = 0; q < POSITIONS; q++) {
            double sum = 0;
            for (int c = 0; c < D_MODEL; c++)
                sum += (double)(a[p * D_MODEL + c] * a[q * D_MODEL + c]) -
                       (double)(b[p * D_MODEL + c] * b[q * D_MODEL + c]);
            largest = fmax(largest, fabs(sum));
        }
    return largest;
}

/* The longest wavelength of a form with d_model 512, in turns, read off its row 1: the slowest sine
 * there is the sine of that pair's frequency. */
static double slowest(SinusoidForm form) {
    enum { LARGE = 512 };
    real row[LARGE];
    sinusoid_form_table(row, form, 1, 1, LARGE);
    return 1 / asin((double)row[form == SINUSOID_PAPER ? LARGE - 2 : LARGE / 2 - 1]);
}

static void longest_wavelength(Comparison *comparison) {
    const double paper = slowest(SINUSOID_PAPER), tensor2tensor = slowest(SINUSOID_TENSOR2TENSOR);
    puts("\nThe paper's text has wavelengths up to 10000 * 2 pi. With d_model 512 the last\n"
         "pair's exponent is only 510/512:\n");
    printf("  longest wavelength / 2 pi: the paper's formula %.0f, tensor2tensor's %.0f\n", paper,
           tensor2tensor);
    compare_claim(comparison, "the formula does not reach what the text says, tensor2tensor does",
                  paper < 9700 && fabs(tensor2tensor - 10000) < 1);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"The paper's, TensorFlow's and tensor2tensor's encodings side by side.",
                         "build/02_positional_encoding/pe_variants"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    real form[3][POSITIONS * D_MODEL]; // (64,8) each
    const char *const name[] = {"the paper: sin cos sin cos ...",
                                "TensorFlow tutorial: sin sin ... cos cos ...",
                                "tensor2tensor: the same order, other frequencies"};
    for (int f = 0; f < 3; f++) {
        sinusoid_form_table(form[f], (SinusoidForm)f, 0, POSITIONS, D_MODEL);
        print_matrix(name[f], form[f], 4, D_MODEL, 4);
    }

    puts("\nTensorFlow's is the paper's with its columns sorted: nothing is lost, and every\n"
         "dot product between two positions stays as it was. tensor2tensor's is not: it\n"
         "spaces the frequencies from 1 to exactly 1/10000, where the paper stops short.\n"
         "The tutorial shows the paper's formula above its own code without a word on the\n"
         "order; tensor2tensor's code admits a slight difference in a comment.\n");
    compare_claim(&comparison, "TensorFlow: the paper's columns, sorted",
                  largest_after_sorting(form[0], form[1]) == 0);
    compare_claim(&comparison, "TensorFlow: the paper's dot products, to 2e-6",
                  largest_product_difference(form[0], form[1]) < 2e-6);
    const double sorted = largest_after_sorting(form[0], form[2]);
    const double products = largest_product_difference(form[0], form[2]);
    compare_claim(&comparison, "tensor2tensor: neither", sorted > 0.1 && products > 0.1);
    printf("    sorted, it is off by up to %.2f, its dot products by up to %.2f\n", sorted,
           products);
    longest_wavelength(&comparison);
    puts("\ntensor2tensor's own test, d_model 4:\n");
    compare_tensor2tensor(&comparison);
    return lesson_end(&lesson, compare_end(&comparison));
}
