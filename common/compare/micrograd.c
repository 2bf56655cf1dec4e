/* micrograd.c - Karpathy's micrograd, the expression in its README: two numbers go in, are used
 * many times over, and `backward` says how far the result would move with each.
 *
 * Not in the README: the same answers by turning each number a little.
 *
 * Beside: karpathy 1st video - the expression of its README: 24.7041, 138.8338, 645.5773
 */
#include "common/kernels.h"
#include "common/lab/expressions.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

/* What the README prints, to four decimals. */
static const double G = 24.7041, DG_DA = 138.8338, DG_DB = 645.5773;

/* g in plain arithmetic and in double, so that a and b can be turned by very little. */
static double plain(double a, double b) {
    double c = a + b, d = a * b + b * b * b;
    c += c + 1;
    c += 1 + c - a;
    d += d * 2 + fmax(b + a, 0);
    d += 3 * d + fmax(b - a, 0);
    const double f = (c - d) * (c - d);
    return f / 2 + 10 / f;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"micrograd's README: g = 24.7041, dg/da = 138.8338, dg/db = 645.5773.",
                         "build/common/micrograd"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};

    lesson_step(&lesson, "Forward: a = -4, b = 2, and one line after the other");
    const Micrograd x = micrograd_forward();
    compare_value(&comparison, "g", G, (double)tensor_item(x.g), 4, 1e-4);

    lesson_step(&lesson, "Backward");
    backward(x.g);
    const double da = (double)tensor_grad(x.a)[0], db = (double)tensor_grad(x.b)[0];
    // A float has seven digits: the fourth decimal of the second one is its last.
    compare_value(&comparison, "dg/da", DG_DA, da, 4, 1e-4);
    compare_value(&comparison, "dg/db", DG_DB, db, 4, 2e-4);

    lesson_step(&lesson, "The same by turning each number by a millionth, up and down");
    const double h = 1e-6;
    compare_value(&comparison, "dg/da", DG_DA, (plain(-4 + h, 2) - plain(-4 - h, 2)) / (2 * h), 4,
                  1e-4);
    compare_value(&comparison, "dg/db", DG_DB, (plain(-4, 2 + h) - plain(-4, 2 - h)) / (2 * h), 4,
                  1e-4);

    lesson_step(&lesson, "What the numbers say");
    printf("Move b by 0.001, and g should move by %.3f: it goes from %.4f to %.4f.\n", db / 1000,
           plain(-4, 2), plain(-4, 2.001));
    return lesson_end(&lesson, compare_end(&comparison));
}
