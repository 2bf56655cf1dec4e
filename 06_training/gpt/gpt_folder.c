#include "06_training/gpt/gpt_folder.h"

#include "06_training/trainer/earlier.h"
#include "06_training/trainer/metadata.h"
#include "common/files/file.h"
#include "common/files/folder.h"
#include "common/screen/plot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What can be gone on with or written with. */
static const char *const SAVED[] = {"model.safetensors", "state.safetensors"};
enum { SAVED_COUNT = sizeof SAVED / sizeof *SAVED };

static bool is_saved(const char *name) {
    for (int i = 0; i < SAVED_COUNT; i++)
        if (strcmp(name, SAVED[i]) == 0) return true;
    return false;
}

/* *kind <- what the folder has under that name (st_mode); 0: nothing. Not to be able to tell is an
 * error: what passes for absent is written over. */
static bool look(const char *directory, const char *name, char path[4096], mode_t *kind,
                 Error *err) {
    struct stat status;
    snprintf(path, 4096, "%s/%s", directory, name);
    // A link counts as what it leads to, or, if that is nowhere, as itself.
    const bool there = stat(path, &status) == 0 || lstat(path, &status) == 0;
    *kind = there ? status.st_mode : 0;
    return there || errno == ENOENT || error_set(err, "%s: %s", path, strerror(errno));
}

/* A model or a state has its characters with it; that of another program has not. */
static bool is_free_or_ours(const char *directory, const char *name, Error *err) {
    char path[4096];
    mode_t kind;
    Error reason;
    if (!look(directory, name, path, &kind, err)) return false;
    return !kind || metadata_is_of(path, "characters", "gpt", &reason) ||
           error_set(err, "%s: move it away, or give another --out", reason.text);
}

static bool is_moved(const char *directory, const char *name) {
    (void)directory;
    return is_saved(name);
}

static bool is_moved_or_picture(const char *directory, const char *name) {
    return is_moved(directory, name) || strcmp(name, "loss.gp") == 0 ||
           strcmp(name, "loss.dat") == 0 || strcmp(name, "loss.png") == 0;
}

/* What a move that was cut off has left comes first: it may have the model. */
bool gpt_folder_take(const char *directory, bool saves, Lock *lock, Error *err) {
    if (!folder_make(directory, err) || !lock_folder(directory, lock, err)) return false;
    bool good = earlier_recover(directory, is_moved_or_picture, err);
    for (int i = 0; good && saves && i < SAVED_COUNT; i++)
        good = is_free_or_ours(directory, SAVED[i], err);
    if (good)
        file_remove_leftovers(directory, true, is_saved);
    else
        lock_release(lock);
    return good;
}

/* ---- An earlier run -------------------------------------------------------------------------- */

/* A run that can be resumed is moved as a whole; of weights alone a copy is kept until they are
 * replaced. Whose the picture is its script tells, which may be the first to be moved: so that is
 * asked before. */
bool gpt_folder_keep_earlier(const char *directory, Error *err) {
    char path[4096];
    mode_t kind;
    if (!look(directory, "state.safetensors", path, &kind, err)) return false;
    if (!kind) return earlier_keep_file(directory, "model", err);
    const bool picture = plot_may_write(directory, "loss");
    return earlier_move_run(directory, picture ? is_moved_or_picture : is_moved, err);
}
