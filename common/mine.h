/* mine.h - which pieces of this build are the learner's, and what they do in it.
 *
 * `make MINE='03/attention' 06` puts a learner's pieces in the place of ours. The build then lists
 * their functions in a table of its own and compiles them with a call at each entry and exit
 * (-finstrument-functions), so that a program can tell which of them really ran, and which of them
 * it waited for. In an ordinary build the table is empty and nothing is counted.
 */
#ifndef COMMON_MINE_H
#define COMMON_MINE_H

#include <stdbool.h>
#include <stddef.h>

/* A function of a learner's piece. */
typedef struct {
    const char *piece; // "03/attention"
    const char *name;  // "scaled_dot_product_attention"
    void (*address)(void);
} MineFunction;

/* The table: in mine_table.c, or written by the build. The functions of a piece follow one
 * another. */
extern const MineFunction mine_functions[];
extern const size_t mine_function_count;

/* Whether the piece, such as "03/attention", is the learner's. */
bool mine_has(const char *piece);

/* What is called from here on, on all threads, counts as used in training (`on`) or elsewhere, as
 * everything does at first. */
void mine_count(bool on);

/* What a piece did. */
typedef struct {
    const char *piece;
    long calls;     // of its functions in training, from outside or from each other
    long elsewhere; // the same before, between and after
    double
        seconds; // in training, over all threads; what another piece took meanwhile is that one's
} MineUse;

/* uses <- one entry for each of the learner's pieces, at most `most`; returns how many. */
size_t mine_uses(MineUse *uses, size_t most);

#endif
