/* profile.h - where a thread's time goes, for whoever asks.
 *
 * The operations that a training step spends its time in say where they are, by profile_enter and
 * profile_leave. Nobody listens unless profile_use was called: then each such change reads the
 * clock, and what the thread has computed since the last one goes to the place that it was in.
 */
#ifndef COMMON_PROFILE_H
#define COMMON_PROFILE_H

typedef enum {
    PROFILE_WAITING, // for other threads, or for work
    PROFILE_PRODUCTS,
    PROFILE_ATTENTION, // with its products, which are small and many
    PROFILE_NORMS,
    PROFILE_LOSS,      // without its products
    PROFILE_OPTIMIZER, // and the sums of gradients over threads
    PROFILE_OTHER,     // what goes over numbers one by one: dropout, ReLU, sums, copies
    PROFILE_PLACES
} ProfilePlace;

typedef struct {
    double seconds[PROFILE_PLACES];
    double flop; // of the products, attention's not counted
    ProfilePlace place;
    double since;
} Profile;

/* From here on the calling thread's times are added to profile; it waits at first. NULL: no more.
 * What other programs did meanwhile does not count. */
void profile_use(Profile *profile);

/* Goes to a place, and back to where the thread was. Attention keeps what happens in it. */
ProfilePlace profile_enter(ProfilePlace place);
void profile_leave(ProfilePlace before);

/* profile_enter for a product of so many operations. */
ProfilePlace profile_enter_product(double flop);

#endif
