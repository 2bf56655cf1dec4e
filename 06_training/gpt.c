/* gpt.c - the language model of Karpathy's "Let's build GPT", stage by stage or of any size.
 *
 * With --stage, sizes and training are those of the video's commit, and seed 1337 prints its
 * losses. Without, the last stage's model with the scale mended and dropout, at nanoGPT's size for
 * a CPU.
 *
 * Beside: karpathy 1:46:22 --text build/data/tinyshakespeare/input.txt; bloem Text generation
 *     transformer --text build/data/tinyshakespeare/input.txt - nanoGPT's sizes for a CPU are the
 *     default: 4 layers, 4 heads, width 128, 2000 steps; some minutes (after `make data`)
 * Beside: karpathy 1:37:49 --text build/data/tinyshakespeare/input.txt --dropout 0.2 - nearest: the
 *     same with dropout; his 6 layers of 384 want hours on a CPU (after `make data`)
 * Beside: karpathy 0:38:00 --text build/data/tinyshakespeare/input.txt --stage bigram - his script
 *     with your own text; every stage has a name (after `make data`)
 */
#include "05_encoder_decoder/gpt_model.h"
#include "06_training/gpt/gpt_train.h"

#include "01_embeddings/characters.h"
#include "01_embeddings/lab/bigram.h"
#include "04_multihead/char_heads.h"
#include "06_training/trainer/earlier.h"
#include "06_training/trainer/interrupt.h"
#include "06_training/trainer/loss_plot.h"
#include "common/files/file.h"
#include "common/files/folder.h"
#include "common/files/lock.h"
#include "common/files/options.h"
#include "common/files/text.h"
#include "common/kernels.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- What there is to choose ----------------------------------------------------------------- */

/* In the order of the video. */
typedef enum { BIGRAM, POSITION, HEAD, HEADS, FF, BLOCKS, NORM, FREE } Stage;

static const char STAGE_WORDS[] = "bigram|position|head|heads|ff|blocks|norm";
static const char *const STAGE_NAMES[] = {"bigram", "position", "head", "heads",
                                          "ff",     "blocks",   "norm", "gpt"};

typedef struct {
    const char *text, *stage_name;
    Stage stage;
    long block, batch, d_model, heads, layers; // 0: this stage has none
    double dropout, lr;
    long steps, eval_every, eval_iters, generate;
} Settings;

/* The numbers of the commits; what the video changes from one to the next is one line here. FREE is
 * nanoGPT's configuration for a CPU: the video's last model, 6 layers 384 wide reading 256
 * characters, has 13 times the weights and sees 21 times the characters in a step. */
static Settings stage_settings(Stage stage) {
    Settings s = {.stage = stage,
                  .block = 8,
                  .batch = 32,
                  .d_model = 32,
                  .lr = 1e-3,
                  .steps = 5000,
                  .eval_every = 500,
                  .eval_iters = 200,
                  .generate = 500};
    if (stage == BIGRAM) s.d_model = 0;
    // With the first head the video goes over to smaller steps, and more of them.
    if (stage <= POSITION) s.lr = 1e-2, s.steps = 3000, s.eval_every = 300;
    if (stage >= HEADS) s.heads = 4;
    if (stage >= BLOCKS) s.layers = 3;
    if (stage == FREE) {
        s.block = 64, s.batch = 12, s.d_model = 128, s.layers = 4;
        s.steps = 2000, s.eval_every = 250, s.eval_iters = 20;
    }
    return s;
}

enum { OPTIONS = 13 };

static void option_table(Option table[OPTIONS], Settings *s) {
    Option *o = table;
    *o++ = option_string("text", "FILE", &s->text, "the text to learn, UTF-8");
    *o++ = option_choice("stage", STAGE_WORDS, &s->stage_name,
                         "a stage of the video: its numbers, and one thread, become the defaults");
    *o++ = option_integer("block", "N", &s->block, 1, 4096, "characters in a window");
    *o++ = option_integer("batch", "N", &s->batch, 1, 4096, "windows in a batch");
    *o++ = option_integer("d-model", "N", &s->d_model, 1, 4096, "width of a character's vector");
    *o++ = option_integer("heads", "N", &s->heads, 1, 256, "attention heads in a block");
    *o++ = option_integer("layers", "N", &s->layers, 1, 256, "blocks, one behind the other");
    *o++ = option_real("dropout", "P", &s->dropout, 0, 0.9, "share dropped while training");
    *o++ = option_real("lr", "X", &s->lr, 0, 10, "AdamW's step size");
    *o++ = option_integer("steps", "N", &s->steps, 0, 1000000000, "batches to train on");
    *o++ = option_integer("eval-every", "N", &s->eval_every, 1, 1000000000,
                          "steps from one estimate of the loss to the next");
    *o++ =
        option_integer("eval-iters", "N", &s->eval_iters, 1, 1000000, "batches for each estimate");
    *o++ = option_integer("generate", "N", &s->generate, 0, 10000000,
                          "characters to write at the end");
    REQUIRE(o == table + OPTIONS, "%d options", (int)(o - table));
}

/* What the user gave for something that the stage does not have would silently do nothing. */
static void refuse_what_is_not_there(const Settings *s, const Option *table) {
    const struct {
        const char *name;
        bool there;
    } parts[] = {{"d-model", s->stage > BIGRAM},
                 {"heads", s->stage >= HEADS},
                 {"layers", s->stage >= BLOCKS},
                 {"dropout", s->stage >= FF}};
    for (size_t i = 0; i < OPTION_COUNT(parts); i++)
        if (!parts[i].there && option_given(table, OPTIONS, parts[i].name))
            usage_exit("--%s: --stage %s has nothing of the kind", parts[i].name, s->stage_name);
}

static void settings_parse(int argc, char **argv, CommonOptions *common, Settings *settings) {
    const Usage usage = {"Karpathy's GPT on characters: a stage of the video with its numbers, or "
                         "a model of your own sizes.",
                         "build/06_training/gpt --text build/data/tinyshakespeare/input.txt "
                         "--stage norm"};
    Option table[OPTIONS];
    *settings = stage_settings(FREE);
    option_table(table, settings);
    options_parse(argc, argv, &usage, common, table, OPTIONS);
    if (settings->stage_name) {
        // The stage says what the defaults are, so the command line is read once more over them.
        const char *name = settings->stage_name;
        Stage stage = BIGRAM;
        while (strcmp(STAGE_NAMES[stage], name) != 0) stage++;
        *settings = stage_settings(stage);
        // One thread adds up in the order of the script, and the models are too small for more.
        common->threads = 1;
        option_table(table, settings);
        options_parse(argc, argv, &usage, common, table, OPTIONS);
        refuse_what_is_not_there(settings, table);
    }
    const Settings *s = settings;
    if (!s->text || !*s->text) usage_exit("--text FILE is needed");
    if (s->heads && s->d_model % s->heads) {
        Error err;
        error_set(&err, "--heads %ld does not divide --d-model %ld", s->heads, s->d_model);
        error_exit(&err);
    }
    if (s->stage == HEADS && s->heads > CHAR_HEADS_MAX)
        usage_exit("--heads %ld: --stage heads has at most %d", s->heads, CHAR_HEADS_MAX);
}

/* ---- Text ------------------------------------------------------------------------------------ */

typedef struct {
    Characters characters;
    IntArray ids;
    TextParts parts;
} Text;

static void text_free(Text *text) {
    characters_free(&text->characters);
    free(text->ids.data);
}

/* The ids of the whole file, nine tenths to learn from. false: nothing to free. */
static bool text_load(const Settings *s, Text *text, Error *err) {
    char *bytes;
    size_t count;
    *text = (Text){0};
    if (!text_read(s->text, &bytes, &count, err)) return false;
    // text_read has refused what these two could, so their sentences need no file name.
    bool good = characters_learn(&text->characters, bytes, count, err) &&
                characters_encode(&text->characters, bytes, count, &text->ids, err);
    free(bytes);
    text->parts = text_part_split(text->ids.data, text->ids.count);
    const size_t train = text->parts.train.count, val = text->parts.val.count;
    if (good && (train < val ? train : val) <= (size_t)s->block)
        good = error_set(err,
                         "%s: %zu characters, of which %zu are to learn from and %zu to validate "
                         "with: a window of --block %ld and the character after it needs %ld in "
                         "both",
                         s->text, text->ids.count, train, val, s->block, s->block + 1);
    if (!good) text_free(text);
    return good;
}

/* ---- Model ----------------------------------------------------------------------------------- */

/* Any stage's. Parts of it point to each other: it must not be moved. */
typedef struct {
    Parameters parameters;
    Bigram bigram;
    AttentionHead head;
    CharHeads heads;
    CharModel chars;
    GptModel *gpt; // from FF on
    TextPartLoss loss;
    const void *model; // loss's
} Model;

/* What chapters 3 and 4 have for the middle. E stands for n_embd, and in HEAD for head_size too. */
static void middle_new(Model *m, const Settings *s, Random *random) {
    const int E = (int)s->d_model;
    CharMiddle middle = char_middle_none(E);
    if (s->stage == HEAD) {
        m->head = attention_head_new(&m->parameters, "sa_head.", E, E, random);
        middle = char_middle_head(&m->head);
    } else if (s->stage == HEADS) {
        m->heads = char_heads_new(&m->parameters, "sa_heads.", E, (int)s->heads, true, random);
        middle = char_middle_heads(&m->heads);
    }
    char_model_finish(&m->chars, &m->parameters, middle, random);
}

/* Draws in the order of the constructors in the video: embeddings, middle, lm_head. */
static void model_new(Model *m, const Settings *s, int vocab, Random *random) {
    *m = (Model){.loss = char_model_loss, .model = &m->chars};
    const int E = (int)s->d_model, block_size = (int)s->block;
    if (s->stage == BIGRAM) {
        m->bigram = bigram_new(&m->parameters, "token_embedding_table.", vocab, random);
        m->loss = bigram_loss;
        m->model = &m->bigram;
    } else if (s->stage < FF) {
        const CharConfig config = {
            .vocab = vocab, .block_size = block_size, .n_embd = E, .positions = POSITIONS_LEARNED};
        m->chars = char_model_begin(&m->parameters, config, random);
        middle_new(m, s, random);
    } else {
        const GptConfig config = {
            .kind = s->stage == FF       ? GPT_FF
                    : s->stage == BLOCKS ? GPT_BLOCKS
                                         : GPT_NORM,
            .vocab = vocab,
            .block_size = block_size,
            .d_model = E,
            .heads = (int)s->heads,
            .layers = s->stage == FF ? 1 : (int)s->layers,
            .dropout = (real)s->dropout,
            .scale_of_video = s->stage != FREE,
            .positions = POSITIONS_LEARNED,
        };
        m->gpt = gpt_model_new(&m->parameters, &config, random);
        m->chars = m->gpt->chars;
    }
}

static void model_free(Model *m) {
    gpt_model_free(m->gpt);
    parameters_free(&m->parameters);
}

/* As the video: begins with character 0, a line end in most texts, and prints it too. */
static void print_sample(const Model *m, const Settings *s, const Text *text, Random *random) {
    const size_t count = (size_t)s->generate;
    int *ids = memory_calloc((count + 1) * sizeof *ids);
    Graph *graph = graph_new();
    graph_use(graph);
    if (s->stage == BIGRAM)
        bigram_generate(&m->bigram, random, 0, ids + 1, count);
    else
        char_model_generate(&m->chars, random, ids, 1, count);
    graph_free(graph);
    size_t bytes;
    char *sample = characters_decode(&text->characters, ids, count + 1, &bytes);
    fwrite(sample, 1, bytes, stdout);
    puts("");
    free(sample);
    free(ids);
}

/* ---- A run ----------------------------------------------------------------------------------- */

typedef struct {
    const Settings *settings;
    const Text *text;
    Model *model;
    const char *directory;
    CharRow *rows;
    size_t count, capacity;
    bool moved_aside; // an earlier run's weights are safe
} Run;

/* model.safetensors, all or nothing: at any moment it is a whole file. */
static bool save(Run *run, Error *err) {
    char path[4096];
    snprintf(path, sizeof path, "%s/model.safetensors", run->directory);
    if (!run->moved_aside && !earlier_keep_file(run->directory, "model", err)) return false;
    run->moved_aside = true;
    const Settings *s = run->settings;
    const Characters *characters = &run->text->characters;
    int *all = memory_alloc(characters->count * sizeof *all);
    for (size_t i = 0; i < characters->count; i++) all[i] = (int)i;
    char *in_order = characters_decode(characters, all, characters->count, NULL);
    SafetensorsWriter *writer = safetensors_writer_new();
    safetensors_writer_metadata(writer, "format", "pt");
    safetensors_writer_metadata(writer, "characters", in_order); // the i-th has id i
    safetensors_writer_number(writer, "block_size", (double)s->block, 9);
    safetensors_writer_number(writer, "n_embd", (double)s->d_model, 9);
    safetensors_writer_number(writer, "n_head", (double)s->heads, 9);
    safetensors_writer_number(writer, "n_layer", (double)s->layers, 9);
    safetensors_writer_number(writer, "dropout", s->dropout, 9);
    gpt_model_save(run->model->gpt, &run->model->parameters, writer);
    const bool saved = safetensors_writer_save(writer, path, err);
    safetensors_writer_free(writer);
    free(in_order);
    free(all);
    return saved;
}

/* A row is also the moment to save: whatever ends a long run, no more than eval_every steps are
 * lost. The stages take seconds and have --seed 1337 to be had again. */
static bool on_row(void *context, const CharRow *row, Error *err) {
    Run *run = context;
    printf("step %d: train loss %.4f, val loss %.4f\n", row->step, row->train, row->val);
    fflush(stdout);
    run->rows = array_reserve(run->rows, &run->capacity, run->count + 1, sizeof *run->rows);
    run->rows[run->count++] = *row;
    return run->settings->stage != FREE || row->step == 0 || save(run, err);
}

/* Each stage has a picture of its own, so that they can be laid side by side. */
static void plot(const Run *run) {
    static const char *const names[] = {"training part", "validation part"};
    char name[64], title[96];
    const char *stage = run->settings->stage_name;
    snprintf(name, sizeof name, stage ? "loss_%s" : "loss", stage);
    snprintf(title, sizeof title, stage ? "Loss per character, stage %s" : "Loss per character",
             stage);
    const Picture picture = {
        .name = name,
        .directory = run->directory,
        .title = title,
        .caption = "the gap between the curves is what the model knows of this text only"};
    LossPoint *points = memory_alloc(run->count * sizeof *points);
    for (size_t i = 0; i < run->count; i++)
        points[i] = (LossPoint){
            .step = run->rows[i].step, .train = run->rows[i].train, .valid = run->rows[i].val};
    loss_plot(picture, names, points, run->count);
    free(points);
}

static void print_end(const Run *run, const GptTrained *trained, bool saved) {
    const Settings *s = run->settings;
    const double characters = (double)trained->steps * (double)s->batch * (double)s->block;
    // How fast it went is no result: the same seed shall print the same on stdout.
    if (trained->seconds > 0)
        fprintf(stderr, "gpt: %d steps in %.1f s, %.0f characters/s\n", trained->steps,
                trained->seconds, characters / trained->seconds);
    if (interrupted()) printf("interrupted after %d steps\n", trained->steps);
    if (saved) printf("saved as %s/model.safetensors\n", run->directory);
}

/* Trains, with a row and a saved model at each estimate. Interrupted, it saves and counts as good:
 * what there is by then is a model. */
static bool train(Run *run, const CommonOptions *common, Random *random, Error *err) {
    const Settings *s = run->settings;
    Trainer *trainer = trainer_new(&run->model->parameters, adamw_pytorch(), (int)common->threads,
                                   (uint64_t)common->seed, 0);
    const GptTraining training = {.loss = run->model->loss,
                                  .model = run->model->model,
                                  .trainer = trainer,
                                  .parts = run->text->parts,
                                  .training = {.batch = (int)s->batch,
                                               .block = (int)s->block,
                                               .steps = (int)s->steps,
                                               .eval_every = (int)s->eval_every,
                                               .eval_batches = (int)s->eval_iters,
                                               .eval_last = s->stage >= BLOCKS,
                                               .lr = s->lr},
                                  .random = random,
                                  .stop = interrupted,
                                  .report = on_row,
                                  .context = run};
    GptTrained trained;
    interrupt_catch();
    bool good = gpt_train(&training, &trained, err);
    const bool saves = good && s->stage == FREE && trained.steps > 0;
    if (saves) good = save(run, err);
    interrupt_release();
    if (good) print_end(run, &trained, saves);
    trainer_free(trainer);
    return good;
}

/* The file that an earlier run may have left half-written. */
static bool is_model(const char *name) {
    return strcmp(name, "model.safetensors") == 0;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    CommonOptions common = common_options(1337, "build/06_training/gpt_run");
    Settings settings;
    Error err;
    Text text;
    settings_parse(argc, argv, &common, &settings);
    Lock lock;
    if (!text_load(&settings, &text, &err) || !folder_make(common.out, &err) ||
        !lock_folder(common.out, &lock, &err))
        error_exit(&err);
    file_remove_leftovers(common.out, is_model);
    // One generator for weights, windows and sample, as in the video: whatever draws once more
    // moves everything behind it.
    Random random;
    random_seed(&random, (uint64_t)common.seed);
    Model model;
    model_new(&model, &settings, (int)text.characters.count, &random);
    printf("%s: %zu characters, %zu different, %zu to learn from\n", settings.text, text.ids.count,
           text.characters.count, text.parts.train.count);
    printf("%s: %zu parameters, %ld windows of %ld a step, seed %ld, %ld threads\n",
           STAGE_NAMES[settings.stage], parameters_size(&model.parameters), settings.batch,
           settings.block, common.seed, common.threads);
    fflush(stdout);
    Run run = {.settings = &settings, .text = &text, .model = &model, .directory = common.out};
    const bool good = train(&run, &common, &random, &err);
    if (good) plot(&run);
    if (good && !interrupted() && settings.generate)
        print_sample(&model, &settings, &text, &random);
    free(run.rows);
    model_free(&model);
    text_free(&text);
    if (!good) error_exit(&err);
    output_finish();
    return interrupt_status();
}
