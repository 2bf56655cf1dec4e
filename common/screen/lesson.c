#include "common/screen/lesson.h"

#include "common/screen/print.h"

#include <stdio.h>

enum { OWN_OPTIONS_MAX = 16 };

/* The rows are copied behind each other because options_parse takes one array; the lesson's own
 * --step comes after the program's. */
Lesson lesson_begin_with(int argc, char **argv, const Usage *usage, long seed, const Option *own,
                         size_t own_count) {
    REQUIRE(own_count <= OWN_OPTIONS_MAX, "%zu options", own_count);
    Lesson lesson = {.common = common_options(seed, "build/figures")};
    Option options[OWN_OPTIONS_MAX + 1];
    for (size_t i = 0; i < own_count; i++) options[i] = own[i];
    options[own_count] = option_flag("step", &lesson.pauses, "wait for Enter before each step");
    options_parse(argc, argv, usage, &lesson.common, options, own_count + 1);
    lesson.graph = graph_new();
    graph_use(lesson.graph);
    return lesson;
}

Lesson lesson_begin(int argc, char **argv, const Usage *usage, long seed) {
    return lesson_begin_with(argc, argv, usage, seed, NULL, 0);
}

/* Returns at Enter, or at the end of the input. */
static void wait_for_enter(void) {
    printf("%s[Enter]%s", print_style(STYLE_DIM), print_style(STYLE_PLAIN));
    fflush(stdout);
    int c = getchar();
    while (c != '\n' && c != EOF) c = getchar();
}

/* The first step follows the command at once; Enter is asked for between steps only. */
void lesson_step(Lesson *lesson, const char *title) {
    if (lesson->pauses && lesson->steps > 0) wait_for_enter();
    lesson->steps++;
    printf("\n%s%d. %s%s\n", print_style(STYLE_BOLD), lesson->steps, title,
           print_style(STYLE_PLAIN));
    fflush(stdout); // what follows may take a while
}

int lesson_end(const Lesson *lesson, int status) {
    graph_free(lesson->graph);
    output_finish();
    return status;
}
