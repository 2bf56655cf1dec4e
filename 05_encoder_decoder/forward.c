/* forward - what a saved nn.Transformer says about given ids: logits, or loss and gradients.
 *
 * The program exists for comparing: the same weights and ids in PyTorch must give the same numbers.
 *
 * Beside: tensorflow Export the model --load tests/fixtures/parity_0.safetensors --src "5 9 4"
 *     --tgt "1 7 8"; codeemporium transformer.py --load tests/fixtures/parity_0.safetensors --src
 *     "5 9 4" --tgt "1 7 8" - a model that PyTorch saved: a row of logits for each id to be said.
 *     Any file of yours likewise
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "05_encoder_decoder/state_dict.h"
#include "05_encoder_decoder/trace.h"
#include "common/array.h"
#include "common/files/options.h"
#include "common/kernels.h"

/* Sentences of ids, made equally long with TOKEN_PAD. */
typedef struct {
    int *ids; // (count,length)
    int count, length;
} Sentences;

/* The number at *text, which is moved behind it. */
static bool parse_id(const char **text, const char *option, int sentence, int vocab, int *id,
                     Error *err) {
    char *end;
    const size_t word = strcspn(*text, " \t\n;");
    errno = 0;
    const long number = strtol(*text, &end, 10);
    if (end != *text + word)
        return error_set(err, "%s: sentence %d: \"%.*s\" is not a whole number", option, sentence,
                         word < 40 ? (int)word : 40, *text);
    if (errno || number < 0 || number >= vocab)
        return error_set(err, "%s: sentence %d: id %.*s is not in the vocabulary, 0 to %d", option,
                         sentence, word < 40 ? (int)word : 40, *text, vocab - 1);
    *id = (int)number;
    *text = end;
    return true;
}

/* ids <- the sentences one after the other, ends <- where each one ends. */
static bool parse_ids(const char *text, const char *option, int vocab, IntArray *ids,
                      IntArray *ends, Error *err) {
    for (;;) {
        const size_t begin = ids->count;
        const int sentence = (int)ends->count + 1;
        for (text += strspn(text, " \t\n"); *text && *text != ';'; text += strspn(text, " \t\n")) {
            int id = 0;
            if (!parse_id(&text, option, sentence, vocab, &id, err)) return false;
            int_array_push(ids, id);
        }
        if (ids->count == begin)
            return error_set(err, "%s: sentence %d is empty", option, sentence);
        int_array_push(ends, (int)ids->count);
        if (*text++ != ';') return true;
    }
}

/* "5 9 4; 3 1" -> (2,3): 5 9 4, 3 1 TOKEN_PAD. Caller frees sentences->ids. */
static bool parse_sentences(const char *text, const char *option, int vocab, Sentences *sentences,
                            Error *err) {
    IntArray ids = {0}, ends = {0};
    const bool good = parse_ids(text, option, vocab, &ids, &ends, err);
    *sentences = (Sentences){.count = (int)ends.count};
    for (int i = 0; i < sentences->count; i++) {
        const int length = ends.data[i] - (i ? ends.data[i - 1] : 0);
        if (length > sentences->length) sentences->length = length;
    }
    const size_t size = (size_t)sentences->count * (size_t)sentences->length;
    sentences->ids = memory_calloc(size * sizeof(int)); // zeros: TOKEN_PAD
    for (int i = 0, at = 0; i < sentences->count; i++)
        for (int j = 0; at < ends.data[i]; j++)
            sentences->ids[i * sentences->length + j] = ids.data[at++];
    free(ids.data);
    free(ends.data);
    if (good) return true;
    free(sentences->ids);
    sentences->ids = NULL;
    return false;
}

/* ---- Output ---------------------------------------------------------------------------------- */

static void print_logits(const Tensor *logits) {
    const size_t V = (size_t)logits->shape[2];
    for (size_t i = 0; i < logits->size; i++)
        printf("%.9g%c", (double)logits->data[i], (i + 1) % V ? ' ' : '\n');
}

/* The file says which tensors are one and the same only by giving them the same values. The
 * gradient of such a tensor is the sum over the places where it is used, and every name gets it. */
static void add_tied_gradients(const Parameters *parameters) {
    static const char *const names[] = {"src_embed.weight", "tgt_embed.weight", "generator.weight"};
    enum { COUNT = 3 };
    Tensor *tensors[COUNT];
    for (int i = 0; i < COUNT; i++) tensors[i] = parameters_find(parameters, names[i]);
    bool done[COUNT] = {false};
    for (int i = 0; i < COUNT; i++) {
        Tensor *first = tensors[i];
        bool same[COUNT] = {false};
        for (int j = i + 1; j < COUNT && !done[i]; j++)
            same[j] = same_shape(first, tensors[j]) &&
                      memcmp(first->data, tensors[j]->data, first->size * sizeof(real)) == 0;
        for (int j = i + 1; j < COUNT; j++)
            for (size_t k = 0; same[j] && k < first->size; k++)
                first->grad[k] += tensors[j]->grad[k];
        for (int j = i + 1; j < COUNT; j++)
            if (same[j]) {
                memcpy(tensors[j]->grad, first->grad, first->size * sizeof(real));
                done[j] = true;
            }
    }
}

static void print_gradients(const Parameters *parameters) {
    const size_t all = parameters_size(parameters);
    for (ParameterRun run = {0}; parameters_next_run(parameters, 0, all, &run);)
        printf("grad %s %.9g\n", run.tensor->name,
               sqrt(parameters_grad_squares(parameters, run.flat, run.count)));
}

/* ---- The questions --------------------------------------------------------------------------- */

/* Whether all values (size) are finite numbers; if not, the largest weight is named. */
static bool check_finite(const Transformer *model, const real *values, size_t size, Error *err) {
    size_t i = 0;
    while (i < size && isfinite(values[i])) i++;
    if (i == size) return true;
    real value;
    const Tensor *largest = parameters_largest(&model->parameters, &value);
    return error_set(
        err,
        "the result is not a finite number: the weights are too large, as %g in tensor "
        "\"%s\"",
        (double)value, largest->name);
}

static bool print_forward(const Transformer *model, const Sentences *src, const Sentences *tgt,
                          Error *err) {
    const Batch batch = {
        .B = src->count, .S = src->length, .T = tgt->length, .src = src->ids, .tgt = tgt->ids};
    const Tensor *logits = transformer_logits(model, transformer_forward(model, &batch, NULL));
    if (!check_finite(model, logits->data, logits->size, err)) return false;
    print_logits(logits);
    return true;
}

/* What PyTorch's forward hooks would see: a line for each module, in the order of computation. */
static void print_trace(const Transformer *model, const Sentences *src, const Sentences *tgt) {
    const Batch batch = {
        .B = src->count, .S = src->length, .T = tgt->length, .src = src->ids, .tgt = tgt->ids};
    trace_set(trace_print, NULL);
    transformer_logits(model, transformer_forward(model, &batch, NULL));
    trace_set(NULL, NULL);
}

/* tgt (B,T+1): the first T ids of each sentence are read, the last T predicted. */
static bool print_loss(Transformer *model, const Sentences *src, const Sentences *tgt,
                       double label_smoothing, Error *err) {
    const int B = tgt->count, T = tgt->length - 1;
    if (T < 1)
        return error_set(err, "--tgt: --loss needs at least 2 ids: one to read, one to predict");
    int *read = memory_alloc((size_t)(B * T) * sizeof(int));
    int *labels = memory_alloc((size_t)(B * T) * sizeof(int));
    for (int b = 0; b < B; b++) {
        memcpy(read + b * T, tgt->ids + b * (T + 1), (size_t)T * sizeof(int));
        memcpy(labels + b * T, tgt->ids + b * (T + 1) + 1, (size_t)T * sizeof(int));
    }
    const Batch batch = {
        .B = B, .S = src->length, .T = T, .src = src->ids, .tgt = read, .labels = labels};
    const int count = cross_entropy_count(labels, B * T, TOKEN_PAD);
    bool finite = true;
    if (count > 0) {
        Tensor *sum = transformer_loss(model, &batch, (real)label_smoothing);
        Tensor *loss = op_scale(sum, 1 / (real)count);
        backward(loss);
        finite = check_finite(model, loss->data, 1, err);
        if (finite) {
            printf("loss %.9g\n", (double)tensor_item(loss));
            add_tied_gradients(&model->parameters);
            print_gradients(&model->parameters);
        }
    }
    free(read);
    free(labels);
    if (!finite) return false;
    return count > 0 || error_set(err, "--tgt: nothing to predict, all labels are padding");
}

typedef struct {
    const char *load, *src, *tgt;
    bool logits, loss, trace;
    double label_smoothing;
} Arguments;

/* Learned positions end where their table does; the other kinds never end. */
static bool check_length(const Transformer *model, const char *option, int length, Error *err) {
    const int places = model->config.max_length;
    return model->config.layer.positions != POSITIONS_LEARNED || length <= places ||
           error_set(err, "%s: %d ids to read, but the model has learned %d positions", option,
                     length, places);
}

static bool answer(const Arguments *a, Transformer *model, Error *err) {
    Sentences src, tgt = {0};
    if (!parse_sentences(a->src, "--src", model->config.src_vocab, &src, err)) return false;
    bool good = parse_sentences(a->tgt, "--tgt", model->config.tgt_vocab, &tgt, err);
    good = good && check_length(model, "--src", src.length, err) &&
           check_length(model, "--tgt", tgt.length - a->loss, err); // the last is only predicted
    if (good && src.count != tgt.count)
        good = error_set(err, "--src has %d sentences, --tgt %d", src.count, tgt.count);
    if (good && a->loss)
        good = print_loss(model, &src, &tgt, a->label_smoothing, err);
    else if (good && a->trace)
        print_trace(model, &src, &tgt);
    else if (good)
        good = print_forward(model, &src, &tgt, err);
    free(src.ids);
    free(tgt.ids);
    return good;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Arguments a = {0};
    Option options[] = {
        option_string("load", "FILE", &a.load, "weights (safetensors) of a torch nn.Transformer"),
        option_string("src", "IDS", &a.src, "source sentences, e.g. \"5 9 4; 3 1\"; 0 pads"),
        option_string("tgt", "IDS", &a.tgt, "target sentences, as many"),
        option_flag("logits", &a.logits, "print the logits of every target position (default)"),
        option_flag("loss", &a.loss,
                    "print the mean loss of predicting each next target id, and "
                    "the norm of every parameter's gradient"),
        option_flag("trace", &a.trace,
                    "print each module's name, shape, mean and standard deviation"),
        option_real("label-smoothing", "X", &a.label_smoothing, 0, 1, "of the loss"),
    };
    const Usage usage = {"Runs a Transformer saved by PyTorch on given ids.",
                         "forward --load model.safetensors --src \"5 9 4\" --tgt \"1 7 8\""};
    CommonOptions common = common_options(0, NULL);
    options_parse(argc, argv, &usage, &common, options, OPTION_COUNT(options));
    if (!a.load || !a.src || !a.tgt) usage_exit("--load, --src and --tgt are all needed");
    if (a.logits + a.loss + a.trace > 1)
        usage_exit("one of --logits, --loss and --trace, not several");

    Error err;
    Safetensors file;
    if (!safetensors_open(a.load, &file, &err)) error_exit(&err);
    Transformer *model = transformer_from_state_dict(&file, &err);
    safetensors_close(&file);
    if (!model) error_exit(&err);
    Graph *graph = graph_new();
    graph_use(graph);
    if (!a.loss) graph_quiet();
    const bool good = answer(&a, model, &err);
    graph_free(graph);
    transformer_free(model);
    if (!good) error_exit(&err);
    output_finish();
    return 0;
}
