#include "common/files/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"

enum { CANNOT_START = 127 }; // what a shell gives for a command that is not there

/* The child. A group of its own, so that what it starts can be ended with it; and the alarm, which
 * exec keeps, ends it should this program be killed meanwhile. */
_Noreturn static void start(const Command *command, int listened) {
    setpgid(0, 0);
    alarm((unsigned)command->total + 1);
    const int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, STDIN_FILENO);
    dup2(command->stream == STDOUT_FILENO ? listened : nothing, STDOUT_FILENO);
    dup2(command->stream == STDERR_FILENO ? listened : nothing, STDERR_FILENO);
    // The array is not changed: execvp was declared before there was const.
    if (!command->folder || chdir(command->folder) == 0)
        execvp(command->argv[0], (char *const *)command->argv);
    // _exit leaves the parent's buffered output unwritten, which exit would print a second time.
    _exit(CANNOT_START);
}

/* Seconds of processor time that a child has used: one that works is not one that hangs. Where the
 * system does not tell, it always seems to work. */
static double processor_seconds(pid_t child) {
#ifdef __linux__
    clockid_t clock;
    struct timespec time;
    if (clock_getcpuclockid(child, &clock) == 0 && clock_gettime(clock, &time) == 0)
        return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
    return 0;
#else
    (void)child;
    return clock_seconds();
#endif
}

/* Takes what has come, after waiting for it so long. */
static void listen_to(int fd, int milliseconds, ByteArray *said) {
    char piece[4096];
    struct pollfd input = {.fd = fd, .events = POLLIN};
    if (poll(&input, 1, milliseconds) <= 0) return;
    const ssize_t got = read(fd, piece, sizeof piece);
    if (got > 0) byte_array_append(said, piece, (size_t)got);
    // At its end poll would return at once, again and again.
    if (got == 0 && milliseconds > 0) poll(NULL, 0, milliseconds);
}

/* Ends the child, with what it has started in its group, and waits until it is gone. */
static void end_child(pid_t child) {
    kill(-child, SIGKILL);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
}

bool command_start(const Command *command, CommandProcess *process) {
    int ends[2];
    *process = (CommandProcess){.limits = *command};
    byte_array_append(&process->said, "", 0);
    if (pipe(ends) != 0) return false;
    for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    const pid_t child = fork();
    if (child == 0) start(command, ends[1]);
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return false;
    }
    setpgid(child, child); // whoever of the two comes first
    process->child = child;
    process->listened = ends[0];
    process->begun = process->worked = clock_seconds();
    return true;
}

/* Whether it has used the processor lately and has not taken too long in all. */
static bool within_limits(CommandProcess *process) {
    const double now = clock_seconds(), use = processor_seconds(process->child);
    if (use > process->used + 0.01) process->worked = now, process->used = use;
    return now - process->worked < process->limits.idle &&
           now - process->begun < process->limits.total;
}

/* What has been written and nobody has taken; what the child has started itself is not waited
 * for. */
static void listen_to_the_rest(CommandProcess *process) {
    for (size_t before = SIZE_MAX; process->said.count != before;) {
        before = process->said.count;
        listen_to(process->listened, 0, &process->said);
    }
}

static CommandResult result_of(int status) {
    if (!WIFEXITED(status)) return COMMAND_FAILED;
    return WEXITSTATUS(status) == 0              ? COMMAND_DONE
           : WEXITSTATUS(status) == CANNOT_START ? COMMAND_MISSING
                                                 : COMMAND_FAILED;
}

bool command_over(CommandProcess *process, int milliseconds, CommandResult *result) {
    int status = 0;
    const pid_t ended = waitpid(process->child, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) {
        listen_to(process->listened, milliseconds, &process->said);
        if (within_limits(process)) return false;
        end_child(process->child);
        *result = COMMAND_HANGS;
    } else {
        listen_to_the_rest(process);
        *result = ended < 0 ? COMMAND_FAILED : result_of(status);
    }
    close(process->listened);
    process->child = 0;
    return true;
}

void command_stop(CommandProcess *process) {
    if (process->child > 0) {
        end_child(process->child);
        close(process->listened);
    }
    free(process->said.data);
    *process = (CommandProcess){.child = 0};
}

CommandResult command_run(const Command *command, ByteArray *said) {
    CommandProcess process;
    CommandResult result = COMMAND_MISSING;
    if (command_start(command, &process))
        while (!command_over(&process, 20, &result)) continue;
    *said = process.said;
    return result;
}
