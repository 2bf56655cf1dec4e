#include "06_training/trainer/ranks.h"

/* One rank has what rank 0 has, and its sums are the sums. */
void ranks_begin(void) {}

int ranks_count(void) {
    return 1;
}

int ranks_number(void) {
    return 0;
}

bool ranks_call(void) {
    return true;
}

bool ranks_wait(void) {
    return false;
}

void ranks_rest(void) {}

bool ranks_broadcast(void *data, size_t bytes) {
    (void)data;
    (void)bytes;
    return true;
}

bool ranks_sum(Parameters *parameters, double *loss) {
    (void)parameters;
    (void)loss;
    return true;
}
