#include "06_training/gpt/gpt_file.h"

#include "06_training/trainer/metadata.h"

#include <limits.h>
#include <stdlib.h>

static const int RANDOM_SHAPE[] = {RANDOM_STATE_BYTES};
static const char ROWS[] = "run.rows";
enum { ROW_COLUMNS = 3 };

void gpt_file_free(GptFile *file) {
    gpt_model_free(file->gpt);
    parameters_free(&file->parameters);
    characters_free(&file->characters);
    *file = (GptFile){0};
}

void gpt_run_add_row(GptRun *run, const CharRow *row) {
    run->rows = array_reserve(run->rows, &run->row_capacity, run->row_count + 1, sizeof *run->rows);
    run->rows[run->row_count++] = *row;
}

void gpt_run_free(GptRun *run) {
    free(run->rows);
    run->rows = NULL;
    run->row_count = run->row_capacity = 0;
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* The characters in the order of their ids are a text that teaches the same ids. */
static void describe(const GptFile *file, SafetensorsWriter *writer) {
    const Characters *characters = &file->characters;
    const GptConfig *c = &file->gpt->config;
    int *all = memory_alloc(characters->count * sizeof *all);
    for (size_t i = 0; i < characters->count; i++) all[i] = (int)i;
    char *in_order = characters_decode(characters, all, characters->count, NULL);
    safetensors_writer_metadata(writer, "format", "pt");
    safetensors_writer_metadata(writer, "characters", in_order);
    safetensors_writer_metadata(writer, "positions", positions_name(c->positions));
    safetensors_writer_number(writer, "block_size", c->block_size, 9);
    safetensors_writer_number(writer, "n_embd", c->d_model, 9);
    safetensors_writer_number(writer, "n_head", c->heads, 9);
    safetensors_writer_number(writer, "n_layer", c->layers, 9);
    safetensors_writer_number(writer, "dropout", (double)c->dropout, 9);
    gpt_model_save(file->gpt, &file->parameters, writer);
    free(in_order);
    free(all);
}

bool gpt_file_save(const char *path, const GptFile *file, Error *err) {
    SafetensorsWriter *writer = safetensors_writer_new();
    describe(file, writer);
    const bool saved = safetensors_writer_save(writer, path, err);
    safetensors_writer_free(writer);
    return saved;
}

/* The rows as doubles (row_count,3), which hold any step: step, training loss, validation loss. */
static double *rows_in_columns(const GptRun *run) {
    double *columns = memory_alloc(ROW_COLUMNS * run->row_count * sizeof *columns);
    for (size_t i = 0; i < run->row_count; i++) {
        const CharRow *row = &run->rows[i];
        memcpy(columns + ROW_COLUMNS * i, (double[]){row->step, row->train, row->val},
               ROW_COLUMNS * sizeof *columns);
    }
    return columns;
}

/* The generator's words go along, so that the windows to come are those that would have come. */
bool gpt_file_save_run(const char *path, const GptFile *file, const GptRun *run,
                       const GptSettings *settings, Error *err) {
    uint8_t random[RANDOM_STATE_BYTES];
    random_save(&run->random, random);
    double *rows = rows_in_columns(run);
    SafetensorsWriter *writer = safetensors_writer_new();
    describe(file, writer);
    optimizer_save(run->optimizer, writer);
    gpt_settings_describe(settings, writer);
    safetensors_writer_number(writer, "run.step", run->point.step, 17);
    safetensors_writer_number(writer, "run.evaluated", run->point.evaluated, 17);
    safetensors_writer_number(writer, "run.seed", (double)run->seed, 17);
    safetensors_writer_number(writer, "run.text_crc", (double)run->text_crc, 17);
    safetensors_writer_tensor(writer, "run.random", DTYPE_U8, 1, RANDOM_SHAPE, random);
    safetensors_writer_tensor(writer, ROWS, DTYPE_F64, 2, SHAPE((int)run->row_count, ROW_COLUMNS),
                              rows);
    const bool saved = safetensors_writer_save(writer, path, err);
    safetensors_writer_free(writer);
    free(rows);
    return saved;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* Sizes out of the metadata. How large they may be the tensors decide, which must have them. */
static bool read_config(const Safetensors *file, GptConfig *config, Error *err) {
    long block, width, heads, layers;
    double dropout;
    const char *positions = safetensors_metadata(file, "positions");
    if (!(metadata_read_whole(file, "block_size", 1, 4096, &block, err) &&
          metadata_read_whole(file, "n_embd", 1, 4096, &width, err) &&
          metadata_read_whole(file, "n_head", 1, 256, &heads, err) &&
          metadata_read_whole(file, "n_layer", 1, 256, &layers, err) &&
          metadata_read_real(file, "dropout", 0, 0.9, &dropout, err)))
        return false;
    if (width % heads)
        return error_set(err, "%s: %ld heads do not divide a width of %ld", file->path, heads,
                         width);
    *config = (GptConfig){.kind = GPT_NORM,
                          .block_size = (int)block,
                          .d_model = (int)width,
                          .heads = (int)heads,
                          .layers = (int)layers,
                          .dropout = (real)dropout,
                          .positions = POSITIONS_LEARNED};
    // Until there was a choice the file did not say.
    return !positions || positions_from_name(positions, &config->positions) ||
           error_set(err, "%s: metadata \"positions\" is \"%s\"", file->path, positions);
}

/* Before anything is built of the metadata's sizes: a file of a few bytes that asks for a model of
 * gigabytes is refused. Each layer has 12 E^2 numbers in its matrices. */
static bool check_sizes(const Safetensors *file, const GptConfig *c, Error *err) {
    const size_t E = (size_t)c->d_model;
    const Safetensor *token = safetensors_find(file, "token_embedding_table.weight");
    if (!token || token->ndim != 2 || token->shape[0] != (size_t)c->vocab || token->shape[1] != E)
        return error_set(err, "%s: no token embeddings for %d characters, %d wide", file->path,
                         c->vocab, c->d_model);
    size_t numbers = 0;
    for (size_t i = 0; i < file->count; i++)
        numbers += file->tensor[i].bytes / dtype_bytes(file->tensor[i].dtype);
    return numbers >= 12 * E * E * (size_t)c->layers ||
           error_set(err, "%s: %zu numbers are too few for %d layers, %d wide", file->path, numbers,
                     c->layers, c->d_model);
}

static bool read_model(const Safetensors *file, GptFile *f, size_t *tensors, Error *err) {
    const char *characters = safetensors_metadata(file, "characters");
    Error reason;
    GptConfig config;
    *f = (GptFile){0};
    if (!characters)
        return error_set(err, "%s: no \"characters\" in the metadata, so not a model of gpt",
                         file->path);
    if (!read_config(file, &config, err)) return false;
    if (!characters_learn(&f->characters, characters, strlen(characters), &reason))
        return error_set(err, "%s: metadata \"characters\": %s", file->path, reason.text);
    config.vocab = (int)f->characters.count;
    if (!check_sizes(file, &config, err)) return false;
    f->gpt = gpt_model_new(&f->parameters, &config, NULL);
    if (!gpt_model_load(f->gpt, &f->parameters, file, tensors, err)) return false;
    size_t element;
    const Tensor *bad = parameters_not_finite(&f->parameters, &element);
    return !bad || error_set(err, "%s: tensor \"%s\" holds %g at element %zu", file->path,
                             bad->name, (double)bad->data[element], element);
}

bool gpt_file_load(const char *path, GptFile *f, Error *err) {
    Safetensors file;
    size_t tensors = 0;
    if (!safetensors_open(path, &file, err)) return false;
    bool good = read_model(&file, f, &tensors, err);
    // A state has Adam's as well and can be written with; anything else is another's file.
    if (good && tensors != file.count && !safetensors_metadata(&file, "run.step"))
        good =
            error_set(err, "%s: %zu tensors, where the model has %zu", path, file.count, tensors);
    safetensors_close(&file);
    if (!good) gpt_file_free(f);
    return good;
}

/* A row of the file after those that have been read: as gpt_train makes them, or damaged. */
static bool take_row(const Safetensors *file, const double row[ROW_COLUMNS], GptRun *run,
                     Error *err) {
    const double before = run->row_count ? run->rows[run->row_count - 1].step : -1;
    if (!(row[0] > before && row[0] <= run->point.step && row[0] == floor(row[0])))
        return error_set(err, "%s: %s: row %zu is of step %.10g, after step %.10g in a run of %d",
                         file->path, ROWS, run->row_count, row[0], before, run->point.step);
    if (!isfinite(row[1]) || !isfinite(row[2]))
        return error_set(err, "%s: %s: the losses of step %.10g are %g and %g", file->path, ROWS,
                         row[0], row[1], row[2]);
    gpt_run_add_row(run, &(CharRow){(int)row[0], row[1], row[2]});
    return true;
}

/* Until the picture was of the whole run the file did not say. */
static bool read_rows(const Safetensors *file, GptRun *run, Error *err) {
    const Safetensor *tensor = safetensors_find(file, ROWS);
    if (!tensor) return true;
    // Of its bytes, which are there, not of its shape: one of (10^9,0) would be believed.
    const size_t count = tensor->bytes / (ROW_COLUMNS * sizeof(double));
    if (count > (size_t)run->point.step + 1)
        return error_set(err, "%s: %s: %zu rows in a run of %d steps", file->path, ROWS, count,
                         run->point.step);
    double *rows = memory_alloc(ROW_COLUMNS * count * sizeof *rows);
    bool good =
        safetensors_read(file, ROWS, DTYPE_F64, 2, SHAPE((int)count, ROW_COLUMNS), rows, err);
    for (size_t i = 0; good && i < count; i++)
        good = take_row(file, rows + ROW_COLUMNS * i, run, err);
    free(rows);
    return good;
}

static bool read_run(const Safetensors *file, GptRun *run, Error *err) {
    long step, evaluated, seed, crc;
    uint8_t random[RANDOM_STATE_BYTES];
    Error reason;
    if (!(metadata_read_whole(file, "run.step", 0, INT_MAX, &step, err) &&
          metadata_read_whole(file, "run.evaluated", -1, step, &evaluated, err) &&
          metadata_read_whole(file, "run.seed", 0, UINT32_MAX, &seed, err) &&
          metadata_read_whole(file, "run.text_crc", 0, UINT32_MAX, &crc, err) &&
          safetensors_read(file, "run.random", DTYPE_U8, 1, RANDOM_SHAPE, random, err)))
        return false;
    if (!random_load(&run->random, random, &reason))
        return error_set(err, "%s: run.random: %s", file->path, reason.text);
    run->point = (GptPoint){(int)step, (int)evaluated};
    run->seed = seed;
    run->text_crc = (uint32_t)crc;
    return read_rows(file, run, err);
}

/* Its sizes, as the command line would give them. */
static GptSettings sizes_of(const GptConfig *c) {
    return (GptSettings){
        .block = c->block_size, .d_model = c->d_model, .heads = c->heads, .layers = c->layers};
}

bool gpt_file_load_run(const Safetensors *state, GptFile *f, GptRun *run, GptSettings *settings,
                       Error *err) {
    size_t tensors = 0;
    bool good = read_model(state, f, &tensors, err);
    if (good) {
        const GptSettings saved = sizes_of(&f->gpt->config);
        good = gpt_settings_agree(settings, &saved, state->path, err) &&
               read_run(state, run, err) && gpt_settings_restore(settings, state, err);
    }
    if (!good) gpt_file_free(f);
    return good;
}

/* Adam counts steps as well, and the rows must fit to what has been learned. */
bool gpt_file_load_optimizer(const Safetensors *state, GptRun *run, Error *err) {
    if (!optimizer_load(run->optimizer, state, err)) return false;
    return run->optimizer->step == run->point.step ||
           error_set(err, "%s: %ld steps of Adam in a run of %d", state->path,
                     (long)run->optimizer->step, run->point.step);
}
