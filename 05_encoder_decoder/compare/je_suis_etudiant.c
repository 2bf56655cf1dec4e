/* je_suis_etudiant.c - Alammar, "The Illustrated Transformer", "Recap Of Training" and "The Loss
 * Function": "je suis étudiant" before and after training, as a table of probabilities, and the
 * loss of each.
 *
 * Beside: alammar The Final Linear and Softmax Layer - nearest: his six words, the share of each at
 *     one place
 * Beside: alammar The Loss Function - 1.6094 untrained, 0.0776 in his trained table; our table
 *     beside his
 * Beside: alammar Recap Of Training - merci before training, where any answer is as good
 */
#include "05_encoder_decoder/lab/teacher.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/training.h"

#include <stdio.h>

enum { FRENCH = 4, ENGLISH = 5, COLUMNS = 6, ROWS = 5, PAIRS = 2, STEPS_MAX = 500 };
static const char *const french[FRENCH] = {"je", "suis", "étudiant", "merci"};
static const char *const english[ENGLISH] = {"a", "am", "i", "thanks", "student"};

/* His output vocabulary, and the id that each of its words has here. */
static const char *const column[COLUMNS] = {"a", "am", "i", "thanks", "student", "<eos>"};
static const int id_of[COLUMNS] = {TOKEN_TEXT,     TOKEN_TEXT + 1, TOKEN_TEXT + 2,
                                   TOKEN_TEXT + 3, TOKEN_TEXT + 4, TOKEN_EOS};

/* The figure "trained model outputs", (5,6): a row for each word to say, of which target[row] is
 * the right one. Its rows add up to 1.01, 1, .996, .974, 1.003: drawn, not computed. */
static const double drawn[ROWS][COLUMNS] = {{0.01, 0.02, 0.93, 0.01, 0.03, 0.01},
                                            {0.01, 0.8, 0.1, 0.05, 0.01, 0.03},
                                            {0.99, 0.001, 0.001, 0.001, 0.002, 0.001},
                                            {0.001, 0.002, 0.001, 0.02, 0.94, 0.01},
                                            {0.01, 0.01, 0.001, 0.001, 0.001, 0.98}};
static const int target[ROWS] = {2, 1, 0, 4, 5}; // i am a student <eos>

static SentencePair make_pair(const char *from, const char *to) {
    SentencePair pair = {.src_length = 0};
    pair.src_length = teacher_sentence_ids(pair.src, from, french, FRENCH);
    pair.tgt_length = teacher_sentence_ids(pair.tgt, to, english, ENGLISH);
    return pair;
}

/* What the model gives each of his columns at each place of the pair's answer: (ROWS,COLUMNS). */
static void distributions(const Transformer *model, const SentencePair *pair, real *table) {
    graph_reset(graph_current());
    const Batch batch = teacher_batch(pair, 1);
    const Tensor *p =
        op_softmax(transformer_logits(model, transformer_forward(model, &batch, NULL))); // (1,T,V)
    for (int t = 0; t < batch.T; t++)
        for (int c = 0; c < COLUMNS; c++)
            // Our vocabulary has <pad> and <s> as well; his six columns are picked out.
            table[t * COLUMNS + c] = p->data[t * model->config.tgt_vocab + id_of[c]];
}

static void say(const Transformer *model, const SentencePair *pair) {
    int said[16];
    const int length = teacher_answer(model, pair->src, pair->src_length, said, 8);
    printf("  it says:");
    for (int i = 0; i < length; i++)
        printf(" %s", said[i] >= TOKEN_TEXT  ? english[said[i] - TOKEN_TEXT]
                      : said[i] == TOKEN_PAD ? "<pad>"
                                             : "<s>");
    puts(length == 8 ? " ..." : "");
}

/* His figure of an untrained model that has read merci and is to say thanks. */
static const double untrained_row[COLUMNS] = {0.2, 0.2, 0.1, 0.2, 0.2, 0.1};

/* His untrained row, and below it what our untrained model gives the first place of the pair. */
static void untrained(const Transformer *model, const SentencePair *pair) {
    real rows[2 * COLUMNS], table[ROWS * COLUMNS];
    distributions(model, pair, table);
    for (int c = 0; c < COLUMNS; c++) rows[c] = (real)untrained_row[c];
    memcpy(rows + COLUMNS, table, COLUMNS * sizeof *rows);
    puts("\nBefore training, reading merci, at the place that is to say thanks. Any numbers\n"
         "would do; ours leave a little for <pad> and <s>, which he does not draw:\n");
    print_heatmap("p", rows, 2, COLUMNS, (const char *const[]){"his", "ours"}, column, 2);
}

/* The loss of one place, before any model: -ln of what the right word was given. */
static void his_cross_entropies(Comparison *comparison) {
    const double published[ROWS] = {0.0726, 0.2231, 0.0101, 0.0619, 0.0202};
    real ours[ROWS], mean = 0;
    for (int t = 0; t < ROWS; t++) {
        ours[t] = (real)-log(drawn[t][target[t]]);
        mean += ours[t] / ROWS;
    }
    puts("Cross-entropies of his two figures, -ln p(right word), taken as drawn:\n");
    compare_value(comparison, "untrained, thanks", 1.6094, -log(untrained_row[3]), 4, 0.00005);
    compare_row(comparison, "trained, word by word", published, ours, ROWS, 4, 0.00005);
    compare_value(comparison, "trained, mean", 0.0776, (double)mean, 4, 0.00005);
}

/* "Simply subtract one from the other", says the post of the two distributions. That is no loss,
 * but it is the gradient of the cross-entropy with respect to the logits: p - y. */
static void subtraction(Comparison *comparison) {
    real logits[COLUMNS];
    for (int c = 0; c < COLUMNS; c++) logits[c] = (real)log(untrained_row[c]);
    graph_reset(graph_current());
    Tensor *x = tensor_variable(logits, 2, SHAPE(1, COLUMNS));
    const int thanks[] = {3};
    backward(op_cross_entropy(x, thanks, -1, 0));
    double expected[COLUMNS];
    for (int c = 0; c < COLUMNS; c++) expected[c] = untrained_row[c] - (c == 3);
    puts("\nHe says \"subtract\" the two distributions. As a loss that would not do; as the\n"
         "gradient of the loss it is exact: prediction minus truth.\n");
    compare_row(comparison, "p - y (published), d loss / d logits (computed)", expected,
                tensor_grad(x), COLUMNS, 2, 1e-6);
}

typedef struct {
    const Transformer *model;
    const SentencePair *pairs; // (PAIRS)
    double *losses;            // of each step
    int steps;                 // taken
} Course;

static Tensor *pairs_loss(void *context, int *count) {
    const Course *course = context;
    *count = 1;
    return teacher_loss(course->model, course->pairs, PAIRS);
}

/* Until it is as good as his trained model. */
static bool note(void *context, int step, double loss) {
    Course *course = context;
    course->losses[step] = loss;
    course->steps = step + 1;
    return loss > 0.0776;
}

/* losses (STEPS_MAX) <- the loss of each step; returns how many there were. */
static int train(Transformer *model, const SentencePair *pairs, double *losses) {
    Course course = {.model = model, .pairs = pairs, .losses = losses};
    training_run(&(Training){.parameters = &model->parameters,
                             .adam = adam_paper(),
                             .steps = STEPS_MAX,
                             .lr = 1e-3,
                             .loss = pairs_loss,
                             .context = &course,
                             .note = note});
    return course.steps;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Alammar's je suis étudiant -> i am a student, trained until it says so.",
                         "build/05_encoder_decoder/je_suis_etudiant"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    his_cross_entropies(&comparison);
    subtraction(&comparison);

    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    const TransformerConfig config = {.layer = {.d_model = 32, .nhead = 2, .dim_feedforward = 64},
                                      .num_encoder_layers = 1,
                                      .num_decoder_layers = 1,
                                      .src_vocab = TOKEN_TEXT + FRENCH,
                                      .tgt_vocab = TOKEN_TEXT + ENGLISH};
    Transformer *model = transformer_new(&config, &random);
    const SentencePair pairs[PAIRS] = {make_pair("je suis étudiant", "i am a student"),
                                       make_pair("merci", "thanks")};
    untrained(model, &pairs[1]);
    say(model, &pairs[0]);

    double losses[STEPS_MAX];
    const int steps = train(model, pairs, losses);
    for (int step = 1; step <= steps; step++)
        if (step == 1 || step % 20 == 0)
            printf("  step %3d  cross-entropy %.4f\n", step, losses[step - 1]);
    printf("\nStep %d: %.4f, below his .0776. \"je suis étudiant\" now:\n", steps,
           losses[steps - 1]);
    real after[ROWS * COLUMNS];
    distributions(model, &pairs[0], after);
    say(model, &pairs[0]);
    real his[ROWS * COLUMNS];
    for (int i = 0; i < ROWS * COLUMNS; i++) his[i] = (real)drawn[i / COLUMNS][i % COLUMNS];
    const char *const place[ROWS] = {"1: i", "2: am", "3: a", "4: student", "5: <eos>"};
    putchar('\n');
    print_heatmap("his figure", his, ROWS, COLUMNS, place, column, 3);
    print_heatmap("ours", after, ROWS, COLUMNS, place, column, 3);
    bool same = true;
    for (int t = 0; t < ROWS; t++)
        for (int c = 0; c < COLUMNS; c++)
            same = same && after[t * COLUMNS + c] <= after[t * COLUMNS + target[t]];
    putchar('\n');
    compare_claim(&comparison, "the largest of each row is where his is", same);
    const PlotMap maps[] = {{.title = "Alammar's figure",
                             .data = his,
                             .rows = ROWS,
                             .cols = COLUMNS,
                             .row_labels = place,
                             .col_labels = column},
                            {.title = "ours, trained until as good",
                             .data = after,
                             .rows = ROWS,
                             .cols = COLUMNS,
                             .row_labels = place,
                             .col_labels = column}};
    plot_heatmap_grid(&(Picture){.name = "je_suis_etudiant",
                                 .directory = lesson.common.out,
                                 .title = "je suis étudiant: what each place says",
                                 .caption = "each row is one place of the decoder; one word takes "
                                            "nearly everything, and it is the right one",
                                 .height = 330},
                      maps, 2, 2, 2);
    transformer_free(model);
    return lesson_end(&lesson, compare_end(&comparison));
}
