/* who_extrapolates.c - chapter 2's question asked with words: which positions go on past the
 * trained length in a real attention?
 *
 * The paper (section 3.5) hopes that sines "may allow the model to extrapolate to sequence lengths
 * longer than the ones encountered during training"; Alammar's post ("Representing The Order") says
 * that they do; RoFormer (Su et al. 2021, abstract) counts "the flexibility of sequence length"
 * among rotary's properties. None of them shows it. The task is chapter 2's: say the word that
 * stands left of you. But every place now holds a word drawn at random, and queries and keys are
 * made of both, word and place.
 *
 * Beside: karpathy EX4 - rotary positions, from a later paper, against his table and the sines
 * Beside: alammar Representing The Order of The Sequence - "able to scale to unseen lengths", with
 *     words in the places
 */
#include "01_embeddings/embedding.h"
#include "02_positional_encoding/positions.h"
#include "03_self_attention/attention.h"
#include "common/kernels.h"
#include "common/linear.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/training.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    E = 32, // d_model, one head
    V = 16, // words
    TRAINED = 32,
    BATCH = 16,
    STEPS = 800,
    LENGTHS = 6,
    LONGEST = 256,
    TESTED = 4096, // words for each length
    KINDS = 4,
};

static const int length[LENGTHS] = {40, 48, 64, 96, 128, LONGEST};

/* ---- The model ------------------------------------------------------------------------------- */

/* One attention, its projections with biases as in nn.MultiheadAttention, between embedding and
 * logits. */
typedef struct {
    Embedding word; // (V,E)
    Positions positions;
    Linear query, key, value; // (E,E)
    Linear out;               // (V,E)
} Model;

static Model model_new(PositionsKind kind, Parameters *parameters, Random *random) {
    Model model = {.word = embedding_new(parameters, "word.", V, E, random)};
    for (size_t i = 0; i < model.word.weight->size; i++)
        model.word.weight->data[i] /= (real)sqrt(E); // the scaled lookup makes up for it
    model.positions = positions_new(kind, parameters, "positions.", LONGEST, E, random);
    model.query = linear_new(parameters, "query.", E, E, true, random);
    model.key = linear_new(parameters, "key.", E, E, true, random);
    model.value = linear_new(parameters, "value.", E, E, true, random);
    model.out = linear_new(parameters, "out.", E, V, true, random);
    return model;
}

/* ids (B,T) -> logits (B,T,V); nobody looks at a word `window` or more places away. Which kind of
 * positions it is, is nowhere asked: one call adds, two turn, and what a kind does not do gives
 * back what it was given. */
static Tensor *model_forward(const Model *model, const int *ids, int B, int T, int window) {
    Tensor *x = embedding_forward_scaled(&model->word, ids, 2, SHAPE(B, T)); // (B,T,E)
    x = positions_add(&model->positions, x, 0);
    Tensor *q = positions_turn(&model->positions, linear_forward(&model->query, x), E, 0);
    Tensor *k = positions_turn(&model->positions, linear_forward(&model->key, x), E, 0);
    Tensor *v = linear_forward(&model->value, x);                // (B,T,E)
    unsigned char *ignored = graph_alloc((size_t)T * (size_t)T); // (T,T)
    for (int i = 0; i < T; i++)
        for (int j = 0; j < T; j++) ignored[i * T + j] = abs(i - j) >= window;
    const Masks masks = {.attn_mask = ignored};
    Tensor *y = scaled_dot_product_attention(q, k, v, masks, 0, NULL); // (B,T,E)
    return linear_forward(&model->out, y);
}

/* ---- Training and testing -------------------------------------------------------------------- */

/* ids (B,T) <- words at random; left (B,T) <- for each the word before it, -1 for the first. */
static void draw_sentences(Random *random, int *ids, int *left, int B, int T) {
    for (int i = 0; i < B * T; i++) {
        ids[i] = (int)random_below(random, V);
        left[i] = i % T > 0 ? ids[i - 1] : -1;
    }
}

typedef struct {
    const Model *model;
    Random *random;
} Lessons;

/* The summed cross-entropy of a fresh batch of sentences of TRAINED words. */
static Tensor *sentences_loss(void *context, int *count) {
    const Lessons *lessons = context;
    int *ids = graph_alloc(BATCH * TRAINED * sizeof *ids);
    int *left = graph_alloc(BATCH * TRAINED * sizeof *left);
    draw_sentences(lessons->random, ids, left, BATCH, TRAINED);
    Tensor *logits = model_forward(lessons->model, ids, BATCH, TRAINED, TRAINED); // (B,T,V)
    *count = BATCH * (TRAINED - 1);
    return op_cross_entropy(RESHAPE(logits, BATCH * TRAINED, V), left, -1, 0);
}

/* percent[0] <- how many of the first TRAINED words know their left neighbour in sentences of T
 * words, percent[1] <- how many of those beyond. */
static void test(const Model *model, Random *random, int T, int window, double percent[2]) {
    int ids[LONGEST], left[LONGEST], asked[2] = {0, 0}, right[2] = {0, 0};
    for (int sentence = 0; sentence < TESTED / T; sentence++) {
        draw_sentences(random, ids, left, 1, T);
        const Tensor *logits = model_forward(model, ids, 1, T, window); // (1,T,V)
        for (int t = 1; t < T; t++) {
            asked[t >= TRAINED]++;
            right[t >= TRAINED] += vector_argmax(logits->data + t * V, V) == left[t];
        }
        graph_reset(graph_current());
    }
    for (int i = 0; i < 2; i++) percent[i] = 100.0 * right[i] / asked[i];
}

/* Of each kind and length the percentage beyond TRAINED: with every word in sight, and with none
 * TRAINED or more places away. */
static real beyond[2][KINDS][LENGTHS];

/* Tests all lengths and writes one line. */
static void test_lengths(const Model *model, Random *random, bool near) {
    const PositionsKind kind = model->positions.kind;
    for (int l = 0; l < LENGTHS; l++) {
        double percent[2];
        test(model, random, length[l], near ? TRAINED : LONGEST, percent);
        beyond[near][kind][l] = (real)percent[1];
        printf(" %3.0f (%3.0f)", percent[1], percent[0]);
    }
    puts("");
}

/* One kind of positions: trained, then asked with everything in sight and with the window. */
static void measure(PositionsKind kind, uint64_t seed) {
    Parameters parameters = {0};
    Random random;
    random_seed(&random, seed);
    const Model model = model_new(kind, &parameters, &random);
    Lessons lessons = {&model, &random};
    const double loss = training_run(&(Training){.parameters = &parameters,
                                                 .adam = adam_pytorch(),
                                                 .steps = STEPS,
                                                 .lr = 0.01,
                                                 .rate = training_linear,
                                                 .loss = sentences_loss,
                                                 .context = &lessons,
                                                 .average = 50,
                                                 .label = positions_name(kind)});
    const GraphMode mode = graph_quiet();
    printf("%-10s %5.3f ", positions_name(kind), loss);
    test_lengths(&model, &random, false);
    printf("%-10s %5s ", "", "near");
    test_lengths(&model, &random, true);
    graph_restore(mode);
    parameters_free(&parameters);
}

/* ---- What is shown --------------------------------------------------------------------------- */

static void draw(const char *directory) {
    real x[LENGTHS];
    for (int l = 0; l < LENGTHS; l++) x[l] = (real)length[l];
    const PlotSeries series[] = {{.name = "rotary, near words only",
                                  .x = x,
                                  .y = beyond[1][POSITIONS_ROTARY],
                                  .count = LENGTHS,
                                  .points = true},
                                 {.name = "rotary",
                                  .x = x,
                                  .y = beyond[0][POSITIONS_ROTARY],
                                  .count = LENGTHS,
                                  .points = true},
                                 {.name = "sinusoid, near words only",
                                  .x = x,
                                  .y = beyond[1][POSITIONS_SINUSOID],
                                  .count = LENGTHS,
                                  .points = true},
                                 {.name = "sinusoid",
                                  .x = x,
                                  .y = beyond[0][POSITIONS_SINUSOID],
                                  .count = LENGTHS,
                                  .points = true},
                                 {.name = "learned",
                                  .x = x,
                                  .y = beyond[0][POSITIONS_LEARNED],
                                  .count = LENGTHS,
                                  .points = true}};
    plot_lines(
        &(Picture){
            .name = "who_extrapolates",
            .directory = directory,
            .title = "words past the trained 32 that know their left neighbour",
            .caption = "rotary positions go on, and for ever if no distance is new to them.",
            .x_label = "length of the sentence",
            .y_label = "percent right",
            .log_x = true,
            .x_min = TRAINED,
            .x_max = LONGEST,
            .y_max = 105,
        },
        series, sizeof series / sizeof series[0]);
}

static int claims(void) {
    Comparison comparison = {0};
    const real *rotary = beyond[0][POSITIONS_ROTARY], *sines = beyond[0][POSITIONS_SINUSOID];
    puts("");
    compare_claim(&comparison, "rotary: four of five right at twice the trained length",
                  rotary[2] > 80);
    compare_claim(&comparison, "rotary: but not all at eight times the length",
                  rotary[LENGTHS - 1] < 95);
    compare_claim(&comparison, "rotary, near words only: all right at eight times the length",
                  beyond[1][POSITIONS_ROTARY][LENGTHS - 1] > (real)99.5);
    compare_claim(&comparison, "sines: less than four of five at twice the length, near or not",
                  sines[2] < 80 && beyond[1][POSITIONS_SINUSOID][2] < 80);
    compare_claim(&comparison, "learned: no better than guessing, near or not",
                  vector_max_abs(beyond[0][POSITIONS_LEARNED], LENGTHS) < 15 &&
                      vector_max_abs(beyond[1][POSITIONS_LEARNED], LENGTHS) < 15);
    return compare_end(&comparison);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Trained on 32 words, asked on up to 256: which positions extrapolate?",
                         "build/03_self_attention/who_extrapolates --seed 2"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    printf("Task: say the word to your left. Words at random out of %d, one attention, trained\n"
           "on sentences of %d. Percent right among the words past %d (in brackets: among the\n"
           "first %d). \"near\": asked again with a mask over all that is %d or more away.\n\n",
           V, TRAINED, TRAINED, TRAINED, TRAINED);
    printf("%-10s  loss ", "");
    for (int l = 0; l < LENGTHS; l++) printf("   n = %-3d", length[l]);
    puts("");
    static const PositionsKind kinds[KINDS] = {POSITIONS_NONE, POSITIONS_SINUSOID,
                                               POSITIONS_LEARNED, POSITIONS_ROTARY};
    for (int i = 0; i < KINDS; i++) measure(kinds[i], (uint64_t)lesson.common.seed);
    puts("\nWithout positions the task is hopeless. With any of the three it is learned to the\n"
         "last word, and then: a learned row that no training sentence reached is noise. Sines\n"
         "are there, but what was learned of the first 32 does not fit the others. Rotary knows\n"
         "no places, only distances, so it goes on. Long sentences bring new distances, though:\n"
         "those past 31 were never trained either, and one of them may win the softmax. Cover\n"
         "them up, and nothing is new any more, however long the sentence.\n");
    draw(lesson.common.out);
    return lesson_end(&lesson, claims());
}
