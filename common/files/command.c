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

/* Listens until the child has ended or has to be. */
static CommandResult wait_for(const Command *command, pid_t child, int fd, ByteArray *said) {
    const double begun = clock_seconds();
    double worked = begun, used = 0;
    int status = 0;
    pid_t ended;
    while ((ended = waitpid(child, &status, WNOHANG)) == 0 || (ended < 0 && errno == EINTR)) {
        listen_to(fd, 20, said);
        const double now = clock_seconds(), use = processor_seconds(child);
        if (use > used + 0.01) worked = now, used = use;
        if (now - worked < command->idle && now - begun < command->total) continue;
        kill(-child, SIGKILL);
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
        return COMMAND_HANGS;
    }
    // What it has written and nobody has taken; what it has started itself is not waited for.
    for (size_t before = SIZE_MAX; said->count != before;) {
        before = said->count;
        listen_to(fd, 0, said);
    }
    if (ended < 0 || !WIFEXITED(status)) return COMMAND_FAILED;
    return WEXITSTATUS(status) == 0              ? COMMAND_DONE
           : WEXITSTATUS(status) == CANNOT_START ? COMMAND_MISSING
                                                 : COMMAND_FAILED;
}

CommandResult command_run(const Command *command, ByteArray *said) {
    int ends[2];
    *said = (ByteArray){0};
    byte_array_append(said, "", 0);
    if (pipe(ends) != 0) return COMMAND_MISSING;
    for (int i = 0; i < 2; i++) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    const pid_t child = fork();
    if (child == 0) start(command, ends[1]);
    close(ends[1]);
    CommandResult result = COMMAND_MISSING;
    if (child > 0) {
        setpgid(child, child); // whoever of the two comes first
        result = wait_for(command, child, ends[0], said);
    }
    close(ends[0]);
    return result;
}
