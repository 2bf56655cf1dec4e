/* noam_lr.c - The Annotated Transformer, "Optimizer", and TensorFlow's tutorial, "Training",
 * optimizer: the learning rate of the paper's section 5.3, step by step.
 *
 * Beside: paper 5.3; annotated Optimizer - its three curves: peaks 0.69877, 0.49411 and 0.98821
 *     thousandths
 * Beside: tensorflow Set up the optimizer - peak 1.3975 thousandths at step 4000
 */
#include "06_training/trainer/schedule.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"

#include <stdio.h>

enum { STEPS = 20000, CURVES = 3, EVERY = 10, POINTS = STEPS / EVERY };

/* One schedule: rate(step, model_size, factor, warmup) in the Annotated Transformer. */
typedef struct {
    const char *name;
    double d_model, factor;
    long warmup;
} Schedule;

/* Equation 3 of the paper, as both resources write it. */
static double paper_lr(Schedule s, long step) {
    const double n = (double)step, w = (double)s.warmup;
    return s.factor * pow(s.d_model, -0.5) * fmin(pow(n, -0.5), n * pow(w, -1.5));
}

/* What train calls. It is told the peak, which equation 3 hides in its two parameters. */
static double our_lr(Schedule s, long step) {
    const double peak = s.factor / sqrt(s.d_model * (double)s.warmup);
    return schedule_inverse_square_root(peak, s.warmup, step);
}

/* One published point, in thousandths, with as many decimals as are published. */
static void point(Comparison *comparison, Schedule s, long step, double published, int decimals) {
    char label[64];
    snprintf(label, sizeof label, "%-10s step %5ld", s.name, step);
    compare_value(comparison, label, published, 1000 * our_lr(s, step), decimals,
                  0.6 * pow(10, -decimals));
}

/* The largest difference between the two ways to write it, relative, over all steps. */
static double relative_difference(const Schedule *schedules, int count) {
    double largest = 0;
    for (int s = 0; s < count; s++)
        for (long step = 1; step <= STEPS; step++)
            largest =
                fmax(largest, fabs(our_lr(schedules[s], step) / paper_lr(schedules[s], step) - 1));
    return largest;
}

static void draw(const char *directory, const Schedule schedules[CURVES]) {
    static real steps[POINTS], rates[CURVES][POINTS];
    PlotSeries series[CURVES];
    for (int i = 0; i < POINTS; i++) steps[i] = (real)((i + 1) * EVERY);
    for (int s = 0; s < CURVES; s++) {
        for (int i = 0; i < POINTS; i++)
            rates[s][i] = (real)(1000 * our_lr(schedules[s], (i + 1) * EVERY));
        series[s] =
            (PlotSeries){.name = schedules[s].name, .x = steps, .y = rates[s], .count = POINTS};
    }
    plot_lines(&(Picture){.name = "noam_lr",
                          .directory = directory,
                          .title = "Up in a straight line, down with the root",
                          .caption = "twice the warm-up: a lower peak, later, and then the very "
                                     "same curve; half the width: the peak higher by root 2",
                          .x_label = "step",
                          .y_label = "learning rate, thousandths",
                          .y_min = 0,
                          .y_max = 1},
               series, CURVES);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"The learning rates of the Annotated Transformer and of TensorFlow.",
                         "build/06_training/noam_lr"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    const Schedule chart[CURVES] = {
        {"512:4000", 512, 1, 4000}, {"512:8000", 512, 1, 8000}, {"256:4000", 256, 1, 4000}};
    puts("The Annotated Transformer draws three curves, width:warm-up; rates in 1/1000:\n");
    point(&comparison, chart[0], 4000, 0.69877, 5);
    point(&comparison, chart[1], 8000, 0.49411, 5);
    point(&comparison, chart[2], 4000, 0.98821, 5);
    point(&comparison, chart[0], 16000, 0.34939, 5);
    point(&comparison, chart[1], 16000, 0.34939, 5);

    compare_value(&comparison, "512:4000, step 1, 1e-7", 1.7469, 1e7 * our_lr(chart[0], 1), 4,
                  6e-5);

    puts("\nIts two training runs, and TensorFlow's tutorial (width 128):\n");
    const Schedule runs[] = {
        {"copy task", 512, 0.5, 400}, {"Multi30k", 512, 1, 3000}, {"TensorFlow", 128, 1, 4000}};
    point(&comparison, runs[0], 400, 1.1049, 4);
    point(&comparison, runs[1], 3000, 0.80687, 5);
    point(&comparison, runs[2], 4000, 1.3975, 4);

    puts("\nEquation 3 is two curves, and the lower one counts: step times w^-1.5 until\n"
         "step w, the root of 1/step from there, both times d_model^-0.5. Where they meet\n"
         "the rate is 1 / sqrt(d_model w). Ours is told that peak instead (train --lr):\n");
    compare_claim(&comparison, "the same at every step, to 1e-12",
                  relative_difference(chart, CURVES) < 1e-12 &&
                      relative_difference(runs, OPTION_COUNT(runs)) < 1e-12);
    bool coincide = true;
    for (long step = 8000; step <= STEPS; step++)
        coincide = coincide && fabs(our_lr(chart[0], step) / our_lr(chart[1], step) - 1) < 1e-12;
    compare_claim(&comparison, "after both warm-ups, 512:4000 and 512:8000 are one curve",
                  coincide);
    puts("\nWhy climb at all? Adam divides each gradient by its usual size, and in the first\n"
         "steps it has seen too little to know that size. What 12 layers do without:\n"
         "make 05/norm_placement");
    putchar('\n');
    draw(lesson.common.out, chart);
    return lesson_end(&lesson, compare_end(&comparison));
}
