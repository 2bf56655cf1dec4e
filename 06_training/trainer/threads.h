/* threads.h - a handful of threads that wait for work.
 *
 * Parallelism lives in this chapter: the trainer cuts a batch into shards and gives each thread
 * one, and translating gives each a batch. No operation of the earlier chapters knows of threads.
 */
#ifndef THREADS_H
#define THREADS_H

#include <stddef.h>

typedef struct Threads Threads;

/* A team of `count` >= 1, the caller's thread included. The others start at the first threads_run,
 * so that a process may fork before. Caller frees with threads_free. */
Threads *threads_new(int count);
void threads_free(Threads *threads); // NULL is allowed

int threads_count(const Threads *threads);

/* Calls work(context, i) for every i in [0, count) at the same time, i = 0 on the calling thread,
 * each i always on the same thread, and returns when all are done. */
void threads_run(Threads *threads, void (*work)(void *context, int i), void *context);

/* The part of `count` things that thread i of n takes: all things, in order, in parts that differ
 * by one at most. Some are empty if there are fewer things than threads. */
typedef struct {
    size_t first, count;
} ThreadShare;

ThreadShare threads_share(size_t count, int i, int n);

#endif
