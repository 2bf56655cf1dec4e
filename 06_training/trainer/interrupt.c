#include "06_training/trainer/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* A handler has no argument of ours, so this cannot be anywhere else; and to set a flag is all that
 * is safe inside it. */
static volatile sig_atomic_t flag;

static void on_interrupt(int signal_number) {
    (void)signal_number;
    if (flag) _exit(130); // whoever presses Ctrl-C twice means it
    flag = 1;
}

/* SA_RESTART: writing a checkpoint goes on where the signal met it. */
static void handle(void (*handler)(int)) {
    const struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void interrupt_catch(void) {
    handle(on_interrupt);
    signal(SIGXFSZ, SIG_IGN);
}

void interrupt_release(void) {
    handle(SIG_DFL);
}

bool interrupted(void) {
    return flag != 0;
}
