/* fuzz_state.c - states that a run is resumed from: what the reader takes the writer writes, and
 * that is taken again, byte for byte. */
#define _DEFAULT_SOURCE // mkdtemp
#include "06_training/run/checkpoint.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/safetensors_mutator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/files/file.h"

/* A run resumes from a folder. in/state.safetensors leads to the input in memory; out/ is where it
 * is written again, in memory too where the system has a folder for that. */
static char folder[64], in[80], out[80], in_file[128], out_file[128];

static void remove_folders(void) {
    unlink(in_file);
    unlink(out_file);
    rmdir(in);
    rmdir(out);
    rmdir(folder);
}

static void make_folders(const char *input) {
    struct stat status;
    const bool memory = stat("/dev/shm", &status) == 0;
    snprintf(folder, sizeof folder, "%s/fuzz_state_XXXXXX", memory ? "/dev/shm" : "/tmp");
    REQUIRE(mkdtemp(folder), "no folder");
    snprintf(in, sizeof in, "%s/in", folder);
    snprintf(out, sizeof out, "%s/out", folder);
    snprintf(in_file, sizeof in_file, "%s/state.safetensors", in);
    snprintf(out_file, sizeof out_file, "%s/state.safetensors", out);
    REQUIRE(mkdir(in, 0777) == 0 && mkdir(out, 0777) == 0 && symlink(input, in_file) == 0,
            "cannot fill %s", folder);
    atexit(remove_folders);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    return safetensors_mutate(data, size, max_size, seed);
}

typedef struct {
    Checkpoint checkpoint;
    Settings settings;
    RunState state;
    Translator translator;
    Optimizer *optimizer;
} Resumed;

/* As run.c does: settings, state and translator first, the optimizer when there is a model. */
static bool resume(Resumed *r, const char *from, Error *err) {
    *r = (Resumed){0};
    settings_preset("tiny", &r->settings);
    r->settings.resume = true;
    r->settings.data = "s.tsv"; // of which the states in the corpus are
    if (!checkpoint_open(&r->checkpoint, from, &r->settings, &r->state, &r->translator, err))
        return false;
    r->optimizer = optimizer_new(&r->translator.model->parameters, adam_paper());
    return checkpoint_restore_optimizer(&r->checkpoint, r->optimizer, err);
}

static void resumed_free(Resumed *r) {
    optimizer_free(r->optimizer);
    translator_free(&r->translator);
    checkpoint_close(&r->checkpoint);
}

static void save(Resumed *r) {
    Error err = {""};
    REQUIRE(checkpoint_save(out_file, &r->translator, r->optimizer, &r->settings, &r->state, &err),
            "taken, but not written: %s", err.text);
}

/* What is written twice is the same bytes; the first time, what was not ours is left out. */
static void check_written_again(Resumed *first) {
    Resumed again;
    Error err = {""};
    char *once, *twice;
    size_t once_bytes, twice_bytes;
    save(first);
    REQUIRE(file_read(out_file, &once, &once_bytes, &err), "%s", err.text);
    REQUIRE(resume(&again, out, &err), "written, but not taken: %s", err.text);
    save(&again);
    REQUIRE(file_read(out_file, &twice, &twice_bytes, &err), "%s", err.text);
    REQUIRE(once_bytes == twice_bytes && memcmp(once, twice, once_bytes) == 0,
            "a state of %zu bytes has become another", once_bytes);
    resumed_free(&again);
    free(once);
    free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *path = fuzz_file(data, size);
    if (!*folder) make_folders(path);
    Resumed resumed;
    Error err = {""};
    fuzz_taken = resume(&resumed, in, &err);
    if (fuzz_taken)
        check_written_again(&resumed);
    else
        fuzz_refused(&err);
    resumed_free(&resumed);
    return 0;
}
