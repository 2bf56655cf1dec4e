/* fuzz_model.c - model files: what is taken is a model whose numbers are finite and whose tokenizer
 * gives a text back. */
#include "01_embeddings/tokens.h"
#include "06_training/translator/translator.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/safetensors_mutator.h"

#include <stdlib.h>
#include <string.h>

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    return safetensors_mutate(data, size, max_size, seed);
}

static void check_tokenizer(const Bpe *bpe) {
    static const char line[] = "Ein Haus, zwei H\xc3\xa4user.";
    IntArray ids = {0};
    tokens_append_target(bpe, line, &ids);
    for (size_t i = 0; i < ids.count; i++)
        REQUIRE(ids.data[i] >= 0 && ids.data[i] < bpe_vocab_size(bpe), "id %d of %d", ids.data[i],
                bpe_vocab_size(bpe));
    char *text = bpe_decode(bpe, ids.data, ids.count, NULL);
    REQUIRE(strcmp(text, line) == 0, "comes back as \"%s\"", text);
    free(text);
    free(ids.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Translator translator;
    Error err = {""};
    fuzz_taken = translator_load(fuzz_file(data, size), &translator, &err);
    if (!fuzz_taken) {
        fuzz_refused(&err);
        return 0;
    }
    size_t element;
    const Parameters *parameters = &translator.model->parameters;
    REQUIRE(!parameters_not_finite(parameters, &element), "not finite");
    REQUIRE(translator.model->config.src_vocab == bpe_vocab_size(translator.bpe), "other tokens");
    REQUIRE(translator.max_length > 0, "sentences of %d tokens", translator.max_length);
    check_tokenizer(translator.bpe);
    translator_free(&translator);
    return 0;
}
