/* shift_right.h - what a decoder reads is what it is to say, moved one place to the right. */
#ifndef SHIFT_RIGHT_H
#define SHIFT_RIGHT_H

/* out (B,T): every row of ids (B,T) moved one place to the right, `first` in the place that is
 * free, the last id gone. So place t of the decoder reads what place t - 1 is to say, and one pass
 * trains all places ("teacher forcing"). */
void shift_right(int *out, const int *ids, int B, int T, int first);

#endif
