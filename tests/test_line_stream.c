// Lines as they arrive: when they are there, where they were, and how the input ends.
#include "common/files/line_stream.h"
#include "common/files/lines.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A descriptor from which the text can be read, and then no more. */
static int input_of(const char *text) {
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    close(ends[1]);
    return ends[0];
}

/* The next line is this text; NULL: it is not there yet, or there are no more. */
static void expect_next(LineStream *stream, LineResult result, const char *expected) {
    const char *text;
    size_t length;
    Error err = {""};
    ck_assert_int_eq(line_stream_next(stream, 0, &text, &length, &err), result);
    if (!expected) return;
    ck_assert_uint_eq(length, strlen(expected));
    ck_assert_mem_eq(text, expected, length);
}

/* Lines are there as soon as their ends are, not before, and offsets are those of the whole
 * input. */
START_TEST(lines_as_they_arrive) {
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    LineStream stream = {.fd = ends[0]};
    expect_next(&stream, LINE_PAUSE, NULL);
    ck_assert_int_eq(write(ends[1], "\xef\xbb\xbfone\r\ntw", 10), 10);
    expect_next(&stream, LINE_TAKEN, "one");
    ck_assert_uint_eq(stream.offset, 3);
    expect_next(&stream, LINE_PAUSE, NULL);
    ck_assert_int_eq(write(ends[1], "o\n\nlast\rone", 11), 11);
    expect_next(&stream, LINE_TAKEN, "two");
    ck_assert_uint_eq(stream.offset, 8);
    expect_next(&stream, LINE_TAKEN, "");
    expect_next(&stream, LINE_PAUSE, NULL);
    close(ends[1]);
    expect_next(&stream, LINE_TAKEN, "last\rone");
    ck_assert_uint_eq(stream.line, 4);
    ck_assert_uint_eq(stream.offset, 13);
    expect_next(&stream, LINE_END, NULL);
    expect_next(&stream, LINE_END, NULL);
    line_stream_free(&stream);
    close(ends[0]);
}
END_TEST

/* A line longer than a sentence may be is not kept whole, and its length is told all the same; what
 * follows is where it is. */
START_TEST(a_line_that_hardly_ends) {
    enum { LONG = 50 * LINE_BYTES_MAX };
    char name[] = "/tmp/test_line_stream_XXXXXX";
    const int fd = mkstemp(name);
    ck_assert_int_ge(fd, 0);
    unlink(name);
    char *piece = memset(malloc(LINE_BYTES_MAX), 'x', LINE_BYTES_MAX);
    for (int i = 0; i < 50; i++) ck_assert_int_eq(write(fd, piece, LINE_BYTES_MAX), LINE_BYTES_MAX);
    free(piece);
    ck_assert_int_eq(write(fd, "\nnext\n", 6), 6);
    lseek(fd, 0, SEEK_SET);
    LineStream stream = {.fd = fd};
    const char *text;
    size_t length;
    Error err;
    ck_assert_int_eq(line_stream_next(&stream, 0, &text, &length, &err), LINE_TAKEN);
    ck_assert_uint_eq(length, LONG);
    ck_assert_uint_lt(stream.bytes.capacity, 8 * LINE_BYTES_MAX);
    expect_next(&stream, LINE_TAKEN, "next");
    ck_assert_uint_eq(stream.offset, LONG + 1);
    expect_next(&stream, LINE_END, NULL);
    line_stream_free(&stream);
    close(fd);
}
END_TEST

/* Carriage returns end lines where there is no newline, which only the end of the input tells; what
 * cannot be read says so. */
START_TEST(streams_of_other_kinds) {
    const char *text;
    size_t length;
    Error err = {""};
    LineStream stream = {.fd = input_of("one\r\rthree")};
    expect_next(&stream, LINE_TAKEN, "one");
    expect_next(&stream, LINE_TAKEN, "");
    expect_next(&stream, LINE_TAKEN, "three");
    expect_next(&stream, LINE_END, NULL);
    close(stream.fd);
    line_stream_free(&stream);
    stream = (LineStream){.fd = input_of("")};
    expect_next(&stream, LINE_END, NULL);
    close(stream.fd);
    line_stream_free(&stream);
    stream = (LineStream){.fd = open("/tmp", O_RDONLY)};
    ck_assert_int_eq(line_stream_next(&stream, -1, &text, &length, &err), LINE_FAILED);
    ck_assert_ptr_nonnull(strstr(err.text, "stdin: cannot read: "));
    close(stream.fd);
    line_stream_free(&stream);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("line_stream");
    TCase *tests = tcase_create("line_stream");
    tcase_add_test(tests, lines_as_they_arrive);
    tcase_add_test(tests, a_line_that_hardly_ends);
    tcase_add_test(tests, streams_of_other_kinds);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
