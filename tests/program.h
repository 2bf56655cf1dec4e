/* program.h - runs a program of the build that the test belongs to. */
#ifndef TESTS_PROGRAM_H
#define TESTS_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>

/* Whether $BUILD_DIR/NAME, such as "03_self_attention/raimi", has been built. The Makefile builds
 * the programs along with the tests except in the double build. */
bool program_exists(const char *name);

/* Runs it with these arguments. Returns its exit status, -1 if it did not end by itself. output
 * (size) receives the last size - 1 bytes of what it printed on stdout and stderr; arguments that
 * end in 2>/dev/null leave out the latter. */
int program_run(const char *name, const char *arguments, char *output, size_t size);

#endif
