#include "06_training/translator/decode.h"

#include "01_embeddings/bpe_encode.h"

#include <stdlib.h>

#include "03_self_attention/attention.h"
#include "05_encoder_decoder/decoder_caches.h"
#include "common/softmax.h"

/* The paper's beam and exponent, found on its validation set (section 6.1). */
DecodeOptions decode_defaults(void) {
    return (DecodeOptions){.beam = 4, .length_penalty = 0.6};
}

/* A way to continue a hypothesis. */
typedef struct {
    double score; // ln P of everything so far
    int row, token;
} Candidate;

/* One sentence's search. While it is active it owns `beam` rows of the batch. */
typedef struct {
    int limit;    // tokens it may have
    int finished; // hypotheses that have reached </s>
    double best;  // the best of their scores
    IntArray *out;
} Sentence;

typedef struct {
    const Transformer *model;
    DecodeOptions options;
    Sentence *sentences;
    int *active; // indices of the sentences still searched
    int active_count, S;
    int capacity;           // tokens per row of prefixes
    int *prefixes;          // (rows,capacity): <s>, then the tokens so far
    int *next_prefixes;     // the same, for the next step
    double *scores;         // (rows)
    int *from;              // (rows): the row that each one continues
    unsigned char *padding; // (rows,S)
    Tensor *memory;         // (rows,S,E)
    DecoderCache *caches;   // NULL: recompute
} Search;

/* best (count) is kept in falling order; ties keep the earlier one in front. */
static void insert(Candidate *best, int count, Candidate new) {
    if (!(new.score > best[count - 1].score)) return;
    int i = count - 1;
    for (; i > 0 && new.score > best[i - 1].score; i--) best[i] = best[i - 1];
    best[i] = new;
}

/* The count best tokens after one row, with their scores, into best. logits (V) is overwritten. */
static void best_tokens(real *logits, int V, int row, double score, Candidate *best, int count) {
    for (int i = 0; i < count; i++) best[i] = (Candidate){-INFINITY, row, TOKEN_EOS};
    for (int v = 0; v < V; v++) // marks that are never predicted
        if (v != TOKEN_PAD && v != TOKEN_BOS && logits[v] > best[count - 1].score)
            insert(best, count, (Candidate){(double)logits[v], row, v});
    // ln P(token) = logit - ln sum_v e^logit_v. The sum includes <pad> and <s>: the model was
    // trained with them, and taking them out would change the scores of all others.
    const real max = logits[best[0].token];
    const double log_sum = (double)max + log((double)softmax_exp_row(logits, (size_t)V, max));
    for (int i = 0; i < count; i++) best[i].score += score - log_sum;
}

/* Without the division by lp the shortest hypothesis would win: every further token has a
 * probability below 1 and lowers the sum. |Y| counts </s>, as `length` does. */
static void finish(Sentence *sentence, const Search *s, Candidate c, int length) {
    const double penalty = pow((5.0 + length) / 6.0, s->options.length_penalty);
    const double score = c.score / penalty;
    if (!sentence->finished++ || score > sentence->best) {
        const int *prefix = s->prefixes + (size_t)c.row * (size_t)s->capacity;
        sentence->best = score;
        sentence->out->count = 0;
        for (int i = 1; i < length; i++) int_array_push(sentence->out, prefix[i]);
        if (c.token != TOKEN_EOS) int_array_push(sentence->out, c.token);
    }
}

/* Moves one sentence on by a token: its rows first_row .. first_row + beam, of which the new ones
 * go to new_row onwards. False: its search has ended. length: tokens after <s>, the new one
 * included. */
static bool advance(Search *s, Sentence *sentence, real *logits, int V, int first_row, int new_row,
                    int length, Candidate *best, Candidate *of_row) {
    // K rows each offer their 2K best: the 2K best of all are among them, so V K candidates need
    // not be sorted together.
    const int K = s->options.beam, wanted = 2 * K; // half of them may be </s>
    for (int i = 0; i < wanted; i++) best[i] = (Candidate){-INFINITY, first_row, TOKEN_EOS};
    for (int k = 0; k < K; k++) {
        const int row = first_row + k;
        if (s->scores[row] == -INFINITY) continue; // at the start, all but one
        const int tokens = wanted < V ? wanted : V;
        best_tokens(logits + (size_t)row * (size_t)V, V, row, s->scores[row], of_row, tokens);
        for (int i = 0; i < tokens && of_row[i].score > best[wanted - 1].score; i++)
            insert(best, wanted, of_row[i]);
    }
    // At the limit every hypothesis ends, whether it says </s> or not.
    int kept = 0;
    for (int i = 0; i < wanted && kept < K; i++) {
        // Only the best K of the 2K may end here. One that ends further down is no better than K
        // that go on, and would end the search with a hypothesis that no beam of this width would
        // have kept.
        const bool alive = best[i].score > -INFINITY;
        const bool ends = best[i].token == TOKEN_EOS || length >= sentence->limit;
        if (alive && ends && i < K) finish(sentence, s, best[i], length);
        if (ends && alive) continue;
        const int to = new_row + kept++;
        s->from[to] = best[i].row;
        s->scores[to] = best[i].score;
        int *prefix = s->next_prefixes + (size_t)to * (size_t)s->capacity;
        memcpy(prefix, s->prefixes + (size_t)best[i].row * (size_t)s->capacity,
               (size_t)length * sizeof *prefix);
        prefix[length] = best[i].token;
    }
    return sentence->finished < K && length < sentence->limit;
}

/* After a step: brings memory, padding and caches into the order of the new rows. */
static void reorder(Search *s, int rows) {
    int *swap = s->prefixes;
    s->prefixes = s->next_prefixes;
    s->next_prefixes = swap;
    const size_t sentence = (size_t)s->S * (size_t)s->memory->shape[2];
    for (int r = 0; r < rows;
         r++) { // rows only move forward, so that none is overwritten too early
        const size_t to = (size_t)r, from = (size_t)s->from[r];
        memmove(s->padding + to * (size_t)s->S, s->padding + from * (size_t)s->S, (size_t)s->S);
        if (!s->caches)
            memmove(s->memory->data + to * sentence, s->memory->data + from * sentence,
                    sentence * sizeof(real));
    }
    s->memory->shape[0] = rows;
    s->memory->size = (size_t)rows * sentence;
    if (s->caches) decoder_caches_reorder(s->model, s->caches, s->from, rows);
}

/* The logits (rows,V) of the token after the prefixes of `length` tokens, <s> included. */
static Tensor *next_logits(const Search *s, int rows, int length) {
    // With caches the keys and values of earlier places are there already; without, everything is
    // computed again, to show that the answer is the same.
    const int take = s->caches ? 1 : length; // tokens to run: the newest, or all again
    int *tgt = graph_alloc((size_t)rows * (size_t)take * sizeof *tgt);
    for (int r = 0; r < rows; r++)
        for (int t = 0; t < take; t++)
            tgt[r * take + t] =
                s->prefixes[(size_t)r * (size_t)s->capacity + (size_t)(length - take + t)];
    const Masks masks = {.key_padding_mask = s->padding};
    Tensor *decoded = transformer_decode(s->model, tgt, rows, take, s->memory, masks, s->caches,
                                         NULL); // (rows,take,E)
    // Only the newest place predicts something new; the logits of the others were used steps ago.
    Tensor *last = op_slice(decoded, 1, take - 1, 1); // (rows,1,E)
    return transformer_logits(s->model, last);
}

/* Encodes the batch and repeats every sentence `beam` times. */
static void search_begin(Search *s, const int *src, int B, int S, int max_length) {
    const int K = s->options.beam, rows = B * K;
    unsigned char *padding = graph_alloc((size_t)(B * S));
    masks_key_padding(padding, src, B, S, PAD);
    const Masks masks = {.key_padding_mask = padding};
    const Tensor *encoded = transformer_encode(s->model, src, B, S, masks, NULL); // (B,S,E)
    const size_t sentence = (size_t)S * (size_t)encoded->shape[2];
    s->S = S;
    s->memory = TENSOR(rows, S, encoded->shape[2]);
    s->padding = graph_alloc((size_t)(rows * S));
    s->capacity = 1;
    for (int r = 0; r < rows; r++) {
        memcpy(s->memory->data + (size_t)r * sentence, encoded->data + (size_t)(r / K) * sentence,
               sentence * sizeof(real));
        memcpy(s->padding + r * S, padding + r / K * S, (size_t)S);
    }
    for (int b = 0; b < B; b++) {
        int length = 0;
        for (int i = 0; i < S; i++) length += src[b * S + i] != PAD;
        // A model that has not learned to stop would go on for ever.
        const int limit = 2 * length + 10 < max_length ? 2 * length + 10 : max_length;
        s->sentences[b].limit = limit;
        if (limit + 1 > s->capacity) s->capacity = limit + 1;
        s->active[b] = b;
    }
    s->active_count = B;
    s->prefixes = graph_alloc((size_t)rows * (size_t)s->capacity * sizeof(int));
    s->next_prefixes = graph_alloc((size_t)rows * (size_t)s->capacity * sizeof(int));
    s->scores = graph_alloc((size_t)rows * sizeof(double));
    s->from = graph_alloc((size_t)rows * sizeof(int));
    for (int r = 0; r < rows; r++) {
        s->prefixes[(size_t)r * (size_t)s->capacity] = TOKEN_BOS;
        s->scores[r] = r % K ? -INFINITY : 0; // K equal rows would make K equal hypotheses
    }
    if (!s->options.recompute) s->caches = decoder_caches_new(s->model, s->memory, s->capacity);
}

/* Sentences leave the batch as their searches end, so late steps run on few rows. prefixes, scores
 * and from are indexed by row, and a row's place changes with every step: `from` is what tells the
 * caches. */
void decode_batch(const Transformer *model, const int *src, int B, int S, int max_length,
                  DecodeOptions options, IntArray *out) {
    REQUIRE(options.beam >= 1, "a beam of %d", options.beam);
    Graph *graph = graph_current();
    const GraphMode before = graph_quiet();
    // Everything the search needs goes with this mark; the caller's tensors in the same graph stay.
    const ArenaMark start = arena_mark(&graph->arena);
    const int K = options.beam;
    Search s = {.model = model, .options = options};
    s.sentences = graph_alloc((size_t)B * sizeof *s.sentences);
    s.active = graph_alloc((size_t)B * sizeof *s.active);
    for (int b = 0; b < B; b++) s.sentences[b] = (Sentence){.out = &out[b]};
    Candidate *best = graph_alloc(4 * (size_t)K * sizeof *best);
    search_begin(&s, src, B, S, max_length);
    // length counts <s> and what has been said: the place of the token that this round adds.
    for (int length = 1; s.active_count > 0; length++) {
        const ArenaMark mark = arena_mark(&graph->arena);
        Tensor *logits = next_logits(&s, s.active_count * K, length);
        int still = 0;
        for (int i = 0; i < s.active_count; i++)
            if (advance(&s, &s.sentences[s.active[i]], logits->data, logits->shape[2], i * K,
                        still * K, length, best, best + 2 * K))
                s.active[still++] = s.active[i];
        s.active_count = still;
        // The step's tensors go before the rows are moved: what was kept lies below the mark.
        arena_release(&graph->arena, mark);
        reorder(&s, still * K);
    }
    arena_release(&graph->arena, start);
    graph_restore(before);
}

/* ---- Lines of text --------------------------------------------------------------------------- */

typedef struct {
    size_t line;
    int length; // 0: nothing to translate
    size_t ids; // where its tokens begin
} Work;

typedef struct {
    const Translator *translator;
    DecodeOptions options;
    Graph **graphs;
    const Work *work; // shortest first
    size_t count;
    const int *ids;
    char **out;
    size_t first; // of this round
    int threads;
} Job;

enum { SENTENCES = 32, HYPOTHESES = 256 };

/* Sentences per batch: few enough that a wide beam does not ask for gigabytes, and the same for any
 * number of threads, so that the result does not depend on it. */
static size_t batch_size(int beam) {
    const int fit = HYPOTHESES / beam;
    return fit < 1 ? 1 : fit > SENTENCES ? SENTENCES : (size_t)fit;
}

/* Runs on one thread of the team, in its own graph; out[] of different batches are different
 * lines, so nothing is shared. */
static void translate_batch(void *context, int thread) {
    const Job *job = context;
    const size_t most = batch_size(job->options.beam);
    const size_t first = job->first + (size_t)thread * most;
    if (first >= job->count) return;
    const int B = (int)(job->count - first < most ? job->count - first : most);
    const Work *work = job->work + first;
    const int S = work[B - 1].length; // the longest
    Graph *graph = job->graphs[thread];
    graph_use(graph);
    graph_reset(graph);
    int *src = graph_alloc((size_t)(B * S) * sizeof *src);
    IntArray out[SENTENCES] = {{0}};
    for (int b = 0; b < B; b++)
        for (int i = 0; i < S; i++)
            src[b * S + i] = i < work[b].length ? job->ids[work[b].ids + (size_t)i] : PAD;
    decode_batch(job->translator->model, src, B, S, job->translator->max_length, job->options, out);
    for (int b = 0; b < B; b++) {
        char *text = bpe_decode(job->translator->bpe, out[b].data, out[b].count, NULL);
        for (char *c = text; *c; c++) // one line in, one line out
            if (*c == '\n' || *c == '\r') *c = ' ';
        job->out[work[b].line] = text;
        free(out[b].data);
    }
}

/* The line number breaks ties: qsort is not stable, and batches must not depend on the C library.
 */
static int compare_work(const void *first, const void *second) {
    const Work *a = first, *b = second;
    if (a->length != b->length) return a->length < b->length ? -1 : 1;
    return a->line < b->line ? -1 : 1;
}

static bool is_blank(const char *line) {
    return line[strspn(line, " \t")] == '\0';
}

/* Sorted by length, a batch is hardly padded; the lines go back to their places through
 * work[].line. Each round gives every thread one batch. */
void translate_lines(const Translator *translator, const char *const *lines, size_t count,
                     DecodeOptions options, Threads *threads, Graph **graphs, char **out,
                     DecodeProgress *progress, void *context) {
    IntArray ids = {0};
    Work *work = memory_alloc(count * sizeof *work);
    Job job = {.translator = translator, .options = options, .graphs = graphs, .out = out};
    for (size_t i = 0; i < count; i++) {
        const size_t before = ids.count;
        out[i] = NULL;
        if (is_blank(lines[i])) {
            out[i] = memory_calloc(1);
            continue;
        }
        bpe_encode(translator->bpe, lines[i], strlen(lines[i]), &ids);
        int_array_push(&ids, TOKEN_EOS);
        const size_t length = ids.count - before;
        // Too long: no translation rather than one of the first half. The caller names the line.
        if (length <= (size_t)translator->max_length)
            work[job.count++] = (Work){i, (int)length, before};
        else
            ids.count = before;
    }
    qsort(work, job.count, sizeof *work, compare_work);
    job.work = work;
    job.ids = ids.data;
    job.threads = threads_count(threads);
    for (; job.first < job.count; job.first += (size_t)job.threads * batch_size(options.beam)) {
        if (progress) progress(context, job.first);
        threads_run(threads, translate_batch, &job);
    }
    free(work);
    free(ids.data);
}
