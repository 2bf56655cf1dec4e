/* nbody.c - Appendix: the Geometric Algebra Transformer's first experiment (Brehmer et al., section
 * 5.1): a star and planets, and where they are after a while. A small one of that kind and a plain
 * Transformer, trained on from 30 to 3000 systems, tested where they were trained and elsewhere.
 *
 * Beside: gatr - planets predicted by attention that moves along with the room, and by a plain one:
 *     the error against how many systems it has seen, and in a place where it has seen none
 */
#include "05_encoder_decoder/lab/geometric_model.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/training.h"

#include <stdio.h>

enum { SIZES = 5, LARGEST = 3000, TESTED = 300, STEPS = 700, BATCH = 32 };
static const int sizes[SIZES] = {30, 100, 300, 1000, LARGEST};
static const double SPREAD = 1, FAR = 10, LEARNING_RATE = 0.004;

typedef struct {
    const GeometricModel *model;
    const Planets *systems;
    int count;
    Random random;
} Course;

static Tensor *batch_loss(void *context, int *count) {
    Course *course = context;
    Planets batch[BATCH];
    for (int b = 0; b < BATCH; b++)
        batch[b] = course->systems[random_below(&course->random, (uint64_t)course->count)];
    *count = 1;
    return geometric_model_loss(course->model, batch, BATCH);
}

static GeometricModel *train(bool geometric, const Planets *systems, int count, uint64_t seed) {
    GeometricModel *model = geometric_model_new(geometric, seed);
    Course course = {.model = model, .systems = systems, .count = count};
    random_seed(&course.random, seed);
    training_run(&(Training){.parameters = &model->parameters,
                             .adam = adam_pytorch(),
                             .steps = STEPS,
                             .lr = LEARNING_RATE,
                             .rate = training_linear,
                             .clip = 1,
                             .loss = batch_loss,
                             .context = &course,
                             .label = geometric ? "geometric" : "plain"});
    return model;
}

static real test(const GeometricModel *model, const Planets *tested) {
    graph_reset(graph_current());
    const GraphMode before = graph_quiet();
    const real error = tensor_item(geometric_model_loss(model, tested, TESTED));
    graph_restore(before);
    return error;
}

/* The mean squared error of saying that all bodies stay, or that they go straight on. */
static double without_a_model(const Planets *tested, bool straight_on) {
    double sum = 0;
    for (int n = 0; n < TESTED * BODIES * 3; n++) {
        const Planets *p = &tested[n / (BODIES * 3)];
        const int i = n / 3 % BODIES, k = n % 3;
        const double guess = straight_on ? p->velocity[i][k] : 0;
        const double error = p->end[i][k] - p->start[i][k] - guess;
        sum += error * error / (TESTED * BODIES * 3);
    }
    return sum;
}

/* near, far [geometric][size]: errors where systems were seen in training, and far from there. */
static void draw(const char *out, real near[2][SIZES], real far[2][SIZES]) {
    real x[SIZES];
    for (int i = 0; i < SIZES; i++) x[i] = (real)sizes[i];
    const PlotSeries series[] = {
        {.name = "plain", .x = x, .y = near[0], .count = SIZES, .points = true},
        {.name = "plain, elsewhere", .x = x, .y = far[0], .count = SIZES, .points = true},
        {.name = "geometric", .x = x, .y = near[1], .count = SIZES, .points = true},
        {.name = "geometric, elsewhere", .x = x, .y = far[1], .count = SIZES, .points = true}};
    plot_lines(&(Picture){.name = "nbody",
                          .directory = out,
                          .title = "Where will the planets be?",
                          .caption = "the geometric model is as good where it has never been; the "
                                     "plain one has learned a place",
                          .x_label = "systems in training",
                          .y_label = "mean squared error",
                          .log_x = true,
                          .log_y = true},
               series, 4);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"A geometric Transformer and a plain one predict planets. Slow: about 60 "
                         "seconds.",
                         "build/05_encoder_decoder/nbody"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    const uint64_t seed = (uint64_t)lesson.common.seed;
    Comparison comparison = {0};
    static Planets systems[LARGEST], tested[TESTED], elsewhere[TESTED];
    real near[2][SIZES], far[2][SIZES];
    Random random;
    random_seed(&random, seed);
    planets_draw(systems, LARGEST, SPREAD, &random);
    planets_draw(tested, TESTED, SPREAD, &random);
    planets_draw(elsewhere, TESTED, FAR, &random);

    lesson_step(&lesson, "A star and three planets, at time 0 and at time 1");
    GeometricModel *untrained[2] = {geometric_model_new(false, seed),
                                    geometric_model_new(true, seed)};
    printf("Mean squared error of a coordinate if all bodies stay: %.3f, if they go straight\n"
           "on: %.3f. Two layers each, %zu parameters (plain), %zu (geometric).\n",
           without_a_model(tested, false), without_a_model(tested, true),
           parameters_size(&untrained[0]->parameters), parameters_size(&untrained[1]->parameters));
    for (int g = 0; g < 2; g++) geometric_model_free(untrained[g]);

    lesson_step(&lesson, "The error, by how many systems it has seen");
    printf("%d steps of %d each; tested on %d new ones, in the same region as in training and\n"
           "moved ten times as far:\n\n"
           "             same region            elsewhere\n"
           "  systems    plain   geometric      plain   geometric\n",
           STEPS, BATCH, TESTED);
    for (int i = 0; i < SIZES; i++) {
        for (int g = 0; g < 2; g++) {
            GeometricModel *model = train(g, systems, sizes[i], seed);
            near[g][i] = test(model, tested);
            far[g][i] = test(model, elsewhere);
            geometric_model_free(model);
        }
        printf("  %7d  %7.4f  %10.4f  %9.4f  %10.4f\n", sizes[i], (double)near[0][i],
               (double)near[1][i], (double)far[0][i], (double)far[1][i]);
    }
    draw(lesson.common.out, near, far);
    puts("\nThe paper, on its own planets, with a hundredth of its data and 5,000 steps: GATr\n"
         ".0005, a plain Transformer .0050, ten times as much.\n");
    compare_claim(&comparison, "with a tenth of the data it is better than the plain one",
                  near[1][1] < near[0][3] && near[1][2] < near[0][4]);
    compare_claim(&comparison, "elsewhere its error is at most half as much again as here",
                  far[1][4] < (real)1.5 * near[1][4]);
    compare_claim(&comparison, "elsewhere the plain one is worse than saying \"they stay\"",
                  (double)far[0][4] > without_a_model(elsewhere, false));
    return lesson_end(&lesson, compare_end(&comparison));
}
