/* fuzz.h - what the fuzz targets share. A target is a program that is given bytes nobody has
 * thought of and holds what it is written for: text is still the same after two changes of its
 * form, a file is taken or refused with a reason, nothing is read that is not there.
 *
 * `make fuzz` links a target with clang's libFuzzer, which changes the inputs in corpus/NAME until
 * they reach code that none has reached; without it, fuzz_driver.c runs them and some mutants.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

/* The target's own, under the names that libFuzzer looks for: one input; and, where bytes that are
 * changed blindly would be refused by their checksum, the way to change it. size <= max_size, the
 * room at data; returns the new size. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* Changes bytes blindly: libFuzzer's own, or the driver's. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Whether the last input was taken, not refused: what the inputs in the corpus are held to. A
 * target sets it. */
extern bool fuzz_taken;

/* A file in memory that holds the bytes; valid until the next call. Returns its path. */
const char *fuzz_file(const void *data, size_t size);

/* A descriptor of the same file, which stands at its beginning. */
int fuzz_descriptor(void);

/* The bytes as a string, cut at the first NUL; the caller frees. */
char *fuzz_string(const uint8_t *data, size_t size);

/* For an input that was refused: there must be a reason, which is kept. */
extern Error fuzz_reason;
void fuzz_refused(const Error *err);

#endif
