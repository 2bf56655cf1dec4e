/* line_stream.h - lines as they arrive, for a program that answers while its input goes on.
 *
 * Line ends are those of lines.h, and so is a byte order mark at the start.
 */
#ifndef COMMON_LINE_STREAM_H
#define COMMON_LINE_STREAM_H

#include "common/array.h"
#include "common/error.h"

/* Begins as {.fd = FD}; ends with line_stream_free. */
typedef struct {
    int fd;
    ByteArray bytes;     // read and not taken
    size_t taken;        // of them
    size_t dropped;      // of the line that is being read, since it is too long
    size_t line, offset; // of the line that was taken last: its number, from 1, and where it begins
    size_t next_offset;  // where the next one does
    bool ended;          // nothing more will come
    bool returns;        // there are no newlines: carriage returns end the lines
} LineStream;

typedef enum {
    LINE_TAKEN,
    LINE_PAUSE,  // none has come in time
    LINE_END,    // there are no more
    LINE_FAILED, // reading failed; err says why, in the name of stdin
} LineResult;

/* The next line, without its end, as text[0 .. *length), valid until the next call; of one that is
 * longer than LINE_BYTES_MAX the rest may not be there. Waits for it so many milliseconds; -1:
 * until it comes. */
LineResult line_stream_next(LineStream *stream, int milliseconds, const char **text, size_t *length,
                            Error *err);
void line_stream_free(LineStream *stream);

#endif
