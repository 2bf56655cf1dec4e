#include "06_training/check/checklist.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/screen/print.h"

enum { INDENT = 14, COLUMNS = 100 };

static const char *const WORDS[] = {"ok", "look at this", "wrong"};

void checklist_title(const char *title) {
    printf("\n%s%s%s\n", print_style(STYLE_BOLD), title, print_style(STYLE_PLAIN));
}

/* Words in lines, below the measurement. */
static void print_advice(const char *advice) {
    size_t column = COLUMNS; // so that the first word begins a line
    while (*advice) {
        const size_t length = strcspn(advice, " ");
        if (column + 1 + length > COLUMNS) {
            printf("%s%*s", column < COLUMNS || *advice ? "\n" : "", INDENT - 1, "");
            column = INDENT - 1;
        }
        printf(" %.*s", (int)length, advice);
        column += 1 + length;
        advice += length + strspn(advice + length, " ");
    }
}

void checklist_say(Checklist *list, ChecklistVerdict verdict, const char *advice,
                   const char *format, ...) {
    va_list arguments;
    const PrintStyle style = verdict == CHECKLIST_OK ? STYLE_GOOD : STYLE_BAD;
    list->count[verdict]++;
    printf("%s%-*s%s", print_style(style), INDENT, WORDS[verdict], print_style(STYLE_PLAIN));
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    if (verdict != CHECKLIST_OK) print_advice(advice);
    putchar('\n');
}

ChecklistVerdict checklist_small(double value, double look, double wrong) {
    if (value <= look) return CHECKLIST_OK;
    return value <= wrong ? CHECKLIST_LOOK : CHECKLIST_WRONG;
}

double checklist_share(size_t part, size_t all) {
    return all ? (double)part / (double)all : 0;
}

double checklist_percent(size_t part, size_t all) {
    return 100 * checklist_share(part, all);
}

bool checklist_end(const Checklist *list) {
    const int ok = list->count[CHECKLIST_OK], look = list->count[CHECKLIST_LOOK],
              wrong = list->count[CHECKLIST_WRONG];
    printf("\n%d checks: %d ok, %d to look at, %d wrong\n", ok + look + wrong, ok, look, wrong);
    return wrong == 0;
}
