/* kannada.h - Kannada written in Latin letters, and by rule in its own script.
 *
 *     eenu maaDabeeku?   ->   ಏನು ಮಾಡಬೇಕು?
 *
 * A consonant's letter says the vowel a with it. Another vowel is a sign after the letter, at the
 * beginning of a word a letter of its own, and none at all a sign as well, the virama. So what a
 * Latin letter becomes depends on its neighbours, and the lengths differ. Long vowels are doubled;
 * T, D, N, L are the ones said with the tongue bent back; kh, th, dh, bh are one letter.
 */
#ifndef KANNADA_H
#define KANNADA_H

#include "05_encoder_decoder/lab/teacher.h"

enum { KANNADA_BYTES = 256 };

/* kannada <- the text in its script. A letter that is none of those here is a programmer's error.
 * */
void kannada_write(char kannada[KANNADA_BYTES], const char *latin);

/* latin <- words of two to four syllables, which need not mean anything, with a space or sometimes
 * a comma and a space between them, and sometimes a question mark at the end. */
void kannada_draw(char latin[KANNADA_BYTES], int words, Random *random);

/* Characters are code points. How many ids there are on each side. */
int kannada_latin_vocabulary(void);
int kannada_script_vocabulary(void);

/* The characters of both as ids. */
SentencePair kannada_pair(const char *latin);

/* What the ids of the script say. */
const char *kannada_text(const int *ids, int length, char text[KANNADA_BYTES]);

#endif
