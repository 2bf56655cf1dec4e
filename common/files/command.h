/* command.h - another program, run without a shell, and never waited for for ever. */
#ifndef COMMON_COMMAND_H
#define COMMON_COMMAND_H

#include "common/array.h"

typedef enum {
    COMMAND_DONE,    // with status 0
    COMMAND_FAILED,  // with another one, or by a signal
    COMMAND_MISSING, // it could not be started
    COMMAND_HANGS,   // it took too long, and was ended
} CommandResult;

typedef struct {
    const char *const *argv; // the program, found in $PATH, its arguments, NULL
    const char *folder;      // to run in; NULL: this one
    int stream;              // the one that is listened to, 1 or 2; the other goes nowhere
    double idle, total;      // most seconds without using the processor, and in all
} Command;

/* Runs it with nothing on its standard input. said <- what it writes to the stream, followed by a
 * NUL; the caller frees said->data. */
CommandResult command_run(const Command *command, ByteArray *said);

#endif
