#include "common/files/line_stream.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/files/lines.h"

/* Reads what there is, after waiting for it. False: nothing came in time. */
static bool read_more(LineStream *s, int milliseconds, bool *failed) {
    char piece[65536];
    struct pollfd input = {.fd = s->fd, .events = POLLIN};
    int ready;
    do ready = poll(&input, 1, milliseconds);
    while (ready < 0 && errno == EINTR);
    if (ready == 0) return false;
    ssize_t got;
    do got = read(s->fd, piece, sizeof piece);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN)
        return true; // someone else's non-blocking descriptor: wait again
    *failed = got < 0;
    s->ended = got <= 0;
    if (got > 0) byte_array_append(&s->bytes, piece, (size_t)got);
    return true;
}

/* A line without an end, longer than a sentence may be, is kept as far as is needed to see that. A
 * text whose lines end in carriage returns is known as such only at its end, and is kept whole. */
static void drop_endless(LineStream *s) {
    enum { MARK = 3, KEPT = MARK + LINE_BYTES_MAX + 1 }; // the mark does not count
    if (s->bytes.count <= KEPT || memchr(s->bytes.data, '\r', s->bytes.count)) return;
    s->dropped += s->bytes.count - KEPT;
    s->bytes.count = KEPT;
}

/* Drops what was taken, before more is read. */
static void drop_taken(LineStream *s) {
    s->bytes.count -= s->taken;
    if (s->bytes.count) memmove(s->bytes.data, s->bytes.data + s->taken, s->bytes.count);
    s->taken = 0;
}

/* The end of the next line in what was read; NULL if it has not come yet. Only the end of the input
 * tells that a text has no newline at all. */
static const char *find_end(LineStream *s, size_t from) {
    const char *next = s->bytes.data + s->taken;
    const size_t left = s->bytes.count - s->taken;
    if (s->ended && s->line == 0 && !memchr(next, '\n', left)) s->returns = true;
    const char *end = memchr(next + from, s->returns ? '\r' : '\n', left - from);
    return end ? end : s->ended ? next + left : NULL;
}

LineResult line_stream_next(LineStream *s, int milliseconds, const char **text, size_t *length,
                            Error *err) {
    bool failed = false;
    size_t searched = 0; // bytes without an end: a long line is not searched again and again
    drop_taken(s);
    for (;;) {
        const char *end = s->bytes.count ? find_end(s, searched) : NULL;
        if (end) {
            const char *start = s->bytes.data;
            *length = (size_t)(end - start);
            s->taken = *length + (end < start + s->bytes.count); // and the end itself
            break;
        }
        if (s->ended) return LINE_END;
        drop_endless(s);
        searched = s->bytes.count;
        if (!read_more(s, milliseconds, &failed)) return LINE_PAUSE;
        if (failed) {
            error_set(err, "stdin: cannot read: %s", strerror(errno));
            return LINE_FAILED;
        }
        if (s->ended) searched = 0; // carriage returns may count now
    }
    *text = s->bytes.data;
    s->line++;
    s->offset = s->next_offset;
    s->next_offset += s->taken + s->dropped;
    if (*length && (*text)[*length - 1] == '\r') --*length;
    // Editors leave a byte order mark before the first line.
    if (s->line == 1 && *length >= 3 && memcmp(*text, "\xef\xbb\xbf", 3) == 0) {
        *text += 3;
        *length -= 3;
        s->offset += 3;
    }
    *length += s->dropped;
    s->dropped = 0;
    return LINE_TAKEN;
}

void line_stream_free(LineStream *stream) {
    free(stream->bytes.data);
    stream->bytes = (ByteArray){0};
}
