/* pronoun.h - "the animal didn't cross the street because it was too wide": what is it?
 *
 * The adjective decides, and it stands after `it`; the answer is one of the two nouns before. So
 * `it` must look forwards and back at once. French cannot write such a sentence without knowing:
 * it is il or elle, as the noun is masculine or feminine. The sentences are Alammar's ("The
 * Illustrated Transformer") and Doshi's ("Transformers Explained Visually"), and many like them.
 */
#ifndef PRONOUN_H
#define PRONOUN_H

#include "04_multihead/lab/sentences.h"
#include "common/screen/plot.h"

/* Every sentence of the family, cut into those for training and those held out: one in five chosen
 * by a hash of its words, and the four that Alammar and Doshi print. */
typedef struct {
    Question *train, *held_out;
    int train_count, held_out_count;
} PronounSentences;

PronounSentences pronoun_sentences(void);
void pronoun_sentences_free(PronounSentences *sentences);

/* The published sentence i of PRONOUN_PUBLISHED. */
enum { PRONOUN_PUBLISHED = 4 };
Question pronoun_published(int i);

/* The places in the sentence of the noun `it` stands for, of the other noun, of the adjective. */
typedef struct {
    int referent, other, adjective;
} PronounPlaces;
PronounPlaces pronoun_places(const Question *question);

/* The noun (a word id) that a class of the model's answer stands for, and "il" or "elle" for it. */
int pronoun_noun(int answer);
const char *pronoun_french(int answer);

/* A model trained on sentences.train to name the noun: `steps` steps of AdamW. nhead must divide
 * 32, the width. Uses and resets the current graph. */
QuestionModel *pronoun_train(const PronounSentences *sentences, int num_layers, int nhead,
                             int steps, uint64_t seed);

/* The weights with which `it` looks at each word of the question, one row per head of a layer:
 * rows (nhead,length), in the current graph, which is reset first. Returns the model's answer. */
int pronoun_attention(const QuestionModel *model, const Question *question, int layer,
                      const real **rows);

/* Prints what the model takes `it` for and, as a heat-map, the rows of pronoun_attention, which it
 * leaves in *rows. Returns whether the noun is right. */
bool pronoun_print(const QuestionModel *model, const Question *question, int layer,
                   const real **rows);

/* The largest weight that any of the rows (H,T) of pronoun_attention gives to word t. */
double pronoun_most(const real *rows, int H, int T, int t);

/* One picture of two sentences that differ in their last word only: a map of each, rows[i]
 * (PRONOUN_HEADS,length), a row for each head, under titles[i]. question is one of the two; last is
 * written where they differ. Of the picture the caller sets name, directory and caption. */
enum { PRONOUN_HEADS = 2 };
void pronoun_draw(Picture picture, const real *const rows[2], const char *const titles[2],
                  const Question *question, const char *last);

/* The model's accuracy on the held-out sentences with one head of a layer silenced: its columns of
 * W^O are zero meanwhile, so that it adds nothing. */
double pronoun_accuracy_without(const QuestionModel *model, const PronounSentences *sentences,
                                int layer, int head);

/* How the last layer of a model looks at the held-out sentences, averaged over them: the largest
 * weight that any head gives to the noun it stands for, to the other noun, to the adjective. */
typedef struct {
    double referent, other, adjective;
} PronounFocus;
PronounFocus pronoun_focus(const QuestionModel *model, const PronounSentences *sentences);

#endif
