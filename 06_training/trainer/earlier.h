/* earlier.h - what an earlier run left in a folder is moved aside, never overwritten: it may have
 * taken hours. It goes to earlier-1 in the same folder, or earlier-2 and so on: the first that is
 * free. */
#ifndef EARLIER_H
#define EARLIER_H

#include "common/error.h"

/* Moves the files of directory that belongs accepts into a new folder directory/earlier-N, and says
 * so on stdout. All or nothing: what a sudden end leaves is a folder earlier-N.part, which
 * earlier_recover empties. */
bool earlier_move_run(const char *directory,
                      bool (*belongs)(const char *directory, const char *name), Error *err);

/* Moves back what a move that was not finished has moved, which is what belongs accepts of a folder
 * earlier-N.part; what else is in such a folder is somebody's own and stays. If a name is taken
 * again meanwhile that is an error, and both stay. Call it before anything is read or written in
 * directory. */
bool earlier_recover(const char *directory,
                     bool (*belongs)(const char *directory, const char *name), Error *err);

/* Gives directory/NAME.safetensors a second name, directory/earlier-N.safetensors, and says so on
 * stdout; under the first one it stays until it is replaced. Without such a file nothing
 * happens. */
bool earlier_keep_file(const char *directory, const char *name, Error *err);

#endif
