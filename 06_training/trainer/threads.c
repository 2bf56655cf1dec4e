#include "06_training/trainer/threads.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/arena.h"
#include "common/profile.h"

/* A team of threads that waits between rounds: every step of a training needs it several times, and
 * waking a thread takes less than starting one. */
typedef struct {
    Threads *team;
    int index;
    pthread_t thread;
} Member;

struct Threads {
    int count;
    Member *members; // members[0] stands for the caller and is never started
    bool started, ending;
    pthread_mutex_t lock;
    pthread_cond_t work_given, work_done;
    unsigned long round; // counts threads_run, so that a member sees that there is new work
    int busy;            // members still at work in this round
    void (*work)(void *context, int i);
    void *context;
};

/* Nothing is started yet: a program that turns out to need one thread has one. */
Threads *threads_new(int count) {
    Threads *team = memory_calloc(sizeof *team);
    team->count = count;
    team->members = memory_calloc((size_t)count * sizeof *team->members);
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->work_given, NULL);
    pthread_cond_init(&team->work_done, NULL);
    return team;
}

int threads_count(const Threads *threads) {
    return threads->count;
}

/* What a thread does here is no waiting, for whoever measures. */
static void do_share(Threads *team, int i) {
    const ProfilePlace before = profile_enter(PROFILE_OTHER);
    team->work(team->context, i);
    profile_leave(before);
}

/* `seen` is what makes a wake-up real: condition variables may wake for no reason, and a member
 * that is late must not do a round twice. */
static void *member_main(void *argument) {
    Member *member = argument;
    Threads *team = member->team;
    unsigned long seen = 0;
    pthread_mutex_lock(&team->lock);
    for (;;) {
        while (team->round == seen && !team->ending)
            pthread_cond_wait(&team->work_given, &team->lock);
        if (team->ending) break;
        seen = team->round;
        pthread_mutex_unlock(&team->lock);
        do_share(team, member->index);
        pthread_mutex_lock(&team->lock);
        if (--team->busy == 0) pthread_cond_signal(&team->work_done);
    }
    pthread_mutex_unlock(&team->lock);
    return NULL;
}

/* Failing here is the machine's fault and leaves nothing to fall back on: parts of the batch would
 * never be computed. */
static void start(Threads *team) {
    team->started = true;
    for (int i = 1; i < team->count; i++) {
        team->members[i] = (Member){.team = team, .index = i};
        if (pthread_create(&team->members[i].thread, NULL, member_main, &team->members[i]) != 0) {
            fprintf(stderr, "cannot start thread %d of %d\n", i + 1, team->count);
            exit(1);
        }
    }
}

/* The caller works as number 0, so n threads keep n cores busy, and waits for the others at the
 * end. The lock also orders memory: what the caller wrote before is seen by all, what they wrote
 * is seen after. */
void threads_run(Threads *team, void (*work)(void *context, int i), void *context) {
    if (!team->started) start(team);
    pthread_mutex_lock(&team->lock);
    team->work = work;
    team->context = context;
    team->busy = team->count - 1;
    team->round++;
    pthread_cond_broadcast(&team->work_given);
    pthread_mutex_unlock(&team->lock);
    do_share(team, 0);
    pthread_mutex_lock(&team->lock);
    while (team->busy > 0) pthread_cond_wait(&team->work_done, &team->lock);
    pthread_mutex_unlock(&team->lock);
}

/* Each share begins where the one before it ends, whatever is lost in the division. */
ThreadShare threads_share(size_t count, int i, int n) {
    const size_t first = count * (size_t)i / (size_t)n;
    return (ThreadShare){first, count * (size_t)(i + 1) / (size_t)n - first};
}

/* Members blocked in their wait see `ending` and leave; only then is the lock nobody's. */
void threads_free(Threads *team) {
    if (!team) return;
    pthread_mutex_lock(&team->lock);
    team->ending = true;
    pthread_cond_broadcast(&team->work_given);
    pthread_mutex_unlock(&team->lock);
    for (int i = 1; i < team->count && team->started; i++)
        pthread_join(team->members[i].thread, NULL);
    pthread_mutex_destroy(&team->lock);
    pthread_cond_destroy(&team->work_given);
    pthread_cond_destroy(&team->work_done);
    free(team->members);
    free(team);
}
