/* gpt_settings.h - everything about a run of gpt that one can choose, and the named choices. */
#ifndef GPT_SETTINGS_H
#define GPT_SETTINGS_H

#include "common/files/options.h"
#include "common/files/safetensors.h"

/* In the order of the video; the last is no stage of it, but a model of one's own sizes. */
typedef enum {
    GPT_STAGE_BIGRAM,
    GPT_STAGE_POSITION,
    GPT_STAGE_HEAD,
    GPT_STAGE_HEADS,
    GPT_STAGE_FF,
    GPT_STAGE_BLOCKS,
    GPT_STAGE_NORM,
    GPT_STAGE_FREE
} GptStage;

enum { GPT_SETTINGS_COUNT = 20 }; // options

typedef struct {
    const char *text;
    const char *model, *from;        // files: to write with, without training; to begin with
    const char *stage_name, *preset; // NULL: none was given
    const char *prompt;              // NULL: character 0
    GptStage stage;
    long block, batch, d_model, heads, layers; // 0: this stage has none
    double dropout, lr, temperature;
    long steps, stop_after, eval_every, eval_iters, generate;
    bool resume;
    bool given[GPT_SETTINGS_COUNT]; // on the command line, in the order of the option table
} GptSettings;

/* "bigram", ..., "norm", "gpt". */
const char *gpt_settings_stage_name(GptStage stage);

/* Reads the command line over the numbers of its stage or preset, and checks what no single option
 * can. A mistake ends the program, with status 2 where it is one of usage. */
void gpt_settings_parse(int argc, char **argv, CommonOptions *common, GptSettings *settings);

/* Records what resuming needs as metadata "train.NAME"; gpt_settings_restore takes it back, except
 * for what was given on the command line. */
void gpt_settings_describe(const GptSettings *settings, SafetensorsWriter *writer);
bool gpt_settings_restore(GptSettings *settings, const Safetensors *file, Error *err);

/* Whether the sizes given on the command line are those of the saved model, which a resumed run
 * keeps; if not, err names the first that differs, in the name of the file at path. */
bool gpt_settings_agree(const GptSettings *settings, const GptSettings *saved, const char *path,
                        Error *err);

#endif
