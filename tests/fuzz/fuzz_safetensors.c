/* fuzz_safetensors.c - files of tensors: what is taken has every byte that it names, and is the
 * same when it is looked up. */
#include "common/files/safetensors.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/safetensors_mutator.h"

#include "common/arena.h"
#include "common/files/crc32.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    return safetensors_mutate(data, size, max_size, seed);
}

/* Its bytes lie in the file: reading them all is what a sanitizer watches. */
static void check_tensor(const Safetensors *file, const Safetensor *t) {
    int shape[SAFETENSORS_DIMS];
    bool fits = true;
    Error err = {""};
    REQUIRE(safetensors_find(file, t->name) == t, "\"%s\" is not found", t->name);
    REQUIRE(t->bytes % dtype_bytes(t->dtype) == 0, "half an element");
    for (int d = 0; d < t->ndim; d++) {
        fits = fits && t->shape[d] <= INT_MAX;
        shape[d] = fits ? (int)t->shape[d] : 0;
    }
    if (!fits) return;
    void *copy = memory_alloc(t->bytes + 1);
    REQUIRE(safetensors_read(file, t->name, t->dtype, t->ndim, shape, copy, &err), "%s", err.text);
    REQUIRE(crc32_add(0, copy, t->bytes) == crc32_add(0, t->data, t->bytes), "other bytes");
    free(copy);
    const size_t count = t->bytes / dtype_bytes(t->dtype);
    real *values = memory_alloc((count + 1) * sizeof *values);
    if (!safetensors_read_real(file, t->name, t->ndim, shape, values, &err)) fuzz_refused(&err);
    free(values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Safetensors file;
    Error err = {""};
    fuzz_taken = safetensors_open(fuzz_file(data, size), &file, &err);
    if (!fuzz_taken) {
        fuzz_refused(&err);
        return 0;
    }
    size_t bytes = 0;
    for (size_t i = 0; i < file.count; i++) {
        check_tensor(&file, &file.tensor[i]);
        bytes += file.tensor[i].bytes;
    }
    REQUIRE(bytes < size, "%zu bytes of tensors in a file of %zu", bytes, size);
    safetensors_metadata(&file, "note");
    safetensors_close(&file);
    return 0;
}
