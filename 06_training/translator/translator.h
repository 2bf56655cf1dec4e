/* translator.h - a model with its tokenizer, and the one file that holds both. */
#ifndef TRANSLATOR_H
#define TRANSLATOR_H

#include <stdint.h>

#include "01_embeddings/bpe.h"
#include "05_encoder_decoder/transformer.h"

typedef struct {
    Transformer *model;
    Bpe *bpe;
    int max_length;    // tokens per sentence, end mark included
    int length_factor; // a translation may have so many tokens for each of the source, and ten more
    uint32_t trained_on; // the checksum of the training pairs (pairs_crc32); 0: not known
} Translator;

/* Adds to a file being written what a model file has: the parameters under PyTorch's names, and in
 * the metadata config, tokenizer and, for readers that know only nn.Transformer, heads and
 * norm_first. */
void translator_describe(const Translator *translator, SafetensorsWriter *writer);

/* Reads a model file, or any file that translator_describe contributed to. On success the caller
 * frees with translator_free. */
bool translator_load(const char *path, Translator *translator, Error *err);

/* The same from a file that is already open; unless strict it may hold more, as a checkpoint
 * does. */
bool translator_read(const Safetensors *file, bool strict, Translator *translator, Error *err);
void translator_free(Translator *translator);

/* Whether b's weights can take the place of a's: the same tokenizer, tensors and choices. */
bool translator_alike(const Translator *a, const Translator *b);

/* Writes the model file, all or nothing. */
bool translator_save(const Translator *translator, const char *path, Error *err);

#endif
