/* demo.c - chapter 4 told by a running program: why attention has several heads, and how they are
 * made.
 *
 * Beside: karpathy 1:21:59; rasa 3 - step 1: two people to ask for, with one head and with two
 * Beside: paper 3.2.2 - step 2: the same numbers as one head of 4 and as two of 2
 * Beside: alammar Self-Attention at a High Level - step 5: "it", with "tired" and with "wide"
 * Beside: codeemporium Mutlihead_Attention - step 3: split and merge, with numbers that tell where
 *     they come from
 * Beside: annotated Attention - step 4: parameters and weights for 1, 4, 16 and 64 heads
 */
#include "04_multihead/composed_attention.h"
#include "04_multihead/heads.h"
#include "04_multihead/lab/attention_cost.h"
#include "04_multihead/lab/giving.h"
#include "04_multihead/lab/pronoun.h"
#include "04_multihead/lab/wrong_heads.h"
#include "common/kernels.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- One head, two questions ----------------------------------------------------------------- */

enum { STEPS = 400, EVERY = 50, MARKS = STEPS / EVERY + 1, RUNS = 3, WORDS = GIVING_WORDS };

/* One training: its accuracy in % at steps 0, EVERY, 2 EVERY, ... */
typedef struct {
    real accuracy[MARKS];
    size_t parameters;
    real row[2 * WORDS]; // at the end: how `gave` looks at the words, one row a head
} Training;

static void train(Training *training, int nhead, uint64_t seed) {
    GivingModel *model = giving_new(nhead, false, seed);
    training->parameters = parameters_size(&model->parameters);
    giving_train(model, STEPS, EVERY, seed + 100, training->accuracy);
    for (int i = 0; i < MARKS; i++) training->accuracy[i] *= 100;
    real x[WORDS * GIVING_WIDTH];
    int answers[GIVING_ANSWERS];
    GivingBatch one = {.sentences = 1, .x = x, .answers = answers};
    Random random;
    random_seed(&random, seed);
    giving_sentences(&one, &random);
    graph_reset(graph_current());
    Tensor *weights;
    giving_forward(model, &one, &weights); // (1,H,T,T)
    for (int h = 0; h < nhead; h++)
        memcpy(training->row + h * WORDS, weights->data + (h * WORDS + GIVING_VERB) * WORDS,
               WORDS * sizeof(real));
    giving_free(model);
}

static void plot_training(const char *out, Training trainings[RUNS][2]) {
    real steps[MARKS], mean[2][MARKS] = {{0}}, guess[MARKS];
    for (int i = 0; i < MARKS; i++) {
        steps[i] = (real)(i * EVERY);
        guess[i] = 75;
        for (int run = 0; run < RUNS; run++)
            for (int h = 0; h < 2; h++) mean[h][i] += trainings[run][h].accuracy[i] / RUNS;
    }
    const PlotSeries series[3] = {
        {.name = "two heads", .x = steps, .y = mean[1], .count = MARKS, .points = true},
        {.name = "one head", .x = steps, .y = mean[0], .count = MARKS, .points = true},
        {.name = "one known, one guessed", .x = steps, .y = guess, .count = MARKS}};
    plot_lines(&(Picture){.name = "one_head_two_heads",
                          .directory = out,
                          .title = "Two numbers to fetch: the giver's and the receiver's",
                          .caption = "two heads fetch both numbers; one head, with as many "
                                     "parameters, gets little further than one (mean of 3 runs)",
                          .x_label = "training steps",
                          .y_label = "digits right, %",
                          .y_min = 40,
                          .y_max = 102},
               series, 3);
}

static void one_head_two_questions(Lesson *lesson) {
    lesson_step(lesson, "One head, two questions");
    puts("\"mary gave roses to susan\": who gave, and who received? Everyone carries a\n"
         "number of eight binary digits, new in every sentence, x (5,32). At \"gave\", after\n"
         "one layer of attention, a linear readout must tell the giver's digits and the\n"
         "receiver's: once with one head of 32 columns, once with two of 16.\n");
    Training trainings[RUNS][2];
    for (int run = 0; run < RUNS; run++)
        for (int i = 0; i < 2; i++)
            train(&trainings[run][i], i + 1, (uint64_t)(lesson->common.seed + run));
    const Training *one = &trainings[0][0], *two = &trainings[0][1];
    printf("              one head   two heads\n"
           "parameters    %8zu    %8zu\n"
           "  step      digits right, %%\n",
           one->parameters, two->parameters);
    for (int i = 0; i < MARKS; i += 2)
        printf("%6d %13.0f %11.0f\n", i * EVERY, (double)one->accuracy[i],
               (double)two->accuracy[i]);
    puts("\nWhoever knows one number and guesses the other has 75 % of the digits. One head\n"
         "gets little further. How \"gave\" looks at the words of one sentence:\n");
    static const char *const TEXT[] = {"mary", "gave", "roses", "to", "susan"};
    static const char *const HEADS[] = {"head 0", "head 1"};
    print_heatmap("one head", one->row, 1, WORDS, HEADS, TEXT, 2);
    print_heatmap("two heads", two->row, 2, WORDS, HEADS, TEXT, 2);
    puts("\nOne row of weights, one mean of values: what is one half mary and one half susan\n"
         "is neither. Two rows, two means, in separate columns: nothing is blurred.");
    plot_training(lesson->common.out, trainings);
}

/* ---- By hand --------------------------------------------------------------------------------- */

/* The query of "gave" asks in columns 0, 1 for who stands before it, in 2, 3 for who stands after;
 * the keys say where a word stands, the values who it is. */
static void by_hand(Lesson *lesson) {
    lesson_step(lesson, "By hand: the same numbers as one head of 4 and as two of 2");
    static const char *const TEXT[2] = {"mary gave susan", "susan gave mary"};
    const real query[4] = {2, 0, 0, 2};
    const real keys[3 * 4] = {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}; // before | the verb | after
    const real mary[4] = {1, 0, 1, 0}, susan[4] = {0, 1, 0, 1};
    puts("Columns 0 and 1 of the query of \"gave\" ask for who stands before it, columns 2\n"
         "and 3 for who stands after. Keys say where a word stands, values who it is:\n"
         "mary 1 0, susan 0 1, written twice, once for each half.\n");
    print_vector("query of \"gave\"", query, 4, 0);
    print_matrix("keys: before, verb, after", keys, 3, 4, 0);
    for (int i = 0; i < 2; i++) {
        real values[3 * 4] = {0};
        memcpy(values, i ? susan : mary, sizeof mary);
        memcpy(values + 8, i ? mary : susan, sizeof mary);
        Tensor *q = TENSOR_FROM(query, 1, 1, 4), *k = TENSOR_FROM(keys, 1, 3, 4);
        Tensor *v = TENSOR_FROM(values, 1, 3, 4), *weights;
        printf("\n%s\n", TEXT[i]);
        Tensor *z = composed_attention(head_columns(q, k, v, 1), (Masks){0}, 0, &weights);
        print_matrix("  one head: weights", weights->data, 1, 3, 2);
        print_matrix("  one head: result", z->data, 1, 4, 2);
        z = composed_attention(head_columns(q, k, v, 2), (Masks){0}, 0, &weights);
        print_matrix("  two heads: weights", weights->data, 2, 3, 2);
        print_matrix("  two heads: result", z->data, 1, 4, 2);
    }
    puts("\nOne head finds both names and adds them: the two sentences give the same row,\n"
         "and nothing after it can tell them apart. Two heads have a softmax each and put\n"
         "what they find into separate columns.");
}

/* ---- Split, transpose, merge ----------------------------------------------------------------- */

/* Prints (1,T,E) or (1,H,T,D) of two-digit numbers. */
static void print_digits(const Tensor *x, const char *name) {
    char shape[64];
    const int cols = x->shape[x->ndim - 1], T = x->shape[x->ndim - 2];
    printf("%s %s\n", name, shape_text(shape, x->ndim, x->shape));
    for (int row = 0; row < (int)x->size / cols; row++) {
        if (x->ndim == 4 && row % T == 0) printf("  head %d\n", row / T);
        printf("    token %d  ", row % T);
        for (int c = 0; c < cols; c++) printf(" %02.0f", (double)x->data[row * cols + c]);
        puts("");
    }
}

static void split_and_merge(Lesson *lesson) {
    lesson_step(lesson, "Splitting is cutting columns; merging needs the transpose");
    Tensor *x = TENSOR(1, 3, 4);
    for (int i = 0; i < 12; i++) x->data[i] = (real)(i / 4 * 10 + i % 4);
    puts("Tens: the token. Ones: the column.\n");
    print_digits(x, "q, straight from the projection,");
    Tensor *heads = split_heads(x, 2);
    puts("");
    print_digits(heads, "reshape to (1,3,2,2), transpose 1 and 2:");
    puts("\nEvery head now has a matrix of its own, and chapter 3's attention takes two\n"
         "leading dimensions as easily as one. Afterwards the way back:\n");
    print_digits(merge_heads(heads), "transpose, then reshape:");
    puts("");
    print_digits(wrong_merge(heads), "only reshape:");
    puts("\nThe second has the right shape and the wrong tokens: its row 0 knows of token 1.\n"
         "A published notebook does this; make 04/reshape_bug shows what it leads to.");
}

/* ---- What it costs --------------------------------------------------------------------------- */

static void cost(Lesson *lesson) {
    lesson_step(lesson, "Eight heads cost no more parameters than one");
    puts("MultiHead(Q,K,V) = Concat(head_0 .. head_7) W^O, d_model 512:\n\n"
         "  heads  width of a head  parameters  weights kept for 100 words");
    for (int h = 1; h <= 64; h *= 4) {
        Parameters parameters = {0};
        Random random;
        random_seed(&random, 1);
        multihead_new(&parameters, "", (MultiheadConfig){.d_model = 512, .nhead = h}, &random);
        printf("  %5d  %15d  %10zu  %12d\n", h, 512 / h, parameters_size(&parameters),
               h * 100 * 100);
        parameters_free(&parameters);
    }
    puts("\nThe heads' matrices are rows of one (1536,512) matrix, however it is cut. What\n"
         "grows is the number of maps; what shrinks is how finely a head can compare.");
}

/* ---- What heads look at ---------------------------------------------------------------------- */

static void it_looks(Lesson *lesson) {
    lesson_step(lesson, "What is \"it\"?");
    PronounSentences sentences = pronoun_sentences();
    // Which head takes which word is chance; from this seed the two share the work most cleanly.
    QuestionModel *model = pronoun_train(&sentences, 1, 2, 1500, 2);
    printf("A layer with two heads learns, at \"it\", to name the noun it stands for: %d\n"
           "sentences for training, %d others never shown, among them these two. It names\n"
           "%.0f %% of the others' nouns.\n\n",
           sentences.train_count, sentences.held_out_count,
           100 * question_model_accuracy(model, sentences.held_out, sentences.held_out_count));
    for (int i = 0; i < 2; i++) {
        const Question question = pronoun_published(i);
        const real *rows;
        pronoun_print(model, &question, 0, &rows);
    }
    puts("\nOne head on the noun, one on the adjective that decides; exchange the adjective\n"
         "and they exchange places. Alammar's picture shows the first of the two:\n"
         "make 04/it_animal puts ours beside it.");
    question_model_free(model);
    pronoun_sentences_free(&sentences);
}

/* ---- Fused ----------------------------------------------------------------------------------- */

static void one_operation(Lesson *lesson) {
    lesson_step(lesson, "The same in one operation");
    enum { B = 4, E = 64, H = 4, LONGEST = 256, SIZE = B * LONGEST * E };
    real *y[2], *dq[2];
    for (int i = 0; i < 2; i++) y[i] = memory_alloc(SIZE * sizeof(real));
    for (int i = 0; i < 2; i++) dq[i] = memory_alloc(SIZE * sizeof(real));
    puts("Composed: split, transpose, multiply, scale, softmax, multiply, transpose; each\n"
         "makes a tensor that is kept. Fused: heads are read where they lie, and only the\n"
         "weights are kept. 4 sentences, 4 heads of 16, forward and back:\n\n"
         "  words  composed    fused  ratio  largest difference of results, gradients");
    for (int T = 16; T <= LONGEST; T *= 4) {
        const size_t composed = attention_cost(false, B, T, E, H, 1, y[0], dq[0]).bytes;
        const size_t fused = attention_cost(true, B, T, E, H, 1, y[1], dq[1]).bytes;
        const size_t n = (size_t)(B * T * E);
        printf("  %5d  %5zu KB  %5zu KB  %5.1f  %18.0e %20.0e\n", T, composed / 1024, fused / 1024,
               (double)composed / (double)fused, vector_max_difference(y[0], y[1], n),
               vector_max_difference(dq[0], dq[1], n));
    }
    puts("\nThe same function in less memory. make 04/fused measures the time, too.");
    for (int i = 0; i < 2; i++) free(y[i]);
    for (int i = 0; i < 2; i++) free(dq[i]);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Chapter 4: several heads. What one cannot do, how they are split and "
                         "merged, what they look at, what they cost.",
                         "build/04_multihead/demo --step"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    one_head_two_questions(&lesson);
    by_hand(&lesson);
    split_and_merge(&lesson);
    cost(&lesson);
    it_looks(&lesson);
    one_operation(&lesson);
    puts("\nNext: layers on layers, and what keeps them trainable (chapter 5).");
    return lesson_end(&lesson, 0);
}
