#include "06_training/run/gradient_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "06_training/run/layer_gradients.h"
#include "06_training/trainer/run_table.h"
#include "common/screen/plot.h"

static const RunTable TABLE = {"gradients.tsv", "step\tlr\tnorm\tgrad\tm\tv\t"};

/* Where the weight is that is followed. What attention has put together is mixed by the first of
 * these on its way back into the sum: unlike the weights before a ReLU, one of it has a gradient in
 * every step. Where Muon steps the matrices it is a weight of a norm, which Adam steps in any
 * case. */
static const char *const FOLLOWED[] = {"transformer.encoder.layers.0.self_attn.out_proj.weight",
                                       "transformer.encoder.layers.0.norm1.weight"};

/* Each layer of a model without gradients is asked for its name. */
static size_t count_layers(const Parameters *parameters) {
    size_t count = 0;
    for (LayerGradient layer = {.next = 0}; layer_gradients_next(parameters, &layer);) count++;
    return count;
}

void gradient_log_begin(GradientLog *log, Trainer *trainer) {
    const Parameters *parameters = trainer->parameters;
    const char *name = FOLLOWED[trainer->optimizer->muon != NULL];
    *log = (GradientLog){.trainer = trainer,
                         .followed = parameters_find(parameters, name),
                         .layer_count = count_layers(parameters)};
    REQUIRE(log->followed, "no parameter %s", name);
    for (int i = 0; parameters->items[i] != log->followed; i++)
        log->flat += parameters->items[i]->size;
}

void gradient_log_free(GradientLog *log) {
    for (size_t i = 0; i < log->count; i++) free(log->rows[i].layers);
    free(log->rows);
    free(log->under_way.layers);
    *log = (GradientLog){.trainer = NULL};
}

/* ---- A row ----------------------------------------------------------------------------------- */

/* 1, 2, 5, 10, 20, 50, ...: the largest that is at most a twentieth of the step. */
static bool is_due(long step) {
    long apart = 1;
    for (long unit = 1; 20 * unit <= step; unit *= 10)
        for (int times = 1; times <= 5; times += times == 1 ? 1 : 3)
            if (20 * times * unit <= step) apart = times * unit;
    return step % apart == 0;
}

/* The trainer's, before Adam has taken the gradient. */
static void look(void *context, double scale, double clipping) {
    GradientLog *log = context;
    GradientLogRow *row = &log->under_way;
    double squares = 0;
    size_t k = 0;
    row->layers = memory_alloc(log->layer_count * sizeof *row->layers);
    for (LayerGradient layer = {.next = 0};
         layer_gradients_next(log->trainer->parameters, &layer);) {
        row->layers[k] = scale * layer.norm;
        squares += row->layers[k] * row->layers[k];
        k++;
    }
    row->norm = sqrt(squares);
    row->grad = scale * clipping * (double)log->followed->grad[0];
}

void gradient_log_before(GradientLog *log, long step) {
    Trainer *trainer = log->trainer;
    trainer->look = is_due(step) ? look : NULL;
    trainer->look_context = log;
}

/* A step that was not taken may have been looked at all the same. */
void gradient_log_after(GradientLog *log, long step, double lr, bool taken) {
    GradientLogRow row = log->under_way;
    const Optimizer *optimizer = log->trainer->optimizer;
    log->trainer->look = NULL;
    log->under_way = (GradientLogRow){.step = 0};
    if (!row.layers) return;
    if (!taken) {
        free(row.layers);
        return;
    }
    row.step = step;
    row.lr = lr;
    row.weight = (double)log->followed->data[0];
    row.m = (double)optimizer->m[log->flat];
    row.v = (double)optimizer->v[log->flat];
    log->rows = array_reserve(log->rows, &log->capacity, log->count + 1, sizeof *log->rows);
    log->rows[log->count++] = row;
}

/* ---- The file -------------------------------------------------------------------------------- */

bool gradient_log_write(const GradientLog *log, const char *directory, Error *err) {
    ByteArray text = {0};
    run_table_append(&text, "%s%s[0]", TABLE.start, log->followed->name);
    for (LayerGradient layer = {.next = 0}; layer_gradients_next(log->trainer->parameters, &layer);)
        run_table_append(&text, "\t%s", layer.name);
    for (size_t i = 0; i < log->count; i++) {
        const GradientLogRow *row = &log->rows[i];
        run_table_append(&text, "\n%ld\t%.6g\t%.6g\t%.6g\t%.6g\t%.6g\t%.6g", row->step, row->lr,
                         row->norm, row->grad, row->m, row->v, row->weight);
        for (size_t k = 0; k < log->layer_count; k++)
            run_table_append(&text, "\t%.6g", row->layers[k]);
    }
    byte_array_append(&text, "\n", 1);
    const bool written = run_table_write(TABLE, directory, &text, err);
    free(text.data);
    return written;
}

/* A line with every column is a row. */
static void read_line(GradientLog *log, const char *line, long last_step) {
    GradientLogRow row;
    int at = 0, length = 0;
    if (sscanf(line, "%ld%lf%lf%lf%lf%lf%lf%n", &row.step, &row.lr, &row.norm, &row.grad, &row.m,
               &row.v, &row.weight, &at) != 7 ||
        row.step > last_step)
        return;
    row.layers = memory_alloc(log->layer_count * sizeof *row.layers);
    for (size_t k = 0; k < log->layer_count; k++, at += length)
        if (sscanf(line + at, "%lf%n", &row.layers[k], &length) != 1) {
            free(row.layers);
            return;
        }
    log->rows = array_reserve(log->rows, &log->capacity, log->count + 1, sizeof *log->rows);
    log->rows[log->count++] = row;
}

bool gradient_log_read(GradientLog *log, const char *directory, long step, Error *err) {
    char *text, *line;
    if (!run_table_read(TABLE, directory, &text, err)) return false;
    for (char *rest = text; run_table_next_line(&rest, &line);) read_line(log, line, step);
    free(text);
    return true;
}

bool gradient_log_is_ours(const char *directory) {
    return run_table_is_ours(TABLE, directory);
}

/* ---- The picture ----------------------------------------------------------------------------- */

enum { LINES = 7, ROOT_V = 4 }; // styles that differ

/* The norms behind a stack are two vectors each. */
static bool is_norm(const char *layer) {
    const size_t length = strlen(layer);
    return length >= 5 && strcmp(layer + length - 5, ".norm") == 0;
}

/* The layers that are drawn: of many the first, the last, and some evenly between. name <- theirs,
 * column <- their places in a row. Returns how many. */
static size_t choose_layers(const GradientLog *log, char name[LINES][LAYER_NAME_BYTES],
                            size_t column[LINES]) {
    LayerGradient *all = memory_alloc(log->layer_count * sizeof *all);
    size_t *columns = memory_alloc(log->layer_count * sizeof *columns), count = 0, k = 0;
    for (LayerGradient layer = {.next = 0}; layer_gradients_next(log->trainer->parameters, &layer);
         k++) {
        if (is_norm(layer.name)) continue;
        columns[count] = k;
        all[count++] = layer;
    }
    const size_t shown = count < LINES ? count : LINES;
    for (size_t c = 0; c < shown; c++) {
        const size_t chosen = c == 0 ? 0 : c * (count - 1) / (shown - 1);
        memcpy(name[c], all[chosen].name, LAYER_NAME_BYTES);
        column[c] = columns[chosen];
    }
    free(all);
    free(columns);
    return shown;
}

/* v is drawn as its root, which has the unit of a gradient: m / sqrt(v) is what a step goes by. */
static void fill_weight(const GradientLog *log, real *const to[4]) {
    for (size_t i = 0; i < log->count; i++) {
        const GradientLogRow *row = &log->rows[i];
        to[0][i] = (real)row->grad;
        to[1][i] = (real)row->m;
        to[2][i] = (real)sqrt(row->v);
        to[3][i] = (real)row->weight;
    }
}

void gradient_log_plot(const GradientLog *log, const char *directory) {
    if (log->count < 2) return;
    char names[LINES][LAYER_NAME_BYTES];
    size_t column[LINES];
    const size_t n = log->count, shown = choose_layers(log, names, column);
    real *x = memory_alloc((1 + LINES + ROOT_V) * n * sizeof *x), *y[LINES + ROOT_V];
    PlotSeries series[LINES + ROOT_V];
    for (size_t c = 0; c < LINES + ROOT_V; c++) {
        y[c] = x + (1 + c) * n;
        series[c] = (PlotSeries){.x = x, .y = y[c], .count = n};
    }
    for (size_t i = 0; i < n; i++) x[i] = (real)log->rows[i].step;
    for (size_t c = 0; c < shown; c++) {
        series[c].name = names[c];
        for (size_t i = 0; i < n; i++) y[c][i] = (real)log->rows[i].layers[column[c]];
    }
    fill_weight(log, y + LINES);
    series[LINES].name = "gradient g";
    series[LINES + 1].name = "m: mean of g";
    series[LINES + 2].name = "root of v";
    const PlotPanel panels[] = {
        {.y_label = "gradient norm", .log_y = true, .series = series, .count = shown},
        {.y_label = "one weight", .series = series + LINES, .count = 3},
        {.y_label = "its value", .series = series + LINES + 3, .count = 1}};
    plot_panels(&(Picture){.name = "gradients",
                           .directory = directory,
                           .title = "Gradients, layer by layer, and what Adam makes of one of them",
                           .caption = "above: how long the gradient of each layer is; in the "
                                      "middle: the gradient of one weight jumps from batch to "
                                      "batch, and Adam goes by its mean m over the root of v",
                           .x_label = "step",
                           .log_x = true},
                panels, 3);
    free(x);
}
