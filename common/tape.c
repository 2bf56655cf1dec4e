#include "common/tape.h"

void tape_walk_back(const GraphRecord *newest) {
    for (const GraphRecord *record = newest; record; record = record->previous)
        if (record->output->grad) record->go_back(record->saved);
}
