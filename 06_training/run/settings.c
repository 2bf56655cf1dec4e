#include "06_training/run/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "06_training/score/bleu_tokenize.h"
#include "06_training/trainer/kept_option.h"
#include "common/files/utf8.h"

/* Adam's betas and epsilon are the paper's for all (section 5.3). */
static const Settings PRESETS[] = {
    // For the built-in corpus: learns it in a minute on two quiet cores. Small batches, since many
    // steps are worth more than smooth ones, and little dropout, since in five epochs little is
    // learned by heart.
    {.preset = "demo",
     .d_model = 128,
     .heads = 4,
     .layers = 2,
     .ff = 256,
     .dropout = 0.05,
     .label_smoothing = 0.1,
     .lr = 2.5e-3,
     .warmup = 400,
     .clip = 1,
     .batch_tokens = 512,
     .vocab = 1200,
     .max_length = 128,
     .epochs = 5,
     .average = 4},
    // A quarter of an hour: a first look at data of one's own. The size of Transformer-Tiny, made
    // for Multi30k's 29,000 pairs (Wu et al. 2021, "Good for Misconceived Reasons"), and what has
    // proved itself on them: the norm first, dropout only where the paper has it, Muon, few pieces.
    {.preset = "tiny",
     .d_model = 128,
     .heads = 4,
     .layers = 4,
     .ff = 256,
     .dropout = 0.3,
     .dropout_at = "residual",
     .norm_first = true,
     .label_smoothing = 0.1,
     .optimizer = "muon",
     .lr = 3.5e-3,
     .warmup = 2000,
     .clip = 1,
     .batch_tokens = 2048,
     .vocab = 4000,
     .max_length = 256,
     .epochs = 80,
     .minutes = 15,
     .average = 10},
    // Three quarters of an hour: twice as wide, a layer less on each side.
    {.preset = "small",
     .d_model = 256,
     .heads = 4,
     .layers = 3,
     .ff = 512,
     .dropout = 0.25,
     .dropout_at = "residual",
     .norm_first = true,
     .label_smoothing = 0.1,
     .optimizer = "muon",
     .lr = 2e-3,
     .warmup = 2000,
     .clip = 1,
     .batch_tokens = 2048,
     .vocab = 4000,
     .max_length = 256,
     .epochs = 80,
     .minutes = 45,
     .average = 10},
    // Two hours: the same model, each sentence read twice a step against learning by heart.
    {.preset = "thorough",
     .d_model = 256,
     .heads = 4,
     .layers = 3,
     .ff = 512,
     .dropout = 0.25,
     .dropout_at = "residual",
     .norm_first = true,
     .label_smoothing = 0.1,
     .r_drop = 3,
     .optimizer = "muon",
     .lr = 2e-3,
     .warmup = 2000,
     .clip = 1,
     .batch_tokens = 1024,
     .vocab = 4000,
     .max_length = 256,
     .epochs = 80,
     .minutes = 120,
     .average = 10},
    // Hours: the paper's base model (table 3), for data of more than a hundred thousand pairs.
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

/* A name that is not there leaves settings alone; the option's choice has refused it before. What
 * all presets have in common is said here, once. */
void settings_preset(const char *name, Settings *settings) {
    for (size_t i = 0; i < OPTION_COUNT(PRESETS); i++)
        if (strcmp(PRESETS[i].preset, name) == 0) *settings = PRESETS[i];
    if (!settings->dropout_at) settings->dropout_at = "everywhere";
    if (!settings->optimizer) settings->optimizer = "adam";
    settings->positions = "sinusoid";
    settings->attention = "fused";
    settings->schedule = "linear";
    settings->tok = "auto";
}

/* Embeddings and output layer are one matrix (tied): of the tiny model's weights that matrix is
 * already half, and every piece is trained as input and as output. */
TransformerConfig settings_config(const Settings *s, int vocab) {
    PositionsKind positions;
    AttentionKind attention;
    REQUIRE(positions_from_name(s->positions, &positions), "--positions %s", s->positions);
    REQUIRE(attention_kind_from_name(s->attention, &attention), "--attention %s", s->attention);
    return (TransformerConfig){.layer = {.d_model = (int)s->d_model,
                                         .nhead = (int)s->heads,
                                         .dim_feedforward = (int)s->ff,
                                         .dropout = (real)s->dropout,
                                         .residual_dropout = strcmp(s->dropout_at, "residual") == 0,
                                         .norm_first = s->norm_first,
                                         .attention = attention,
                                         .positions = positions},
                               .num_encoder_layers = (int)s->layers,
                               .num_decoder_layers = (int)s->layers,
                               .src_vocab = vocab,
                               .tgt_vocab = vocab,
                               .tie_embeddings = true,
                               .max_length = (int)s->max_length};
}

/* ---- The table of options -------------------------------------------------------------------- */

/* What becomes of a setting when a run is resumed. */
typedef enum {
    FIXED,      // the run keeps it: the weights or the batches are made for it
    REMEMBERED, // the run keeps it unless it is given anew
    LIMIT,      // how long to train: all limits stay, or those given anew take the place of all
    DATA,       // a file's name: noted, to say which is missing; its sentences are what counts
    ONCE,       // each call says it for itself
} Keep;

/* One option of the command line. The kinds of Option know nothing of runs, so this does. */
typedef struct {
    Keep keep;
    Option option;
} Row;

/* Rows that point into s; which of them the user gave is known from s->given. */
static void make_rows(Settings *s, Row rows[SETTINGS_COUNT]) {
    const double huge = 1e9; // no limit that anyone will meet
    const Row table[SETTINGS_COUNT] = {
        {FIXED, option_integer("d-model", "N", &s->d_model, 2, 8192, "width of the vectors")},
        {FIXED,
         option_integer("heads", "N", &s->heads, 1, 256, "attention heads; must divide --d-model")},
        {FIXED,
         option_integer("layers", "N", &s->layers, 1, 100, "layers of encoder and of decoder")},
        {FIXED, option_integer("ff", "N", &s->ff, 1, 65536, "width inside the feed-forward")},
        {FIXED, option_real("dropout", "P", &s->dropout, 0, 0.9, "share of activations dropped")},
        {FIXED, option_choice("dropout-at", "everywhere|residual", &s->dropout_at,
                              "where: also inside attention and feed-forward, or only on what a "
                              "sub-layer adds and on the embeddings")},
        {FIXED,
         option_flag("norm-first", &s->norm_first, "normalise before sub-layers, not after")},
        {FIXED, option_choice("positions", "none|sinusoid|learned|rotary", &s->positions,
                              "how the model is told where its tokens stand")},
        {FIXED, option_choice("attention", "fused|composed", &s->attention,
                              "all heads in one operation, or chapter 3's head by head: slower")},
        {FIXED, option_integer("vocab", "N", &s->vocab, 259, 1000000, "tokens of the shared BPE")},
        {FIXED, option_integer("max-length", "N", &s->max_length, 2, 100000,
                               "tokens per sentence; longer pairs are skipped and counted")},
        {FIXED, option_integer("batch-tokens", "N", &s->batch_tokens, 1, 10000000,
                               "tokens per batch and side, padding included")},
        {REMEMBERED, option_real("label-smoothing", "P", &s->label_smoothing, 0, 0.9,
                                 "share of the target spread over all tokens")},
        {REMEMBERED, option_real("r-drop", "X", &s->r_drop, 0, 1000,
                                 "R-Drop: read each sentence twice a step, with other things "
                                 "dropped, and ask both predictions to agree, with this weight; "
                                 "--batch-tokens counts one of them; 0: read it once")},
        {FIXED, option_choice("optimizer", "adam|muon", &s->optimizer,
                              "Adam for all, or Muon for the matrices between hidden vectors")},
        {REMEMBERED, option_real("lr", "X", &s->lr, 1e-9, 1e12, "learning rate at its peak")},
        {REMEMBERED, option_integer("warmup", "N", &s->warmup, 0, 10000000,
                                    "steps to reach it, if a tenth of the training is not less")},
        {REMEMBERED,
         option_choice("schedule", "linear|inverse-sqrt", &s->schedule,
                       "how the rate comes down: to 0 at the end of the training, or the paper's")},
        {REMEMBERED,
         option_real("clip", "X", &s->clip, 0, huge, "largest norm of the gradient, 0: no limit")},
        {FIXED, option_choice("tok", "auto|" BLEU_TOKENIZERS, &s->tok,
                              "how BLEU cuts the validation targets; auto: 13a, or char for a "
                              "script without spaces and for lines of one to three words")},
        {REMEMBERED,
         option_integer("average", "N", &s->average, 1, 100,
                        "average the weights of the last N epochs at the end, if that is better")},
        {LIMIT,
         option_integer("epochs", "N", &s->epochs, 0, 1000000, "train N epochs, 0: no limit")},
        {LIMIT,
         option_integer("steps", "N", &s->steps, 0, 1000000000, "train N steps, 0: no limit")},
        {LIMIT, option_real("minutes", "X", &s->minutes, 0, huge,
                            "train X minutes, pauses not counted, 0: no limit")},
        {ONCE, option_integer("stop-after", "N", &s->stop_after, 0, 1000000000,
                              "pause after step N, to go on with --resume: the rate stays as it "
                              "is, 0: do not")},
        {FIXED, option_choice("preset", "demo|tiny|small|thorough|base", &s->preset,
                              "where the defaults come from: demo for the built-in corpus in a "
                              "minute, tiny for a first look at other data in fifteen, small for "
                              "better in 45, thorough for the best in two hours, base the paper's, "
                              "for far more data")},
        {DATA, option_string("src", "FILE", &s->src, "training sentences, source language")},
        {DATA, option_string("tgt", "FILE", &s->tgt, "their translations, line by line")},
        {DATA, option_string("valid-src", "FILE", &s->valid_src, "validation sentences")},
        {DATA, option_string("valid-tgt", "FILE", &s->valid_tgt, "their translations")},
        {DATA,
         option_string("data", "FILE", &s->data, "instead: one file of source TAB target lines")},
        {DATA, option_string("valid-data", "FILE", &s->valid_data, "the same for validation")},
        {ONCE, option_flag(
                   "resume", &s->resume,
                   "go on with the run in --out, on the same data; its settings stay, and of them "
                   "only how long, rate, clipping, smoothing, R-Drop and average may be given "
                   "anew")},
        {ONCE,
         option_flag("check", &s->check,
                     "do not train: look at the data and the model for some seconds, say what is "
                     "wrong, and write nothing; exit status 1 if something is (as fewer than 30 "
                     "pairs or 100 steps are), 0 if there are only things to look at (fewer than "
                     "1000 of either, some odd pairs)")},
    };
    memcpy(rows, table, sizeof table);
    for (int i = 0; i < SETTINGS_COUNT; i++) rows[i].option.given = s->given[i];
}

/* Both or neither, and not beside the other way to say it. */
static void check_files(const Settings *s) {
    // A `!` makes yes or no of a pointer: one given and the other not.
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
    // Every divisor that is a number of heads, as many as fit into a line.
    for (long n = 1; n <= s->d_model && n <= 256 && used + 16 < sizeof allowed; n++)
        if (s->d_model % n == 0)
            used += (size_t)snprintf(allowed + used, sizeof allowed - used, "%s%ld",
                                     used ? ", " : "", n);
    Error err;
    error_set(&err, "--heads %ld does not divide --d-model %ld: expected one of %s", s->heads,
              s->d_model, allowed);
    error_exit(&err);
}

/* Likewise: a pair of columns is turned together, so a head must have an even number of them. */
static void check_rotary(const Settings *s) {
    const long columns = s->d_model / s->heads;
    if (strcmp(s->positions, "rotary") != 0 || columns % 2 == 0) return;
    Error err;
    error_set(
        &err,
        "--positions rotary turns pairs of columns: --d-model %ld in --heads %ld has heads of "
        "%ld, expected an even number",
        s->d_model, s->heads, columns);
    error_exit(&err);
}

/* Reads the command line over what settings holds, and notes what was given. */
static void parse(int argc, char **argv, const Usage *usage, CommonOptions *common,
                  Settings *settings) {
    Row rows[SETTINGS_COUNT];
    Option table[SETTINGS_COUNT];
    make_rows(settings, rows);
    for (int i = 0; i < SETTINGS_COUNT; i++) table[i] = rows[i].option;
    options_parse(argc, argv, usage, common, table, SETTINGS_COUNT);
    for (int i = 0; i < SETTINGS_COUNT; i++) settings->given[i] = table[i].given;
}

/* Who says how long to train means that, and not the preset's limits besides. */
static void replace_limits(Settings *s) {
    Row rows[SETTINGS_COUNT];
    make_rows(s, rows);
    s->limits_given = false;
    for (int i = 0; i < SETTINGS_COUNT; i++)
        if (rows[i].keep == LIMIT && rows[i].option.given) s->limits_given = true;
    for (int i = 0; i < SETTINGS_COUNT && s->limits_given; i++) {
        const Option *o = &rows[i].option;
        if (rows[i].keep != LIMIT || o->given) continue;
        if (o->kind == OPTION_REAL) *o->value.number = 0;
        if (o->kind == OPTION_INTEGER) *o->value.integer = 0;
    }
}

/* By its name, since few ask. */
bool settings_given(const Settings *settings, const char *option) {
    Row rows[SETTINGS_COUNT];
    Settings copy = *settings;
    make_rows(&copy, rows);
    for (int i = 0; i < SETTINGS_COUNT; i++)
        if (strcmp(rows[i].option.name, option) == 0) return settings->given[i];
    REQUIRE(false, "no option --%s", option);
}

/* Strength, from weak to strong: preset, checkpoint (with --resume), command line. */
void settings_parse(int argc, char **argv, CommonOptions *common, Settings *settings) {
    const Usage usage = {
        "Trains an encoder-decoder Transformer on sentence pairs: learns a byte-pair encoding, "
        "trains, validates after every epoch, and keeps the best model. Without data it uses the "
        "built-in English-French corpus. Writes model.safetensors (the best in validation), "
        "last.safetensors (after the last step), average.safetensors and epoch-N.safetensors (the "
        "average of the last epochs, and these), "
        "state.safetensors (to --resume), log.tsv and loss.png, learning.tsv (three validation "
        "sentences, translated "
        "after 0, 25, 50, 100 steps and so on), gradients.tsv and gradients.png into --out; what "
        "an earlier run left there is moved aside, into earlier-1, earlier-2 and so on. Ctrl-C "
        "saves and stops. Numbers not given "
        "come from the preset: demo for the built-in corpus, tiny for other data, where --vocab, "
        "--batch-tokens and --lr also follow from how much data there is (not so with --preset "
        "tiny). The defaults below are demo's. Whoever gives one of --epochs, --steps and "
        "--minutes "
        "means that alone: the preset's other limits no longer hold. Try --check first.",
        "train --src train.en --tgt train.de --valid-src val.en --valid-tgt val.de --out run"};
    // What a preset fills in must not override what was given, and which preset it is may depend on
    // what was given. So the command line is read twice: the first pass over a copy tells which
    // preset, the second lets what was given override it.
    static const char by_data[] = "demo for the built-in corpus, else tiny";
    Settings first;
    settings_preset("demo", &first);
    first.preset = by_data;
    parse(argc, argv, &usage, common, &first);
    // Sentences of the user's are more, and longer, than those of our grammar.
    const bool own_data = first.src || first.data;
    settings_preset(first.preset != by_data ? first.preset : own_data ? "tiny" : "demo", settings);
    parse(argc, argv, &usage, common, settings);
    settings->by_size = own_data && first.preset == by_data;
    replace_limits(settings);
    check_files(settings);
    if (settings->r_drop > 0 && settings->dropout == 0 && !settings->resume)
        usage_exit("--r-drop needs dropout: without, both readings of a sentence are the same");
    if (settings->check && settings->resume)
        usage_exit("--check looks at a new run, not at --resume");
    if (settings->resume) return; // the checkpoint's model has been checked
    check_heads(settings);
    check_rotary(settings);
}

/* ---- In a checkpoint ------------------------------------------------------------------------- */

/* The words that a run keeps. The first of each is the default: it is not written, and a file that
 * says nothing means it. So a new choice leaves every older file valid, and the bytes of a run that
 * does not use it as they were. */
static const struct {
    const char *option, *words[6];
} KEPT_WORDS[] = {{"positions", {"sinusoid", "none", "learned", "rotary"}},
                  {"schedule", {"linear", "inverse-sqrt"}},
                  {"attention", {"fused", "composed"}},
                  {"optimizer", {"adam", "muon"}},
                  {"dropout-at", {"everywhere", "residual"}},
                  {"preset", {"demo", "tiny", "small", "thorough", "base"}},
                  {"tok", {"auto", "13a", "intl", "zh", "char", "none"}}};

/* The kept words of an option; NULL: it is a number. */
static const char *const *words_of(const Option *o) {
    for (size_t i = 0; i < OPTION_COUNT(KEPT_WORDS); i++)
        if (strcmp(KEPT_WORDS[i].option, o->name) == 0) return KEPT_WORDS[i].words;
    REQUIRE(o->kind != OPTION_CHOICE, "--%s: no words to keep", o->name);
    return NULL;
}

/* The names of the data, where they are text: a file's name may be any bytes. */
static void describe_data(const Option *o, SafetensorsWriter *writer) {
    const char *name = *o->value.string;
    char key[KEPT_OPTION_KEY];
    if (name && utf8_valid_bytes(name, strlen(name)) == strlen(name))
        safetensors_writer_metadata(writer, kept_option_key(o, key), name);
}

void settings_describe(const Settings *settings, SafetensorsWriter *writer) {
    Row rows[SETTINGS_COUNT];
    char key[KEPT_OPTION_KEY];
    Settings copy = *settings; // which the rows may point into
    make_rows(&copy, rows);
    for (int i = 0; i < SETTINGS_COUNT; i++) {
        const Option *o = &rows[i].option;
        if (rows[i].keep == DATA) describe_data(o, writer);
        if (rows[i].keep == DATA || rows[i].keep == ONCE) continue;
        const char *const *words = words_of(o);
        if (!words)
            kept_option_write(writer, o);
        else if (strcmp(*o->value.string, words[0]) != 0)
            safetensors_writer_metadata(writer, kept_option_key(o, key), *o->value.string);
    }
}

/* Takes back a number, within what the option may be. */
static bool restore_number(Settings *settings, const Row *row, const Safetensors *file,
                           Error *err) {
    const Option *o = &row->option;
    char key[KEPT_OPTION_KEY];
    double value = 0;
    if (o->value.number == &settings->r_drop &&
        !safetensors_metadata(file, kept_option_key(o, key))) {
        if (!o->given) settings->r_drop = 0; // a file from before there was the choice
        return true;
    }
    if (!kept_option_read(file, o, &value, err)) return false;
    if (o->given && row->keep == FIXED && kept_option_value(o) != value)
        return error_set(err, "%s: this run was begun with --%s %g, which cannot become %g",
                         file->path, o->name, value, kept_option_value(o));
    const bool limit = row->keep == LIMIT && settings->limits_given,
               differs = kept_option_value(o) != value;
    if (limit && differs) settings->new_limits = true;
    if (o->given && differs && o->value.number == &settings->lr) settings->new_lr = true;
    if (o->given || limit) return true; // the new value stays
    kept_option_set(o, value);
    return true;
}

/* Takes back a word: ours of the same spelling, since the file's is gone when it is closed. */
static bool restore_word(const Row *row, const Safetensors *file, Error *err) {
    const Option *o = &row->option;
    const char *const *words = words_of(o), *word = NULL;
    char key[KEPT_OPTION_KEY];
    const char *text = safetensors_metadata(file, kept_option_key(o, key));
    if (!text) text = words[0]; // the default, or a file from before there was the choice
    for (size_t i = 0; i < OPTION_COUNT(KEPT_WORDS[0].words) && words[i]; i++)
        if (strcmp(text, words[i]) == 0) word = words[i];
    if (!word)
        return error_set(err, "%s: metadata \"%s\" is \"%s\", expected one of %s", file->path, key,
                         text, o->argument);
    if (o->given && row->keep == FIXED && strcmp(*o->value.string, word) != 0)
        return error_set(err, "%s: this run was begun with --%s %s, which cannot become %s",
                         file->path, o->name, word, *o->value.string);
    if (!o->given) *o->value.string = word;
    return true;
}

/* Without data on the command line there is the built-in corpus, which a run on files was not begun
 * with. Whether given files are the same is seen when they have been read. */
static bool check_data(const Settings *settings, const Safetensors *file, Error *err) {
    const char *data = safetensors_metadata(file, "train.data");
    const char *src = safetensors_metadata(file, "train.src");
    if (settings->data || settings->src || (!data && !src)) return true;
    return error_set(err, "%s: this run was begun with --%s %s: give --resume the same data",
                     file->path, data ? "data" : "src", data ? data : src);
}

/* What was given anew wins where it can; a width or vocabulary that the weights do not have is
 * refused by name. */
bool settings_restore(Settings *settings, const Safetensors *file, Error *err) {
    Row rows[SETTINGS_COUNT];
    make_rows(settings, rows);
    for (int i = 0; i < SETTINGS_COUNT; i++) {
        if (rows[i].keep == DATA || rows[i].keep == ONCE) continue;
        if (!(words_of(&rows[i].option) ? restore_word(&rows[i], file, err)
                                        : restore_number(settings, &rows[i], file, err)))
            return false;
    }
    return check_data(settings, file, err);
}
