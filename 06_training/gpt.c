/* gpt.c - the language model of Karpathy's "Let's build GPT", stage by stage or of any size.
 *
 * With --stage, sizes and training are those of the video's commit, and seed 1337 prints its
 * losses. Without, the last stage's model with the scale mended and dropout, at nanoGPT's size for
 * a CPU: it is saved, goes on later (--resume) or with another text (--from), and writes (--model).
 *
 * Beside: karpathy 1:46:22 --text build/data/tinyshakespeare/input.txt; bloem Text generation
 *     transformer --text build/data/tinyshakespeare/input.txt - nanoGPT's sizes for a CPU are the
 *     default: 4 layers, 4 heads, width 128, 2000 steps; some minutes (after `make data`)
 * Beside: karpathy 1:37:49 --text build/data/tinyshakespeare/input.txt --preset tenth - a tenth of
 *     his last model's weights and steps, with its dropout, some minutes; the whole, `--preset
 *     video`, wants a day on a CPU (after `make data`)
 * Beside: bloem Text generation transformer --model build/06_training/gpt_run/model.safetensors
 *     --temperature 0.5; karpathy 1:46:22 --model build/06_training/gpt_run/model.safetensors
 *     --prompt ROMEO: - what you have trained writes, at Bloem's temperature, or from a beginning
 *     of yours; each training ends with its bits per character
 * Beside: karpathy 0:38:00 --text build/data/tinyshakespeare/input.txt --stage bigram - his script
 *     with your own text; every stage has a name (after `make data`)
 */
#include "05_encoder_decoder/gpt_model.h"
#include "06_training/gpt/gpt_file.h"
#include "06_training/gpt/gpt_folder.h"
#include "06_training/gpt/gpt_settings.h"
#include "06_training/gpt/gpt_train.h"

#include "01_embeddings/lab/bigram.h"
#include "04_multihead/char_heads.h"
#include "06_training/trainer/interrupt.h"
#include "06_training/trainer/loss_plot.h"
#include "common/files/crc32.h"
#include "common/files/text.h"
#include "common/kernels.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- Text ------------------------------------------------------------------------------------ */

typedef struct {
    IntArray ids;
    TextParts parts;
} Text;

/* The ids of the whole file, nine tenths to learn from. Characters that are there already, a saved
 * model's, stay: the text may then have no others. */
static bool text_load(const GptSettings *s, Characters *characters, Text *text, Error *err) {
    char *bytes;
    size_t count;
    Error reason;
    *text = (Text){0};
    if (!text_read(s->text, &bytes, &count, err)) return false;
    bool good = characters->count > 0 || characters_learn(characters, bytes, count, err);
    if (good && !characters_encode(characters, bytes, count, &text->ids, &reason))
        good = error_set(err, "%s: %s", s->text, reason.text);
    free(bytes);
    text->parts = text_part_split(text->ids.data, text->ids.count);
    const size_t train = text->parts.train.count, val = text->parts.val.count;
    if (good && (train < val ? train : val) <= (size_t)s->block)
        good = error_set(err,
                         "%s: %zu characters, of which %zu are to learn from and %zu to validate "
                         "with: a window of --block %ld and the character after it needs %ld in "
                         "both",
                         s->text, text->ids.count, train, val, s->block, s->block + 1);
    return good;
}

/* ---- Model ----------------------------------------------------------------------------------- */

/* Any stage's. Parts of it point to each other: it must not be moved. */
typedef struct {
    GptFile file; // characters and parameters; the model itself from FF on
    Bigram bigram;
    AttentionHead head;
    CharHeads heads;
    CharModel chars;
    TextPartLoss loss;
    const void *model; // loss's
} Model;

/* What chapters 3 and 4 have for the middle. E stands for n_embd, and in HEAD for head_size too. */
static void middle_new(Model *m, const GptSettings *s, Random *random) {
    const int E = (int)s->d_model;
    CharMiddle middle = char_middle_none(E);
    if (s->stage == GPT_STAGE_HEAD) {
        m->head = attention_head_new(&m->file.parameters, "sa_head.", E, E, random);
        middle = char_middle_head(&m->head);
    } else if (s->stage == GPT_STAGE_HEADS) {
        m->heads = char_heads_new(&m->file.parameters, "sa_heads.", E, (int)s->heads, true, random);
        middle = char_middle_heads(&m->heads);
    }
    char_model_finish(&m->chars, &m->file.parameters, middle, random);
}

/* Draws in the order of the constructors in the video: embeddings, middle, lm_head. */
static void model_new(Model *m, const GptSettings *s, Random *random) {
    const int vocab = (int)m->file.characters.count;
    m->loss = char_model_loss;
    m->model = &m->chars;
    const int E = (int)s->d_model, block_size = (int)s->block;
    if (s->stage == GPT_STAGE_BIGRAM) {
        m->bigram = bigram_new(&m->file.parameters, "token_embedding_table.", vocab, random);
        m->loss = bigram_loss;
        m->model = &m->bigram;
    } else if (s->stage < GPT_STAGE_FF) {
        const CharConfig config = {
            .vocab = vocab, .block_size = block_size, .n_embd = E, .positions = POSITIONS_LEARNED};
        m->chars = char_model_begin(&m->file.parameters, config, random);
        middle_new(m, s, random);
    } else {
        const GptConfig config = {
            .kind = s->stage == GPT_STAGE_FF       ? GPT_FF
                    : s->stage == GPT_STAGE_BLOCKS ? GPT_BLOCKS
                                                   : GPT_NORM,
            .vocab = vocab,
            .block_size = block_size,
            .d_model = E,
            .heads = (int)s->heads,
            .layers = s->stage == GPT_STAGE_FF ? 1 : (int)s->layers,
            .dropout = (real)s->dropout,
            .scale_of_video = s->stage != GPT_STAGE_FREE,
            .positions = POSITIONS_LEARNED,
        };
        m->file.gpt = gpt_model_new(&m->file.parameters, &config, random);
        m->chars = m->file.gpt->chars;
    }
}

/* A model that has been read from a file, with the sizes that it has there. */
static void model_take(Model *m, GptSettings *s) {
    GptConfig *c = &m->file.gpt->config;
    m->chars = m->file.gpt->chars;
    m->loss = char_model_loss;
    m->model = &m->chars;
    s->block = c->block_size, s->d_model = c->d_model, s->heads = c->heads, s->layers = c->layers;
    c->dropout = (real)s->dropout; // a matter of training
}

/* The ids that the writing goes on from: as the video character 0, a line end in most texts, or the
 * prompt's. */
static bool prompt_encode(const Characters *characters, const char *prompt, IntArray *ids,
                          Error *err) {
    Error reason;
    if (!prompt) int_array_push(ids, 0);
    return !prompt || characters_encode(characters, prompt, strlen(prompt), ids, &reason) ||
           error_set(err, "--prompt: %s", reason.text);
}

/* Prints what it goes on from too. */
static void print_sample(const Model *m, const GptSettings *s, const IntArray *prompt,
                         Random *random) {
    const size_t length = prompt->count, count = (size_t)s->generate;
    IntArray ids = {0};
    for (size_t i = 0; i < length + count; i++)
        int_array_push(&ids, i < length ? prompt->data[i] : 0);
    Graph *graph = graph_new();
    graph_use(graph);
    if (s->stage == GPT_STAGE_BIGRAM)
        bigram_generate(&m->bigram, random, ids.data[length - 1], ids.data + length, count);
    else
        char_model_generate(&m->chars, random, s->temperature, ids.data, length, count);
    graph_free(graph);
    size_t bytes;
    char *sample = characters_decode(&m->file.characters, ids.data, ids.count, &bytes);
    fwrite(sample, 1, bytes, stdout);
    puts("");
    free(sample);
    free(ids.data);
}

/* A loss is in nats, powers of e; the same in powers of 2. */
static void print_bits(const Model *m, double loss) {
    const double guessing = log((double)m->file.characters.count) / log(2);
    printf("val loss %.4f / ln 2 = %.3f bits per character; guessing: %.3f\n", loss, loss / log(2),
           guessing);
}

/* ---- A run ----------------------------------------------------------------------------------- */

typedef struct {
    GptSettings *settings;
    Text text;
    IntArray prompt; // what the sample goes on from
    Model model;
    GptRun state;
    const char *directory;
    Lock lock;        // of the directory
    bool moved_aside; // an earlier run's weights are safe
} Run;

/* model.safetensors and state.safetensors, each all or nothing: at any moment they are whole
 * files. */
static bool save(Run *run, Error *err) {
    char path[4096];
    if (!lock_names(&run->lock, run->directory, err)) return false;
    if (!run->moved_aside && !gpt_folder_keep_earlier(run->directory, err)) return false;
    run->moved_aside = true;
    snprintf(path, sizeof path, "%s/model.safetensors", run->directory);
    if (!gpt_file_save(path, &run->model.file, err)) return false;
    snprintf(path, sizeof path, "%s/state.safetensors", run->directory);
    return gpt_file_save_run(path, &run->model.file, &run->state, run->settings, err);
}

/* A row is also the moment to save: whatever ends a long run, no more than eval_every steps are
 * lost. The stages take seconds and have --seed 1337 to be had again. */
static bool on_row(void *context, const CharRow *row, Error *err) {
    Run *run = context;
    printf("step %d: train loss %.4f, val loss %.4f\n", row->step, row->train, row->val);
    fflush(stdout);
    gpt_run_add_row(&run->state, row);
    return run->settings->stage != GPT_STAGE_FREE || row->step == 0 || save(run, err);
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
    const GptRun *state = &run->state;
    LossPoint *points = memory_alloc(state->row_count * sizeof *points);
    for (size_t i = 0; i < state->row_count; i++)
        points[i] = (LossPoint){.step = state->rows[i].step,
                                .train = state->rows[i].train,
                                .valid = state->rows[i].val,
                                .bleu = NAN,
                                .lr = NAN};
    loss_plot(picture, names, points, state->row_count);
    free(points);
}

static void print_end(const Run *run, const GptTrained *trained, bool saved) {
    const GptSettings *s = run->settings;
    const double characters = (double)trained->steps * (double)s->batch * (double)s->block;
    // How fast it went is no result: the same seed shall print the same on stdout.
    if (trained->seconds > 0)
        fprintf(stderr, "gpt: %d steps in %.1f s, %.0f characters/s\n", trained->steps,
                trained->seconds, characters / trained->seconds);
    if (interrupted()) printf("interrupted after %d steps\n", run->state.point.step);
    if (saved)
        printf("saved as %s/model.safetensors at step %d\n", run->directory, run->state.point.step);
    if (run->state.row_count == 0) return;
    // Seldom of the model that is saved: even the last estimate of all comes before a step.
    const CharRow *row = &run->state.rows[run->state.row_count - 1];
    printf("step %d: ", row->step);
    print_bits(&run->model, row->val);
}

/* Of a run that has stopped before its end. What it began with, --from, it has in it. */
static void print_way_on(const GptSettings *s) {
    const bool paused = !interrupted(); // and so by --stop-after
    const char *without = s->from && paused ? ", and without --from and --stop-after,"
                          : s->from         ? ", and without --from,"
                          : paused          ? ", and without --stop-after,"
                                            : "";
    printf("the same command with --resume%s goes on\n", without);
}

/* Trains, with a row and a saved model at each estimate. Interrupted, it saves and counts as good:
 * what there is by then is a model. */
static bool train(Run *run, Trainer *trainer, Error *err) {
    const GptSettings *s = run->settings;
    const GptTraining training = {.loss = run->model.loss,
                                  .model = run->model.model,
                                  .trainer = trainer,
                                  .parts = run->text.parts,
                                  .training = {.batch = (int)s->batch,
                                               .block = (int)s->block,
                                               .steps = (int)s->steps,
                                               .eval_every = (int)s->eval_every,
                                               .eval_batches = (int)s->eval_iters,
                                               .eval_last = s->stage >= GPT_STAGE_BLOCKS,
                                               .lr = s->lr},
                                  .stop_after = (int)s->stop_after,
                                  .random = &run->state.random,
                                  .point = &run->state.point,
                                  .stop = interrupted,
                                  .report = on_row,
                                  .context = run};
    GptTrained trained;
    interrupt_catch();
    bool good = gpt_train(&training, &trained, err);
    const bool saves = good && s->stage == GPT_STAGE_FREE && trained.steps > 0;
    if (saves) good = save(run, err);
    interrupt_release();
    if (good) print_end(run, &trained, saves);
    if (good && saves && run->state.point.step < s->steps) print_way_on(s);
    return good;
}

/* A new run: characters and weights are the text's and drawn, or, to fine-tune, a file's. One
 * generator for weights, windows and sample, as in the video: whatever draws once more moves
 * everything behind it. */
static bool begin(Run *run, const CommonOptions *common, Error *err) {
    GptSettings *s = run->settings;
    Model *m = &run->model;
    run->state.seed = common->seed;
    run->state.point = (GptPoint){0, -1};
    random_seed(&run->state.random, (uint64_t)common->seed);
    if (s->from && !gpt_file_load(s->from, &m->file, err)) return false;
    if (s->from) model_take(m, s);
    if (!text_load(s, &m->file.characters, &run->text, err)) return false;
    if (!s->from) model_new(m, s, &run->state.random);
    run->state.text_crc = crc32_add(0, run->text.ids.data, run->text.ids.count * sizeof(int));
    return true;
}

/* Where a resumed run ends, which cannot be before where it stands. */
static bool check_end(const Run *run, Error *err) {
    const GptSettings *s = run->settings;
    const bool pauses = s->stop_after && s->stop_after < s->steps;
    const long end = pauses ? s->stop_after : s->steps;
    return end >= run->state.point.step ||
           error_set(err,
                     "--%s %ld: the run in %s is already at step %d, and the number must be "
                     "larger",
                     pauses ? "stop-after" : "steps", end, run->directory, run->state.point.step);
}

/* A run that goes on: everything is the file's, and the text must be the one it was begun with.
 * What was given again must be the same. */
static bool go_on(Run *run, const CommonOptions *common, const Safetensors *state, Error *err) {
    GptSettings *s = run->settings;
    Model *m = &run->model;
    if (!gpt_file_load_run(state, &m->file, &run->state, s, err)) return false;
    if (common->seed_given && common->seed != run->state.seed)
        return error_set(err, "%s: this run was begun with --seed %ld, which cannot become %ld",
                         state->path, run->state.seed, common->seed);
    if (!check_end(run, err)) return false;
    model_take(m, s);
    if (!text_load(s, &m->file.characters, &run->text, err)) return false;
    run->moved_aside = true; // what is there is this run's
    return run->state.text_crc ==
               crc32_add(0, run->text.ids.data, run->text.ids.count * sizeof(int)) ||
           error_set(err, "%s: not the text that the run in %s was begun with", s->text,
                     run->directory);
}

/* A run that has nothing left to do is no mistake: it is drawn, and writes, once more. */
static void print_place(const Run *run) {
    const GptSettings *s = run->settings;
    const int step = run->state.point.step;
    if (step == s->steps || step == s->stop_after)
        printf("already at step %d: nothing to train without a larger --%s\n", step,
               step == s->steps ? "steps" : "stop-after");
    else
        printf("goes on at step %d of %ld\n", step, s->steps);
}

/* The trainer is made for the weights; when a run goes on, Adam's moments are the file's. A prompt
 * that cannot be written on from is refused now: after the training would be hours late. */
static bool run_training(Run *run, const CommonOptions *common, const Safetensors *state,
                         Error *err) {
    if (!(state ? go_on(run, common, state, err) : begin(run, common, err))) return false;
    const GptSettings *s = run->settings;
    const Model *m = &run->model;
    if (!prompt_encode(&m->file.characters, s->prompt, &run->prompt, err)) return false;
    Trainer *trainer = trainer_new(&run->model.file.parameters, adamw_pytorch(),
                                   (int)common->threads, (uint64_t)run->state.seed, 0);
    run->state.optimizer = trainer->optimizer;
    bool good = !state || gpt_file_load_optimizer(state, &run->state, err);
    if (good) {
        printf("%s: %zu characters, %zu different, %zu to learn from\n", s->text,
               run->text.ids.count, m->file.characters.count, run->text.parts.train.count);
        printf("%s: %zu parameters, %ld windows of %ld a step, seed %ld, %ld threads\n",
               gpt_settings_stage_name(s->stage), parameters_size(&m->file.parameters), s->batch,
               s->block, run->state.seed, common->threads);
        if (state) print_place(run);
        fflush(stdout);
        good = train(run, trainer, err);
    }
    trainer_free(trainer);
    if (good) plot(run);
    if (good && !interrupted() && s->generate && !s->stop_after)
        print_sample(m, s, &run->prompt, &run->state.random);
    return good;
}

static void run_free(Run *run) {
    gpt_run_free(&run->state);
    free(run->text.ids.data);
    free(run->prompt.data);
    gpt_file_free(&run->model.file);
}

/* --text: trains in a folder that is its own. */
static bool trains(GptSettings *settings, const CommonOptions *common, Error *err) {
    char path[4096];
    Safetensors state;
    Run run = {.settings = settings, .directory = common->out};
    const bool saves = settings->stage == GPT_STAGE_FREE;
    if (!gpt_folder_take(common->out, saves, &run.lock, err)) return false;
    snprintf(path, sizeof path, "%s/state.safetensors", common->out);
    if (settings->resume && !safetensors_open(path, &state, err)) return false;
    const bool good = run_training(&run, common, settings->resume ? &state : NULL, err);
    if (settings->resume) safetensors_close(&state);
    run_free(&run);
    return good;
}

/* --model: writes, and with a text says how well it predicts that text's last tenth. */
static bool writes(GptSettings *settings, const CommonOptions *common, Error *err) {
    Run run = {.settings = settings};
    Random random;
    random_seed(&random, (uint64_t)common->seed);
    bool good = gpt_file_load(settings->model, &run.model.file, err);
    if (good) model_take(&run.model, settings);
    good = good && prompt_encode(&run.model.file.characters, settings->prompt, &run.prompt, err);
    if (good && settings->text) {
        good = text_load(settings, &run.model.file.characters, &run.text, err);
        if (good) {
            Graph *graph = graph_new();
            graph_use(graph);
            Random windows = random; // what is written does not hang on what was measured
            print_bits(&run.model,
                       text_part_estimate_loss(run.model.loss, run.model.model, &windows,
                                               run.text.parts.val, (int)settings->eval_iters,
                                               (int)settings->batch, (int)settings->block));
            graph_free(graph);
        }
    }
    if (good) print_sample(&run.model, settings, &run.prompt, &random);
    run_free(&run);
    return good;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    CommonOptions common = common_options(1337, "build/06_training/gpt_run");
    GptSettings settings;
    Error err;
    gpt_settings_parse(argc, argv, &common, &settings);
    if (!(settings.model ? writes : trains)(&settings, &common, &err)) error_exit(&err);
    output_finish();
    return interrupt_status();
}
