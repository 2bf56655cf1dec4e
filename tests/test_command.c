// Other programs: what they say, how they end, and that none is waited for for ever.
#define _DEFAULT_SOURCE // usleep
#include "common/files/command.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static CommandResult shell(const char *script, int stream, double idle, ByteArray *said) {
    const char *const argv[] = {"sh", "-c", script, NULL};
    return command_run(
        &(Command){.argv = argv, .folder = "/", .stream = stream, .idle = idle, .total = 60}, said);
}

static void expect(const char *script, int stream, CommandResult result, const char *text) {
    ByteArray said;
    ck_assert_msg(shell(script, stream, 60, &said) == result, "%s", script);
    ck_assert_str_eq(said.data, text);
    free(said.data);
}

START_TEST(what_they_say) {
    expect("echo out; echo err >&2", STDOUT_FILENO, COMMAND_DONE, "out\n");
    expect("echo out; echo err >&2", STDERR_FILENO, COMMAND_DONE, "err\n");
    expect("pwd", STDOUT_FILENO, COMMAND_DONE, "/\n");
    expect("cat; echo end", STDOUT_FILENO, COMMAND_DONE, "end\n"); // nothing to read
    expect("echo why >&2; exit 3", STDERR_FILENO, COMMAND_FAILED, "why\n");
    expect("kill -9 $$", STDERR_FILENO, COMMAND_FAILED, "");
    ByteArray said;
    ck_assert_int_eq(shell("i=0; while [ $i -lt 30000 ]; do echo 123456789; i=$((i+1)); done",
                           STDOUT_FILENO, 60, &said),
                     COMMAND_DONE);
    ck_assert_uint_eq(said.count, 300000); // more than a pipe holds
    free(said.data);
}
END_TEST

START_TEST(that_cannot_be_started) {
    const char *const argv[] = {"no such program", NULL};
    ByteArray said;
    Command command = {.argv = argv, .stream = STDERR_FILENO, .idle = 60, .total = 60};
    ck_assert_int_eq(command_run(&command, &said), COMMAND_MISSING);
    free(said.data);
    command.folder = "/no such folder";
    ck_assert_int_eq(command_run(&command, &said), COMMAND_MISSING);
    free(said.data);
}
END_TEST

/* One that waits is ended, with what it has started; one that works longer than that is not. One
 * that has ended is not waited for because of what it leaves behind. */
START_TEST(that_hang) {
    ByteArray said;
    long number;
    ck_assert_int_eq(shell("sleep 1000 & echo $!; wait", STDOUT_FILENO, 0.5, &said), COMMAND_HANGS);
    ck_assert_int_eq(sscanf(said.data, "%ld", &number), 1);
    for (int i = 0; i < 600 && kill((pid_t)number, 0) == 0; i++) usleep(100000);
    ck_assert_int_ne(kill((pid_t)number, 0), 0);
    free(said.data);
    ck_assert_int_eq(shell("exec 2>&-; sleep 1000", STDERR_FILENO, 0.5, &said), COMMAND_HANGS);
    free(said.data);
    ck_assert_int_eq(shell("sleep 30 & echo left", STDOUT_FILENO, 20, &said), COMMAND_DONE);
    ck_assert_str_eq(said.data, "left\n");
    free(said.data);
}
END_TEST

/* One that runs beside this program is over when it is, and not before; one that hangs is ended by
 * whoever asks, and one that is given back while it runs is ended, too. */
START_TEST(that_nobody_waits_for) {
    CommandProcess process;
    CommandResult result;
    char path[64], script[128];
    snprintf(path, sizeof path, "/tmp/test_command_%ld", (long)getpid());
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    snprintf(script, sizeof script, "read line <%s; echo $line >&2", path);
    const char *const waits[] = {"sh", "-c", script, NULL};
    Command command = {.argv = waits, .stream = STDERR_FILENO, .idle = 60, .total = 60};
    ck_assert(command_start(&command, &process));
    for (int i = 0; i < 5; i++) ck_assert(!command_over(&process, 20, &result));
    FILE *gate = fopen(path, "w");
    fputs("open\n", gate);
    fclose(gate);
    while (!command_over(&process, 20, &result)) continue;
    ck_assert_int_eq(result, COMMAND_DONE);
    ck_assert_str_eq(process.said.data, "open\n");
    command_stop(&process);

    command.idle = 0.2;
    ck_assert(command_start(&command, &process));
    while (!command_over(&process, 20, &result)) continue;
    ck_assert_int_eq(result, COMMAND_HANGS);
    command_stop(&process);

    ck_assert(command_start(&command, &process));
    const pid_t child = process.child;
    command_stop(&process);
    ck_assert_int_ne(kill(child, 0), 0);
    unlink(path);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("command");
    TCase *tests = tcase_create("command");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, what_they_say);
    tcase_add_test(tests, that_cannot_be_started);
    tcase_add_test(tests, that_hang);
    tcase_add_test(tests, that_nobody_waits_for);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
