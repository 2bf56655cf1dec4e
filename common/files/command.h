/* command.h - another program, run without a shell, and never waited for for ever. */
#ifndef COMMON_COMMAND_H
#define COMMON_COMMAND_H

#include "common/array.h"

#include <stdbool.h>
#include <sys/types.h>

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

/* ---- Beside this program --------------------------------------------------------------------- */

/* One that nobody waits for. */
typedef struct {
    Command limits;             // what was asked for
    pid_t child;                // 0: there is none
    int listened;               // where what it says can be read
    double begun, worked, used; // when it began, and was last seen to work; its processor seconds
    ByteArray said;             // so far, followed by a NUL
} CommandProcess;

/* Starts it and returns at once; what command points to must stay until it is over. false: it could
 * not be started. In any case the process is given back with command_stop. */
bool command_start(const Command *command, CommandProcess *process);

/* Whether it is over by now, with *result; listens that long at most before it answers. To be asked
 * until it is true, and not again. One that has gone beyond its limits is ended. */
bool command_over(CommandProcess *process, int milliseconds, CommandResult *result);

/* Ends it where it is not over, and frees what it has said. */
void command_stop(CommandProcess *process);

#endif
