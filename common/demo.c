/* demo.c - chapter 0 told by a running program: what a gradient is, what `backward` does, what
 * training is.
 *
 * Beside: karpathy 1st video - steps 1 to 3: a slope, the chain rule worked back by hand, a number
 *     used twice; step 9: training in five lines
 * Beside: alammar The Final Linear and Softmax Layer - step 8: three logits become shares, and a
 *     loss
 * Beside: annotated Loss Computation - step 8: where the loss comes from, and its gradient, p - y
 */
#include "common/kernels.h"
#include "common/lab/descent.h"
#include "common/lab/differences.h"
#include "common/lab/expressions.h"
#include "common/lab/moons.h"
#include "common/lab/wrong_ways.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"

#include <stdio.h>

/* ---- 1. A derivative ------------------------------------------------------------------------- */

static double parabola(double x) {
    return 3 * x * x - 4 * x + 5;
}

static void derivative(Lesson *lesson) {
    lesson_step(lesson, "A derivative: turn a knob a little, watch the result");
    puts("f(x) = 3 x^2 - 4 x + 5, and the knob stands at x = 3. Turn it by h:\n\n"
         "       h   f(3 + h) - f(3)   divided by h");
    for (double h = 1; h > 1e-4; h /= 10)
        printf("  %6.4g   %15.6f   %12.4f\n", h, parabola(3 + h) - parabola(3),
               (parabola(3 + h) - parabola(3)) / h);
    puts("\nThe smaller the turn, the nearer to 14: around x = 3 the result moves 14 times\n"
         "as far as the knob. That factor is the derivative, written df/dx. The rule from\n"
         "school says 6 x - 4, which is 14 at x = 3, and 0 at x = 2/3: that is the bottom,\n"
         "where a small turn changes nothing. More: make 00/video");
}

/* ---- 2. The chain rule ----------------------------------------------------------------------- */

static void chain_rule(Lesson *lesson) {
    lesson_step(lesson, "The chain rule: factors along the way multiply");
    puts("L = (a b + c) f at a = 2, b = -3, c = 10, f = -2, one operation at a time. How\n"
         "far does L move when one of them moves by a little? Start at the end, where the\n"
         "answer is 1, and walk back; each operation knows its own factor.\n\n"
         "  forward            back\n"
         "                     dL/dL = 1\n"
         "  L = d f   = -8     dL/dd = dL/dL x f  = -2    dL/df = dL/dL x d = 4\n"
         "  d = e + c =  4     dL/de = dL/dd x 1  = -2    dL/dc = dL/dd x 1 = -2\n"
         "  e = a b   = -6     dL/da = dL/de x b  =  6    dL/db = dL/de x a = -4\n\n"
         "The same by op_mul, op_add and `backward`, which walks the tape:\n");
    const Chain x = chain_forward();
    backward(x.L);
    const char *const name[] = {"a", "b", "c", "f", "e", "d", "L"};
    Tensor *const tensor[] = {x.a, x.b, x.c, x.f, x.e, x.d, x.L};
    printf("             ");
    for (int i = 0; i < 7; i++) printf("%5s", name[i]);
    printf("\n  value      ");
    for (int i = 0; i < 7; i++) printf("%5g", (double)tensor_item(tensor[i]));
    printf("\n  gradient   ");
    for (int i = 0; i < 7; i++) printf("%5g", (double)tensor_grad(tensor[i])[0]);
    puts("\n\nA sum hands its gradient on to both sides; a product hands it on times the\n"
         "other side. That is all of it, however long the expression.");
    chain_draw(&x, lesson->common.out);
    graph_reset(graph_current());
}

/* ---- 3. Gradients add ------------------------------------------------------------------------ */

static void gradients_add(Lesson *lesson) {
    lesson_step(lesson, "A number used twice: gradients add");
    const real three = 3;
    Tensor *a = tensor_variable(&three, 0, NULL);
    backward(op_add(a, a));
    printf("y = a + a. Turn a by h, and y moves by 2 h: by h on each of two ways. So every\n"
           "way back adds to the gradient, and none overwrites it: dy/da = %g.\n",
           (double)tensor_grad(a)[0]);
    graph_reset(graph_current());
    const Micrograd x = micrograd_forward();
    backward(x.g);
    printf("\nThe expression in micrograd's README uses a and b many times over:\n\n"
           "            micrograd       here\n"
           "  g           24.7041   %8.4f\n"
           "  dg/da      138.8338   %8.4f\n"
           "  dg/db      645.5773   %8.4f\n\n"
           "More: make 00/micrograd\n",
           (double)tensor_item(x.g), (double)tensor_grad(x.a)[0], (double)tensor_grad(x.b)[0]);
    graph_reset(graph_current());
}

/* ---- 4. Checking a gradient ------------------------------------------------------------------ */

enum { SIZES = 25 }; // of h: two a decade from 0.1 down

static void draw_differences(const CommonOptions *common) {
    real h[SIZES], error[3][SIZES];
    for (int i = 0; i < SIZES; i++) {
        const double size = pow(10, -1 - i / 2.0);
        h[i] = (real)size;
        error[0][i] = (real)differences_central_float(size);
        error[1][i] = (real)differences_central(size);
        error[2][i] = (real)differences_one_sided(size);
        // An error of exactly 0 has no place on a logarithmic axis.
        for (int k = 0; k < 3; k++)
            if (error[k][i] == 0) error[k][i] = (real)NAN;
    }
    const PlotSeries series[] = {
        {.name = "central, float", .x = h, .y = error[0], .count = SIZES, .points = true},
        {.name = "central, double", .x = h, .y = error[1], .count = SIZES, .points = true},
        {.name = "one-sided, double", .x = h, .y = error[2], .count = SIZES, .points = true}};
    plot_lines(&(Picture){.name = "differences",
                          .directory = common->out,
                          .title = "How far a difference quotient is off",
                          .caption =
                              "from right to left h shrinks, and the error with it, until the "
                              "digits run out; double gets a hundred thousand times as far "
                              "down as float",
                          .x_label = "h",
                          .y_label = "error of the slope of x^3 at 1",
                          .log_x = true,
                          .log_y = true},
               series, 3);
}

static void differences(Lesson *lesson) {
    lesson_step(lesson, "Is a gradient right? Turn the knob and see");
    puts("A way back with a mistake in it does not crash; the net learns a little worse.\n"
         "So each is held against a central difference, (f(x+h) - f(x-h)) / 2h. For x^3 at\n"
         "x = 1, where 3 is right, that is off by h^2, until the two numbers are so nearly\n"
         "equal that subtracting them leaves no digits:\n\n"
         "       h   one-sided     central     central\n"
         "              double      double       float");
    for (double h = 0.1; h > 2e-11; h /= 10)
        printf("  %6.0e  %10.1e  %10.1e  %10.1e\n", h, differences_one_sided(h),
               differences_central(h), differences_central_float(h));
    puts("\nIn float no h gives more than five digits, and a mistake may hide in the sixth.\n"
         "Therefore `make MODE=f64` compiles everything in double, for the checks.");
    draw_differences(&lesson->common);
}

/* ---- 5. A random cotangent ------------------------------------------------------------------- */

enum { N = 3 };

static void cotangent(Lesson *lesson) {
    static const real x_[N] = {3, 2, 1};
    static const double ones[N] = {1, 1, 1}, some[N] = {0.3, -1.2, 0.8};
    lesson_step(lesson, "What flows back in a check must not be ones");
    puts("A check needs one number, so results are added up. But the results of a softmax\n"
         "always add up to 1: that sum never moves, and its gradient is 0 to everything.\n"
         "Three wrong ways back pass such a check. Add up with random factors instead:\n\n"
         "                       y0 + y1 + y2         0.3 y0 - 1.2 y1 + 0.8 y2");
    const Tensor *y = op_softmax(TENSOR_FROM(x_, N)); // (3)
    const double p[N] = {(double)y->data[0], (double)y->data[1], (double)y->data[2]};
    for (Way way = 0; way < WAYS; way++) {
        printf("  %-18s", way_name(way));
        for (int k = 0; k < 2; k++) {
            double dx[N];
            way_back(way, p, k == 0 ? ones : some, N, dx);
            // Adding 0 turns a rounded -0.000 into 0.000.
            for (int i = 0; i < N; i++) printf(" %6.3f", round(dx[i] * 1000) / 1000 + 0.0);
            printf("%s", k == 0 ? "   " : "\n");
        }
    }
    puts("\nWhat flows back into an operation's result is called its cotangent. All tests\n"
         "of this repository draw it at random (tests/gradcheck.c).");
    graph_reset(graph_current());
}

/* ---- 6. From numbers to arrays --------------------------------------------------------------- */

static void broadcasting(Lesson *lesson) {
    static const real x_[6] = {1, 2, 3, 4, 5, 6}, b_[N] = {10, 20, 30};
    static const real flows[6] = {1, 2, 3, 100, 200, 300};
    lesson_step(lesson, "Arrays: shapes, and one number for many rows");
    puts("A net has too many numbers for a box each. A tensor is an array with a shape,\n"
         "here (2,3), two rows of three; an operation on it is one record on the tape.\n"
         "Where shapes differ, the smaller one is repeated (broadcast): b for both rows.\n");
    Tensor *x = TENSOR_FROM(x_, 2, N), *b = tensor_variable(b_, 1, SHAPE(N));
    Tensor *y = op_add(x, b); // (2,3)
    print_matrix("x", x->data, 2, N, 0);
    print_vector("b", b->data, N, 0);
    print_matrix("y = x + b", y->data, 2, N, 0);
    backward(op_sum(op_mul(y, TENSOR_FROM(flows, 2, N))));
    print_matrix("dL/dy, given", flows, 2, N, 0);
    print_vector("dL/db", tensor_grad(b), N, 0);
    puts("\nEach number of b was used twice, so what comes back is added: the way back of\n"
         "repeating is a sum, and the way back of a sum is repeating.");
    graph_reset(graph_current());
}

/* ---- 7. A matrix product --------------------------------------------------------------------- */

static void matrix_product(Lesson *lesson) {
    enum { ROWS = 2, IN = 3, OUT = 2 };
    static const real x_[ROWS * IN] = {1, 2, 3, 4, 5, 6}, w_[IN * OUT] = {1, 0, 0, 1, 1, 1};
    static const real flows[ROWS * OUT] = {1, 0, 0, 10};
    lesson_step(lesson, "A matrix product goes back in two products");
    puts("y = x w: entry (i,j) is row i of x times column j of w. Given dL/dy, only two\n"
         "products have the right shapes, and they are the right ones:\n");
    Tensor *x = tensor_variable(x_, 2, SHAPE(ROWS, IN));
    Tensor *w = tensor_variable(w_, 2, SHAPE(IN, OUT));
    Tensor *y = op_matmul(x, w); // (2,2)
    print_matrix("x", x->data, ROWS, IN, 0);
    print_matrix("w", w->data, IN, OUT, 0);
    print_matrix("y = x w", y->data, ROWS, OUT, 0);
    backward(op_sum(op_mul(y, TENSOR_FROM(flows, ROWS, OUT))));
    print_matrix("dL/dy, given", flows, ROWS, OUT, 0);
    print_matrix("dL/dx = dL/dy w^T", tensor_grad(x), ROWS, IN, 0);
    print_matrix("dL/dw = x^T dL/dy", tensor_grad(w), IN, OUT, 0);
    puts("\nFollow the 10. Its place in y was made of row 2 of x and column 2 of w; so 10\n"
         "times that column goes to row 2 of dL/dx, and 10 times that row to column 2 of\n"
         "dL/dw. Two products back for one forward: training costs three times as much as\n"
         "answering.");
    graph_reset(graph_current());
}

/* ---- 8. Softmax and surprise ----------------------------------------------------------------- */

static void print_row(const char *label, const real *row, int decimals) {
    printf("  %-22s", label);
    for (int i = 0; i < N; i++) printf(" %8.*f", decimals, (double)row[i]);
    putchar('\n');
}

static void surprise(Lesson *lesson) {
    static const real z_[N] = {3, 2, 1};
    static const int right[1] = {0};
    lesson_step(lesson, "From scores to probabilities to surprise");
    puts("A net's last numbers, the logits, may be anything. A softmax makes them positive\n"
         "(e^z) and lets them share 1:\n");
    Tensor *z = tensor_variable(z_, 2, SHAPE(1, N));
    Tensor *p = op_softmax(z), *higher = op_softmax(op_add(z, tensor_scalar(100))); // (1,3)
    print_row("logits z", z->data, 0);
    print_row("e^z", op_exp(z)->data, 2);
    print_row("p = e^z / sum", p->data, 4);
    print_row("p of z + 100", higher->data, 4);
    puts("\nOnly differences count: a logit is ln p, plus a number that is the same for all.\n"
         "How bad is an answer that gives p to what turns out to be right? As bad as the\n"
         "surprise, -ln p:\n\n"
         "  p         1      1/2      1/4      1/8     1/16");
    printf("  -ln p ");
    for (int i = 0; i < 5; i++) printf("%7.2f%s", i * log(2), i < 4 ? "  " : "\n");
    puts("\nNo surprise at what was sure; half as likely adds ln 2; and surprises add up\n"
         "where probabilities multiply. The mean surprise is the cross-entropy, the loss\n"
         "of every chapter here. Its gradient is what was said minus what is true:\n");
    Tensor *loss = op_cross_entropy(z, right, -1, 0); // ()
    backward(loss);
    print_row("truth y", (const real[N]){1, 0, 0}, 0);
    print_row("dloss/dz = p - y", tensor_grad(z), 4);
    printf("  %-22s %8.4f\n", "loss = -ln p[0]", (double)tensor_item(loss));
    printf("  %-22s %8.4f\n", "perplexity = e^loss", exp((double)tensor_item(loss)));
    graph_reset(graph_current());
}

/* ---- 9. A training step ---------------------------------------------------------------------- */

enum { MAPS = 3, ROWS = 12, COLS = 25 };
static const MoonsGrid PLANE = {-1.5, 2.5, -1, 1.5, ROWS, COLS};

static void draw_moons(const CommonOptions *common, const MoonsNet *net, const Moons *moons) {
    enum { FINE_ROWS = 121, FINE_COLS = 193 };
    static const char *const groups[] = {"upper moon", "lower moon"};
    static real field[FINE_ROWS * FINE_COLS];
    MoonsGrid fine = PLANE;
    fine.rows = FINE_ROWS, fine.cols = FINE_COLS;
    moons_field(net, &fine, field);
    PlotPoint points[MOONS_POINTS];
    for (int i = 0; i < MOONS_POINTS; i++)
        points[i] =
            (PlotPoint){.x = moons->x[2 * i], .y = moons->x[2 * i + 1], .group = moons->label[i]};
    const PlotField picture = {.data = field,
                               .rows = FINE_ROWS,
                               .cols = FINE_COLS,
                               .levels = (const double[]){0},
                               .level_count = 1,
                               .points = points,
                               .point_count = MOONS_POINTS,
                               .groups = groups,
                               .group_count = 2};
    plot_field(&(Picture){.name = "moons",
                          .directory = common->out,
                          .title = "What 354 numbers have learned of two moons",
                          .caption = "the tint says which moon the net would name, and how surely; "
                                     "on the line it cannot tell",
                          .value_label = "p(lower) - p(upper)",
                          .value_min = -1,
                          .value_max = 1,
                          .x_min = PLANE.x_min,
                          .x_max = PLANE.x_max,
                          .y_min = PLANE.y_min,
                          .y_max = PLANE.y_max},
               &picture, NULL, 0);
}

static const double GOOD_RATE = 0.05;

/* The plane as the net divides it, before the steps at which one looks. */
typedef struct {
    const MoonsNet *net;
    const Moons *moons;
    int shown;
    char map[MAPS][ROWS][COLS];
} Maps;

static void look_at_the_plane(void *context, int step) {
    static const int at[MAPS] = {0, 15, 100};
    Maps *maps = context;
    if (maps->shown < MAPS && step == at[maps->shown])
        moons_map(maps->net, &PLANE, maps->moons, maps->map[maps->shown++][0]);
}

static void train_moons(Lesson *lesson, const Moons *moons) {
    enum { STEPS = 101 };
    real loss[STEPS];
    int correct[STEPS];
    Random random;
    random_seed(&random, (uint64_t)lesson->common.seed);
    MoonsNet net;
    moons_net_new(&net, 2, &random);
    Maps maps = {.net = &net, .moons = moons};
    moons_train(&net, moons, GOOD_RATE, STEPS,
                &(MoonsWatch){
                    .loss = loss, .correct = correct, .look = look_at_the_plane, .context = &maps});
    for (int step = 0; step < STEPS; step += step == 50 ? 50 : 10)
        printf("  step %3d   loss %.4f   right %3d of %d\n", step, (double)loss[step],
               correct[step], MOONS_POINTS);
    printf("\n%-*s  %-*s  %s\n", COLS, "step 0", COLS, "step 15", "step 100");
    for (int r = 0; r < ROWS; r++)
        printf("%.*s  %.*s  %.*s\n", COLS, maps.map[0][r], COLS, maps.map[1][r], COLS,
               maps.map[2][r]);
    draw_moons(&lesson->common, &net, moons);
    moons_net_free(&net);
}

static void training(Lesson *lesson, const Moons *moons) {
    lesson_step(lesson, "A training step is five lines");
    puts("  logits = moons_net_forward(net, x)        forward: 2 -> 16 -> 16 -> 2 numbers\n"
         "  loss = op_cross_entropy(logits, labels)   how surprised, by the 100 labels\n"
         "  backward(loss)                            whose fault, for all 354 weights\n"
         "  optimizer_step(optimizer, rate, 1/100)    each a little the other way\n"
         "  graph_reset(graph)                        an empty tape for the next step\n\n"
         "Two moons of 50 points each; the net is to say to which one a place belongs:\n");
    train_moons(lesson, moons);
    puts("\no and x are the points; where there are dots, the net says x. Nobody told it of\n"
         "half circles. Beside micrograd's own notebook, all 100 steps: make 00/moons");
}

/* ---- 10. A narrow valley --------------------------------------------------------------------- */

enum { WALK = 60 };

static void draw_valley(const CommonOptions *common, real x[2][WALK + 1], real y[2][WALK + 1]) {
    enum { FIELD_ROWS = 81, FIELD_COLS = 121 };
    static const double levels[] = {0.5, 2, 8, 18, 32};
    static real field[FIELD_ROWS * FIELD_COLS];
    Picture picture = {.name = "valley",
                       .directory = common->out,
                       .title = "Sixty steps in a narrow valley",
                       .caption =
                           "both begin at the right: gradient descent leaps from wall to wall "
                           "and gets on slowly; Adam moves as fast along the valley as "
                           "across it",
                       .no_scale = true,
                       .x_min = -1.5,
                       .x_max = 4.5,
                       .y_min = -1.2,
                       .y_max = 1.2};
    for (int r = 0; r < FIELD_ROWS; r++)
        for (int c = 0; c < FIELD_COLS; c++)
            field[r * FIELD_COLS + c] = (real)valley_height(
                picture.x_min + (picture.x_max - picture.x_min) * c / (FIELD_COLS - 1),
                picture.y_min + (picture.y_max - picture.y_min) * r / (FIELD_ROWS - 1));
    const PlotField plane = {
        .data = field, .rows = FIELD_ROWS, .cols = FIELD_COLS, .levels = levels, .level_count = 5};
    const PlotSeries path[] = {
        {.name = "gradient descent", .x = x[0], .y = y[0], .count = WALK + 1, .points = true},
        {.name = "Adam", .x = x[1], .y = y[1], .count = WALK + 1, .points = true}};
    plot_field(&picture, &plane, path, 2);
}

static void valley(Lesson *lesson) {
    static const double rate[2] = {0.019, 0.2};
    static real x[2][WALK + 1] = {{4}, {4}}, y[2][WALK + 1] = {{1}, {1}};
    lesson_step(lesson, "Which way is down, and how far? Gradient descent and Adam");
    puts("Gradient descent: w = w - rate x gradient. In a valley 100 times as steep across\n"
         "as along, the rate must suit the steep side, and is then far too low along the\n"
         "floor. Adam divides each number's gradient by how large it usually is, and so\n"
         "moves along as fast as across:\n\n"
         "  height of the place after step     0       10       20       40       60");
    valley_descend(rate[0], WALK, x[0], y[0]);
    valley_adam(rate[1], WALK, x[1], y[1]);
    for (int way = 0; way < 2; way++) {
        printf("  %-17s rate %.3f", way == 0 ? "gradient descent" : "Adam", rate[way]);
        static const int at[] = {0, 10, 20, 40, 60};
        for (int i = 0; i < 5; i++)
            printf(" %8.3f", valley_height((double)x[way][at[i]], (double)y[way][at[i]]));
        putchar('\n');
    }
    real wild_x[WALK + 1] = {4}, wild_y[WALK + 1] = {1};
    valley_descend(0.021, WALK, wild_x, wild_y);
    printf("\nGradient descent at 0.021 instead of 0.019: %.1f million after 60 steps. Each\n"
           "leap across ends higher on the other side than it began.\n",
           valley_height((double)wild_x[WALK], (double)wild_y[WALK]) / 1e6);
    draw_valley(&lesson->common, x, y);
}

/* ---- 11. What a loss curve tells ------------------------------------------------------------- */

enum { RATES = 3, CURVE = 201 };

static void draw_curves(const CommonOptions *common, real loss[RATES][CURVE]) {
    const PlotSeries series[] = {{.name = "0.001, too low", .y = loss[0], .count = CURVE},
                                 {.name = "0.05, good", .y = loss[1], .count = CURVE},
                                 {.name = "1, too high", .y = loss[2], .count = CURVE}};
    plot_lines(&(Picture){.name = "loss_curves",
                          .directory = common->out,
                          .title = "One net, three rates",
                          .caption =
                              "too low: still on its way down at the end; too high: up first, "
                              "then stuck; good: down at once, and on",
                          .x_label = "step",
                          .y_label = "loss",
                          .log_y = true},
               series, RATES);
}

static void loss_curves(Lesson *lesson, const Moons *moons) {
    static const double rate[RATES] = {0.001, 0.05, 1};
    static real loss[RATES][CURVE];
    lesson_step(lesson, "What a loss curve tells");
    puts("Before the first step the net knows nothing. Equal shares for two moons cost\n"
         "ln 2 = 0.69: compute such a number before you run anything. Then the rate:\n\n"
         "  loss after step     0       20       50      100      200");
    for (int r = 0; r < RATES; r++) {
        Random random;
        random_seed(&random, (uint64_t)lesson->common.seed); // the same weights for all
        MoonsNet net;
        moons_net_new(&net, 2, &random);
        moons_train(&net, moons, rate[r], CURVE, &(MoonsWatch){.loss = loss[r]});
        printf("  rate %-7g", rate[r]);
        static const int at[] = {0, 20, 50, 100, 200};
        for (int i = 0; i < 5; i++) printf(" %8.4f", (double)loss[r][at[i]]);
        putchar('\n');
        moons_net_free(&net);
    }
    puts("\nToo low: it would get there, but late. Too high: every step leaps over what it\n"
         "aims at. Good: the highest that still falls steadily. Look for it in tens, .001,\n"
         ".01, .1, and then between.");
    draw_curves(&lesson->common, loss);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Chapter 0: gradients, arrays and a training step, with the numbers.",
                         "make 00"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    derivative(&lesson);
    chain_rule(&lesson);
    gradients_add(&lesson);
    differences(&lesson);
    cotangent(&lesson);
    broadcasting(&lesson);
    matrix_product(&lesson);
    surprise(&lesson);
    Moons moons;
    moons_make(&moons, 1337);
    training(&lesson, &moons);
    valley(&lesson);
    loss_curves(&lesson, &moons);
    puts("\nNumbers go in, and numbers come out. But a sentence is words: make 01");
    return lesson_end(&lesson, 0);
}
