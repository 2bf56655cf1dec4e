/* The writing half of safetensors.h. The header is kept as the JSON it will become, so that quoting
 * and UTF-8 are jansson's business; offsets are filled in when everything is known. Mistakes here
 * are the program's, not the world's, except that the disk may be full. */
#include "common/arena.h"
#include "common/array.h"
#include "common/files/file.h"
#include "common/files/json_memory.h"
#include "common/files/safetensors.h"
#include "common/files/utf8.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { ALIGNMENT = 8 };

struct SafetensorsWriter {
    json_t *header; // as it will be written, but for the data_offsets: "__metadata__" and tensors
    Safetensor *tensor; // in the order added; the names are the header's
    size_t count, capacity;
};

/* The data are the callers': only the header and the list of pieces are ours. */
void safetensors_writer_free(SafetensorsWriter *writer) {
    if (!writer) return;
    json_decref(writer->header);
    free(writer->tensor);
    free(writer);
}

static bool is_utf8(const char *text) {
    return utf8_valid_bytes(text, strlen(text)) == strlen(text);
}

static void append(json_t *array, size_t number) {
    const bool done = json_array_append_new(array, json_integer((json_int_t)number)) == 0;
    REQUIRE(done, "no entry %zu", number);
}

/* What jansson says of its success is looked at everywhere: an entry less is another file. */
static void set(json_t *object, const char *key, json_t *value) {
    const bool done = json_object_set_new(object, key, value) == 0;
    REQUIRE(done, "no entry \"%s\"", key);
}

/* A key twice would be one entry in JSON, and the first value lost without a word. */
void safetensors_writer_metadata(SafetensorsWriter *writer, const char *key, const char *value) {
    json_t *metadata = json_object_get(writer->header, "__metadata__");
    REQUIRE(!json_object_get(metadata, key), "metadata \"%s\" is there already", key);
    REQUIRE(is_utf8(key) && is_utf8(value), "metadata \"%s\" is not UTF-8", key);
    set(metadata, key, json_string(value));
}

/* jansson keeps the order of insertion: the checksum's entry stays the header's first. */
SafetensorsWriter *safetensors_writer_new(void) {
    SafetensorsWriter *writer = memory_calloc(sizeof *writer);
    json_memory_use();
    writer->header = json_object();
    set(writer->header, "__metadata__", json_object());
    safetensors_writer_metadata(writer, "header_crc32", "00000000");
    return writer;
}

/* Metadata are strings in this format. */
void safetensors_writer_number(SafetensorsWriter *writer, const char *key, double value,
                               int digits) {
    char text[40];
    snprintf(text, sizeof text, "%.*g", digits, value);
    safetensors_writer_metadata(writer, key, text);
}

/* Only noted here, written by safetensors_writer_save: data must stay where they are until then. */
void safetensors_writer_tensor(SafetensorsWriter *writer, const char *name, Dtype dtype, int ndim,
                               const int *shape, const void *data) {
    REQUIRE(!json_object_get(writer->header, name), "tensor \"%s\" is there already", name);
    REQUIRE(ndim <= SAFETENSORS_DIMS, "tensor \"%s\" has %d dimensions", name, ndim);
    REQUIRE(is_utf8(name), "tensor name \"%s\" is not UTF-8", name);
    json_t *entry = json_object(), *extents = json_array();
    Safetensor t = {.dtype = dtype, .ndim = ndim, .data = data, .bytes = dtype_bytes(dtype)};
    for (int d = 0; d < ndim; d++) {
        append(extents, (size_t)shape[d]);
        t.bytes *= (size_t)shape[d];
    }
    set(entry, "dtype", json_string(dtype_name(dtype)));
    set(entry, "shape", extents);
    set(writer->header, name, entry);
    t.name = json_object_iter_key(json_object_iter_at(writer->header, name));
    writer->tensor = array_reserve(writer->tensor, &writer->capacity, writer->count + 1, sizeof t);
    writer->tensor[writer->count++] = t;
}

/* Places the tensors, widest elements first so that each lies at a multiple of its element size
 * (readers that map the file rely on it), and points the pieces at them. Returns all their
 * bytes. */
static size_t place_tensors(const SafetensorsWriter *writer, Bytes *pieces) {
    size_t offset = 0, placed = 0;
    for (size_t width = 8; width > 0; width /= 2) {
        for (size_t i = 0; i < writer->count; i++) {
            const Safetensor *t = &writer->tensor[i];
            if (dtype_bytes(t->dtype) != width) continue;
            json_t *range = json_array();
            append(range, offset);
            append(range, offset + t->bytes);
            set(json_object_get(writer->header, t->name), "data_offsets", range);
            pieces[placed++] = (Bytes){t->data, t->bytes};
            offset += t->bytes;
        }
    }
    return offset;
}

/* The header's text, padded with spaces so that the data begin at a multiple of 8, and its
 * checksum. The caller frees. */
static char *header_text(const SafetensorsWriter *writer, size_t *bytes) {
    static const char compact_start[] = "{\"__metadata__\":{\"header_crc32\":\"";
    const size_t start = strlen(SAFETENSORS_CRC_START), compact = strlen(compact_start);
    char *json = json_dumps(writer->header, JSON_COMPACT);
    REQUIRE(json && strncmp(json, compact_start, compact) == 0, "unexpected header: %.40s",
            json ? json : "none");
    const size_t rest = strlen(json) - compact;
    *bytes = (start + rest + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    char *text = memory_alloc(*bytes);
    memset(text, ' ', *bytes);
    memcpy(text, SAFETENSORS_CRC_START, start);
    memcpy(text + start, json + compact, rest);
    char digits[SAFETENSORS_CRC_DIGITS + 1];
    snprintf(digits, sizeof digits, "%08x", (unsigned)safetensors_header_crc(text, *bytes));
    memcpy(text + start, digits, SAFETENSORS_CRC_DIGITS);
    free(json);
    return text;
}

/* Length, header, then each tensor from where its owner keeps it: nothing is copied. A file that
 * our reader would refuse must not take the place of one that it reads, so the header is given to
 * it first. */
bool safetensors_writer_save(const SafetensorsWriter *writer, const char *path, Error *err) {
    Bytes *pieces = memory_alloc((writer->count + 2) * sizeof *pieces);
    const size_t data_bytes = place_tensors(writer, pieces + 2);
    size_t bytes;
    char *header = header_text(writer, &bytes);
    unsigned char length[8];
    for (int i = 0; i < 8; i++) length[i] = (unsigned char)(bytes >> 8 * i);
    pieces[0] = (Bytes){length, sizeof length};
    pieces[1] = (Bytes){header, bytes};
    const bool ok = bytes > SAFETENSORS_HEADER_MAX
                        ? error_set(err, "%s: cannot write: the header has %zu bytes", path, bytes)
                        : safetensors_check_header(path, header, bytes, data_bytes, err) &&
                              file_write(path, pieces, writer->count + 2, err);
    free(header);
    free(pieces);
    return ok;
}
