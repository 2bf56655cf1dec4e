#include "common/screen/quiz.h"

#include "common/files/options.h"
#include "common/screen/print.h"
#include "common/tensor.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

/* ---- Making a question ----------------------------------------------------------------------- */

/* A text that does not fit is a slip in the maker: it would be asked half. */
static void format_into(char *text, size_t size, const char *format, va_list args) {
    const int length = vsnprintf(text, size, format, args);
    REQUIRE(length >= 0 && (size_t)length < size, "\"%.40s...\" is too long", format);
}

void quiz_text(QuizQuestion *question, const char *format, ...) {
    va_list args;
    va_start(args, format);
    format_into(question->text, sizeof question->text, format, args);
    va_end(args);
}

void quiz_hint(QuizQuestion *question, const char *format, ...) {
    va_list args;
    va_start(args, format);
    format_into(question->hint, sizeof question->hint, format, args);
    va_end(args);
}

void quiz_working(QuizQuestion *question, const char *format, ...) {
    va_list args;
    va_start(args, format);
    format_into(question->working, sizeof question->working, format, args);
    va_end(args);
}

void quiz_number(QuizQuestion *question, double number, double allowed) {
    question->kind = QUIZ_NUMBER;
    question->number = number;
    question->allowed = allowed;
}

void quiz_shape(QuizQuestion *question, int ndim, const int *shape) {
    REQUIRE(ndim <= QUIZ_DIMS, "%d dimensions", ndim);
    question->kind = QUIZ_SHAPE;
    question->ndim = ndim;
    for (int i = 0; i < ndim; i++) question->shape[i] = shape[i];
}

void quiz_choice(QuizQuestion *question, bool right, const char *format, ...) {
    REQUIRE(question->choices < QUIZ_CHOICES, "more than %d choices", QUIZ_CHOICES);
    question->kind = QUIZ_CHOICE;
    if (right) question->right = question->choices;
    va_list args;
    va_start(args, format);
    format_into(question->choice[question->choices], sizeof question->choice[0], format, args);
    va_end(args);
    question->choices++;
}

void quiz_choices(QuizQuestion *question, Random *random, int count, char (*choice)[160]) {
    size_t order[QUIZ_CHOICES];
    random_permutation(random, order, (size_t)count);
    for (int i = 0; i < count; i++) quiz_choice(question, order[i] == 0, "%s", choice[order[i]]);
}

int quiz_between(Random *random, int low, int high) {
    return low + (int)random_below(random, (uint64_t)(high - low + 1));
}

void quiz_draw(Random *random, int low, int high, int count, int *numbers, real *values) {
    for (int i = 0; i < count; i++) {
        numbers[i] = quiz_between(random, low, high);
        if (values) values[i] = (real)numbers[i];
    }
}

char *quiz_numbers_text(char *text, size_t size, const int *numbers, int count) {
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, i ? " %d" : "%d", numbers[i]);
    REQUIRE(used < size, "%d numbers do not fit", count);
    return text;
}

/* ---- Answers --------------------------------------------------------------------------------- */

/* Reads the whole of text as a number or a fraction; spaces around it do not matter. */
static bool read_number(const char *text, double *number) {
    char copy[64], *end;
    if (strlen(text) >= sizeof copy) return false;
    strcpy(copy, text);
    for (char *comma = copy; (comma = strchr(comma, ','));) *comma = '.';
    *number = strtod(copy, &end);
    if (end == copy) return false;
    end += strspn(end, " ");
    if (*end == '/') {
        const char *divisor = end + 1;
        *number /= strtod(divisor, &end);
        if (end == divisor) return false;
    }
    return end[strspn(end, " ")] == '\0';
}

static bool shape_is_right(const QuizQuestion *question, const char *typed) {
    int ndim = 0;
    while (*typed) {
        char *end;
        typed += strspn(typed, " ,()[]x");
        if (!*typed) break;
        const long dimension = strtol(typed, &end, 10);
        if (end == typed || ndim == question->ndim || dimension != question->shape[ndim])
            return false;
        ndim++;
        typed = end;
    }
    return ndim == question->ndim;
}

/* By number, or by the first letters if no other choice begins with them. */
static bool choice_is_right(const QuizQuestion *question, const char *typed) {
    double number;
    if (read_number(typed, &number)) return number == question->right + 1;
    int found = -1;
    for (int i = 0; i < question->choices; i++)
        if (strncasecmp(question->choice[i], typed, strlen(typed)) == 0) {
            if (found >= 0) return false;
            found = i;
        }
    return found == question->right;
}

bool quiz_is_right(const QuizQuestion *question, const char *typed) {
    double number;
    switch (question->kind) {
    case QUIZ_NUMBER:
        return read_number(typed, &number) &&
               fabs(number - question->number) <= question->allowed * (1 + 1e-9);
    case QUIZ_SHAPE:
        return shape_is_right(question, typed);
    default:
        return choice_is_right(question, typed);
    }
}

/* As many digits as the tolerance leaves meaning. */
void quiz_answer_text(const QuizQuestion *question, char *text, size_t size) {
    if (question->kind == QUIZ_NUMBER) {
        const int decimals = question->allowed > 0 ? (int)ceil(-log10(question->allowed)) : 0;
        if (question->allowed == 0)
            snprintf(text, size, "%.12g", question->number);
        else
            snprintf(text, size, "%.*f", decimals > 0 ? decimals : 0, question->number);
    } else if (question->kind == QUIZ_SHAPE) {
        char shape[64];
        snprintf(text, size, "%s", shape_text(shape, question->ndim, question->shape));
    } else {
        snprintf(text, size, "%d) %s", question->right + 1, question->choice[question->right]);
    }
}

/* ---- Asking ---------------------------------------------------------------------------------- */

static void print_question(const QuizQuestion *question, size_t number, size_t count) {
    printf("\n%s%zu of %zu.%s %s\n", print_style(STYLE_BOLD), number, count,
           print_style(STYLE_PLAIN), question->text);
    for (int i = 0; i < question->choices; i++) printf("    %d) %s\n", i + 1, question->choice[i]);
}

typedef enum { ANSWER_RIGHT, ANSWER_WRONG, ANSWER_SKIPPED, ANSWER_END } Answer;

/* Waits for an answer; blanks around it do not matter. `?` tells the hint and asks again; an empty
 * line skips. */
static Answer ask(const QuizQuestion *question) {
    char line[256];
    for (;;) {
        printf("> ");
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin)) return ANSWER_END;
        char *typed = line + strspn(line, " \t");
        size_t length = strlen(typed);
        while (length > 0 && strchr(" \t\r\n", typed[length - 1])) typed[--length] = '\0';
        if (*typed == '\0') return ANSWER_SKIPPED;
        if (strcmp(typed, "?") != 0)
            return quiz_is_right(question, typed) ? ANSWER_RIGHT : ANSWER_WRONG;
        printf("  %s\n", question->hint);
    }
}

static void tell(const QuizQuestion *question, Answer answer) {
    char right[256];
    quiz_answer_text(question, right, sizeof right);
    if (answer == ANSWER_RIGHT) {
        printf("  %sright%s: %s\n", print_style(STYLE_GOOD), print_style(STYLE_PLAIN), right);
        return;
    }
    printf("  %s%s%s: it is %s\n", print_style(STYLE_BAD),
           answer == ANSWER_WRONG ? "no" : "skipped", print_style(STYLE_PLAIN), right);
    printf("  %s\n  read: %s\n", question->working, question->read);
}

static QuizQuestion make(QuizMaker *maker, Random *random) {
    QuizQuestion question = {0};
    graph_reset(graph_current());
    maker(random, &question);
    REQUIRE(question.text[0] && question.hint[0] && question.working[0] && question.read,
            "\"%.60s\" lacks a hint, a working or a place to read", question.text);
    REQUIRE(question.kind != QUIZ_CHOICE || question.choices > 1, "\"%.60s\" has no choice",
            question.text);
    return question;
}

/* Questions and answers, for those who want to read, and for tests. */
static void print_all(QuizMaker *const *makers, size_t count, Random *random) {
    for (size_t i = 0; i < count; i++) {
        const QuizQuestion question = make(makers[i], random);
        char right[256];
        quiz_answer_text(&question, right, sizeof right);
        print_question(&question, i + 1, count);
        printf("  hint: %s\n  answer: %s\n  %s\n  read: %s\n", question.hint, right,
               question.working, question.read);
    }
}

int quiz_main(int argc, char **argv, const char *about, QuizMaker *const *makers, size_t count) {
    bool print = false;
    // Another seed at each start: the processor's clock is as good as any.
    CommonOptions common = common_options((long)(time(NULL) % 1000000), NULL);
    Option options[] = {option_flag("all", &print, "print questions and answers, ask nothing")};
    const Usage usage = {about, "quiz --seed 7"};
    options_parse(argc, argv, &usage, &common, options, OPTION_COUNT(options));
    Random random;
    random_seed(&random, (uint64_t)common.seed);
    Graph *graph = graph_new();
    graph_use(graph);
    if (print) {
        print_all(makers, count, &random);
        graph_free(graph);
        output_finish();
        return EXIT_SUCCESS;
    }
    printf("%zu questions; a number or a word answers, ? gives a hint, an empty line skips.\n",
           count);
    size_t asked = 0, right = 0;
    Answer answer = ANSWER_SKIPPED;
    for (size_t i = 0; i < count && answer != ANSWER_END; i++) {
        const QuizQuestion question = make(makers[i], &random);
        print_question(&question, i + 1, count);
        answer = ask(&question);
        if (answer == ANSWER_END) break;
        asked++;
        right += answer == ANSWER_RIGHT;
        tell(&question, answer);
    }
    printf("\n%zu of %zu right. The same questions again: --seed %ld; others: without it.\n", right,
           asked, common.seed);
    graph_free(graph);
    output_finish();
    return EXIT_SUCCESS;
}
