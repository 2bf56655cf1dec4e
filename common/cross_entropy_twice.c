#include "common/cross_entropy_twice.h"

#include "common/cross_entropy.h"

/* ln p - ln p' is the difference of the logits less that of the log-sums, and that one is what the
 * two losses tell: no logarithm per class. p is the gradient, p - q, and q. */
double cross_entropy_twice_row(real *first, real *second, real *difference, const real *bias,
                               real *dbias, size_t V, int target, LabelSmoothing q,
                               real consistency) {
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < V; i++) {
        difference[i] = first[i] - second[i]; // the bias is the same in both
        sum += difference[i];
    }
    const double loss = cross_entropy_row(first, bias, dbias, V, target, q.certainty, q.share);
    const double again = cross_entropy_row(second, bias, dbias, V, target, q.certainty, q.share);
    const real shift =
        (real)(loss - again + (double)(q.certainty * difference[target] + q.share * sum));
    first[target] += q.certainty; // now both rows are p - share
    second[target] += q.certainty;
    real forth = 0, back = 0;
#pragma omp simd reduction(+ : forth, back)
    for (size_t i = 0; i < V; i++) {
        difference[i] -= shift; // ln p - ln p'
        forth += (first[i] + q.share) * difference[i];
        back -= (second[i] + q.share) * difference[i];
    }
    const real half = consistency / 2;
    for (size_t i = 0; i < V; i++) {
        const real p = first[i] + q.share, other = second[i] + q.share;
        const real to_first = half * (p * (difference[i] - forth) + p - other);
        const real to_second = half * (other * (-difference[i] - back) + other - p);
        first[i] += to_first;
        second[i] += to_second;
        if (dbias) dbias[i] += to_first + to_second;
    }
    first[target] -= q.certainty;
    second[target] -= q.certainty;
    return loss + again + (double)(half * (forth + back));
}
