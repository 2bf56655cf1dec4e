/* aladdin_example.c - Aladdin Persson, "Pytorch Transformers from Scratch", the example at the end
 * of his file: two sentences of token ids go in, a tensor (2,7,10) comes out. His mask, his shape,
 * his number of parameters, and four places where it is not the paper's model.
 *
 * Beside: aladdin - his two sentences: (2,7,10), 30,294,026 parameters, and four places where it is
 *     not the paper's model
 */
#include "02_positional_encoding/positions.h"
#include "03_self_attention/masks.h"
#include "04_multihead/heads.h"
#include "05_encoder_decoder/transformer.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

enum { VOCAB = 10, E = 512, H = 8, D = E / H, F = 4 * E, LAYERS = 6, MAX_LENGTH = 100 };
enum { B = 2, S = 9, T = 7 };

static const int x[B * S] = {1, 5, 6, 4, 3, 9, 5, 2, 0, 1, 8, 7, 3, 4, 5, 6, 7, 2};
static const int trg[B * T] = {1, 7, 4, 3, 5, 9, 2, 1, 5, 6, 2, 4, 7, 6}; // trg[:, :-1]

typedef struct {
    Linear values, keys, queries; // (64,64), the same three for every head
    Linear fc_out;                // (512,512)
} Attention;

typedef struct {
    Attention attention;
    LayerNorm norm1, norm2;
    Linear up, down;
} Block;

typedef struct {
    Block encoder[LAYERS], decoder[LAYERS];
    LayerNorm decoder_norm[LAYERS];
    Attention decoder_attention[LAYERS];
    Embedding word[2]; // of the encoder, of the decoder
    Positions position[2];
    Linear fc_out;
} Model;

static Attention attention_new(Parameters *p, int i, Random *random) {
    char name[4][64];
    const char *const part[] = {"values", "keys", "queries", "fc_out"};
    for (int k = 0; k < 4; k++) snprintf(name[k], sizeof name[k], "attention%d.%s.", i, part[k]);
    Attention a;
    a.values = linear_new(p, name[0], D, D, false, random);
    a.keys = linear_new(p, name[1], D, D, false, random);
    a.queries = linear_new(p, name[2], D, D, false, random);
    a.fc_out = linear_new(p, name[3], E, E, true, random);
    return a;
}

static Block block_new(Parameters *p, int i, Random *random) {
    char name[4][64];
    const char *const part[] = {"norm1", "norm2", "up", "down"};
    for (int k = 0; k < 4; k++) snprintf(name[k], sizeof name[k], "block%d.%s.", i, part[k]);
    Block b = {.attention = attention_new(p, i, random)};
    b.norm1 = layer_norm_new(p, name[0], E);
    b.norm2 = layer_norm_new(p, name[1], E);
    b.up = linear_new(p, name[2], E, F, true, random);
    b.down = linear_new(p, name[3], F, E, true, random);
    return b;
}

/* Fills the model; *encoder_size becomes what its encoder holds. */
static void build(Model *m, Parameters *p, Random *random, double *encoder_size) {
    char name[64];
    for (int side = 0; side < 2; side++) {
        snprintf(name, sizeof name, "word%d.", side);
        m->word[side] = embedding_new(p, name, VOCAB, E, random);
        snprintf(name, sizeof name, "position%d.", side);
        m->position[side] = positions_new(POSITIONS_LEARNED, p, name, MAX_LENGTH, E, random);
        for (int i = 0; i < LAYERS; i++) {
            (side ? m->decoder : m->encoder)[i] = block_new(p, side * LAYERS + i, random);
            if (side == 0) continue;
            snprintf(name, sizeof name, "norm%d.", i);
            m->decoder_norm[i] = layer_norm_new(p, name, E);
            m->decoder_attention[i] = attention_new(p, 2 * LAYERS + i, random);
        }
        if (side == 0) *encoder_size = (double)parameters_size(p);
    }
    m->fc_out = linear_new(p, "fc_out.", E, VOCAB, true, random);
}

/* x (B,L,E) -> (B,H,L,D) through one 64x64 matrix for all heads */
static Tensor *project(const Linear *shared, Tensor *from) {
    Tensor *heads = RESHAPE(from, B, from->shape[1], H, D);
    return op_transpose(linear_forward(shared, heads), 1, 2);
}

/* query (B,T,E), memory (B,S,E) -> (B,T,E). ignored (T,S) or (B,H,T,S). Scores are divided by the
 * root of 512, not of the head's 64, after -1e20 has been put where the mask says so. */
static Tensor *attend(const Attention *a, Tensor *query, Tensor *memory,
                      const unsigned char *ignored, size_t ignored_size) {
    Tensor *q = project(&a->queries, query), *k = project(&a->keys, memory);
    Tensor *energy = op_matmul(q, op_transpose(k, -2, -1)); // (B,H,T,S)
    energy = op_masked_fill(energy, ignored, ignored_size, (real)-1e20);
    Tensor *p = op_softmax(op_scale(energy, 1 / (real)sqrt(E)));
    return linear_forward(&a->fc_out, merge_heads(op_matmul(p, project(&a->values, memory))));
}

static Tensor *block_forward(const Block *b, Tensor *query, Tensor *memory,
                             const unsigned char *ignored, size_t ignored_size) {
    Tensor *a = attend(&b->attention, query, memory, ignored, ignored_size);
    Tensor *y = layer_norm(&b->norm1, op_add(a, query));
    return layer_norm(&b->norm2,
                      op_add(linear_forward(&b->down, op_relu(linear_forward(&b->up, y))), y));
}

/* Learned positions, and no sqrt(E) in front of the words. */
static Tensor *embed(const Model *m, int side, const int *ids, int L) {
    Tensor *words = EMBEDDING_FORWARD(&m->word[side], ids, B, L); // (B,L,E)
    return positions_add(&m->position[side], words, 0);           // (B,L,E)
}

/* The source mask (B,1,1,S), written out for every head and each of `queries` places. */
static unsigned char *source_mask(int queries) {
    unsigned char *mask = graph_alloc((size_t)(B * H * queries * S));
    for (int i = 0; i < B * H * queries * S; i++)
        mask[i] = x[i / (H * queries * S) * S + i % S] == TOKEN_PAD;
    return mask;
}

static Tensor *forward(const Model *m) {
    Tensor *memory = embed(m, 0, x, S);
    for (int i = 0; i < LAYERS; i++)
        memory = block_forward(&m->encoder[i], memory, memory, source_mask(S), B * H * S * S);
    unsigned char *causal = graph_alloc(T * T);
    masks_causal(causal, T, T);
    Tensor *y = embed(m, 1, trg, T);
    for (int i = 0; i < LAYERS; i++) {
        Tensor *a = attend(&m->decoder_attention[i], y, y, causal, T * T);
        y = layer_norm(&m->decoder_norm[i], op_add(a, y));
        y = block_forward(&m->decoder[i], y, memory, source_mask(T), B * H * T * S);
    }
    return linear_forward(&m->fc_out, y);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Aladdin Persson's model on his example: masks, shape, parameters.",
                         "build/05_encoder_decoder/aladdin_example"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    graph_quiet();
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    Parameters parameters = {0};
    Model model;
    double encoder = 0;
    build(&model, &parameters, &random, &encoder);
    const double all = (double)parameters_size(&parameters);

    puts("x (2,9), trg[:, :-1] (2,7), vocabularies of 10, pad 0; his source mask,\n"
         "1 = may be looked at:\n");
    const double published[B * S] = {1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    real mask[B * S];
    const unsigned char *ignored = source_mask(1); // (B,H,1,S), all heads alike
    for (int i = 0; i < B * S; i++) mask[i] = ignored[i / S * H * S + i % S] ? 0 : 1;
    compare_matrix(&comparison, "src_mask (2,1,1,9), sentence", published, mask, B, S, 0, 0);
    const Tensor *out = forward(&model);
    const real shape[] = {(real)out->shape[0], (real)out->shape[1], (real)out->shape[2]};
    compare_row(&comparison, "out.shape", (const double[]){2, 7, 10}, shape, 3, 0, 0);
    putchar('\n');
    compare_value(&comparison, "encoder", 14316544, encoder, 0, 0);
    compare_value(&comparison, "decoder", 15977482, all - encoder, 0, 0);
    compare_value(&comparison, "all", 30294026, all, 0, 0);

    Parameters paper = {0};
    multihead_new(&paper, "self_attn.", (MultiheadConfig){.d_model = E, .nhead = H}, &random);
    printf("\nFour places where it is not the paper's model:\n"
           "  one 64x64 matrix each for Q, K and V serves all heads: %d numbers in\n"
           "    an attention, where the paper has %zu; heads differ only in what they\n"
           "    are fed\n"
           "  scores are divided by sqrt(512) = %.2f, not by sqrt(64) = %.2f\n"
           "  positions are a learned table of %d rows, and words are not times sqrt(512)\n"
           "  padding in the target is not masked (the causal mask hides it from all\n"
           "    places that count, as it stands at the end)\n",
           3 * D * D + E * E + E, parameters_size(&paper), sqrt(E), sqrt(D), MAX_LENGTH);
    parameters_free(&paper);
    parameters_free(&parameters);
    return lesson_end(&lesson, compare_end(&comparison));
}
