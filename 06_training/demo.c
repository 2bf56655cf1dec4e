/* demo.c - the main job: chapter 6 told by a program that trains a translator on the built-in
 * corpus and lets it translate sentences whose combinations of words it has never seen.
 *
 * Beside: annotated Data Loading; tensorflow Data handling - step 1: sentence pairs, cut into
 *     pieces
 * Beside: annotated Training Data and Batching; annotated Iterators; paper 5.1 - step 2: sentences
 *     of one length together, hardly any padding
 * Beside: annotated Training the System; alammar Recap Of Training - step 5: it trains, a
 *     minute, and says one held-out sentence after each epoch
 * Beside: annotated Results; tensorflow Run inference - step 7: sentences it never saw
 * Beside: annotated Decoder Src Attention - step 8: where it looked
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "01_embeddings/corpus/corpus.h"
#include "06_training/decoding/alignment.h"
#include "06_training/decoding/translation.h"
#include "06_training/explorer/packing.h"
#include "06_training/explorer/page.h"
#include "06_training/run/run.h"
#include "06_training/run/training_data.h"
#include "06_training/score/bleu_score.h"
#include "06_training/trainer/schedule.h"
#include "common/files/folder.h"
#include "common/files/lock.h"
#include "common/files/utf8.h"
#include "common/kernels.h"
#include "common/mine.h"
#include "common/screen/lesson.h"
#include "common/screen/mine_report.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/screen/progress.h"
#include "common/vector.h"

enum { SHOWN = 10, SAMPLE = 200, AS_THEY_COME = 64, OFFERED = 4 };

/* What the steps share. */
typedef struct {
    Settings settings;
    TrainingData data;
    Pairs held_out;
    Run run;
    EncodedPairs unseen; // held_out as ids
    double minutes;      // training may take; 0: as many as it does
    Page page;           // the explorer's, with what was known after each epoch
    const char *path;    // where it is written
} Story;

/* The run's threads, for translating. */
static Translation translation_by(const Story *story, const Translator *translator,
                                  SearchOptions options) {
    return (Translation){.translator = translator,
                         .options = options,
                         .threads = story->run.trainer->threads,
                         .graphs = story->run.trainer->graphs};
}

/* One sentence by the model as it is now, without a beam. The caller frees. */
static char *say(Story *story, const char *sentence) {
    char *out;
    const Translation greedy = translation_by(story, &story->run.translator, search_greedy());
    translation_of_lines(&greedy, &sentence, 1, &out);
    return out ? out : memory_calloc(1);
}

/* ---- Before ---------------------------------------------------------------------------------- */

static void print_pieces(const char *name, const Bpe *bpe, const int *ids, int length) {
    int column = printf("  %-7s", name);
    for (int i = 0; i < length; i++) {
        const char *piece = bpe_piece(bpe, ids[i]);
        const int width = (int)utf8_columns(piece) + 1;
        if (column + width > 79) column = printf("\n  %-7s", "");
        printf(" %s", piece);
        column += width;
    }
    putchar('\n');
}

static void text_step(Lesson *lesson, Story *story) {
    lesson_step(lesson, "The text: sentence pairs, cut into pieces");
    printf("%zu English-French pairs to learn from, %zu to judge by, %zu held out: their\n"
           "words are known, but two of them never met in one sentence.\n\n",
           story->data.train.src.count, story->data.valid.src.count, story->held_out.src.count);
    Error err;
    if (!run_begin(&story->run, &story->settings, &lesson->common, &story->data.train,
                   &story->data.valid, &err) ||
        !run_watch(&story->run, &err))
        error_exit(&err);
    run_print(&story->run);
    const Bpe *bpe = story->run.translator.bpe;
    story->unseen = encoded_pairs_new(bpe, &story->held_out, story->run.translator.max_length);
    const EncodedPair *pair = &story->unseen.pair[0];
    const int *ids = story->unseen.ids;
    puts("\nOne held-out pair as byte pairs (chapter 1; \xe2\x96\x81 is a space). The decoder "
         "reads\n"
         "the middle row and is to say the last, place by place (chapter 5):\n");
    print_pieces("source", bpe, ids + pair->src, pair->src_length);
    print_pieces("input", bpe, ids + pair->tgt, pair->tgt_length - 1);
    print_pieces("target", bpe, ids + pair->tgt + 1, pair->tgt_length - 1);
}

/* The share of <pad> among the target places if pairs were taken as they come. */
static double padding_as_they_come(const EncodedPairs *pairs) {
    double places = 0, tokens = 0;
    for (size_t first = 0; first + AS_THEY_COME <= pairs->count; first += AS_THEY_COME) {
        int longest = 0;
        for (size_t i = first; i < first + AS_THEY_COME; i++) {
            const int length = pairs->pair[i].tgt_length - 1;
            tokens += length;
            if (length > longest) longest = length;
        }
        places += AS_THEY_COME * (double)longest;
    }
    return 1 - tokens / places;
}

static void batches_step(Lesson *lesson, Story *story) {
    lesson_step(lesson, "Batches: sentences of one length together");
    const Run *run = &story->run;
    double places = 0, tokens = 0;
    Graph *graph = run->trainer->graphs[0];
    graph_use(graph);
    for (size_t b = 0; b < run->epoch.count; b++) {
        graph_reset(graph);
        size_t count;
        const size_t *indices = epoch_batch(&run->epoch, b, &count);
        const Batch batch = encoded_pairs_batch(&run->train, indices, count, &graph->arena);
        places += batch.B * batch.T;
        tokens += cross_entropy_count(batch.labels, batch.B * batch.T, TOKEN_PAD);
        if (b < 3)
            printf("  batch %zu   src (%d,%d)   input and target (%d,%d)\n", b, batch.B, batch.S,
                   batch.B, batch.T);
    }
    printf("\nNever more than %ld tokens a side, so long sentences come in smaller batches.\n"
           "Padding: %.1f %% of the target places. Taken as they come, %d at a time: %.1f %%.\n"
           "Either way it costs time only: <pad> is in no loss (make 06/masked_loss).\n",
           story->settings.batch_tokens, 100 * (1 - tokens / places), AS_THEY_COME,
           100 * padding_as_they_come(&run->train));
}

/* said (T) <- the likeliest piece at each place of the pair, given the right ones before it. Uses
 * the current graph and resets it. */
static void likeliest(const Transformer *model, const EncodedPairs *pairs, size_t pair, int *said) {
    Graph *graph = graph_current();
    graph_reset(graph);
    const GraphMode before = graph_quiet();
    const Batch batch = encoded_pairs_batch(pairs, &pair, 1, &graph->arena);
    const Tensor *logits = transformer_logits(model, transformer_forward(model, &batch, NULL));
    const size_t V = (size_t)model->config.tgt_vocab;
    for (int t = 0; t < batch.T; t++) said[t] = vector_argmax(logits->data + (size_t)t * V, V);
    graph_reset(graph);
    graph_restore(before);
}

static void untrained_step(Lesson *lesson, Story *story) {
    lesson_step(lesson, "Before the first step: what does a model lose that knows nothing?");
    const Translator *translator = &story->run.translator;
    const EncodedPairs *unseen = &story->unseen;
    Graph *graph = story->run.trainer->graphs[0];
    graph_use(graph);
    graph_reset(graph);
    const GraphMode before = graph_quiet();
    size_t indices[SAMPLE];
    for (size_t i = 0; i < SAMPLE; i++) indices[i] = i;
    const Batch batch = encoded_pairs_batch(unseen, indices, SAMPLE, &graph->arena);
    const double loss = (double)tensor_item(transformer_loss(translator->model, &batch, 0)) /
                        cross_entropy_count(batch.labels, batch.B * batch.T, TOKEN_PAD);
    graph_restore(before);
    const int V = bpe_vocab_size(translator->bpe);
    printf("The loss is -ln of what the right piece was given. Equal shares for all %d\n"
           "would cost ln %d = %.3f. Ours costs %.3f: it is no wiser, but it has an\n"
           "opinion, to say again what it has just read. A first loss far from ln V is a bug\n"
           "(make 06/init_matters).\n\n",
           V, V, log(V), loss);
    const int length = unseen->pair[0].tgt_length - 1;
    int *said = memory_alloc((size_t)length * sizeof *said);
    likeliest(translator->model, unseen, 0, said);
    print_pieces("reads", translator->bpe, unseen->ids + unseen->pair[0].tgt, length);
    print_pieces("says", translator->bpe, said, length);
    free(said);
}

static void schedule_step(Lesson *lesson, const Story *story) {
    lesson_step(lesson, "The learning rate: up in a line, and down to nothing at the end");
    const Settings *s = &story->settings;
    static const double share[] = {0, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.99};
    enum { SHARES = sizeof share / sizeof *share };
    const double steps = (double)s->epochs * (double)story->run.epoch.count;
    printf("  of the training");
    for (int i = 0; i < SHARES; i++) printf(" %5.0f %%", 100 * share[i]);
    printf("\n  rate           ");
    for (int i = 0; i < SHARES; i++)
        printf(" %7.5f", schedule_linear(s->lr, s->warmup, (long)(share[i] * steps) + 1, share[i]));
    printf("\n\nAdam divides every gradient by its usual size, which it does not know yet at the\n"
           "start; %ld small steps let it find out (make 06/noam_lr). Large steps cover ground,\n"
           "but at their size the weights only tremble around what they have found; small ones\n"
           "at the end lead down to it. A gradient longer than %g is shortened to that, so that\n"
           "one odd batch cannot undo a hundred.\n",
           s->warmup, s->clip);
}

/* ---- Training -------------------------------------------------------------------------------- */

/* The model as it is now goes into the explorer's page, to be seen learning. */
static void keep_epoch(Story *story) {
    char name[32];
    snprintf(name, sizeof name, "epoch %ld", story->run.state.epoch);
    page_add_epoch(&story->page, &story->run.translator, name);
}

/* The last validation, and what the model makes of one sentence by now. */
static void print_row(Story *story) {
    const RunLogRow *row = run_log_last(&story->run.log);
    char *said = say(story, story->held_out.src.line[0]);
    printf("step %4ld  train loss %.4f  valid loss %.4f  BLEU %.1f\n", row->step, row->train_loss,
           row->valid_loss, row->valid_bleu);
    print_short("    ", said);
    fflush(stdout);
    free(said);
}

/* A slow machine trains fewer epochs, as many as fit: the rate must have come down by then. Decided
 * once, after the first epoch, so that on all machines that are fast enough the bytes are the
 * same. */
static void fit_epochs(Story *story, double seconds) {
    const double fit = 0.95 * 60 * story->minutes / seconds; // some are slower than the first
    if (fit >= (double)story->settings.epochs) return;
    story->settings.epochs = fit < 1 ? 1 : (long)fit;
    printf("    An epoch takes %.0f seconds here: %ld of them fit into %g minutes.\n", seconds,
           story->settings.epochs, story->minutes);
}

/* For what is printed: epochs may differ by a batch. */
static size_t steps_to_do(const Story *story) {
    const size_t by_epochs = (size_t)story->settings.epochs * story->run.epoch.count;
    const size_t by_steps = (size_t)story->settings.steps;
    return by_steps && by_steps < by_epochs ? by_steps : by_epochs;
}

static bool is_over(const Story *story) {
    const Settings *s = &story->settings;
    const RunState *state = &story->run.state;
    return state->epoch >= s->epochs || (s->steps && state->step >= s->steps) ||
           (story->minutes > 0 && run_seconds(&story->run) >= 60 * story->minutes);
}

static bool train(Story *story, Error *err) {
    Run *run = &story->run;
    Progress progress = progress_begin("train", 0, steps_to_do(story));
    MineForecast forecast =
        mine_report_begin(steps_to_do(story), threads_count(run->trainer->threads));
    run_start_clock(run); // the minutes count from here, however long one has read
    while (!is_over(story)) {
        char note[64];
        if (!run_step(run, err)) return false;
        snprintf(note, sizeof note, "epoch %ld, loss %.3f", run->state.epoch + 1,
                 run->state.recent_loss);
        progress_update(&progress, (size_t)run->state.step, note);
        mine_report_step(&forecast, &progress);
        if (!run_epoch_done(run)) continue;
        progress_end(&progress);
        if (!run_end_epoch(run, err)) return false;
        print_row(story);
        keep_epoch(story);
        if (run->state.epoch == 1 && story->minutes > 0) fit_epochs(story, run_seconds(run));
        progress.total = steps_to_do(story);
    }
    progress_end(&progress);
    if (run->state.batch > 0) {
        // Stopped in the middle of an epoch: what it has learned since counts, too.
        if (!run_validate(run, err)) return false;
        print_row(story);
    }
    return watching_write(&run->watching, err) && run_average(run, err);
}

/* The entropy of a smoothed target: no model's loss is below it. */
static double smoothed_floor(double smoothing, int V) {
    const double share = smoothing / V, right = 1 - smoothing + share;
    return -right * log(right) - (V - 1) * share * log(share);
}

static void training_step(Lesson *lesson, Story *story) {
    lesson_step(lesson, "Training");
    const Settings *s = &story->settings;
    const int V = bpe_vocab_size(story->run.translator.bpe);
    if (story->minutes > 0)
        printf("After each of %ld epochs (fewer if %g minutes hold fewer)", s->epochs,
               story->minutes);
    else
        printf("After each epoch of %zu batches, and after step %zu (--steps N: earlier)",
               story->run.epoch.count, steps_to_do(story));
    printf(": the losses per piece,\n"
           "BLEU on the validation pairs, and the first held-out sentence as it stands then.\n"
           "The training loss counts smoothed targets, so it cannot fall below %.3f, and is\n"
           "taken with dropout; the validation loss has neither and may be the lower one.\n\n",
           smoothed_floor(s->label_smoothing, V));
    fflush(stdout);
    Error err;
    if (!train(story, &err)) error_exit(&err);
    run_log_plot(&story->run.log, NULL, false);
    gradient_log_plot(&story->run.watching.gradients, NULL);
    printf("Three other sentences, after 0, 25, 50, 100, ... steps: %s/learning.tsv\n",
           story->run.directory);
}

/* ---- After ----------------------------------------------------------------------------------- */

/* The share of places where the likeliest piece is the right one, given the right ones before. */
static double teacher_forced(const Transformer *model, const EncodedPairs *pairs,
                             double *mean_length) {
    long places = 0, right = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        const int length = pairs->pair[i].tgt_length - 1;
        const int *labels = pairs->ids + pairs->pair[i].tgt + 1;
        int *said = memory_alloc((size_t)length * sizeof *said);
        likeliest(model, pairs, i, said);
        for (int t = 0; t < length; t++) right += said[t] == labels[t];
        places += length;
        free(said);
    }
    *mean_length = (double)places / (double)pairs->count;
    return (double)right / (double)places;
}

static void teacher_step(Lesson *lesson, Story *story, const Translator *best) {
    lesson_step(lesson, "With the teacher, and without");
    double length;
    graph_use(story->run.trainer->graphs[0]);
    const double right = teacher_forced(best->model, &story->unseen, &length);
    printf("In training the decoder reads the right French words, whatever it would have\n"
           "said (teacher forcing). That way %.1f %% of the held-out pieces are right. On its\n"
           "own it reads what it has said: one slip, and the rest follows from that. At %.1f\n"
           "pieces a sentence, %.3f^%.1f = %.1f %% would come through if slips were\n"
           "independent. They are not, but a sentence is much harder than a piece.\n",
           100 * right, length, right, length, 100 * pow(right, length));
}

static void print_score(const BleuScore *score) {
    printf("\nBLEU counts runs of 1, 2, 3 and 4 words that the right translation has, too\n"
           "(%.1f %.1f %.1f %.1f %%), takes the geometric mean, and times %.3f because what\n"
           "is too short must not pay. 100 would be every word.\n",
           score->precision[0], score->precision[1], score->precision[2], score->precision[3],
           score->brevity_penalty);
}

/* Translates the held-out sentences, prints some and the scores. */
static void held_out_step(Lesson *lesson, Story *story, const Translator *best) {
    lesson_step(lesson, "Sentences it has never seen");
    const Pairs *pairs = &story->held_out;
    const size_t count = pairs->src.count;
    char **out = memory_alloc(count * sizeof *out);
    size_t exact = 0;
    const Translation beam = translation_by(story, best, search_defaults());
    printf("Beam search: the %d best beginnings go on side by side.\n\n", beam.options.beam);
    translation_of_lines(&beam, (const char *const *)pairs->src.line, count, out);
    for (size_t i = 0; i < count; i++) {
        if (!out[i]) out[i] = memory_calloc(1);
        const bool same = strcmp(out[i], pairs->tgt.line[i]) == 0;
        exact += same;
        if (i >= SHOWN) continue;
        printf("  %s\n    -> %s\n", pairs->src.line[i], out[i]);
        if (!same) printf("    not: %s\n", pairs->tgt.line[i]);
    }
    const char *const *reference = (const char *const *)pairs->tgt.line;
    BleuScore score;
    const double bleu = bleu_score((const char *const *)out, &reference, 1, count,
                                   (BleuOptions){BLEU_13A, false}, &score);
    printf("\n%s%zu held-out sentences: %.1f %% exactly right, BLEU %.1f%s\n",
           print_style(STYLE_BOLD), count, 100.0 * (double)exact / (double)count, bleu,
           print_style(STYLE_PLAIN));
    print_score(&score);
    for (size_t i = 0; i < count; i++) free(out[i]);
    free(out);
}

static void attention_step(Lesson *lesson, Story *story, const Translator *best) {
    lesson_step(lesson, "Where it looked");
    Graph *graph = story->run.trainer->graphs[0];
    graph_use(graph);
    graph_reset(graph);
    Alignment a;
    Error err;
    if (!alignment_of(best, story->held_out.src.line[0], story->held_out.tgt.line[0], -1, &a, &err))
        error_exit(&err);
    puts("Each French piece, and the English one it read most (cross-attention, mean of a\n"
         "layer's heads):\n");
    for (int t = 0; t < a.rows; t++) {
        const real *row = a.weights + t * a.cols;
        const int most = vector_argmax(row, (size_t)a.cols);
        const int width = (int)strlen(a.tgt[t]) + 12 - (int)utf8_columns(a.tgt[t]);
        printf("  %-*s <- %-9s %.2f%s", width, a.tgt[t], a.src[most], (double)row[most],
               t % 2 ? "\n" : "  ");
    }
    puts(a.rows % 2 ? "\n" : "");
    const Picture picture = {.name = "06_attention",
                             .title = "Where the decoder looks",
                             .caption = "each row is a French piece, its dark cells the English "
                                        "ones that were read to say it; most are on the "
                                        "diagonal, find those that are not",
                             .x_label = "English",
                             .y_label = "French"};
    const PlotMap map = {.data = a.weights,
                         .rows = (size_t)a.rows,
                         .cols = (size_t)a.cols,
                         .row_labels = (const char *const *)a.tgt,
                         .col_labels = (const char *const *)a.src};
    plot_heatmap(&picture, &map, -1);
    alignment_free(&a);
}

/* The same model in a page. A disk that is full costs the page and a line on stderr. */
static void explorer_step(Story *story, Translator *best) {
    Error err;
    const char *const *offered = (const char *const *)story->held_out.src.line;
    packing_round_to_halves(&best->model->parameters);
    page_set_model(&story->page, best, "model.safetensors", offered, OFFERED);
    if (page_fit(&story->page, &err) && page_save(&story->page, story->path, &err))
        printf("\nOr open %s in a browser: the model lives in it, and %zu earlier\n"
               "stages of it. Look into every box and head, and switch them off.\n",
               story->path, story->page.epoch_count);
    else
        fprintf(stderr, "demo: %s\n", err.text);
    page_free(&story->page);
}

/* ---- The story ------------------------------------------------------------------------------- */

static void after_training(Lesson *lesson, Story *story) {
    char path[4096];
    Translator best;
    Error err;
    snprintf(path, sizeof path, "%s/model.safetensors", lesson->common.out);
    if (!translator_load(path, &best, &err)) error_exit(&err);
    teacher_step(lesson, story, &best);
    held_out_step(lesson, story, &best);
    attention_step(lesson, story, &best);
    printf("\nThe model is %s. Try it:\n"
           "  echo \"The woman didn't buy the car because it was too old.\" |\n"
           "      build/06_training/translate --model %s\n",
           path, path);
    explorer_step(story, &best);
    translator_free(&best);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Lesson lesson = {.common = common_options(1, "build/06_training/demo_run")};
    static Story story = {.path = "build/06_training/attention.html"};
    settings_preset("demo", &story.settings);
    // A learner's piece may be slow: then what counts is to arrive, however long it takes.
    story.minutes = mine_function_count ? 0 : 2.4;
    Option table[] = {
        option_real("minutes", "X", &story.minutes, 0, 1000,
                    "train at most this long, 0: no limit"),
        option_integer("steps", "N", &story.settings.steps, 0, 1000000,
                       "train at most so many steps, 0: no limit"),
        option_string("page", "FILE", &story.path, "the explorer's page, written at the end"),
        option_flag("step", &lesson.pauses, "wait for Enter before each step"),
    };
    const Usage usage = {"Trains an English-French translator on the built-in corpus in about a "
                         "minute, then translates 500 sentences whose combinations of words never "
                         "occurred in training.",
                         "demo --minutes 1"};
    options_parse(argc, argv, &usage, &lesson.common, table, OPTION_COUNT(table));
    Error err;
    Lock lock;
    if (!folder_make(lesson.common.out, &err) || !lock_folder(lesson.common.out, &lock, &err) ||
        !training_data_builtin(&story.data, &err) ||
        !corpus_pairs(CORPUS_HELD_OUT, 1, CORPUS_HELD_OUT_PAIRS, &story.held_out, &err))
        error_exit(&err);
    text_step(&lesson, &story);
    batches_step(&lesson, &story);
    untrained_step(&lesson, &story);
    schedule_step(&lesson, &story);
    training_step(&lesson, &story);
    after_training(&lesson, &story);
    mine_report_uses();
    encoded_pairs_free(&story.unseen);
    run_free(&story.run);
    pairs_free(&story.held_out);
    training_data_free(&story.data);
    output_finish();
    return 0;
}
