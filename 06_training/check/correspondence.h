/* correspondence.h - whether the lines of two texts translate each other, found out from the text
 * alone.
 *
 * In a parallel text some tokens of one side come with some of the other: "dog" with "Hund". So the
 * chance of each target token given each source token is learned (IBM's model 1; Brown et al. 1993,
 * "The Mathematics of Statistical Machine Translation") on one half of the pairs. In the other half
 * each source is shown two targets, its own and that of a pair far away. Its own shall fit better.
 * If the files do not belong together line by line, that is so in one of two cases, by chance.
 */
#ifndef CORRESPONDENCE_H
#define CORRESPONDENCE_H

#include "06_training/translator/encoded_pairs.h"

enum { CORRESPONDENCE_PARTS = 10 };

/* In the order of the text, part by part: how many pairs were judged, and in how many of them the
 * source's own target fits better. */
typedef struct {
    int judged[CORRESPONDENCE_PARTS], fits[CORRESPONDENCE_PARTS];
} Correspondence;

/* Learns from some thousand of the pairs of `learn` and judges those of `judged`; if both are the
 * same, each half is judged by what the other one says. offset: the target of pair i + offset is
 * taken for that of pair i, in both (for files that are shifted against each other). */
Correspondence correspondence_of(const EncodedPairs *learn, const EncodedPairs *judged, int offset);

/* How many pairs of each have a source that looks like the targets of `train` and a target that
 * looks like its sources, by how frequent their tokens are there. What most of its pairs do is the
 * right way round; if about as many do the contrary, what most validation pairs do. */
typedef struct {
    size_t train, valid;
} Exchanged;
Exchanged correspondence_exchanged(const EncodedPairs *train, const EncodedPairs *valid);

/* Of all judged pairs, or of part p: the share that fits; 0 judged gives 1. */
double correspondence_share(const Correspondence *c);
double correspondence_part(const Correspondence *c, int p);

int correspondence_judged(const Correspondence *c);

#endif
