#include "common/files/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files/file.h"

/* Cuts the path after each part in turn and makes that folder. EEXIST is no error but has to be
 * looked into: it may be a file that has the name. */
bool folder_make(const char *path, Error *err) {
    char part[4096];
    const size_t length = strlen(path);
    if (length == 0 || length >= sizeof part)
        return error_set(err, "%s: not a usable folder name", length == 0 ? "''" : path);
    // The first byte is never cut off: "/" itself exists, and "" does not name a folder.
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        part[i] = '\0';
        struct stat status;
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return error_set(err, "%s: cannot make the folder: %s", part, strerror(errno));
        // What is there and cannot be found is a link.
        if (stat(part, &status) != 0)
            return error_set(err, "%s: cannot make the folder: %s", part,
                             errno == ENOENT ? "a link of that name leads nowhere"
                                             : strerror(errno));
        if (!S_ISDIR(status.st_mode))
            return error_set(err, "%s: cannot make the folder: a file has that name", part);
        part[i] = path[i];
    }
    // Better now than when the first thing is to be saved.
    return access(path, W_OK | X_OK) == 0 ||
           error_set(err, "%s: cannot write into this folder: %s", path, strerror(errno));
}

DIR *folder_open(const char *path) {
    const int fd = file_open(path, O_RDONLY | O_DIRECTORY);
    return fd >= 0 ? fdopendir(fd) : NULL;
}
