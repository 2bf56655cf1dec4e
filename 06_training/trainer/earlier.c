#include "06_training/trainer/earlier.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/array.h"
#include "common/files/folder.h"

enum { PATH_BYTES = 4096 };

static bool is_there(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0;
}

/* path <- the first of directory/earlier-1SUFFIX, earlier-2SUFFIX, ... that nothing has yet,
 * neither whole nor as the part of one. */
static void first_free(const char *directory, const char *suffix, char path[PATH_BYTES]) {
    char part[PATH_BYTES + 8];
    int i = 1;
    do {
        snprintf(path, PATH_BYTES, "%s/earlier-%d%s", directory, i++, suffix);
        snprintf(part, sizeof part, "%s.part", path);
    } while (is_there(path) || is_there(part));
}

typedef struct {
    char **item;
    size_t count, capacity;
} Names;

/* The entries of a folder that belongs accepts (NULL: all). All are asked for before the first is
 * moved: whose a picture is, its script tells, which would be gone. */
static bool names_that_belong(const char *from,
                              bool (*belongs)(const char *directory, const char *name),
                              Names *names, Error *err) {
    DIR *folder = folder_open(from);
    if (!folder) return error_set(err, "%s: %s", from, strerror(errno));
    for (struct dirent *entry; (entry = readdir(folder));) {
        const size_t bytes = strlen(entry->d_name) + 1;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (belongs && !belongs(from, entry->d_name)) continue; // the user's own
        names->item =
            array_reserve(names->item, &names->capacity, names->count + 1, sizeof *names->item);
        names->item[names->count++] = memcpy(memory_alloc(bytes), entry->d_name, bytes);
    }
    closedir(folder);
    return true;
}

/* Moves the entries of one folder that belongs accepts into another one, where none is of that
 * name. */
static bool move_entries(const char *from, const char *to,
                         bool (*belongs)(const char *directory, const char *name), Error *err) {
    char old[PATH_BYTES + 512], new[PATH_BYTES + 512];
    Names names = {0};
    bool moved = names_that_belong(from, belongs, &names, err);
    for (size_t i = 0; i < names.count; i++) {
        snprintf(old, sizeof old, "%s/%s", from, names.item[i]);
        snprintf(new, sizeof new, "%s/%s", to, names.item[i]);
        free(names.item[i]);
        if (!moved) continue;
        if (is_there(new))
            moved = error_set(err, "%s: is in the way of %s: move one of them away", new, old);
        else if (rename(old, new) != 0)
            moved = error_set(err, "%s: %s", old, strerror(errno));
    }
    free(names.item);
    return moved;
}

/* Of what was a part of ours nothing is left when it is empty. */
static bool empty_part(const char *part, const char *directory,
                       bool (*belongs)(const char *directory, const char *name), Error *err) {
    if (!move_entries(part, directory, belongs, err)) return false;
    return rmdir(part) == 0 || errno == ENOTEMPTY || errno == EEXIST ||
           error_set(err, "%s: %s", part, strerror(errno));
}

/* rename within a folder cannot fail halfway through a file, and nothing has to be read. Several of
 * them can: the folder gets its name when all are in it. */
bool earlier_move_run(const char *directory,
                      bool (*belongs)(const char *directory, const char *name), Error *err) {
    char old[PATH_BYTES], part[PATH_BYTES + 8];
    first_free(directory, "", old);
    snprintf(part, sizeof part, "%s.part", old);
    if (mkdir(part, 0777) != 0) return error_set(err, "%s: %s", part, strerror(errno));
    bool moved = move_entries(directory, part, belongs, err);
    if (moved && rename(part, old) != 0) moved = error_set(err, "%s: %s", part, strerror(errno));
    if (!moved) {
        Error second;                               // the first says what went wrong
        empty_part(part, directory, NULL, &second); // all that is in it was moved there just now
        return false;
    }
    printf("the earlier run in %s is now in %s\n", directory, old);
    return true;
}

/* "earlier-N.part" */
static bool is_part(const char *name) {
    int number, end = 0;
    return sscanf(name, "earlier-%d.part%n", &number, &end) == 1 && end > 0 && !name[end];
}

bool earlier_recover(const char *directory,
                     bool (*belongs)(const char *directory, const char *name), Error *err) {
    char part[PATH_BYTES + 512];
    struct stat info;
    bool good = true;
    DIR *folder = folder_open(directory);
    if (!folder) return error_set(err, "%s: %s", directory, strerror(errno));
    for (struct dirent *entry; good && (entry = readdir(folder));) {
        if (!is_part(entry->d_name)) continue;
        snprintf(part, sizeof part, "%s/%s", directory, entry->d_name);
        if (lstat(part, &info) == 0 && S_ISDIR(info.st_mode))
            good = empty_part(part, directory, belongs, err);
    }
    closedir(folder);
    return good;
}

/* A second name, not another one: should the disk be full when the new file is written, the old one
 * is still where it was. A file system without links gets another name. */
bool earlier_keep_file(const char *directory, const char *name, Error *err) {
    char path[PATH_BYTES], old[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s.safetensors", directory, name);
    if (access(path, F_OK) != 0) return true;
    first_free(directory, ".safetensors", old);
    if (link(path, old) != 0 && rename(path, old) != 0)
        return error_set(err, "%s: %s", old, strerror(errno));
    printf("the weights of an earlier run are kept as %s\n", old);
    return true;
}
