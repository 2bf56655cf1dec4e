/* video.c - Karpathy, "The spelled-out intro to neural networks and backpropagation: building
 * micrograd", the first video of the series: what its notebooks print, in the order of the minutes.
 *
 * Beside: karpathy 1st video - what the video's notebooks print, by its minutes, the bug at 1:22:28
 *     included
 */
#include "common/kernels.h"
#include "common/lab/expressions.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

static double parabola(double x) {
    return 3 * x * x - 4 * x + 5;
}

static void derivatives(Lesson *lesson, Comparison *comparison) {
    lesson_step(lesson, "0:08:08 A derivative, one input: 3 x^2 - 4 x + 5");
    compare_value(comparison, "f(3)", 20, parabola(3), 1, 0);
    const double h = 1e-6, bottom = 2.0 / 3;
    compare_value(comparison, "slope at 2/3, times 1e6", 2.999378523327323,
                  (parabola(bottom + h) - parabola(bottom)) / h * 1e6, 3, 2e-3);
    puts("  It should be 0. What is left is 3 h, the error of a quotient to one side.");
    lesson_step(lesson, "0:14:12 Several inputs: d = a b + c at 2, -3, 10");
    const double a = 2, b = -3, c = 10, small = 1e-4;
    const double d1 = a * b + c, d2 = a * b + (c + small);
    compare_value(comparison, "d", 4, d1, 1, 0);
    compare_value(comparison, "d, c turned by .0001", 4.0001, d2, 4, 1e-12);
    compare_value(comparison, "slope", 0.9999999999976694, (d2 - d1) / small, 8, 1e-12);
}

static void chain(Lesson *lesson, Comparison *comparison) {
    lesson_step(lesson, "0:32:10 By hand: L = (a b + c) f");
    const Chain x = chain_forward();
    backward(x.L);
    const real computed[] = {tensor_item(x.L),    tensor_grad(x.a)[0], tensor_grad(x.b)[0],
                             tensor_grad(x.c)[0], tensor_grad(x.f)[0], tensor_grad(x.d)[0],
                             tensor_grad(x.e)[0]};
    const double published[] = {-8, 6, -4, -2, 4, -2, -2};
    compare_row(comparison, "L; its gradient to a, b, c, f, d, e", published, computed, 7, 1, 0);
    graph_reset(graph_current());
}

static Tensor *leaf(double value) {
    const real number = (real)value;
    return tensor_variable(&number, 0, NULL);
}

/* tanh n, or the same from e^2n, as the video takes it apart. */
static Tensor *squash(Tensor *n, bool apart) {
    if (!apart) return op_tanh(n);
    Tensor *e = op_exp(op_scale(n, 2)), *one = tensor_scalar(1);
    return op_div(op_sub(e, one), op_add(e, one));
}

/* o = tanh(x1 w1 + x2 w2 + b), with a bias that makes the gradients come out round. */
static void neuron(Comparison *comparison, bool apart) {
    Tensor *x1 = leaf(2), *x2 = leaf(0), *w1 = leaf(-3), *w2 = leaf(1);
    Tensor *b = leaf(6.8813735870195432);
    Tensor *n = op_add(op_add(op_mul(x1, w1), op_mul(x2, w2)), b); // ()
    Tensor *o = squash(n, apart);                                  // ()
    backward(o);
    const real computed[] = {tensor_item(o),     tensor_grad(x1)[0], tensor_grad(w1)[0],
                             tensor_grad(x2)[0], tensor_grad(w2)[0], tensor_grad(n)[0]};
    const double published[] = {0.7071, -1.5, 1, 0.5, 0, 0.5};
    compare_row(comparison, "o; its gradient to x1, w1, x2, w2, n", published, computed, 6, 4,
                5e-5);
    graph_reset(graph_current());
}

/* The video's first version set a gradient where it should have added: a + a then gave 1. */
static void twice(Comparison *comparison) {
    Tensor *a = leaf(3);
    backward(op_add(a, a));
    compare_value(comparison, "d(a + a)/da", 2, (double)tensor_grad(a)[0], 1, 0);
    graph_reset(graph_current());
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Karpathy's first video, building micrograd: its numbers by the minute.",
                         "build/common/video"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    derivatives(&lesson, &comparison);
    chain(&lesson, &comparison);
    lesson_step(&lesson, "0:52:52 A neuron: o = tanh(x1 w1 + x2 w2 + b)");
    neuron(&comparison, false);
    lesson_step(&lesson, "1:22:28 One number used twice");
    twice(&comparison);
    lesson_step(&lesson, "1:27:05 tanh taken apart into exp, -, + and /");
    neuron(&comparison, true);
    puts("  How coarse an operation is does not matter, if it knows its own way back.");
    return lesson_end(&lesson, compare_end(&comparison));
}
