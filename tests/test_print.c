// Matrices and heat-maps on the terminal: exact text, never over 80 columns, no stray escapes.
#include "common/kernels.h"
#include "common/screen/print.h"
#include "tests/suite.h"

#include "common/files/utf8.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Sends stdout to a file until capture_end, which returns what was printed. */
static FILE *capture_file;
static int capture_saved;

static void capture_begin(void) {
    fflush(stdout);
    capture_file = tmpfile();
    capture_saved = dup(STDOUT_FILENO);
    dup2(fileno(capture_file), STDOUT_FILENO);
}

static const char *capture_end(void) {
    static char text[16384];
    fflush(stdout);
    dup2(capture_saved, STDOUT_FILENO);
    close(capture_saved);
    rewind(capture_file);
    text[fread(text, 1, sizeof text - 1, capture_file)] = '\0';
    fclose(capture_file);
    return text;
}

/* Cuts text into lines in place and fails if one is wider than a terminal. */
static void expect_narrow(const char *text) {
    static char copy[16384];
    snprintf(copy, sizeof copy, "%s", text);
    for (char *line = copy, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        ck_assert_ptr_nonnull(end);
        *end = '\0';
        ck_assert_msg(utf8_columns(line) <= 80, "%zu columns: %s", utf8_columns(line), line);
    }
}

START_TEST(matrix) {
    const real k[] = {0, 1, 1, 4, 4, 0, 2, 3, (real)-INFINITY};
    capture_begin();
    print_matrix("K", k, 3, 3, 0);
    print_matrix("row", k, 1, 2, 2);
    ck_assert_str_eq(capture_end(), "K (3,3)\n"
                                    "  [    0    1    1 ]\n"
                                    "  [    4    4    0 ]\n"
                                    "  [    2    3 -inf ]\n"
                                    "row (1,2)\n"
                                    "  [ 0.00 1.00 ]\n");
}
END_TEST

START_TEST(long_rows_wrap) {
    real row[100];
    for (int i = 0; i < 100; i++) row[i] = (real)(i - 50) / 7;
    capture_begin();
    print_vector("v", row, 100, 4);
    const char *text = capture_end();
    expect_narrow(text);
    ck_assert_ptr_nonnull(strstr(text, "v (100)\n"));
    ck_assert_ptr_nonnull(strstr(text, "-7.1429"));
    ck_assert_ptr_nonnull(strstr(text, " 7.0000 ]"));
}
END_TEST

START_TEST(heatmap) {
    const real data[] = {1, 0, (real)0.45, (real)-0.75};
    const char *const rows[] = {"it", "animal"}, *const cols[] = {"a", "é"};
    capture_begin();
    print_heatmap("A", data, 2, 2, rows, cols, 2);
    ck_assert_str_eq(capture_end(), "A (2,2)\n"
                                    "             a       é\n"
                                    "    it  1.00██  0.00··\n"
                                    "animal  0.45▒▒ -0.75▓▓\n");
}
END_TEST

START_TEST(heatmap_without_labels_or_numbers) {
    const real data[] = {0, 1, (real)NAN, (real)0.03};
    capture_begin();
    print_heatmap("A", data, 2, 2, NULL, NULL, -1);
    ck_assert_str_eq(capture_end(), "A (2,2)\n"
                                    "   0  1\n"
                                    "0 ·· ██\n"
                                    "1 ·· ░░\n");
}
END_TEST

START_TEST(heatmap_gives_up_decimals_then_numbers_then_columns) {
    real data[64];
    for (int i = 0; i < 64; i++) data[i] = (real)i / 64;
    const struct {
        size_t cols;
        const char *present, *absent;
    } sizes[] = {
        {10, "0.14", "shown"}, {12, "0.2", "0.14"}, {16, "░", "0.2"}, {64, "26 of 64", "."}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        capture_begin();
        print_heatmap("A", data, 1, sizes[i].cols, NULL, NULL, 2);
        const char *text = capture_end();
        expect_narrow(text);
        ck_assert_msg(strstr(text, sizes[i].present) != NULL, "no %s:\n%s", sizes[i].present, text);
        ck_assert_msg(strstr(text, sizes[i].absent) == NULL, "%s:\n%s", sizes[i].absent, text);
    }
}
END_TEST

START_TEST(heatmap_with_awkward_labels) {
    const real data[4] = {1, 1, 1, 1};
    const char *const labels[] = {"日本語日本語日本語日本語", "a\nb\033\xff[31m\xc2\x9b"};
    capture_begin();
    print_heatmap("A", data, 2, 2, labels, labels, 2);
    const char *text = capture_end();
    expect_narrow(text);
    ck_assert_ptr_null(strchr(text, '\033'));
    ck_assert_ptr_nonnull(strstr(text, "日本語日本語…"));
    ck_assert_ptr_nonnull(strstr(text, "a?b??[31m?"));
}
END_TEST

/* A line of 79 columns stays whole, one of 80 is cut before them, wide characters count twice, and
 * what is no character or would steer the terminal is shown as a sign for that. */
START_TEST(short_lines) {
    const char *fits =
        "12345678901234567890123456789012345678901234567890123456789012345678901234567";
    const char *wide =
        "日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語";
    char longer[100];
    snprintf(longer, sizeof longer, "%sé", fits);
    capture_begin();
    print_short("  ", fits);
    print_short("  ", longer);
    print_short("  ", wide);
    print_short("a ", "x\xc3\033[2Jy\xc2\x9b"
                      "2J");
    print_short("a", "");
    const char *text = capture_end();
    char expected[600]; // 36 of the 39 wide ones
    snprintf(expected, sizeof expected, "  %s\n  %.73s ...\n  %.*s ...\n%s", fits, fits, 36 * 3,
             wide, "a x\xef\xbf\xbd?[2Jy?2J\na\n");
    ck_assert_str_eq(text, expected);
}
END_TEST

START_TEST(no_colour_off_a_terminal) {
    capture_begin();
    const bool colours = print_colours();
    const char *bold = print_style(STYLE_BOLD);
    capture_end();
    ck_assert(!colours);
    ck_assert_str_eq(bold, "");
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("print");
    TCase *cases = tcase_create("print");
    tcase_add_test(cases, matrix);
    tcase_add_test(cases, long_rows_wrap);
    tcase_add_test(cases, heatmap);
    tcase_add_test(cases, heatmap_without_labels_or_numbers);
    tcase_add_test(cases, heatmap_gives_up_decimals_then_numbers_then_columns);
    tcase_add_test(cases, heatmap_with_awkward_labels);
    tcase_add_test(cases, short_lines);
    tcase_add_test(cases, no_colour_off_a_terminal);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
