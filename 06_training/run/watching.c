#include "06_training/run/watching.h"

#include <stdio.h>

void watching_begin(Watching *watching, const char *directory, const Lock *lock,
                    const Validation *validation, const Translator *translator, Trainer *trainer) {
    *watching = (Watching){.on = true,
                           .directory = directory,
                           .lock = lock,
                           .translator = translator,
                           .trainer = trainer};
    learning_begin(&watching->learning, validation);
    gradient_log_begin(&watching->gradients, trainer);
}

void watching_free(Watching *watching) {
    learning_free(&watching->learning);
    gradient_log_free(&watching->gradients);
    *watching = (Watching){.on = false};
}

bool watching_read(Watching *watching, long step, Error *err) {
    if (!learning_read(&watching->learning, watching->directory, step, err) ||
        !gradient_log_read(&watching->gradients, watching->directory, step, err))
        return false;
    // Both have a row of the first step.
    if (step > 0 && watching->learning.row_count == 0)
        printf("%s/learning.tsv is gone: it begins again at step %ld\n", watching->directory, step);
    if (step > 0 && watching->gradients.count == 0)
        printf("%s/gradients.tsv is gone: it begins again at step %ld\n", watching->directory,
               step);
    return true;
}

bool watching_before(Watching *watching, long step, Error *err) {
    if (!watching->on) return true;
    if (step == 1 && !watching_translate(watching, 0, err)) return false;
    gradient_log_before(&watching->gradients, step);
    return true;
}

bool watching_after(Watching *watching, long step, double lr, bool taken, Error *err) {
    if (!watching->on) return true;
    gradient_log_after(&watching->gradients, step, lr, taken);
    return !taken || !learning_is_due(step) || watching_translate(watching, step, err);
}

bool watching_translate(Watching *watching, long step, Error *err) {
    if (!watching->on) return true;
    learning_add(&watching->learning, watching->translator, watching->trainer, step);
    return lock_names(watching->lock, watching->directory, err) &&
           learning_write(&watching->learning, watching->directory, err);
}

bool watching_write(const Watching *watching, Error *err) {
    return !watching->on || (learning_write(&watching->learning, watching->directory, err) &&
                             gradient_log_write(&watching->gradients, watching->directory, err));
}
