/* label_smoothing.c - The loss, three times: p - y by hand, which is Alammar's subtraction ("The
 * Loss Function"); then the Annotated Transformer, "Regularization: Label Smoothing", as target
 * rows and as a penalty for being too sure.
 *
 * Beside: annotated Regularization: Label Smoothing - its five target rows, and the price for being
 *     too sure: 0.95135 at x = 1, 0.00000 at 27, 0.05442 at 99
 * Beside: alammar The Loss Function - "subtract one from the other" is the loss's gradient, p - y,
 *     not the loss
 * Beside: annotated Loss Computation - loss and gradient of three logits by hand
 * Beside: paper 5.4 - smoothing by 0.1, what it asks for
 */
#include "common/kernels.h"
#include "common/ops.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"

#include <stdio.h>

enum { SIZE = 5, ROWS = 5, PADDING = 0, XS = 99, OTHERS = 3 };

/* The smallest example: three tokens, the first is right, no smoothing, one step of size 1. */
static void hand_step(Comparison *comparison) {
    const real logits[] = {3, 2, 1};
    const int right[] = {0};
    const double y[] = {1, 0, 0};
    Tensor *z = tensor_variable(logits, 2, SHAPE(1, 3));
    const Tensor *p = op_softmax(z);
    Tensor *loss = op_cross_entropy(z, right, -1, 0);
    backward(loss);
    double difference[3];
    real moved[3];
    for (int i = 0; i < 3; i++) {
        difference[i] = (double)p->data[i] - y[i];
        moved[i] = logits[i] - tensor_grad(z)[i];
    }
    puts("By hand: logits 3 2 1, the first token is right.\n");
    printf("  p = softmax          %8.4f %8.4f %8.4f\n", (double)p->data[0], (double)p->data[1],
           (double)p->data[2]);
    printf("  y = the truth        %8.4f %8.4f %8.4f\n", y[0], y[1], y[2]);
    printf("  p - y                %8.4f %8.4f %8.4f\n", difference[0], difference[1],
           difference[2]);
    printf("  loss = -ln %.4f     %8.4f\n", (double)p->data[0], (double)tensor_item(loss));
    printf("  z - (p - y)          %8.4f %8.4f %8.4f\n", (double)moved[0], (double)moved[1],
           (double)moved[2]);
    const Tensor *after = op_cross_entropy(TENSOR_FROM(moved, 1, 3), right, -1, 0);
    printf("  loss there           %8.4f\n\n", (double)tensor_item(after));
    compare_row(comparison, "p - y (published), gradient by backward() (computed)", difference,
                tensor_grad(z), 3, 4, 1e-6);
    putchar('\n');
}

/* His LabelSmoothing(size, padding_idx, smoothing): the right word keeps 1 - e, the others share e,
 * and <pad> gets nothing, neither as a column nor as a row. */
static void his_targets(const int *labels, int rows, double smoothing, real *targets) {
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < SIZE; c++) {
            // SIZE - 2 share what is taken from the right one: not itself, and not <pad>.
            const double share = c == labels[r] ? 1 - smoothing : smoothing / (SIZE - 2);
            targets[r * SIZE + c] = c == PADDING || labels[r] == PADDING ? 0 : (real)share;
        }
}

static void rows_step(Comparison *comparison, real *targets) {
    const int labels[ROWS] = {2, 1, 0, 3, 3};
    const double published[ROWS * SIZE] = {0,     .1333, .6, .1333, .1333, 0,  .6,   .1333, .1333,
                                           .1333, 0,     0,  0,     0,     0,  0,    .1333, .1333,
                                           .6,    .1333, 0,  .1333, .1333, .6, .1333};
    his_targets(labels, ROWS, 0.4, targets);
    puts("LabelSmoothing(5, 0, 0.4) for the words 2 1 0 3 3, of which 0 is <pad>:\n");
    compare_matrix(comparison, "target row", published, targets, ROWS, SIZE, 4, 0.00005);
}

/* Ours are PyTorch's: (1-e) one-hot + e/V over all V tokens. The gradient of the loss is p - q, so
 * the operation itself tells q: here from equal logits, p = 1/5. */
static void ours_step(Comparison *comparison) {
    graph_reset(graph_current());
    const real equal[SIZE] = {0};
    const int label[] = {2};
    Tensor *logits = tensor_variable(equal, 2, SHAPE(1, SIZE));
    backward(op_cross_entropy(logits, label, PADDING, (real)0.4));
    real q[SIZE];
    for (int c = 0; c < SIZE; c++) q[c] = (real)1 / SIZE - tensor_grad(logits)[c];
    const double expected[SIZE] = {.08, .08, .68, .08, .08};
    puts("\nPyTorch's nn.CrossEntropyLoss(label_smoothing=0.4) gives every token e/V, the\n"
         "right one and <pad> too. So does op_cross_entropy, read off its gradient p - q:\n");
    compare_row(comparison, "target row for word 2", expected, q, SIZE, 4, 1e-6);
}

/* The penalty of giving the right word x parts and each of three others one part, with a target
 * that gives the others `share` each: KL(target | p), 0 where the two agree. */
static double penalty(double x, double right, double share) {
    const double d = x + OTHERS;
    const double rest = share > 0 ? OTHERS * share * log(share * d) : 0; // 0 ln 0 = 0
    return right * log(right * d / x) + rest;
}

static void curves_step(Comparison *comparison, const char *directory) {
    const int at[] = {1, 2, 5, 10, 27, 99};
    const double published[] = {.95135, .55066, .1960, .05768, 0, .05442};
    static real x[XS], curve[3][XS];
    int lowest[3] = {0};
    for (int i = 0; i < XS; i++) {
        x[i] = (real)(i + 1);
        curve[0][i] = (real)penalty(i + 1, 1, 0);
        curve[1][i] = (real)penalty(i + 1, 0.9, 0.1 / OTHERS);
        curve[2][i] = (real)penalty(i + 1, 0.9 + 0.1 / 4, 0.1 / 4);
        for (int c = 0; c < 3; c++)
            if (curve[c][i] < curve[c][lowest[c]]) lowest[c] = i;
    }
    puts("\nThe model gives the right word x parts and three others one each; e = 0.1:\n");
    for (int i = 0; i < 6; i++) {
        char label[16];
        snprintf(label, sizeof label, "x = %d", at[i]);
        compare_value(comparison, label, published[i], (double)curve[1][at[i] - 1], 5, 0.00005);
    }
    printf("\nLowest at x = %d: %d/%d = 0.9, just what the target asks for. Surer costs again.\n"
           "With PyTorch's e/V (four tokens, the right one keeps .925) at x = %d. Without\n"
           "smoothing it falls for ever: %.4f at x = 99 and 0 only at infinity.\n\n",
           lowest[1] + 1, lowest[1] + 1, lowest[1] + 1 + OTHERS, lowest[2] + 1,
           (double)curve[0][XS - 1]);
    compare_claim(comparison, "his curve turns at x = 27", lowest[1] + 1 == 27);
    compare_claim(comparison, "ours turns at x = 37: 37/40 = .925", lowest[2] + 1 == 37);
    compare_claim(comparison, "without smoothing there is no turn", lowest[0] + 1 == XS);
    const PlotSeries series[] = {{.name = "none", .x = x, .y = curve[0], .count = XS},
                                 {.name = "0.1, his", .x = x, .y = curve[1], .count = XS},
                                 {.name = "0.1, PyTorch's", .x = x, .y = curve[2], .count = XS}};
    plot_lines(&(Picture){.name = "label_smoothing",
                          .directory = directory,
                          .title = "What it costs to give the right word x parts of x + 3",
                          .caption = "with smoothing the cost turns up again past 0.9 (x = 27): "
                                     "nobody is asked to be certain",
                          .x_label = "x",
                          .y_label = "penalty (nats)",
                          .y_min = 0,
                          .y_max = 0.4},
               series, 3);
}

/* The smallest loss there is: the entropy of the target row itself. */
static double floor_of(double smoothing, int V) {
    const double share = smoothing / V, right = 1 - smoothing + share;
    return -right * log(right) - (V - 1) * share * log(share);
}

static void floor_step(Comparison *comparison) {
    puts("\nA consequence: the loss no longer goes to 0. Its floor is the target's entropy:\n");
    const int sizes[] = {5, 1200, 10000};
    for (int i = 0; i < 3; i++)
        printf("  e = 0.1, V = %5d   floor %.4f\n", sizes[i], floor_of(0.1, sizes[i]));
    // The operation, given the logits ln q, must say the same.
    real logits[SIZE];
    for (int c = 0; c < SIZE; c++) logits[c] = (real)log(c == 2 ? .92 : .02);
    const int label[] = {2};
    const Tensor *reached =
        op_cross_entropy(TENSOR_FROM(logits, 1, SIZE), label, PADDING, (real)0.1);
    putchar('\n');
    compare_value(comparison, "p = q, V = 5", floor_of(0.1, SIZE), (double)tensor_item(reached), 4,
                  1e-6);
    puts("\nSo a training loss with smoothing and a validation loss without are two scales.");
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"The Annotated Transformer's label smoothing: targets, penalty, floor.",
                         "build/06_training/label_smoothing"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    real targets[ROWS * SIZE];
    hand_step(&comparison);
    rows_step(&comparison, targets);
    ours_step(&comparison);
    curves_step(&comparison, lesson.common.out);
    floor_step(&comparison);
    const char *const words[ROWS] = {"2", "1", "<pad>", "3", "3"};
    plot_heatmap(&(Picture){.name = "label_smoothing_targets",
                            .directory = lesson.common.out,
                            .title = "Five targets, smoothed by 0.4",
                            .caption = "each row is what one place should say, 0.6 for the right "
                                       "token; row and column of <pad> are empty",
                            .x_label = "token"},
                 &(PlotMap){.data = targets, .rows = ROWS, .cols = SIZE, .row_labels = words}, 2);
    return lesson_end(&lesson, compare_end(&comparison));
}
