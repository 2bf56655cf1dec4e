#include "common/mine.h"

#include "common/clock.h"

#include <stdatomic.h>
#include <string.h>

enum { FUNCTIONS_MAX = 256, DEPTH_MAX = 64 };

static atomic_bool counting;
static atomic_long calls[FUNCTIONS_MAX], elsewhere[FUNCTIONS_MAX], nanoseconds[FUNCTIONS_MAX];

/* The learner's functions that this thread is in, the innermost last, and since when: time goes to
 * the innermost one, so that a piece that calls another is not blamed for it. */
static _Thread_local int inside[DEPTH_MAX], depth;
static _Thread_local double since;

bool mine_has(const char *piece) {
    for (size_t i = 0; i < mine_function_count; i++)
        if (strcmp(mine_functions[i].piece, piece) == 0) return true;
    return false;
}

void mine_count(bool on) {
    atomic_store(&counting, on);
}

size_t mine_uses(MineUse *uses, size_t most) {
    size_t count = 0;
    for (size_t i = 0; i < mine_function_count; i++) {
        const MineFunction *f = &mine_functions[i];
        if (i == 0 || strcmp(f->piece, mine_functions[i - 1].piece) != 0) {
            if (count == most) break;
            uses[count++] = (MineUse){.piece = f->piece};
        }
        uses[count - 1].calls += atomic_load(&calls[i]);
        uses[count - 1].elsewhere += atomic_load(&elsewhere[i]);
        uses[count - 1].seconds += 1e-9 * (double)atomic_load(&nanoseconds[i]);
    }
    return count;
}

/* ---- Called by the compiler ------------------------------------------------------------------ */

/* The table's index of a function; -1: a helper of the learner's, which is its caller's affair. */
static int index_of(const void *function) {
    for (size_t i = 0; i < mine_function_count && i < FUNCTIONS_MAX; i++) {
        const void *address;
        memcpy(&address, &mine_functions[i].address, sizeof address); // a pointer of another kind
        if (address == function) return (int)i;
    }
    return -1;
}

void __cyg_profile_func_enter(void *function, void *call_site);
void __cyg_profile_func_exit(void *function, void *call_site);

/* The time since the last entry or exit goes to the function that the thread was in. */
static void charge(void) {
    const double now = clock_seconds();
    if (depth > 0)
        atomic_fetch_add_explicit(&nanoseconds[inside[depth - 1]], (long)(1e9 * (now - since)),
                                  memory_order_relaxed);
    since = now;
}

void __cyg_profile_func_enter(void *function, void *call_site) {
    (void)call_site;
    const int i = index_of(function);
    if (i < 0) return;
    if (!atomic_load_explicit(&counting, memory_order_relaxed)) {
        atomic_fetch_add_explicit(&elsewhere[i], 1, memory_order_relaxed);
        return;
    }
    if (depth == DEPTH_MAX) return;
    charge();
    atomic_fetch_add_explicit(&calls[i], 1, memory_order_relaxed);
    inside[depth++] = i;
}

/* A function may have been entered before counting began: only the innermost that was counted can
 * end. */
void __cyg_profile_func_exit(void *function, void *call_site) {
    (void)call_site;
    if (depth == 0 || index_of(function) != inside[depth - 1]) return;
    charge();
    depth--;
}
