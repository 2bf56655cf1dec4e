#include "01_embeddings/tokens.h"
#include "06_training/decoding/greedy.h"
#include "common/kernels.h"
#include "tests/exercise.h"

/* ---- One token ------------------------------------------------------------------------------- */

static void show_token(const real *logits, int V) {
    exercise_show_number("the token", greedy_token(logits, V));
}

static void clear(void) {
    show_token((const real[]){0, 0, 1, 2, 5, 3}, 6);
}

static void the_end(void) {
    show_token((const real[]){0, 0, 4, 2, 1}, 5);
}

static void never_said(void) {
    show_token((const real[]){9, 8, 1, 3, 2}, 5);
}

static void equals(void) {
    show_token((const real[]){0, 0, 1, 3, 2, 3, 3}, 7);
}

static void negative(void) {
    show_token((const real[]){-1, -2, -9, -4, -3, -5}, 6);
}

static void only_the_end(void) {
    show_token((const real[]){5, 6, -7}, 3);
}

static void many(void) {
    enum { V = 61 };
    real logits[V];
    for (unsigned seed = 1; seed <= 5; seed++) {
        exercise_fill(logits, V, seed);
        show_token(logits, V);
    }
}

/* ---- Translations ---------------------------------------------------------------------------- */

enum { B = 4, S = 5, WORDS = 7, CAPACITY = 16 };

static const int SRC[B * S] = {3,      4, 5, 6, 2, /**/ 6, 2, 0, 0, 0,
                               /**/ 5, 5, 2, 0, 0, /**/ 3, 6, 4, 2, 0};

/* Untrained, with sharp opinions: the output's weights are ten times as large as drawn. */
static Transformer *model_of(uint64_t seed) {
    Random random;
    random_seed(&random, seed);
    const TransformerConfig config = {.layer = {.d_model = 8, .nhead = 2, .dim_feedforward = 16},
                                      .num_encoder_layers = 1,
                                      .num_decoder_layers = 1,
                                      .src_vocab = WORDS,
                                      .tgt_vocab = WORDS};
    Transformer *model = transformer_new(&config, &random);
    for (size_t i = 0; i < model->generator.weight->size; i++)
        model->generator.weight->data[i] *= 10;
    return model;
}

/* What each of the models 1 ... models says of the first `sentences` of SRC. */
static void translate(int sentences, const int *limit, int models) {
    graph_quiet();
    for (int seed = 1; seed <= models; seed++) {
        const Transformer *model = model_of((uint64_t)seed);
        Decoding decoding = decoding_begin(model, SRC, sentences, S, sentences, CAPACITY, false);
        IntArray said[B] = {{0}};
        greedy_decode(&decoding, limit, said);
        for (int b = 0; b < sentences; b++) {
            exercise_show_number("tokens", (double)said[b].count);
            exercise_show_ints("what is said", said[b].data, (int)said[b].count);
        }
    }
}

static void one_token_each(void) {
    translate(1, (const int[]){1}, 6);
}

static void one_sentence(void) {
    translate(1, (const int[]){8}, 6);
}

static void two_limits(void) {
    translate(2, (const int[]){2, 9}, 6);
}

static void four_sentences(void) {
    translate(B, (const int[]){5, 12, 3, 9}, 8);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"greedy_token", "the largest of four", clear, VALUES},
        {"greedy_token", "</s> is likeliest", the_end, VALUES},
        {"greedy_token", "<pad> and <s> have the largest logits", never_said, VALUES},
        {"greedy_token", "three equal ones", equals, VALUES},
        {"greedy_token", "all logits negative", negative, VALUES},
        {"greedy_token", "nothing but </s> may be said", only_the_end, VALUES},
        {"greedy_token", "61 tokens", many, VALUES},
        {"greedy_decode", "at most one token", one_token_each, VALUES},
        {"greedy_decode", "one sentence, six untrained models", one_sentence, VALUES},
        {"greedy_decode", "two sentences with limits of their own", two_limits, VALUES},
        {"greedy_decode", "four sentences that end at different times", four_sentences, VALUES},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
