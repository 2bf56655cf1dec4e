#include "06_training/check/model_check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "06_training/check/batch_view.h"
#include "06_training/check/probe.h"
#include "06_training/run/layer_gradients.h"
#include "06_training/run/run_report.h"

enum { BATCH_PAIRS = 64, FEW_PAIRS = 8, MOST_STEPS = 400 };

/* Up to rounding nothing may change. */
static const double ROUNDING = 1e-3;

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* ---- A batch --------------------------------------------------------------------------------- */

/* The pair whose source has about so many pieces, but not `other`, if there is one, and whose
 * target is short enough to be shown. */
static size_t nearest_to(const EncodedPairs *pairs, int length, int other) {
    size_t best = 0;
    int least = -1;
    for (size_t i = 0; i < pairs->count; i++) {
        const EncodedPair *pair = &pairs->pair[i];
        if (pair->src_length == other) continue;
        const int longer = pair->tgt_length - length - 4;
        const int distance = abs(pair->src_length - length) + (longer > 0 ? longer : 0);
        if (least >= 0 && distance >= least) continue;
        least = distance;
        best = i;
    }
    return best;
}

/* Two of different lengths, so that there is <pad>. */
static void show_batch(const Run *run) {
    const size_t longer = nearest_to(&run->train, 10, 0);
    const size_t indices[] = {longer,
                              nearest_to(&run->train, 7, run->train.pair[longer].src_length)};
    checklist_title("A batch, as the model sees it");
    batch_view_print(run->translator.bpe,
                     encoded_pairs_batch(&run->train, indices, 2, &graph_current()->arena));
}

/* ---- One batch, forward and back ------------------------------------------------------------- */

/* Pairs from all over the text, evenly spaced. */
static size_t *spread(const EncodedPairs *pairs, size_t count) {
    size_t *indices = graph_alloc(count * sizeof *indices);
    for (size_t i = 0; i < count; i++) indices[i] = i * pairs->count / count;
    return indices;
}

static void check_first_loss(const Run *run, Batch batch, Checklist *list) {
    const double equal = log(bpe_vocab_size(run->translator.bpe));
    const double loss = probe_loss(run->translator.model, batch);
    checklist_say(list, checklist_small(fabs(loss - equal), 1.5, equal),
                  "A model that has learned nothing should give all tokens about equal shares. One "
                  "that is sure of something begins with weights that are too large.",
                  "first loss %.2f; ln V, equal shares for all %d tokens, is %.2f", loss,
                  bpe_vocab_size(run->translator.bpe), equal);
}

static void check_prefix(const Run *run, Batch batch, Checklist *list) {
    const double change = probe_later_token(run->translator.model, batch);
    checklist_say(list, checklist_small(change, ROUNDING, ROUNDING),
                  "The decoder sees what it is to say: its loss will be wonderful, and its "
                  "translations rubbish. Look at the causal mask.",
                  "prefix test: another last token changes earlier scores by up to %.2g", change);
}

static void check_shift(Batch batch, Checklist *list) {
    const double share = probe_already_read(batch);
    checklist_say(list, checklist_small(share, 0.2, 0.5),
                  "The decoder reads the very token that it is to say: the target is not shifted "
                  "by a place.",
                  "shift: in %.1f %% of the places the decoder reads what it is to say",
                  100 * share);
}

static void check_padding(const Run *run, Batch batch, Checklist *list) {
    const Transformer *model = run->translator.model;
    const double loss = probe_loss(model, batch);
    const double src = fabs(probe_loss(model, probe_more_src_pad(batch)) - loss);
    const double tgt = fabs(probe_loss(model, probe_more_tgt_pad(batch)) - loss);
    checklist_say(list, checklist_small(fmax(src, tgt), ROUNDING, ROUNDING),
                  "What a sentence means depends on how long its neighbours in the batch are: look "
                  "at the padding masks, and at what the loss counts.",
                  "padding test: more <pad> changes the loss by %.2g (source), %.2g (target)", src,
                  tgt);
}

/* ---- Gradients ------------------------------------------------------------------------------- */

enum { BAR = 40 };

static void print_norm(const LayerGradient *layer) {
    // Each # is a factor of about 1.6, from 0.0001 on: layers differ by factors.
    const int full = layer->norm > 1e-4 ? (int)(5 * log10(layer->norm / 1e-4)) : 0;
    printf("%14s%-22s %9.2e  ", "", layer->name, layer->norm);
    for (int i = 0; i < full && i < BAR; i++) putchar('#');
    putchar('\n');
}

static void check_gradients(const Run *run, Batch batch, Checklist *list) {
    Parameters *parameters = &run->translator.model->parameters;
    parameters_zero_grad(parameters);
    probe_gradients(run->translator.model, batch);
    printf("%14sgradient norms, layer by layer:\n", "");
    double smallest = INFINITY, largest = 0;
    for (LayerGradient layer = {.next = 0}; layer_gradients_next(parameters, &layer);) {
        print_norm(&layer);
        if (!(layer.norm >= smallest)) smallest = layer.norm;
        if (!(layer.norm <= largest)) largest = layer.norm;
    }
    parameters_zero_grad(parameters);
    const double ratio = largest / smallest;
    checklist_say(list,
                  !isfinite(largest) || smallest == 0 ? CHECKLIST_WRONG
                                                      : checklist_small(ratio, 1e3, INFINITY),
                  "A layer whose gradient is 0 does not learn, and where they differ by "
                  "thousands the deep layers learn last: fewer layers, --norm-first, or a longer "
                  "--warmup.",
                  "gradients: the largest of these norms is %.0f times the smallest", ratio);
}

static bool check_shards(const Run *run, const size_t *indices, size_t count, Checklist *list,
                         Error *err) {
    const ProbeCourse course = {.pairs = &run->train, .indices = indices, .count = count};
    double one, two;
    if (!probe_norm(&course, run->translator.model, 1, &one, err) ||
        !probe_norm(&course, run->translator.model, 2, &two, err))
        return false;
    checklist_say(list, checklist_small(fabs(two / one - 1), 0.01, 0.01),
                  "How a batch is cut up for the threads must not matter.",
                  "gradient of the batch: norm %.4f in one piece, %.4f in two", one, two);
    return true;
}

/* ---- Eight pairs by heart -------------------------------------------------------------------- */

/* Up to FEW_PAIRS from all over the text, each of another source: one source with two targets
 * cannot be learned. Returns how many. */
static size_t few_pairs(const EncodedPairs *pairs, size_t indices[FEW_PAIRS]) {
    size_t count = 0;
    for (size_t i = 0; i < pairs->count && count < FEW_PAIRS; i++) {
        // Every pair once, but far ones first: the text may begin with the same sentence often.
        const size_t step = pairs->count / FEW_PAIRS + 1;
        const size_t rows = (pairs->count + step - 1) / step;
        const size_t at = i / rows + i % rows * step;
        if (at >= pairs->count) continue;
        const EncodedPair *pair = &pairs->pair[at];
        bool is_new = true;
        for (size_t k = 0; k < count; k++) {
            const EncodedPair *other = &pairs->pair[indices[k]];
            if (other->src_length == pair->src_length &&
                memcmp(pairs->ids + other->src, pairs->ids + pair->src,
                       (size_t)pair->src_length * sizeof *pairs->ids) == 0)
                is_new = false;
        }
        if (is_new) indices[count++] = at;
    }
    return count;
}

/* The rate is smaller for a wider model, as the paper's is. */
static bool check_overfit(const Run *run, Checklist *list, Error *err) {
    size_t indices[FEW_PAIRS];
    const size_t count = few_pairs(&run->train, indices);
    TransformerConfig config = run->translator.model->config;
    config.layer.dropout = 0;
    const ProbeCourse course = {.pairs = &run->train,
                                .indices = indices,
                                .count = count,
                                .steps = MOST_STEPS,
                                .enough = 0.005,
                                .lr = 2e-3 * sqrt(128.0 / (double)config.layer.d_model),
                                .warmup = 40};
    double loss;
    int steps;
    Transformer *model =
        probe_overfit(&config, (uint64_t)run->state.seed, &course, 1, &loss, &steps, err);
    if (!model) return false;
    graph_use(run->trainer->graphs[0]);
    graph_reset(graph_current());
    const int exact = probe_exact(model, &run->train, indices, count, run->translator.max_length);
    transformer_free(model);
    checklist_say(list, loss < 0.05 && exact == (int)count ? CHECKLIST_OK : CHECKLIST_WRONG,
                  "A model that cannot learn eight sentences by heart cannot learn a language: "
                  "something between data and loss is wrong, or the model is much too small.",
                  "%zu pairs by heart, without dropout and smoothing: loss %.3f after %d steps, %d "
                  "said exactly",
                  count, loss, steps, exact);
    return true;
}

/* ---- The training to come -------------------------------------------------------------------- */

enum { FEW_STEPS = 1000, TOO_FEW_STEPS = 100 };

static void check_steps(const Run *run, Checklist *list) {
    const long steps = run_report_steps(run);
    const Settings *s = run->settings;
    if (!steps) {
        char steps_of[64] = "no limit";
        if (s->minutes > 0)
            snprintf(steps_of, sizeof steps_of, "as many as %g minutes allow", s->minutes);
        checklist_say(list, s->minutes > 0 ? CHECKLIST_OK : CHECKLIST_LOOK,
                      "Nothing ends this training, and its rate will not come down to 0: give "
                      "--epochs, --steps or --minutes.",
                      "steps: %s", steps_of);
        return;
    }
    checklist_say(list,
                  steps < TOO_FEW_STEPS ? CHECKLIST_WRONG
                  : steps < FEW_STEPS   ? CHECKLIST_LOOK
                                        : CHECKLIST_OK,
                  "A translator takes some thousand steps: more --epochs, or smaller batches "
                  "(--batch-tokens).",
                  "steps: %ld, at most%s", steps,
                  s->minutes > 0 ? "; the time may be over before" : "");
}

/* ---- All ------------------------------------------------------------------------------------- */

bool model_check(const Run *run, Checklist *list, Error *err) {
    graph_use(run->trainer->graphs[0]);
    graph_reset(graph_current());
    const GraphMode before = graph_quiet();
    show_batch(run);
    const size_t count = smaller(BATCH_PAIRS, run->train.count);
    size_t indices[BATCH_PAIRS];
    memcpy(indices, spread(&run->train, count), count * sizeof *indices);
    const Batch batch = encoded_pairs_batch(&run->train, indices, count, &graph_current()->arena);
    checklist_title("The model, before its first step");
    check_first_loss(run, batch, list);
    check_prefix(run, batch, list);
    check_shift(batch, list);
    check_padding(run, batch, list);
    check_gradients(run, batch, list);
    graph_reset(graph_current());
    graph_restore(before);
    fflush(stdout);
    if (!check_shards(run, indices, count, list, err)) return false;
    checklist_title("The training");
    if (!check_overfit(run, list, err)) return false;
    check_steps(run, list);
    graph_reset(run->trainer->graphs[0]);
    graph_use(NULL);
    return true;
}
