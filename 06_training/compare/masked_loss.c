/* masked_loss.c - TensorFlow's tutorial, "Training", loss and metrics: masked_loss and
 * masked_accuracy on a padded batch, against the unmasked ones.
 *
 * Beside: tensorflow Set up the loss and metrics - masked_loss and masked_accuracy, and what
 *     happens without the mask
 * Beside: annotated Loss Computation - why the sum is divided by the tokens that count
 */
#include "05_encoder_decoder/lab/phrases.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/training.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { B = 3, V = 10, LONGEST = 12, NOTHING = -1, STEPS = 80, SHOWN = 64, PLACES = 24 };

/* labels (B,T): sentences of 6, 4 and 2 tokens, the rest TOKEN_PAD. */
static void make_labels(int *labels, int T, Random *random) {
    const int length[B] = {6, 4, 2};
    for (int b = 0; b < B; b++)
        for (int t = 0; t < T; t++)
            labels[b * T + t] = t < length[b] ? 1 + (int)random_below(random, V - 1) : TOKEN_PAD;
}

/* The two functions of the tutorial, as they stand there: losses of all places, times the mask,
 * and the sum divided by the mask's. ignored NOTHING masks nothing. */
static double loss_of(const real *logits, const int *labels, int n, int ignored) {
    double sum = 0, count = 0;
    for (int i = 0; i < n; i++) {
        double total = 0;
        for (int v = 0; v < V; v++) total += exp((double)logits[i * V + v]);
        const double mask = labels[i] != ignored;
        sum += mask * (log(total) - (double)logits[i * V + labels[i]]);
        count += mask;
    }
    return sum / count;
}

static double accuracy_of(const real *logits, const int *labels, int n, int ignored) {
    double right = 0, count = 0;
    for (int i = 0; i < n; i++) {
        const int best = vector_argmax(logits + i * V, V);
        right += labels[i] != ignored && best == labels[i];
        count += labels[i] != ignored;
    }
    return right / count;
}

/* op_cross_entropy divided by what it counted: what training uses. */
static double our_loss(const real *logits, const int *labels, int n, int ignored) {
    const Tensor *sum = op_cross_entropy(TENSOR_FROM(logits, n, V), labels, ignored, 0);
    return (double)tensor_item(sum) / cross_entropy_count(labels, n, ignored);
}

static void batch_step(Comparison *comparison, Random *random) {
    enum { T = 6, N = B * T, WIDE = B * LONGEST };
    int labels[N], padded[WIDE];
    real logits[N * V], wide[WIDE * V];
    make_labels(labels, T, random);
    random_fill_normal(random, logits, N * V, 0, 1);
    random_fill_normal(random, wide, WIDE * V, 0, 1); // whatever a model says at <pad>
    for (int i = 0; i < WIDE; i++) padded[i] = TOKEN_PAD;
    for (int i = 0; i < N; i++) {
        // The same sentences in longer rows, as if a sentence of 12 words had joined the batch.
        const int to = i / T * LONGEST + i % T;
        padded[to] = labels[i];
        memcpy(wide + to * V, logits + i * V, V * sizeof *wide);
    }
    puts("Labels (3,6), 0 is <pad>; logits (3,6,10) drawn from N(0,1):\n");
    for (int b = 0; b < B; b++) {
        printf("  ");
        for (int t = 0; t < T; t++) printf("%3d", labels[b * T + t]);
        putchar('\n');
    }
    puts("\nTensorFlow's two functions, masked and not, and the same batch padded to 12:\n");
    printf("                     6 places   12 places\n");
    const double loss = loss_of(logits, labels, N, TOKEN_PAD),
                 any = loss_of(logits, labels, N, NOTHING);
    printf("  masked loss        %8.4f    %8.4f\n", loss, loss_of(wide, padded, WIDE, TOKEN_PAD));
    printf("  unmasked loss      %8.4f    %8.4f\n\n", any, loss_of(wide, padded, WIDE, NOTHING));
    compare_value(comparison, "masked: formula, ours", loss, our_loss(logits, labels, N, TOKEN_PAD),
                  4, 1e-5);
    compare_value(comparison, "more <pad>, masked", loss, our_loss(wide, padded, WIDE, TOKEN_PAD),
                  4, 1e-5);
    compare_claim(comparison, "the unmasked loss depends on who else is in the batch",
                  fabs(any - loss_of(wide, padded, WIDE, NOTHING)) > 1e-3);

    Tensor *x = tensor_variable(logits, 2, SHAPE(N, V));
    backward(op_cross_entropy(x, labels, TOKEN_PAD, 0));
    bool quiet = true;
    for (int i = 0; i < N * V; i++)
        quiet = quiet && (labels[i / V] != TOKEN_PAD || tensor_grad(x)[i] == 0);
    compare_claim(comparison, "no gradient comes from <pad>, not even a small one", quiet);

    // A model that has learned one thing: to say <pad>.
    for (int i = 0; i < WIDE; i++) wide[i * V + TOKEN_PAD] = 10;
    const double masked = accuracy_of(wide, padded, WIDE, TOKEN_PAD);
    const double unmasked = accuracy_of(wide, padded, WIDE, NOTHING);
    printf("\nA model that always says <pad>, on 12 places: accuracy %.2f, masked %.2f.\n\n",
           unmasked, masked);
    compare_claim(comparison, "saying nothing is two thirds right, unless masked",
                  masked == 0 && fabs(unmasked - 24.0 / 36) < 1e-12);
}

/* Pairs padded to PLACES on the target side, as happens to short sentences in a batch with a long
 * one; their loss with and without the mask. */
static Tensor *phrase_loss(const Transformer *model, const SentencePair *pairs, int ignored,
                           int *count) {
    const Batch tight = teacher_batch(pairs, SHOWN);
    int *tgt = graph_alloc(sizeof(int) * SHOWN * PLACES);
    int *labels = graph_alloc(sizeof(int) * SHOWN * PLACES);
    for (int i = 0; i < SHOWN * PLACES; i++) {
        const int from = i / PLACES * tight.T + i % PLACES, inside = i % PLACES < tight.T;
        tgt[i] = inside ? tight.tgt[from] : TOKEN_PAD;
        labels[i] = inside ? tight.labels[from] : TOKEN_PAD;
    }
    const Batch wide = {
        .B = SHOWN, .S = tight.S, .T = PLACES, .src = tight.src, .tgt = tgt, .labels = labels};
    Tensor *logits = transformer_logits(model, transformer_forward(model, &wide, NULL));
    const int n = SHOWN * PLACES;
    *count = cross_entropy_count(labels, n, ignored);
    return op_cross_entropy(RESHAPE(logits, n, model->config.tgt_vocab), labels, ignored, 0);
}

typedef struct {
    const Transformer *model;
    const SentencePair *pairs;
} Course;

static Tensor *unmasked_loss(void *context, int *count) {
    const Course *course = context;
    return phrase_loss(course->model, course->pairs, NOTHING, count);
}

static void training_step(Comparison *comparison, uint64_t seed) {
    Phrase *phrases = memory_alloc(PHRASE_COUNT * sizeof *phrases);
    SentencePair *pairs = memory_alloc(SHOWN * sizeof *pairs);
    phrases_make(phrases);
    for (int i = 0; i < SHOWN; i++) pairs[i] = phrases[i * (PHRASE_COUNT / SHOWN)].pair;
    Transformer *model = phrases_model(seed);
    Course course = {model, pairs};
    const double unmasked = training_run(&(Training){.parameters = &model->parameters,
                                                     .adam = adam_paper(),
                                                     .steps = STEPS,
                                                     .lr = 1e-3,
                                                     .loss = unmasked_loss,
                                                     .context = &course});
    int count;
    const Tensor *sum = phrase_loss(model, pairs, TOKEN_PAD, &count);
    const double masked = (double)tensor_item(sum) / count;
    printf("\nChapter 5's phrases, padded to %d places, %d steps trained without the mask:\n"
           "  the loss it was trained on %.3f; the same model's loss on words %.3f\n\n",
           PLACES, STEPS, unmasked, masked);
    compare_claim(comparison, "the number on the screen flatters, by more than 3 times",
                  3 * unmasked < masked);
    transformer_free(model);
    free(pairs);
    free(phrases);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"TensorFlow's masked loss and accuracy, and what happens without.",
                         "build/06_training/masked_loss"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    batch_step(&comparison, &random);
    training_step(&comparison, (uint64_t)lesson.common.seed);
    return lesson_end(&lesson, compare_end(&comparison));
}
