// The progress line: what it says, that it is silent at first, and that it never wraps.
#define _GNU_SOURCE // posix_openpt, struct winsize
#include "common/kernels.h"
#include "common/screen/progress.h"
#include "tests/suite.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char *formatted(const Progress *progress, double seconds, const char *note) {
    static char line[80];
    progress_format(progress, seconds, note, line, sizeof line);
    return line;
}

START_TEST(wording) {
    Progress p = progress_begin("train", 0, 400);
    ck_assert_str_eq(formatted(&p, 3, NULL), "train 0/400 0% 0/s ? left");
    p.done = 120;
    ck_assert_str_eq(formatted(&p, 10, "loss 2.31"), "train 120/400 30% 12/s 0:24 left, loss 2.31");
    p.total = 400000;
    ck_assert_str_eq(formatted(&p, 10, NULL), "train 120/400000 0% 12/s 9:15:24 left");
    p.done = p.total;
    ck_assert_str_eq(formatted(&p, 10, NULL), "train 400000/400000 100% 4e+04/s 0:00 left");
}
END_TEST

START_TEST(unknown_total) {
    Progress p = progress_begin("translate", 0, 0);
    p.done = 30;
    ck_assert_str_eq(formatted(&p, 4, NULL), "translate 30 7.5/s");
}
END_TEST

/* What was done before a resumed run says nothing about this run's speed. */
START_TEST(resumed) {
    Progress p = progress_begin("train", 300, 400);
    p.done = 350;
    ck_assert_str_eq(formatted(&p, 5, NULL), "train 350/400 88% 10/s 0:05 left");
}
END_TEST

START_TEST(long_notes_are_cut_between_characters) {
    const Progress p = progress_begin("x", 0, 0);
    char note[300];
    memset(note, 'n', sizeof note);
    note[sizeof note - 1] = '\0';
    ck_assert_uint_eq(strlen(formatted(&p, 1, note)), 79);
    memcpy(note + 70 - 1, "é", 2); // bytes 78 and 79 of "x 0 0/s, nnn..."
    ck_assert_uint_eq(strlen(formatted(&p, 1, note)), 78);
}
END_TEST

/* Runs updates with stderr going to a file and returns what was written there. */
static const char *captured(Progress p, bool terminal, int updates, double pause) {
    static char text[4096];
    FILE *file = tmpfile();
    fflush(stderr);
    const int saved = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    p.terminal = terminal;
    for (int i = 1; i <= updates; i++) {
        p.shown -= pause; // as if that many seconds had passed
        progress_update(&p, (size_t)i, NULL);
    }
    progress_end(&p);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    const size_t bytes = fread(text, 1, sizeof text - 1, file);
    text[bytes] = '\0';
    fclose(file);
    return text;
}

static int count(const char *text, char c) {
    int found = 0;
    for (; *text; text++) found += *text == c;
    return found;
}

START_TEST(silent_at_first) {
    const Progress p = progress_begin("train", 0, 5);
    ck_assert_str_eq(captured(p, false, 5, 100), "");
    ck_assert_str_eq(captured(p, true, 5, 100), "");
}
END_TEST

START_TEST(plain_lines_in_a_log) {
    Progress p = progress_begin("train", 0, 100);
    p.begun -= 3;
    ck_assert_int_eq(count(captured(p, false, 20, 0), '\n'), 1); // the first one at once
    ck_assert_int_eq(count(captured(p, false, 20, 10), '\n'), 20);
    const char *text = captured(p, false, 20, 1); // one every ten seconds
    ck_assert_int_eq(count(text, '\n'), 2);
    ck_assert_int_eq(count(text, '\r'), 0);
}
END_TEST

START_TEST(rewritten_on_a_terminal) {
    Progress p = progress_begin("train", 0, 100);
    p.begun -= 3;
    const char *text = captured(p, true, 3, 0.1);
    ck_assert_int_eq(count(text, '\n'), 0);
    ck_assert_int_eq(count(text, '\r'), 3 + 2); // three lines, then the blank one
    ck_assert_int_eq(text[strlen(text) - 1], '\r');
    ck_assert_ptr_nonnull(strstr(text, "\rtrain 2/100 2%"));
}
END_TEST

/* On a narrow terminal the line is as long as it can be without wrapping. */
START_TEST(narrow_terminal) {
    const int master = posix_openpt(O_RDWR | O_NOCTTY);
    ck_assert(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    const int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    const struct winsize window = {.ws_row = 24, .ws_col = 40};
    ck_assert_int_eq(ioctl(slave, TIOCSWINSZ, &window), 0);
    fflush(stderr);
    const int saved = dup(STDERR_FILENO);
    dup2(slave, STDERR_FILENO);
    Progress p = progress_begin("train", 0, 100);
    p.begun -= 3;
    p.shown -= 10;
    progress_update(&p, 7, "epoch 1, loss 2.345, 1234 tokens/s, and so on");
    progress_end(&p);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    char text[512];
    // Two lines of a return and 39 characters; a terminal may hand them over one by one.
    ssize_t bytes = 0, more = 1;
    while (more > 0 && bytes < 2 * 40) {
        more = read(master, text + bytes, sizeof text - 1 - (size_t)bytes);
        bytes += more;
    }
    close(saved);
    close(slave);
    close(master);
    ck_assert_int_gt(bytes, 0);
    text[bytes] = '\0';
    ck_assert_ptr_nonnull(strstr(text, "\rtrain 7/100 7% "));
    int lines = 0;
    for (char *line = strtok(text, "\r"); line; line = strtok(NULL, "\r"), lines++)
        ck_assert_uint_eq(strlen(line), 39);
    ck_assert_int_eq(lines, 2); // the line, and the blanks over it
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("progress");
    TCase *cases = tcase_create("progress");
    tcase_add_test(cases, wording);
    tcase_add_test(cases, unknown_total);
    tcase_add_test(cases, resumed);
    tcase_add_test(cases, narrow_terminal);
    tcase_add_test(cases, long_notes_are_cut_between_characters);
    tcase_add_test(cases, silent_at_first);
    tcase_add_test(cases, plain_lines_in_a_log);
    tcase_add_test(cases, rewritten_on_a_terminal);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
