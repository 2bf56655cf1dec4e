/* shortlist.c - which pieces come with which: makes the file of translate --shortlist.
 *
 * Beside: paper 6.1 --help - what may be said at all, found out by counting: `translate
 *     --shortlist`, the same BLEU in less time
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "06_training/check/probe.h"
#include "06_training/decoding/shortlist.h"
#include "06_training/run/training_data.h"
#include "06_training/translator/translator.h"
#include "common/files/options.h"
#include "common/kernels.h"

typedef struct {
    const char *model, *src, *tgt, *data, *out;
    long each, always;
} Arguments;

static bool read_pairs(const Arguments *a, Pairs *pairs, Error *err) {
    if (a->data) return pairs_read_tsv(a->data, pairs, err);
    if (a->src) return pairs_read(a->src, a->tgt, pairs, err);
    TrainingData data;
    if (!training_data_builtin(&data, err)) return false;
    pairs_free(&data.valid);
    *pairs = data.train;
    return true;
}

/* A piece that may well be a whole word: it begins with a space and has some letters. */
static bool looks_like_word(const Bpe *bpe, int v) {
    size_t length;
    const char *bytes = bpe_bytes(bpe, v, &length);
    return length > 4 && bytes[0] == ' ';
}

/* Some source words and what their lists begin with, to be looked at, if there are any. */
static void print_some(const Shortlist *s, const Bpe *bpe) {
    enum { LINES = 8, PIECES = 5, APART = 7 };
    const char *title = "\nsome source words, and the likeliest in their lists:\n";
    for (int i = 0, v = BPE_FIRST_CHARACTER; i < LINES * APART && v < s->V; v++) {
        const size_t begin = s->begin[v], count = s->begin[v + 1] - begin;
        if (count < PIECES || !looks_like_word(bpe, v) || i++ % APART) continue; // here and there
        printf("%s  %-16s", title, bpe_piece(bpe, v));
        title = "";
        for (size_t k = 0; k < PIECES; k++) printf(" %s", bpe_piece(bpe, s->token[begin + k]));
        printf(" ...\n");
    }
}

/* The target tokens that are in what their own source's tokens list, share. A sentence for itself:
 * in a batch there is more. Some thousand pairs tell, evenly spaced. */
static double covered(const Shortlist *s, const EncodedPairs *pairs, double *listed) {
    const size_t step = pairs->count / 10000 + 1;
    int *tokens = memory_alloc((size_t)s->V * sizeof *tokens);
    unsigned char *in = memory_calloc((size_t)s->V);
    double found = 0, all = 0, sum = 0, judged = 0;
    for (size_t i = 0; i < pairs->count; i += step, judged++) {
        const EncodedPair *pair = &pairs->pair[i];
        const int n = shortlist_union(s, pairs->ids + pair->src, (size_t)pair->src_length, tokens);
        for (int k = 0; k < n; k++) in[tokens[k]] = 1;
        for (int t = 1; t < pair->tgt_length; t++)
            found += n == 0 || in[pairs->ids[pair->tgt + (size_t)t]];
        for (int k = 0; k < n; k++) in[tokens[k]] = 0;
        all += pair->tgt_length - 1;
        sum += n ? n : s->V;
    }
    free(tokens);
    free(in);
    *listed = sum / judged;
    return found / all;
}

/* The mean loss of the first pairs, in nats a token: each source given, its target predicted. */
static double loss_of(const Translator *translator, const Pairs *pairs) {
    EncodedPairs encoded = encoded_pairs_new(translator->bpe, pairs, translator->max_length);
    const Batch batch = encoded_pairs_batch(&encoded, probe_first(encoded.count), encoded.count,
                                            &graph_current()->arena);
    const double loss = encoded.count ? probe_loss(translator->model, batch) : 0;
    encoded_pairs_free(&encoded);
    return loss;
}

/* Lists of the other direction would make rubbish of every translation, and the vocabulary is the
 * same. The model knows in which direction it translates, if it has learned anything. */
static bool check_direction(const Translator *translator, const Pairs *pairs,
                            const EncodedPairs *encoded, Error *err) {
    enum { ENOUGH = 50 };
    char *first[2][ENOUGH];
    const size_t count = encoded->count < ENOUGH ? encoded->count : ENOUGH;
    for (size_t i = 0; i < count; i++) {
        first[0][i] = pairs->src.line[encoded->pair[i].place];
        first[1][i] = pairs->tgt.line[encoded->pair[i].place];
    }
    const Lines src = {.line = first[0], .count = count}, tgt = {.line = first[1], .count = count};
    Graph *graph = graph_new();
    graph_use(graph);
    graph_quiet();
    const double given = loss_of(translator, &(Pairs){.src = src, .tgt = tgt});
    const double turned = loss_of(translator, &(Pairs){.src = tgt, .tgt = src});
    graph_free(graph);
    return !(turned < given - 0.5) ||
           error_set(err,
                     "the pairs are the other way round: the model predicts their sources from "
                     "their targets (loss %.2f), not their targets from their sources (%.2f)",
                     turned, given);
}

static bool answer(const Arguments *a, Error *err) {
    Translator translator;
    Pairs pairs;
    if (!translator_load(a->model, &translator, err)) return false;
    if (!read_pairs(a, &pairs, err)) {
        translator_free(&translator);
        return false;
    }
    const int V = bpe_vocab_size(translator.bpe);
    EncodedPairs encoded = encoded_pairs_new(translator.bpe, &pairs, translator.max_length);
    bool good = encoded.count > 0 ||
                error_set(err, "no pair of at most %d tokens a side", translator.max_length);
    good = good && check_direction(&translator, &pairs, &encoded, err);
    if (good) {
        Shortlist s = shortlist_of(&encoded, V, (int)a->each, (int)a->always);
        good = shortlist_save(&s, &translator, a->out, err);
        if (good) {
            double listed;
            const double share = covered(&s, &encoded, &listed);
            printf("%s: %zu pairs, a vocabulary of %d tokens\n", a->out, encoded.count, V);
            printf("a sentence lists %.0f tokens; of its translation %.2f %% are among them\n",
                   listed, 100 * share);
            print_some(&s, translator.bpe);
        }
        shortlist_free(&s);
    }
    encoded_pairs_free(&encoded);
    pairs_free(&pairs);
    translator_free(&translator);
    return good;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Arguments a = {.model = "build/06_training/run/model.safetensors",
                   .out = "build/06_training/shortlist.tsv",
                   .each = 30,
                   .always = 100};
    CommonOptions common = common_options(1, NULL);
    Option table[] = {
        option_string("model", "FILE", &a.model, "a model.safetensors that train wrote"),
        option_string("src", "FILE", &a.src, "its training sentences, source language"),
        option_string("tgt", "FILE", &a.tgt, "their translations, line by line"),
        option_string("data", "FILE", &a.data, "instead: one file of source TAB target lines"),
        option_string("out", "FILE", &a.out, "the lists"),
        option_integer("each", "N", &a.each, 1, 1000000, "tokens listed for a source token"),
        option_integer("always", "N", &a.always, 0, 1000000,
                       "and of the most frequent ones, for every sentence"),
    };
    const Usage usage = {
        "Finds out from sentence pairs which pieces of the target come with which of the source, "
        "and writes the likeliest down, a line for each. `translate --shortlist` then asks the "
        "model for those alone and not for its whole vocabulary. Of more than 30,000 pairs as many "
        "are taken, evenly spaced, and those that bring a new source token. Without data it uses "
        "the built-in corpus.",
        "shortlist --model run/model.safetensors --src a.en --tgt a.de --out run/shortlist.tsv"};
    options_parse(argc, argv, &usage, &common, table, OPTION_COUNT(table));
    Error err;
    if (!a.src != !a.tgt) usage_exit("--src and --tgt go together");
    if (a.src && a.data) usage_exit("--data is instead of --src and --tgt");
    if (!answer(&a, &err)) error_exit(&err);
    output_finish();
    return 0;
}
