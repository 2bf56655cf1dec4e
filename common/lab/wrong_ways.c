#include "common/lab/wrong_ways.h"

const char *way_name(Way way) {
    static const char *const names[WAYS] = {"right", "forgets a factor p", "wrong sign",
                                            "does nothing"};
    return names[way];
}

void way_back(Way way, const double *p, const double *dp, size_t n, double *dx) {
    double dot = 0;
    for (size_t i = 0; i < n; i++) dot += dp[i] * p[i];
    for (size_t i = 0; i < n; i++) {
        const double left = dp[i] - dot;
        dx[i] = way == WAY_RIGHT        ? p[i] * left
                : way == WAY_WITHOUT_P  ? left
                : way == WAY_WRONG_SIGN ? -p[i] * left
                                        : 0;
    }
}
