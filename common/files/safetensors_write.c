/* The writing half of safetensors.h. The header is kept as the JSON it will become, so that quoting
 * and UTF-8 are jansson's business; offsets are filled in when everything is known. Mistakes here
 * are the program's, not the world's, except that the disk may be full. */
#include "common/files/file.h"
#include "common/files/safetensors.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { ALIGNMENT = 8 };

struct SafetensorsWriter {
    json_t *header; // as it will be written, but for the data_offsets: "__metadata__" and tensors
    Safetensor *tensor; // in the order added; the names are the header's
    size_t count, capacity;
};

/* jansson keeps the order of insertion: the checksum's entry stays the header's first. */
SafetensorsWriter *safetensors_writer_new(void) {
    SafetensorsWriter *writer = calloc(1, sizeof *writer);
    REQUIRE(writer, "out of memory");
    writer->header = json_pack("{s:{s:s}}", "__metadata__", "header_crc32", "00000000");
    REQUIRE(writer->header, "out of memory");
    return writer;
}

/* The data are the callers': only the header and the list of pieces are ours. */
void safetensors_writer_free(SafetensorsWriter *writer) {
    if (!writer) return;
    json_decref(writer->header);
    free(writer->tensor);
    free(writer);
}

/* A key twice would be one entry in JSON, and the first value lost without a word. */
void safetensors_writer_metadata(SafetensorsWriter *writer, const char *key, const char *value) {
    json_t *metadata = json_object_get(writer->header, "__metadata__");
    REQUIRE(!json_object_get(metadata, key), "metadata \"%s\" is there already", key);
    REQUIRE(json_object_set_new(metadata, key, json_string(value)) == 0,
            "metadata \"%s\" is not UTF-8", key);
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
    if (writer->count == writer->capacity) {
        writer->capacity = writer->capacity * 2 + 16;
        writer->tensor = realloc(writer->tensor, writer->capacity * sizeof *writer->tensor);
        REQUIRE(writer->tensor, "out of memory");
    }
    json_t *extents = json_array();
    Safetensor t = {.dtype = dtype, .ndim = ndim, .data = data, .bytes = dtype_bytes(dtype)};
    for (int d = 0; d < ndim; d++) {
        json_array_append_new(extents, json_integer(shape[d]));
        t.bytes *= (size_t)shape[d];
    }
    json_t *entry = json_pack("{s:s, s:o}", "dtype", dtype_name(dtype), "shape", extents);
    REQUIRE(json_object_set_new(writer->header, name, entry) == 0,
            "tensor name \"%s\" is not UTF-8", name);
    t.name = json_object_iter_key(json_object_iter_at(writer->header, name));
    writer->tensor[writer->count++] = t;
}

/* Places the tensors, widest elements first so that each lies at a multiple of its element size
 * (readers that map the file rely on it), and points the pieces at them. */
static void place_tensors(const SafetensorsWriter *writer, Bytes *pieces) {
    size_t offset = 0, placed = 0;
    for (size_t width = 8; width > 0; width /= 2) {
        for (size_t i = 0; i < writer->count; i++) {
            const Safetensor *t = &writer->tensor[i];
            if (dtype_bytes(t->dtype) != width) continue;
            json_t *offsets =
                json_pack("[I, I]", (json_int_t)offset, (json_int_t)(offset + t->bytes));
            json_object_set_new(json_object_get(writer->header, t->name), "data_offsets", offsets);
            pieces[placed++] = (Bytes){t->data, t->bytes};
            offset += t->bytes;
        }
    }
}

/* The header's text, padded with spaces so that the data begin at a multiple of 8, and its
 * checksum. NULL when the memory does not suffice. The caller frees. */
static char *header_text(const SafetensorsWriter *writer, size_t *bytes) {
    static const char compact_start[] = "{\"__metadata__\":{\"header_crc32\":\"";
    const size_t start = strlen(SAFETENSORS_CRC_START), compact = strlen(compact_start);
    char *json = json_dumps(writer->header, JSON_COMPACT);
    if (!json) return NULL;
    REQUIRE(strncmp(json, compact_start, compact) == 0, "unexpected header: %.40s", json);
    const size_t rest = strlen(json) - compact;
    *bytes = (start + rest + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    char *text = malloc(*bytes);
    if (text) {
        memset(text, ' ', *bytes);
        memcpy(text, SAFETENSORS_CRC_START, start);
        memcpy(text + start, json + compact, rest);
        char digits[SAFETENSORS_CRC_DIGITS + 1];
        snprintf(digits, sizeof digits, "%08x", (unsigned)safetensors_header_crc(text, *bytes));
        memcpy(text + start, digits, SAFETENSORS_CRC_DIGITS);
    }
    free(json);
    return text;
}

/* Length, header, then each tensor from where its owner keeps it: nothing is copied. */
bool safetensors_writer_save(const SafetensorsWriter *writer, const char *path, Error *err) {
    Bytes *pieces = malloc((writer->count + 2) * sizeof *pieces);
    if (!pieces) return error_set(err, "%s: cannot write: out of memory", path);
    place_tensors(writer, pieces + 2);
    size_t bytes = 0;
    char *header = header_text(writer, &bytes);
    unsigned char length[8];
    for (int i = 0; i < 8; i++) length[i] = (unsigned char)(bytes >> 8 * i);
    pieces[0] = (Bytes){length, sizeof length};
    pieces[1] = (Bytes){header, bytes};
    const bool ok = !header ? error_set(err, "%s: cannot write: out of memory", path)
                    : bytes > SAFETENSORS_HEADER_MAX
                        ? error_set(err, "%s: cannot write: the header has %zu bytes", path, bytes)
                        : file_write(path, pieces, writer->count + 2, err);
    free(header);
    free(pieces);
    return ok;
}
