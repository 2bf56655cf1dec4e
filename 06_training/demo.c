/* demo.c - the main job: trains a translator on the built-in corpus and lets it translate sentences
 * whose combinations of words it has never seen. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "01_embeddings/corpus.h"
#include "06_training/alignment.h"
#include "06_training/bleu_score.h"
#include "06_training/run.h"
#include "common/plot.h"
#include "common/progress.h"

enum { SHOWN = 10 };

static bool train(Run *run, const Settings *s, Error *err) {
    const long total = s->epochs * (long)run->epoch_order.count;
    Progress progress = progress_begin("train", 0, (size_t)total);
    while (run->epoch < s->epochs && run_seconds(run) < 60 * s->minutes) {
        char note[64];
        if (!run_step(run, err)) return false;
        snprintf(note, sizeof note, "epoch %ld, loss %.3f", run->epoch + 1, run->recent_loss);
        progress_update(&progress, (size_t)run->step, note);
        if (!run_epoch_ended(run)) continue;
        progress_end(&progress);
        if (!run_validate(run, err)) return false;
        const LogRow *row = &run->log[run->log_count - 1];
        printf("epoch %ld  train loss %.4f  valid loss %.4f  BLEU %.1f\n", row->epoch,
               row->train_loss, row->valid_loss, row->valid_bleu);
        fflush(stdout);
    }
    progress_end(&progress);
    if (run->best_step == 0 && !run_validate(run, err)) return false;
    run_plot(run);
    return run_average(run, err);
}

/* Translates the held-out sentences, prints some and the scores. */
static void translate_held_out(const Translator *translator, const Pairs *pairs, Trainer *trainer) {
    const size_t count = pairs->src.count;
    char **out = memory_alloc(count * sizeof *out);
    size_t exact = 0;
    translate_lines(translator, (const char *const *)pairs->src.line, count, decode_defaults(),
                    trainer->threads, trainer->graphs, out, NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        if (!out[i]) out[i] = memory_calloc(1);
        const bool same = strcmp(out[i], pairs->tgt.line[i]) == 0;
        exact += same;
        if (i >= SHOWN) continue;
        printf("  %s\n    -> %s\n", pairs->src.line[i], out[i]);
        if (!same) printf("    not: %s\n", pairs->tgt.line[i]);
    }
    const char *const *reference = (const char *const *)pairs->tgt.line;
    printf("%zu held-out sentences: %.1f %% exactly right, BLEU %.1f\n", count,
           100.0 * (double)exact / (double)count,
           bleu_corpus((const char *const *)out, &reference, 1, count,
                       (BleuOptions){BLEU_13A, false}, NULL));
    for (size_t i = 0; i < count; i++) free(out[i]);
    free(out);
}

static void draw_attention(const Translator *translator, Graph *graph, const char *src,
                           const char *tgt) {
    Alignment a;
    Error err;
    graph_use(graph);
    graph_reset(graph);
    if (!alignment_of(translator, src, tgt, -1, &a, &err)) return;
    const Picture picture = {.name = "06_attention",
                             .title = "Where the decoder looks",
                             .caption = "each row is a French token, the dark cells the English "
                                        "ones it was made from; find the rows that leave the "
                                        "diagonal",
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

int main(int argc, char **argv) {
    CommonOptions common = common_options(1, "build/06_training/demo_run");
    Settings settings;
    settings_preset("demo", &settings);
    settings.minutes = 2;
    Option table[] = {
        option_real("minutes", "X", &settings.minutes, 0.01, 1000, "train at most this long"),
    };
    const Usage usage = {"Trains an English-French translator on the built-in corpus in about two "
                         "minutes, then translates 500 sentences whose combinations of words never "
                         "occurred in training.",
                         "demo --minutes 1"};
    options_parse(argc, argv, &usage, &common, table, OPTION_COUNT(table));
    Error err;
    Pairs pairs, valid, held_out;
    Run run;
    if (!make_directories(common.out, &err) || !run_builtin_pairs(&pairs, &valid, &err) ||
        !corpus_pairs(CORPUS_HELD_OUT, 1, CORPUS_HELD_OUT_PAIRS, &held_out, &err) ||
        !run_begin(&run, &settings, &common, &pairs, &valid, &err) || !train(&run, &settings, &err))
        error_exit(&err);
    char path[4096];
    Translator best;
    snprintf(path, sizeof path, "%s/model.safetensors", common.out);
    if (!translator_load(path, &best, &err)) error_exit(&err);
    translate_held_out(&best, &held_out, run.trainer);
    draw_attention(&best, run.trainer->graphs[0], held_out.src.line[0], held_out.tgt.line[0]);
    translator_free(&best);
    run_free(&run);
    pairs_free(&held_out);
    pairs_free(&valid);
    pairs_free(&pairs);
    return 0;
}
