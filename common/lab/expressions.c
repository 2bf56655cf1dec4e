#include "common/lab/expressions.h"

#include "common/screen/plot.h"

#include <stdio.h>

static Tensor *leaf(double value) {
    const real number = (real)value;
    return tensor_variable(&number, 0, NULL);
}

Chain chain_forward(void) {
    Chain x = {.a = leaf(2), .b = leaf(-3), .c = leaf(10), .f = leaf(-2)};
    x.e = op_mul(x.a, x.b); // ()
    x.d = op_add(x.e, x.c); // ()
    x.L = op_mul(x.d, x.f); // ()
    return x;
}

/* What a box of the picture says. */
typedef struct {
    const char *name;
    Tensor *tensor;
    real column, row;
    char value[32], gradient[32];
} Box;

void chain_draw(const Chain *x, const char *directory) {
    enum { A, B, C, E, D, F, L, NODES };
    Box box[NODES] = {[A] = {"a", x->a, 0, 0, "", ""},
                      [B] = {"b", x->b, 0, 1, "", ""},
                      [C] = {"c", x->c, 1, (real)1.5, "", ""},
                      [E] = {"e = a b", x->e, 1, (real)0.5, "", ""},
                      [D] = {"d = e + c", x->d, 2, 1, "", ""},
                      [F] = {"f", x->f, 2, 2, "", ""},
                      [L] = {"L = d f", x->L, 3, (real)1.5, "", ""}};
    const PlotArrow arrow[] = {{A, E, "× b = -3"}, {B, E, "× a = 2"},  {E, D, "× 1"},
                               {C, D, "× 1"},      {D, L, "× f = -2"}, {F, L, "× d = 4"}};
    PlotNode node[NODES];
    for (int i = 0; i < NODES; i++) {
        snprintf(box[i].value, sizeof box[i].value, "value %g", (double)tensor_item(box[i].tensor));
        snprintf(box[i].gradient, sizeof box[i].gradient, "gradient %g",
                 (double)tensor_grad(box[i].tensor)[0]);
        node[i] = (PlotNode){.title = box[i].name,
                             .first = box[i].value,
                             .second = box[i].gradient,
                             .column = box[i].column,
                             .row = box[i].row};
    }
    plot_graph(&(Picture){.name = "tape",
                          .directory = directory,
                          .title = "The tape of L = (a b + c) f",
                          .caption = "values are computed from left to right, gradients from right "
                                     "to left: a box's gradient is that of the box its arrow "
                                     "points at, times what stands on the arrow"},
               node, NODES, arrow, sizeof arrow / sizeof *arrow);
}

static Tensor *plus(Tensor *x, double number) {
    return op_add(x, tensor_scalar((real)number));
}

/* Line by line as in the README; c and d are replaced by later versions of themselves, which in a
 * graph are new tensors that know the old ones. */
Micrograd micrograd_forward(void) {
    Tensor *a = leaf(-4), *b = leaf(2);
    Tensor *c = op_add(a, b);                                     // -2
    Tensor *d = op_add(op_mul(a, b), op_pow(b, 3));               // 0
    c = op_add(c, plus(c, 1));                                    // -3
    c = op_add(c, op_add(plus(c, 1), op_scale(a, -1)));           // -1
    d = op_add(d, op_add(op_scale(d, 2), op_relu(op_add(b, a)))); // 0
    d = op_add(d, op_add(op_scale(d, 3), op_relu(op_sub(b, a)))); // 6
    Tensor *e = op_sub(c, d);                                     // -7
    Tensor *f = op_pow(e, 2);                                     // 49
    Tensor *g = op_add(op_scale(f, (real)0.5), op_div(tensor_scalar(10), f));
    return (Micrograd){a, b, g};
}
