// UTF-8, and strict reading of text and pair files.
#include "common/files/file.h"
#include "common/files/lines.h"
#include "common/files/pairs.h"
#include "common/files/text.h"
#include "common/files/utf8.h"
#include "common/kernels.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void expect_lines_error(const char *path, const char *rest) {
    Lines lines;
    Error err = {""};
    ck_assert(!lines_read(path, &lines, &err));
    expect_text(&err, path, rest);
}

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

/* Every code point, encoded here by definition, must come back; surrogates must be refused. */
START_TEST(utf8_all_code_points) {
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        const unsigned char four[] = {
            (unsigned char)(0xf0 | c >> 18), (unsigned char)(0x80 | (c >> 12 & 0x3f)),
            (unsigned char)(0x80 | (c >> 6 & 0x3f)), (unsigned char)(0x80 | (c & 0x3f))};
        unsigned char text[4];
        memcpy(text, four, sizeof text);
        size_t length = 4;
        if (c < 0x80)
            text[0] = (unsigned char)c, length = 1;
        else if (c < 0x800)
            text[0] = (unsigned char)(0xc0 | c >> 6), text[1] = four[3], length = 2;
        else if (c < 0x10000)
            text[0] = (unsigned char)(0xe0 | c >> 12), text[1] = four[2], text[2] = four[3],
            length = 3;
        uint32_t got = 0xffffffff;
        const size_t expected = c >= 0xd800 && c <= 0xdfff ? 0 : length;
        if (utf8_decode((const char *)text, length, &got) != expected ||
            (expected > 0 && got != c) || utf8_decode((const char *)text, length - 1, &got) != 0)
            ck_abort_msg("U+%04X", c);
    }
}
END_TEST

START_TEST(utf8_malformed) {
    static const char *const bad[] = {
        "\x80", // a continuation byte alone
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x9f\xbf",
        "\xf0\x8f\xbf\xbf", // overlong
        "\xed\xa0\x80",
        "\xed\xbf\xbf", // surrogates
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff", // above U+10FFFF
        "\xc3(",
        "\xe2\x82(",
        "\xf0\x9f\x98(", // cut off by another character
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        uint32_t c;
        ck_assert_uint_eq(utf8_decode(bad[i], strlen(bad[i]), &c), 0);
        char text[16];
        snprintf(text, sizeof text, "é%sx", bad[i]);
        ck_assert_uint_eq(utf8_valid_bytes(text, strlen(text)), 2);
    }
    ck_assert_uint_eq(utf8_valid_bytes("a\0b", 3), 3);
}
END_TEST

START_TEST(utf8_malformed_is_shown) {
    uint32_t c = 0;
    ck_assert_uint_eq(utf8_next("\xe2\x82x", 3, &c), 1);
    ck_assert_uint_eq(c, 0xfffd);
    ck_assert_uint_eq(utf8_next("\xc3\xa9", 2, &c), 2);
    ck_assert_uint_eq(c, 0xe9);
    ck_assert_uint_eq(utf8_next("x", 0, &c), 0);
    ck_assert_uint_eq(utf8_columns("a\xe2\x82x"), 4);
}
END_TEST

START_TEST(utf8_terminal_columns) {
    ck_assert_uint_eq(utf8_columns(""), 0);
    ck_assert_uint_eq(utf8_columns("étudiant"), 8);
    ck_assert_uint_eq(utf8_columns("e\xcc\x81"), 1); // e and a combining accent
    ck_assert_uint_eq(utf8_columns("日本"), 4);
}
END_TEST

/* ---- lines ----------------------------------------------------------------------------------- */

START_TEST(lines_plain) {
    Lines lines;
    Error err;
    ck_assert(lines_read(PUT("a", "one\n\ntrois é\n"), &lines, &err));
    ck_assert_uint_eq(lines.count, 3);
    ck_assert_str_eq(lines.line[0], "one");
    ck_assert_str_eq(lines.line[1], "");
    ck_assert_str_eq(lines.line[2], "trois é");
    lines_free(&lines);
}
END_TEST

START_TEST(lines_from_other_systems) {
    Lines lines;
    Error err;
    ck_assert(lines_read(PUT("a", "\xef\xbb\xbfone\r\ntwo\rx\r\nlast\r"), &lines, &err));
    ck_assert_uint_eq(lines.count, 3);
    ck_assert_str_eq(lines.line[0], "one");
    ck_assert_str_eq(lines.line[1], "two\rx");
    ck_assert_str_eq(lines.line[2], "last");
    lines_free(&lines);
    ck_assert(lines_read(PUT("b", "\n"), &lines, &err));
    ck_assert_uint_eq(lines.count, 1);
    ck_assert_str_eq(lines.line[0], "");
    lines_free(&lines);
}
END_TEST

START_TEST(lines_that_are_no_text) {
    expect_lines_error(scratch_path("none"), ": cannot open: No such file or directory");
    expect_lines_error(scratch_folder(), ": is a directory, expected a file");
    expect_lines_error("/dev/null", ": is not a regular file");
    expect_lines_error(PUT("empty", ""), ": is empty, expected text");
    expect_lines_error(PUT("bom", "\xef\xbb\xbf"), ": is empty, expected text");
    expect_lines_error(PUT("latin1", "ok\ncaf\xe9\n"), ":2: not UTF-8: byte 0xe9 at byte offset 6");
    expect_lines_error(PUT("cut", "ok\n\xe2\x82"), ":2: not UTF-8: byte 0xe2 at byte offset 3");
    expect_lines_error(PUT("bad bom", "\xef\xbb\xbf\xff"),
                       ":1: not UTF-8: byte 0xff at byte offset 3");
    expect_lines_error(PUT("nul", "a\nb\nc\0d\n"),
                       ":3: a NUL byte at byte offset 5: expected text");
    expect_lines_error(PUT("nul first", "a\0\xff"),
                       ":1: a NUL byte at byte offset 1: expected text");
}
END_TEST

/* A text has lines of any length; those that are no sentences are left out of the pairs. */
START_TEST(lines_too_long) {
    enum { MEGABYTE = 1000000 };
    char *text = malloc(MEGABYTE);
    memset(text, 'x', MEGABYTE);
    memcpy(text, "a\tb\nc\t", 6);
    Lines lines;
    Pairs pairs;
    Error err;
    ck_assert(lines_read(scratch_put("long", text, MEGABYTE), &lines, &err));
    ck_assert_uint_eq(strlen(lines.line[1]), MEGABYTE - 4);
    lines_free(&lines);
    ck_assert(pairs_read_tsv(scratch_path("long"), &pairs, &err));
    ck_assert_uint_eq(pairs.too_long, 1);
    ck_assert_uint_eq(pairs.src.count, 1);
    ck_assert_str_eq(pairs.tgt.line[0], "b");
    pairs_free(&pairs);
    ck_assert(pairs_read_tsv(scratch_put("fits", text, 6 + LINE_BYTES_MAX), &pairs, &err));
    ck_assert_uint_eq(pairs.too_long, 0);
    ck_assert_uint_eq(strlen(pairs.tgt.line[1]), LINE_BYTES_MAX);
    pairs_free(&pairs);
    text[LINE_BYTES_MAX] = '\0';
    ck_assert(lines_check_one("stdin", 2, 9, text + 6, LINE_BYTES_MAX - 6, &err));
    ck_assert(!lines_check_one("stdin", 2, 9, text, MEGABYTE, &err));
    ck_assert_str_eq(err.text,
                     "stdin:2: the line at byte offset 9 has 1000000 bytes, at most 65536 "
                     "are allowed");
    free(text);
}
END_TEST

/* Files of old Macintosh systems have no newline at all. */
START_TEST(lines_ended_by_returns) {
    Lines lines;
    Error err;
    ck_assert(lines_read(PUT("a", "\xef\xbb\xbfone\rtwo\r\rlast\r"), &lines, &err));
    ck_assert_uint_eq(lines.count, 4);
    ck_assert_str_eq(lines.line[0], "one");
    ck_assert_str_eq(lines.line[2], "");
    ck_assert_str_eq(lines.line[3], "last");
    lines_free(&lines);
}
END_TEST

/* The same letters from two keyboards: e with an acute accent is U+00E9, or e and U+0301. What
 * composes to more bytes than it had (U+0958 is excluded from composition) has its room. */
START_TEST(lines_are_composed) {
    Lines lines;
    Error err;
    const char *path = PUT("a", "caf\xc3\xa9 \xe2\x80\x99\n"
                                "cafe\xcc\x81 \xe2\x80\x99\n"
                                "\xe0\xa5\x98\xe0\xa5\x98\n"
                                "plain");
    ck_assert(lines_read(path, &lines, &err));
    ck_assert_str_eq(lines.line[1], "cafe\xcc\x81 \xe2\x80\x99");
    lines_free(&lines);
    ck_assert(lines_read_composed(path, &lines, &err));
    ck_assert_uint_eq(lines.count, 4);
    ck_assert_str_eq(lines.line[0], "caf\xc3\xa9 \xe2\x80\x99");
    ck_assert_str_eq(lines.line[1], lines.line[0]);
    ck_assert_str_eq(lines.line[2], "\xe0\xa4\x95\xe0\xa4\xbc\xe0\xa4\x95\xe0\xa4\xbc");
    ck_assert_str_eq(lines.line[3], "plain");
    lines_free(&lines);
    Pairs pairs;
    ck_assert(pairs_read(path, path, &pairs, &err));
    ck_assert_str_eq(pairs.src.line[1], pairs.tgt.line[0]);
    pairs_free(&pairs);
}
END_TEST

/* What nobody sees: an ideographic and a no-break space, a zero-width space, a byte order mark, a
 * tab. A letter or an accent alone is seen. */
START_TEST(blank_lines) {
    static const char *const blank[] = {
        "", " \t\r", "\xc2\xa0", "\xe3\x80\x80 \xe2\x80\x8b", "\xef\xbb\xbf", "\x01", "\xc2\xad"};
    static const char *const seen[] = {" a", "\xc2\xa0\xcc\x81", "\xe3\x80\x82", "\xff"};
    for (size_t i = 0; i < sizeof blank / sizeof *blank; i++)
        ck_assert_msg(lines_is_blank(blank[i]), "blank %zu", i);
    for (size_t i = 0; i < sizeof seen / sizeof *seen; i++)
        ck_assert_msg(!lines_is_blank(seen[i]), "seen %zu", i);
}
END_TEST

/* Descriptor 0 and nothing else: a socket has no name, and a file goes on where it stands. */
START_TEST(standard_input) {
    int ends[2];
    Error err;
    char *data;
    size_t bytes;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    ck_assert_int_eq(write(ends[1], "from a socket\n", 14), 14);
    close(ends[1]);
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    ck_assert_msg(file_read(FILE_STDIN, &data, &bytes, &err), "%s", err.text);
    ck_assert_str_eq(data, "from a socket\n");
    free(data);
    ck_assert_ptr_nonnull(freopen(PUT("a", "one\ntwo\n"), "r", stdin));
    ck_assert_int_eq(lseek(STDIN_FILENO, 4, SEEK_SET), 4);
    ck_assert(file_read(FILE_STDIN, &data, &bytes, &err));
    ck_assert_str_eq(data, "two\n");
    free(data);
    close(STDIN_FILENO);
    file_begin();
    ck_assert(!file_read(FILE_STDIN, &data, &bytes, &err));
    ck_assert_str_eq(err.text, "/dev/stdin: cannot read: Bad file descriptor");
}
END_TEST

START_TEST(line_from_elsewhere) {
    Error err;
    ck_assert(lines_check_one("stdin", 3, 10, "ça va", 6, &err));
    ck_assert(lines_check_one("stdin", 3, 10, "", 0, &err));
    ck_assert(!lines_check_one("stdin", 3, 10, "a\xff", 2, &err));
    ck_assert_str_eq(err.text, "stdin:3: not UTF-8: byte 0xff at byte offset 11");
    ck_assert(!lines_check_one("stdin", 3, 10, "a\0b", 3, &err));
    ck_assert_str_eq(err.text, "stdin:3: a NUL byte at byte offset 11: expected text");
}
END_TEST

/* As Python's open().read() has them: what is learned by characters has one line end. */
START_TEST(text_has_newlines) {
    char *text;
    size_t bytes;
    Error err;
    ck_assert(text_read(PUT("a", "\xef\xbb\xbf"
                                 "a\r\nb\r\r\nc\n\rd\r"),
                        &text, &bytes, &err));
    ck_assert_uint_eq(bytes, 10);
    ck_assert_str_eq(text, "a\nb\n\nc\n\nd\n");
    free(text);
    ck_assert(!text_read(PUT("b", "\n\xff"), &text, &bytes, &err));
}
END_TEST

/* A pipe has no size, so the buffer has to grow: 300 kB through a FIFO. */
START_TEST(pipe_is_read_to_its_end) {
    const char *path = scratch_path("fifo");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    const pid_t child = fork();
    if (child == 0) {
        FILE *file = fopen(path, "w");
        for (int i = 0; i < 30000; i++) fputs("123456789\n", file);
        fclose(file);
        _exit(0);
    }
    Lines lines;
    Error err;
    ck_assert(lines_read(path, &lines, &err));
    ck_assert_uint_eq(lines.count, 30000);
    ck_assert_str_eq(lines.line[29999], "123456789");
    lines_free(&lines);
    waitpid(child, NULL, 0);
}
END_TEST

static void nothing(int signal_number) {
    (void)signal_number;
}

/* Opening waits for a writer, and signals that break off system calls come meanwhile. */
START_TEST(signals_while_a_file_is_opened) {
    const struct sigaction action = {.sa_handler = nothing}; // without SA_RESTART
    const struct itimerval often = {.it_interval = {0, 10000}, .it_value = {0, 10000}};
    const char *path = scratch_path("fifo");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    const pid_t child = fork();
    if (child == 0) {
        poll(NULL, 0, 300);
        FILE *file = fopen(path, "w");
        fputs("late\n", file);
        fclose(file);
        _exit(0);
    }
    char *data = NULL;
    size_t bytes;
    Error err = {""};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    const bool read = file_read(path, &data, &bytes, &err);
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    ck_assert_msg(read, "%s", err.text);
    ck_assert_str_eq(data, "late\n");
    free(data);
    waitpid(child, NULL, 0);
}
END_TEST

/* ---- pairs ----------------------------------------------------------------------------------- */

START_TEST(pairs_parallel) {
    Pairs pairs;
    Error err;
    ck_assert(pairs_read(PUT("en", "a\n\nc\nd\ne\n"), PUT("de", "A\nB\n \t\nD\nE"), &pairs, &err));
    ck_assert_uint_eq(pairs.skipped, 2);
    ck_assert_uint_eq(pairs.src.count, 3);
    ck_assert_uint_eq(pairs.tgt.count, 3);
    ck_assert_str_eq(pairs.src.line[1], "d");
    ck_assert_str_eq(pairs.tgt.line[1], "D");
    ck_assert_str_eq(pairs.tgt.line[2], "E");
    pairs_free(&pairs);
}
END_TEST

START_TEST(pairs_parallel_errors) {
    Pairs pairs;
    Error err;
    char expected[512];
    const char *en = PUT("en", "a\nb\nc\n"), *de = PUT("de", "A\nB\n");
    ck_assert(!pairs_read(en, de, &pairs, &err));
    snprintf(expected, sizeof expected, "%s has 3 lines but %s has 2: expected as many", en, de);
    ck_assert_str_eq(err.text, expected);
    ck_assert(!pairs_read(en, scratch_path("none"), &pairs, &err));
    ck_assert(!pairs_read(en, PUT("empty", ""), &pairs, &err)); // frees what was read, once
    ck_assert(!pairs_read(PUT("bad", "\xff"), en, &pairs, &err));
    ck_assert_ptr_nonnull(strstr(err.text, ":1: not UTF-8"));
    ck_assert(!pairs_read(PUT("x", "a\n\n"), PUT("y", "\nb\n"), &pairs, &err));
    ck_assert_ptr_nonnull(strstr(err.text, ": no line has text in both files"));
}
END_TEST

START_TEST(pairs_tsv) {
    Pairs pairs;
    Error err;
    ck_assert(pairs_read_tsv(PUT("t", "a b\tA B\r\n\tx\n\ny\t\n \nc\tC\n\n"), &pairs, &err));
    ck_assert_uint_eq(pairs.skipped, 5); // blank lines as in two files

    ck_assert_uint_eq(pairs.src.count, 2);
    ck_assert_str_eq(pairs.src.line[0], "a b");
    ck_assert_str_eq(pairs.tgt.line[0], "A B");
    ck_assert_str_eq(pairs.src.line[1], "c");
    ck_assert_str_eq(pairs.tgt.line[1], "C");
    pairs_free(&pairs);

    const char *path = PUT("none", "a\tb\nc d\n");
    ck_assert(!pairs_read_tsv(path, &pairs, &err));
    expect_text(&err, path, ":2: no tab: expected source TAB target");
    path = PUT("two", "a\tb\tc\n");
    ck_assert(!pairs_read_tsv(path, &pairs, &err));
    expect_text(&err, path,
                ":1: more than one tab: expected source TAB target (cut -f 1,2 keeps the first two "
                "columns)");
    path = PUT("blank", "\tb\n");
    ck_assert(!pairs_read_tsv(path, &pairs, &err));
    expect_text(&err, path, ": no line has text on both sides of its tab");
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("text");
    TCase *cases = tcase_create("text");
    tcase_set_timeout(cases, 120); // a busy disk takes its time
    tcase_add_checked_fixture(cases, scratch_make, scratch_remove);
    tcase_add_test(cases, utf8_all_code_points);
    tcase_add_test(cases, utf8_malformed);
    tcase_add_test(cases, utf8_malformed_is_shown);
    tcase_add_test(cases, utf8_terminal_columns);
    tcase_add_test(cases, lines_plain);
    tcase_add_test(cases, lines_from_other_systems);
    tcase_add_test(cases, lines_that_are_no_text);
    tcase_add_test(cases, lines_too_long);
    tcase_add_test(cases, lines_ended_by_returns);
    tcase_add_test(cases, lines_are_composed);
    tcase_add_test(cases, blank_lines);
    tcase_add_test(cases, standard_input);
    tcase_add_test(cases, signals_while_a_file_is_opened);
    tcase_add_test(cases, line_from_elsewhere);
    tcase_add_test(cases, text_has_newlines);
    tcase_add_test(cases, pipe_is_read_to_its_end);
    tcase_add_test(cases, pairs_parallel);
    tcase_add_test(cases, pairs_parallel_errors);
    tcase_add_test(cases, pairs_tsv);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
