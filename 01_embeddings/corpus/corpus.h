/* corpus.h - the built-in English-French sentence pairs, from a grammar of ours.
 *
 * The sentences are small but not trivial: the adjective changes sides ("a black cat", "un chat
 * noir", but "a small cat", "un petit chat"), articles, adjectives and participles agree, and "it"
 * is "il" or "elle" by what it stands for: "The animal didn't cross the street because it was too
 * tired / too wide". The words are in lexicon.c, the patterns in patterns.c.
 *
 * Which split a sentence is in is decided by the sentence alone, never by the draw:
 *   held out  two of its nouns, adjectives and verbs are one of the pairs that are kept apart (1 in
 *             HELD_OUT_ONE_IN of all pairs). No training sentence has both. Words and patterns are
 *             known from training, the combination is new.
 *   valid     1 in VALID_ONE_IN of the others, for choosing the best model; new, but nothing else
 *   train     the rest
 * So no two splits share a sentence, whatever the seeds; one seed draws the same sentences always.
 */
#ifndef EMBEDDINGS_CORPUS_H
#define EMBEDDINGS_CORPUS_H

#include "01_embeddings/corpus/grammar.h"
#include "common/files/pairs.h"

enum { HELD_OUT_ONE_IN = 24, VALID_ONE_IN = 32 };

typedef enum { CORPUS_TRAIN, CORPUS_VALID, CORPUS_HELD_OUT } CorpusSplit;

/* How many pairs a training program takes unless told otherwise. */
enum { CORPUS_TRAIN_PAIRS = 24000, CORPUS_VALID_PAIRS = 500, CORPUS_HELD_OUT_PAIRS = 500 };

/* Draws `count` distinct pairs, English in src, French in tgt; no English sentence comes twice. The
 * first four of the held-out split are the well-known "The animal didn't cross the street because
 * it was too tired / wide", "The cat drank the milk because it was hungry / sweet". Returns false,
 * and in err how many there are, when the grammar does not give that many. Call pairs_free. */
bool corpus_pairs(CorpusSplit split, uint64_t seed, size_t count, Pairs *pairs, Error *err);

/* The same with, for each pair, the pattern (an index) and what filled it: for tests and for
 * studying errors by pattern. The caller frees the array; texts belong to pairs. */
typedef struct {
    int pattern;
    Fillers fillers;
} CorpusOrigin;

bool corpus_pairs_with_origins(CorpusSplit split, uint64_t seed, size_t count, Pairs *pairs,
                               CorpusOrigin **origins, Error *err);

/* Whether the two words are kept apart; a word is not kept apart from itself. */
bool corpus_is_held_out(const Word *a, const Word *b);

#endif
