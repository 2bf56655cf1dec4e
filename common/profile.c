#include "common/profile.h"

#include "common/clock.h"

static _Thread_local Profile *current;

/* The time since the last change goes to where the thread was. */
static void go_to(ProfilePlace place) {
    const double now = clock_thread_seconds();
    current->seconds[current->place] += now - current->since;
    current->place = place;
    current->since = now;
}

void profile_use(Profile *profile) {
    if (current) go_to(PROFILE_WAITING);
    current = profile;
    if (!profile) return;
    profile->place = PROFILE_WAITING;
    profile->since = clock_thread_seconds();
}

/* Attention's small products would otherwise read the clock more often than they are worth. */
ProfilePlace profile_enter(ProfilePlace place) {
    if (!current) return place;
    const ProfilePlace before = current->place;
    if (before != place && before != PROFILE_ATTENTION) go_to(place);
    return before;
}

void profile_leave(ProfilePlace before) {
    if (current && current->place != before) go_to(before);
}

ProfilePlace profile_enter_product(double flop) {
    if (current && current->place != PROFILE_ATTENTION) current->flop += flop;
    return profile_enter(PROFILE_PRODUCTS);
}
