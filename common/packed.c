#include "common/packed.h"

#include <stdlib.h>

#include "common/arena.h"

/* A product and the sum it goes into are one instruction, as in BLAS, and rounded once. GCC, asked
 * for ISO C, makes two of them unless told. */
#ifdef __clang__
#pragma clang fp contract(fast)
#else
#pragma GCC optimize("fp-contract=fast")
#endif

/* As many numbers as a register holds, and a block of y that stays in registers while k runs:
 * BLOCK rows of PANEL columns. AVX-512 and NEON have 32 registers, AVX 16. */
#if defined __AVX512F__
enum { REGISTER = 64, BLOCK = 6, WIDE = 4 };
#elif defined __AVX__
enum { REGISTER = 32, BLOCK = 6, WIDE = 2 };
#elif defined __SSE__
enum { REGISTER = 16, BLOCK = 3, WIDE = 4 };
#else
enum { REGISTER = 16, BLOCK = 6, WIDE = 4 };
#endif

typedef real Lanes __attribute__((vector_size(REGISTER)));
typedef real LanesAnywhere __attribute__((vector_size(REGISTER), aligned(sizeof(real))));

enum { LANES = REGISTER / sizeof(real), PANEL = WIDE * LANES };

/* Panel after panel of PANEL rows of w each; within a panel the PANEL numbers of one k lie side by
 * side, in the order in which the product reads them. Rows that w does not have are zeros. */
struct PackedMatrix {
    int N, K;
    real *panels; // (ceil(N / PANEL),K,PANEL)
};

static int panel_count(int N) {
    return (N + PANEL - 1) / PANEL;
}

PackedMatrix *packed_new(const real *w, int N, int K) {
    PackedMatrix *packed = memory_alloc(sizeof *packed);
    const size_t size = (size_t)panel_count(N) * (size_t)K * PANEL;
    *packed = (PackedMatrix){N, K, memory_calloc(size * sizeof(real))};
    for (int n = 0; n < N; n++) {
        real *to = packed->panels + (size_t)(n / PANEL) * (size_t)K * PANEL + n % PANEL;
        for (int k = 0; k < K; k++) to[(size_t)k * PANEL] = w[(size_t)n * (size_t)K + (size_t)k];
    }
    return packed;
}

void packed_free(PackedMatrix *packed) {
    if (!packed) return;
    free(packed->panels);
    free(packed);
}

bool packed_begins_at(const PackedMatrix *packed, int first) {
    return first % PANEL == 0 && first < packed->N;
}

/* `rows` <= BLOCK rows of x times one panel: y (rows,PANEL) at a distance of ldy. Inlined with
 * `rows` a constant, so that all sums are registers. */
static inline __attribute__((always_inline)) void
block(int rows, real *y, size_t ldy, const real *x, size_t K, const real *panel, const real *bias) {
    Lanes sum[BLOCK][WIDE];
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < WIDE; i++) sum[r][i] = *(const LanesAnywhere *)(bias + i * LANES);
    for (size_t k = 0; k < K; k++) {
        const Lanes *w = (const Lanes *)(panel + k * PANEL);
        for (int r = 0; r < rows; r++)
            for (int i = 0; i < WIDE; i++) sum[r][i] += x[(size_t)r * K + k] * w[i];
    }
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < WIDE; i++)
            *(LanesAnywhere *)(y + (size_t)r * ldy + i * LANES) = sum[r][i];
}

static void block_of(int rows, real *y, size_t ldy, const real *x, size_t K, const real *panel,
                     const real *bias) {
    switch (rows) {
    case 1:
        block(1, y, ldy, x, K, panel, bias);
        break;
    case 2:
        block(2, y, ldy, x, K, panel, bias);
        break;
    case 3:
        block(3, y, ldy, x, K, panel, bias);
        break;
    case 4:
        block(BLOCK < 4 ? BLOCK : 4, y, ldy, x, K, panel, bias);
        break;
    case 5:
        block(BLOCK < 5 ? BLOCK : 5, y, ldy, x, K, panel, bias);
        break;
    default:
        block(BLOCK, y, ldy, x, K, panel, bias);
        break;
    }
}

/* A panel at a time, for all rows of x: it is read from memory once, and then from the nearest
 * cache. The last panel may be wider than what is wanted of it: it goes by way of a block of its
 * own. */
void packed_product(real *y, const real *x, int M, const PackedMatrix *packed, const real *bias,
                    int first, int count) {
    const size_t K = (size_t)packed->K;
    const ProfilePlace before = profile_enter_product(2.0 * M * count * packed->K);
    for (int n = 0; n < count; n += PANEL) {
        const int columns = count - n < PANEL ? count - n : PANEL;
        const real *panel = packed->panels + (size_t)(first + n) * K;
        real start[PANEL] = {0}, edge[BLOCK * PANEL];
        if (bias) memcpy(start, bias + first + n, (size_t)columns * sizeof(real));
        for (int m = 0; m < M; m += BLOCK) {
            const int rows = M - m < BLOCK ? M - m : BLOCK;
            const real *from = x + (size_t)m * K;
            real *to = y + (size_t)m * (size_t)count + n;
            if (columns == PANEL) {
                block_of(rows, to, (size_t)count, from, K, panel, start);
                continue;
            }
            block_of(rows, edge, PANEL, from, K, panel, start);
            for (int r = 0; r < rows; r++)
                memcpy(to + (size_t)r * (size_t)count, edge + r * PANEL,
                       (size_t)columns * sizeof(real));
        }
    }
    profile_leave(before);
}
