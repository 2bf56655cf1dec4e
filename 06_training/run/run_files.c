#include "06_training/run/run_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "06_training/run/gradient_log.h"
#include "06_training/run/learning.h"
#include "06_training/run/run_log.h"
#include "06_training/trainer/earlier.h"
#include "06_training/trainer/metadata.h"
#include "common/files/file.h"
#include "common/files/folder.h"
#include "common/screen/plot.h"

static bool is_epoch(const char *name) {
    long number;
    int end = 0;
    return sscanf(name, "epoch-%ld.safetensors%n", &number, &end) == 1 && end > 0 && !name[end];
}

/* What took long to make. */
static bool is_model(const char *name) {
    return strcmp(name, "model.safetensors") == 0 || strcmp(name, "state.safetensors") == 0 ||
           strcmp(name, "average.safetensors") == 0 || strcmp(name, "last.safetensors") == 0 ||
           is_epoch(name);
}

/* The picture that a file belongs to; NULL: it is of none. */
static const char *picture_of(const char *name) {
    static const char *const pictures[] = {"loss", "gradients"};
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        const size_t length = strlen(pictures[i]);
        const char *ending = name + length;
        if (strncmp(name, pictures[i], length) == 0 &&
            (strcmp(ending, ".gp") == 0 || strcmp(ending, ".dat") == 0 ||
             strcmp(ending, ".png") == 0))
            return pictures[i];
    }
    return NULL;
}

/* The tables, and whose they are. */
static const struct {
    const char *name;
    bool (*is_ours)(const char *directory);
} TABLES[] = {{"log.tsv", run_log_is_ours},
              {"learning.tsv", learning_is_ours},
              {"gradients.tsv", gradient_log_is_ours}};
enum { TABLE_COUNT = sizeof TABLES / sizeof *TABLES };

static bool is_name_of_a_run(const char *name) {
    for (int i = 0; i < TABLE_COUNT; i++)
        if (strcmp(name, TABLES[i].name) == 0) return true;
    return is_model(name) || picture_of(name);
}

/* ---- Room for a new run ---------------------------------------------------------------------- */

/* A model or a state has its tokenizer with it; that of another program has not. */
static bool is_ours(const char *directory, const char *name) {
    char path[4096];
    Error err;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    if (picture_of(name)) return plot_may_write(directory, picture_of(name));
    for (int i = 0; i < TABLE_COUNT; i++)
        if (strcmp(name, TABLES[i].name) == 0) return TABLES[i].is_ours(directory);
    return is_model(name) && metadata_is_of(path, "tokenizer", "train", &err);
}

/* Of a folder in which all that has a run's name is ours, pictures aside: the files are not opened
 * again, since one that cannot be just now would stay behind and be written over. */
static bool is_moved(const char *directory, const char *name) {
    return picture_of(name) ? is_ours(directory, name) : is_name_of_a_run(name);
}

/* In a part of ours all that has such a name was ours. */
static bool is_moved_back(const char *directory, const char *name) {
    (void)directory;
    return is_name_of_a_run(name);
}

bool run_files_take(const char *directory, Lock *lock, Error *err) {
    if (!lock_folder(directory, lock, err)) return false;
    file_remove_leftovers(directory, true, is_name_of_a_run);
    if (earlier_recover(directory, is_moved_back, err)) return true;
    lock_release(lock);
    return false;
}

/* A folder without a model or a state holds nothing that took long. A picture of the user's is no
 * hindrance: ours is then not drawn. */
bool run_files_make_room(const char *directory, Error *err) {
    bool earlier = false, room = true;
    DIR *folder = folder_open(directory);
    if (!folder) return error_set(err, "%s: %s", directory, strerror(errno));
    for (struct dirent *entry; room && (entry = readdir(folder));) {
        const char *name = entry->d_name;
        if (!is_name_of_a_run(name) || picture_of(name)) continue;
        if (is_model(name)) earlier = true;
        if (!is_ours(directory, name))
            room = error_set(
                err, "%s/%s: not written by a training: move it away, or give another --out",
                directory, name);
    }
    closedir(folder);
    return room && (!earlier || earlier_move_run(directory, is_moved, err));
}
