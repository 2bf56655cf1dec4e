#include "common/training.h"

#include <stdio.h>

#include "common/backward.h"
#include "common/optimizer.h"
#include "common/random.h"
#include "common/screen/progress.h"

double training_linear(const Training *training, int step) {
    return training->lr * (1 - (double)step / training->steps);
}

/* The five lines that all training is. Returns the batch's mean loss. */
static double take_step(const Training *t, Optimizer *optimizer, int step) {
    const double lr = t->rate ? t->rate(t, step) : t->lr;
    int count = 0;
    graph_reset(graph_current());
    graph_current()->dropout_key = random_mix64((uint64_t)step); // each step drops others
    Tensor *loss = t->loss(t->context, &count);                  // ()
    REQUIRE(count >= 1, "the loss of %d predictions: the loss function must set *count", count);
    backward(loss);
    double scale = 1.0 / count;
    // Shortened, not cut element by element: the direction stays (Pascanu et al. 2013, 3.2).
    const double norm = t->clip > 0 ? scale * parameters_grad_norm(t->parameters) : 0;
    if (norm > t->clip) scale = t->clip * scale / norm;
    optimizer_step(optimizer, lr, scale);
    return (double)tensor_item(loss) / count;
}

/* Every step is reported, and progress.c decides which of them are shown. */
static void show(Progress *progress, int done, double loss) {
    char note[32];
    snprintf(note, sizeof note, "loss %.3f", loss);
    progress_update(progress, (size_t)done, note);
}

static bool is_due(const Training *t, int step) {
    return t->every == 0 || step % t->every == 0 || (t->look_last && step == t->steps - 1);
}

/* The line is cleared before a look, which may print. */
static bool look(const Training *t, Progress *progress, int step) {
    if (!t->look || !is_due(t, step)) return true;
    progress_end(progress);
    return t->look(t->context, step);
}

double training_run(const Training *t) {
    Optimizer *optimizer = optimizer_new(t->parameters, t->adam);
    Progress progress = progress_begin(t->label ? t->label : "training", 0, (size_t)t->steps);
    const int average = t->average ? t->average : 1;
    double mean = 0, loss = (double)NAN;
    bool goes_on = true;
    int step = 0;
    while (goes_on && step < t->steps && look(t, &progress, step)) {
        loss = take_step(t, optimizer, step);
        if (step >= t->steps - average) mean += loss / average;
        goes_on = !t->note || t->note(t->context, step, loss);
        step++;
        show(&progress, step, loss);
    }
    progress_end(&progress);
    graph_reset(graph_current());
    optimizer_free(optimizer);
    return step > 0 && step == t->steps ? mean : loss;
}
