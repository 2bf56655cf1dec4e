/* page.h - one HTML file with a model in it: the page's own files, the tokenizer and the weights.
 *
 * The model goes in as JSON, the weights as base64 of halves; those of earlier epochs as base64 of
 * bytes, which is a third of the room of text that base64 of floats would take.
 */
#ifndef PAGE_H
#define PAGE_H

#include "06_training/translator/translator.h"

enum { PAGE_BYTES_MAX = 8000000 }; // a browser should open it at once, and mail take it

typedef struct {
    ByteArray model;   // the JSON but for the epochs, and without its last brace
    ByteArray *epochs; // each epoch as a JSON object
    size_t epoch_count, capacity;
} Page;

/* An empty page is all zeros. Puts the translator into it, with sentences (count) to be offered.
 * name: what the page calls the model. The translator's weights should be halves already
 * (packing_round_to_halves), so that they are in the page as they are. */
void page_set_model(Page *page, const Translator *translator, const char *name,
                    const char *const *sentences, size_t count);
void page_free(Page *page);

/* Adds the same model as it was after an epoch, earlier ones first. */
void page_add_epoch(Page *page, const Translator *translator, const char *name);

/* Leaves out as many epochs as must go for the page to have at most PAGE_BYTES_MAX bytes; those
 * that stay are spread evenly, the last among them. False: the page is too large even without any,
 * and err says how large it would be and what to do. */
bool page_fit(Page *page, Error *err);

/* How many bytes the page will have. */
size_t page_bytes(const Page *page);

/* Whether the page may be written there: over nothing, or over an earlier one. */
bool page_may_replace(const char *path, Error *err);

/* Writes the page where it may, all or nothing. */
bool page_save(const Page *page, const char *path, Error *err);

#endif
