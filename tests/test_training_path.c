/* test_training_path.c - from the same seed, training takes the path that it takes in PyTorch: a
 * hundred Adam steps on one batch, against the losses of make_training.py. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "05_encoder_decoder/transformer.h"
#include "common/kernels.h"
#include "common/optimizer.h"
#include "tests/suite.h"

enum { STEPS = 100, B = 3, S = 5, T = 4 };

/* The sizes of a model, in the order in which make_training.py writes them. */
typedef struct {
    struct {
        int d_model, nhead, dim_feedforward;
        double dropout;
        bool norm_first;
    } layer;
    int num_encoder_layers, num_decoder_layers, src_vocab, tgt_vocab;
    bool tie_embeddings;
} Sizes;

/* A model from a seed, how it is trained, and the losses that PyTorch had on the way. */
typedef struct {
    uint64_t seed;
    Sizes sizes;
    double label_smoothing, lr;
    double losses[STEPS];
} Path;

#include "tests/fixtures/training_torch_1_13.h"
#include "tests/fixtures/training_torch_2_15.h"

static const int SRC[B * S] = {5, 9, 4, 10, 2, /**/ 3, 1, 8, 0, 0, /**/ 7, 7, 0, 0, 0};
static const int READ[B * T] = {1, 7, 8, 12, /**/ 1, 4, 2, 2, /**/ 1, 9, 0, 0};
static const int LABELS[B * T] = {7, 8, 12, 3, /**/ 4, 2, 2, 0, /**/ 9, 0, 0, 0};
static const Batch BATCH = {.B = B, .S = S, .T = T, .src = SRC, .tgt = READ, .labels = LABELS};

static Transformer *model_of(const Sizes *s, Random *random) {
    const TransformerConfig config = {.layer = {.d_model = s->layer.d_model,
                                                .nhead = s->layer.nhead,
                                                .dim_feedforward = s->layer.dim_feedforward,
                                                .dropout = (real)s->layer.dropout,
                                                .norm_first = s->layer.norm_first},
                                      .num_encoder_layers = s->num_encoder_layers,
                                      .num_decoder_layers = s->num_decoder_layers,
                                      .src_vocab = s->src_vocab,
                                      .tgt_vocab = s->tgt_vocab,
                                      .tie_embeddings = s->tie_embeddings};
    return transformer_new(&config, random);
}

static void follow(const Path *path, const char *torch) {
    Random random;
    random_seed(&random, path->seed);
    Transformer *model = model_of(&path->sizes, &random);
    Optimizer *optimizer = optimizer_new(&model->parameters, adam_pytorch());
    Graph *graph = graph_new();
    graph_use(graph);
    const double count = cross_entropy_count(LABELS, B * T, TOKEN_PAD);
    for (int step = 0; step < STEPS; step++) {
        graph_reset(graph);
        Tensor *loss = transformer_loss(model, &BATCH, (real)path->label_smoothing);
        backward(loss);
        optimizer_step(optimizer, path->lr, 1 / count);
        const double ours = (double)tensor_item(loss) / count, theirs = path->losses[step];
        ck_assert_msg(fabs(ours - theirs) <= 1e-4 * theirs,
                      "torch %s, seed %llu, step %d: torch %.9g, ours %.9g", torch,
                      (unsigned long long)path->seed, step, theirs, ours);
    }
    graph_free(graph);
    optimizer_free(optimizer);
    transformer_free(model);
}

START_TEST(test_torch_1_13) {
    follow(&TORCH_1_13[_i], "1.13");
}
END_TEST

START_TEST(test_torch_2_15) {
    follow(&TORCH_2_15[_i], "2.15");
}
END_TEST

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("training path");
    TCase *tests = tcase_create("training path");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_torch_1_13, 0, COUNT(TORCH_1_13));
    tcase_add_loop_test(tests, test_torch_2_15, 0, COUNT(TORCH_2_15));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
