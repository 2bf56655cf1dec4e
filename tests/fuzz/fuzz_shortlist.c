/* fuzz_shortlist.c - lists of tokens: what is taken holds tokens of the vocabulary only, and a
 * sentence can always end. */
#include "06_training/decoding/shortlist.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>

/* 259 tokens: bytes and marks. */
static const Translator *translator(void) {
    static Translator t = {.trained_on = 1};
    Error err;
    if (!t.bpe) t.bpe = bpe_new("", &err);
    return &t;
}

static void check_lists(const Shortlist *s) {
    static int tokens[BPE_FIRST_CHARACTER];
    REQUIRE(s->V == BPE_FIRST_CHARACTER, "%d tokens", s->V);
    for (int v = 0; v < s->V; v++) {
        REQUIRE(s->begin[v] <= s->begin[v + 1], "list %d ends before it begins", v);
        for (size_t k = s->begin[v]; k < s->begin[v + 1]; k++)
            REQUIRE(s->token[k] >= 0 && s->token[k] < s->V, "token %d", s->token[k]);
        const int n = shortlist_union(s, (const int[]){v, TOKEN_EOS}, 2, tokens);
        REQUIRE(n == 0 || (n >= 3 && tokens[TOKEN_EOS] == TOKEN_EOS), "%d tokens without </s>", n);
        for (int i = 1; i < n; i++) REQUIRE(tokens[i - 1] < tokens[i], "not in order");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Shortlist s;
    Error err;
    fuzz_taken = shortlist_load(fuzz_file(data, size), translator(), &s, &err);
    if (!fuzz_taken) {
        fuzz_refused(&err);
        return 0;
    }
    check_lists(&s);
    shortlist_free(&s);
    return 0;
}
