/* safetensors.h - weights and training state in files that Python opens with two lines.
 *
 * The format (github.com/huggingface/safetensors): 8 bytes with the length of the header, little
 * endian; the header, JSON that maps each tensor's name to its dtype, shape and data_offsets, and
 * "__metadata__" to strings; then the tensors' bytes, without gaps, to the end of the file.
 *
 * The reader believes nothing. The file is read into memory (a mapped file that shrinks would kill
 * the program), the header must be at most 100,000,000 bytes and start with '{', names must be
 * unique, entries complete and without extras, ranges contiguous from 0, and every shape times its
 * element size must be exactly its range.
 *
 * The writer adds one thing: the first metadata entry, "header_crc32", is the CRC-32 of the whole
 * header with that value taken as 00000000. A flipped bit in a name or in the configuration would
 * otherwise still be a well-formed header. The entry is followed only in a header that begins
 * exactly as ours does, spaces included, which other programs' JSON does not: a file that Python
 * loaded and saved again, metadata and all, is not held to a checksum that is no longer its own.
 */
#ifndef COMMON_SAFETENSORS_H
#define COMMON_SAFETENSORS_H

#include "common/error.h"
#include "common/real.h"

#include <stddef.h>

enum { SAFETENSORS_DIMS = 8 }; // more dimensions are refused

typedef enum {
    DTYPE_BOOL,
    DTYPE_U8,
    DTYPE_I8,
    DTYPE_I16,
    DTYPE_U16,
    DTYPE_F16,
    DTYPE_BF16,
    DTYPE_I32,
    DTYPE_U32,
    DTYPE_F32,
    DTYPE_I64,
    DTYPE_U64,
    DTYPE_F64,
    DTYPE_COUNT,
#ifdef REAL_IS_DOUBLE
    DTYPE_REAL = DTYPE_F64 // how `real` is written
#else
    DTYPE_REAL = DTYPE_F32
#endif
} Dtype;

typedef struct {
    const char *name;
    Dtype dtype;
    int ndim; // 0 for a scalar
    size_t shape[SAFETENSORS_DIMS];
    size_t begin;     // of its bytes among the data
    const void *data; // in a read file not necessarily aligned: memcpy from it
    size_t bytes;
} Safetensor;

/* An open file; everything in it and found through it lives until safetensors_close. */
typedef struct {
    const char *path;     // the caller's own, for errors
    Safetensor *tensor;   // in the order of their data
    Safetensor **by_name; // the same, sorted for looking up
    size_t count;
    char *file;          // the file's bytes
    struct json_t *json; // the parsed header, which holds names and metadata
} Safetensors;

/* Reads and checks the file, which no pipe can be. False: err names the file and the place, nothing
 * to close. path must outlive the Safetensors. */
bool safetensors_open(const char *path, Safetensors *file, Error *err);
void safetensors_close(Safetensors *file);

/* The tensor of that name, or the metadata string of that key; NULL if there is none. */
const Safetensor *safetensors_find(const Safetensors *file, const char *name);
const char *safetensors_metadata(const Safetensors *file, const char *key);

/* Copies the tensor of that name into out, which has room for the shape. An absent tensor or one
 * of another dtype or shape is an error that names it and tells expected and found. */
bool safetensors_read(const Safetensors *file, const char *name, Dtype dtype, int ndim,
                      const int *shape, void *out, Error *err);

/* The same, converting F32, F64, F16 or BF16 to real. */
bool safetensors_read_real(const Safetensors *file, const char *name, int ndim, const int *shape,
                           real *out, Error *err);

/* ---- writing --------------------------------------------------------------------------------- */

typedef struct SafetensorsWriter SafetensorsWriter;

/* An empty file in the making. Free with safetensors_writer_free, saved or not. */
SafetensorsWriter *safetensors_writer_new(void);
void safetensors_writer_free(SafetensorsWriter *writer); // NULL is allowed

/* Adds a metadata entry (copied). Both must be UTF-8 and the key new. */
void safetensors_writer_metadata(SafetensorsWriter *writer, const char *key, const char *value);

/* The same for a number, written with so many significant digits: 9 bring back every size and any
 * float, 17 every double. */
void safetensors_writer_number(SafetensorsWriter *writer, const char *key, double value,
                               int digits);

/* Adds a tensor of a new name (copied); its data (not copied) must stay until it is saved. */
void safetensors_writer_tensor(SafetensorsWriter *writer, const char *name, Dtype dtype, int ndim,
                               const int *shape, const void *data);

/* Writes everything added, all or nothing (file_write): on failure an older file is unharmed. */
bool safetensors_writer_save(const SafetensorsWriter *writer, const char *path, Error *err);

/* ---- shared by reader and writer ------------------------------------------------------------- */

#define SAFETENSORS_CRC_START "{\"__metadata__\": {\"header_crc32\": \""
enum { SAFETENSORS_HEADER_MAX = 100000000, SAFETENSORS_CRC_DIGITS = 8 };

const char *dtype_name(Dtype dtype); // "F32"
size_t dtype_bytes(Dtype dtype);     // 4

/* The checksum (crc32.h) of a header that begins with SAFETENSORS_CRC_START, its digits taken as
 * zeros. */
uint32_t safetensors_header_crc(const char *header, size_t bytes);

/* Whether the reader would take a header (bytes) that data_bytes of data follow; if not, err says
 * why, in the name of the file at path. */
bool safetensors_check_header(const char *path, const char *header, size_t bytes, size_t data_bytes,
                              Error *err);

#endif
