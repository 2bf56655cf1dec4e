#include "06_training/gpt/gpt_train.h"

#include "common/clock.h"
#include "common/screen/progress.h"

#include <stdio.h>
#include <stdlib.h>

/* The run as the threads see it: they read x and y, each its own rows, and write nothing here. */
typedef struct {
    const GptTraining *g;
    Progress progress;
    int first, step; // where it began, and where it is
    int *x, *y;      // (B,T), the windows of this batch
} Loop;

/* The sum of the losses of a shard's rows in the current graph; NULL if it has none. */
static Tensor *shard_loss(void *context, int shard, int shards) {
    const Loop *loop = context;
    const CharTraining *t = &loop->g->training;
    const ThreadShare rows = threads_share((size_t)t->batch, shard, shards);
    if (rows.count == 0) return NULL;
    const size_t at = rows.first * (size_t)t->block; // rows lie one behind the other
    Tensor *mean =
        loop->g->loss(loop->g->model, loop->x + at, loop->y + at, (int)rows.count, t->block); // ()
    // Back from the mean to the sum: shards may differ in size, and sums can be added.
    return op_scale(mean, (real)rows.count * (real)t->block);
}

/* The same without a way back, into the trainer's losses. Dropout is off: an estimate is of the
 * model that would be used, which is why the video calls eval() before it. */
static void estimate_shard(void *context, int i) {
    Loop *loop = context;
    Trainer *trainer = loop->g->trainer;
    Graph *graph = trainer->graphs[i];
    graph_use(graph);
    graph_reset(graph);
    const GraphMode before = graph_quiet();
    const Tensor *loss = shard_loss(loop, i, threads_count(trainer->threads));
    trainer->losses[i] = loss ? (double)tensor_item(loss) : 0;
    graph_restore(before);
}

/* The mean loss of one batch of windows from the part. */
static double estimate_once(Loop *loop, TextPart part) {
    const CharTraining *t = &loop->g->training;
    Trainer *trainer = loop->g->trainer;
    // Drawn before the threads start: there is one generator, and its order is the script's.
    text_part_windows(loop->g->random, part, t->batch, t->block, loop->x, loop->y);
    threads_run(trainer->threads, estimate_shard, loop);
    // In the order of the threads, so that the same number of them gives the same bytes.
    double sum = 0;
    for (int i = 0; i < threads_count(trainer->threads); i++) sum += trainer->losses[i];
    return sum / ((double)t->batch * t->block);
}

/* The mean loss over eval_batches of them: one batch alone jumps about too much to be compared with
 * the next. false: told to stop in the middle. */
static bool estimate(Loop *loop, TextPart part, double *mean) {
    const int batches = loop->g->training.eval_batches;
    *mean = 0;
    for (int i = 0; i < batches; i++) {
        if (loop->g->stop()) return false;
        progress_update(&loop->progress, (size_t)loop->step, "estimating the loss");
        *mean += estimate_once(loop, part) / batches;
    }
    return true;
}

/* Makes a row and hands it on. false: told to stop, which leaves err empty, or an error. */
static bool evaluate(Loop *loop, Error *err) {
    const GptTraining *g = loop->g;
    CharRow row = {.step = loop->step};
    // An estimate that is broken off is made again by whoever goes on: from the same draws.
    const Random before = *g->random;
    if (!estimate(loop, g->parts.train, &row.train) || !estimate(loop, g->parts.val, &row.val)) {
        *g->random = before;
        return false;
    }
    g->point->evaluated = loop->step;
    // A step that goes wrong is noticed by the trainer; this is for weights that were wrong before.
    if (!isfinite(row.train) || !isfinite(row.val))
        return error_set(err, "step %d: the losses are %g and %g; a smaller --lr may help",
                         row.step, row.train, row.val);
    progress_end(&loop->progress);
    return g->report(g->context, &row, err);
}

/* Windows are drawn with replacement, as the video does: there are no epochs. The rate stays what
 * it is: models of this size learn without a warm-up. */
static bool take_step(Loop *loop, double seconds, Error *err) {
    const GptTraining *g = loop->g;
    const CharTraining *t = &g->training;
    const double N = (double)t->batch * t->block; // characters to predict
    TrainerResult result;
    const TrainerStep step = {.loss = shard_loss, .context = loop, .scale = 1 / N, .lr = t->lr};
    text_part_windows(g->random, g->parts.train, t->batch, t->block, loop->x, loop->y);
    if (!trainer_step(g->trainer, &step, &result, err)) return false;
    loop->step++;
    g->point->step = loop->step;
    char note[64];
    snprintf(note, sizeof note, "loss %.3f, %.0f characters/s", result.loss / N,
             seconds > 0 ? (loop->step - loop->first) * N / seconds : 0);
    progress_update(&loop->progress, (size_t)loop->step, note);
    return true;
}

/* err is empty unless something is wrong: being told to stop ends the loop in the same way. */
bool gpt_train(const GptTraining *training, GptTrained *trained, Error *err) {
    const CharTraining *t = &training->training;
    const size_t bytes = (size_t)t->batch * (size_t)t->block * sizeof(int);
    Loop loop = {.g = training,
                 .progress = progress_begin("gpt", (size_t)training->point->step, (size_t)t->steps),
                 .first = training->point->step,
                 .step = training->point->step,
                 .x = memory_alloc(bytes),
                 .y = memory_alloc(bytes)};
    double seconds = 0; // in steps only: the estimates are no training
    bool good = true;
    err->text[0] = '\0';
    const int end =
        training->stop_after && training->stop_after < t->steps ? training->stop_after : t->steps;
    while (good && loop.step < end && !training->stop()) {
        // As in char_train, the estimate draws from the generator: when it is made matters.
        good = training->point->evaluated == loop.step || !char_train_evaluates(t, loop.step) ||
               evaluate(&loop, err);
        const double start = clock_seconds();
        good = good && take_step(&loop, seconds, err);
        seconds += clock_seconds() - start;
    }
    progress_end(&loop.progress);
    *trained = (GptTrained){loop.step - loop.first, seconds};
    free(loop.x);
    free(loop.y);
    return !err->text[0];
}
