/* clock.h - how long something takes. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

/* Seconds since some moment in the past; only differences mean anything. */
double clock_seconds(void);

/* The same of the time that the calling thread has computed: what it waited for, and what other
 * programs did meanwhile, does not count. */
double clock_thread_seconds(void);

#endif
