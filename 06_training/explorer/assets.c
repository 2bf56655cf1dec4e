#include "06_training/explorer/assets.h"

#include <stddef.h>
#include <string.h>

/* The Makefile writes the rows: one for each file of this folder that a browser reads. */
static const struct {
    const char *name, *text;
} ASSETS[] = {
#include "06_training/explorer/assets.inc"
};

const char *asset_text(const char *name) {
    for (size_t i = 0; i < sizeof ASSETS / sizeof *ASSETS; i++)
        if (strcmp(ASSETS[i].name, name) == 0) return ASSETS[i].text;
    return NULL;
}
