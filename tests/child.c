#include "tests/child.h"

#include "common/error.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef COUNTED
void __gcov_dump(void); // what the child has run is to be counted, too (MODE=coverage)
#else
#define __gcov_dump() (void)0
#endif

/* What does not fit stays in the pipe: a test's output is short. */
static void read_to_end(int fd, char *text, size_t size) {
    size_t used = 0;
    ssize_t got;
    while ((got = read(fd, text + used, size - 1 - used)) > 0) used += (size_t)got;
    text[used] = '\0';
    close(fd);
}

Child child_run(int (*function)(const void *argument), const void *argument) {
    static Child child;
    int out[2], err[2], status;
    REQUIRE(pipe(out) == 0 && pipe(err) == 0, "no pipe");
    fflush(stdout); // or the child would print it again
    const pid_t id = fork();
    REQUIRE(id >= 0, "no second process");
    if (id == 0) {
        dup2(out[1], STDOUT_FILENO);
        dup2(err[1], STDERR_FILENO);
        status = function(argument);
        fflush(stdout);
        __gcov_dump();
        _exit(status); // not exit: what the parent has registered is not the child's affair
    }
    close(out[1]);
    close(err[1]);
    read_to_end(out[0], child.out, sizeof child.out);
    read_to_end(err[0], child.err, sizeof child.err);
    waitpid(id, &status, 0);
    child.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return child;
}
