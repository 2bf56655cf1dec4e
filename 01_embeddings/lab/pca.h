/* pca.h - the two directions in which a cloud of points spreads most, to draw it on paper. */
#ifndef EMBEDDINGS_PCA_H
#define EMBEDDINGS_PCA_H

#include "common/real.h"

/* points (N,E) -> plane (N,2): each point, the mean subtracted, along the two eigenvectors of the
 * covariance matrix with the largest eigenvalues (Pearson 1901; Hotelling 1933). share (2), unless
 * NULL, receives the part of the whole variance that lies along each. The sign of an eigenvector is
 * arbitrary: its largest entry is made positive, so that a picture does not flip between runs. */
void pca_plane(const real *points, int N, int E, real *plane, double *share);

#endif
