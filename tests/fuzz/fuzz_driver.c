/* fuzz_driver.c - runs a fuzz target without libFuzzer: on each file given and on some mutants of
 * it, the same ones every time.
 *
 * A file's name says what is expected: taken-... must be taken by the reader and refused-... must
 * not, or the corpus has become old and nothing behind the door is tried any more. */
#include "common/arena.h"
#include "common/files/file.h"
#include "common/kernels.h"
#include "common/random.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#pragma weak LLVMFuzzerCustomMutator

enum { MUTANTS = 100, ROOM = 4096 }; // of each file; bytes that one may grow by

static Random random_numbers;
static const uint8_t *input; // what the target is at
static size_t input_size;

/* Insert, take out, overwrite, copy from elsewhere or flip a bit, one to four times. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size) {
    for (uint64_t changes = 1 + random_below(&random_numbers, 4); changes > 0; changes--) {
        const size_t at = (size_t)random_below(&random_numbers, size + 1);
        const uint8_t value = (uint8_t)random_below(&random_numbers, 256);
        const uint64_t kind = random_below(&random_numbers, 5);
        if (kind == 0 && size < max_size) {
            memmove(data + at + 1, data + at, size++ - at);
            data[at] = value;
        } else if (at == size) {
            continue;
        } else if (kind == 1) {
            memmove(data + at, data + at + 1, --size - at);
        } else if (kind == 2) {
            data[at] = data[random_below(&random_numbers, size)];
        } else if (kind == 3) {
            data[at] ^= (uint8_t)(1 << value % 8);
        } else {
            data[at] = value;
        }
    }
    return size;
}

/* Keeps what the target did not survive; then the signal ends the program as it would have. */
static void keep_input(int number) {
    static const char text[] = "the input is in fuzz-crash\n";
    const int fd = file_open("fuzz-crash", O_WRONLY | O_CREAT | O_TRUNC);
    if (fd >= 0 && write(fd, input, input_size) == (ssize_t)input_size &&
        write(STDERR_FILENO, text, sizeof text - 1) > 0)
        close(fd);
    signal(number, SIG_DFL);
    raise(number);
}

static void run(const uint8_t *data, size_t size) {
    input = data;
    input_size = size;
    fuzz_taken = false;
    LLVMFuzzerTestOneInput(data, size);
}

/* Mutants, and mutants of those: one change alone seldom leads far, and many leave nothing that is
 * taken. Returns how many were taken. */
static int run_mutants(const char *data, size_t size) {
    uint8_t *mutant = memory_alloc(size + ROOM);
    size_t bytes = size;
    int taken = 0;
    for (int i = 0; i < MUTANTS; i++) {
        if (i % 2 == 0) memcpy(mutant, data, bytes = size);
        bytes = LLVMFuzzerCustomMutator ? LLVMFuzzerCustomMutator(mutant, bytes, size + ROOM,
                                                                  random_u32(&random_numbers))
                                        : LLVMFuzzerMutate(mutant, bytes, size + ROOM);
        run(mutant, bytes);
        taken += fuzz_taken;
    }
    free(mutant);
    return taken;
}

/* Whether the name of the file says the same as the target. */
static bool as_expected(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    if (strncmp(name, fuzz_taken ? "refused-" : "taken-", fuzz_taken ? 8 : 6) != 0) return true;
    fprintf(stderr, "%s: %s %s\n", path,
            fuzz_taken ? "was taken" : "was refused:", fuzz_taken ? "" : fuzz_reason.text);
    return false;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const int ends[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) signal(ends[i], keep_input);
    random_seed(&random_numbers, 1);
    bool good = argc > 1;
    int taken = 0;
    for (int i = 1; i < argc; i++) {
        char *data;
        size_t size;
        Error err;
        if (!file_read(argv[i], &data, &size, &err)) error_exit(&err);
        run((const uint8_t *)data, size);
        good = as_expected(argv[i]) && good;
        taken += run_mutants(data, size);
        free(data);
    }
    fprintf(stderr, "%d files, %d mutants, %d of them taken\n", argc - 1, (argc - 1) * MUTANTS,
            taken);
    return good ? 0 : 1;
}
