/* fuzz_page.c - the explorer's page: whatever a model and sentences are called, they stay within
 * their JSON, which stays within its <script>, and come back as they were. */
#include "06_training/explorer/page.h"
#include "common/files/json_memory.h"
#include "common/files/utf8.h"
#include "common/random.h"
#include "tests/fuzz/fuzz.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCES = 16 };

/* The smallest there is: it is the same for every input. */
static const Translator *translator_get(void) {
    static Translator t;
    Error err = {""};
    Random random;
    if (t.model) return &t;
    json_memory_use();
    random_seed(&random, 1);
    t.bpe = bpe_new("", &err);
    REQUIRE(t.bpe, "%s", err.text);
    const int vocab = bpe_vocab_size(t.bpe);
    t.max_length = 8;
    t.model = transformer_new(
        &(TransformerConfig){.layer = {.d_model = 2, .nhead = 1, .dim_feedforward = 1},
                             .num_encoder_layers = 1,
                             .num_decoder_layers = 1,
                             .src_vocab = vocab,
                             .tgt_vocab = vocab,
                             .tie_embeddings = true},
        &random);
    return &t;
}

/* The JSON as page.c puts it together, around one epoch. */
static char *json_of(const Page *page, size_t *bytes) {
    ByteArray json = {0};
    byte_array_append(&json, page->model.data, page->model.count);
    byte_array_append(&json, ", \"epochs\": [", 13);
    byte_array_append(&json, page->epochs[0].data, page->epochs[0].count);
    byte_array_append(&json, "]}", 2);
    *bytes = json.count;
    return json.data;
}

static void check_string(const json_t *value, const char *expected) {
    const char *string = json_string_value(value);
    REQUIRE(string && strcmp(string, expected) == 0, "\"%s\" has become \"%s\"", expected,
            string ? string : "nothing");
}

static void check_json(const Page *page, const char *const *sentences, size_t count) {
    size_t bytes;
    char *text = json_of(page, &bytes);
    REQUIRE(strlen(text) == bytes && !strchr(text, '<'), "it could end its <script>");
    json_error_t error;
    json_t *json = json_loadb(text, bytes, 0, &error);
    REQUIRE(json, "no JSON: %s", error.text);
    check_string(json_object_get(json, "name"), sentences[0]);
    const json_t *list = json_object_get(json, "sentences");
    const json_t *epoch = json_array_get(json_object_get(json, "epochs"), 0);
    check_string(json_object_get(epoch, "name"), sentences[count - 1]);
    REQUIRE(json_array_size(list) == count, "%zu of %zu sentences", json_array_size(list), count);
    for (size_t i = 0; i < count; i++) check_string(json_array_get(list, i), sentences[i]);
    json_decref(json);
    free(text);
}

/* Lines of text: sentences, the first and the last of them names as well. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_string(data, size);
    const char *sentences[SENTENCES];
    size_t count = 0;
    fuzz_taken = utf8_valid_bytes(text, strlen(text)) == strlen(text);
    for (char *line = text; line && count < SENTENCES; count++) {
        sentences[count] = line;
        line = strchr(line, '\n');
        if (line) *line++ = '\0';
    }
    Page page = {0};
    if (fuzz_taken) {
        page_set_model(&page, translator_get(), sentences[0], sentences, count);
        page_add_epoch(&page, translator_get(), sentences[count - 1]);
        check_json(&page, sentences, count);
    }
    page_free(&page);
    free(text);
    return 0;
}
