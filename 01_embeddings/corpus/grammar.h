/* grammar.h - from a pattern and words to a sentence in English and in French.
 *
 * A pattern is text with slots in braces. A slot is a capital letter, "A", or "As" for its plural;
 * ".form" asks for a form of a verb or adjective.
 *
 * English                                 French
 *   {A} {As}   noun or any other word       {A} {As}       noun or any other word, alone
 *   {the S}    "the man", but "she"         {le S}         "l'homme", but "elle"
 *   {V S}      "eat" or "eats", as S needs  {V S}          "mange", "mangeons", as S needs
 *   {is S}     any verb, named by its       {est S}        any verb, named by its il-form, present
 *              he-form; also {was S}        {était S}      or imparfait
 *   {V.past} {V.ing} {X.more}               {V.inf} {V.done} {V.order} {V.lets} {V.was S}
 *   {his S}    my, your, his, her, ...      {son S A X}    mon, ton, son, ... and noun, adjective
 *   {he S}     I, you, he, she, ...         {il S}         je, tu, il, elle, ...
 *   {him S}    me, you, him, her, ...       {clitic A}     le, la, les before a verb
 *                                           {se S}         me, te, se, nous
 *                                           {le A X}       a noun, its adjective in place; le, un,
 *                                                          ce, quel, tout, an owner, a number
 *                                           {X A} {X A+B}  the adjective as A, or both, need it
 *                                           {e A}          what a participle ends in: "", e, s, es
 *
 * What happens between neighbouring words is done last and everywhere, in slots and in plain text:
 * "le animal" becomes "l'animal", "de le roi" "du roi", "parce que il" "parce qu'il", "a apple" "an
 * apple"; then each sentence gets its capital. So a pattern is written as if it did not exist.
 */
#ifndef EMBEDDINGS_GRAMMAR_H
#define EMBEDDINGS_GRAMMAR_H

#include "01_embeddings/corpus/lexicon.h"
#include "common/array.h"

/* What stands in the slots: slot['A' - 'A'] and so on; NULL where a pattern has no such slot. */
typedef struct {
    const Word *slot[26];
} Fillers;

/* Writes the sentence into out, replacing what was there. A mistake in the pattern is a
 * programmer's error and named. */
void grammar_english(const char *pattern, const Fillers *fillers, ByteArray *out);
void grammar_french(const char *pattern, const Fillers *fillers, ByteArray *out);

enum { GRAMMAR_FORM_BYTES = 64 };

/* The `index`th of forms that stand beside each other with '|' between them; empty if there are not
 * so many. Returns text. */
const char *grammar_form(const char *forms, int index, char text[GRAMMAR_FORM_BYTES]);

#endif
