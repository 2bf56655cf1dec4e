#include "common/kernels.h"
#include "common/ops.h"
#include "common/tape.h"
#include "tests/exercise.h"

enum { MOST = 8 };

/* A tape written by hand: the way back of each record notes its number. */
static int called[MOST], calls;

static void note(const void *saved) {
    if (calls < MOST) called[calls++] = *(const int *)saved;
}

/* Records 0 ... n-1, the last one newest. reached[i]: something has flowed into the output of i. */
typedef struct {
    GraphRecord record[MOST];
    Tensor output[MOST];
    int number[MOST];
    real grad[MOST];
} Tape;

static const GraphRecord *tape_of(Tape *tape, int n, const bool *reached) {
    *tape = (Tape){.grad = {0}};
    for (int i = 0; i < n; i++) {
        tape->number[i] = i;
        tape->output[i].grad = reached[i] ? &tape->grad[i] : NULL;
        tape->record[i] = (GraphRecord){i ? &tape->record[i - 1] : NULL, &tape->output[i], note,
                                        &tape->number[i]};
    }
    return n ? &tape->record[n - 1] : NULL;
}

static void walk(int n, const bool *reached) {
    Tape tape;
    calls = 0;
    tape_walk_back(tape_of(&tape, n, reached));
    exercise_show_ints("records in the order of their turn", called, calls);
}

static void one(void) {
    walk(1, (const bool[]){true});
}

static void empty(void) {
    calls = 0;
    tape_walk_back(NULL);
    exercise_holds("of an empty tape, no record has a turn", calls == 0);
}

static void three(void) {
    walk(3, (const bool[]){true, true, true});
}

static void passed_over(void) {
    walk(5, (const bool[]){true, false, true, true, true});
}

static void newest_not_reached(void) {
    walk(4, (const bool[]){true, true, true, false});
}

/* The way back of record 2 is what fills the output of record 0: whether that is reached is known
 * only when its turn comes. */
static Tape filling;

static void fill_first(const void *saved) {
    note(saved);
    filling.output[0].grad = &filling.grad[0];
}

static void reached_late(void) {
    const GraphRecord *newest = tape_of(&filling, 3, (const bool[]){false, false, true});
    filling.record[2].go_back = fill_first;
    calls = 0;
    tape_walk_back(newest);
    exercise_show_ints("records in the order of their turn", called, calls);
}

/* A real one: L = (a b + c) f, b used again in c = b + b. */
static void expression(void) {
    const real values[] = {2, -3, -2};
    Tensor *a = tensor_variable(&values[0], 0, NULL), *b = tensor_variable(&values[1], 0, NULL);
    Tensor *f = tensor_variable(&values[2], 0, NULL);
    Tensor *L = op_mul(op_add(op_mul(a, b), op_add(b, b)), f);
    op_exp(a); // computed, and no part of L
    tensor_grad(L)[0] = 1;
    tape_walk_back(graph_current()->last);
    exercise_show("dL/da", tensor_grad(a), 0, NULL);
    exercise_show("dL/db", tensor_grad(b), 0, NULL);
    exercise_show("dL/df", tensor_grad(f), 0, NULL);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"tape_walk_back", "one record", one, VALUES},
        {"tape_walk_back", "an empty tape", empty, VALUES},
        {"tape_walk_back", "three records", three, VALUES},
        {"tape_walk_back", "five records, nothing has flowed into one of them", passed_over,
         VALUES},
        {"tape_walk_back", "nothing has flowed into the newest", newest_not_reached, VALUES},
        {"tape_walk_back", "the newest record fills the oldest's output", reached_late, VALUES},
        {"tape_walk_back", "an expression, b in three places", expression, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
