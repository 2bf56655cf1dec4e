#include "tests/quiz_check.h"

#include "common/error.h"
#include "tests/program.h"
#include "tests/suite.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SEEDS = 20, FEWEST = 10, MOST = 24, COLUMNS = 100 };

/* What was asked, read before the tests begin: each test runs in a process of its own. */
static struct {
    const QuizTruthOf *truths;
    size_t truth_count;
    int status[SEEDS], questions[SEEDS], widest[SEEDS];
    QuizAsked asked[SEEDS][MOST];
} quiz;

/* ---- Reading what was printed ---------------------------------------------------------------- */

/* into <- what stands between `from` and `to`, cut at size. */
static void copy_between(char *into, size_t size, const char *from, const char *to) {
    const size_t length = (size_t)(to - from) < size ? (size_t)(to - from) : size - 1;
    memcpy(into, from, length);
    into[length] = '\0';
}

/* into <- the rest of the line that begins with `label`, within [from, to). */
static void copy_line(char *into, size_t size, const char *from, const char *to,
                      const char *label) {
    const char *line = strstr(from, label);
    into[0] = '\0';
    if (!line || line >= to) return;
    line += strlen(label);
    copy_between(into, size, line, line + strcspn(line, "\n"));
}

int quiz_check_numbers(const char *text, double *numbers) {
    int count = 0;
    for (const char *at = text; *at && count < QUIZ_CHECK_NUMBERS;) {
        const char before = at > text ? at[-1] : ' ';
        const bool sign = *at == '-' && isdigit((unsigned char)at[1]) && strchr(" \n[(", before);
        const bool digit = isdigit((unsigned char)*at) && !isalnum((unsigned char)before);
        if (!sign && !digit) {
            at++;
            continue;
        }
        char *end;
        const double number = strtod(at, &end);
        if (!isalpha((unsigned char)*end)) numbers[count++] = number;
        at = end;
        while (isalnum((unsigned char)*at)) at++;
    }
    return count;
}

/* One question, from behind its "3 of 12. " to where the next begins. */
static void read_question(QuizAsked *asked, const char *from, const char *to) {
    const char *hint = strstr(from, "\n  hint: ");
    REQUIRE(hint && hint < to, "a question without a hint: %.60s", from);
    char label[24];
    const char *text_end = hint, *at = from;
    for (int i = 0; i < QUIZ_CHECK_CHOICES; i++) {
        snprintf(label, sizeof label, "\n    %d) ", i + 1);
        const char *choice = strstr(at, label);
        if (!choice || choice >= hint) break;
        if (i == 0) text_end = choice;
        copy_line(asked->choice[asked->choices++], sizeof asked->choice[0], choice, hint, label);
        at = choice + 1;
    }
    copy_between(asked->text, sizeof asked->text, from, text_end);
    copy_line(asked->answer, sizeof asked->answer, hint, to, "\n  answer: ");
    copy_line(asked->read, sizeof asked->read, hint, to, "\n  read: ");
    asked->numbers = quiz_check_numbers(asked->text, asked->n);
}

/* The longest line, in columns: the bytes that continue a character of UTF-8 do not count. */
static int columns(const char *text) {
    int most = 0, column = 0;
    for (; *text; text++) {
        column = *text == '\n' ? 0 : column + ((*text & 0xC0) != 0x80);
        if (column > most) most = column;
    }
    return most;
}

static void read_run(const char *program, int seed) {
    static char output[1 << 16];
    char arguments[48], label[32];
    // Without stderr: where a question's training takes more than two seconds, its progress line
    // would come in the middle of another line.
    snprintf(arguments, sizeof arguments, "--all --seed %d 2>/dev/null", seed + 1);
    quiz.status[seed] = program_run(program, arguments, output, sizeof output);
    int count = 0;
    quiz.widest[seed] = columns(output);
    sscanf(output, "\n1 of %d.", &count);
    REQUIRE(count <= MOST, "%s has %d questions", program, count);
    const char *from = output;
    for (int i = 0; i < count; i++) {
        snprintf(label, sizeof label, "\n%d of %d. ", i + 1, count);
        const char *begin = strstr(from, label);
        REQUIRE(begin, "%s: question %d of %d is missing", program, i + 1, count);
        begin += strlen(label);
        snprintf(label, sizeof label, "\n%d of %d. ", i + 2, count);
        const char *end = strstr(begin, label);
        if (!end) end = begin + strlen(begin);
        read_question(&quiz.asked[seed][quiz.questions[seed]++], begin, end);
        from = end;
    }
}

/* ---- What truths are made of ----------------------------------------------------------------- */

double quiz_check_shape(int ndim, const int *shape) {
    double code = 0;
    for (int i = 0; i < ndim; i++) code = code * 100 + shape[i];
    return code;
}

bool quiz_check_has(const QuizAsked *asked, const char *phrase) {
    return strstr(asked->text, phrase) != NULL;
}

int quiz_check_choice(const QuizAsked *asked, const char *choice) {
    for (int i = 0; i < asked->choices; i++)
        if (strcmp(asked->choice[i], choice) == 0) return i + 1;
    return 0;
}

/* The answer as a truth is given: "(2,3)" as 203, "2) the columns" as 2, "0.25" as it is. */
static double answer_value(const char *answer) {
    double numbers[QUIZ_CHECK_NUMBERS];
    int shape[QUIZ_CHECK_NUMBERS];
    if (answer[0] != '(') return strtod(answer, NULL);
    const int ndim = quiz_check_numbers(answer, numbers);
    for (int i = 0; i < ndim; i++) shape[i] = (int)numbers[i];
    return quiz_check_shape(ndim, shape);
}

/* How far the answer's last digit may be off. */
static double last_digit(const char *answer) {
    const char *point = strchr(answer, '.');
    return point && answer[0] != '(' ? 0.6 * pow(10, -(double)strspn(point + 1, "0123456789")) : 0;
}

static const QuizTruthOf *truth_of(const QuizAsked *asked) {
    for (size_t i = 0; i < quiz.truth_count; i++)
        if (quiz_check_has(asked, quiz.truths[i].phrase)) return &quiz.truths[i];
    return NULL;
}

/* ---- The tests ------------------------------------------------------------------------------- */

START_TEST(runs_clean) {
    ck_assert_int_eq(quiz.status[_i], 0);
    ck_assert_int_ge(quiz.questions[_i], FEWEST);
    ck_assert_int_le(quiz.widest[_i], COLUMNS);
    ck_assert_int_eq(quiz.questions[_i], quiz.questions[0]);
    for (int i = 0; i < quiz.questions[_i]; i++) {
        const QuizAsked *asked = &quiz.asked[_i][i];
        ck_assert_msg(asked->answer[0] != '\0', "no answer: %s", asked->text);
        ck_assert_msg(isfinite(answer_value(asked->answer)), "%s: %s", asked->text, asked->answer);
        for (int j = 0; j < i; j++) ck_assert_str_ne(asked->text, quiz.asked[_i][j].text);
        for (int a = 0; a < asked->choices; a++)
            for (int b = 0; b < a; b++)
                ck_assert_msg(strcmp(asked->choice[a], asked->choice[b]) != 0,
                              "two choices read the same: %s", asked->text);
    }
}
END_TEST

/* At least three of four questions ask of other numbers (or offer other choices) in other runs. */
START_TEST(instances_vary) {
    int varied = 0;
    for (int i = 0; i < quiz.questions[0]; i++) {
        int others = 0;
        for (int seed = 1; seed < SEEDS; seed++) {
            const QuizAsked *a = &quiz.asked[0][i], *b = &quiz.asked[seed][i];
            others += strcmp(a->text, b->text) != 0 || strcmp(a->answer, b->answer) != 0;
        }
        varied += others > 0;
    }
    ck_assert_int_ge(4 * varied, 3 * quiz.questions[0]);
}
END_TEST

/* Whether `read`, FILE, "HEADING", names a heading that is in the file. */
static bool heading_is_there(const char *read) {
    char path[128], heading[64], line[1024], found[64];
    if (sscanf(read, "%127[^,], \"%63[^\"]\"", path, heading) != 2) return false;
    FILE *file = fopen(path, "r");
    if (!file) return false;
    bool there = false;
    while (!there && fgets(line, sizeof line, file))
        there = sscanf(line, "##%*[# ]%63[^\n]", found) == 1 && strcmp(found, heading) == 0;
    fclose(file);
    return there;
}

START_TEST(places_to_read_are_there) {
    ck_assert(!heading_is_there("common/README.md, \"No such heading\""));
    for (int i = 0; i < quiz.questions[_i]; i++)
        ck_assert_msg(heading_is_there(quiz.asked[_i][i].read), "%s", quiz.asked[_i][i].read);
}
END_TEST

START_TEST(answers_are_the_truth) {
    int compared = 0;
    for (int i = 0; i < quiz.questions[_i]; i++) {
        const QuizAsked *asked = &quiz.asked[_i][i];
        const QuizTruthOf *of = truth_of(asked);
        if (!of) continue;
        compared++;
        const double truth = of->truth(asked);
        const double off = fabs(answer_value(asked->answer) - truth);
        ck_assert_msg(off <= of->allowed * fabs(truth) + last_digit(asked->answer),
                      "%s\n  its answer: %s, computed here: %.6g", asked->text, asked->answer,
                      truth);
    }
    ck_assert_msg(2 * compared >= quiz.questions[_i], "only %d of %d compared", compared,
                  quiz.questions[_i]);
}
END_TEST

START_TEST(every_truth_is_used) {
    const QuizTruthOf *of = &quiz.truths[_i];
    for (int seed = 0; seed < SEEDS; seed++)
        for (int i = 0; i < quiz.questions[seed]; i++)
            if (truth_of(&quiz.asked[seed][i]) == of) return;
    ck_abort_msg("no question has the words \"%s\"", of->phrase);
}
END_TEST

int quiz_check_run(const char *chapter, const QuizTruthOf *truths, size_t count) {
    char program[64];
    snprintf(program, sizeof program, "%s/quiz", chapter);
    if (!program_exists(program)) { // as in the double build
        printf("skipped: %s is not in this build\n", program);
        return EXIT_SUCCESS;
    }
    quiz.truths = truths;
    quiz.truth_count = count;
    for (int seed = 0; seed < SEEDS; seed++) read_run(program, seed);
    Suite *suite = suite_create(program);
    TCase *cases = tcase_create(program);
    tcase_add_loop_test(cases, runs_clean, 0, SEEDS);
    tcase_add_test(cases, instances_vary);
    tcase_add_loop_test(cases, places_to_read_are_there, 0, SEEDS);
    tcase_add_loop_test(cases, answers_are_the_truth, 0, SEEDS);
    tcase_add_loop_test(cases, every_truth_is_used, 0, (int)count);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
