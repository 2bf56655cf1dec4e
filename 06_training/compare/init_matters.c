/* init_matters.c - Karpathy, "Let's build GPT", 0:22:11, at the first loss: what a model that knows
 * nothing should lose, and what it does. Then the same question to the Transformer, whose loss at
 * the start depends on how its embeddings are drawn.
 *
 * Beside: karpathy 0:22:11 - ln 65 = 4.1744, the loss he expects, and why it is more
 * Beside: alammar The Final Linear and Softmax Layer - 10,000 words: what a model should lose that
 *     knows nothing
 */
#include "05_encoder_decoder/lab/teacher.h"
#include "06_training/trainer/schedule.h"
#include "common/kernels.h"
#include "common/linear.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/training.h"
#include "common/vector.h"

#include <stdio.h>

enum { V = 10000, ROWS = 200, CHARS = 65, WIDTH = 32, DRAWS = 50 };
enum { WORDS_IN_USE = 200, D_MODEL = 64, PAIRS = 64, LENGTH = 6 };
enum { STEPS = 120, NOTE_EVERY = 30, NOTED = STEPS / NOTE_EVERY + 1 };

/* The mean loss of N rows of logits (N,count) against targets drawn at random. */
static double mean_loss(Tensor *logits, Random *random) {
    const int n = logits->shape[0], count = logits->shape[1];
    int *targets = graph_alloc((size_t)n * sizeof *targets);
    for (int i = 0; i < n; i++) targets[i] = (int)random_below(random, (uint64_t)count);
    return (double)tensor_item(op_cross_entropy(logits, targets, -1, 0)) / n;
}

/* ln V is the loss of equal logits. Logits of deviation s claim to know more than nothing, and pay:
 * the mean of e^z over normal z is e^(s^2/2), which the loss has under its logarithm. */
static void spread_step(Comparison *comparison, Random *random) {
    puts("Equal logits for 65 characters, the number he expects:\n");
    graph_reset(graph_current());
    Tensor *equal = TENSOR(1, CHARS);
    memset(equal->data, 0, equal->size * sizeof(real));
    compare_value(comparison, "ln 65", 4.1744, mean_loss(equal, random), 4, 0.00006);
    printf("\nLogits drawn from N(0, s^2) for %d tokens: the loss is ln V + s^2/2, but\n"
           "for the chance in %d right tokens. \"Published\" is this formula:\n\n",
           V, ROWS);
    for (int s = 0; s <= 2; s++) {
        graph_reset(graph_current());
        Tensor *logits = TENSOR(ROWS, V);
        random_fill_normal(random, logits->data, logits->size, 0, s);
        char label[32];
        snprintf(label, sizeof label, "ln V + s^2/2, s = %d", s);
        compare_value(comparison, label, log(V) + s * s / 2.0, mean_loss(logits, random), 3, 0.25);
    }
}

/* His last stage ends in layer norm and nn.Linear: inputs of deviation 1, weights uniform within
 * 1/sqrt(C), so each logit has variance 1/3 whatever C is (and the bias adds 1/(3 C)). */
static void karpathy_step(Comparison *comparison, Random *random) {
    double sum = 0;
    for (int i = 0; i < DRAWS; i++) {
        graph_reset(graph_current());
        Parameters parameters = {0};
        const Linear head = linear_new(&parameters, "lm_head.", WIDTH, CHARS, true, random);
        Tensor *x = TENSOR(ROWS, WIDTH);
        random_fill_normal(random, x->data, x->size, 0, 1);
        sum += mean_loss(linear_forward(&head, x), random) / DRAWS;
        parameters_free(&parameters);
    }
    puts("\nHis models before training: 4.8786 with N(0,1) logits (make 01/bigram), 4.31\n"
         "once layer norm and nn.Linear make the logits. His is one draw of such a layer,\n"
         "ours the mean of 50:\n");
    compare_value(comparison, "layer norm, nn.Linear", 4.3103, sum, 4, 0.06);
}

/* A model whose one table of vectors has this deviation. */
static Transformer *make_model(double deviation, Random *random) {
    const TransformerConfig config = {
        .layer = {.d_model = D_MODEL, .nhead = 4, .dim_feedforward = 2 * D_MODEL},
        .num_encoder_layers = 1,
        .num_decoder_layers = 1,
        .src_vocab = TOKEN_TEXT + WORDS_IN_USE,
        .tgt_vocab = TOKEN_TEXT + WORDS_IN_USE,
        .tie_embeddings = true};
    Transformer *model = transformer_new(&config, random);
    Tensor *table = model->src_embed.weight; // drawn with deviation 1/sqrt(d_model)
    for (size_t i = 0; i < table->size; i++)
        // From 1/sqrt(d_model), as it was drawn, to the deviation that is asked for.
        table->data[i] *= (real)(deviation * sqrt((double)D_MODEL));
    return model;
}

/* Random words, to be copied. */
static void draw(SentencePair pairs[PAIRS], Random *random) {
    for (int b = 0; b < PAIRS; b++) {
        pairs[b].src_length = pairs[b].tgt_length = LENGTH;
        for (int i = 0; i < LENGTH; i++)
            pairs[b].src[i] = pairs[b].tgt[i] =
                TOKEN_TEXT + (int)random_below(random, WORDS_IN_USE);
    }
}

/* The share of places where the likeliest next word is the one that has just been read. */
static double echo(const Transformer *model, const SentencePair *pairs) {
    graph_reset(graph_current());
    const Batch batch = teacher_batch(pairs, PAIRS);
    const Tensor *logits = transformer_logits(model, transformer_forward(model, &batch, NULL));
    const size_t count = (size_t)logits->shape[2];
    const int places = batch.B * batch.T;
    int same = 0;
    for (int i = 0; i < places; i++)
        same += vector_argmax(logits->data + (size_t)i * count, count) == batch.tgt[i];
    return (double)same / places;
}

typedef struct {
    const Transformer *model;
    SentencePair pairs[PAIRS]; // of the step under way
    Random random;
    double *losses;
} Course;

static Tensor *pairs_loss(void *context, int *count) {
    const Course *course = context;
    *count = 1;
    return teacher_loss(course->model, course->pairs, PAIRS);
}

static bool note(void *context, int step, double loss) {
    Course *course = context;
    // The batch of the next step is drawn here, since the first one was looked at before.
    if (step % NOTE_EVERY == 0) course->losses[step / NOTE_EVERY] = loss;
    draw(course->pairs, &course->random);
    return true;
}

static double inverse_square_root(const Training *training, int step) {
    return schedule_inverse_square_root(training->lr, 30, step + 1);
}

/* Trains and notes the loss of every 30th step; returns the echo of the untrained model. */
static double train(double deviation, uint64_t seed, double losses[NOTED]) {
    Course course = {.losses = losses};
    random_seed(&course.random, seed);
    Transformer *model = make_model(deviation, &course.random);
    course.model = model;
    draw(course.pairs, &course.random);
    const double echoed = echo(model, course.pairs);
    training_run(&(Training){.parameters = &model->parameters,
                             .adam = adam_paper(),
                             .steps = STEPS + 1, // the last one's loss is that after STEPS
                             .lr = 3e-3,
                             .rate = inverse_square_root,
                             .loss = pairs_loss,
                             .context = &course,
                             .note = note});
    transformer_free(model);
    return echoed;
}

static void transformer_step(Comparison *comparison, uint64_t seed) {
    double ours[NOTED], torch[NOTED];
    const double echoed = train(1 / sqrt(D_MODEL), seed, ours),
                 guess = log(TOKEN_TEXT + WORDS_IN_USE);
    train(1, seed, torch);
    printf("\nThe Transformer, %d tokens (ln V = %.3f), d_model %d, one matrix for both\n"
           "embeddings and the output. Layer norm makes vectors of length sqrt(d_model), so\n"
           "the embeddings' deviation decides. Losses while it learns to copy words:\n\n"
           "  step                      ",
           TOKEN_TEXT + WORDS_IN_USE, guess, D_MODEL);
    for (int i = 0; i < NOTED; i++) printf(" %7d", i * NOTE_EVERY);
    printf("\n  deviation 1/sqrt(d_model) ");
    for (int i = 0; i < NOTED; i++) printf(" %7.3f", ours[i]);
    printf("\n  deviation 1, nn.Embedding ");
    for (int i = 0; i < NOTED; i++) printf(" %7.3f", torch[i]);
    printf("\n\nOur first loss is ln V, 1/2 for the spread, and a little for an opinion it has:\n"
           "the residual carries the word just read to the output, and the output's rows are\n"
           "the embeddings. Untrained, it says that word again at %.0f %% of the places.\n\n",
           100 * echoed);
    compare_claim(comparison, "ours starts between ln V + 0.3 and ln V + 1",
                  ours[0] > guess + 0.3 && ours[0] < guess + 1);
    compare_claim(comparison, "untrained, it mostly repeats what it has just read", echoed > 0.5);
    compare_claim(comparison, "nn.Embedding's own draw, tied, starts at over 3 ln V",
                  torch[0] > 3 * guess);
    compare_claim(comparison, "and is behind to the end", torch[NOTED - 1] > ours[NOTED - 1]);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"The loss before the first step, from ln V to far above.",
                         "build/06_training/init_matters"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    spread_step(&comparison, &random);
    karpathy_step(&comparison, &random);
    transformer_step(&comparison, (uint64_t)lesson.common.seed);
    return lesson_end(&lesson, compare_end(&comparison));
}
