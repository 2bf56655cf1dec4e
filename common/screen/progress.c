#define _DEFAULT_SOURCE // struct winsize
#include "common/screen/progress.h"

#include "common/clock.h"
#include "common/files/utf8.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Every update reads the clock, which costs next to nothing; formatting and writing, which do not,
 * happen only when a line is due. */
enum { LINE_COLUMNS = 79 }; // a line that wraps cannot be rewritten

/* Quick work stays quiet; a terminal is refreshed as fast as one can read, a log rarely. */
static const double quiet_seconds = 2, terminal_seconds = 0.1, log_seconds = 10;

/* A line that fills the last column wraps on some terminals. Asked each time: windows change. */
static size_t room(void) {
#ifdef TIOCGWINSZ
    struct winsize window;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1 &&
        window.ws_col <= LINE_COLUMNS)
        return (size_t)window.ws_col - 1;
#endif
    return LINE_COLUMNS;
}

/* isatty once: where stderr goes does not change while the program runs. */
Progress progress_begin(const char *label, size_t first, size_t total) {
    const double start = clock_seconds();
    return (Progress){.label = label,
                      .total = total,
                      .first = first,
                      .done = first,
                      .begun = start,
                      .shown = start - log_seconds, // so that the first line is due at once
                      .terminal = isatty(STDERR_FILENO) == 1,
                      .columns = LINE_COLUMNS};
}

/* "0:07", "12:30" or "3:05:00". */
static void format_time(double seconds, char *text, size_t size) {
    // The bound keeps a rate of nearly nothing from overflowing the conversion; no one waits 3
    // years.
    const long whole = seconds < 1e8 ? (long)ceil(seconds) : 100000000;
    if (whole < 3600)
        snprintf(text, size, "%ld:%02ld", whole / 60, whole % 60);
    else
        snprintf(text, size, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
}

void progress_format(const Progress *progress, double seconds, const char *note, char *line,
                     size_t size) {
    // Only what this run did counts: a resumed one did not do its first steps at this speed.
    const double rate =
        seconds > 0 ? (double)(progress->done - progress->first) / seconds : 0; // per second
    // Without a total there is neither a share nor an end to estimate.
    char left[48] = "", text[256];
    if (progress->total > 0) {
        char time[24] = "?";
        if (rate > 0)
            format_time((double)(progress->total - progress->done) / rate, time, sizeof time);
        snprintf(left, sizeof left, "/%zu %.0f%%", progress->total,
                 100.0 * (double)progress->done / (double)progress->total);
        snprintf(text, sizeof text, "%s %zu%s %.3g/s %s left%s%s", progress->label, progress->done,
                 left, rate, time, note ? ", " : "", note ? note : "");
    } else {
        snprintf(text, sizeof text, "%s %zu %.3g/s%s%s", progress->label, progress->done, rate,
                 note ? ", " : "", note ? note : "");
    }
    // Cut, but never inside a character.
    text[progress->columns] = '\0';
    snprintf(line, size, "%.*s", (int)utf8_valid_bytes(text, strlen(text)), text);
}

void progress_update(Progress *progress, size_t done, const char *note) {
    progress->done = progress->total > 0 && done > progress->total ? progress->total : done;
    const double time = clock_seconds(), seconds = time - progress->begun;
    // A log keeps what it gets: ten lines a second of it would bury the losses.
    const double pause = progress->terminal ? terminal_seconds : log_seconds;
    if (seconds < quiet_seconds || time - progress->shown < pause) return;
    char line[LINE_COLUMNS + 1];
    if (progress->terminal) progress->columns = room();
    progress_format(progress, seconds, note, line, sizeof line);
    // On a terminal the line is padded, so that nothing of a longer one before it remains.
    if (progress->terminal)
        fprintf(stderr, "\r%-*s", (int)progress->columns, line);
    else
        fprintf(stderr, "%s\n", line);
    progress->shown = time;
    progress->dirty = progress->terminal;
}

void progress_end(Progress *progress) {
    // Overwritten with blanks rather than an escape sequence, which dumb terminals print as text.
    if (progress->dirty) fprintf(stderr, "\r%*s\r", (int)progress->columns, "");
    progress->dirty = false;
}
