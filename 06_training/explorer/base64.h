/* base64.h - bytes as text that may stand in a web page. */
#ifndef BASE64_H
#define BASE64_H

#include "common/array.h"

/* Appends bytes (count) as base64 (RFC 4648, with its `=` at the end): four characters for every
 * three bytes. */
void base64_append(ByteArray *text, const void *bytes, size_t count);

#endif
