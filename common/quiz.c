/* quiz.c - questions on chapter 0: gradients by hand, shapes, softmax and surprise, a step, a loss
 * curve.
 *
 * Beside: tutor - questions on gradients by hand, shapes, softmax and surprise, a step
 */
#include "common/screen/quiz.h"

#include "common/adam.h"
#include "common/kernels.h"
#include "common/lab/descent.h"
#include "common/lab/differences.h"
#include "common/lab/moons.h"
#include "common/softmax.h"

#include <stdio.h>

static const char BY_HAND[] = "common/README.md, \"By hand\"";
static const char THE_CODE[] = "common/README.md, \"The code\"";
static const char RUN_IT[] = "common/README.md, \"Run it\"";
static const char BACKWARD[] = "common/README.md, \"The backward pass\"";
static const char GOES_WRONG[] = "common/README.md, \"What goes wrong\"";

/* ---- Helpers --------------------------------------------------------------------------------- */

/* A scalar that a gradient is asked for. */
static Tensor *knob(int value) {
    const real v = (real)value;
    return tensor_variable(&v, 0, NULL);
}

static double gradient(Tensor *tensor) {
    return (double)tensor_grad(tensor)[0];
}

/* A tensor of zeros, where only the shape is asked for. */
static Tensor *zeros(int ndim, const int *shape) {
    Tensor *x = tensor_new(ndim, shape, false);
    memset(x->data, 0, x->size * sizeof(real));
    return x;
}
#define ZEROS(...) zeros(NDIM(__VA_ARGS__), SHAPE(__VA_ARGS__))

/* Not 0: low <= |result| <= high, either sign. */
static int signed_between(Random *random, int low, int high) {
    const int size = quiz_between(random, low, high);
    return quiz_between(random, 0, 1) ? size : -size;
}

/* ---- Gradients by hand ----------------------------------------------------------------------- */

static void slope(Random *random, QuizQuestion *q) {
    const int c = quiz_between(random, 2, 4), k = quiz_between(random, 2, 6);
    const int at = quiz_between(random, 1, 4);
    Tensor *x = knob(at);
    backward(op_add(op_scale(op_mul(x, x), (real)c), op_scale(x, (real)-k)));
    quiz_text(q,
              "f(x) = %d x^2 - %d x, and the knob x stands at %d. Turn it by a very little:\n"
              "how many times as far does f move?",
              c, k, at);
    quiz_hint(q, "That is the derivative. The slope of x^2 is 2 x.");
    quiz_working(q, "df/dx = 2 * %d x - %d = %d - %d.", c, k, 2 * c * at, k);
    q->read = BY_HAND;
    quiz_number(q, gradient(x), 0);
}

static void chain(Random *random, QuizQuestion *q) {
    const int a = signed_between(random, 2, 5), b = signed_between(random, 2, 5);
    const int c = signed_between(random, 2, 9), f = signed_between(random, 2, 4);
    Tensor *knob_a = knob(a);
    backward(op_mul(op_add(op_mul(knob_a, knob(b)), knob(c)), knob(f)));
    quiz_text(q, "L = (a b + c) f with a = %d, b = %d, c = %d, f = %d. What is dL/da?", a, b, c, f);
    quiz_hint(q, "Walk back from L: factors along the way multiply.");
    quiz_working(q,
                 "From L to the bracket the factor is f = %d, through the sum 1, to a it is\n"
                 "  b = %d; %d x %d. a itself and c do not matter.",
                 f, b, f, b);
    q->read = BY_HAND;
    quiz_number(q, gradient(knob_a), 0);
}

static void two_ways(Random *random, QuizQuestion *q) {
    const int a = quiz_between(random, 2, 6), b = signed_between(random, 2, 6);
    Tensor *knob_a = knob(a);
    backward(op_add(op_mul(knob_a, knob_a), op_mul(knob_a, knob(b))));
    quiz_text(q, "y = a a + a b with a = %d, b = %d. What does `backward` leave in a's gradient?",
              a, b);
    quiz_hint(q, "a is read three times, so there are three ways back. What happens to what they "
                 "bring?");
    quiz_working(q,
                 "Each factor of a a brings the other one, %d and %d; a b brings b = %d. They add.",
                 a, a, b);
    q->read = BY_HAND;
    quiz_number(q, gradient(knob_a), 0);
}

/* How long the tape is after L = (x c) + (c d), times a constant or itself. */
static void tape_length(Random *random, QuizQuestion *q) {
    const bool itself = quiz_between(random, 0, 1);
    const int plus = quiz_between(random, 1, 3);
    const real two = 2;
    Tensor *x = knob(3), *c = tensor_scalar(two), *d = tensor_scalar(two);
    Tensor *t = op_mul(c, d), *u = op_mul(x, c);
    Tensor *v = op_add(u, t);
    for (int i = 1; i < plus; i++) v = op_add(v, t);
    op_mul(v, itself ? v : t);
    int records = 0;
    for (GraphRecord *r = graph_current()->last; r; r = r->previous) records++;
    quiz_text(q,
              "x requires a gradient, c and d are constants. Computed is t = c d, u = x c,\n"
              "v = u + t%s, L = v %s. How many of these products and sums are on the tape?",
              plus == 1   ? ""
              : plus == 2 ? " + t"
                          : " + t + t",
              itself ? "v" : "t");
    quiz_hint(q, "Only what a gradient can flow through needs a way back.");
    quiz_working(q, "All but t = c d, which depends on no x: u, %d sum%s for v, and L.", plus,
                 plus == 1 ? "" : "s");
    q->read = THE_CODE;
    quiz_number(q, records, 0);
}

static void no_gradient(Random *random, QuizQuestion *q) {
    enum { N = 6 };
    real values[N];
    char text[64] = "";
    for (int i = 0; i < N; i++) {
        const int value = quiz_between(random, -3, 3);
        values[i] = (real)value;
        snprintf(text + strlen(text), sizeof text - strlen(text), " %d", value);
    }
    Tensor *x = tensor_variable(values, 1, SHAPE(N));
    backward(op_sum(op_relu(x)));
    int none = 0;
    for (int i = 0; i < N; i++) none += tensor_grad(x)[i] == 0;
    quiz_text(q,
              "x =%s, y = max(x, 0), and L is the sum of y.\n"
              "How many of the six x get no gradient?",
              text);
    quiz_hint(q, "Turn one of them a little: does y move? The slope at 0 counts as 0.");
    quiz_working(q, "Those that are 0 or negative: there y stays 0.");
    q->read = BACKWARD;
    quiz_number(q, none, 0);
}

static void quotient(Random *random, QuizQuestion *q) {
    static const double h[] = {0.1, 0.2, 0.5};
    const int i = quiz_between(random, 0, 2);
    const bool central = quiz_between(random, 0, 1);
    const double off = central ? differences_central(h[i]) : differences_one_sided(h[i]);
    quiz_text(q,
              "f(x) = x^3 has the derivative 3 at x = 1. You turn the knob by h = %g,\n%s, and "
              "divide by %s. How far off is the result?",
              h[i], central ? "to both sides" : "to one side", central ? "2h" : "h");
    quiz_hint(q, "(1+h)^3 = 1 + 3h + 3h^2 + h^3; for (1-h)^3 the signs alternate.");
    if (central)
        quiz_working(q, "((1+h)^3 - (1-h)^3) / 2h = 3 + h^2, off by h^2.");
    else
        quiz_working(q, "((1+h)^3 - 1) / h = 3 + 3h + h^2, off by 3h + h^2.");
    q->read = RUN_IT;
    quiz_number(q, off, 0.002);
}

/* ---- Arrays ---------------------------------------------------------------------------------- */

static void broadcast_shape(Random *random, QuizQuestion *q) {
    const int B = quiz_between(random, 2, 5), T = quiz_between(random, 2, 5);
    const int E = quiz_between(random, 6, 9);
    const bool column = quiz_between(random, 0, 1);
    Tensor *x = column ? ZEROS(B, 1, E) : ZEROS(B, T, E), *b = column ? ZEROS(T, 1) : ZEROS(E);
    const Tensor *y = op_add(x, b);
    char of_x[64], of_b[64];
    quiz_text(q, "x is %s and b is %s. What shape has x + b?", shape_text(of_x, x->ndim, x->shape),
              shape_text(of_b, b->ndim, b->shape));
    quiz_hint(q, "Write the shapes below each other, flush right. A 1, or nothing, is repeated.");
    quiz_working(q,
                 "Flush right, each pair of dimensions is equal or has a 1 or a gap, which grows.");
    q->read = BY_HAND;
    quiz_shape(q, y->ndim, y->shape);
}

static void broadcast_gradient(Random *random, QuizQuestion *q) {
    enum { ROWS = 3, COLS = 2 };
    real flows[ROWS * COLS];
    int n[ROWS * COLS];
    for (int i = 0; i < ROWS * COLS; i++) flows[i] = (real)(n[i] = signed_between(random, 1, 9));
    Tensor *b = tensor_variable((const real[COLS]){0}, 1, SHAPE(COLS));
    Tensor *y = op_add(ZEROS(ROWS, COLS), b);
    backward(op_sum(op_mul(y, TENSOR_FROM(flows, ROWS, COLS))));
    quiz_text(
        q,
        "y = x + b, x (3,2), b (2). Into y flows\n"
        "    [%2d %2d ]\n    [%2d %2d ]\n    [%2d %2d ]\nWhat is b's gradient, its first number?",
        n[0], n[1], n[2], n[3], n[4], n[5]);
    quiz_hint(q, "The first number of b was added to every row.");
    quiz_working(q, "It was used three times, so three ways back add: (%d) + (%d) + (%d).", n[0],
                 n[2], n[4]);
    q->read = BY_HAND;
    quiz_number(q, gradient(b), 0);
}

static void product_shape(Random *random, QuizQuestion *q) {
    const int M = quiz_between(random, 2, 4), K = quiz_between(random, 5, 7);
    const int N = quiz_between(random, 8, 9), B = quiz_between(random, 2, 3);
    const bool batch = quiz_between(random, 0, 1);
    const Tensor *y = op_matmul(batch ? ZEROS(B, M, K) : ZEROS(M, K), ZEROS(K, N));
    char leading[16] = "";
    if (batch) snprintf(leading, sizeof leading, "%d,", B);
    quiz_text(q, "x is (%s%d,%d) and w is (%d,%d). What shape has x w?", leading, M, K, K, N);
    quiz_hint(q, "The inner dimension is summed over, and disappears.");
    quiz_working(q, "%d meets %d and is gone; what stood before it stays, and %d ends it.", K, K,
                 N);
    q->read = BY_HAND;
    quiz_shape(q, y->ndim, y->shape);
}

static void product_gradient(Random *random, QuizQuestion *q) {
    int n[6];
    real values[6];
    for (int i = 0; i < 6; i++) values[i] = (real)(n[i] = quiz_between(random, 1, 9));
    const int g = quiz_between(random, 2, 5), row = quiz_between(random, 0, 1);
    const int column = quiz_between(random, 0, 2);
    real flows[4] = {0};
    flows[row * 2] = (real)g;
    Tensor *w = tensor_variable((const real[6]){0}, 2, SHAPE(3, 2));
    Tensor *y = op_matmul(TENSOR_FROM(values, 2, 3), w); // (2,2)
    backward(op_sum(op_mul(y, TENSOR_FROM(flows, 2, 2))));
    quiz_text(q,
              "y = x w with x = [%d %d %d; %d %d %d], and w is (3,2). Into y flows [%d 0; %d 0].\n"
              "What is dL/dw in row %d, column 1?",
              n[0], n[1], n[2], n[3], n[4], n[5], row ? 0 : g, row ? g : 0, column + 1);
    quiz_hint(q, "dL/dw = x^T dL/dy. Which number of x did this number of w meet in that row?");
    quiz_working(q, "In row %d of y it met x's %d: %d x %d.", row + 1, n[row * 3 + column],
                 n[row * 3 + column], g);
    q->read = BY_HAND;
    quiz_number(q, (double)tensor_grad(w)[column * 2], 0);
}

static void weights(Random *random, QuizQuestion *q) {
    const int in = quiz_between(random, 2, 5), hidden = quiz_between(random, 6, 10);
    const int out = quiz_between(random, 2, 4);
    Parameters parameters = {0};
    linear_new(&parameters, "first.", in, hidden, true, random);
    linear_new(&parameters, "second.", hidden, out, true, random);
    quiz_text(
        q,
        "A net of two fully connected layers with biases, %d -> %d -> %d, and a relu between.\n"
        "How many numbers does training change?",
        in, hidden, out);
    quiz_hint(q, "A layer has a weight for each pair of input and output, and a bias per output.");
    quiz_working(q, "%d x %d + %d, and %d x %d + %d; the relu has none.", in, hidden, hidden,
                 hidden, out, out);
    q->read = RUN_IT;
    quiz_number(q, (double)parameters_size(&parameters), 0);
    parameters_free(&parameters);
}

/* ---- Softmax and surprise -------------------------------------------------------------------- */

static void share(Random *random, QuizQuestion *q) {
    const int a = quiz_between(random, 1, 4), b = quiz_between(random, 1, 4);
    const int c = quiz_between(random, 1, 4), shift = quiz_between(random, 0, 1) * 100;
    real p[] = {(real)(log(a) + shift), (real)(log(b) + shift), (real)(log(c) + shift)};
    softmax_row(p, 3);
    char plus[16] = "";
    if (shift) snprintf(plus, sizeof plus, " + %d", shift);
    quiz_text(q, "Three logits: ln %d%s, ln %d%s, ln %d%s. What does a softmax give to the first?",
              a, plus, b, plus, c, plus);
    quiz_hint(q, "e^(ln n) is n. Only differences of logits count.");
    quiz_working(q, "e^z is in the ratio %d : %d : %d, so the first gets %d / %d.", a, b, c, a,
                 a + b + c);
    q->read = BY_HAND;
    quiz_number(q, (double)p[0], 0.006);
}

static void first_loss(Random *random, QuizQuestion *q) {
    const int power = quiz_between(random, 2, 10), V = 1 << power, target[] = {0};
    const Tensor *loss = op_cross_entropy(ZEROS(1, V), target, -1, 0);
    quiz_text(q,
              "A net that knows nothing gives each of %d classes the same logit. What is its\n"
              "cross-entropy? (ln 2 = 0.693)",
              V);
    quiz_hint(q, "Each class has the share 1/%d. %d is 2 to the power of what?", V, V);
    quiz_working(q, "-ln(1/%d) = ln %d = %d ln 2. If a run begins far from it, something is wrong.",
                 V, V, power);
    q->read = RUN_IT;
    quiz_number(q, (double)tensor_item(loss), 0.02);
}

static void perplexity(Random *random, QuizQuestion *q) {
    const int low = quiz_between(random, 1, 3), high = low + 2 * quiz_between(random, 1, 2);
    // Two logits whose difference gives the right one, the first, 1/2^k: ln 1 and ln(2^k - 1).
    const real logits[] = {0, (real)log((1 << low) - 1), 0, (real)log((1 << high) - 1)};
    const int target[] = {0, 0};
    const Tensor *loss = op_cross_entropy(TENSOR_FROM(logits, 2, 2), target, -1, 0);
    quiz_text(
        q,
        "Of two words, a model gave the right one 1/%d and 1/%d. What is its perplexity over\n"
        "both?",
        1 << low, 1 << high);
    quiz_hint(q, "e to the mean of -ln p. Means of logarithms are roots of products.");
    quiz_working(q, "The mean of %d ln 2 and %d ln 2 is %d ln 2, and e to that is 2^%d.", low, high,
                 (low + high) / 2, (low + high) / 2);
    q->read = BY_HAND;
    quiz_number(q, exp((double)tensor_item(loss) / 2), 0.01);
}

static void loss_gradient(Random *random, QuizQuestion *q) {
    const int share[] = {2, 1, 1}, target[] = {quiz_between(random, 0, 2)};
    const int asked = quiz_between(random, 0, 2);
    static const char *const place[] = {"first", "second", "third"};
    real logits[3];
    for (int i = 0; i < 3; i++) logits[i] = (real)log(share[i]);
    Tensor *z = tensor_variable(logits, 2, SHAPE(1, 3));
    backward(op_cross_entropy(z, target, -1, 0));
    quiz_text(q,
              "A softmax of three logits gave 0.50, 0.25, 0.25, and the %s was right. What is the\n"
              "gradient of -ln p with respect to the %s logit?",
              place[target[0]], place[asked]);
    quiz_hint(q, "What was said minus what is true.");
    quiz_working(q, "p - y = %.2f - %d.", share[asked] / 4.0, asked == target[0]);
    q->read = BY_HAND;
    quiz_number(q, (double)tensor_grad(z)[asked], 0.001);
}

static void cotangent(Random *random, QuizQuestion *q) {
    real logits[3];
    int n[3];
    for (int i = 0; i < 3; i++) logits[i] = (real)(n[i] = quiz_between(random, -3, 3));
    const int factor = quiz_between(random, 1, 9);
    Tensor *z = tensor_variable(logits, 1, SHAPE(3));
    backward(op_scale(op_sum(op_softmax(z)), (real)factor));
    quiz_text(q,
              "p is the softmax of %d, %d, %d, and L = %d p0 + %d p1 + %d p2. Predict before you\n"
              "compute: what is the gradient of L with respect to the first logit?",
              n[0], n[1], n[2], factor, factor, factor);
    quiz_hint(q, "What is p0 + p1 + p2, whatever the logits are?");
    quiz_working(q,
                 "L is always %d. So a check that adds up the results of a softmax sees nothing: "
                 "draw\n  the factors at random.",
                 factor);
    q->read = RUN_IT;
    quiz_number(q, (double)tensor_grad(z)[0], 0.001);
}

/* ---- Steps ----------------------------------------------------------------------------------- */

static void first_step(Random *random, QuizQuestion *q) {
    static const double rates[] = {0.1, 0.01, 0.05};
    const double rate = rates[quiz_between(random, 0, 2)];
    const int g = quiz_between(random, 1, 500);
    real w[] = {0}, grad[] = {(real)g}, m[] = {0}, v[] = {0};
    adam_step(w, grad, m, v, 1, adam_pytorch(), 1, rate, 1);
    quiz_text(
        q,
        "Adam's very first step, at the rate %g. A weight's gradient is %d. How far does the\n"
        "weight move (no sign)?",
        rate, g);
    quiz_hint(q,
              "The gradient is divided by how large it usually is. All Adam has seen is this one.");
    quiz_working(q, "m' / sqrt(v') = %d / sqrt(%d^2) = 1, times the rate.", g, g);
    q->read = RUN_IT;
    quiz_number(q, fabs((double)w[0]), 0.0005);
}

/* Whether gradient descent from (1, 1) ends higher than it began. */
static bool flies_off(double rate) {
    enum { STEPS = 60 };
    real x[STEPS + 1] = {1}, y[STEPS + 1] = {1};
    valley_descend(rate, STEPS, x, y);
    return valley_height(x[STEPS], y[STEPS]) > valley_height(1, 1);
}

static void too_high(Random *random, QuizQuestion *q) {
    enum { RATES = 4 };
    // In thousandths; 20, 2 divided by the slope's steepness, is the most.
    const int rate[RATES] = {quiz_between(random, 21, 29), quiz_between(random, 2, 7),
                             quiz_between(random, 8, 13), quiz_between(random, 14, 19)};
    char choice[RATES][160];
    for (int i = 0; i < RATES; i++) {
        REQUIRE(flies_off(rate[i] / 1000.0) == (i == 0), "0.0%02d is on the other side", rate[i]);
        snprintf(choice[i], sizeof choice[i], "0.0%02d", rate[i]);
    }
    quiz_text(
        q,
        "In the valley (x^2 + %d y^2) / 2, gradient descent walks down at three of these rates\n"
        "and flies off at one. At which?",
        VALLEY_STEEP);
    quiz_hint(q, "Across, the slope at y is %d y. Where does a step of rate times that lead?",
              VALLEY_STEEP);
    quiz_working(
        q, "y becomes (1 - %d rate) y: at %s that is %.1f y, higher on the other side each time.",
        VALLEY_STEEP, choice[0], 1 - VALLEY_STEEP * rate[0] / 1000.0);
    q->read = GOES_WRONG;
    quiz_choices(q, random, RATES, choice);
}

static void not_cleared(Random *random, QuizQuestion *q) {
    const int c = signed_between(random, 2, 6), steps = quiz_between(random, 2, 5);
    Parameters parameters = {0};
    Tensor *w = PARAMETER(&parameters, "", "w", 1);
    for (int i = 0; i < steps; i++) {
        graph_reset(graph_current());
        backward(op_sum(op_scale(w, (real)c)));
    }
    quiz_text(
        q,
        "The loss is %d w. Forward and `backward` run %d times, and nobody sets gradients to\n"
        "zero. What is w's gradient then?",
        c, steps);
    quiz_hint(q, "A way back never sets a gradient.");
    quiz_working(q, "Each time %d is added: %d x %d. The step would be %d times too far.", c, steps,
                 c, steps);
    q->read = GOES_WRONG;
    quiz_number(q, gradient(w), 0);
    parameters_free(&parameters);
}

enum { CURVE = 101 };

/* text <- the losses of a net on the moons after 0, 5, 20, 50 and 100 steps at this rate. */
static void curve(uint64_t seed, double rate, const Moons *moons, char text[160]) {
    Random random;
    random_seed(&random, seed);
    MoonsNet net;
    moons_net_new(&net, 2, &random);
    real loss[CURVE];
    moons_train(&net, moons, rate, CURVE, &(MoonsWatch){.loss = loss});
    snprintf(text, 160, "%.3f   %.3f   %.3f   %.3f   %.3f", (double)loss[0], (double)loss[5],
             (double)loss[20], (double)loss[50], (double)loss[100]);
    moons_net_free(&net);
}

static void which_curve(Random *random, QuizQuestion *q) {
    static const double rates[] = {0.001, 0.05, 3};
    char choice[3][160];
    Moons moons;
    moons_make(&moons, 1337);
    const uint64_t seed = random_below(random, 1000);
    for (int i = 0; i < 3; i++) curve(seed, rates[i], &moons, choice[i]);
    quiz_text(
        q, "One net was trained on the two moons at three rates. These are its losses after 0, 5,\n"
           "20, 50 and 100 steps. In which was the rate much too low?");
    quiz_hint(q, "Too high a rate shows at once. Too low a one is a slope with no end in sight.");
    quiz_working(q,
                 "The one that falls at every step and is still far up at the end, at the rate %g.",
                 rates[0]);
    q->read = RUN_IT;
    quiz_choices(q, random, 3, choice);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static QuizMaker *const makers[] = {
        slope,         chain,      two_ways,         broadcast_shape, broadcast_gradient,
        product_shape, share,      product_gradient, no_gradient,     tape_length,
        loss_gradient, first_loss, perplexity,       weights,         first_step,
        not_cleared,   quotient,   too_high,         cotangent,       which_curve,
    };
    return quiz_main(argc, argv, "Questions on chapter 0, with other numbers each time.", makers,
                     sizeof makers / sizeof makers[0]);
}
