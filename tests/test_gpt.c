// Karpathy's last stages (gpt_model.h) and their training on threads.
#include "04_multihead/char_heads.h"
#include "05_encoder_decoder/gpt_model.h"
#include "06_training/gpt/gpt_file.h"
#include "06_training/gpt/gpt_train.h"
#include "common/init.h"
#include "common/kernels.h"
#include "common/vector.h"
#include "tests/fixtures/gpt_fixture.h"
#include "tests/gradcheck.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { KINDS = 3 };

static const size_t SIZES[KINDS] = {8609, 41921, 42369};

static GptConfig of_video(int kind) {
    return (GptConfig){.kind = (GptKind)kind,
                       .positions = POSITIONS_LEARNED,
                       .vocab = 65,
                       .block_size = 8,
                       .d_model = 32,
                       .heads = 4,
                       .layers = kind == GPT_FF ? 1 : 3,
                       .scale_of_video = true};
}

/* ---- The model ------------------------------------------------------------------------------- */

/* The notebook's first four windows, as make_gpt.py has them. */
static const int X[32] = {24, 43, 58, 5,  57, 1,  46, 43, 44, 53, 56, 1,  58, 46, 39, 58,
                          52, 58, 1,  58, 46, 39, 58, 1,  25, 17, 27, 10, 0,  21, 1,  54};
static const int Y[32] = {43, 58, 5,  57, 1,  46, 43, 39, 53, 56, 1,  58, 46, 39, 58, 1,
                          58, 1,  58, 46, 39, 58, 1,  46, 17, 27, 10, 0,  21, 1,  54, 39};

/* Seed 1337 draws what PyTorch draws, and ten steps of AdamW go where they go there. */
START_TEST(losses_are_those_of_torch) {
    Random random;
    random_seed(&random, 1337);
    Parameters parameters = {0};
    const GptConfig config = of_video(_i);
    GptModel *model = gpt_model_new(&parameters, &config, &random);
    ck_assert_uint_eq(parameters_size(&parameters), SIZES[_i]);
    Optimizer *optimizer = optimizer_new(&parameters, adamw_pytorch());
    Graph *graph = gradcheck_graph();
    for (int step = 0; step <= 10; step++) {
        graph_reset(graph);
        Tensor *loss = char_model_loss(&model->chars, X, Y, 4, 8);
        if (step % 10 == 0)
            ck_assert_double_eq_tol((double)tensor_item(loss), GPT_LOSSES[_i][step / 10], 2e-5);
        backward(loss);
        optimizer_step(optimizer, 1e-3, 1);
    }
    optimizer_free(optimizer);
    gpt_model_free(model);
    parameters_free(&parameters);
}
END_TEST

/* One matrix and fused_attention against chapter 4's heads, one by one: the same draws in the same
 * order, the same result, with the video's scale and with the mended one. */
START_TEST(heads_are_those_of_chapter_4) {
    enum { B = 2, T = 5, E = 12, H = 3 };
    gradcheck_graph();
    const GptConfig config = {.kind = GPT_FF,
                              .positions = POSITIONS_LEARNED,
                              .vocab = 7,
                              .block_size = T,
                              .d_model = E,
                              .heads = H,
                              .layers = 1,
                              .scale_of_video = _i};
    Random fused_random, random;
    Parameters fused_parameters = {0}, parameters = {0};
    random_seed(&fused_random, 5);
    random_seed(&random, 5);
    GptModel *model = gpt_model_new(&fused_parameters, &config, &fused_random);
    char_model_begin(
        &parameters,
        (CharConfig){.vocab = 7, .block_size = T, .n_embd = E, .positions = POSITIONS_LEARNED},
        &random);
    const CharHeads heads = char_heads_new(&parameters, "", E, H, _i, &random);
    const Linear ffwd = linear_new(&parameters, "ffwd.", E, E, true, &random);
    Tensor *x = TENSOR(B, T, E);
    for (size_t i = 0; i < x->size; i++) x->data[i] = (real)sin((double)i);
    const Tensor *ours = gpt_model_middle(model, x);
    const Tensor *theirs =
        op_relu(linear_forward(&ffwd, char_heads_forward(&heads, x, config.positions)));
    for (size_t i = 0; i < ours->size; i++)
        ck_assert_double_eq_tol((double)ours->data[i], (double)theirs->data[i], 1e-6);
    gpt_model_free(model);
    parameters_free(&fused_parameters);
    parameters_free(&parameters);
}
END_TEST

/* The whole model on chapter 3's attention: the same scores and gradients but for rounding. Heads
 * of 6 columns, by the root of which nothing divides without any. */
START_TEST(composed_is_fused) {
    enum { V = 7, T = 5 };
    const int text[T] = {1, 6, 2, 2, 0}, next[T] = {6, 2, 2, 0, 3};
    const bool single = sizeof(real) == sizeof(float);
    Parameters parameters[2] = {{0}};
    real *logits[2];
    GptModel *model[2];
    for (int k = 0; k < 2; k++) {
        Graph *graph = gradcheck_graph();
        graph->dropout_key = 3;
        Random random;
        random_seed(&random, 8);
        const GptConfig config = {.kind = (GptKind)_i,
                                  .vocab = V,
                                  .block_size = T,
                                  .d_model = 18,
                                  .heads = 3,
                                  .layers = _i == GPT_FF ? 1 : 2,
                                  .dropout = (real)0.2,
                                  .scale_of_video = true,
                                  .attention = k ? ATTENTION_COMPOSED : ATTENTION_FUSED,
                                  .positions = POSITIONS_LEARNED};
        model[k] = gpt_model_new(&parameters[k], &config, &random);
        backward(char_model_loss(&model[k]->chars, text, next, 1, T));
        gradcheck_graph()->dropout_key = 3;
        logits[k] = malloc(T * V * sizeof(real));
        memcpy(logits[k], char_model_logits(&model[k]->chars, text, 1, T)->data,
               T * V * sizeof(real));
    }
    ck_assert_double_le(vector_max_difference(logits[0], logits[1], T * V),
                        (single ? 1e-6 : 1e-12) * vector_max_abs(logits[0], T * V));
    for (int i = 0; i < parameters[0].count; i++) {
        const Tensor *fused = parameters[0].items[i], *composed = parameters[1].items[i];
        ck_assert_double_le(vector_max_difference(fused->grad, composed->grad, fused->size),
                            (single ? 1e-5 : 1e-12) * vector_max_abs(fused->grad, fused->size));
    }
    for (int k = 0; k < 2; k++) {
        free(logits[k]);
        gpt_model_free(model[k]);
        parameters_free(&parameters[k]);
    }
}
END_TEST

/* The scores of a place know the characters before it and none behind it. */
START_TEST(scores_know_only_the_past) {
    enum { V = 65, T = 8 };
    gradcheck_graph();
    Random random;
    random_seed(&random, 6);
    Parameters parameters = {0};
    const GptConfig config = of_video(_i);
    GptModel *model = gpt_model_new(&parameters, &config, &random);
    int other_end[T], other_start[T];
    memcpy(other_end, X, sizeof other_end);
    memcpy(other_start, X, sizeof other_start);
    other_end[T - 1] = 64;
    other_start[0] = 64;
    const Tensor *a = char_model_logits(&model->chars, X, 1, T);
    const Tensor *b = char_model_logits(&model->chars, other_end, 1, T);
    const Tensor *c = char_model_logits(&model->chars, other_start, 1, T);
    const size_t last = (size_t)(T - 1) * V;
    ck_assert_mem_eq(a->data, b->data, last * sizeof(real));
    ck_assert_mem_ne(a->data + last, b->data + last, V * sizeof(real));
    ck_assert_mem_ne(a->data + last, c->data + last, V * sizeof(real));
    gpt_model_free(model);
    parameters_free(&parameters);
}
END_TEST

static Tensor *build_middle(const void *context, Tensor **x) {
    return gpt_model_middle(context, x[0]);
}

/* Every kind, with dropout and without, with both scales, fused and composed, with rotary positions
 * and without. */
START_TEST(gradients) {
    enum { B = 2, T = 3, E = 4 };
    const int kind = _i % KINDS;
    const bool rotary = _i / 3 % 2;
    const GptConfig config = {.kind = (GptKind)kind,
                              .positions = rotary ? POSITIONS_ROTARY : POSITIONS_LEARNED,
                              .attention = _i / 6 ? ATTENTION_COMPOSED : ATTENTION_FUSED,
                              .vocab = 5,
                              .block_size = T,
                              .d_model = E,
                              .heads = 2,
                              .layers = kind == GPT_FF ? 1 : 2,
                              .dropout = _i % 2 ? (real).25 : 0,
                              .scale_of_video = _i % 4 < 2};
    Random random;
    random_seed(&random, (uint64_t)_i);
    Parameters all = {0};
    GptModel *model = gpt_model_new(&all, &config, &random);
    // The middle's own: between the embeddings, two if places are learned, and lm_head's weight and
    // bias.
    const int embeddings = rotary ? 1 : 2;
    Parameters middle = {.items = all.items + embeddings, .count = all.count - embeddings - 2};
    const GradCase c = {"gpt", build_middle, ANY, {INPUT(B, T, E)}, model, &middle};
    gradcheck(&c, 500 + (uint64_t)_i);
    gpt_model_free(model);
    parameters_free(&all);
}
END_TEST

/* ---- Files ----------------------------------------------------------------------------------- */

/* Saved under the video's names: the heads' rows apart, every number once. */
START_TEST(file_has_the_video_s_names) {
    char path[] = "/tmp/test_gpt.XXXXXX";
    const int made = mkstemp(path);
    ck_assert_int_ge(made, 0);
    close(made);
    Random random;
    random_seed(&random, 8);
    Parameters parameters = {0};
    const GptConfig config = of_video(GPT_NORM);
    GptModel *model = gpt_model_new(&parameters, &config, &random);
    SafetensorsWriter *writer = safetensors_writer_new();
    gpt_model_save(model, &parameters, writer);
    Error err;
    Safetensors file;
    ck_assert_msg(safetensors_writer_save(writer, path, &err), "%s", err.text);
    ck_assert_msg(safetensors_open(path, &file, &err), "%s", err.text);
    real weight[8 * 32];
    const real *all = model->blocks[2].sa.in_proj_weight->data;
    static const char *const parts[] = {"query", "key", "value"};
    for (size_t part = 0; part < 3; part++) {
        char name[64];
        snprintf(name, sizeof name, "blocks.2.sa.heads.3.%s.weight", parts[part]);
        ck_assert_msg(safetensors_read_real(&file, name, 2, SHAPE(8, 32), weight, &err), "%s",
                      err.text);
        ck_assert_mem_eq(weight, all + (part * 32 + 24) * 32, sizeof weight);
    }
    static const char *const names[] = {"token_embedding_table.weight",
                                        "position_embedding_table.weight",
                                        "blocks.0.sa.proj.bias",
                                        "blocks.1.ffwd.net.0.weight",
                                        "blocks.1.ffwd.net.2.bias",
                                        "blocks.2.ln1.weight",
                                        "blocks.2.ln2.bias",
                                        "ln_f.weight",
                                        "lm_head.bias"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_msg(safetensors_find(&file, names[i]) != NULL, "no %s", names[i]);
    size_t bytes = 0;
    for (size_t i = 0; i < file.count; i++) bytes += file.tensor[i].bytes;
    ck_assert_uint_eq(bytes, SIZES[GPT_NORM] * sizeof(real));
    // And back, over other weights.
    real *before = parameters_copy_values(&parameters);
    for (int i = 0; i < parameters.count; i++)
        init_constant(parameters.items[i]->data, parameters.items[i]->size, 7);
    size_t tensors = 0;
    ck_assert_msg(gpt_model_load(model, &parameters, &file, &tensors, &err), "%s", err.text);
    ck_assert_uint_eq(tensors, file.count);
    real *after = parameters_copy_values(&parameters);
    ck_assert_mem_eq(before, after, SIZES[GPT_NORM] * sizeof(real));
    free(before);
    free(after);
    safetensors_close(&file);
    safetensors_writer_free(writer);
    gpt_model_free(model);
    parameters_free(&parameters);
    unlink(path);
}
END_TEST

/* One thing at a time that is not as gpt writes it, and what is said of it. */
static const struct {
    const char *key, *value, *message;
} WRONG[] = {{"characters", NULL, "so not a model of gpt"},
             {"n_layer", "200", "numbers are too few for 200 layers"},
             {"n_head", "3", "3 heads do not divide"},
             {"n_embd", "4096", "no token embeddings for 2 characters, 4096 wide"},
             {"characters", "abc", "no token embeddings for 3 characters"},
             {"block_size", "9", "position_embedding_table.weight"},
             {"positions", "odd", "\"positions\" is \"odd\""},
             {"dropout", "2", "expected a number from 0 to 0.9"},
             {"n_head", NULL, "\"n_head\" is \"absent\""},
             {NULL, NULL, ""}};

/* The last row is the file as it should be. */
START_TEST(files_are_read_strictly) {
    static const char *const metadata[][2] = {
        {"characters", "ab"}, {"positions", "learned"}, {"block_size", "4"}, {"n_embd", "8"},
        {"n_head", "2"},      {"n_layer", "1"},         {"dropout", "0"}};
    char path[] = "/tmp/test_gpt.XXXXXX";
    const int made = mkstemp(path);
    ck_assert_int_ge(made, 0);
    close(made);
    Random random;
    random_seed(&random, 8);
    Parameters parameters = {0};
    const GptConfig config = {.kind = GPT_NORM,
                              .positions = POSITIONS_LEARNED,
                              .vocab = 2,
                              .block_size = 4,
                              .d_model = 8,
                              .heads = 2,
                              .layers = 1};
    GptModel *model = gpt_model_new(&parameters, &config, &random);
    SafetensorsWriter *writer = safetensors_writer_new();
    for (size_t i = 0; i < sizeof metadata / sizeof *metadata; i++) {
        const bool wrong = WRONG[_i].key && strcmp(metadata[i][0], WRONG[_i].key) == 0;
        const char *value = wrong ? WRONG[_i].value : metadata[i][1];
        if (value) safetensors_writer_metadata(writer, metadata[i][0], value);
    }
    gpt_model_save(model, &parameters, writer);
    Error err;
    GptFile file;
    ck_assert_msg(safetensors_writer_save(writer, path, &err), "%s", err.text);
    const bool read = gpt_file_load(path, &file, &err);
    ck_assert_int_eq(read, !WRONG[_i].key);
    if (read)
        ck_assert_uint_eq(parameters_size(&file.parameters), parameters_size(&parameters));
    else
        ck_assert_msg(strstr(err.text, WRONG[_i].message), "%s", err.text);
    if (read) gpt_file_free(&file);
    safetensors_writer_free(writer);
    gpt_model_free(model);
    parameters_free(&parameters);
    unlink(path);
}
END_TEST

/* ---- Training -------------------------------------------------------------------------------- */

typedef struct {
    CharRow rows[8];
    int count, refused_at; // the row that is refused, 0: none
} Rows;

static bool keep_row(void *context, const CharRow *row, Error *err) {
    Rows *rows = context;
    if (rows->refused_at && rows->count == rows->refused_at) return error_set(err, "enough");
    rows->rows[rows->count++] = *row;
    return true;
}

static bool go_on(void) {
    return false;
}
static bool stop_now(void) {
    return true;
}

/* Trains a small model on abcdeabcde...; the caller looks at what came of it. */
static bool train_small(int threads, double lr, bool (*stop)(void), Rows *rows, GptTrained *trained,
                        Error *err) {
    enum { V = 5, COUNT = 400 };
    int ids[COUNT];
    for (int i = 0; i < COUNT; i++) ids[i] = i % V;
    Random random;
    random_seed(&random, 9);
    Parameters parameters = {0};
    const GptConfig config = {.kind = GPT_NORM,
                              .positions = POSITIONS_LEARNED,
                              .vocab = V,
                              .block_size = 4,
                              .d_model = 8,
                              .heads = 2,
                              .layers = 1,
                              .dropout = (real)0.1};
    GptModel *model = gpt_model_new(&parameters, &config, &random);
    Trainer *trainer = trainer_new(&parameters, adamw_pytorch(), threads, 1, 0);
    const GptTraining training = {.loss = char_model_loss,
                                  .model = &model->chars,
                                  .trainer = trainer,
                                  .parts = text_part_split(ids, COUNT),
                                  .training = {.batch = 5,
                                               .block = 4,
                                               .steps = 101,
                                               .eval_every = 50,
                                               .eval_batches = 3,
                                               .eval_last = true,
                                               .lr = lr},
                                  .random = &random,
                                  .point = &(GptPoint){0, -1},
                                  .stop = stop,
                                  .report = keep_row,
                                  .context = rows};
    const bool good = gpt_train(&training, trained, err);
    trainer_free(trainer);
    gpt_model_free(model);
    parameters_free(&parameters);
    return good;
}

START_TEST(training_learns_and_repeats) {
    Rows rows = {0}, again = {0}, untrained = {0};
    GptTrained trained;
    Error err;
    ck_assert(train_small(_i, .03, go_on, &rows, &trained, &err));
    ck_assert_int_eq(trained.steps, 101);
    ck_assert_int_eq(rows.count, 3);
    for (int i = 0; i < 3; i++) ck_assert_int_eq(rows.rows[i].step, 50 * i);
    ck_assert_double_gt(rows.rows[0].val, 1);
    ck_assert_double_lt(rows.rows[2].val, .2);
    ck_assert(train_small(_i, .03, go_on, &again, &trained, &err));
    ck_assert_mem_eq(&rows, &again, sizeof rows);
    // How many threads share an estimate changes nothing but the rounding.
    ck_assert(train_small(1, .03, go_on, &untrained, &trained, &err));
    ck_assert_double_eq_tol(rows.rows[0].val, untrained.rows[0].val, 1e-6);
}
END_TEST

START_TEST(training_stops) {
    Rows rows = {0};
    GptTrained trained;
    Error err;
    ck_assert(train_small(2, .03, stop_now, &rows, &trained, &err)); // being told is no error
    ck_assert(trained.steps == 0 && rows.count == 0);
    rows.refused_at = 1;
    ck_assert(!train_small(2, .03, go_on, &rows, &trained, &err));
    ck_assert_str_eq(err.text, "enough");
    ck_assert_int_eq(trained.steps, 50);
    ck_assert(!train_small(2, 1e38, go_on, &(Rows){0}, &trained, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "step "));
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("gpt");
    TCase *tc = tcase_create("gpt");
    tcase_set_timeout(tc, 180);
    tcase_add_loop_test(tc, losses_are_those_of_torch, 0, KINDS);
    tcase_add_loop_test(tc, heads_are_those_of_chapter_4, 0, 2);
    tcase_add_loop_test(tc, composed_is_fused, 0, KINDS);
    tcase_add_loop_test(tc, scores_know_only_the_past, 0, KINDS);
    tcase_add_loop_test(tc, gradients, 0, 12);
    tcase_add_test(tc, file_has_the_video_s_names);
    tcase_add_loop_test(tc, files_are_read_strictly, 0, (int)(sizeof WRONG / sizeof *WRONG));
    tcase_add_loop_test(tc, training_learns_and_repeats, 1, 4);
    tcase_add_test(tc, training_stops);
    suite_add_tcase(suite, tc);
    return gradcheck_main(argc, argv, suite);
}
