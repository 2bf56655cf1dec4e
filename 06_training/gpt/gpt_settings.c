#include "06_training/gpt/gpt_settings.h"

#include "04_multihead/char_heads.h"
#include "06_training/trainer/kept_option.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char STAGE_WORDS[] = "bigram|position|head|heads|ff|blocks|norm";
static const char *const STAGE_NAMES[] = {"bigram", "position", "head", "heads",
                                          "ff",     "blocks",   "norm", "gpt"};

const char *gpt_settings_stage_name(GptStage stage) {
    return STAGE_NAMES[stage];
}

/* ---- Named choices --------------------------------------------------------------------------- */

/* The numbers of the commits; what the video changes from one to the next is one line here. */
static GptSettings stage_settings(GptStage stage) {
    GptSettings s = {.stage = stage,
                     .block = 8,
                     .batch = 32,
                     .d_model = 32,
                     .lr = 1e-3,
                     .temperature = 1,
                     .steps = 5000,
                     .eval_every = 500,
                     .eval_iters = 200,
                     .generate = 500};
    if (stage == GPT_STAGE_BIGRAM) s.d_model = 0;
    // With the first head the video goes over to smaller steps, and more of them.
    if (stage <= GPT_STAGE_POSITION) s.lr = 1e-2, s.steps = 3000, s.eval_every = 300;
    if (stage >= GPT_STAGE_HEADS) s.heads = 4;
    if (stage >= GPT_STAGE_BLOCKS) s.layers = 3;
    return s;
}

/* nanogpt: nanoGPT's configuration for a CPU. video: where Karpathy ends, made for a graphics card;
 * a step of it does 300 times the work. tenth: a tenth of its weights and of its steps. */
static GptSettings preset_settings(const char *name) {
    GptSettings s = stage_settings(GPT_STAGE_FREE);
    s.block = 64, s.batch = 12, s.d_model = 128, s.layers = 4;
    s.steps = 2000, s.eval_every = 250, s.eval_iters = 20;
    if (!name || strcmp(name, "nanogpt") == 0) return s;
    s.layers = 6, s.heads = 6, s.block = 256, s.dropout = 0.2;
    if (strcmp(name, "video") == 0) {
        s.d_model = 384, s.batch = 64, s.lr = 3e-4;
        s.steps = 5000, s.eval_every = 500, s.eval_iters = 200;
    } else {
        s.d_model = 120, s.steps = 500, s.eval_every = 100;
    }
    return s;
}

/* ---- Command line ---------------------------------------------------------------------------- */

static void option_table(Option table[GPT_SETTINGS_COUNT], GptSettings *s) {
    Option *o = table;
    *o++ = option_string("text", "FILE", &s->text,
                         "the text to learn, UTF-8; CRLF and CR count as newlines");
    *o++ = option_choice("stage", STAGE_WORDS, &s->stage_name,
                         "a stage of the video: its numbers, and one thread, become the defaults");
    *o++ = option_choice("preset", "nanogpt|tenth|video", &s->preset,
                         "sizes and training: nanoGPT's for a CPU (the default); the end of the "
                         "video, for a graphics card; a tenth of its weights and steps");
    *o++ = option_integer("block", "N", &s->block, 1, 4096, "characters in a window");
    *o++ = option_integer("batch", "N", &s->batch, 1, 4096, "windows in a batch");
    *o++ = option_integer("d-model", "N", &s->d_model, 1, 4096, "width of a character's vector");
    *o++ = option_integer("heads", "N", &s->heads, 1, 256, "attention heads in a block");
    *o++ = option_integer("layers", "N", &s->layers, 1, 256, "blocks, one behind the other");
    *o++ = option_real("dropout", "P", &s->dropout, 0, 0.9, "share dropped while training");
    *o++ = option_real("lr", "X", &s->lr, 0, 10, "AdamW's step size");
    *o++ = option_integer("steps", "N", &s->steps, 0, 1000000000, "batches to train on");
    *o++ = option_integer("stop-after", "N", &s->stop_after, 0, 1000000000,
                          "pause after step N, to go on with --resume; 0: do not");
    *o++ = option_flag("resume", &s->resume, "go on with the run whose state is in --out");
    *o++ = option_string("from", "FILE", &s->from,
                         "begin with the weights of a saved model: fine-tuning");
    *o++ = option_integer("eval-every", "N", &s->eval_every, 1, 1000000000,
                          "steps from one estimate of the loss to the next");
    *o++ =
        option_integer("eval-iters", "N", &s->eval_iters, 1, 1000000, "batches for each estimate");
    *o++ = option_string("model", "FILE", &s->model,
                         "write with a saved model, without training; with --text, its loss there");
    *o++ = option_integer("generate", "N", &s->generate, 0, 10000000,
                          "characters to write at the end");
    *o++ = option_string("prompt", "TEXT", &s->prompt,
                         "what the writing goes on from; else from character 0, often a line end");
    *o++ = option_real("temperature", "T", &s->temperature, 0.01, 100,
                       "scores are divided by it before a character is drawn");
    REQUIRE(o == table + GPT_SETTINGS_COUNT, "%d options", (int)(o - table));
}

/* What a saved model has and nobody can change in it. */
static bool is_size(const Option *o) {
    static const char *const sizes[] = {"d-model", "heads", "layers", "block"};
    for (size_t i = 0; i < OPTION_COUNT(sizes); i++)
        if (strcmp(o->name, sizes[i]) == 0) return true;
    return false;
}

static bool given(const Option *table, const char *name) {
    return option_given(table, GPT_SETTINGS_COUNT, name);
}

/* What the user gave for something that the stage does not have would silently do nothing. */
static void refuse_what_is_not_there(const GptSettings *s, const Option *table) {
    const struct {
        const char *name;
        bool there;
    } parts[] = {{"d-model", s->stage > GPT_STAGE_BIGRAM},
                 {"heads", s->stage >= GPT_STAGE_HEADS},
                 {"layers", s->stage >= GPT_STAGE_BLOCKS},
                 {"dropout", s->stage >= GPT_STAGE_FF},
                 {"preset", false},
                 {"from", false},
                 {"resume", false},
                 {"stop-after", false},
                 {"model", false},
                 {"temperature", s->stage > GPT_STAGE_BIGRAM}};
    for (size_t i = 0; i < OPTION_COUNT(parts); i++)
        if (!parts[i].there && given(table, parts[i].name))
            usage_exit("--%s: --stage %s has nothing of the kind", parts[i].name, s->stage_name);
}

/* A saved model has its sizes, and a resumed run its weights. What else a resumed run was begun
 * with may be said again: gpt_settings_agree sees whether it is the same. */
static void refuse_what_is_settled(const GptSettings *s, const Option *table) {
    const char *file = s->model ? "--model" : s->from ? "--from" : NULL;
    for (int i = 0; file && i < GPT_SETTINGS_COUNT; i++)
        if (table[i].given && (is_size(&table[i]) || strcmp(table[i].name, "preset") == 0))
            usage_exit("--%s: with %s the sizes are the saved model's", table[i].name, file);
    if (!s->model && s->resume && s->from)
        usage_exit("--from: a resumed run goes on with its own weights");
}

/* With --model: a model that only writes is not trained, is measured on a text only, and leaves no
 * files. --threads and --no-plots stay: they say what may be used, and less is. */
static void refuse_what_is_not_done(const GptSettings *s, const Option *table, bool out_given) {
    static const char *const training[] = {"lr",     "steps", "stop-after", "eval-every",
                                           "resume", "from",  "dropout"};
    static const char *const measuring[] = {"batch", "eval-iters"};
    for (size_t i = 0; i < OPTION_COUNT(training); i++)
        if (given(table, training[i])) usage_exit("--%s: --model FILE does not train", training[i]);
    for (size_t i = 0; !s->text && i < OPTION_COUNT(measuring); i++)
        if (given(table, measuring[i]))
            usage_exit("--%s: --model FILE measures nothing without --text FILE", measuring[i]);
    if (out_given) usage_exit("--out: --model FILE leaves no files");
}

static void check(const GptSettings *s, const Option *table, bool out_given) {
    if (s->stage_name) refuse_what_is_not_there(s, table);
    refuse_what_is_settled(s, table);
    if (s->model) refuse_what_is_not_done(s, table, out_given);
    if (!s->model && (!s->text || !*s->text)) usage_exit("--text FILE is needed");
    if (s->prompt && !*s->prompt)
        usage_exit("--prompt: the first character has to come from somewhere");
    if (s->stage == GPT_STAGE_HEADS && s->heads > CHAR_HEADS_MAX)
        usage_exit("--heads %ld: --stage heads has at most %d", s->heads, CHAR_HEADS_MAX);
    // Of a resumed run the saved sizes count, which have been checked.
    if (!s->resume && s->heads && s->d_model % s->heads) {
        Error err;
        error_set(&err, "--heads %ld does not divide --d-model %ld", s->heads, s->d_model);
        error_exit(&err);
    }
}

/* Stage or preset say what the defaults are, so the command line is read once more over them. */
void gpt_settings_parse(int argc, char **argv, CommonOptions *common, GptSettings *settings) {
    const Usage usage = {"Karpathy's GPT on characters: a stage of the video with its numbers, or "
                         "a model of your own sizes, saved, resumed and made to write.",
                         "build/06_training/gpt --text build/data/tinyshakespeare/input.txt "
                         "--stage norm"};
    Option table[GPT_SETTINGS_COUNT];
    const char *out = common->out; // what is given is another string, even if it says the same
    *settings = preset_settings(NULL);
    option_table(table, settings);
    options_parse(argc, argv, &usage, common, table, GPT_SETTINGS_COUNT);
    if (settings->stage_name) {
        GptStage stage = GPT_STAGE_BIGRAM;
        while (strcmp(STAGE_NAMES[stage], settings->stage_name) != 0) stage++;
        *settings = stage_settings(stage);
        // One thread adds up in the order of the script, and the models are too small for more.
        common->threads = 1;
    } else {
        *settings = preset_settings(settings->preset);
    }
    option_table(table, settings);
    options_parse(argc, argv, &usage, common, table, GPT_SETTINGS_COUNT);
    check(settings, table, common->out != out);
    for (int i = 0; i < GPT_SETTINGS_COUNT; i++) settings->given[i] = table[i].given;
}

/* ---- In a file ------------------------------------------------------------------------------- */

/* What a run goes on with. Sizes are the model's affair. */
static bool is_kept(const Option *o) {
    static const char *const kept[] = {"batch", "dropout",    "lr",
                                       "steps", "eval-every", "eval-iters"};
    for (size_t i = 0; i < OPTION_COUNT(kept); i++)
        if (strcmp(o->name, kept[i]) == 0) return true;
    return false;
}

void gpt_settings_describe(const GptSettings *settings, SafetensorsWriter *writer) {
    GptSettings copy = *settings; // which the table may point into
    Option table[GPT_SETTINGS_COUNT];
    option_table(table, &copy);
    for (int i = 0; i < GPT_SETTINGS_COUNT; i++)
        if (is_kept(&table[i])) kept_option_write(writer, &table[i]);
}

bool gpt_settings_restore(GptSettings *settings, const Safetensors *file, Error *err) {
    Option table[GPT_SETTINGS_COUNT];
    option_table(table, settings);
    for (int i = 0; i < GPT_SETTINGS_COUNT; i++) {
        double value;
        if (!is_kept(&table[i])) continue;
        if (!kept_option_read(file, &table[i], &value, err)) return false;
        if (!settings->given[i]) kept_option_set(&table[i], value);
    }
    return true;
}

/* A preset says sizes too, where the command line does not. */
bool gpt_settings_agree(const GptSettings *settings, const GptSettings *saved, const char *path,
                        Error *err) {
    GptSettings now = *settings, then = *saved; // which the tables point into
    Option asked[GPT_SETTINGS_COUNT], kept[GPT_SETTINGS_COUNT];
    option_table(asked, &now);
    option_table(kept, &then);
    for (int i = 0; i < GPT_SETTINGS_COUNT; i++) {
        const char *name = asked[i].name;
        if (!is_size(&asked[i]) || !(settings->given[i] || settings->preset)) continue;
        const double wanted = kept_option_value(&asked[i]), has = kept_option_value(&kept[i]);
        if (wanted == has) continue;
        if (settings->given[i])
            return error_set(err, "%s: this run was begun with --%s %g, which cannot become %g",
                             path, name, has, wanted);
        return error_set(err,
                         "%s: this run was begun with --%s %g, which cannot become the %g of "
                         "--preset %s",
                         path, name, has, wanted, settings->preset);
    }
    return true;
}
