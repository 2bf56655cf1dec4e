/* arena.h - memory that is handed out by moving a pointer and taken back all at once.
 *
 * A training step makes thousands of tensors that all die together when the step ends. An arena
 * gives them out without malloc and forgets them with one reset; after the first few steps it owns
 * one block large enough for a whole step and never asks the system again.
 */
#ifndef COMMON_ARENA_H
#define COMMON_ARENA_H

#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;

typedef struct {
    ArenaBlock *block; // the newest block; older, full ones hang behind it
    ArenaBlock *spare; // one that is not in use now; may be NULL
    size_t used;       // bytes given out of the newest block
    size_t total;      // bytes given out since the last reset
    size_t peak;       // the largest total so far
} Arena;

/* A place in the arena to return to: see arena_release. */
typedef struct {
    ArenaBlock *block;
    size_t used, total;
} ArenaMark;

/* bytes of uninitialised memory on a 64-byte boundary (a cache line, an AVX-512 register), valid
 * until arena_reset or arena_free. Never NULL: running out of memory ends the program with one
 * line. An Arena set to all zeros is ready for use. */
void *arena_alloc(Arena *arena, size_t bytes);

/* As arena_alloc, filled with zeros. */
void *arena_calloc(Arena *arena, size_t bytes);

/* Tells that about so many bytes will be asked for, so that one block is made for them at once, and
 * not one after the other until it is known how many there are. Nothing is allocated, and what
 * turns out to be more is had all the same. */
void arena_expect(Arena *arena, size_t bytes);

/* Forgets everything allocated and keeps the memory, merged into one block. */
void arena_reset(Arena *arena);

/* arena_release forgets what was allocated since arena_mark, as a stack would. */
ArenaMark arena_mark(const Arena *arena);
void arena_release(Arena *arena, ArenaMark mark);

/* Gives the memory back to the system; the arena is empty and usable afterwards. */
void arena_free(Arena *arena);

/* malloc and calloc for sizes that are not the user's input: they end the program with one line
 * when memory runs out. On a 64-byte boundary; free() gives it back. */
void *memory_alloc(size_t bytes);
void *memory_calloc(size_t bytes);

#endif
