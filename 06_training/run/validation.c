#include "06_training/run/validation.h"

#include <stdlib.h>

#include "06_training/decoding/translation.h"
#include "06_training/score/bleu_score.h"

/* Cut into batches without chance: the loss must be of the same sums every time. The loss needs
 * both sides of a pair within the model's maximum, a translation only the source, so the two are
 * encoded apart. */
Validation validation_new(const Translator *translator, const Pairs *text, int batch_tokens) {
    const Bpe *bpe = translator->bpe;
    const int max_length = translator->max_length;
    const char *const *sources = (const char *const *)text->src.line;
    const char *const *targets = (const char *const *)text->tgt.line;
    Validation v = {.text = text,
                    .tokenizer = bleu_tokenizer_for(targets, text->tgt.count),
                    .pairs = encoded_pairs_new(bpe, text, max_length),
                    .sources = encoded_lines_new(bpe, sources, text->src.count, max_length)};
    v.batches = epoch_new(v.pairs.count);
    if (v.pairs.count) epoch_shuffle(&v.batches, &v.pairs, batch_tokens, NULL);
    return v;
}

/* text is the caller's. */
void validation_free(Validation *validation) {
    encoded_pairs_free(&validation->pairs);
    epoch_free(&validation->batches);
    encoded_lines_free(&validation->sources);
}

/* ---- Loss ------------------------------------------------------------------------------------ */

typedef struct {
    const Validation *validation;
    const Translator *translator;
    const Trainer *trainer;
    double *losses; // one per batch, so that they are added in the same order however shared out
} LossRound;

/* Batch b goes to thread b mod n: neighbours have similar lengths, so the shares come out even. No
 * batch is cut into shards as in training: there are enough of them to keep all threads busy. */
static void thread_losses(void *context, int thread) {
    const LossRound *round = context;
    const Validation *v = round->validation;
    Graph *graph = round->trainer->graphs[thread];
    graph_use(graph);
    const GraphMode before = graph_quiet();
    const size_t threads = (size_t)threads_count(round->trainer->threads);
    for (size_t b = (size_t)thread; b < v->batches.count; b += threads) {
        graph_reset(graph); // of one batch at a time; the weights live elsewhere
        size_t count;
        const size_t *indices = epoch_batch(&v->batches, b, &count);
        const Batch batch = encoded_pairs_batch(&v->pairs, indices, count, &graph->arena);
        const Tensor *loss = transformer_loss(round->translator->model, &batch, 0); // ()
        round->losses[b] = tensor_item(loss);
    }
    graph_reset(graph);
    graph_restore(before);
}

double validation_loss(const Validation *validation, const Translator *translator,
                       const Trainer *trainer) {
    const Validation *v = validation;
    LossRound round = {v, translator, trainer, memory_calloc(v->batches.count * sizeof(double))};
    threads_run(trainer->threads, thread_losses, &round);
    // In the order of the batches, whichever thread they were on: the same sum on any machine.
    double sum = 0;
    for (size_t b = 0; b < v->batches.count; b++) sum += round.losses[b];
    free(round.losses);
    return sum / (double)encoded_pairs_targets(&v->pairs, v->batches.order, v->pairs.count);
}

/* ---- BLEU ------------------------------------------------------------------------------------ */

/* Greedy, which is fast: the marks are there to compare epochs, and all are marked alike. */
double validation_bleu(const Validation *validation, const Translator *translator,
                       const Trainer *trainer) {
    const Lines *tgt = &validation->text->tgt;
    char **out = memory_alloc(tgt->count * sizeof *out);
    const Translation greedy = {.translator = translator,
                                .options = search_greedy(),
                                .threads = trainer->threads,
                                .graphs = trainer->graphs};
    // What is said is compared as text, not as ids: BLEU has its own way to cut lines into words.
    const bool finite = translation_run(&greedy, &validation->sources, out);
    for (size_t i = 0; i < tgt->count; i++)
        if (!out[i]) out[i] = memory_calloc(1); // too long for the model: nothing said
    const char *const *reference = (const char *const *)tgt->line;
    const double bleu = bleu_score((const char *const *)out, &reference, 1, tgt->count,
                                   (BleuOptions){.tokenizer = validation->tokenizer}, NULL);
    for (size_t i = 0; i < tgt->count; i++) free(out[i]);
    free(out);
    return finite ? bleu : NAN;
}
