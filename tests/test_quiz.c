// Asking questions: what counts as an answer, and how a quiz runs.
#include "common/kernels.h"
#include "common/screen/quiz.h"
#include "tests/suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static QuizQuestion number(double value, double allowed) {
    QuizQuestion question = {0};
    quiz_number(&question, value, allowed);
    return question;
}

START_TEST(numbers) {
    const QuizQuestion exact = number(12, 0), near = number(0.25, 0.01);
    ck_assert(quiz_is_right(&exact, "12"));
    ck_assert(quiz_is_right(&exact, " 12.0 "));
    ck_assert(!quiz_is_right(&exact, "12.1"));
    ck_assert(!quiz_is_right(&exact, "12 apples"));
    ck_assert(!quiz_is_right(&exact, "twelve"));
    ck_assert(quiz_is_right(&near, "0.26"));
    ck_assert(quiz_is_right(&near, ".24"));
    ck_assert(!quiz_is_right(&near, "0.27"));
    ck_assert(!quiz_is_right(&near, "nan"));
    ck_assert(quiz_is_right(&near, "0,25"));
    ck_assert(quiz_is_right(&near, "1/4"));
    ck_assert(quiz_is_right(&near, "-2 / -8 "));
    ck_assert(!quiz_is_right(&near, "1/"));
    ck_assert(!quiz_is_right(&near, "1/4/1"));
    ck_assert(!quiz_is_right(&near, "1/0"));
}
END_TEST

START_TEST(shapes) {
    QuizQuestion question = {0};
    quiz_shape(&question, 3, (int[]){2, 4, 8});
    ck_assert(quiz_is_right(&question, "2,4,8"));
    ck_assert(quiz_is_right(&question, "(2, 4, 8)"));
    ck_assert(quiz_is_right(&question, "2 x 4 x 8"));
    ck_assert(!quiz_is_right(&question, "2,4"));
    ck_assert(!quiz_is_right(&question, "2,4,8,1"));
    ck_assert(!quiz_is_right(&question, "2,8,4"));
    ck_assert(!quiz_is_right(&question, "two"));
}
END_TEST

START_TEST(choices) {
    QuizQuestion question = {0};
    quiz_choice(&question, false, "the rows");
    quiz_choice(&question, true, "the columns");
    quiz_choice(&question, false, "neither");
    ck_assert(quiz_is_right(&question, "2"));
    ck_assert(quiz_is_right(&question, "The Col"));
    ck_assert(!quiz_is_right(&question, "the")); // two begin so
    ck_assert(!quiz_is_right(&question, "1"));
    ck_assert(!quiz_is_right(&question, "n"));
    ck_assert(!quiz_is_right(&question, "7"));
    char text[200];
    quiz_answer_text(&question, text, sizeof text);
    ck_assert_str_eq(text, "2) the columns");
}
END_TEST

START_TEST(answers_in_words) {
    char text[200];
    const QuizQuestion exact = number(1024, 0), near = number(0.3456, 0.01);
    quiz_answer_text(&exact, text, sizeof text);
    ck_assert_str_eq(text, "1024");
    quiz_answer_text(&near, text, sizeof text);
    ck_assert_str_eq(text, "0.35");
    QuizQuestion shape = {0};
    quiz_shape(&shape, 2, (int[]){3, 5});
    quiz_answer_text(&shape, text, sizeof text);
    ck_assert_str_eq(text, "(3,5)");
}
END_TEST

START_TEST(choices_are_shuffled) {
    Random random;
    random_seed(&random, 1);
    bool seen[3] = {false};
    for (int i = 0; i < 40; i++) {
        QuizQuestion question = {0};
        char choice[3][160] = {"this", "that", "the other"};
        quiz_choices(&question, &random, 3, choice);
        ck_assert_int_eq(question.choices, 3);
        ck_assert_str_eq(question.choice[question.right], "this");
        seen[question.right] = true;
    }
    ck_assert(seen[0] && seen[1] && seen[2]);
}
END_TEST

START_TEST(draws_stay_in_range) {
    Random random;
    random_seed(&random, 1);
    bool seen[4] = {false};
    for (int i = 0; i < 200; i++) {
        const int n = quiz_between(&random, 3, 6);
        ck_assert(n >= 3 && n <= 6);
        seen[n - 3] = true;
    }
    for (int i = 0; i < 4; i++) ck_assert(seen[i]);
}
END_TEST

static void make_number(Random *random, QuizQuestion *question) {
    (void)random;
    quiz_text(question, "How many?");
    quiz_number(question, 12, 0);
    quiz_hint(question, "a dozen");
    quiz_working(question, "3 times 4");
    question->read = "the shelf";
}

static void make_choice(Random *random, QuizQuestion *question) {
    (void)random;
    quiz_text(question, "Which?");
    quiz_choice(question, false, "the rows");
    quiz_choice(question, true, "the columns");
    quiz_hint(question, "upright");
    quiz_working(question, "they stand");
    question->read = "the shelf";
}

/* Runs a quiz of those two on what is typed; what it prints. Each test has a process of its own. */
static const char *asked(const char *typed) {
    static char out[4096];
    static QuizMaker *const makers[] = {make_number, make_choice};
    char *argv[] = {"quiz", "--seed", "7", NULL};
    FILE *in = tmpfile(), *shown = tmpfile();
    fputs(typed, in);
    rewind(in);
    dup2(fileno(in), STDIN_FILENO);
    fflush(stdout);
    dup2(fileno(shown), STDOUT_FILENO);
    ck_assert_int_eq(quiz_main(3, argv, "Two questions.", makers, 2), 0);
    rewind(shown);
    out[fread(out, 1, sizeof out - 1, shown)] = '\0';
    return out;
}

START_TEST(answers_are_told) {
    const char *out = asked("?\n12\n1\n");
    ck_assert(strstr(out, "2 questions;"));
    ck_assert(strstr(out, "1 of 2. How many?\n>   a dozen\n>   right: 12\n"));
    ck_assert(strstr(out, "2) the columns\n>   no: it is 2) the columns\n  they stand\n"));
    ck_assert(strstr(out, "read: the shelf\n"));
    ck_assert(strstr(out, "1 of 2 right. The same questions again: --seed 7;"));
}
END_TEST

/* An empty line skips, blanks around an answer do not matter, and the end of the input ends it. */
START_TEST(skipping_and_leaving) {
    const char *out = asked("\n  the col \r\n");
    ck_assert(strstr(out, ">   skipped: it is 12\n  3 times 4\n"));
    ck_assert(strstr(out, ">   right: 2) the columns\n"));
    ck_assert(strstr(out, "1 of 2 right."));
}
END_TEST

START_TEST(the_end_of_the_input) {
    ck_assert(strstr(asked("12\n"), "1 of 1 right."));
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("quiz");
    TCase *cases = tcase_create("quiz");
    tcase_add_test(cases, numbers);
    tcase_add_test(cases, shapes);
    tcase_add_test(cases, choices);
    tcase_add_test(cases, answers_in_words);
    tcase_add_test(cases, choices_are_shuffled);
    tcase_add_test(cases, draws_stay_in_range);
    if (suite_forks()) { // each takes the standard streams for itself
        tcase_add_test(cases, answers_are_told);
        tcase_add_test(cases, skipping_and_leaving);
        tcase_add_test(cases, the_end_of_the_input);
    }
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
