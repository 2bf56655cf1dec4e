#include "04_multihead/lab/patches.h"

void patches_cut(real *patches, const real *image, int side, int p) {
    const int across = side / p;
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            // Row y and column x fall into patch (y/p, x/p), and there on pixel (y%p, x%p).
            patches[((y / p * across + x / p) * p + y % p) * p + x % p] = image[y * side + x];
}
