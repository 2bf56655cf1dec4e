#include "06_training/settings.h"

#include <stdio.h>
#include <stdlib.h>

/* Adam's betas and epsilon are the paper's for all (section 5.3). */
static const Settings PRESETS[] = {
    // For the built-in corpus: learns it in two minutes on two quiet cores.
    {.preset = "demo",
     .d_model = 128,
     .heads = 4,
     .layers = 2,
     .ff = 256,
     .dropout = 0.1,
     .label_smoothing = 0.1,
     .lr = 3e-3,
     .warmup = 200,
     .clip = 1,
     .batch_tokens = 2048,
     .vocab = 1200,
     .max_length = 128,
     .epochs = 12,
     .average = 4},
    // Transformer-Tiny, made for Multi30k's 29,000 pairs (Wu et al. 2021, "Good for Misconceived
    // Reasons"): more of anything overfits.
    {.preset = "tiny",
     .d_model = 128,
     .heads = 4,
     .layers = 4,
     .ff = 256,
     .dropout = 0.3,
     .label_smoothing = 0.1,
     .lr = 5e-3,
     .warmup = 2000,
     .clip = 1,
     .batch_tokens = 4096,
     .vocab = 10000,
     .max_length = 256,
     .epochs = 80,
     .minutes = 40,
     .average = 10},
    {.preset = "small",
     .d_model = 256,
     .heads = 8,
     .layers = 3,
     .ff = 1024,
     .dropout = 0.1,
     .label_smoothing = 0.1,
     .lr = 1e-3,
     .warmup = 2000,
     .clip = 1,
     .batch_tokens = 4096,
     .vocab = 8000,
     .max_length = 256,
     .epochs = 30,
     .average = 5},
    // The paper's base model (table 3).
    {.preset = "base",
     .d_model = 512,
     .heads = 8,
     .layers = 6,
     .ff = 2048,
     .dropout = 0.1,
     .label_smoothing = 0.1,
     .lr = 7e-4,
     .warmup = 4000,
     .clip = 1,
     .batch_tokens = 4096,
     .vocab = 10000,
     .max_length = 256,
     .epochs = 30,
     .average = 5},
};

void settings_preset(const char *name, Settings *settings) {
    for (size_t i = 0; i < OPTION_COUNT(PRESETS); i++)
        if (strcmp(PRESETS[i].preset, name) == 0) *settings = PRESETS[i];
}

/* ---- The table of options -----------------------------------------------------------------------
 */

/* Those of a run that a preset sets and a checkpoint remembers come first. */
enum { REMEMBERED = 16, OPTIONS = 25 };

static Option table[OPTIONS];

static void make_table(Settings *s) {
    const double huge = 1e9;
    const Option rows[OPTIONS] = {
        option_integer("d-model", "N", &s->d_model, 2, 8192, "width of the vectors"),
        option_integer("heads", "N", &s->heads, 1, 256, "attention heads; must divide --d-model"),
        option_integer("layers", "N", &s->layers, 1, 100, "layers of encoder and of decoder"),
        option_integer("ff", "N", &s->ff, 1, 65536, "width inside the feed-forward"),
        option_real("dropout", "P", &s->dropout, 0, 0.9, "share of activations dropped"),
        option_real("label-smoothing", "P", &s->label_smoothing, 0, 0.9,
                    "share of the target spread over all tokens"),
        option_flag("norm-first", &s->norm_first, "normalise before sub-layers, not after"),
        option_real("lr", "X", &s->lr, 1e-9, 10, "learning rate at its peak"),
        option_integer("warmup", "N", &s->warmup, 0, 10000000, "steps to reach it"),
        option_real("clip", "X", &s->clip, 0, huge, "largest norm of the gradient, 0: no limit"),
        option_integer("batch-tokens", "N", &s->batch_tokens, 1, 10000000,
                       "tokens per batch and side, padding included"),
        option_integer("vocab", "N", &s->vocab, 259, 1000000, "tokens of the shared BPE"),
        option_integer("max-length", "N", &s->max_length, 2, 100000,
                       "tokens per sentence; longer pairs are skipped and counted"),
        option_integer("average", "N", &s->average, 1, 100,
                       "average the weights of the last N epochs at the end, if that is better"),
        option_integer("epochs", "N", &s->epochs, 0, 1000000, "stop after N epochs, 0: no limit"),
        option_integer("steps", "N", &s->steps, 0, 1000000000, "stop after N steps, 0: no limit"),
        option_real("minutes", "X", &s->minutes, 0, huge, "stop this run after X, 0: no limit"),
        option_choice("preset", "demo|tiny|small|base", &s->preset, "where the defaults come from"),
        option_string("src", "FILE", &s->src, "training sentences, source language"),
        option_string("tgt", "FILE", &s->tgt, "their translations, line by line"),
        option_string("valid-src", "FILE", &s->valid_src, "validation sentences"),
        option_string("valid-tgt", "FILE", &s->valid_tgt, "their translations"),
        option_string("data", "FILE", &s->data, "instead: one file of source TAB target lines"),
        option_string("valid-data", "FILE", &s->valid_data, "the same for validation"),
        option_flag("resume", &s->resume, "go on with the run in --out"),
    };
    memcpy(table, rows, sizeof rows);
}

static bool given(const char *name) {
    return option_given(table, OPTIONS, name);
}

/* Both or neither, and not beside the other way to say it. */
static void check_files(const Settings *s) {
    if (!s->src != !s->tgt) usage_exit("--src and --tgt go together");
    if (!s->valid_src != !s->valid_tgt) usage_exit("--valid-src and --valid-tgt go together");
    if (s->src && s->data) usage_exit("--data is instead of --src and --tgt");
    if (s->valid_src && s->valid_data)
        usage_exit("--valid-data is instead of --valid-src and --valid-tgt");
    if ((s->valid_src || s->valid_data) && !s->src && !s->data)
        usage_exit("validation data without training data (--src and --tgt, or --data)");
}

void settings_parse(int argc, char **argv, CommonOptions *common, Settings *settings) {
    const Usage usage = {
        "Trains an encoder-decoder Transformer on sentence pairs: learns a byte-pair encoding, "
        "trains, validates after every epoch, and keeps the best model. Without data it uses the "
        "built-in English-French corpus. Writes model.safetensors, state.safetensors (to "
        "--resume), log.tsv and loss.png into --out; Ctrl-C saves and stops. Numbers not given "
        "come from the preset: demo for the built-in corpus, tiny for other data.",
        "train --src train.en --tgt train.de --valid-src val.en --valid-tgt val.de --out run"};
    // The first pass over a copy tells which preset; the second lets what was given override it.
    Settings first = PRESETS[0];
    first.preset = "demo for the built-in corpus, else tiny";
    make_table(&first);
    options_parse(argc, argv, &usage, common, table, OPTIONS);
    const bool own_data = first.src || first.data;
    settings_preset(given("preset") ? first.preset : own_data ? "tiny" : "demo", settings);
    make_table(settings);
    options_parse(argc, argv, &usage, common, table, OPTIONS);
    check_files(settings);
    if (settings->d_model % settings->heads)
        usage_exit("--heads %ld does not divide --d-model %ld", settings->heads, settings->d_model);
}

/* ---- In a checkpoint ----------------------------------------------------------------------------
 */

void settings_describe(const Settings *settings, SafetensorsWriter *writer) {
    char key[64], value[64];
    (void)settings; // the table points into it
    for (int i = 0; i < REMEMBERED; i++) {
        const Option *o = &table[i];
        snprintf(key, sizeof key, "train.%s", o->name);
        if (o->kind == OPTION_REAL)
            snprintf(value, sizeof value, "%.17g", *o->value.number);
        else
            snprintf(value, sizeof value, "%ld",
                     o->kind == OPTION_FLAG ? (long)*o->value.flag : *o->value.integer);
        safetensors_writer_metadata(writer, key, value);
    }
}

bool settings_restore(Settings *settings, const Safetensors *file, Error *err) {
    char key[64];
    for (int i = 0; i < REMEMBERED; i++) {
        const Option *o = &table[i];
        snprintf(key, sizeof key, "train.%s", o->name);
        const char *text = safetensors_metadata(file, key);
        char *end = NULL;
        const double value = text ? strtod(text, &end) : 0;
        if (!text || end == text || *end ||
            (o->kind != OPTION_FLAG && !(value >= o->min && value <= o->max)))
            return error_set(err, "%s: metadata \"%s\" is \"%s\", expected a number", file->path,
                             key, text ? text : "absent");
        if (o->given) continue;
        if (o->kind == OPTION_REAL) *o->value.number = value;
        if (o->kind == OPTION_INTEGER) *o->value.integer = (long)value;
        if (o->kind == OPTION_FLAG) *o->value.flag = value != 0;
    }
    if (settings->d_model % settings->heads)
        return error_set(err, "%s: %ld heads do not divide d_model %ld", file->path,
                         settings->heads, settings->d_model);
    return true;
}
