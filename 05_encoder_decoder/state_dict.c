#include "05_encoder_decoder/state_dict.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST = 1 << 24 }; // of anything: three times it still is an int

/* shape (2) <- that of a matrix of the file, each side in [1, MOST]. */
static bool read_shape(const Safetensors *file, const char *name, int *shape, Error *err) {
    const Safetensor *t = safetensors_find(file, parameters_name_in(file, name));
    if (!t) return error_set(err, "%s: no tensor \"%s\"", file->path, name);
    if (t->ndim != 2)
        return error_set(err, "%s: tensor \"%s\": expected a matrix, found %d dimensions",
                         file->path, name, t->ndim);
    for (int i = 0; i < 2; i++) {
        if (t->shape[i] < 1 || t->shape[i] > MOST)
            return error_set(err, "%s: tensor \"%s\": dimension %d is %zu, expected 1 to %d",
                             file->path, name, i, t->shape[i], MOST);
        shape[i] = (int)t->shape[i];
    }
    return true;
}

/* What shapes do not tell. Heads are columns of one matrix, however it is cut; a norm before a
 * sub-layer has the shape of one behind it. */
static bool read_heads(const Safetensors *file, LayerConfig *layer, Error *err) {
    const char *heads = safetensors_metadata(file, "heads");
    const char *norm_first = safetensors_metadata(file, "norm_first");
    if (!heads || !norm_first)
        return error_set(err, "%s: no \"%s\" in its __metadata__", file->path,
                         heads ? "norm_first" : "heads");
    char *end;
    const long nhead = strtol(heads, &end, 10);
    if (end == heads || *end || nhead < 1 || nhead > layer->d_model || layer->d_model % nhead)
        return error_set(err, "%s: heads \"%s\" in its __metadata__ do not divide d_model %d",
                         file->path, heads, layer->d_model);
    if (strcmp(norm_first, "0") != 0 && strcmp(norm_first, "1") != 0)
        return error_set(err, "%s: norm_first \"%s\" in its __metadata__, expected 0 or 1",
                         file->path, norm_first);
    layer->nhead = (int)nhead;
    layer->norm_first = norm_first[0] == '1';
    return true;
}

/* "positions" in the metadata, or the paper's; learned ones are two tables, whose rows tell how
 * many places there are. */
static bool read_positions(const Safetensors *file, TransformerConfig *config, Error *err) {
    const char *name = safetensors_metadata(file, "positions");
    LayerConfig *layer = &config->layer;
    if (name && !positions_from_name(name, &layer->positions))
        return error_set(err, "%s: positions \"%s\" in its __metadata__, expected %s", file->path,
                         name, "sinusoid, none, learned or rotary");
    if (layer->positions == POSITIONS_ROTARY && layer->d_model / layer->nhead % 2)
        return error_set(err,
                         "%s: rotary positions turn pairs, and %d columns in %d heads have none",
                         file->path, layer->d_model, layer->nhead);
    int table[2];
    if (layer->positions != POSITIONS_LEARNED) return true;
    if (!read_shape(file, "src_positions.weight", table, err)) return false;
    if (table[1] != layer->d_model)
        return error_set(err,
                         "%s: tensor \"src_positions.weight\": expected (%d,%d), found (%d,%d)",
                         file->path, table[0], layer->d_model, table[0], table[1]);
    config->max_length = table[0];
    return true;
}

/* How many layers a stack has: one more than the largest number in its tensors' names. A number
 * that the file has too few tensors for is none; its tensor will turn out to have no place. */
static int count_layers(const Safetensors *file, const char *stack) {
    char format[64];
    int layers = 0;
    snprintf(format, sizeof format, "transformer.%s.layers.%%9d.", stack);
    for (size_t i = 0; i < file->count; i++) {
        int number = -1;
        if (sscanf(file->tensor[i].name, format, &number) == 1 && number >= layers &&
            (size_t)number < file->count)
            layers = number + 1;
    }
    return layers;
}

/* Before memory is asked for, the two largest matrices of every layer: a file must not make us
 * allocate more than a few times its own size. */
static bool check_stack(const Safetensors *file, const char *stack, int layers, LayerConfig *config,
                        Error *err) {
    const int E = config->d_model;
    char name[128];
    int in_proj[2], linear1[2];
    for (int i = 0; i < layers; i++) {
        // (3E,E): queries, keys and values of all heads.
        snprintf(name, sizeof name, "transformer.%s.layers.%d.self_attn.in_proj_weight", stack, i);
        if (!read_shape(file, name, in_proj, err)) return false;
        if (in_proj[0] != 3 * E || in_proj[1] != E)
            return error_set(err, "%s: tensor \"%s\": expected (%d,%d), found (%d,%d)", file->path,
                             name, 3 * E, E, in_proj[0], in_proj[1]);
        // (F,E): the first layer's tells F, the others must agree.
        snprintf(name, sizeof name, "transformer.%s.layers.%d.linear1.weight", stack, i);
        if (!read_shape(file, name, linear1, err)) return false;
        if (config->dim_feedforward == 0) config->dim_feedforward = linear1[0];
        if (linear1[0] != config->dim_feedforward || linear1[1] != E)
            return error_set(err, "%s: tensor \"%s\": expected (%d,%d), found (%d,%d)", file->path,
                             name, config->dim_feedforward, E, linear1[0], linear1[1]);
    }
    return true;
}

/* From the outside in: the embeddings tell E and the vocabularies, names how many layers there are,
 * and then each layer is asked whether it fits. */
bool state_dict_config(const Safetensors *file, TransformerConfig *config, Error *err) {
    int src[2], tgt[2];
    if (!read_shape(file, "src_embed.weight", src, err) ||
        !read_shape(file, "tgt_embed.weight", tgt, err))
        return false;
    *config = (TransformerConfig){.layer = {.d_model = src[1]},
                                  .num_encoder_layers = count_layers(file, "encoder"),
                                  .num_decoder_layers = count_layers(file, "decoder"),
                                  .src_vocab = src[0],
                                  .tgt_vocab = tgt[0]};
    return read_heads(file, &config->layer, err) && read_positions(file, config, err) &&
           check_stack(file, "encoder", config->num_encoder_layers, &config->layer, err) &&
           check_stack(file, "decoder", config->num_decoder_layers, &config->layer, err);
}

/* Strict: a tensor that is left over may be one that changes what the model says. */
Transformer *transformer_from_state_dict(const Safetensors *file, Error *err) {
    TransformerConfig config;
    if (!state_dict_config(file, &config, err)) return NULL;
    Transformer *model = transformer_new(&config, NULL);
    if (parameters_load(&model->parameters, file, true, err)) return model;
    transformer_free(model);
    return NULL;
}
