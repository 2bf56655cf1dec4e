/* gpt_file.h - a language model with its characters as one file, and a run of it as another, from
 * which it goes on as if nothing had happened.
 */
#ifndef GPT_FILE_H
#define GPT_FILE_H

#include "01_embeddings/characters.h"
#include "05_encoder_decoder/gpt_model.h"
#include "06_training/gpt/gpt_settings.h"
#include "06_training/gpt/gpt_train.h"

/* All that is needed to write with a model. Zeros: none. */
typedef struct {
    Characters characters; // the i-th has id i
    Parameters parameters;
    GptModel *gpt;
} GptFile;

void gpt_file_free(GptFile *file);

/* model.safetensors: the weights under the video's names, characters and sizes as metadata. All or
 * nothing, both ways; whoever reads owns *file, to be freed with gpt_file_free. */
bool gpt_file_save(const char *path, const GptFile *file, Error *err);
bool gpt_file_load(const char *path, GptFile *file, Error *err);

/* What there is besides, while training. */
typedef struct {
    Optimizer *optimizer;
    Random random;
    GptPoint point;
    long seed;         // of dropout
    uint32_t text_crc; // of the ids of the text
    CharRow *rows;     // (row_count), those of the whole run: steps ascend
    size_t row_count, row_capacity;
} GptRun;

/* Appends a row, whose step is later than the last one's. */
void gpt_run_add_row(GptRun *run, const CharRow *row);

/* The rows; the optimizer is the trainer's. */
void gpt_run_free(GptRun *run);

/* state.safetensors: all of the above in one file. */
bool gpt_file_save_run(const char *path, const GptFile *file, const GptRun *run,
                       const GptSettings *settings, Error *err);

/* Takes the file back, in two parts, since the optimizer is made for the model's parameters: first
 * model, settings that were not given anew, and run without optimizer, where no other sizes were
 * given; then Adam's moments. A file of before there were rows has none. Whoever reads owns *run
 * too, to be freed with gpt_run_free, whether it could be read or not. */
bool gpt_file_load_run(const Safetensors *state, GptFile *file, GptRun *run, GptSettings *settings,
                       Error *err);
bool gpt_file_load_optimizer(const Safetensors *state, GptRun *run, Error *err);

#endif
