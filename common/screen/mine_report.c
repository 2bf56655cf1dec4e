#include "common/screen/mine_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/mine.h"

enum { TOLD = 3, COLUMNS = 79 };
enum { FIRST_STEPS = 20, FIRST_SECONDS = 3 }; // told after these, whichever are over first

void mine_report_names(void) {
    MineUse uses[MINE_REPORT_PIECES];
    const size_t count = mine_uses(uses, MINE_REPORT_PIECES);
    if (count == 0) return;
    int column = printf("yours here:");
    for (size_t i = 0; i < count; i++) {
        if (column + 1 + (int)strlen(uses[i].piece) > COLUMNS) column = printf("\n ") - 1;
        column += printf(" %s", uses[i].piece);
    }
    putchar('\n');
}

/* ---- Beforehand ------------------------------------------------------------------------------ */

MineForecast mine_report_begin(size_t steps, int threads) {
    MineUse uses[MINE_REPORT_PIECES];
    const size_t count = mine_uses(uses, MINE_REPORT_PIECES);
    MineForecast forecast = {.steps = steps, .threads = threads, .began = clock_seconds()};
    forecast.told = count == 0; // there is nothing to tell
    for (size_t i = 0; i < count; i++) forecast.charged[i] = uses[i].seconds;
    return forecast;
}

static void print_duration(double seconds) {
    if (seconds < 100)
        printf("about %.0f seconds", seconds);
    else if (seconds < 100 * 60)
        printf("about %.0f minutes", seconds / 60);
    else
        printf("about %.0f hours", seconds / 3600);
}

static int by_seconds(const void *a, const void *b) {
    const double x = ((const MineUse *)a)->seconds, y = ((const MineUse *)b)->seconds;
    return (x < y) - (x > y);
}

/* A piece's time includes what it calls of ours: whose fault it is only looking tells. */
static void print_slowest(const MineForecast *forecast, double seconds) {
    MineUse uses[MINE_REPORT_PIECES];
    const size_t count = mine_uses(uses, MINE_REPORT_PIECES);
    size_t told = 0;
    for (size_t i = 0; i < count; i++) uses[i].seconds -= forecast->charged[i];
    qsort(uses, count, sizeof *uses, by_seconds);
    printf("Of that time yours take, with what they call of ours:");
    for (size_t i = 0; i < count && i < TOLD; i++) {
        const double share = uses[i].seconds / (seconds * forecast->threads);
        if (share < 0.01) break;
        printf("%s %s %.0f %%", told++ ? "," : "", uses[i].piece, 100 * share);
    }
    puts(told ? ".\n" : " less than 1 %.\n");
}

void mine_report_step(MineForecast *forecast, Progress *progress) {
    forecast->done++;
    if (forecast->told) return;
    const double seconds = clock_seconds() - forecast->began;
    if (forecast->done < FIRST_STEPS && seconds < FIRST_SECONDS) return;
    progress_end(progress);
    if (forecast->steps) {
        printf("%zu steps will take ", forecast->steps);
        print_duration(seconds / (double)forecast->done * (double)forecast->steps);
        if (forecast->done > 1)
            printf(", by the pace of the first %zu.\n", forecast->done);
        else
            puts(", by the pace of the first.");
    }
    print_slowest(forecast, seconds);
    fflush(stdout);
    forecast->told = true;
}

/* ---- Afterwards ------------------------------------------------------------------------------ */

static void print_uses(const MineUse *uses, size_t count, bool in_training) {
    for (size_t i = 0; i < count; i++) {
        if ((uses[i].calls > 0) != in_training) continue;
        printf("  %-28s", uses[i].piece);
        if (in_training)
            printf("%ld calls\n", uses[i].calls);
        else if (uses[i].elsewhere)
            printf("%ld calls elsewhere in this program\n", uses[i].elsewhere);
        else
            puts("never called");
    }
}

void mine_report_uses(void) {
    MineUse uses[MINE_REPORT_PIECES];
    const size_t count = mine_uses(uses, MINE_REPORT_PIECES);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) used += uses[i].calls > 0;
    if (count == 0) return;
    printf("\nTrained on %zu of your %zu pieces:\n", used, count);
    print_uses(uses, count, true);
    if (used == count) return;
    puts("Not used by this training:");
    print_uses(uses, count, false);
}
