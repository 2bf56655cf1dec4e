#include "06_training/run/best.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "common/files/crc32.h"

/* Read again for its checksum: what the disk gives back is what will be found when resuming. */
bool best_keep(const Best *best, Error *err) {
    char path[4096];
    uint32_t crc;
    snprintf(path, sizeof path, "%s/model.safetensors", best->directory);
    if (!lock_names(best->lock, best->directory, err) ||
        !translator_save(best->translator, path, err) || !crc32_of_file(path, &crc, err))
        return false;
    best->state->model_crc = (long)crc;
    return true;
}

/* BLEU decides, since translations are what one wants; the loss breaks its ties, which are
 * frequent at the start, when BLEU is 0, or 1e-20, by a word that happens to be right. What is
 * printed of it is compared: two decimals. */
bool best_beaten(const RunState *state, double bleu, double loss) {
    const double now = round(100 * bleu), before = round(100 * state->best_bleu);
    return state->best_step == 0 || now > before || (now == before && loss < state->best_loss);
}

/* Keeps a validated model if it is the best. What is remembered of it changes only when the file is
 * there: a full disk leaves the old best in force. */
bool best_judge(const Best *best, double bleu, double loss, Error *err) {
    RunState *state = best->state;
    if (!best_beaten(state, bleu, loss)) return true;
    if (!best_keep(best, err)) return false;
    state->best_bleu = bleu;
    state->best_loss = loss;
    state->best_step = state->step;
    return true;
}

/* What another model of this run says about the validation pairs. */
static bool score(const Best *best, const Validation *validation, const Trainer *trainer,
                  const char *path, Error *err) {
    RunState *state = best->state;
    Translator kept;
    if (!translator_load(path, &kept, err)) return false;
    const bool same = translator_alike(best->translator, &kept);
    if (same) {
        state->best_loss = validation_loss(validation, &kept, trainer);
        state->best_bleu = validation_bleu(validation, &kept, trainer);
        state->best_step = state->step;
    }
    translator_free(&kept);
    if (!same)
        return error_set(err, "%s: is of another run: move it away to resume this one", path);
    return (isfinite(state->best_loss) && isfinite(state->best_bleu)) ||
           error_set(err, "%s: its scores are not finite numbers", path);
}

/* The best model is in a file of its own, which may be younger than the state (the end came between
 * writing the one and the other), or another, or gone: then what the state remembers is not true of
 * it, and it is judged again. */
bool best_recall(const Best *best, const Validation *validation, const Trainer *trainer,
                 Error *err) {
    RunState *state = best->state;
    char path[4096];
    uint32_t crc;
    snprintf(path, sizeof path, "%s/model.safetensors", best->directory);
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        if (state->best_step) printf("%s is gone: the next validated model is kept\n", path);
        state->best_step = state->model_crc = 0;
        state->best_bleu = state->best_loss = 0;
        return true;
    }
    if (!crc32_of_file(path, &crc, err)) return false;
    if ((long)crc == state->model_crc) return true;
    state->model_crc = (long)crc;
    if (!score(best, validation, trainer, path, err)) return false;
    printf("%s is not the one that the state remembers: validated again, BLEU %.2f, loss %.4f\n",
           path, state->best_bleu, state->best_loss);
    return true;
}
