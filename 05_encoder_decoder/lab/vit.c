#include "05_encoder_decoder/lab/vit.h"

#include "04_multihead/lab/patches.h"

#include <stdio.h>
#include <stdlib.h>

int vit_tokens(const VitConfig *config) {
    const int across = config->side / config->patch;
    return across * across + 1;
}

Vit *vit_new(VitConfig config, uint64_t seed) {
    Vit *vit = memory_calloc(sizeof *vit);
    Parameters *p = &vit->parameters;
    const int E = config.d_model, pixels = config.patch * config.patch;
    Random random;
    random_seed(&random, seed);
    REQUIRE(config.side % config.patch == 0, "patches of %d do not fill %d pixels", config.patch,
            config.side);
    vit->config = config;
    vit->patch_embed = linear_new(p, "patch_embed.", pixels, E, true, &random);
    vit->cls_token = PARAMETER(p, "", "cls_token", 1, 1, E);
    random_fill_normal(&random, vit->cls_token->data, (size_t)E, 0, 1);
    vit->pos_embed =
        positions_new(POSITIONS_LEARNED, p, "pos_embed.", vit_tokens(&config), E, &random);
    vit->blocks = memory_calloc((size_t)config.layers * sizeof *vit->blocks);
    const LayerConfig layer = {.d_model = E,
                               .nhead = config.nhead,
                               .dim_feedforward = config.dim_feedforward,
                               .norm_first = true,
                               .positions = POSITIONS_LEARNED};
    for (int i = 0; i < config.layers; i++) {
        char prefix[32];
        snprintf(prefix, sizeof prefix, "blocks.%d.", i);
        vit->blocks[i] = encoder_layer_new(p, prefix, layer, &random);
    }
    vit->norm = layer_norm_new(p, "norm.", E);
    vit->head = linear_new(p, "head.", E, config.classes, true, &random);
    return vit;
}

void vit_free(Vit *vit) {
    if (!vit) return;
    parameters_free(&vit->parameters);
    free(vit->blocks);
    free(vit);
}

Tensor *vit_forward(const Vit *vit, const real *const *images, int B, Tensor **weights) {
    const VitConfig *c = &vit->config;
    const int tokens = vit_tokens(c), pixels = c->patch * c->patch, E = c->d_model;
    Tensor *patches = TENSOR(B, tokens - 1, pixels), *zeros = TENSOR(B, 1, E);
    memset(zeros->data, 0, zeros->size * sizeof(real));
    for (int b = 0; b < B; b++)
        patches_cut(patches->data + (size_t)b * (size_t)(c->side * c->side), images[b], c->side,
                    c->patch);
    Tensor *x = linear_forward(&vit->patch_embed, patches); // (B,patches,E)
    x = op_concat(op_add(zeros, vit->cls_token), x, 1);     // (B,tokens,E)
    x = positions_add(&vit->pos_embed, x, 0);               // learned, [class] has a place too
    for (int i = 0; i < c->layers; i++)
        x = encoder_layer_forward(&vit->blocks[i], x, (Masks){0}, weights ? &weights[i] : NULL);
    Tensor *first = RESHAPE(op_slice(x, 1, 0, 1), B, E);
    return linear_forward(&vit->head, layer_norm(&vit->norm, first)); // (B,classes)
}

/* row <- row times the layer's matrix, half the heads' mean and half the identity. Row by row from
 * the last layer: only the class token's is wanted. */
static void through_layer(real *row, const Tensor *weights) {
    const int heads = weights->shape[1], n = weights->shape[2];
    real *to = graph_alloc((size_t)n * sizeof *to);
    for (int j = 0; j < n; j++) {
        to[j] = row[j] / 2;
        for (int h = 0; h < heads; h++)
            for (int i = 0; i < n; i++)
                to[j] += row[i] * weights->data[(h * n + i) * n + j] / (real)(2 * heads);
    }
    memcpy(row, to, (size_t)n * sizeof *row);
}

void vit_rollout(const Vit *vit, Tensor *const *weights, real *rollout) {
    const int tokens = vit_tokens(&vit->config);
    real *row = graph_alloc((size_t)tokens * sizeof *row);
    memset(row, 0, (size_t)tokens * sizeof *row);
    row[0] = 1;
    for (int i = vit->config.layers - 1; i >= 0; i--) through_layer(row, weights[i]);
    memcpy(rollout, row + 1, (size_t)(tokens - 1) * sizeof *row);
}
