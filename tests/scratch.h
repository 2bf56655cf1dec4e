/* scratch.h - a folder for each test, emptied and removed afterwards, and files in it.
 *
 *     tcase_add_checked_fixture(tests, scratch_make, scratch_remove);
 */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

void scratch_make(void);
void scratch_remove(void);

/* The folder's path, while a test runs. */
const char *scratch_folder(void);

/* Number of entries in the folder whose names end so, removing them if asked. */
int scratch_entries(const char *ending, bool remove_them);

/* The path of a file in the folder; four of them can be in use at a time. */
const char *scratch_path(const char *name);

/* Writes a file in the folder and returns its path. */
const char *scratch_put(const char *name, const char *data, size_t bytes);

/* A string literal as a file, NUL bytes included. */
#define PUT(name, literal) scratch_put(name, literal, sizeof literal - 1)

/* Fails unless err is "PATH" and what else is expected. */
void expect_text(const Error *err, const char *path, const char *rest);

#endif
