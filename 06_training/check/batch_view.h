/* batch_view.h - a batch printed as the model sees it: three aligned rows for each sentence. */
#ifndef BATCH_VIEW_H
#define BATCH_VIEW_H

#include "01_embeddings/bpe.h"
#include "05_encoder_decoder/transformer.h"

/* For each sentence of the batch: the source's pieces and ids and where it is masked; what the
 * decoder reads; what it is to say, and where that counts. As many places as fit into a line. */
void batch_view_print(const Bpe *bpe, Batch batch);

#endif
