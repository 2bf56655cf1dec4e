#include "04_multihead/lab/question_model.h"

#include "02_positional_encoding/sinusoid.h"
#include "03_self_attention/attention.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { ACCURACY_BATCH = 256 };

QuestionModel *question_model_new(QuestionConfig config, uint64_t seed) {
    REQUIRE(config.num_layers >= 1 && config.num_layers <= QUESTION_LAYERS, "%d layers",
            config.num_layers);
    REQUIRE(config.answers >= 1 && config.answers <= QUESTION_ANSWERS, "%d answers",
            config.answers);
    QuestionModel *model = memory_calloc(sizeof *model);
    model->config = config;
    const int E = config.d_model;
    Random random;
    random_seed(&random, seed);
    model->embedding = embedding_new(&model->parameters, "embedding.", config.vocab, E, &random);
    // embedding_forward_scaled multiplies by sqrt(E): together a deviation of 1.
    for (size_t i = 0; i < model->embedding.weight->size; i++)
        model->embedding.weight->data[i] /= (real)sqrt(E);
    for (int l = 0; l < config.num_layers; l++) {
        char prefix[32];
        snprintf(prefix, sizeof prefix, "layers.%d.self_attn.", l);
        model->layers[l] =
            multihead_new(&model->parameters, prefix,
                          (MultiheadConfig){.d_model = E, .nhead = config.nhead}, &random);
    }
    model->readout = linear_new(&model->parameters, "readout.", E, config.answers * config.classes,
                                true, &random);
    return model;
}

void question_model_free(QuestionModel *model) {
    if (!model) return;
    parameters_free(&model->parameters);
    free(model);
}

Tensor *question_model_forward(const QuestionModel *model, const Question *questions, int count,
                               Tensor **weights) {
    const QuestionConfig *c = &model->config;
    int T = 0;
    for (int b = 0; b < count; b++) T = questions[b].length > T ? questions[b].length : T;
    int *ids = graph_alloc((size_t)(count * T) * sizeof *ids);
    int *asked = graph_alloc((size_t)count * sizeof *asked);
    unsigned char *padding = graph_alloc((size_t)(count * T));
    // asked counts over the whole batch: row b T + t of x seen as (B T,E) is word t of sentence b.
    for (int b = 0; b < count; b++) {
        memcpy(ids + b * T, questions[b].ids, (size_t)T * sizeof *ids);
        asked[b] = b * T + questions[b].asked;
    }
    masks_key_padding(padding, ids, count, T, 0);
    const Masks masks = {.key_padding_mask = padding};
    Tensor *x = embedding_forward_scaled(&model->embedding, ids, 2, SHAPE(count, T)); // (B,T,E)
    x = sinusoid_add(x, 0);
    for (int l = 0; l < c->num_layers; l++)
        // What came in is kept and what was found is added (chapter 5 tells why).
        x = op_add(x, multihead_forward(&model->layers[l], x, x, masks, NULL,
                                        weights ? weights + l : NULL));
    Tensor *words = RESHAPE(x, count * T, c->d_model);      // (B*T,E)
    Tensor *word = op_gather_rows(words, asked, count);     // (B,E)
    Tensor *logits = linear_forward(&model->readout, word); // (B,answers*classes)
    return RESHAPE(logits, count * c->answers, c->classes);
}

Tensor *question_model_loss(const QuestionModel *model, const Question *questions, int count) {
    const int answers = model->config.answers;
    int *targets = graph_alloc((size_t)(count * answers) * sizeof *targets);
    // The answers to one question follow one another, as the rows of the logits do.
    for (int i = 0; i < count * answers; i++)
        targets[i] = questions[i / answers].answers[i % answers];
    Tensor *logits =
        question_model_forward(model, questions, count, NULL); // (count answers,classes)
    return op_scale(op_cross_entropy(logits, targets, -1, 0), 1 / (real)(count * answers));
}

double question_model_accuracy(const QuestionModel *model, const Question *questions, int count) {
    const int answers = model->config.answers, classes = model->config.classes;
    int right = 0;
    const GraphMode before = graph_quiet();
    for (int first = 0; first < count; first += ACCURACY_BATCH) {
        const int n = count - first < ACCURACY_BATCH ? count - first : ACCURACY_BATCH;
        graph_reset(graph_current());
        const real *logits = question_model_forward(model, questions + first, n, NULL)->data;
        for (int b = 0; b < n; b++) {
            bool all = true;
            for (int a = 0; a < answers; a++)
                all = all && vector_argmax(logits + (b * answers + a) * classes, (size_t)classes) ==
                                 questions[first + b].answers[a];
            right += all;
        }
    }
    graph_restore(before);
    return count > 0 ? (double)right / count : 0;
}
