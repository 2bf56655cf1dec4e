#include "06_training/explorer/page.h"

#include <stdio.h>
#include <stdlib.h>

#include "06_training/explorer/assets.h"
#include "06_training/explorer/base64.h"
#include "06_training/explorer/packing.h"
#include "common/files/file.h"

static void append(ByteArray *text, const char *string) {
    byte_array_append(text, string, strlen(string));
}

/* ---- The model as JSON ----------------------------------------------------------------------- */

/* A JSON string that may stand inside <script>: without `<` there is neither "</script" nor "<!--",
 * whatever someone has typed. */
static void append_string(ByteArray *json, const char *string) {
    append(json, "\"");
    for (const char *c = string; *c; c++) {
        char escaped[8];
        const bool special = (unsigned char)*c < 0x20 || strchr("\"\\<>&", *c);
        snprintf(escaped, sizeof escaped, special ? "\\u%04x" : "%c", (unsigned char)*c);
        append(json, escaped);
    }
    append(json, "\"");
}

static void append_number(ByteArray *json, const char *key, int number) {
    char text[64];
    snprintf(text, sizeof text, "\"%s\": %d, ", key, number);
    append(json, text);
}

static void append_config(ByteArray *json, const Translator *t) {
    const TransformerConfig *c = &t->model->config;
    append(json, "\"config\": {");
    append_number(json, "d_model", c->layer.d_model);
    append_number(json, "nhead", c->layer.nhead);
    append_number(json, "dim_feedforward", c->layer.dim_feedforward);
    append_number(json, "norm_first", c->layer.norm_first);
    append_number(json, "num_encoder_layers", c->num_encoder_layers);
    append_number(json, "num_decoder_layers", c->num_decoder_layers);
    append_number(json, "tie_embeddings", c->tie_embeddings);
    append_number(json, "max_length", t->max_length);
    append_number(json, "length_factor", t->length_factor ? t->length_factor : 2);
    append(json, "\"positions\": ");
    append_string(json, positions_name(c->layer.positions));
    append(json, "},\n");
}

/* Names and shapes in the order of the weights. */
static void append_tensors(ByteArray *json, const Parameters *p) {
    append(json, "\"tensors\": [");
    for (int i = 0; i < p->count; i++) {
        char shape[64];
        append(json, i ? ",\n{\"name\": " : "\n{\"name\": ");
        append_string(json, p->items[i]->name);
        append(json, ", \"shape\": [");
        for (int d = 0; d < p->items[i]->ndim; d++) {
            snprintf(shape, sizeof shape, "%s%d", d ? ", " : "", p->items[i]->shape[d]);
            append(json, shape);
        }
        append(json, "]}");
    }
    append(json, "],\n");
}

static void append_base64(ByteArray *json, const char *key, ByteArray *bytes) {
    append(json, ", \"");
    append(json, key);
    append(json, "\": \"");
    base64_append(json, bytes->data, bytes->count);
    append(json, "\"");
    free(bytes->data);
}

void page_set_model(Page *page, const Translator *translator, const char *name,
                    const char *const *sentences, size_t count) {
    ByteArray *json = &page->model, halves = {0};
    append(json, "{");
    append_config(json, translator);
    append_tensors(json, &translator->model->parameters);
    // Above ASCII and numbers only: nothing in it needs an escape.
    char *tokenizer = bpe_save(translator->bpe);
    append(json, "\"tokenizer\": ");
    append(json, tokenizer);
    free(tokenizer);
    append(json, ",\n\"sentences\": [");
    for (size_t i = 0; i < count; i++) {
        append(json, i ? ", " : "");
        append_string(json, sentences[i]);
    }
    append(json, "],\n\"name\": ");
    append_string(json, name);
    packing_halves(&translator->model->parameters, &halves);
    append_base64(json, "halves", &halves);
}

void page_free(Page *page) {
    free(page->model.data);
    for (size_t i = 0; i < page->epoch_count; i++) free(page->epochs[i].data);
    free(page->epochs);
    *page = (Page){0};
}

void page_add_epoch(Page *page, const Translator *translator, const char *name) {
    ByteArray json = {0}, bytes = {0}, scales = {0};
    page->epochs =
        array_reserve(page->epochs, &page->capacity, page->epoch_count + 1, sizeof *page->epochs);
    append(&json, "\n{\"name\": ");
    append_string(&json, name);
    packing_bytes(&translator->model->parameters, &bytes, &scales);
    append_base64(&json, "bytes", &bytes);
    append_base64(&json, "scales", &scales);
    append(&json, "}");
    page->epochs[page->epoch_count++] = json;
}

static void append_model(ByteArray *html, const Page *page) {
    append(html, "<script type=\"application/json\" id=\"model\">\n");
    byte_array_append(html, page->model.data, page->model.count);
    append(html, ",\n\"epochs\": [");
    for (size_t i = 0; i < page->epoch_count; i++) {
        append(html, i ? "," : "");
        byte_array_append(html, page->epochs[i].data, page->epochs[i].count);
    }
    append(html, "]}\n</script>");
}

/* ---- The page -------------------------------------------------------------------------------- */

/* The file NAME that stands between the ends of a tag, <script src="NAME"></script>, at *at, which
 * is moved behind the tag. NULL: there is another tag, or none. */
static const char *named(const char **at, const char *begin, const char *end, char name[64]) {
    const size_t length = strlen(begin);
    const char *close = strncmp(*at, begin, length) == 0 ? strstr(*at, end) : NULL;
    if (!close) return NULL;
    snprintf(name, 64, "%.*s", (int)(close - *at - (ptrdiff_t)length), *at + length);
    *at = close + strlen(end);
    return name;
}

static void append_asset(ByteArray *html, const char *open, const char *name, const char *close) {
    const char *text = asset_text(name);
    REQUIRE(text, "page.html names \"%s\", which is not there", name);
    append(html, open);
    append(html, text);
    append(html, close);
}

/* page.html as it stands, but with the files that it names in the place of their names. model.js is
 * none of them: it stands for the model. */
static ByteArray assemble(const Page *page) {
    ByteArray html = {0};
    const char *at = asset_text("page.html");
    REQUIRE(at, "no page.html");
    while (*at) {
        char name[64];
        if (named(&at, "<link rel=\"stylesheet\" href=\"", "\">", name))
            append_asset(&html, "<style>\n", name, "</style>");
        else if (!named(&at, "<script src=\"", "\"></script>", name))
            byte_array_append(&html, at++, 1);
        else if (strcmp(name, "model.js") == 0)
            append_model(&html, page);
        else
            append_asset(&html, "<script>\n", name, "</script>");
    }
    return html;
}

size_t page_bytes(const Page *page) {
    const ByteArray html = assemble(page);
    free(html.data);
    return html.count;
}

/* Whether epoch i of `given` is among `kept` ones that are spread evenly and end with the last. */
static bool is_kept(size_t i, size_t given, size_t kept) {
    for (size_t k = 0; k < kept; k++)
        if (i == (kept == 1 ? given - 1 : k * (given - 1) / (kept - 1))) return true;
    return false;
}

bool page_fit(Page *page, Error *err) {
    const size_t given = page->epoch_count;
    size_t bytes = page_bytes(page), kept = given;
    for (size_t i = 0; i < given; i++) bytes -= page->epochs[i].count + 1;
    if (bytes > PAGE_BYTES_MAX)
        return error_set(err,
                         "the page would have %.1f MB, and %.1f are the most: train a model with a "
                         "smaller --vocab, --d-model, --ff or --layers",
                         (double)bytes / 1e6, PAGE_BYTES_MAX / 1e6);
    // All epochs are about equally large: the same tensors.
    while (kept > 0 && kept * (page->epochs[0].count + 64) > PAGE_BYTES_MAX - bytes) kept--;
    page->epoch_count = 0;
    for (size_t i = 0; i < given; i++) {
        if (is_kept(i, given, kept))
            page->epochs[page->epoch_count++] = page->epochs[i];
        else
            free(page->epochs[i].data);
    }
    return true;
}

/* In page.html's head, and in no page of anyone else's. */
static const char PAGE_TITLE[] = "<title>Explorer: a translator that shows how</title>";

bool page_may_replace(const char *path, Error *err) {
    return file_may_replace(path, PAGE_TITLE, 2000) ||
           error_set(err, "%s: is there and is no page of the explorer: it stays as it is", path);
}

bool page_save(const Page *page, const char *path, Error *err) {
    if (!page_may_replace(path, err)) return false;
    file_remove_leftovers_of(path);
    const ByteArray html = assemble(page);
    const Bytes piece = {html.data, html.count};
    const bool saved = file_write(path, &piece, 1, err);
    free(html.data);
    return saved;
}
