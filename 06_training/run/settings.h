/* settings.h - everything about a training run that one can choose, and the named choices. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "05_encoder_decoder/transformer.h"
#include "common/files/options.h"
#include "common/files/safetensors.h"

enum { SETTINGS_COUNT = 34 }; // options

typedef struct {
    const char *preset;
    long d_model, heads, layers, ff; // layers: in the encoder, and as many in the decoder
    double dropout, label_smoothing;
    double r_drop; // weight of its consistency loss; 0: sentences are read once, see batch_step.h
    const char *dropout_at; // "everywhere" or "residual", see LayerConfig
    bool norm_first;
    const char *positions; // "none", "sinusoid", "learned" or "rotary", see positions.h
    const char *attention; // "fused" or "composed", see attention_kind.h
    const char *optimizer; // "adam" or "muon", see optimizer_use_muon
    double lr;             // at its peak
    long warmup;           // steps to get there
    double clip;           // largest gradient norm; 0: none
    long batch_tokens;     // per side, padding included
    long vocab;            // shared by both languages
    long max_length;       // tokens per sentence
    long epochs, steps;    // stop at whichever comes first; 0: no limit
    double minutes;        // of training, over all processes; 0: no limit
    const char *schedule;  // "linear" or "inverse-sqrt", see budget.h
    long stop_after;       // steps after which to pause, whatever the budget; 0: never
    long average;          // epochs whose weights are averaged at the end
    const char *tok;       // of validation BLEU: "auto", or a name of bleu_tokenize.h
    const char *src, *tgt, *valid_src, *valid_tgt, *data, *valid_data;
    bool resume, check;
    bool by_size; // no preset was named: vocabulary and batches follow from the data (sizing.h)
    bool limits_given; // epochs, steps or minutes were, so that they are all the limits there are
    bool new_limits, new_lr;    // a resumed run was given others than it had
    bool given[SETTINGS_COUNT]; // on the command line, in the order of the option table
} Settings;

/* Reads the command line, fills what was not given from the preset ("tiny" for data of the user's,
 * "demo" for the built-in corpus), and checks what no single option can. A mistake ends the program
 * with status 2. */
void settings_parse(int argc, char **argv, CommonOptions *common, Settings *settings);

/* Fills settings from a preset's numbers alone: demo, tiny, small, thorough or base. */
void settings_preset(const char *name, Settings *settings);

/* Whether the option of that name (without dashes) was on the command line. */
bool settings_given(const Settings *settings, const char *option);

/* The model that the settings ask for, with one vocabulary for both languages. */
TransformerConfig settings_config(const Settings *settings, int vocab);

/* Records the settings that resuming needs as metadata "train.NAME"; settings_restore takes them
 * back, except for those given on the command line. What makes the model and cuts the batches must
 * not be given differently. */
void settings_describe(const Settings *settings, SafetensorsWriter *writer);
bool settings_restore(Settings *settings, const Safetensors *file, Error *err);

#endif
