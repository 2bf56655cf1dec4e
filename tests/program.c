#include "tests/program.h"

#include "common/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void program_path(const char *name, char *path, size_t size) {
    const char *build = getenv("BUILD_DIR");
    const int length = snprintf(path, size, "%s/%s", build ? build : "build", name);
    REQUIRE(length > 0 && (size_t)length < size, "the path of %s is too long", name);
}

bool program_exists(const char *name) {
    char path[1024];
    program_path(name, path, sizeof path);
    return access(path, X_OK) == 0;
}

int program_run(const char *name, const char *arguments, char *output, size_t size) {
    char path[1024], command[2048], chunk[4096];
    program_path(name, path, sizeof path);
    // TEST_RUNNER is the emulator, if any, that runs this program, too.
    snprintf(command, sizeof command, "$TEST_RUNNER '%s' 2>&1 </dev/null %s", path, arguments);
    FILE *pipe = popen(command, "r");
    REQUIRE(pipe, "cannot run %s", command);
    size_t used = 0, count;
    while ((count = fread(chunk, 1, sizeof chunk, pipe)) > 0) {
        // Make room by forgetting the beginning: a program's verdict stands at the end.
        const size_t keep = count < size - 1 ? count : size - 1;
        const size_t drop = used + keep > size - 1 ? used + keep - (size - 1) : 0;
        memmove(output, output + drop, used - drop);
        memcpy(output + used - drop, chunk + count - keep, keep);
        used += keep - drop;
    }
    output[used] = '\0';
    const int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
