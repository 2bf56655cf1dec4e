/* test_parity.c - build/05_encoder_decoder/forward against torch.nn.Transformer: the fixtures of
 * make_parity.py, from weights that PyTorch wrote; and bad files and ids, one line each. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/files/file.h"
#include "common/files/safetensors.h"
#include "common/kernels.h"
#include "tests/program.h"
#include "tests/suite.h"

enum { CASES = 6 };

/* The double build has no rounding of its own to speak of. */
static const bool IS_DOUBLE = sizeof(real) == sizeof(double);
static const double NOISE = 1e-5; // of the largest gradient: what is smaller is rounding in float

static char folder[64]; // of this test's own

static void folder_make(void) {
    snprintf(folder, sizeof folder, "/tmp/test_parity_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void folder_remove(void) {
    const char *const names[] = {"out", "err", "model.safetensors"};
    char path[128];
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

/* Runs forward with these arguments, as program_run does; but out and err apart receive what it
 * printed. Returns its status. */
static int run(const char *arguments, char **out, char **err) {
    const char *build = getenv("BUILD_DIR");
    char command[4096], path[128];
    size_t bytes;
    Error reason;
    snprintf(command, sizeof command,
             "$TEST_RUNNER '%s/05_encoder_decoder/forward' %s >%s/out 2>%s/err",
             build ? build : "build", arguments, folder, folder);
    const int status = system(command);
    snprintf(path, sizeof path, "%s/out", folder);
    ck_assert_msg(file_read(path, out, &bytes, &reason), "%s", reason.text);
    snprintf(path, sizeof path, "%s/err", folder);
    ck_assert_msg(file_read(path, err, &bytes, &reason), "%s", reason.text);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The number at *text, which moves behind it and the white space that follows. */
static double next_number(char **text) {
    char *end;
    const double number = strtod(*text, &end);
    ck_assert_msg(end != *text, "expected a number at \"%.40s\"", *text);
    *text = end + strspn(end, " \n");
    return number;
}

static double value_of(const Safetensors *file, const char *name) {
    double value;
    Error err;
    ck_assert_msg(safetensors_read(file, name, DTYPE_F64, 0, NULL, &value, &err), "%s", err.text);
    return value;
}

/* ---- Parity ---------------------------------------------------------------------------------- */

typedef struct {
    Safetensors expected;
    char path[64];
    char arguments[1024]; // --load, --src, --tgt
} Case;

static void open_case(Case *c, int number) {
    Error err;
    snprintf(c->path, sizeof c->path, "tests/fixtures/parity_%d_expected.safetensors", number);
    ck_assert_msg(safetensors_open(c->path, &c->expected, &err), "%s", err.text);
    snprintf(c->arguments, sizeof c->arguments,
             "--load tests/fixtures/parity_%d.safetensors --src '%s' --tgt '%s'", number,
             safetensors_metadata(&c->expected, "src"), safetensors_metadata(&c->expected, "tgt"));
}

START_TEST(test_logits) {
    Case c;
    char *out, *err;
    open_case(&c, _i);
    ck_assert_int_eq(run(c.arguments, &out, &err), 0);
    ck_assert_str_eq(err, "");
    const Safetensor *expected = safetensors_find(&c.expected, "logits");
    const size_t rows = expected->shape[0], V = expected->shape[1];
    double *logits = malloc(rows * V * sizeof *logits), largest = 0;
    memcpy(logits, expected->data, rows * V * sizeof *logits);
    for (size_t i = 0; i < rows * V; i++) largest = fmax(largest, fabs(logits[i]));
    char *at = out;
    for (size_t i = 0; i < rows * V; i++) {
        const char *end = strchr(at, i % V == V - 1 ? '\n' : ' ');
        ck_assert_msg(end && end - at < 25, "row %zu: not %zu numbers on its line", i / V, V);
        const double ours = next_number(&at);
        ck_assert_msg(fabs(ours - logits[i]) <= (IS_DOUBLE ? 5e-9 : 1e-5) * largest,
                      "parity_%d, row %zu, logit %zu: torch %.9g, ours %.9g", _i, i / V, i % V,
                      logits[i], ours);
    }
    ck_assert_str_eq(at, "");
    free(logits);
    free(out);
    free(err);
    safetensors_close(&c.expected);
}
END_TEST

START_TEST(test_loss_and_gradients) {
    Case c;
    char arguments[1200], name[512], *out, *err;
    open_case(&c, _i);
    snprintf(arguments, sizeof arguments, "%s --loss --label-smoothing %s", c.arguments,
             safetensors_metadata(&c.expected, "label_smoothing"));
    ck_assert_int_eq(run(arguments, &out, &err), 0);
    ck_assert_str_eq(err, "");
    char *at = out;
    ck_assert(strncmp(at, "loss ", 5) == 0);
    at += 5;
    const double loss = next_number(&at), torch_loss = value_of(&c.expected, "loss");
    ck_assert_msg(fabs(loss - torch_loss) <= (IS_DOUBLE ? 1e-8 : 1e-6) * torch_loss,
                  "parity_%d: loss: torch %.9g, ours %.9g", _i, torch_loss, loss);
    double largest = 0;
    for (size_t i = 0; i < c.expected.count; i++)
        if (strncmp(c.expected.tensor[i].name, "grad ", 5) == 0)
            largest = fmax(largest, value_of(&c.expected, c.expected.tensor[i].name));
    size_t lines = 0;
    for (; *at; lines++) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at + 5, " ") + 5, at);
        at += strlen(name);
        const double torch = value_of(&c.expected, name), ours = next_number(&at);
        ck_assert_msg(fabs(ours - torch) <=
                          (IS_DOUBLE ? 1e-8 : 1e-4) * fmax(torch, NOISE * largest),
                      "parity_%d: %s: torch %.9g, ours %.9g", _i, name, torch, ours);
    }
    ck_assert_uint_eq(lines, c.expected.count - 2); // all but logits and loss, once each
    free(out);
    free(err);
    safetensors_close(&c.expected);
}
END_TEST

/* ---- Bad input ------------------------------------------------------------------------------- */

static void expect_error(const char *arguments, int status, const char *part) {
    char *out, *err;
    const int found = run(arguments, &out, &err);
    const char *newline = strchr(err, '\n');
    ck_assert_msg(found == status && !*out && newline && !newline[1] && strstr(err, part),
                  "%s: status %d, expected %d; one line with \"%s\" expected, found \"%s\"",
                  arguments, found, status, part, err);
    free(out);
    free(err);
}

static const struct {
    const char *arguments, *part;
    int status;
} BAD_IDS[] = {
    {"--src '5 11' --tgt 1", "--src: sentence 1: id 11 is not in the vocabulary, 0 to 10", 1},
    {"--src '5; -1' --tgt '1;1'", "--src: sentence 2: id -1 ", 1},
    {"--src 5 --tgt '1 13'", "--tgt: sentence 1: id 13 ", 1},
    {"--src 5 --tgt 99999999999999999999", "id 99999999999999999999 ", 1},
    {"--src '5 x' --tgt 1", "\"x\" is not a whole number", 1},
    {"--src 1.5 --tgt 1", "\"1.5\" is not a whole number", 1},
    {"--src '5;' --tgt '1;1'", "--src: sentence 2 is empty", 1},
    {"--src '' --tgt 1", "--src: sentence 1 is empty", 1},
    {"--src '5;6' --tgt '1 2'", "--src has 2 sentences, --tgt 1", 1},
    {"--src 5 --tgt 1 --loss", "at least 2 ids", 1},
    {"--src 5 --tgt '1 0 0' --loss", "all labels are padding", 1},
    {"--src 5 --tgt '1 2' --loss --label-smoothing 1.5", "from 0 to 1", 2},
    {"--src 5 --tgt '1 2' --loss --logits", "not several", 2},
    {"--src 5", "needed", 2},
};

START_TEST(test_bad_ids) {
    char arguments[256];
    snprintf(arguments, sizeof arguments, "--load tests/fixtures/parity_0.safetensors %s",
             BAD_IDS[_i].arguments);
    expect_error(arguments, BAD_IDS[_i].status, BAD_IDS[_i].part);
}
END_TEST

/* parity_0.safetensors with one thing changed: NULL leaves it as it is. */
typedef struct {
    const char *heads, *norm_first; // "" leaves the entry out
    const char *tensor;             // left out, or of another dtype or shape, or one more
    enum { OMIT, AS_I32, TRANSPOSED, ADDED } change;
    const char *part; // of the message
} Damage;

static const Damage DAMAGES[] = {
    {"", NULL, NULL, OMIT, "no \"heads\""},
    {NULL, "", NULL, OMIT, "no \"norm_first\""},
    {"4", NULL, NULL, OMIT, "heads \"4\" in its __metadata__ do not divide d_model 6"},
    {"0", NULL, NULL, OMIT, "heads \"0\""},
    {"3x", NULL, NULL, OMIT, "heads \"3x\""},
    {NULL, "yes", NULL, OMIT, "norm_first \"yes\""},
    {NULL, NULL, "src_embed.weight", OMIT, "no tensor \"src_embed.weight\""},
    {NULL, NULL, "generator.bias", OMIT, "no tensor \"generator.bias\""},
    {NULL, NULL, "transformer.decoder.layers.1.norm2.bias", OMIT, "layers.1.norm2.bias\""},
    {NULL, NULL, "transformer.decoder.layers.0.self_attn.in_proj_weight", OMIT, "no tensor"},
    {NULL, NULL, "transformer.encoder.norm.weight", AS_I32,
     "expected F32, F64, F16 or BF16 (6), found I32"},
    {NULL, NULL, "tgt_embed.weight", TRANSPOSED, "expected"},
    {NULL, NULL, "src_embed.weight", TRANSPOSED,
     "heads \"3\" in its __metadata__ do not divide d_model 11"},
    {NULL, NULL, "transformer.encoder.layers.0.linear1.weight", TRANSPOSED, "linear1.weight"},
    {NULL, NULL, "transformer.encoder.layers.0.linear2.weight", TRANSPOSED,
     "(6,10), found F32 (10,6)"},
    {NULL, NULL, "transformer.encoder.layers.7.norm1.bias", ADDED, "layers.1.self_attn.in_proj"},
    {NULL, NULL, "extra.weight", ADDED, "\"extra.weight\" has no place"},
};

/* Copies one tensor of the fixture, changed if it is the one. */
static void copy_tensor(SafetensorsWriter *writer, const Safetensor *t, const Damage *d) {
    const bool changed = d->tensor && strcmp(t->name, d->tensor) == 0;
    const bool transposed = changed && d->change == TRANSPOSED;
    const int shape[2] = {(int)t->shape[transposed], (int)t->shape[!transposed]};
    if (changed && d->change == OMIT) return;
    safetensors_writer_tensor(writer, t->name,
                              changed && d->change == AS_I32 ? DTYPE_I32 : t->dtype, t->ndim, shape,
                              t->data);
}

START_TEST(test_damaged_files) {
    const Damage *d = &DAMAGES[_i];
    Safetensors file;
    Error err;
    char path[128], arguments[256];
    ck_assert(safetensors_open("tests/fixtures/parity_0.safetensors", &file, &err));
    SafetensorsWriter *writer = safetensors_writer_new();
    if (!d->heads || *d->heads)
        safetensors_writer_metadata(writer, "heads", d->heads ? d->heads : "3");
    if (!d->norm_first || *d->norm_first)
        safetensors_writer_metadata(writer, "norm_first", d->norm_first ? d->norm_first : "0");
    for (size_t i = 0; i < file.count; i++) copy_tensor(writer, &file.tensor[i], d);
    const float zeros[6] = {0};
    if (d->change == ADDED)
        safetensors_writer_tensor(writer, d->tensor, DTYPE_F32, 1, (const int[]){6}, zeros);
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    ck_assert_msg(safetensors_writer_save(writer, path, &err), "%s", err.text);
    safetensors_writer_free(writer);
    safetensors_close(&file);
    snprintf(arguments, sizeof arguments, "--load %s --src 5 --tgt 1", path);
    expect_error(arguments, 1, d->part);
}
END_TEST

START_TEST(test_no_file) {
    expect_error("--load /nowhere --src 5 --tgt 1", 1, "/nowhere");
    expect_error("--load tests --src 5 --tgt 1", 1, "tests");
    expect_error("--load Makefile --src 5 --tgt 1", 1, "Makefile");
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    if (!program_exists("05_encoder_decoder/forward")) {
        puts("skipped: parity with PyTorch (forward is not built in this mode)");
        return EXIT_SUCCESS;
    }
    Suite *suite = suite_create("parity");
    TCase *tests = tcase_create("parity");
    tcase_add_checked_fixture(tests, folder_make, folder_remove);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_logits, 0, CASES);
    tcase_add_loop_test(tests, test_loss_and_gradients, 0, CASES);
    tcase_add_loop_test(tests, test_bad_ids, 0, COUNT(BAD_IDS));
    tcase_add_loop_test(tests, test_damaged_files, 0, COUNT(DAMAGES));
    tcase_add_test(tests, test_no_file);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
