/* ranks_mpi.c - ranks.h with Open MPI, in the place of ranks.c where `make MPI=1` builds. */
#include "06_training/trainer/ranks.h"

#include <mpi.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "06_training/trainer/interrupt.h"
#include "common/clock.h"

/* All calls of MPI are made by one thread of its own, the talker, and the others wait for it: when
 * a rank has died, MPI may not come back from a call, and rank 0 shall still save. A process has
 * one place among the ranks, so there is one of this. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    void (*talk)(void); // what the talker is to do; NULL: it is done
    atomic_bool given_up;
    bool at_work; // the others need this rank: it may not just end
    int count, number;
    int order;       // what `talk` is about, and its results
    char *data;      // (bytes)
    size_t bytes;    //
    double loss;     //
    Parameters *sum; //
} mpi = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .count = 1};

enum { GO_HOME, TO_WORK }; // orders of rank 0

/* ---- Waiting for the talker ------------------------------------------------------------------ */

static void *talker_main(void *unused) {
    pthread_mutex_lock(&mpi.lock);
    for (;;) {
        while (!mpi.talk) pthread_cond_wait(&mpi.changed, &mpi.lock);
        pthread_mutex_unlock(&mpi.lock);
        mpi.talk();
        pthread_mutex_lock(&mpi.lock);
        mpi.talk = NULL;
        pthread_cond_broadcast(&mpi.changed);
    }
    return unused;
}

/* Waits a little, or until something has changed. */
static void wait_a_little(void) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 20000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&mpi.changed, &mpi.lock, &until);
}

/* Whether the talker has done it. After a signal it is waited for a moment, since the others may
 * just be slower; but not long: mpirun, unless it is told otherwise, gives us one second. */
static bool talk(void (*what)(void)) {
    const double grace = 0.2;
    double signalled = 0;
    if (mpi.given_up) return false;
    pthread_mutex_lock(&mpi.lock);
    mpi.talk = what;
    pthread_cond_broadcast(&mpi.changed);
    while (mpi.talk && !mpi.given_up) {
        wait_a_little();
        if (!interrupted()) continue;
        if (signalled == 0) signalled = clock_seconds();
        if (mpi.talk && clock_seconds() - signalled > grace) mpi.given_up = true;
    }
    pthread_mutex_unlock(&mpi.lock);
    return !mpi.given_up;
}

/* ---- What the talker does -------------------------------------------------------------------- */

/* An error of MPI is another rank's end. mpirun is about to send its signal; if it does not, we do
 * as if it had. */
static void wait_for_signal(void) {
    static const struct timespec nap = {.tv_nsec = 10000000};
    for (int i = 0; i < 1000 && !interrupted(); i++) nanosleep(&nap, NULL);
    if (!interrupted()) raise(SIGTERM);
    while (!mpi.given_up) nanosleep(&nap, NULL);
}

/* MPI works while it is asked, so who waits for data asks again and again. Not without a pause: the
 * rank that is waited for may need this very processor. With `idle` it is rank 0 that takes
 * long. */
static void finish(int requests, MPI_Request *request, bool idle) {
    static const struct timespec nap = {.tv_nsec = 20000}, long_nap = {.tv_nsec = 500000};
    const double begun = clock_seconds();
    for (int done = 0; !done && !mpi.given_up;) {
        if (MPI_Testall(requests, request, &done, MPI_STATUSES_IGNORE) != MPI_SUCCESS)
            wait_for_signal();
        const double waited = clock_seconds() - begun;
        if (!done && waited > 0.0002) nanosleep(idle && waited > 0.02 ? &long_nap : &nap, NULL);
    }
}

static void initialize(void) {
    int provided;
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_size(MPI_COMM_WORLD, &mpi.count);
    MPI_Comm_rank(MPI_COMM_WORLD, &mpi.number);
}

static void finalize(void) {
    MPI_Finalize();
}

/* From rank 0 to the others, who wait for it. */
static void broadcast_order(void) {
    MPI_Request request;
    MPI_Ibcast(&mpi.order, 1, MPI_INT, 0, MPI_COMM_WORLD, &request);
    finish(1, &request, mpi.number > 0);
}

/* MPI counts with int: more than 2 GB go in pieces. */
static void broadcast(void) {
    enum { PIECE = 1 << 30 };
    for (size_t at = 0; at < mpi.bytes; at += PIECE) {
        const size_t left = mpi.bytes - at;
        MPI_Request request;
        MPI_Ibcast(mpi.data + at, left < PIECE ? (int)left : PIECE, MPI_BYTE, 0, MPI_COMM_WORLD,
                   &request);
        finish(1, &request, false);
    }
}

/* All tensors at once: the many small ones need not wait for each other's way over the network. */
static void sum(void) {
    const MPI_Datatype type = sizeof(real) == sizeof(double) ? MPI_DOUBLE : MPI_FLOAT;
    const int count = mpi.sum->count;
    MPI_Request *request = memory_alloc(((size_t)count + 1) * sizeof *request);
    for (int i = 0; i < count; i++)
        MPI_Iallreduce(MPI_IN_PLACE, mpi.sum->items[i]->grad, (int)mpi.sum->items[i]->size, type,
                       MPI_SUM, MPI_COMM_WORLD, &request[i]);
    MPI_Iallreduce(MPI_IN_PLACE, &mpi.loss, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD,
                   &request[count]);
    finish(count + 1, request, false);
    free(request);
}

/* ---- Beginning and end ----------------------------------------------------------------------- */

static bool give_order(int order) {
    mpi.order = order;
    return talk(broadcast_order);
}

/* MPI_Finalize waits for everybody. After a signal there may be nobody left, and from an error in
 * the middle of a step nobody would come: then this rank just ends, and mpirun ends the others. */
static void end(void) {
    if (interrupted() || mpi.at_work) return;
    if (mpi.number == 0 && !give_order(GO_HOME)) return;
    talk(finalize);
}

/* A signal is for rank 0, which may want to finish its step and save. The others stay until it is
 * gone: mpirun kills all that are left as soon as one has ended. */
void ranks_begin(void) {
    pthread_t talker;
    if (pthread_create(&talker, NULL, talker_main, NULL) != 0) return; // one rank, as without MPI
    talk(initialize);
    mpi.at_work = mpi.number > 0; // until it is sent home
    if (mpi.number > 0) {
        signal(SIGINT, SIG_IGN);
        signal(SIGTERM, SIG_IGN);
    }
    atexit(end);
}

/* ---- Talking --------------------------------------------------------------------------------- */

int ranks_count(void) {
    return mpi.count;
}

int ranks_number(void) {
    return mpi.number;
}

bool ranks_call(void) {
    mpi.at_work = true;
    return give_order(TO_WORK);
}

bool ranks_wait(void) {
    mpi.at_work = !talk(broadcast_order) || mpi.order == TO_WORK;
    return mpi.at_work;
}

/* The others are at work until they are sent home. */
void ranks_rest(void) {
    mpi.at_work = mpi.number > 0;
}

bool ranks_broadcast(void *data, size_t bytes) {
    mpi.data = data;
    mpi.bytes = bytes;
    return talk(broadcast);
}

bool ranks_sum(Parameters *parameters, double *loss) {
    mpi.sum = parameters;
    mpi.loss = *loss;
    if (!talk(sum)) return false;
    *loss = mpi.loss;
    return true;
}
