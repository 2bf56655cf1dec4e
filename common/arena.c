#define _DEFAULT_SOURCE // madvise
#include "common/arena.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/error.h"

/* 64 bytes are a cache line and the widest vector register; a large page on x86-64 has 2 MB. */
enum { ALIGNMENT = 64, FIRST_BLOCK = 1 << 20, HUGE_PAGE = 2 << 20, MOST_EXPECTED = 256 << 20 };

struct ArenaBlock {
    ArenaBlock *older;
    size_t capacity; // bytes after the header
};

/* Every piece begins on a cache line, where loads of whole vectors do not straddle two. */
static size_t round_up(size_t bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void *memory_alloc(size_t bytes) {
    // Large blocks ask for large pages: a step walks over hundreds of megabytes, and looking up
    // which page each address is on would cost more than some of the arithmetic.
    const size_t alignment = bytes < HUGE_PAGE ? ALIGNMENT : HUGE_PAGE;
    const size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    void *memory =
        rounded >= bytes ? aligned_alloc(alignment, rounded ? rounded : alignment) : NULL;
    if (!memory) {
        Error err;
        error_set(&err, "out of memory: %zu bytes asked for", bytes);
        error_exit(&err);
    }
#ifdef MADV_HUGEPAGE
    if (alignment == HUGE_PAGE) madvise(memory, rounded, MADV_HUGEPAGE); // a wish, not a need
#endif
    return memory;
}

void *memory_calloc(size_t bytes) {
    return memset(memory_alloc(bytes), 0, bytes);
}

/* The header takes a whole cache line, so that what follows is aligned too. */
static char *block_data(ArenaBlock *block) {
    return (char *)block + round_up(sizeof *block);
}

static ArenaBlock *block_new(size_t capacity, ArenaBlock *older) {
    ArenaBlock *block = memory_alloc(round_up(sizeof *block) + capacity);
    block->older = older;
    block->capacity = capacity;
    return block;
}

/* A block of at least so many bytes, the newest from now on. */
static void add_block(Arena *arena, size_t capacity, size_t bytes) {
    if (arena->spare && arena->spare->capacity >= bytes) {
        arena->spare->older = arena->block;
        arena->block = arena->spare;
        arena->spare = NULL;
    } else {
        arena->block = block_new(capacity > bytes ? capacity : bytes, arena->block);
    }
}

/* A pointer moved forward: no search for a hole, no bookkeeping per piece. What is left of a full
 * block is wasted until the reset, which merges all blocks into one. */
void *arena_alloc(Arena *arena, size_t bytes) {
    bytes = round_up(bytes);
    if (!arena->block || arena->block->capacity - arena->used < bytes) {
        // Doubling keeps the number of blocks, and of later merges, logarithmic.
        size_t capacity = arena->block ? 2 * arena->block->capacity : FIRST_BLOCK;
        add_block(arena, capacity, bytes);
        arena->used = 0;
    }
    void *memory = block_data(arena->block) + arena->used;
    arena->used += bytes;
    arena->total += bytes;
    if (arena->total > arena->peak) arena->peak = arena->total;
    return memory;
}

void arena_expect(Arena *arena, size_t bytes) {
    bytes = round_up(bytes);
    // Gigabytes may be had in parts, as they are needed, and not at once.
    if (bytes > MOST_EXPECTED) return;
    if (arena->block && arena->block->capacity - arena->used >= bytes) return;
    // Pages that are never touched cost nothing, and the next time may need a little more.
    add_block(arena, bytes + bytes / 4, bytes);
    arena->used = 0;
}

void *arena_calloc(Arena *arena, size_t bytes) {
    return memset(arena_alloc(arena, bytes), 0, bytes);
}

/* Gives up the blocks newer than `last`. The largest is kept aside: what has just been released is
 * as a rule asked for again, and the system would clear its pages each time. */
static void give_up_down_to(Arena *arena, const ArenaBlock *last) {
    while (arena->block != last) {
        ArenaBlock *block = arena->block, *smaller = block;
        arena->block = block->older;
        if (!arena->spare || arena->spare->capacity < block->capacity) {
            smaller = arena->spare;
            arena->spare = block;
        }
        free(smaller);
    }
}

static void free_spare(Arena *arena) {
    free(arena->spare);
    arena->spare = NULL;
}

void arena_reset(Arena *arena) {
    // One block for the most that was ever needed at once, blocks given back by arena_release
    // included: the next step, if it is like the last one, then asks the system for nothing.
    if (arena->block && (arena->block->older || arena->block->capacity < arena->peak)) {
        give_up_down_to(arena, NULL);
        const bool enough = arena->spare && arena->spare->capacity >= arena->peak;
        if (!enough) free_spare(arena); // before more is asked for: the two never exist together
        arena->block = enough ? arena->spare : block_new(arena->peak, NULL);
        arena->block->older = arena->spare = NULL;
    }
    arena->used = arena->total = 0;
}

/* Marks nest like calls. They let an operation borrow a large scratch area, such as a block of
 * logits, without growing the step's memory by it. */
ArenaMark arena_mark(const Arena *arena) {
    return (ArenaMark){arena->block, arena->used, arena->total};
}

void arena_release(Arena *arena, ArenaMark mark) {
    // Without a block at the mark everything goes, but the newest block is worth keeping.
    if (!mark.block) {
        arena_reset(arena);
        return;
    }
    give_up_down_to(arena, mark.block);
    arena->used = mark.used;
    arena->total = mark.total;
}

void arena_free(Arena *arena) {
    give_up_down_to(arena, NULL);
    free_spare(arena);
    *arena = (Arena){0};
}
