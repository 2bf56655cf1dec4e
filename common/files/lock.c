#define _DEFAULT_SOURCE // flock
#include "common/files/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files/file.h"

/* flock and not a file that says "taken": the system gives such a lock back when the program dies.
 * O_CLOEXEC keeps it from the programs that this one starts. */
bool lock_folder(const char *path, Lock *lock, Error *err) {
    lock->fd = file_open(path, O_RDONLY | O_DIRECTORY);
    if (lock->fd < 0) return error_set(err, "%s: cannot open: %s", path, strerror(errno));
    // Whoever takes a folder writes there: better now than when the first thing is to be saved.
    if (access(path, W_OK | X_OK) != 0) {
        error_set(err, "%s: cannot write into this folder: %s", path, strerror(errno));
        lock_release(lock);
        return false;
    }
    int locked;
    do locked = flock(lock->fd, LOCK_EX | LOCK_NB);
    while (locked != 0 && errno == EINTR);
    if (locked == 0) return true;
    if (errno != EWOULDBLOCK) {
        fprintf(stderr, "warning: %s: cannot be locked (%s): run nothing else in this folder\n",
                path, strerror(errno));
        return true;
    }
    lock_release(lock);
    return error_set(err, "%s: another training is writing into this folder", path);
}

bool lock_names(const Lock *lock, const char *path, Error *err) {
    struct stat taken, named;
    if (!lock) return true;
    if (fstat(lock->fd, &taken) == 0 && stat(path, &named) == 0 && taken.st_dev == named.st_dev &&
        taken.st_ino == named.st_ino)
        return true;
    return error_set(err, "%s: is no longer the folder that this program began in: was it moved?",
                     path);
}

/* Closing is what gives it back. */
void lock_release(Lock *lock) {
    if (lock->fd >= 0) close(lock->fd);
    lock->fd = -1;
}
