// Weight files: Python's open here and ours there, every damaged one is refused, and a failing
// write keeps the file that was there.
#include "common/files/safetensors.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include "common/files/file.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[64]; // a file of this test's own

static void path_make(void) {
    snprintf(path, sizeof path, "/tmp/test_safetensors_XXXXXX");
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
}

static void path_remove(void) {
    unlink(path);
}

static void put_file(const char *data, size_t bytes) {
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(data, 1, bytes, file), bytes);
    fclose(file);
}

#define SHAPE_OF(...) ((const int[]){__VA_ARGS__})

/* ---- between C and Python -------------------------------------------------------------------- */

static const float a_weight[] = {1.5F, -2, 0.25F, 3e-39F, 4, 5};
static const unsigned char flag[] = {1, 2, 255};
static const int64_t step = -(INT64_C(1) << 40);
static const double kannada[] = {0.1};

/* The file that tests/fixtures/make_safetensors.py checks. */
static bool write_ours(const char *to, Error *err) {
    SafetensorsWriter *writer = safetensors_writer_new();
    safetensors_writer_metadata(writer, "config", "{\"heads\": 4}");
    safetensors_writer_tensor(writer, "flag", DTYPE_U8, 1, SHAPE_OF(3), flag);
    safetensors_writer_tensor(writer, "a.weight", DTYPE_F32, 2, SHAPE_OF(3, 2), a_weight);
    safetensors_writer_tensor(writer, "step", DTYPE_I64, 0, NULL, &step);
    safetensors_writer_tensor(writer, "empty", DTYPE_I32, 2, SHAPE_OF(2, 0), NULL);
    safetensors_writer_tensor(writer, "ಕನ್ನಡ \"x\"", DTYPE_F64, 1, SHAPE_OF(1), kannada);
    safetensors_writer_metadata(writer, "note", "line\nbreak \\ é");
    const bool ok = safetensors_writer_save(writer, to, err);
    safetensors_writer_free(writer);
    return ok;
}

static void check_ours(const char *from) {
    Safetensors file;
    Error err = {""};
    ck_assert_msg(safetensors_open(from, &file, &err), "%s", err.text);
    ck_assert_uint_eq(file.count, 5);
    ck_assert_str_eq(safetensors_metadata(&file, "config"), "{\"heads\": 4}");
    ck_assert_str_eq(safetensors_metadata(&file, "note"), "line\nbreak \\ é");
    ck_assert_ptr_null(safetensors_metadata(&file, "none"));
    real weight[6];
    ck_assert(safetensors_read_real(&file, "a.weight", 2, SHAPE_OF(3, 2), weight, &err));
    for (int i = 0; i < 6; i++) ck_assert(weight[i] == (real)a_weight[i]);
    real one;
    ck_assert(safetensors_read_real(&file, "ಕನ್ನಡ \"x\"", 1, SHAPE_OF(1), &one, &err));
    ck_assert(one == (real)0.1);
    int64_t number;
    ck_assert(safetensors_read(&file, "step", DTYPE_I64, 0, NULL, &number, &err));
    ck_assert(number == step);
    unsigned char three[3];
    ck_assert(safetensors_read(&file, "flag", DTYPE_U8, 1, SHAPE_OF(3), three, &err));
    ck_assert_mem_eq(three, flag, 3);
    ck_assert_uint_eq(safetensors_find(&file, "empty")->bytes, 0);
    safetensors_close(&file);
}

START_TEST(round_trip) {
    Error err = {""};
    ck_assert_msg(write_ours(path, &err), "%s", err.text);
    check_ours(path);
}
END_TEST

/* Nine digits: a float comes back as it was. */
START_TEST(numbers_as_metadata) {
    const float tenth = 0.1f, third = 1 / 3.0f;
    SafetensorsWriter *writer = safetensors_writer_new();
    safetensors_writer_number(writer, "heads", 8, 9);
    safetensors_writer_number(writer, "dropout", (double)tenth, 9);
    safetensors_writer_number(writer, "third", (double)third, 9);
    Error err;
    ck_assert(safetensors_writer_save(writer, path, &err));
    safetensors_writer_free(writer);
    Safetensors file;
    ck_assert_msg(safetensors_open(path, &file, &err), "%s", err.text);
    ck_assert_str_eq(safetensors_metadata(&file, "heads"), "8");
    ck_assert(strtof(safetensors_metadata(&file, "dropout"), NULL) == tenth);
    ck_assert(strtof(safetensors_metadata(&file, "third"), NULL) == third);
    safetensors_close(&file);
}
END_TEST

/* The committed file is the one that Python was seen to read, so what is written now must be it. */
START_TEST(ours_is_what_python_read) {
    Error err;
    const char *keep = getenv("SAFETENSORS_OURS");
    if (keep) ck_assert(write_ours(keep, &err));
    char *now, *then;
    size_t now_bytes, then_bytes;
    ck_assert(write_ours(path, &err) && file_read(path, &now, &now_bytes, &err));
    ck_assert(file_read("tests/fixtures/ours.safetensors", &then, &then_bytes, &err));
    ck_assert_uint_eq(now_bytes, then_bytes);
    ck_assert_mem_eq(now, then, now_bytes);
    free(now);
    free(then);
}
END_TEST

/* Python keeps the metadata, so the checksum of our header comes back in a header that is not. */
START_TEST(resaved_by_python) {
    check_ours("tests/fixtures/resaved.safetensors");
}
END_TEST

START_TEST(written_by_python) {
    Safetensors file;
    Error err = {""};
    ck_assert_msg(safetensors_open("tests/fixtures/python.safetensors", &file, &err), "%s",
                  err.text);
    ck_assert_uint_eq(file.count, 8);
    ck_assert_str_eq(safetensors_metadata(&file, "heads"), "4");
    ck_assert_str_eq(safetensors_metadata(&file, "note"), "é \"quoted\" \\ ಕನ್ನಡ");
    const real expected[] = {1, (real)-2.5, 3, 4, 5, (real)1e-30F};
    real weight[6], two[2], half;
    ck_assert(safetensors_read_real(&file, "linear1.weight", 2, SHAPE_OF(2, 3), weight, &err));
    for (int i = 0; i < 6; i++) ck_assert(weight[i] == expected[i]);
    ck_assert(safetensors_read_real(&file, "double", 1, SHAPE_OF(2), two, &err));
    ck_assert(two[0] == (real)0.1 && two[1] == (real)-1e300);
    ck_assert(safetensors_read_real(&file, "scalar", 0, NULL, &half, &err));
    ck_assert(half == (real)0.5);
    ck_assert(safetensors_read_real(&file, "empty", 2, SHAPE_OF(0, 4), &half, &err));
    int64_t counts[2];
    ck_assert(safetensors_read(&file, "counts", DTYPE_I64, 2, SHAPE_OF(2, 1), counts, &err));
    ck_assert(counts[0] == -1 && counts[1] == INT64_C(9007199254740993));
    int32_t ids[3];
    ck_assert(safetensors_read(&file, "ids", DTYPE_I32, 1, SHAPE_OF(3), ids, &err));
    ck_assert(ids[0] == 7 && ids[1] == -8 && ids[2] == 9);
    ck_assert_int_eq(safetensors_find(&file, "half")->dtype, DTYPE_F16);
    for (size_t i = 1; i < file.count; i++) // in the order of their data
        ck_assert(file.tensor[i - 1].data <= file.tensor[i].data);
    safetensors_close(&file);
}
END_TEST

/* Half the bits. Values by hand: 0x3c00 is 1; 0x0001 the smallest above 0, 2^-24; 0x03ff the
 * largest without a leading 1; 0x7bff the largest of all, 65504. Of a bfloat, 0x3f80 is 1 and
 * 0x0001 2^-133. */
START_TEST(sixteen_bits) {
    static const uint16_t halves[] = {0x3c00, 0xc000, 0x0001, 0x03ff,
                                      0x7bff, 0x3555, 0xfc00, 0x8000};
    static const double half_values[] = {1,     -2,         0x1p-24,   1023 * 0x1p-24,
                                         65504, 0x1.554p-2, -INFINITY, -0.0};
    static const uint16_t bfloats[] = {0x3f80, 0xc000, 0x0001, 0x7f7f, 0xff80, 0x4049};
    static const double bfloat_values[] = {1, -2, 0x1p-133, 0x1.fep127, -INFINITY, 3.140625};
    SafetensorsWriter *writer = safetensors_writer_new();
    safetensors_writer_tensor(writer, "half", DTYPE_F16, 1, SHAPE_OF(8), halves);
    safetensors_writer_tensor(writer, "bfloat", DTYPE_BF16, 1, SHAPE_OF(6), bfloats);
    Error err;
    Safetensors file;
    ck_assert(safetensors_writer_save(writer, path, &err));
    safetensors_writer_free(writer);
    ck_assert_msg(safetensors_open(path, &file, &err), "%s", err.text);
    real out[8];
    ck_assert(safetensors_read_real(&file, "half", 1, SHAPE_OF(8), out, &err));
    for (int i = 0; i < 8; i++) ck_assert_msg(out[i] == (real)half_values[i], "half %d", i);
    ck_assert(signbit(out[7]));
    ck_assert(safetensors_read_real(&file, "bfloat", 1, SHAPE_OF(6), out, &err));
    for (int i = 0; i < 6; i++) ck_assert_msg(out[i] == (real)bfloat_values[i], "bfloat %d", i);
    safetensors_close(&file);
}
END_TEST

static void expect_read_error(const Safetensors *file, const char *name, int ndim, const int *shape,
                              const char *rest) {
    Error err;
    real out[8];
    char expected[512];
    snprintf(expected, sizeof expected, "%s: %s", file->path, rest);
    ck_assert(!safetensors_read_real(file, name, ndim, shape, out, &err));
    ck_assert_str_eq(err.text, expected);
}

START_TEST(expected_and_found) {
    Safetensors file;
    Error err;
    ck_assert(safetensors_open("tests/fixtures/python.safetensors", &file, &err));
    expect_read_error(&file, "linear2.weight", 1, SHAPE_OF(1), "no tensor \"linear2.weight\"");
    expect_read_error(
        &file, "linear1.weight", 2, SHAPE_OF(3, 2),
        "tensor \"linear1.weight\": expected F32, F64, F16 or BF16 (3,2), found F32 (2,3)");
    expect_read_error(
        &file, "linear1.weight", 1, SHAPE_OF(2),
        "tensor \"linear1.weight\": expected F32, F64, F16 or BF16 (2), found F32 (2,3)");
    expect_read_error(&file, "ids", 1, SHAPE_OF(3),
                      "tensor \"ids\": expected F32, F64, F16 or BF16 (3), found I32 (3)");
    int32_t ids[3];
    ck_assert(!safetensors_read(&file, "ids", DTYPE_I64, 1, SHAPE_OF(3), ids, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "tensor \"ids\": expected I64 (3), found I32 (3)"));
    safetensors_close(&file);
}
END_TEST

/* ---- damaged files --------------------------------------------------------------------------- */

static bool opens(Error *err) {
    Safetensors file;
    if (!safetensors_open(path, &file, err)) return false;
    safetensors_close(&file);
    return true;
}

static uint64_t header_bytes(const char *file) {
    uint64_t length;
    memcpy(&length, file, sizeof length);
    return length;
}

START_TEST(cut_off_at_every_byte) {
    Error err;
    char *data;
    size_t bytes;
    ck_assert(write_ours(path, &err) && file_read(path, &data, &bytes, &err));
    for (size_t cut = 0; cut < bytes; cut++) {
        put_file(data, cut);
        ck_assert_msg(!opens(&err), "cut to %zu of %zu bytes", cut, bytes);
        ck_assert(strncmp(err.text, path, strlen(path)) == 0);
    }
    put_file(data, bytes + 1); // and one byte, the NUL that file_read adds, too many
    ck_assert(!opens(&err));
    free(data);
}
END_TEST

START_TEST(every_bit_of_the_header_flipped) {
    Error err;
    char *data;
    size_t bytes;
    ck_assert(write_ours(path, &err) && file_read(path, &data, &bytes, &err));
    const size_t header = 8 + (size_t)header_bytes(data);
    ck_assert(header % 8 == 0 && header < bytes);
    for (size_t bit = 0; bit < header * 8; bit++) {
        data[bit / 8] = (char)(data[bit / 8] ^ 1 << bit % 8);
        put_file(data, bytes);
        ck_assert_msg(!opens(&err), "bit %zu of byte %zu", bit % 8, bit / 8);
        data[bit / 8] = (char)(data[bit / 8] ^ 1 << bit % 8);
    }
    put_file(data, bytes);
    ck_assert(opens(&err));
    free(data);
}
END_TEST

/* Writes a header, given as text, and that many bytes of data. */
static void put_header(const char *header, size_t header_length, size_t data_bytes) {
    const size_t bytes = 8 + header_length + data_bytes;
    char *file = calloc(1, bytes);
    for (int i = 0; i < 8; i++) file[i] = (char)(header_length >> 8 * i);
    memcpy(file + 8, header, header_length);
    put_file(file, bytes);
    free(file);
}

#define T(name, dtype, shape, begin, end)                                                          \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" begin "," end   \
    "]}"

/* Headers with 16 bytes of data behind them, and a part of what each must be told. */
static const struct {
    const char *header, *error;
} cases[] = {
    {"", "does not start with '{'"},
    {" {}", "does not start with '{'"},
    {"[]", "does not start with '{'"},
    {"{", "header at byte 9: "},
    {"{}x", "header at byte "},
    {"{\"\xff\":1}", "header at byte "},
    {"{\"a\\u0000b\":1}", "header at byte "},
    {"{\"a\":123456789012345678901}", "header at byte "},
    {"{}", "the tensors end at byte 0 of the data, the file at 16"},
    {"{\"a\":1}", "tensor \"a\": expected exactly dtype, shape and data_offsets"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[16]}}", "expected exactly"},
    {"{\"a\":{\"dtype\":\"U8\",\"shape\":[16],\"data_offsets\":[0,16],\"x\":1}}",
     "expected exactly"},
    {"{" T("a", "U8", "[8]", "0", "8") "," T("a", "U8", "[8]", "8", "16") "}", "uplicate"},
    {"{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[16],\"data_offsets\":[0,16]}}",
     "uplicate"},
    {"{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}," T("a", "U8", "[16]", "0", "16") "}",
     "uplicate"},
    {"{\"__metadata__\":{\"k\":1}," T("a", "U8", "[16]", "0", "16") "}",
     "__metadata__: \"k\" is not a string"},
    {"{\"__metadata__\":[]," T("a", "U8", "[16]", "0", "16") "}", "__metadata__ is not an object"},
    {"{" T("a", "F99", "[4]", "0", "16") "}", "tensor \"a\": unknown dtype \"F99\""},
    {"{" T("a", "f32", "[4]", "0", "16") "}", "unknown dtype"},
    {"{\"a\":{\"dtype\":7,\"shape\":[16],\"data_offsets\":[0,16]}}", "dtype is not a string"},
    {"{" T("a", "F32", "[-4]", "0", "16") "}", "shape[0] is not a whole number >= 0"},
    {"{" T("a", "F32", "[2,2.0]", "0", "16") "}", "shape[1] is not a whole number >= 0"},
    {"{" T("a", "F32", "4", "0", "16") "}", "shape is not a list"},
    {"{" T("a", "F32", "[1,1,1,1,1,1,1,1,4]", "0", "16") "}", "shape is not a list"},
    {"{" T("a", "F32", "[4294967296,4294967296]", "0", "16") "}", "too large to count in bytes"},
    {"{" T("a", "F32", "[4611686018427387908]", "0", "16") "}", "too large to count in bytes"},
    {"{" T("a", "F32", "[3]", "0", "16") "}", "F32 (3) takes 12 bytes, data_offsets give it 16"},
    {"{" T("a", "F32", "[5]", "0", "20") "}", "0 to 20 do not lie within the file's 16 bytes"},
    {"{" T("a", "F32", "[4]", "-16", "0") "}", "do not lie within"},
    {"{" T("a", "F32", "[4]", "16", "0") "}", "do not lie within"},
    {"{" T("a", "F32", "[4]", "0", "16.0") "}", "data_offsets are not two whole numbers"},
    {"{" T("a", "F32", "[4]", "0,8", "16") "}", "data_offsets are not two whole numbers"},
    {"{" T("a", "F32", "[2]", "0", "8") "}", "the tensors end at byte 8 of the data"},
    {"{" T("a", "F32", "[2]", "8", "16") "}", "\"a\" begins at byte 8 of the data, expected 0"},
    {"{" T("a", "U8", "[7]", "0", "7") "," T("b", "U8", "[8]", "8", "16") "}",
     "\"b\" begins at byte 8 of the data, expected 7"},
    {"{" T("a", "U8", "[9]", "0", "9") "," T("b", "U8", "[8]", "8", "16") "}",
     "\"b\" begins at byte 8 of the data, expected 9"},
    {"{" T("a", "U8", "[16]", "0", "16") "," T("b", "U8", "[16]", "0", "16") "}",
     "begins at byte 0 of the data, expected 16"},
    {"{" T("a", "U8", "[16]", "0", "16") "," T("b", "U8", "[0]", "8", "8") "}",
     "begins at byte 8 of the data, expected 16"},
};

START_TEST(malformed_headers) {
    Error err;
    put_header(cases[_i].header, strlen(cases[_i].header), 16);
    ck_assert_msg(!opens(&err), "accepted: %s", cases[_i].header);
    ck_assert_msg(strstr(err.text, cases[_i].error) != NULL, "%s\ngives: %s", cases[_i].header,
                  err.text);
    ck_assert(strncmp(err.text, path, strlen(path)) == 0);
}
END_TEST

START_TEST(unusual_but_right) {
    static const char *const right[] = {
        "{" T("b", "F32", "[2]", "8", "16") "," T("a", "F32", "[2]", "0", "8") "}   ",
        "{" T("b", "U8", "[0]", "0", "0") "," T("a", "F64", "[2]", "0",
                                                "16") "," T("c", "U8", "[3,0]", "16", "16") "}",
        "{ \"__metadata__\" : {} , " T("\\u00e9", "BF16", "[1,2,1,2,1,2,1,1]", "0", "16") "\n}",
    };
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        Error err;
        put_header(right[i], strlen(right[i]), 16);
        ck_assert_msg(opens(&err), "%s\n%s", right[i], err.text);
    }
    Error err;
    put_header("{}", 2, 0);
    ck_assert(opens(&err));
}
END_TEST

START_TEST(deep_and_long_headers) {
    enum { DEPTH = 1000000 };
    Error err;
    char *nested = malloc(DEPTH);
    memset(nested, '[', DEPTH);
    memcpy(nested, "{\"a\":", 5);
    put_header(nested, DEPTH, 0);
    ck_assert(!opens(&err));
    memset(nested, 0, 16);
    nested[0] = 1, nested[3] = 6; // 100,663,297
    put_file(nested, 16);
    ck_assert(!opens(&err));
    ck_assert_ptr_nonnull(strstr(err.text, "header length 100663297 at byte 0, at most 100000000"));
    memset(nested, 0xff, 16);
    put_file(nested, 16);
    ck_assert(!opens(&err));
    free(nested);
}
END_TEST

/* What people take for a model: a word about what it is, not the number its first bytes would
 * be. */
START_TEST(other_formats) {
    static const struct {
        const char *first, *said;
    } others[] = {
        {"PK\x03\x04 torch.save", "zip archive, as torch.save writes"},
        {"\x80\x02}q\x01 torch.save", "pickle, as torch.save writes"},
        {"<!DOCTYPE html><title>404", "an HTML or XML page"},
        {"version https://git-lfs.github.com/spec/v1", "a Git LFS pointer"},
        {"any other text at all", "not a safetensors file: header length"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        Error err;
        put_file(others[i].first, strlen(others[i].first));
        ck_assert(!opens(&err));
        ck_assert_msg(strstr(err.text, others[i].said) != NULL, "%s", err.text);
    }
}
END_TEST

/* ---- writing --------------------------------------------------------------------------------- */

/* Takes all memory there is below a limit and gives `pieces` small ones of it back. */
static void leave_memory(int pieces) {
    struct rlimit limit;
    getrlimit(RLIMIT_AS, &limit);
    limit.rlim_cur = 0; // nothing more from the system
    setrlimit(RLIMIT_AS, &limit);
    void **all = NULL, **one;
    for (size_t bytes = 1 << 20; bytes >= sizeof *one; bytes /= 2)
        while ((one = malloc(bytes))) {
            *one = all; // a list of what was taken, the smallest first
            all = one;
        }
    for (; all && pieces > 0; pieces--) {
        one = *all;
        free(all);
        all = one;
    }
}

/* Whichever allocation fails, the library's included: the program ends with status 1 and the good
 * file stays, or it succeeds and the file is whole. */
START_TEST(out_of_memory_keeps_the_previous_file) {
    if (getenv("TEST_RUNNER")) return; // an emulator, which needs memory as well
#if defined __SANITIZE_ADDRESS__ || defined COUNTED
    return; // their own memory would run out
#endif
    Error err;
    ck_assert(write_ours(path, &err));
    int failed = 0, saved = 0;
    for (int pieces = 0; pieces < 4000; pieces += 1 + pieces / 8) {
        fflush(NULL);
        const pid_t child = fork();
        if (child == 0) {
            ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
            leave_memory(pieces);
            _exit(!write_ours(path, &err));
        }
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) <= 1, "%d pieces: status %d", pieces,
                      status);
        *(WEXITSTATUS(status) ? &failed : &saved) += 1;
        check_ours(path);
    }
    ck_assert_int_gt(failed, 5);
    ck_assert_int_gt(saved, 0);
}
END_TEST

/* Every tensor lies at a multiple of its element size in the file, whatever came before it. */
START_TEST(tensors_are_aligned) {
    Error err;
    Safetensors file;
    ck_assert(write_ours(path, &err) && safetensors_open(path, &file, &err));
    for (size_t i = 0; i < file.count; i++) {
        const size_t offset = (size_t)((const char *)file.tensor[i].data - file.file);
        ck_assert_uint_eq(offset % dtype_bytes(file.tensor[i].dtype), 0);
    }
    safetensors_close(&file);
}
END_TEST

START_TEST(full_disk_keeps_the_previous_file) {
    Error err;
    ck_assert(write_ours(path, &err));
    float *large = calloc(100000, sizeof *large);
    SafetensorsWriter *writer = safetensors_writer_new();
    safetensors_writer_tensor(writer, "large", DTYPE_F32, 1, SHAPE_OF(100000), large);
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){4096, limit.rlim_max});
    const bool ok = safetensors_writer_save(writer, path, &err);
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, handler);
    ck_assert(!ok);
    check_ours(path);
    ck_assert_msg(safetensors_writer_save(writer, path, &err), "%s", err.text);
    ck_assert(opens(&err));
    safetensors_writer_free(writer);
    free(large);
}
END_TEST

START_TEST(many_tensors) {
    Error err;
    char name[32];
    real values[100], back;
    SafetensorsWriter *writer = safetensors_writer_new();
    for (int i = 0; i < 100; i++) {
        values[i] = (real)i;
        snprintf(name, sizeof name, "layers.%d.bias", i);
        safetensors_writer_tensor(writer, name, DTYPE_REAL, 1, SHAPE_OF(1), &values[i]);
    }
    ck_assert(safetensors_writer_save(writer, path, &err));
    safetensors_writer_free(writer);
    Safetensors file;
    ck_assert(safetensors_open(path, &file, &err));
    ck_assert(safetensors_read_real(&file, "layers.73.bias", 1, SHAPE_OF(1), &back, &err));
    ck_assert(back == 73);
    safetensors_close(&file);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("safetensors");
    TCase *tests = tcase_create("safetensors");
    tcase_set_timeout(tests, 120); // a busy disk takes its time
    tcase_add_checked_fixture(tests, path_make, path_remove);
    tcase_add_test(tests, round_trip);
    tcase_add_test(tests, numbers_as_metadata);
    tcase_add_test(tests, ours_is_what_python_read);
    tcase_add_test(tests, resaved_by_python);
    tcase_add_test(tests, written_by_python);
    tcase_add_test(tests, sixteen_bits);
    tcase_add_test(tests, expected_and_found);
    tcase_add_test(tests, cut_off_at_every_byte);
    tcase_add_test(tests, every_bit_of_the_header_flipped);
    tcase_add_loop_test(tests, malformed_headers, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tests, unusual_but_right);
    tcase_add_test(tests, deep_and_long_headers);
    tcase_add_test(tests, other_formats);
    tcase_add_test(tests, tensors_are_aligned);
    tcase_add_test(tests, out_of_memory_keeps_the_previous_file);
    tcase_add_test(tests, full_disk_keeps_the_previous_file);
    tcase_add_test(tests, many_tensors);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
