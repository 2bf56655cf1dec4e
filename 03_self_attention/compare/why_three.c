/* why_three.c - what the posts leave out (the learning path says so of Alammar's): why a query, a
 * key and a value? One attention layer is trained on a task of directed pointing, four times, with
 * different projections tied together. See pointing.h for the task.
 */
#include "03_self_attention/pointing.h"
#include "common/lesson.h"
#include "common/plot.h"
#include "common/print.h"

#include <stdio.h>

enum { KINDS = 4, STEPS = 400, EVERY = 10, POINTS = STEPS / EVERY + 1, T = POINTING_TOKENS };

static const char *const NAME[KINDS] = {"no projections", "query = key", "key = value",
                                        "three projections"};

/* The weights (T,T) of the trained model on the ring 0 -> 1 -> ... -> 7 -> 0. */
static void look(const PointingModel *model, real *weights) {
    Graph *graph = graph_new();
    graph_use(graph);
    real ring[T * POINTING_WIDTH];
    pointing_ring(ring);
    Tensor *attention;
    pointing_forward(model, TENSOR_FROM(ring, 1, T, POINTING_WIDTH), &attention);
    memcpy(weights, attention->data, T * T * sizeof *weights);
    graph_free(graph);
}

/* The largest |A_ij - A_ji| / (A_ij + A_ji): 0 if attention is the same in both directions. */
static double asymmetry(const real *weights) {
    double largest = 0;
    for (int i = 0; i < T; i++)
        for (int j = 0; j < i; j++) {
            const double a = (double)weights[i * T + j], b = (double)weights[j * T + i];
            if (fabs(a - b) > largest * (a + b)) largest = fabs(a - b) / (a + b);
        }
    return largest;
}

static void draw(const CommonOptions *common, real curve[KINDS][POINTS], real map[KINDS][T * T]) {
    static real step[POINTS];
    PlotSeries lines[KINDS];
    PlotMap maps[KINDS];
    for (int i = 0; i < POINTS; i++) step[i] = (real)(i * EVERY);
    for (int kind = 0; kind < KINDS; kind++) {
        lines[kind] = (PlotSeries){NAME[kind], step, curve[kind], POINTS, false};
        maps[kind] = (PlotMap){NAME[kind], map[kind], T, T, NULL, NULL};
    }
    const Picture accuracy = {.name = "why_three_accuracy",
                              .directory = common->out,
                              .title = "Answering with the payload of the token one points at",
                              .caption = "what must point in one direction cannot be learned with "
                                         "query = key",
                              .x_label = "training steps",
                              .y_label = "right answers",
                              .y_min = 0,
                              .y_max = 1.02};
    plot_lines(&accuracy, lines, KINDS);
    const Picture attention = {.name = "why_three_attention",
                               .directory = common->out,
                               .title = "Who looks at whom, when token i points at i+1",
                               .caption =
                                   "wanted is the line right above the diagonal; query = key "
                                   "must look back whenever it is looked at",
                               .x_label = "key",
                               .y_label = "query",
                               .value_label = "weight",
                               .value_min = 0,
                               .value_max = 1};
    plot_heatmap_grid(&attention, maps, KINDS, 4, -1);
}

int main(int argc, char **argv) {
    const Usage usage = {"Why queries and keys differ: a directed task, trained four ways.",
                         "build/03_self_attention/why_three"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    Comparison comparison = {0};
    static real curve[KINDS][POINTS], map[KINDS][T * T];
    double reached[KINDS];

    lesson_step(&lesson, "The task: 8 tokens, each points at one other and wants its payload");
    printf("  %-18s  numbers  right answers after %d steps\n", "", STEPS);
    for (int kind = 0; kind < KINDS; kind++) {
        PointingModel model = pointing_new((Projections)kind, (uint64_t)lesson.common.seed);
        reached[kind] = pointing_train(&model, STEPS, EVERY, 42, curve[kind]);
        look(&model, map[kind]);
        printf("  %-18s  %7zu  %10.0f %%\n", NAME[kind], parameters_size(&model.parameters),
               100 * reached[kind]);
        pointing_free(&model);
    }
    lesson_step(&lesson, "Who looks at whom, when token i points at token i+1");
    print_heatmap("query = key", map[PROJECT_QK_SAME], T, T, NULL, NULL, 2);
    print_heatmap("three projections", map[PROJECT_SEPARATE], T, T, NULL, NULL, 2);
    printf("With query = key, (i,j) scores as (j,i): who is looked at looks back, and at\n"
           "itself. With three projections a token asks one question and answers to another\n"
           "name. Key = value works here too, later: one vector then has to be both the name\n"
           "to be found by and the payload to hand over.\n");
    draw(&lesson.common, curve, map);

    lesson_step(&lesson, "What must hold");
    compare_claim(&comparison, "three projections: more than 99 % right",
                  reached[PROJECT_SEPARATE] > .99);
    compare_claim(&comparison, "query = key: less than half right", reached[PROJECT_QK_SAME] < .5);
    compare_claim(&comparison, "key = value: right too, with a vector that must do both jobs",
                  reached[PROJECT_KV_SAME] > .99);
    compare_claim(&comparison, "three projections look one way only",
                  asymmetry(map[PROJECT_SEPARATE]) > .95);
    return compare_end(&comparison);
}
