#include "06_training/run/averaging.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One file per epoch and not a ring of slots: the name says what is in it. */
const char *averaging_path(const char *directory, long epoch, char path[4096]) {
    snprintf(path, 4096, "%s/epoch-%ld.safetensors", directory, epoch);
    return path;
}

/* Files older than the average reaches back go, or a long run would fill the disk. */
bool averaging_save_epoch(const Translator *translator, const char *directory, long epoch,
                          long last, Error *err) {
    char path[4096];
    if (last < 2) return true;
    // A model file like any other: each of them can be given to translate.
    if (!translator_save(translator, averaging_path(directory, epoch, path), err)) return false;
    const long old = epoch - last;
    if (old > 0 && unlink(averaging_path(directory, old, path)) != 0 && errno != ENOENT)
        return error_set(err, "%s: %s", path, strerror(errno));
    return true;
}

/* Adds one epoch's weights to sums, if it is of this run, as far as a file can tell: one from
 * before models knew their data does not. */
static bool add_epoch(const Translator *translator, const char *path, double **sums, Error *err) {
    Translator epoch;
    if (!translator_load(path, &epoch, err)) return false;
    const Parameters *parameters = &epoch.model->parameters;
    const bool same = translator_alike(translator, &epoch) &&
                      (!epoch.trained_on || epoch.trained_on == translator->trained_on);
    // Weight by weight: the epochs are points on one path, so their numbers belong together. Two
    // models trained apart could not be averaged like this.
    for (int i = 0; same && i < parameters->count; i++)
        for (size_t k = 0; k < parameters->items[i]->size; k++)
            sums[i][k] += (double)parameters->items[i]->data[k];
    translator_free(&epoch);
    return same || error_set(err, "%s: is of another run", path);
}

/* From the newest backwards. The first epochs of a run have fewer before them, and a run that is
 * resumed with a larger --average kept fewer. Those before a gap are not of the last epochs. */
int averaging_mean(Translator *translator, const char *directory, long epoch, long last,
                   Error *gap) {
    Parameters *parameters = &translator->model->parameters;
    char path[4096];
    int averaged = 0;
    gap->text[0] = '\0';
    if (last < 2) return 0;
    // One sum per weight, in the shape of the parameters: [parameter][element].
    double **sums = memory_alloc((size_t)parameters->count * sizeof *sums);
    for (int i = 0; i < parameters->count; i++)
        sums[i] = memory_calloc(parameters->items[i]->size * sizeof **sums);
    for (long e = epoch; e > 0 && e > epoch - last; e--, averaged++) {
        if (access(averaging_path(directory, e, path), F_OK) != 0 && errno == ENOENT) {
            if (!averaged) error_set(gap, "%s is not there", path);
            break;
        }
        if (!add_epoch(translator, path, sums, gap)) break;
    }
    for (int i = 0; i < parameters->count; i++) {
        // In double until here: the mean of ten floats loses nothing to rounding on the way.
        for (size_t k = 0; averaged && k < parameters->items[i]->size; k++)
            parameters->items[i]->data[k] = (real)(sums[i][k] / averaged);
        free(sums[i]);
    }
    free(sums);
    return averaged;
}
