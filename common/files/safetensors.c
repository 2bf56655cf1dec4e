/* Reading. Everything the header claims is compared with the bytes that are there before anything
 * is used: after safetensors_open each tensor's data lie within the file and have the size that
 * dtype and shape ask for, so that no later code has to check. */
#include "common/files/safetensors.h"

#include "common/files/crc32.h"
#include "common/files/file.h"
#include "common/files/json_memory.h"
#include "common/half.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "tensors are stored little endian");

enum { LENGTH_BYTES = 8 };

/* All dtypes of the format, although few are read here: a file may hold other tensors beside ours,
 * and their sizes must be checked too. */
static const struct {
    const char *name;
    size_t bytes;
} dtypes[DTYPE_COUNT] = {
    [DTYPE_BOOL] = {"BOOL", 1}, [DTYPE_U8] = {"U8", 1},   [DTYPE_I8] = {"I8", 1},
    [DTYPE_I16] = {"I16", 2},   [DTYPE_U16] = {"U16", 2}, [DTYPE_F16] = {"F16", 2},
    [DTYPE_BF16] = {"BF16", 2}, [DTYPE_I32] = {"I32", 4}, [DTYPE_U32] = {"U32", 4},
    [DTYPE_F32] = {"F32", 4},   [DTYPE_I64] = {"I64", 8}, [DTYPE_U64] = {"U64", 8},
    [DTYPE_F64] = {"F64", 8},
};

const char *dtype_name(Dtype dtype) {
    return dtypes[dtype].name;
}
size_t dtype_bytes(Dtype dtype) {
    return dtypes[dtype].bytes;
}

/* ---- the checksum ---------------------------------------------------------------------------- */

/* The checksum's own digits count as zeros: it cannot contain itself. */
uint32_t safetensors_header_crc(const char *header, size_t bytes) {
    static const char zeros[] = "00000000";
    const size_t digits = strlen(SAFETENSORS_CRC_START), rest = digits + SAFETENSORS_CRC_DIGITS;
    const uint32_t crc = crc32_add(crc32_add(0, header, digits), zeros, SAFETENSORS_CRC_DIGITS);
    return crc32_add(crc, header + rest, bytes - rest);
}

/* How many bits of the header's beginning differ from our own writer's. */
static int start_difference(const char *header, size_t bytes) {
    const size_t start = strlen(SAFETENSORS_CRC_START);
    if (bytes < start + SAFETENSORS_CRC_DIGITS) return 1000;
    int bits = 0;
    for (size_t i = 0; i < start; i++)
        bits += __builtin_popcount((unsigned)(header[i] ^ SAFETENSORS_CRC_START[i]) & 0xff);
    return bits;
}

/* One differing bit means our header with the check itself damaged; more, another writer. */
static bool checksum_check(const char *path, const char *header, size_t bytes, Error *err) {
    const int difference = start_difference(header, bytes); // 1000 where there is no room for ours
    if (difference > 1) return true;
    char digits[SAFETENSORS_CRC_DIGITS + 1];
    snprintf(digits, sizeof digits, "%08x", (unsigned)safetensors_header_crc(header, bytes));
    if (difference == 0 &&
        memcmp(header + strlen(SAFETENSORS_CRC_START), digits, SAFETENSORS_CRC_DIGITS) == 0)
        return true;
    return error_set(err,
                     "%s: damaged: the header (bytes 8 to %zu) does not match its header_crc32",
                     path, LENGTH_BYTES + bytes - 1);
}

/* ---- parsing the header ---------------------------------------------------------------------- */

/* "(2,3)", for errors. */
static const char *shape_text(int ndim, const size_t *shape, char text[256]) {
    size_t used = (size_t)snprintf(text, 256, "(");
    for (int d = 0; d < ndim && used < 220; d++)
        used += (size_t)snprintf(text + used, 256 - used, "%s%zu", d > 0 ? "," : "", shape[d]);
    snprintf(text + used, 256 - used, ")");
    return text;
}

static bool parse_dtype(const char *path, const json_t *value, Safetensor *t, Error *err) {
    if (!json_is_string(value))
        return error_set(err, "%s: tensor \"%s\": dtype is not a string", path, t->name);
    for (int d = 0; d < DTYPE_COUNT; d++) {
        if (strcmp(dtypes[d].name, json_string_value(value)) != 0) continue;
        t->dtype = (Dtype)d;
        return true;
    }
    return error_set(err, "%s: tensor \"%s\": unknown dtype \"%.32s\"", path, t->name,
                     json_string_value(value));
}

/* The shape, and in t->bytes what it takes; false if it is none or its size overflows. */
static bool parse_shape(const char *path, const json_t *value, Safetensor *t, Error *err) {
    if (!json_is_array(value) || json_array_size(value) > SAFETENSORS_DIMS)
        return error_set(err, "%s: tensor \"%s\": shape is not a list of at most %d numbers", path,
                         t->name, SAFETENSORS_DIMS);
    t->ndim = (int)json_array_size(value);
    t->bytes = dtype_bytes(t->dtype);
    for (int d = 0; d < t->ndim; d++) {
        const json_t *extent = json_array_get(value, (size_t)d);
        // JSON has one kind of number; 2.0 is not an extent, and -1 would become a huge size_t.
        if (!json_is_integer(extent) || json_integer_value(extent) < 0)
            return error_set(err, "%s: tensor \"%s\": shape[%d] is not a whole number >= 0", path,
                             t->name, d);
        t->shape[d] = (size_t)json_integer_value(extent);
        // A product that wraps round could agree with a small range and send readers far beyond it.
        if (__builtin_mul_overflow(t->bytes, t->shape[d], &t->bytes))
            return error_set(err, "%s: tensor \"%s\": its shape is too large to count in bytes",
                             path, t->name);
    }
    return true;
}

/* The range of bytes, counted from the end of the header. */
static bool parse_range(const char *path, const json_t *value, size_t data_bytes, Safetensor *t,
                        Error *err) {
    const json_t *begin = json_array_get(value, 0), *end = json_array_get(value, 1);
    if (json_array_size(value) != 2 || !json_is_integer(begin) || !json_is_integer(end))
        return error_set(err, "%s: tensor \"%s\": data_offsets are not two whole numbers", path,
                         t->name);
    // jansson has already refused what does not fit into 64 signed bits.
    const json_int_t b = json_integer_value(begin), e = json_integer_value(end);
    if (b < 0 || e < b || (size_t)e > data_bytes)
        return error_set(
            err,
            "%s: tensor \"%s\": data_offsets %lld to %lld do not lie within the file's "
            "%zu bytes of data",
            path, t->name, (long long)b, (long long)e, data_bytes);
    char shape[256];
    if ((size_t)(e - b) != t->bytes)
        return error_set(err, "%s: tensor \"%s\": %s %s takes %zu bytes, data_offsets give it %zu",
                         path, t->name, dtype_name(t->dtype), shape_text(t->ndim, t->shape, shape),
                         t->bytes, (size_t)(e - b));
    t->begin = (size_t)b;
    return true;
}

/* In this order, since the range is held against the size that the shape gives. */
static bool parse_tensor(const char *path, const json_t *entry, size_t data_bytes, Safetensor *t,
                         Error *err) {
    const json_t *dtype = json_object_get(entry, "dtype"), *shape = json_object_get(entry, "shape");
    const json_t *offsets = json_object_get(entry, "data_offsets");
    // Three members, and these three: nothing else can be among them.
    if (json_object_size(entry) != 3 || !dtype || !shape || !offsets)
        return error_set(err, "%s: tensor \"%s\": expected exactly dtype, shape and data_offsets",
                         path, t->name);
    return parse_dtype(path, dtype, t, err) && parse_shape(path, shape, t, err) &&
           parse_range(path, offsets, data_bytes, t, err);
}

/* The format allows strings only; whoever reads a number from them checks it there. */
static bool metadata_check(const char *path, json_t *metadata, Error *err) {
    const char *key;
    json_t *value;
    if (!json_is_object(metadata)) return error_set(err, "%s: __metadata__ is not an object", path);
    json_object_foreach(metadata, key, value) {
        if (!json_is_string(value))
            return error_set(err, "%s: __metadata__: \"%s\" is not a string", path, key);
    }
    return true;
}

/* For qsort: where the data begin. */
static int by_place(const void *a, const void *b) {
    const Safetensor *s = a, *t = b;
    if (s->begin != t->begin) return s->begin < t->begin ? -1 : 1;
    return (s->bytes > t->bytes) - (s->bytes < t->bytes); // empty ones before what follows them
}

/* Sorted by place, each tensor must begin where the one before it ends, and the last must end with
 * the file: no holes, no overlaps, nothing hidden behind. */
static bool ranges_check(const Safetensors *file, size_t data_bytes, Error *err) {
    size_t end = 0;
    for (size_t i = 0; i < file->count; i++) {
        const Safetensor *t = &file->tensor[i];
        if (t->begin != end)
            return error_set(err, "%s: tensor \"%s\" begins at byte %zu of the data, expected %zu",
                             file->path, t->name, t->begin, end);
        end += t->bytes;
    }
    return end == data_bytes ||
           error_set(err, "%s: the tensors end at byte %zu of the data, the file at %zu",
                     file->path, end, data_bytes);
}

/* For qsort and bsearch: pointers to tensors, by name. */
static int by_name(const void *a, const void *b) {
    const Safetensor *const *s = a, *const *t = b;
    return strcmp((*s)->name, (*t)->name);
}

/* One entry of the header after the other, then all of them together. The names stay jansson's, as
 * long as the parsed header lives. */
static bool entries_parse(Safetensors *file, size_t data_bytes, Error *err) {
    const char *name;
    json_t *entry;
    // One more than needed, since a size of 0 may give NULL.
    const size_t most = json_object_size(file->json) + 1;
    file->tensor = calloc(most, sizeof *file->tensor);
    file->by_name = calloc(most, sizeof *file->by_name);
    if (!file->tensor || !file->by_name)
        return error_set(err, "%s: too many tensors for the memory", file->path);
    json_object_foreach(file->json, name, entry) {
        if (strcmp(name, "__metadata__") == 0) {
            if (!metadata_check(file->path, entry, err)) return false;
            continue;
        }
        Safetensor *t = &file->tensor[file->count++];
        t->name = name;
        if (!parse_tensor(file->path, entry, data_bytes, t, err)) return false;
    }
    qsort(file->tensor, file->count, sizeof *file->tensor, by_place);
    for (size_t i = 0; i < file->count; i++) file->by_name[i] = &file->tensor[i];
    qsort(file->by_name, file->count, sizeof *file->by_name, by_name);
    return ranges_check(file, data_bytes, err);
}

/* What else people give as a model, by its first bytes: read as the length of a header they would
 * be a number that helps nobody. NULL: nothing known. */
static const char *other_format(const char *start, size_t bytes) {
    static const struct {
        const char *first, *what;
    } known[] = {
        {"PK\x03\x04", "a zip archive, as torch.save writes: save it with safetensors.torch"},
        {"\x80\x02", "a Python pickle, as torch.save writes: save it with safetensors.torch"},
        {"\x80\x04", "a Python pickle: save it with safetensors.torch"},
        {"<", "an HTML or XML page: perhaps the download gave an error page"},
        {"version https://git-lfs", "a Git LFS pointer to the file: git lfs pull fetches it"},
        {"GGUF", "a GGUF file"},
        {"\x89HDF", "an HDF5 file"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const size_t length = strlen(known[i].first);
        if (bytes >= length && memcmp(start, known[i].first, length) == 0) return known[i].what;
    }
    return NULL;
}

/* Finds the header in the file's bytes, which *bytes gives the length of before and the header's
 * after. */
static bool header_find(const Safetensors *file, size_t *bytes, Error *err) {
    const unsigned char *start = (const unsigned char *)file->file;
    const char *other = other_format(file->file, *bytes);
    if (*bytes < LENGTH_BYTES)
        return error_set(err, "%s: %zu bytes are too few for a safetensors file", file->path,
                         *bytes);
    uint64_t length = 0;
    // The length: 8 bytes, the lowest first.
    for (int i = LENGTH_BYTES - 1; i >= 0; i--) length = length << 8 | start[i];
    if (other && length > *bytes - LENGTH_BYTES)
        return error_set(err, "%s: not a safetensors file but %s", file->path, other);
    if (length > SAFETENSORS_HEADER_MAX)
        return error_set(err,
                         "%s: not a safetensors file: header length %llu at byte 0, at most %d are "
                         "allowed",
                         file->path, (unsigned long long)length, SAFETENSORS_HEADER_MAX);
    if (length > *bytes - LENGTH_BYTES)
        return error_set(err, "%s: cut off: a header of %llu bytes is announced, %zu bytes follow",
                         file->path, (unsigned long long)length, *bytes - LENGTH_BYTES);
    if (length == 0 || start[LENGTH_BYTES] != '{')
        return error_set(err, "%s: the header at byte %d does not start with '{'", file->path,
                         LENGTH_BYTES);
    *bytes = (size_t)length;
    return true;
}

/* The checksum first: what a damaged header says is not worth reporting. */
static bool header_parse(Safetensors *file, const char *header, size_t bytes, size_t data_bytes,
                         Error *err) {
    if (!checksum_check(file->path, header, bytes, err)) return false;
    json_error_t reason;
    json_memory_use();
    file->json = json_loadb(header, bytes, JSON_REJECT_DUPLICATES, &reason);
    if (!file->json)
        return error_set(err, "%s: header at byte %d: %s", file->path,
                         LENGTH_BYTES + reason.position, reason.text);
    return entries_parse(file, data_bytes, err);
}

/* Header and data lie one behind the other; every tensor is told where its own are. */
static bool file_parse(Safetensors *file, size_t file_bytes, Error *err) {
    size_t header_bytes = file_bytes;
    if (!header_find(file, &header_bytes, err)) return false;
    const char *header = file->file + LENGTH_BYTES, *data = header + header_bytes;
    const size_t data_bytes = file_bytes - LENGTH_BYTES - header_bytes;
    if (!header_parse(file, header, header_bytes, data_bytes, err)) return false;
    for (size_t i = 0; i < file->count; i++) file->tensor[i].data = data + file->tensor[i].begin;
    return true;
}

/* All that the reader asks of a header, without its data. */
bool safetensors_check_header(const char *path, const char *header, size_t bytes, size_t data_bytes,
                              Error *err) {
    Safetensors file = {.path = path};
    const bool good = header_parse(&file, header, bytes, data_bytes, err);
    safetensors_close(&file);
    return good;
}

/* A file being written never comes to be seen here: file_write renames only complete ones. */
bool safetensors_open(const char *path, Safetensors *file, Error *err) {
    *file = (Safetensors){.path = path};
    size_t bytes;
    if (!file_read_regular(path, &file->file, &bytes, err)) return false;
    if (file_parse(file, bytes, err)) return true;
    safetensors_close(file);
    return false;
}

/* Closing twice, or what was never opened, does nothing: all is NULL then. */
void safetensors_close(Safetensors *file) {
    free(file->tensor);
    free(file->by_name);
    free(file->file);
    json_decref(file->json);
    *file = (Safetensors){0};
}

/* ---- looking things up ----------------------------------------------------------------------- */

/* By halves: a file may have a hundred thousand tensors, each of which is looked up. */
const Safetensor *safetensors_find(const Safetensors *file, const char *name) {
    const Safetensor wanted = {.name = name}, *key = &wanted;
    Safetensor **found = bsearch(&key, file->by_name, file->count, sizeof *file->by_name, by_name);
    return found ? *found : NULL;
}

/* jansson passes NULL through, so a header without metadata gives NULL, like a missing key. */
const char *safetensors_metadata(const Safetensors *file, const char *key) {
    return json_string_value(json_object_get(json_object_get(file->json, "__metadata__"), key));
}

static bool is_real(Dtype dtype) {
    return dtype == DTYPE_F32 || dtype == DTYPE_F64 || dtype == DTYPE_F16 || dtype == DTYPE_BF16;
}

/* The tensor, if it is there with that shape and dtype, DTYPE_COUNT standing for any of the real
 * ones; otherwise NULL. */
static const Safetensor *find_expected(const Safetensors *file, const char *name, Dtype dtype,
                                       int ndim, const int *shape, Error *err) {
    REQUIRE(ndim <= SAFETENSORS_DIMS, "%d dimensions", ndim);
    const Safetensor *t = safetensors_find(file, name);
    if (!t) {
        error_set(err, "%s: no tensor \"%s\"", file->path, name);
        return NULL;
    }
    size_t wanted[SAFETENSORS_DIMS];
    const bool any = dtype == DTYPE_COUNT;
    bool same = t->ndim == ndim && (any ? is_real(t->dtype) : t->dtype == dtype);
    for (int d = 0; d < ndim; d++) {
        wanted[d] = (size_t)shape[d];
        same = same && t->shape[d] == wanted[d];
    }
    if (same) return t;
    char wanted_text[256], found_text[256];
    error_set(err, "%s: tensor \"%s\": expected %s %s, found %s %s", file->path, name,
              any ? "F32, F64, F16 or BF16" : dtype_name(dtype),
              shape_text(ndim, wanted, wanted_text), dtype_name(t->dtype),
              shape_text(t->ndim, t->shape, found_text));
    return NULL;
}

/* Empty tensors have no data to point at, and memcpy wants valid pointers even for none. */
bool safetensors_read(const Safetensors *file, const char *name, Dtype dtype, int ndim,
                      const int *shape, void *out, Error *err) {
    const Safetensor *t = find_expected(file, name, dtype, ndim, shape, err);
    if (t && t->bytes > 0) memcpy(out, t->data, t->bytes);
    return t != NULL;
}

/* The upper half of a float: its range with 8 bits of precision. */
static float bfloat_value(uint16_t bits) {
    const uint32_t whole = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &whole, sizeof value);
    return value;
}

/* A value at a time through memcpy: in files of other writers data may lie at any address. */
static real value_at(Dtype dtype, const char *at) {
    uint16_t half;
    float single;
    double twice;
    switch (dtype) {
    case DTYPE_F16:
        memcpy(&half, at, sizeof half);
        return (real)half_to_float(half);
    case DTYPE_BF16:
        memcpy(&half, at, sizeof half);
        return (real)bfloat_value(half);
    case DTYPE_F32:
        memcpy(&single, at, sizeof single);
        return (real)single;
    default: // DTYPE_F64: find_expected lets no other pass
        memcpy(&twice, at, sizeof twice);
        return (real)twice;
    }
}

bool safetensors_read_real(const Safetensors *file, const char *name, int ndim, const int *shape,
                           real *out, Error *err) {
    const Safetensor *t = find_expected(file, name, DTYPE_COUNT, ndim, shape, err);
    if (!t) return false;
    const size_t step = dtype_bytes(t->dtype);
    if (t->bytes > 0 && t->dtype == (sizeof(real) == sizeof(float) ? DTYPE_F32 : DTYPE_F64)) {
        memcpy(out, t->data, t->bytes); // as they are
        return true;
    }
    for (size_t i = 0; i < t->bytes / step; i++)
        out[i] = value_at(t->dtype, (const char *)t->data + i * step);
    return true;
}
