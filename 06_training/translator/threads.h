/* threads.h - a handful of threads that wait for work.
 *
 * Parallelism lives in the trainer: it cuts a batch into shards and gives each thread one. Nothing
 * below it knows of threads.
 */
#ifndef COMMON_THREADS_H
#define COMMON_THREADS_H

typedef struct Threads Threads;

/* A team of `count` >= 1, the caller's thread included. The others start at the first threads_run,
 * so that a process may fork before. Caller frees with threads_free. */
Threads *threads_new(int count);
void threads_free(Threads *threads); // NULL is allowed

int threads_count(const Threads *threads);

/* Calls work(context, i) for every i in [0, count) at the same time, i = 0 on the calling thread,
 * each i always on the same thread, and returns when all are done. */
void threads_run(Threads *threads, void (*work)(void *context, int i), void *context);

#endif
