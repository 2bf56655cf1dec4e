/* candidates.h - the few best ways to go on, in order. */
#ifndef CANDIDATES_H
#define CANDIDATES_H

/* A hypothesis (the beginning of a translation) with one more token. */
typedef struct {
    double score;   // ln P of everything so far, this token included
    int hypothesis; // which of those that go on
    int token;
} BeamCandidate;

/* best (count) <- none: scores of -infinity, which any other one is better than. */
void candidates_clear(BeamCandidate *best, int count);

/* Puts a new one in its place among best (count), which are in falling order, and the last goes;
 * nothing, if it is no better than that. Of equal ones the earlier stays in front. */
void candidates_insert(BeamCandidate *best, int count, BeamCandidate new);

#endif
