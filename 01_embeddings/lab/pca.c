#include "01_embeddings/lab/pca.h"

#include "common/arena.h"

#include <stdlib.h>

enum { ITERATIONS = 1000 };

/* covariance (E,E) of the points (N,E) around mean (E), which is computed on the way. */
static void covariance_of(const real *points, int N, int E, double *mean, double *covariance) {
    for (int e = 0; e < E; e++) {
        mean[e] = 0;
        for (int n = 0; n < N; n++) mean[e] += (double)points[n * E + e] / N;
    }
    for (int i = 0; i < E; i++)
        for (int j = 0; j < E; j++) {
            // How columns i and j vary together: the mean of the products of their deviations.
            double sum = 0;
            for (int n = 0; n < N; n++)
                sum +=
                    ((double)points[n * E + i] - mean[i]) * ((double)points[n * E + j] - mean[j]);
            covariance[i * E + j] = sum / N;
        }
}

/* y <- matrix x; returns |y|. */
static double multiply(const double *matrix, const double *x, int E, double *y) {
    double square = 0;
    for (int i = 0; i < E; i++) {
        y[i] = 0;
        for (int j = 0; j < E; j++) y[i] += matrix[i * E + j] * x[j];
        square += y[i] * y[i];
    }
    return sqrt(square);
}

/* Power iteration: multiplied by a symmetric matrix again and again, almost any vector turns into
 * the eigenvector of the largest eigenvalue, which is returned. vector (E), scratch (E). */
static double largest_eigenvector(const double *matrix, int E, double *vector, double *scratch) {
    for (int e = 0; e < E; e++) vector[e] = 1 + 0.01 * e; // hardly at right angles to anything
    double length = 0;
    for (int k = 0; k < ITERATIONS; k++) {
        length = multiply(matrix, vector, E, scratch);
        if (length == 0) break;                                      // all points are one
        for (int e = 0; e < E; e++) vector[e] = scratch[e] / length; // only the direction counts
    }
    int largest = 0;
    for (int e = 1; e < E; e++) largest = fabs(vector[e]) > fabs(vector[largest]) ? e : largest;
    if (vector[largest] < 0)
        for (int e = 0; e < E; e++) vector[e] = -vector[e];
    return length;
}

void pca_plane(const real *points, int N, int E, real *plane, double *share) {
    double *mean = memory_alloc((size_t)(E * E + 3 * E) * sizeof *mean);
    double *vector = mean + E, *scratch = vector + E, *covariance = scratch + E;
    covariance_of(points, N, E, mean, covariance);
    double whole = 0; // the variance in all directions: the diagonal's sum
    for (int e = 0; e < E; e++) whole += covariance[e * E + e];
    for (int axis = 0; axis < 2; axis++) {
        const double value = largest_eigenvector(covariance, E, vector, scratch);
        if (share) share[axis] = whole > 0 ? value / whole : 0;
        // Where each point lies along the axis.
        for (int n = 0; n < N; n++) {
            double along = 0;
            for (int e = 0; e < E; e++) along += ((double)points[n * E + e] - mean[e]) * vector[e];
            plane[n * 2 + axis] = (real)along;
        }
        // What lies along this direction is taken away, and the next is the largest of the rest.
        for (int i = 0; i < E; i++)
            for (int j = 0; j < E; j++) covariance[i * E + j] -= value * vector[i] * vector[j];
    }
    free(mean);
}
