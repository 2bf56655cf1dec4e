// Writing that never loses the previous file, folders, and checksums.
#include "common/files/file.h"
#include "common/files/folder.h"
#include "common/files/pairs.h"
#include "common/files/utf8.h"
#include "common/kernels.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_content(const char *path, const char *content) {
    char *data;
    size_t bytes;
    Error err;
    ck_assert(file_read(path, &data, &bytes, &err));
    ck_assert_str_eq(data, content);
    free(data);
}

static bool write_text(const char *path, const char *text, Error *err) {
    return file_write(path, &(Bytes){text, strlen(text)}, 1, err);
}

START_TEST(write_replaces) {
    Error err;
    const char *path = scratch_path("new");
    const Bytes pieces[] = {{"ab", 2}, {NULL, 0}, {"c", 1}};
    ck_assert(file_write(path, pieces, 3, &err));
    expect_content(path, "abc");
    ck_assert(write_text(path, "z", &err));
    expect_content(path, "z");
    ck_assert_int_eq(scratch_entries("", false), 1);
}
END_TEST

/* A link waiting under the temporary file's name must not lead the data elsewhere. */
START_TEST(write_follows_no_link) {
    Error err;
    char temporary[256];
    const char *path = scratch_path("new"), *victim = PUT("victim", "precious");
    snprintf(temporary, sizeof temporary, "%s.%ld-0.tmp", path, (long)getpid());
    ck_assert_int_eq(symlink(victim, temporary), 0);
    ck_assert(write_text(path, "x", &err));
    expect_content(path, "x");
    expect_content(victim, "precious");
}
END_TEST

/* In a container every program has the same number, and what killed ones left has its names. */
START_TEST(write_among_many_leftovers) {
    Error err;
    for (int i = 0; i < 150; i++) {
        char temporary[256];
        snprintf(temporary, sizeof temporary, "new.%ld-%d.tmp", (long)getpid(), i);
        PUT(temporary, "half of someth");
    }
    const char *path = scratch_path("new");
    ck_assert_msg(write_text(path, "x", &err), "%s", err.text);
    expect_content(path, "x");
    ck_assert_int_eq(scratch_entries("", false), 151);
}
END_TEST

START_TEST(write_refusals) {
    Error err;
    ck_assert(!write_text(scratch_folder(), "x", &err));
    expect_text(&err, scratch_folder(), ": cannot write: is not a regular file");
    ck_assert(!write_text("/dev/full", "x", &err));
    ck_assert_str_eq(err.text, "/dev/full: cannot write: is not a regular file");
    const char *path = scratch_path("none/x");
    ck_assert(!write_text(path, "x", &err));
    expect_text(&err, path, ": cannot write: No such file or directory");
}
END_TEST

/* Opening a pipe waits for its other end, which may never come. */
START_TEST(pipes_are_not_waited_for) {
    Error err;
    char *data;
    size_t bytes;
    uint32_t crc;
    const char *path = scratch_path("pipe");
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert(!file_read_regular(path, &data, &bytes, &err));
    expect_text(&err, path, ": is not a regular file");
    ck_assert(!crc32_of_file(path, &crc, &err));
    expect_text(&err, path, ": is not a regular file");
    ck_assert(file_read_regular(PUT("file", "abc"), &data, &bytes, &err));
    ck_assert_str_eq(data, "abc");
    free(data);
}
END_TEST

/* The check value of CRC-32/ISO-HDLC, in one piece, in two, and from a file; pairs differ where a
 * word moves from one side or line to another. */
START_TEST(checksums) {
    uint32_t crc;
    Error err;
    ck_assert_uint_eq(crc32_add(0, "123456789", 9), 0xcbf43926);
    ck_assert_uint_eq(crc32_add(crc32_add(0, "1234", 4), "56789", 5), 0xcbf43926);
    ck_assert(crc32_of_file(PUT("digits", "123456789"), &crc, &err));
    ck_assert_uint_eq(crc, 0xcbf43926);
    ck_assert(!crc32_of_file(scratch_path("none"), &crc, &err));
    ck_assert(!crc32_of_file(scratch_folder(), &crc, &err));
    static const char *const texts[] = {"a b\tc\nd\te\n", "a\tb c\nd\te\n", "a b\tc d\nd\te\n",
                                        "d\te\na b\tc\n"};
    uint32_t all[4];
    for (int i = 0; i < 4; i++) {
        Pairs pairs;
        ck_assert(pairs_read_tsv(scratch_put("pairs", texts[i], strlen(texts[i])), &pairs, &err));
        all[i] = pairs_crc32(&pairs);
        pairs_free(&pairs);
        for (int k = 0; k < i; k++) ck_assert_uint_ne(all[k], all[i]);
    }
}
END_TEST

/* A limit on file sizes fails like a full disk: part of the data is written, then no more. */
START_TEST(write_on_full_disk) {
    enum { LARGE = 100000 };
    Error err;
    const char *path = scratch_path("checkpoint");
    ck_assert(write_text(path, "the previous one", &err));
    char *large = malloc(LARGE);
    memset(large, 'x', LARGE);
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    const struct rlimit small = {4096, limit.rlim_max};
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    const bool ok = file_write(path, &(Bytes){large, LARGE}, 1, &err);
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, handler);
    free(large);
    ck_assert(!ok);
    expect_text(&err, path, ": cannot write: File too large (what was there is unharmed)");
    expect_content(path, "the previous one");
    ck_assert_int_eq(scratch_entries("", false), 1);
}
END_TEST

START_TEST(directories) {
    Error err;
    char path[256], below[300];
    snprintf(path, sizeof path, "%s/a", scratch_folder());
    snprintf(below, sizeof below, "%s/b//c/", path);
    ck_assert(folder_make(below, &err));
    ck_assert(folder_make(below, &err));
    struct stat status;
    ck_assert(stat(below, &status) == 0 && S_ISDIR(status.st_mode));
    ck_assert(rmdir(below) == 0);
    snprintf(below, sizeof below, "%s/b", path);
    ck_assert(rmdir(below) == 0 && rmdir(path) == 0);

    const char *file = PUT("file", "x");
    snprintf(below, sizeof below, "%s/d", file);
    ck_assert(!folder_make(below, &err));
    expect_text(&err, file, ": cannot make the folder: a file has that name");
    snprintf(below, sizeof below, "%s/nowhere", scratch_folder());
    ck_assert_int_eq(symlink("none", below), 0);
    ck_assert(!folder_make(below, &err));
    expect_text(&err, below, ": cannot make the folder: a link of that name leads nowhere");
    snprintf(below, sizeof below, "%s/loop", scratch_folder());
    ck_assert_int_eq(symlink("loop", below), 0);
    ck_assert(!folder_make(below, &err));
    expect_text(&err, below, ": cannot make the folder: Too many levels of symbolic links");
    ck_assert(!folder_make("", &err));
    if (geteuid() != 0) { // root may write anywhere
        ck_assert(!folder_make("/", &err));
        ck_assert_str_eq(err.text, "/: cannot write into this folder: Permission denied");
    }
}
END_TEST

/* An error is one line that ends with the reason, however long and strange the name before it. */
START_TEST(errors_fit_and_end_well) {
    Error err;
    char name[6001];
    error_set(&err, "%s: gone",
              "a\n\x1b\xc2\x9b"
              "b\xc3\xa9\x7f");
    ck_assert_str_eq(err.text, "a???b\xc3\xa9?: gone");
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert(!folder_make(name, &err));
    ck_assert_uint_eq(strlen(err.text), sizeof err.text - 1);
    ck_assert(strncmp(err.text, name, 500) == 0);
    ck_assert_ptr_nonnull(strstr(err.text, "n ... n"));
    ck_assert_ptr_nonnull(strstr(err.text, "n: not a usable folder name"));
    for (int shift = 0; shift < 2; shift++) { // no character is cut in two
        memset(name, 'n', sizeof name - 1);
        for (int i = shift; i + 1 < 6000; i += 2) memcpy(name + i, "\xc3\xa9", 2);
        error_set(&err, "%s: gone", name);
        ck_assert_uint_eq(utf8_valid_bytes(err.text, strlen(err.text)), strlen(err.text));
        ck_assert_ptr_nonnull(strstr(err.text, ": gone"));
    }
    // Nothing is left out of what only looks too long.
    memset(name, 'n', 1000);
    for (int i = 1000; i < 1040; i += 2) memcpy(name + i, "\xc2\x9b", 2);
    name[1040] = '\0';
    error_set(&err, "%s", name);
    ck_assert_uint_eq(strlen(err.text), 1020);
    ck_assert_ptr_null(strstr(err.text, "..."));
}
END_TEST

/* Two names of one file: spelled otherwise, linked, or of what is not there yet. */
START_TEST(names_of_one_file) {
    char here[256], there[256], other[300];
    snprintf(here, sizeof here, "%s", PUT("here", "x"));
    snprintf(there, sizeof there, "%s", scratch_path("there"));
    snprintf(other, sizeof other, "%s/./there", scratch_folder());
    ck_assert(!file_same(here, there));
    ck_assert(file_same(there, there) && file_same(there, other));
    ck_assert_int_eq(link(here, there), 0);
    ck_assert(file_same(here, there));
    ck_assert_int_eq(unlink(there), 0);
    ck_assert_int_eq(symlink(here, there), 0);
    ck_assert(file_same(here, there));
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("files");
    TCase *cases = tcase_create("files");
    tcase_set_timeout(cases, 120); // a busy disk takes its time
    tcase_add_checked_fixture(cases, scratch_make, scratch_remove);
    tcase_add_test(cases, write_replaces);
    tcase_add_test(cases, write_follows_no_link);
    tcase_add_test(cases, write_among_many_leftovers);
    tcase_add_test(cases, pipes_are_not_waited_for);
    tcase_add_test(cases, checksums);
    tcase_add_test(cases, write_refusals);
    tcase_add_test(cases, write_on_full_disk);
    tcase_add_test(cases, directories);
    tcase_add_test(cases, errors_fit_and_end_well);
    tcase_add_test(cases, names_of_one_file);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
