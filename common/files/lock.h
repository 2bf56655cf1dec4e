/* lock.h - a folder that one program at a time writes into. */
#ifndef COMMON_LOCK_H
#define COMMON_LOCK_H

#include "common/error.h"

typedef struct {
    int fd; // of the folder
} Lock;

/* Takes the folder, which must exist, until lock_release or the end of the program, however that
 * comes. Nothing is written: the lock is on the folder itself. A folder that another program has
 * taken is an error that says so. Where the file system knows no locks, a warning on stderr is all
 * that happens. */
bool lock_folder(const char *path, Lock *lock, Error *err);
void lock_release(Lock *lock);

/* Whether path still names the folder that was taken: somebody may have moved it, and another
 * program have begun in a new one of that name. lock NULL: nobody else can be there. */
bool lock_names(const Lock *lock, const char *path, Error *err);

#endif
