#include "06_training/translator/settings.h"

#include <math.h>
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
    // Reasons"): more of anything overfits. Their batches hold 4096 tokens; half of that takes
    // twice
    // the steps in the same time, which is worth more than their smoothness.
    {.preset = "tiny",
     .d_model = 128,
     .heads = 4,
     .layers = 4,
     .ff = 256,
     .dropout = 0.3,
     .label_smoothing = 0.1,
     .lr = 3.5e-3,
     .warmup = 2000,
     .clip = 1,
     .batch_tokens = 2048,
     .vocab = 10000,
     .max_length = 256,
     .epochs = 80,
     .minutes = 42,
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

/* A name that is not there leaves settings alone; the option's choice has refused it before. */
void settings_preset(const char *name, Settings *settings) {
    for (size_t i = 0; i < OPTION_COUNT(PRESETS); i++)
        if (strcmp(PRESETS[i].preset, name) == 0) *settings = PRESETS[i];
}

/* ---- The table of options -------------------------------------------------------------------- */

/* First what a run keeps for good, then what else a checkpoint remembers and --resume may change.
 */
enum { FIXED = 9, REMEMBERED = 17 };

/* Rows that point into s; which of them the user gave is known from s->given. */
static void make_table(Settings *s, Option table[SETTINGS_OPTIONS]) {
    const double huge = 1e9;
    const Option rows[SETTINGS_OPTIONS] = {
        option_integer("d-model", "N", &s->d_model, 2, 8192, "width of the vectors"),
        option_integer("heads", "N", &s->heads, 1, 256, "attention heads; must divide --d-model"),
        option_integer("layers", "N", &s->layers, 1, 100, "layers of encoder and of decoder"),
        option_integer("ff", "N", &s->ff, 1, 65536, "width inside the feed-forward"),
        option_real("dropout", "P", &s->dropout, 0, 0.9, "share of activations dropped"),
        option_flag("norm-first", &s->norm_first, "normalise before sub-layers, not after"),
        option_integer("vocab", "N", &s->vocab, 259, 1000000, "tokens of the shared BPE"),
        option_integer("max-length", "N", &s->max_length, 2, 100000,
                       "tokens per sentence; longer pairs are skipped and counted"),
        option_integer("batch-tokens", "N", &s->batch_tokens, 1, 10000000,
                       "tokens per batch and side, padding included"),
        option_real("label-smoothing", "P", &s->label_smoothing, 0, 0.9,
                    "share of the target spread over all tokens"),
        option_real("lr", "X", &s->lr, 1e-9, 1e12, "learning rate at its peak"),
        option_integer("warmup", "N", &s->warmup, 0, 10000000, "steps to reach it"),
        option_real("clip", "X", &s->clip, 0, huge, "largest norm of the gradient, 0: no limit"),
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
        option_flag("resume", &s->resume,
                    "go on with the run in --out, on the same data; its settings stay unless given "
                    "anew"),
    };
    memcpy(table, rows, sizeof rows);
    for (int i = 0; i < SETTINGS_OPTIONS; i++) table[i].given = s->given[i];
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

/* Each number is in its range, so this is a bad model rather than wrong usage. Says which heads
 * would do: "--heads 3 does not divide --d-model 16: expected one of 1, 2, 4, 8, 16". */
static void check_heads(const Settings *s) {
    char allowed[512] = "";
    size_t used = 0;
    if (s->d_model % s->heads == 0) return;
    for (long n = 1; n <= s->d_model && n <= 256 && used + 16 < sizeof allowed; n++)
        if (s->d_model % n == 0)
            used += (size_t)snprintf(allowed + used, sizeof allowed - used, "%s%ld",
                                     used ? ", " : "", n);
    Error err;
    error_set(&err, "--heads %ld does not divide --d-model %ld: expected one of %s", s->heads,
              s->d_model, allowed);
    error_exit(&err);
}

/* Strength, from weak to strong: preset, checkpoint (with --resume), command line. */
void settings_parse(int argc, char **argv, CommonOptions *common, Settings *settings) {
    const Usage usage = {
        "Trains an encoder-decoder Transformer on sentence pairs: learns a byte-pair encoding, "
        "trains, validates after every epoch, and keeps the best model. Without data it uses the "
        "built-in English-French corpus. Writes model.safetensors, state.safetensors (to "
        "--resume), log.tsv and loss.png into --out; what an earlier run left there is moved "
        "aside, into earlier-1, earlier-2 and so on. Ctrl-C saves and stops. Numbers not given "
        "come from the preset: demo for the built-in corpus, tiny for other data.",
        "train --src train.en --tgt train.de --valid-src val.en --valid-tgt val.de --out run"};
    Option table[SETTINGS_OPTIONS];
    // The first pass over a copy tells which preset; the second lets what was given override it.
    Settings first = PRESETS[0];
    first.preset = "demo for the built-in corpus, else tiny";
    make_table(&first, table);
    options_parse(argc, argv, &usage, common, table, SETTINGS_OPTIONS);
    const bool own_data = first.src || first.data;
    settings_preset(option_given(table, SETTINGS_OPTIONS, "preset") ? first.preset
                    : own_data                                      ? "tiny"
                                                                    : "demo",
                    settings);
    make_table(settings, table);
    options_parse(argc, argv, &usage, common, table, SETTINGS_OPTIONS);
    for (int i = 0; i < SETTINGS_OPTIONS; i++) settings->given[i] = table[i].given;
    check_files(settings);
    if (!settings->resume) check_heads(settings);
}

/* ---- In a checkpoint ------------------------------------------------------------------------- */

static double value_of(const Option *o) {
    return o->kind == OPTION_REAL   ? *o->value.number
           : o->kind == OPTION_FLAG ? *o->value.flag
                                    : (double)*o->value.integer;
}

/* Under the options' own names, so that a person can read in the file how to repeat the run. */
void settings_describe(const Settings *settings, SafetensorsWriter *writer) {
    Option table[SETTINGS_OPTIONS];
    char key[64], value[64];
    Settings copy = *settings; // which the table may point into
    make_table(&copy, table);
    for (int i = 0; i < REMEMBERED; i++) {
        snprintf(key, sizeof key, "train.%s", table[i].name);
        snprintf(value, sizeof value, "%.17g", value_of(&table[i]));
        safetensors_writer_metadata(writer, key, value);
    }
}

/* Reads what an option was, within what the option may be. */
static bool read_value(const Option *o, const Safetensors *file, double *value, Error *err) {
    char key[64];
    snprintf(key, sizeof key, "train.%s", o->name);
    const char *text = safetensors_metadata(file, key);
    char *end = NULL;
    const double max = o->kind == OPTION_FLAG ? 1 : o->max;
    *value = text ? strtod(text, &end) : 0;
    if (text && end != text && !*end && *value >= o->min && *value <= max &&
        (o->kind == OPTION_REAL || *value == floor(*value)))
        return true;
    return error_set(err, "%s: metadata \"%s\" is \"%s\", expected a%s number from %g to %g",
                     file->path, key, text ? text : "absent",
                     o->kind == OPTION_REAL ? "" : " whole", o->min, max);
}

/* What was given anew wins where it can; a width or vocabulary that the weights do not have is
 * refused by name. */
bool settings_restore(Settings *settings, const Safetensors *file, Error *err) {
    Option table[SETTINGS_OPTIONS];
    make_table(settings, table);
    for (int i = 0; i < REMEMBERED; i++) {
        const Option *o = &table[i];
        double value;
        if (!read_value(o, file, &value, err)) return false;
        if (o->given && i < FIXED && value_of(o) != value)
            return error_set(err, "%s: this run was begun with --%s %g, which cannot become %g",
                             file->path, o->name, value, value_of(o));
        if (o->given) continue;
        if (o->kind == OPTION_REAL) *o->value.number = value;
        if (o->kind == OPTION_INTEGER) *o->value.integer = (long)value;
        if (o->kind == OPTION_FLAG) *o->value.flag = value != 0;
    }
    return true;
}
