/* alammar_pe.c - Alammar, "The Illustrated Transformer", "Representing The Order of The Sequence":
 * the toy with d_model 4 and the two heat-maps. The figures follow tensor2tensor, the text points
 * to the paper, and the two do not agree.
 *
 * Beside: alammar Representing The Order of The Sequence - his toy, 0.8400 0.0001 0.5400 1.0000 for
 *     the second word, and why the formula he sends you to gives something else
 */
#include "02_positional_encoding/lab/sinusoid_form.h"
#include "02_positional_encoding/sinusoid.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"

#include <stdio.h>

enum { WORDS = 3, TOY = 4 };

/* The two heat-maps: 20 positions of tensor2tensor's, 10 of the paper's. */
static void draw(const char *directory) {
    static real wide[20 * 512], narrow[10 * 64];
    sinusoid_form_table(wide, SINUSOID_TENSOR2TENSOR, 0, 20, 512);
    sinusoid_table(narrow, 0, 10, 64);
    plot_heatmap(
        &(Picture){
            .name = "pe_20x512_split",
            .directory = directory,
            .title = "tensor2tensor, 20 positions, d_model 512",
            .caption = "a seam down the middle: sines to its left, cosines to its right.",
            .x_label = "dimension",
            .y_label = "position",
            .width = 1160,
        },
        &(PlotMap){.data = wide, .rows = 20, .cols = 512}, -1);
    plot_heatmap(
        &(Picture){
            .name = "pe_10x64",
            .directory = directory,
            .title = "the paper's formula, 10 positions, d_model 64",
            .caption = "sine and cosine side by side: the stripes on the left are the fast hands.",
            .x_label = "dimension",
            .y_label = "position",
            .width = 1000,
        },
        &(PlotMap){.data = narrow, .rows = 10, .cols = 64}, -1);
}

/* The figure's three rows (Je, suis, étudiant), with as many digits as it shows. */
static const double published[WORDS][TOY] = {
    {0, 0, 1, 1}, {0.84, 0.0001, 0.54, 1}, {0.91, 0.0002, -0.42, 1}};

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Alammar's toy encoding and his two heat-maps, 20x512 and 10x64.",
                         "build/02_positional_encoding/alammar_pe"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    real tensor2tensor[WORDS * TOY], paper[WORDS * TOY]; // (3,4)
    sinusoid_form_table(tensor2tensor, SINUSOID_TENSOR2TENSOR, 0, WORDS, TOY);
    sinusoid_form_table(paper, SINUSOID_PAPER, 0, WORDS, TOY);

    puts("The figure \"with a toy embedding size of 4\", against tensor2tensor's formula\n"
         "sin, sin | cos, cos with 10000^(-i/(d_model/2 - 1)):\n");
    const char *const word[WORDS] = {"Je", "suis", "étudiant"};
    for (size_t t = 0; t < WORDS; t++)
        compare_row(&comparison, word[t], published[t], tensor2tensor + t * TOY, TOY, 4, 0.0051);

    puts("\nThe text sends you to the paper's section 3.5, whose formula gives something\n"
         "else: sin, cos, sin, cos, and the slow pair 100 times faster. The update of July\n"
         "2020 under the figures names the first difference, but not the second.\n");
    print_matrix("paper's PE", paper, WORDS, TOY, 4);
    puts("");
    double off = 0;
    for (int e = 0; e < TOY; e++) off = fmax(off, fabs(published[1][e] - (double)paper[TOY + e]));
    compare_claim(&comparison, "the paper's formula does not give the figure", off > 0.5);
    puts("\nBoth are fine encodings. But if you check your code against that figure with\n"
         "the paper's formula, you will look for a bug that is not there.");
    puts("");
    draw(lesson.common.out);
    return lesson_end(&lesson, compare_end(&comparison));
}
