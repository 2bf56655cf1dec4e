#include "common/adam.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { N = 13 };

/* ---- The settings ---------------------------------------------------------------------------- */

static void show_config(AdamConfig config) {
    exercise_show_number("beta1", config.beta1);
    exercise_show_number("beta2", config.beta2);
    exercise_show_number("eps, times 1e9", config.eps * 1e9);
    exercise_show_number("weight_decay", config.weight_decay);
    exercise_show_number("decoupled", config.decoupled);
}

static void pytorch(void) {
    show_config(adam_pytorch());
}

static void paper(void) {
    show_config(adam_paper());
}

static void adamw(void) {
    show_config(adamw_pytorch());
}

/* ---- The step -------------------------------------------------------------------------------- */

static const AdamConfig PLAIN = {.beta1 = 0.9, .beta2 = 0.98, .eps = 1e-9};

static void show(const real *w, const real *g, const real *m, const real *v, int n) {
    exercise_show("w", w, 1, &n);
    exercise_show("m", m, 1, &n);
    exercise_show("v", v, 1, &n);
    exercise_show("g", g, 1, &n);
}

/* The first step moves every weight by the rate, however large its gradient. */
static void first(void) {
    real w[] = {1, 1, 1}, g[] = {4, -2, (real)0.5}, m[3] = {0}, v[3] = {0};
    adam_step(w, g, m, v, 3, PLAIN, 1, 0.1, 1);
    show(w, g, m, v, 3);
}

static void steps(AdamConfig config, int count, double scale) {
    real w[N], g[N], m[N] = {0}, v[N] = {0};
    exercise_fill(w, N, 1);
    for (int step = 1; step <= count; step++) {
        exercise_fill(g, N, 10 + (unsigned)step);
        adam_step(w, g, m, v, N, config, step, 0.01, scale);
    }
    show(w, g, m, v, N);
}

static void second(void) {
    steps(PLAIN, 2, 1);
}

static void third(void) {
    steps(PLAIN, 3, 1);
}

static void scaled(void) {
    steps(PLAIN, 2, 0.25);
}

/* Where gradients are tiny, eps counts, and so does which side of the root it stands on. */
static void large_eps(void) {
    steps((AdamConfig){.beta1 = 0.9, .beta2 = 0.98, .eps = 0.5}, 2, 1);
}

/* Without a gradient, nothing moves; 0/0 would be NaN. */
static void no_gradient(void) {
    real w[] = {1, -2}, g[] = {0, 0}, m[2] = {0}, v[2] = {0};
    adam_step(w, g, m, v, 2, PLAIN, 1, 0.1, 1);
    show(w, g, m, v, 2);
}

static void decay_joins(void) {
    steps((AdamConfig){.beta1 = 0.9, .beta2 = 0.98, .eps = 1e-8, .weight_decay = 0.3}, 2, 0.5);
}

static void decay_apart(void) {
    steps(
        (AdamConfig){
            .beta1 = 0.9, .beta2 = 0.98, .eps = 1e-8, .weight_decay = 0.3, .decoupled = true},
        2, 0.5);
}

/* Late in training the corrections have faded. */
static void late(void) {
    real w[N], g[N], m[N], v[N];
    exercise_fill(w, N, 1);
    exercise_fill(g, N, 2);
    exercise_fill(m, N, 3);
    exercise_fill(v, N, 4);
    for (int i = 0; i < N; i++) v[i] *= v[i];
    adam_step(w, g, m, v, N, PLAIN, 100000, 0.01, 1);
    show(w, g, m, v, N);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"adam_pytorch", "Adam as torch.optim has it", pytorch, VALUES},
        {"adam_paper", "as in \"Attention Is All You Need\"", paper, VALUES},
        {"adamw_pytorch", "AdamW as torch.optim has it", adamw, VALUES},
        {"adam_step", "the first step of three weights", first, VALUES},
        {"adam_step", "a gradient of 0", no_gradient, VALUES},
        {"adam_step", "two steps", second, GRADIENTS},
        {"adam_step", "three steps", third, GRADIENTS},
        {"adam_step", "an eps that counts", large_eps, GRADIENTS},
        {"adam_step", "scale 1/4", scaled, GRADIENTS},
        {"adam_step", "step 100000", late, GRADIENTS},
        {"adam_step", "weight decay as in Adam", decay_joins, GRADIENTS},
        {"adam_step", "weight decay as in AdamW", decay_apart, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
