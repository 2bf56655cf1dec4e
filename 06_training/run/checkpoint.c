#include "06_training/run/checkpoint.h"

#include <stdio.h>

/* Each part writes its own entries, and reads them back below: none knows the others' names.
 *
 * The weights are in state.safetensors as well as in model.safetensors: the one holds where
 * training stands, the other the best so far, which may be epochs older. */
bool checkpoint_save(const char *path, const Translator *translator, const Optimizer *optimizer,
                     const Settings *settings, const RunState *state, Error *err) {
    SafetensorsWriter *writer = safetensors_writer_new();
    translator_describe(translator, writer);
    optimizer_save(optimizer, writer);
    settings_describe(settings, writer);
    run_state_describe(state, writer);
    const bool saved = safetensors_writer_save(writer, path, err);
    safetensors_writer_free(writer);
    return saved;
}

/* Settings before the model: a model of another width must be refused before it is built. */
bool checkpoint_open(Checkpoint *checkpoint, const char *directory, Settings *settings,
                     RunState *state, Translator *translator, Error *err) {
    checkpoint->open = false;
    snprintf(checkpoint->path, sizeof checkpoint->path, "%s/state.safetensors", directory);
    if (!safetensors_open(checkpoint->path, &checkpoint->file, err)) return false;
    checkpoint->open = true; // from here on checkpoint_close has something to do
    return settings_restore(settings, &checkpoint->file, err) &&
           run_state_restore(state, &checkpoint->file, err) &&
           translator_read(&checkpoint->file, false, translator, err);
}

/* Apart from checkpoint_open: Adam's moments have the shapes of parameters that are only made when
 * the translator has been read. */
bool checkpoint_restore_optimizer(const Checkpoint *checkpoint, Optimizer *optimizer, Error *err) {
    return optimizer_load(optimizer, &checkpoint->file, err);
}

/* Closing twice, or what was never opened, does nothing. */
void checkpoint_close(Checkpoint *checkpoint) {
    if (checkpoint->open) safetensors_close(&checkpoint->file);
    checkpoint->open = false;
}
