/* state_dict.h - a model out of a file of weights under PyTorch's names.
 *
 * The file is what safetensors.torch.save_file(model.state_dict(), ...) writes for a module with
 * the members src_embed, tgt_embed (nn.Embedding), transformer (nn.Transformer) and generator
 * (nn.Linear). Its shapes tell every size; how many heads there are and where the norms stand they
 * do not tell, so "heads" and "norm_first" ("0" or "1") must be in its __metadata__. Positions are
 * the paper's sines unless "positions" there says "none", "learned" or "rotary". Learned ones are
 * two more members, src_positions and tgt_positions (nn.Embedding, as long as each other), added to
 * the scaled embeddings. */
#ifndef STATE_DICT_H
#define STATE_DICT_H

#include "05_encoder_decoder/transformer.h"

/* config <- the file's sizes, heads, norm_first and positions; dropout 0, embeddings not tied. The
 * file may hold other tensors as well, as a checkpoint does. That the stacks' largest tensors fit
 * each other is checked here, so that a model of this config takes no more than a few times the
 * file's memory. */
bool state_dict_config(const Safetensors *file, TransformerConfig *config, Error *err);

/* A model with the file's sizes and weights, dropout 0, embeddings not tied. Any tensor missing, of
 * a shape that does not fit the others, or without a place in the model is an error that names it;
 * then NULL. Caller frees with transformer_free. */
Transformer *transformer_from_state_dict(const Safetensors *file, Error *err);

#endif
