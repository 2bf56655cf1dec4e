#include "06_training/trainer/earlier.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

/* path <- the first of directory/earlier-1SUFFIX, earlier-2SUFFIX, ... that nothing has yet. */
static void first_free(const char *directory, const char *suffix, char path[PATH_BYTES]) {
    struct stat info;
    int i = 1;
    do snprintf(path, PATH_BYTES, "%s/earlier-%d%s", directory, i++, suffix);
    while (lstat(path, &info) == 0);
}

/* rename within a folder cannot fail halfway through a file, and nothing has to be read. */
bool earlier_move_run(const char *directory, bool (*belongs)(const char *name), Error *err) {
    char old[PATH_BYTES], from[PATH_BYTES + 512], to[PATH_BYTES + 512];
    first_free(directory, "", old);
    if (mkdir(old, 0777) != 0) return error_set(err, "%s: %s", old, strerror(errno));
    DIR *folder = opendir(directory);
    if (!folder) return error_set(err, "%s: %s", directory, strerror(errno));
    bool moved = true;
    for (struct dirent *entry; moved && (entry = readdir(folder));) {
        if (!belongs(entry->d_name)) continue; // the user's own
        snprintf(from, sizeof from, "%s/%s", directory, entry->d_name);
        snprintf(to, sizeof to, "%s/%s", old, entry->d_name);
        if (rename(from, to) != 0) moved = error_set(err, "%s: %s", from, strerror(errno));
    }
    closedir(folder);
    if (moved) printf("the earlier run in %s is now in %s\n", directory, old);
    return moved;
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
