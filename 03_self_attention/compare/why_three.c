/* why_three.c - What the posts leave out (the learning path says so of Alammar's): why a query, a
 * key and a value? One attention layer is trained on a task of directed pointing, four times, with
 * different projections tied together. See pointing.h for the task.
 *
 * Beside: alammar Self-Attention in Detail; bloem 1) Queries, keys and values - why three: one task
 *     with query and key tied, key and value tied, all free
 * Beside: rasa 2; simplicity - what cannot be said without a query and a key of its own
 */
#include "03_self_attention/lab/pointing.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"

#include <stdio.h>

enum {
    KINDS = 4,
    WIDTHS = 3,
    STEPS = 400,
    EVERY = 10,
    POINTS = STEPS / EVERY + 1,
    T = POINTING_TOKENS
};

static const char *const NAME[KINDS] = {"no projections", "query = key", "key = value",
                                        "three projections"};
static const int WIDTH[WIDTHS] = {2, 4, 8}; // of queries, keys and values

/* The weights (T,T) of the trained model on the ring 0 -> 1 -> ... -> 7 -> 0. */
static void look(const PointingModel *model, real *weights) {
    graph_reset(graph_current());
    real ring[T * POINTING_WIDTH];
    pointing_ring(ring);
    Tensor *attention;
    pointing_forward(model, TENSOR_FROM(ring, 1, T, POINTING_WIDTH), &attention);
    memcpy(weights, attention->data, T * T * sizeof *weights);
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
        lines[kind] =
            (PlotSeries){.name = NAME[kind], .x = step, .y = curve[kind], .count = POINTS};
        maps[kind] = (PlotMap){.title = NAME[kind], .data = map[kind], .rows = T, .cols = T};
    }
    const Picture accuracy = {.name = "why_three_accuracy",
                              .directory = common->out,
                              .title = "Answering with the payload of the token one points at",
                              .caption = "two numbers are enough where all three are free; query = "
                                         "key looks back, key = value has no room for both",
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

/* Trains all kinds in all widths: the share of right answers reached. Curves and maps are those of
 * the narrowest. */
static void train_all(uint64_t seed, double reached[KINDS][WIDTHS], real curve[KINDS][POINTS],
                      real map[KINDS][T * T]) {
    for (int kind = 0; kind < KINDS; kind++) {
        printf("  %-18s", NAME[kind]);
        for (int w = 0; w < WIDTHS; w++) {
            PointingModel model = pointing_new((Projections)kind, WIDTH[w], seed);
            reached[kind][w] = pointing_train(&model, STEPS, EVERY, 42, w ? NULL : curve[kind]);
            if (w == 0) look(&model, map[kind]);
            printf("  %5.0f %%", 100 * reached[kind][w]);
            pointing_free(&model);
        }
        puts("");
    }
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Why query, key and value differ: a directed task, trained four ways.",
                         "build/03_self_attention/why_three"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    Comparison comparison = {0};
    static real curve[KINDS][POINTS], map[KINDS][T * T];
    double reached[KINDS][WIDTHS];

    lesson_step(&lesson, "The task: 8 tokens, each points at one other and wants its payload");
    printf("Right answers after %d steps, with vectors of 2, 4 and 8 numbers:\n\n"
           "                           2        4        8\n",
           STEPS);
    train_all((uint64_t)lesson.common.seed, reached, curve, map);
    lesson_step(&lesson, "Who looks at whom, when token i points at i+1 (2 numbers)");
    print_heatmap("query = key", map[PROJECT_QK_SAME], T, T, NULL, NULL, 2);
    print_heatmap("key = value", map[PROJECT_KV_SAME], T, T, NULL, NULL, 2);
    print_heatmap("three projections", map[PROJECT_SEPARATE], T, T, NULL, NULL, 2);
    puts("Query = key: i scores j exactly as j scores i, so whoever is looked at looks\n"
         "back. No width mends that.\n"
         "Key = value: one vector is the name to be found by and the payload to hand over,\n"
         "8 names times 8 payloads to tell apart. In 8 numbers there is room, in 2 not.\n"
         "All apart: a key need only hold 8 names, a value 8 payloads. Two numbers do.");
    draw(&lesson.common, curve, map);

    lesson_step(&lesson, "What must hold");
    compare_claim(&comparison, "three projections: more than 99 % right in 2 numbers",
                  reached[PROJECT_SEPARATE][0] > .99);
    compare_claim(&comparison, "query = key: less than half right in 2 numbers, and in 8",
                  reached[PROJECT_QK_SAME][0] < .5 && reached[PROJECT_QK_SAME][2] < .5);
    compare_claim(&comparison, "key = value: less than half in 2, more than 99 % in 8",
                  reached[PROJECT_KV_SAME][0] < .5 && reached[PROJECT_KV_SAME][2] > .99);
    compare_claim(&comparison, "three projections look one way only",
                  asymmetry(map[PROJECT_SEPARATE]) > .95);
    return lesson_end(&lesson, compare_end(&comparison));
}
