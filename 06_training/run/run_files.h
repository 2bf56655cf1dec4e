/* run_files.h - the folder of a run: one run at a time in it, and only its own files are
 * touched. */
#ifndef RUN_FILES_H
#define RUN_FILES_H

#include "common/files/lock.h"

/* Takes the folder, which must exist, for one run; removes what killed runs left half-written, and
 * undoes a move into earlier-N that was not finished. */
bool run_files_take(const char *directory, Lock *lock, Error *err);

/* Makes room for a new run: an earlier one is moved aside (earlier.h), and a file under a name that
 * the run needs, but not written by a run, is an error. */
bool run_files_make_room(const char *directory, Error *err);

#endif
