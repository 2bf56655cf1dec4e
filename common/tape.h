/* tape.h - the walk back over what a graph has recorded. */
#ifndef COMMON_TAPE_H
#define COMMON_TAPE_H

#include "common/tensor.h"

/* Calls go_back(saved) of each record from the newest to the oldest, which takes the gradient of
 * the record's output and adds to those of its operation's inputs. Creation order is a topological
 * order: when a record's turn comes, the gradient of its output is complete. An output that nothing
 * has flowed into (its grad is NULL) contributes nothing, so its record is passed over. */
void tape_walk_back(const GraphRecord *newest);

#endif
