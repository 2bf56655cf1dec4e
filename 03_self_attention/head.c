#include "03_self_attention/head.h"

#include "03_self_attention/attention.h"

#include <stdio.h>

static Linear projection(Parameters *parameters, const char *prefix, const char *name, int d_model,
                         int head_size, Random *random) {
    char full[256];
    snprintf(full, sizeof full, "%s%s.", prefix, name);
    return linear_new(parameters, full, d_model, head_size, false, random);
}

/* No biases: a bias on the query adds b k_j to every score, one on the key adds q b to a whole row,
 * which the softmax does not notice. PyTorch's nn.MultiheadAttention has them all the same. */
AttentionHead attention_head_new(Parameters *parameters, const char *prefix, int d_model,
                                 int head_size, Random *random) {
    AttentionHead head = {.positions = POSITIONS_NONE};
    head.key = projection(parameters, prefix, "key", d_model, head_size, random);
    head.query = projection(parameters, prefix, "query", d_model, head_size, random);
    head.value = projection(parameters, prefix, "value", d_model, head_size, random);
    return head;
}

Tensor *attention_head_forward(const AttentionHead *head, Tensor *x, Masks masks,
                               Tensor **weights) {
    const Positions positions = {.kind = head->positions};
    const int D = head->query.weight->shape[0];
    Tensor *q = linear_forward(&head->query, x); // (...,T,D): what each token looks for
    Tensor *k = linear_forward(&head->key, x);   // (...,T,D): what each token is found by
    Tensor *v = linear_forward(&head->value, x); // (...,T,D): what each token hands over
    q = positions_turn(&positions, q, D, 0);     // a query and a key meet at an angle that tells
    k = positions_turn(&positions, k, D, 0);     // how far apart they stand; a value has no place
    return scaled_dot_product_attention(q, k, v, masks, 0, weights); // (...,T,D)
}
