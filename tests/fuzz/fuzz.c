#define _GNU_SOURCE // memfd_create
#include "tests/fuzz/fuzz.h"

#include "common/arena.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool fuzz_taken;
Error fuzz_reason;

static int descriptor = -1;

/* A file without a name, which is gone when the program is. */
static int anonymous_file(void) {
#ifdef __linux__
    return memfd_create("fuzz", MFD_CLOEXEC);
#else
    FILE *file = tmpfile();
    return file ? fileno(file) : -1;
#endif
}

const char *fuzz_file(const void *data, size_t size) {
    static char path[32];
    if (descriptor < 0) descriptor = anonymous_file();
    REQUIRE(descriptor >= 0 && ftruncate(descriptor, 0) == 0 &&
                pwrite(descriptor, data, size, 0) == (ssize_t)size,
            "no file in memory");
    snprintf(path, sizeof path, "/dev/fd/%d", fuzz_descriptor());
    return path;
}

int fuzz_descriptor(void) {
    REQUIRE(lseek(descriptor, 0, SEEK_SET) == 0, "the file in memory has no beginning");
    return descriptor;
}

char *fuzz_string(const uint8_t *data, size_t size) {
    char *string = memory_alloc(size + 1);
    if (size) memcpy(string, data, size);
    string[size] = '\0';
    return string;
}

void fuzz_refused(const Error *err) {
    REQUIRE(err->text[0], "refused without a reason");
    REQUIRE(!strchr(err->text, '\n'), "a reason of two lines: %s", err->text);
    fuzz_reason = *err;
}
