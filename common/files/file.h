/* file.h - whole files, written so that no failure loses the old one. */
#ifndef COMMON_FILE_H
#define COMMON_FILE_H

#include "common/error.h"

#include <stddef.h>

/* The name of standard input: what is read is not a file of that name but descriptor 0, from where
 * it stands, be it a file, a pipe or a socket. */
#define FILE_STDIN "/dev/stdin"

/* open() for this program alone (O_CLOEXEC), again where a signal came in between. */
int file_open(const char *path, int flags);

/* Reads a whole file, whatever it holds, and adds a NUL after it. Directories and devices are
 * refused; pipes are read to their end. The caller frees *data. */
bool file_read(const char *path, char **data, size_t *bytes, Error *err);

/* The same of a file that is there as a whole: pipes are refused too, and are not waited for. */
bool file_read_regular(const char *path, char **data, size_t *bytes, Error *err);

/* Opens such a file for reading piece by piece; -1, with err, where it is none. */
int file_open_regular(const char *path, Error *err);

/* Whether two paths name one file, under the same name or others, or would if it were there. */
bool file_same(const char *a, const char *b);

/* Whether path may be written over: nothing is there, or a file of ours, which is known by `mark`
 * beginning within so many of its first bytes (at most 4000; 1: it begins with it). What cannot be
 * read, and what is no file, is taken for somebody else's. */
bool file_may_replace(const char *path, const char *mark, size_t within);

typedef struct {
    const void *data;
    size_t count;
} Bytes;

/* Writes the pieces one after the other as the new contents of path, all or nothing: into a
 * temporary file in the same folder, flushed to the disk, renamed over path, the folder flushed.
 * On any failure (a full disk) the temporary file is removed and what was at path is untouched. */
bool file_write(const char *path, const Bytes *pieces, size_t piece_count, Error *err);

/* Removes the temporary files that killed writers have left in a folder, of the files whose names
 * belongs accepts. alone: the caller has the folder to itself (lock.h); otherwise others may be
 * writing theirs, and only those of processes that have ended are removed. */
void file_remove_leftovers(const char *folder, bool alone, bool (*belongs)(const char *name));

/* The same of one file, for who writes no other in its folder. */
void file_remove_leftovers_of(const char *path);

/* What every program begins with. Opens descriptors 0, 1 and 2 where the caller has closed them, so
 * that no file is opened under their numbers and written over by what is said on stderr; reading
 * and writing them fails as before. And a file that would be larger than `ulimit -f` allows becomes
 * an error of the write, where the signal would end the program with half a file. */
void file_begin(void);

#endif
