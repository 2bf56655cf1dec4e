#include "06_training/translator/translator.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "05_encoder_decoder/state_dict.h"
#include "06_training/trainer/metadata.h"

/* What a strict reader needs to build the same model: sizes that the tensors tell as well, for
 * those who look into a file, and what no shape tells. */
void translator_describe(const Translator *translator, SafetensorsWriter *writer) {
    const TransformerConfig *c = &translator->model->config;
    safetensors_writer_metadata(writer, "format", "pt"); // what PyTorch's own loaders look for
    // These two are what state_dict.h asks of any file, PyTorch's too.
    safetensors_writer_number(writer, "heads", c->layer.nhead, 9);
    safetensors_writer_number(writer, "norm_first", c->layer.norm_first, 9);
    safetensors_writer_number(writer, "d_model", c->layer.d_model, 9);
    safetensors_writer_number(writer, "dim_feedforward", c->layer.dim_feedforward, 9);
    safetensors_writer_number(writer, "num_encoder_layers", c->num_encoder_layers, 9);
    safetensors_writer_number(writer, "num_decoder_layers", c->num_decoder_layers, 9);
    safetensors_writer_number(writer, "dropout", (double)c->layer.dropout, 9);
    safetensors_writer_number(writer, "tie_embeddings", c->tie_embeddings, 9);
    safetensors_writer_number(writer, "max_length", translator->max_length, 9);
    // What is the default is not written: the file then is what it was before there was a choice.
    if (c->layer.positions != POSITIONS_SINUSOID)
        safetensors_writer_metadata(writer, "positions", positions_name(c->layer.positions));
    if (c->layer.attention != ATTENTION_FUSED)
        safetensors_writer_metadata(writer, "attention", attention_kind_name(c->layer.attention));
    if (c->layer.residual_dropout) safetensors_writer_metadata(writer, "dropout_at", "residual");
    if (translator->length_factor > 2)
        safetensors_writer_number(writer, "length_factor", translator->length_factor, 9);
    if (translator->trained_on)
        safetensors_writer_number(writer, "trained_on", translator->trained_on, 17);
    // One file is the whole model: weights without their vocabulary would be numbers without words.
    char *tokenizer = bpe_save(translator->bpe);
    safetensors_writer_metadata(writer, "tokenizer", tokenizer);
    free(tokenizer);
    parameters_save(&translator->model->parameters, writer);
}

/* The metadata repeats a size for whoever reads it; the tensors' shapes are what counts. */
static bool check_number(const Safetensors *file, const char *key, int in_shapes, Error *err) {
    long number;
    if (!metadata_read_whole(file, key, 0, INT_MAX, &number, err)) return false;
    return number == in_shapes ||
           error_set(err, "%s: metadata \"%s\" is %ld, but the tensors have %d", file->path, key,
                     number, in_shapes);
}

/* "attention" in the metadata; a file that does not say is of a fused one. */
static bool read_attention(const Safetensors *file, AttentionKind *kind, Error *err) {
    const char *name = safetensors_metadata(file, "attention");
    *kind = ATTENTION_FUSED;
    return !name || attention_kind_from_name(name, kind) ||
           error_set(err, "%s: metadata \"attention\" is \"%s\", expected fused or composed",
                     file->path, name);
}

/* "dropout_at" likewise: a file that does not say drops everywhere. */
static bool read_dropout_at(const Safetensors *file, bool *residual, Error *err) {
    const char *at = safetensors_metadata(file, "dropout_at");
    *residual = at && strcmp(at, "residual") == 0;
    return !at || *residual || strcmp(at, "everywhere") == 0 ||
           error_set(err, "%s: metadata \"dropout_at\" is \"%s\", expected everywhere or residual",
                     file->path, at);
}

/* What any state_dict tells, and what only a translator's file does. */
static bool read_config(const Safetensors *file, int vocab, TransformerConfig *config,
                        int *max_length, Error *err) {
    long tied, longest;
    double dropout;
    if (!(state_dict_config(file, config, err) &&
          check_number(file, "d_model", config->layer.d_model, err) &&
          check_number(file, "dim_feedforward", config->layer.dim_feedforward, err) &&
          check_number(file, "num_encoder_layers", config->num_encoder_layers, err) &&
          check_number(file, "num_decoder_layers", config->num_decoder_layers, err) &&
          read_attention(file, &config->layer.attention, err) &&
          read_dropout_at(file, &config->layer.residual_dropout, err) &&
          metadata_read_real(file, "dropout", 0, 1, &dropout, err) &&
          metadata_read_whole(file, "tie_embeddings", 0, 1, &tied, err) &&
          metadata_read_whole(file, "max_length", 1, 1 << 20, &longest, err)))
        return false;
    // The range of a number includes its ends, and a dropout of 1 divides by 0.
    if (dropout == 1)
        return error_set(err, "%s: metadata \"dropout\" is 1, which would leave nothing",
                         file->path);
    // Ids index the embeddings: a tokenizer with more tokens would read behind their end.
    if (config->src_vocab != vocab || config->tgt_vocab != vocab)
        return error_set(err, "%s: embeddings for %d and %d tokens, but the tokenizer has %d",
                         file->path, config->src_vocab, config->tgt_vocab, vocab);
    // state_dict_config has found as many learned positions as their table has rows.
    if (config->layer.positions == POSITIONS_LEARNED && longest > config->max_length)
        return error_set(err, "%s: metadata \"max_length\" is %ld, but there are %d positions",
                         file->path, longest, config->max_length);
    config->layer.dropout = (real)dropout;
    config->tie_embeddings = tied;
    *max_length = (int)longest;
    return true;
}

/* "length_factor" in the metadata; a file that does not say is of a text without long targets. */
static bool read_length_factor(const Safetensors *file, int *factor, Error *err) {
    long given = 2;
    if (safetensors_metadata(file, "length_factor") &&
        !metadata_read_whole(file, "length_factor", 2, 1 << 20, &given, err))
        return false;
    *factor = (int)given;
    return true;
}

/* "trained_on" likewise: not known. */
static bool read_trained_on(const Safetensors *file, uint32_t *trained_on, Error *err) {
    long given = 0;
    if (safetensors_metadata(file, "trained_on") &&
        !metadata_read_whole(file, "trained_on", 0, UINT32_MAX, &given, err))
        return false;
    *trained_on = (uint32_t)given;
    return true;
}

/* An untrained translator of the file's configuration and tokenizer. The tokenizer comes first: how
 * many tokens it has is what the embeddings are held against. */
static bool build(const Safetensors *file, Translator *t, Error *err) {
    TransformerConfig config;
    Error reason;
    const char *tokenizer = safetensors_metadata(file, "tokenizer");
    if (!tokenizer)
        return error_set(err, "%s: no \"tokenizer\" in the metadata, so not a model of train",
                         file->path);
    t->bpe = bpe_load(tokenizer, &reason);
    if (!t->bpe) return error_set(err, "%s: %s", file->path, reason.text);
    if (!read_config(file, bpe_vocab_size(t->bpe), &config, &t->max_length, err) ||
        !read_length_factor(file, &t->length_factor, err) ||
        !read_trained_on(file, &t->trained_on, err))
        return false;
    t->model = transformer_new(&config, NULL);
    return true;
}

/* A weight that is no number would make every translation an empty line, without a word why. */
static bool check_weights(const Safetensors *file, const Parameters *parameters, Error *err) {
    size_t element;
    const Tensor *weight = parameters_not_finite(parameters, &element);
    if (!weight) return true;
    return error_set(err, "%s: tensor \"%s\" holds %g at element %zu", file->path, weight->name,
                     (double)weight->data[element], element);
}

/* One way for a model file and a checkpoint, so that both are held to the same. What was built
 * before something was found wrong is freed here. */
bool translator_read(const Safetensors *file, bool strict, Translator *translator, Error *err) {
    *translator = (Translator){0};
    const bool read = build(file, translator, err) &&
                      parameters_load(&translator->model->parameters, file, strict, err) &&
                      check_weights(file, &translator->model->parameters, err);
    if (!read) translator_free(translator);
    return read;
}

/* The file stays open only while it is read: the values are copied into the model. */
bool translator_load(const char *path, Translator *translator, Error *err) {
    Safetensors file;
    if (!safetensors_open(path, &file, err)) return false;
    const bool read = translator_read(&file, true, translator, err);
    safetensors_close(&file);
    return read;
}

/* Half of one, as translator_read may leave it, is freed as well. */
void translator_free(Translator *translator) {
    transformer_free(translator->model);
    bpe_free(translator->bpe);
    *translator = (Translator){0};
}

/* A full disk leaves the file that was there before. */
bool translator_save(const Translator *translator, const char *path, Error *err) {
    SafetensorsWriter *writer = safetensors_writer_new();
    translator_describe(translator, writer);
    const bool saved = safetensors_writer_save(writer, path, err);
    safetensors_writer_free(writer);
    return saved;
}

bool translator_alike(const Translator *a, const Translator *b) {
    const Parameters *p = &a->model->parameters, *q = &b->model->parameters;
    const LayerConfig *c = &a->model->config.layer, *d = &b->model->config.layer;
    bool same = a->max_length == b->max_length && p->count == q->count && c->nhead == d->nhead &&
                c->norm_first == d->norm_first && c->positions == d->positions;
    for (int i = 0; same && i < p->count; i++)
        same = strcmp(p->items[i]->name, q->items[i]->name) == 0 &&
               same_shape(p->items[i], q->items[i]);
    char *first = bpe_save(a->bpe), *second = bpe_save(b->bpe);
    same = same && strcmp(first, second) == 0;
    free(first);
    free(second);
    return same;
}
