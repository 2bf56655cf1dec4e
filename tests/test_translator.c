/* test_translator.c - model and checkpoint files with something wrong in them: whatever it is, one
 * sentence that names the file comes back, nothing crashes, and nothing is half loaded. Under
 * `make asan` every read is watched. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "06_training/decoding/translation.h"
#include "06_training/run/run.h"
#include "06_training/trainer/metadata.h"
#include "common/files/file.h"
#include "common/files/pairs.h"
#include "common/kernels.h"
#include "common/random.h"
#include "tests/suite.h"

static char folder[64], model_path[96], state_path[96], other_path[96];
static Pairs pairs, valid; // what the little run trains on

enum { PAIRS = 24 };

static Settings little_settings(void) {
    return (Settings){.d_model = 4,
                      .heads = 2,
                      .layers = 1,
                      .ff = 4,
                      .optimizer = "adam",
                      .dropout_at = "everywhere",
                      .positions = "sinusoid",
                      .attention = "fused",
                      .preset = "demo",
                      .schedule = "linear",
                      .tok = "auto",
                      .lr = 0.01,
                      .warmup = 5,
                      .batch_tokens = 32,
                      .vocab = 266,
                      .max_length = 20,
                      .average = 1,
                      .epochs = 1};
}

/* Two steps of training, written down: a model of 1+1 layers and width 4, and its state. */
static void write_files(void) {
    static char *src[PAIRS], *tgt[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        src[i] = i % 2 ? "the cat" : "the dog é";
        tgt[i] = i % 3 ? "die katze" : "der hund";
    }
    pairs = (Pairs){.src = {src, PAIRS, NULL}, .tgt = {tgt, PAIRS, NULL}};
    valid = (Pairs){.src = {src, 2, NULL}, .tgt = {tgt, 2, NULL}};
    snprintf(folder, sizeof folder, "/tmp/test_translator_XXXXXX");
    REQUIRE(mkdtemp(folder), "no folder under /tmp");
    snprintf(model_path, sizeof model_path, "%s/model.safetensors", folder);
    snprintf(state_path, sizeof state_path, "%s/state.safetensors", folder);
    snprintf(other_path, sizeof other_path, "%s/other.safetensors", folder);
    Settings settings = little_settings();
    const CommonOptions common = {.seed = 1, .threads = 1, .out = folder};
    Run run;
    Error err;
    const bool written = run_begin(&run, &settings, &common, &pairs, &valid, &err) &&
                         run_step(&run, &err) && run_step(&run, &err) &&
                         run_keep_model(&run, &err) && run_save(&run, &err);
    REQUIRE(written, "%s", err.text);
    run_free(&run);
}

static void remove_files(void) {
    unlink(model_path);
    unlink(state_path);
    unlink(other_path);
    rmdir(folder);
}

static bool load_model(const char *path, Error *err) {
    Translator translator;
    if (!translator_load(path, &translator, err)) return false;
    translator_free(&translator);
    return true;
}

/* Loads, and uses what was loaded: a file that passes must not crash later either. */
static bool load_and_translate(const char *path, Error *err) {
    Translator translator;
    if (!translator_load(path, &translator, err)) return false;
    Threads *threads = threads_new(1);
    Graph *graph = graph_new();
    const char *line = "the dog";
    char *out;
    const Translation translation = {
        .translator = &translator, .options = {.beam = 2}, .threads = threads, .graphs = &graph};
    translation_of_lines(&translation, &line, 1, &out);
    free(out);
    graph_free(graph);
    threads_free(threads);
    translator_free(&translator);
    return true;
}

/* Takes up the run whose state lies at state_path. */
static bool load_state(const char *path, Error *err) {
    (void)path;
    Settings settings = little_settings();
    settings.resume = true;
    const CommonOptions common = {.seed = 1, .threads = 1, .out = folder};
    Run run;
    if (!run_begin(&run, &settings, &common, &pairs, &valid, err)) return false;
    run_free(&run);
    return true;
}

typedef bool Load(const char *path, Error *err);

static void expect_refused(Load *load, const char *path, const char *what) {
    Error err = {""};
    ck_assert_msg(!load(path, &err), "%s: accepted", what);
    ck_assert_msg(strncmp(err.text, path, strlen(path)) == 0, "%s: %s", what, err.text);
    ck_assert_ptr_null(strchr(err.text, '\n'));
}

/* ---- As a whole ------------------------------------------------------------------------------ */

START_TEST(files_are_good) {
    Error err = {""};
    ck_assert_msg(load_and_translate(model_path, &err), "%s", err.text);
    ck_assert_msg(load_state(state_path, &err), "%s", err.text);
    expect_refused(load_model, state_path, "a checkpoint in place of a model");
}
END_TEST

/* From the end to the beginning the file is cut off at every byte. */
static void cut_at_every_byte(Load *load, const char *path, size_t every) {
    char *data, what[64];
    size_t bytes;
    Error err;
    ck_assert(file_read(path, &data, &bytes, &err));
    for (size_t keep = bytes; keep-- > 0;) {
        if (keep % every && keep > 64) continue;
        ck_assert_int_eq(truncate(path, (off_t)keep), 0);
        snprintf(what, sizeof what, "%zu of %zu", keep, bytes);
        expect_refused(load, path, what);
    }
    ck_assert(file_write(path, &(Bytes){data, bytes}, 1, &err));
    free(data);
}

START_TEST(cut_off) {
    cut_at_every_byte(load_model, model_path, 1);
    cut_at_every_byte(load_state, state_path, 97);
}
END_TEST

static size_t header_bytes(const char *data) {
    uint64_t length;
    memcpy(&length, data, sizeof length);
    return (size_t)length;
}

/* In byte after byte of the header's length and the header, one bit is flipped and flipped back. */
static void flip_bits(Load *load, const char *path, unsigned first, size_t every) {
    char *data, what[64];
    size_t bytes;
    Error err;
    ck_assert(file_read(path, &data, &bytes, &err));
    const int fd = open(path, O_WRONLY);
    ck_assert_int_ge(fd, 0);
    for (size_t i = 0; i < 8 + header_bytes(data); i += every)
        for (unsigned bit = first; bit < 8; bit += 4) {
            const char wrong = (char)(data[i] ^ (1 << bit));
            ck_assert_int_eq(pwrite(fd, &wrong, 1, (off_t)i), 1);
            snprintf(what, sizeof what, "byte %zu, bit %u", i, bit);
            expect_refused(load, path, what);
            ck_assert_int_eq(pwrite(fd, &data[i], 1, (off_t)i), 1);
        }
    close(fd);
    free(data);
    ck_assert(load(path, &err));
}

START_TEST(bits_of_the_header) {
    flip_bits(load_model, model_path, (unsigned)_i, 1);
    flip_bits(load_state, state_path, (unsigned)_i, 61);
}
END_TEST

/* ---- Headers that are whole and say something wrong ------------------------------------------ */

/* Writes to other_path, or over state_path, the file at path with its header changed to text
 * (bytes), given a right length and checksum: as a program would that does not know better. */
static void write_header(const char *from, const char *to, const char *text, size_t bytes) {
    char *data, digits[SAFETENSORS_CRC_DIGITS + 1];
    const size_t start = strlen(SAFETENSORS_CRC_START);
    size_t all;
    Error err;
    ck_assert(file_read(from, &data, &all, &err));
    char *header = memory_alloc(bytes);
    memcpy(header, text, bytes);
    if (bytes > start + SAFETENSORS_CRC_DIGITS &&
        memcmp(header, SAFETENSORS_CRC_START, start) == 0) {
        snprintf(digits, sizeof digits, "%08x", (unsigned)safetensors_header_crc(header, bytes));
        memcpy(header + start, digits, SAFETENSORS_CRC_DIGITS);
    }
    const uint64_t length = bytes;
    const size_t old = 8 + header_bytes(data);
    FILE *file = fopen(to, "wb"); // not file_write, which waits for the disk
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(&length, sizeof length, 1, file), 1);
    ck_assert_uint_eq(fwrite(header, bytes, 1, file), 1);
    ck_assert_uint_eq(fwrite(data + old, 1, all - old, file), all - old);
    ck_assert_int_eq(fclose(file), 0);
    free(header);
    free(data);
}

static char *read_header(const char *path, size_t *bytes) {
    char *data;
    Error err;
    ck_assert(file_read(path, &data, bytes, &err));
    *bytes = header_bytes(data);
    memmove(data, data + 8, *bytes);
    data[*bytes] = '\0';
    return data;
}

typedef struct {
    const char *from, *to; // in the header's text, first place
    const char *expected;  // part of the message
} Change;

/* Copies the header at path with the change made. The caller frees. */
static char *changed_header(const char *path, const Change *change) {
    size_t bytes;
    ByteArray text = {0};
    char *header = read_header(path, &bytes), *at = strstr(header, change->from);
    ck_assert_msg(at != NULL, "no %s in the header", change->from);
    byte_array_append(&text, header, (size_t)(at - header));
    byte_array_append(&text, change->to, strlen(change->to));
    at += strlen(change->from);
    byte_array_append(&text, at, strlen(at));
    free(header);
    return text.data;
}

static void expect_change_refused(Load *load, const char *path, const char *to, Change change) {
    Error err = {""};
    char *text = changed_header(path, &change);
    write_header(path, to, text, strlen(text));
    free(text);
    ck_assert_msg(!load(to, &err), "%s: accepted", change.to);
    ck_assert_msg(strncmp(err.text, to, strlen(to)) == 0, "%s: %s", change.to, err.text);
    ck_assert_msg(strstr(err.text, change.expected) != NULL, "%s: %s", change.to, err.text);
}

static const Change MODEL_CHANGES[] = {
    {"\"heads\":\"2\"", "\"heads\":\"0\"",
     "heads \"0\" in its __metadata__ do not divide d_model 4"},
    {"\"heads\":\"2\"", "\"heads\":\"3\"",
     "heads \"3\" in its __metadata__ do not divide d_model 4"},
    {"\"heads\":\"2\"", "\"heads\":\"-2\"", "heads \"-2\" in its"},
    {"\"heads\":\"2\"", "\"heads\":\"\"", "heads \"\" in its"},
    {"\"heads\":\"2\"", "\"heads\":2", "\"heads\" is not a string"},
    {"\"heads\":\"2\"", "\"hands\":\"2\"", "no \"heads\" in its __metadata__"},
    {"\"d_model\":\"4\"", "\"d_model\":\"0\"", "is 0, but the tensors have 4"},
    {"\"d_model\":\"4\"", "\"d_model\":\"65536\"", "is 65536, but the tensors have 4"},
    {"\"d_model\":\"4\"", "\"d_model\":\"99999999999999999999\"",
     "expected a whole number from 0 to 2147483647"},
    {"\"num_encoder_layers\":\"1\"", "\"num_encoder_layers\":\"2\"",
     "is 2, but the tensors have 1"},
    {"\"num_encoder_layers\":\"1\"", "\"num_encoder_layers\":\"0\"",
     "is 0, but the tensors have 1"},
    {"\"num_decoder_layers\":\"1\"", "\"num_decoder_layers\":\"1000000\"", "is 1000000, but"},
    {"\"num_decoder_layers\":\"1\"", "\"num_decoder_layers\":\"x\"",
     "is \"x\", expected a whole number from 0 to"},
    {"\"dim_feedforward\":\"4\"", "\"dim_feedforward\":\"5\"", "is 5, but the tensors have 4"},
    {"\"norm_first\":\"0\"", "\"norm_first\":\"2\"",
     "norm_first \"2\" in its __metadata__, expected 0"},
    {"\"tie_embeddings\":\"1\"", "\"tie_embeddings\":\"-1\"",
     "expected a whole number from 0 to 1"},
    {"\"dropout\":\"0\"", "\"dropout\":\"1\"", "is 1, which would leave nothing"},
    {"\"dropout\":\"0\"", "\"dropout\":\"nan\"", "expected a number from 0 to 1"},
    {"\"max_length\":\"20\"", "\"max_length\":\"0\"", "expected a whole number from 1 to"},
    {"\"max_length\":", "\"attention\":\"sharp\",\"max_length\":", "expected fused or composed"},
    {"\"max_length\":", "\"dropout_at\":\"noon\",\"max_length\":",
     "expected everywhere or residual"},
    {"\"tokenizer\":", "\"tokeniser\":", "no \"tokenizer\" in the metadata"},
    {"{\\\"type\\\"", "", "tokenizer: byte"},
    {"\\\"bpe\\\"", "\\\"words\\\"", "tokenizer: "},
    {"\\\"merges\\\": [", "\\\"merges\\\": [1, ", "tokenizer: "},
    {"\\\"merges\\\": [", "\\\"merges\\\": [0, 999, ", "tokenizer: merge 0 joins 0 and 999"},
    {"\\\"merges\\\": [", "\\\"merges\\\": [100, 100, ", "the tokenizer has 267"},
    {"\"src_embed.weight\":", "\"src_embad.weight\":", "no tensor \"src_embed.weight\""},
    {"\"generator.bias\":", "\"generator.bios\":", "\"generator.bios\" has no place"},
    {"\"generator.bias\":", "\"src_embed.weight\":", "duplicate"},
    {"\"shape\":[12,4]", "\"shape\":[4,12]", "expected (12,4), found (4,12)"},
    {"\"shape\":[12,4]", "\"shape\":[48]", "expected a matrix, found 1 dimension"},
    {"\"shape\":[12,4]", "\"shape\":[12,5]", "data_offsets give it"},
    {"\"shape\":[12,4]", "\"shape\":[-12,-4]", "is not a whole number >= 0"},
    {"\"shape\":[12,4]", "\"shape\":[4294967296,4294967296,12]", "too large to count"},
    {"\"data_offsets\":[0,", "\"data_offsets\":[1,", "data_offsets give it"},
    {"encoder.layers.0.self_attn.in_proj_weight", "encoder.layers.8.self_attn.in_proj_weight",
     "no tensor \"transformer.encoder.layers.0"},
    {"encoder.layers.0.self_attn.in_proj_weight", "encoder.layers.999999999.x", "no tensor"},
    {"encoder.layers.0.norm1.weight", "encoder.layers.0.norm9.weight", "has no place in this"},
    {"{\"__metadata__\": {", "{\"__metadata__\": 1,\"x\": {", ""},
};

START_TEST(models_that_contradict_themselves) {
    for (size_t i = 0; i < OPTION_COUNT(MODEL_CHANGES); i++) {
        expect_change_refused(load_model, model_path, other_path, MODEL_CHANGES[i]);
    }
}
END_TEST

/* A translation would read behind the table's end. */
START_TEST(learned_positions_that_end_too_early) {
    Settings settings = little_settings();
    settings.positions = "learned";
    const CommonOptions common = {.seed = 1, .threads = 1, .out = folder};
    Run run;
    Error err = {""};
    ck_assert_msg(run_begin(&run, &settings, &common, &pairs, &valid, &err), "%s", err.text);
    ck_assert(translator_save(&run.translator, other_path, &err));
    run_free(&run);
    ck_assert_msg(load_and_translate(other_path, &err), "%s", err.text);
    expect_change_refused(load_model, other_path, other_path,
                          (Change){"\"max_length\":\"20\"", "\"max_length\":\"21\"",
                                   "is 21, but there are 20 positions"});
}
END_TEST

static const Change STATE_CHANGES[] = {
    {"\"train.heads\":\"2\"", "\"train.heads\":\"0\"", "expected a whole number from 1 to 256"},
    {"\"train.heads\":\"2\"", "\"train.heads\":\"1.5\"", "expected a whole number from 1"},
    {"\"train.lr\":\"", "\"train.lr\":\"-", "expected a number from"},
    {"\"train.lr\":\"", "\"train.lr\":\"nan", "expected a number from"},
    {"\"train.batch-tokens\":\"", "\"train.batch-tokens\":\"-", "expected a whole number from"},
    {"\"train.layers\":", "\"train.liars\":", "is \"absent\""},
    {"\"train.lr\":", "\"train.positions\":\"up\",\"train.lr\":", "expected one of none|sinusoid"},
    {"\"train.lr\":", "\"train.attention\":\"sharp\",\"train.lr\":",
     "expected one of fused|composed"},
    {"\"train.lr\":", "\"train.dropout-at\":\"noon\",\"train.lr\":",
     "expected one of everywhere|residual"},
    {"\"train.lr\":", "\"train.optimizer\":\"sgd\",\"train.lr\":", "expected one of adam|muon"},
    {"\"heads\":\"2\"", "\"heads\":\"3\"", "do not divide d_model 4"},
    {"\"run.step\":\"2\"", "\"run.step\":\"-2\"", "expected a whole number from 0"},
    {"\"run.step\":\"2\"", "\"run.step\":\"2.5\"", "expected a whole number from 0"},
    {"\"run.step\":\"2\"", "\"run.step\":\"1e99\"", "expected a whole number from 0"},
    {"\"run.step\":\"2\"", "\"run.step\":\"3\"", "adam.step is 2, run.step is 3"},
    {"\"run.step\":\"2\"", "\"run.step\":\"1\"", "step 1 cannot be batch 2 of epoch 0"},
    {"\"run.batch\":\"2\"", "\"run.batch\":\"2000\"", "step 2 cannot be batch 2000 of epoch 0"},
    {"\"run.epoch\":\"0\"", "\"run.epoch\":\"3\"", "step 2 cannot be batch 2 of epoch 3"},
    {"\"run.loss_count\":\"", "\"run.loss_count\":\"0\",\"x\":\"", "with 0 targets seen"},
    {"\"run.train_crc\":\"", "\"run.train_crc\":\"1", "begun with other training sentences"},
    {"\"run.valid_crc\":\"", "\"run.valid_crc\":\"1", "begun with other validation sentences"},
    {"\"run.seconds\":\"", "\"run.seconds\":\"inf\",\"x\":\"", "expected a number from 0"},
    {"\"run.loss_sum\":\"", "\"run.loss_sum\":\"nan", "expected a number from 0"},
    {"\"run.train_pairs\":\"24\"", "\"run.train_pairs\":\"25\"", "25 training and 2 validation"},
    {"\"run.seed\":\"1\"", "\"run.seed\":\"-1\"", "\"run.seed\" is \"-1\""},
    {"\"run.seed\":\"1\"", "\"run.side\":\"1\"", "\"run.seed\" is \"absent\""},
    {"\"run.random\":", "\"run.randon\":", "no tensor \"run.random\""},
    {"\"adam.step\":", "\"adam.stop\":", "no tensor \"adam.step\""},
    {"\"adam.m.src_embed.weight\":", "\"adam.n.src_embed.weight\":", "no tensor \"adam.m.src_"},
    {"\"dtype\":\"I64\"", "\"dtype\":\"F64\"", "expected I64 (), found F64 ()"},
};

START_TEST(states_that_contradict_themselves) {
    char *good;
    size_t bytes;
    Error err;
    ck_assert(file_read(state_path, &good, &bytes, &err));
    for (size_t i = 0; i < OPTION_COUNT(STATE_CHANGES); i++) {
        expect_change_refused(load_state, state_path, state_path, STATE_CHANGES[i]);
        ck_assert(file_write(state_path, &(Bytes){good, bytes}, 1, &err));
    }
    free(good);
}
END_TEST

/* A weight that is no number, in the data, which no checksum covers. */
START_TEST(weights_that_are_no_numbers) {
    const real nan = (real)NAN;
    char *data;
    size_t bytes;
    Error err = {""};
    ck_assert(file_read(model_path, &data, &bytes, &err));
    memcpy(data + 8 + header_bytes(data) + 5 * sizeof nan, &nan, sizeof nan);
    ck_assert(file_write(other_path, &(Bytes){data, bytes}, 1, &err));
    free(data);
    ck_assert(!load_model(other_path, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "nan at element 5"));
}
END_TEST

/* Where a tensor's data are in the file at path. */
static size_t place_of(const char *path, const char *name) {
    Safetensors file;
    Error err;
    ck_assert(safetensors_open(path, &file, &err));
    const size_t place = (size_t)((const char *)safetensors_find(&file, name)->data - file.file);
    safetensors_close(&file);
    return place;
}

/* Moments are held to what Adam computes, as weights are to what numbers are. */
START_TEST(moments_that_are_none) {
    static const struct {
        const char *name;
        double value;
    } cases[] = {{"adam.m.src_embed.weight", NAN},
                 {"adam.v.src_embed.weight", INFINITY},
                 {"adam.v.src_embed.weight", -1e-3}};
    char *good;
    size_t bytes;
    Error err;
    ck_assert(file_read(state_path, &good, &bytes, &err));
    for (size_t i = 0; i < OPTION_COUNT(cases); i++) {
        const real value = (real)cases[i].value;
        const int fd = open(state_path, O_WRONLY);
        ck_assert_int_eq(
            pwrite(fd, &value, sizeof value, (off_t)place_of(state_path, cases[i].name)),
            sizeof value);
        close(fd);
        ck_assert(!load_state(state_path, &err));
        ck_assert_ptr_nonnull(strstr(err.text, "Adam's moments of \"src_embed.weight\""));
        ck_assert(file_write(state_path, &(Bytes){good, bytes}, 1, &err));
    }
    free(good);
    ck_assert_msg(load_state(state_path, &err), "%s", err.text);
}
END_TEST

/* Whatever a run has counted can be written and is read again; what it cannot count is not
 * written. */
START_TEST(states_at_their_limits) {
    Settings settings = little_settings();
    const CommonOptions common = {.seed = 1, .threads = 1, .out = folder};
    RunState state = {.step = 1, .loss_sum = 1e300, .loss_count = METADATA_WHOLE_MAX, .batch = 1};
    Error err = {""};
    ck_assert(run_state_check(&state, "x", &err));
    state.step = METADATA_WHOLE_MAX + 1;
    ck_assert(!run_state_check(&state, "x", &err));
    Run run;
    settings.resume = true;
    ck_assert_msg(run_begin(&run, &settings, &common, &pairs, &valid, &err), "%s", err.text);
    run.state.loss_sum = 1e300;
    ck_assert_msg(run_save(&run, &err), "%s", err.text);
    ck_assert_msg(load_state(state_path, &err), "%s", err.text);
    run.state.loss_sum = INFINITY;
    ck_assert(!run_save(&run, &err));
    run.trainer->optimizer->v[3] = (real)INFINITY;
    run.state.loss_sum = 1;
    ck_assert(!run_save(&run, &err));
    ck_assert_msg(load_state(state_path, &err), "%s", err.text);
    run_free(&run);
}
END_TEST

/* ---- At random ------------------------------------------------------------------------------- */

enum { ROUNDS = 1500, FUZZ_CASES = 4 };

/* Replaces one to three bytes of the header by others that JSON is made of, or copies a piece of it
 * elsewhere. */
static void damage(char *text, size_t bytes, Random *random) {
    static const char alphabet[] = "0123456789-.,:[]{}\"\\ eEtfn_ux\x01\xc3";
    const size_t first = strlen(SAFETENSORS_CRC_START) + SAFETENSORS_CRC_DIGITS;
    for (uint32_t n = random_u32(random) % 3 + 1; n > 0; n--) {
        const size_t at = first + random_u32(random) % (bytes - first - 16);
        if (random_u32(random) % 4 == 0)
            memmove(text + at, text + first + random_u32(random) % (bytes - first - 16),
                    random_u32(random) % 16);
        else
            text[at] = alphabet[random_u32(random) % (sizeof alphabet - 1)];
    }
}

START_TEST(random_damage_with_a_right_checksum) {
    size_t bytes;
    Error err;
    char *good = read_header(model_path, &bytes), *text = memory_alloc(bytes);
    int refused = 0;
    Random random;
    random_seed(&random, (uint64_t)_i);
    for (int round = 0; round < ROUNDS / FUZZ_CASES; round++) {
        memcpy(text, good, bytes);
        damage(text, bytes, &random);
        write_header(model_path, other_path, text, bytes);
        err.text[0] = '\0';
        if (load_and_translate(other_path, &err)) continue;
        refused++;
        ck_assert_msg(strncmp(err.text, other_path, strlen(other_path)) == 0, "%s", err.text);
    }
    // Some changes are harmless (a merge, a space); most are not.
    ck_assert_int_gt(refused, ROUNDS / FUZZ_CASES / 2);
    free(good);
    free(text);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("model files");
    TCase *tests = tcase_create("model files");
    tcase_set_timeout(tests, 300);
    tcase_add_unchecked_fixture(tests, write_files, remove_files);
    tcase_add_test(tests, files_are_good);
    tcase_add_test(tests, cut_off);
    tcase_add_loop_test(tests, bits_of_the_header, 0, 4);
    tcase_add_test(tests, models_that_contradict_themselves);
    tcase_add_test(tests, learned_positions_that_end_too_early);
    tcase_add_test(tests, states_that_contradict_themselves);
    tcase_add_test(tests, weights_that_are_no_numbers);
    tcase_add_test(tests, moments_that_are_none);
    tcase_add_test(tests, states_at_their_limits);
    tcase_add_loop_test(tests, random_damage_with_a_right_checksum, 0, FUZZ_CASES);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
