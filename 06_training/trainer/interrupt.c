#include "06_training/trainer/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* The signal that came, or 0. A handler has no argument of ours, so this cannot be anywhere else;
 * and to set a flag is all that is safe inside it. */
static volatile sig_atomic_t flag;

static void on_interrupt(int signal_number) {
    if (flag) _exit(128 + signal_number); // whoever presses Ctrl-C twice means it
    flag = signal_number;
}

/* SA_RESTART: writing a checkpoint goes on where the signal met it. A SIGHUP that is ignored stays
 * so: that is what nohup is for. */
static void handle(void (*handler)(int)) {
    const struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    struct sigaction before;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (sigaction(SIGHUP, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
}

void interrupt_catch(void) {
    handle(on_interrupt);
    signal(SIGPIPE, SIG_IGN);
}

void interrupt_release(void) {
    handle(SIG_DFL);
}

bool interrupted(void) {
    return flag != 0;
}

int interrupt_status(void) {
    return flag ? 128 + flag : 0;
}
