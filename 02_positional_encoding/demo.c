/* demo.c - chapter 2 told by a running program: how a word is told its place.
 *
 * Beside: google - step 1: without places, "dog bites man" and "man bites dog" are the same
 * Beside: heduai Episode 1 - step 2: four ways to write a place down, side by side
 * Beside: paper 3.5 - step 3: the formula by hand; step 6: one step to the right is the same turn
 *     everywhere
 * Beside: karpathy 1:00:18 - step 8: what a learned table is told, and the row that no sentence
 *     reached
 * Beside: bloem Input: using the positions - step 9: learned places and sines, past the trained
 *     length
 * Beside: wikipedia Transformer - step 4: the table of sines as a picture
 * Beside: codeemporium The video - step 5: a word's vector, then the word with its place
 */
#include "01_embeddings/embedding.h"
#include "02_positional_encoding/lab/neighbour.h"
#include "02_positional_encoding/lab/sinusoid_shift.h"
#include "02_positional_encoding/positions.h"
#include "02_positional_encoding/rotary.h"
#include "02_positional_encoding/sinusoid.h"
#include "common/kernels.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"

#include <stdio.h>

enum { WORDS = 3, E = 4 };
enum { DOG, BITES, MAN };

static const int sentence[2][WORDS] = {{DOG, BITES, MAN}, {MAN, BITES, DOG}};
static const char *const text[2] = {"dog bites man", "man bites dog"};

/* A table (3,4) that is easy to follow: each word has a one of its own and all share the last. */
static Embedding make_table(Parameters *parameters) {
    const real rows[WORDS * E] = {1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1};
    Embedding table = {PARAMETER(parameters, "", "weight", WORDS, E)};
    memcpy(table.weight->data, rows, sizeof rows);
    return table;
}

/* Every word becomes an average of all words, weighted by how alike they are: what chapter 3 calls
 * attention, before anything is learned. x (1,T,E) -> (1,T,E). */
static Tensor *mix(Tensor *x) {
    return op_matmul(op_softmax(op_matmul(x, op_transpose(x, -1, -2))), x);
}

static void bag_of_words(Lesson *lesson, const Embedding *table) {
    lesson_step(lesson, "Without places, a sentence is a bag of words");
    puts("Three words, three vectors (chapter 1). Now let every word look at the others:\n"
         "each becomes an average of all, weighted by likeness, softmax(x x^T) x.\n");
    for (int s = 0; s < 2; s++) {
        Tensor *x = EMBEDDING_FORWARD(table, sentence[s], 1, WORDS); // (1,3,4)
        printf("%s: ", text[s]);
        print_matrix("mixed", mix(x)->data, WORDS, E, 3);
    }
    puts("\nWho bit whom? The rows changed places with their words, nothing else changed.\n"
         "The first row above is the last below: the dog cannot know which end it was.");
}

static void candidates(Lesson *lesson) {
    lesson_step(lesson, "Four ways to write a place down");
    puts("place  integer  fraction   bits     fast clock     slow clock\n"
         "                 t/(n-1)           sin t  cos t  sin t/8 cos t/8");
    for (int t = 0; t < 8; t++)
        printf("%3d %8d %10.2f    %d%d%d    %6.2f %6.2f  %6.2f %6.2f\n", t, t, t / 7.0, t >> 2 & 1,
               t >> 1 & 1, t & 1, sin(t), cos(t), sin(t / 8.0), cos(t / 8.0));
    puts("\nIntegers grow without end and drown the word. Fractions mean another place in\n"
         "every sentence. Bits stay small, but 3 -> 4 flips all three. Clock hands do what\n"
         "bits do, smoothly: the fast one tells neighbours apart, the slow one far places.\n"
         "Measured and drawn: make 02/why_not_integers");
}

static void by_hand(Lesson *lesson) {
    lesson_step(lesson, "The paper's formula by hand, d_model 4");
    puts("PE(pos, 2i)   = sin(pos / 10000^(2i/d_model))     two clocks, i = 0 and 1:\n"
         "PE(pos, 2i+1) = cos(pos / 10000^(2i/d_model))     10000^0 = 1, 10000^(2/4) = 100\n");
    real table[4 * E];
    sinusoid_table(table, 0, 4, E);
    printf("PE(3) = sin 3/1   cos 3/1   sin 3/100 cos 3/100\n"
           "      = %7.4f   %7.4f   %7.4f   %7.4f\n\n",
           sin(3), cos(3), sin(0.03), cos(0.03));
    print_matrix("sinusoid_table", table, 4, E, 4);
    puts("\nThe last row is what we computed. Alammar's figure has [.84 .0001 .54 1] in row\n"
         "1, which this formula never gives: make 02/alammar_pe says whose formula it is.");
}

static void pictures(Lesson *lesson) {
    lesson_step(lesson, "The same as a picture");
    real small[10 * 16], large[50 * 128];
    sinusoid_table(small, 0, 10, 16);
    sinusoid_table(large, 0, 50, 128);
    print_heatmap("PE, one row for each position", small, 10, 16, NULL, NULL, 1);
    puts("\nLeft: fast hands, stripes. Right: slow hands, which ten places hardly move.");
    plot_heatmap(
        &(Picture){
            .name = "pe_50x128",
            .directory = lesson->common.out,
            .title = "PE, 50 positions, d_model 128",
            .caption = "follow one row: it is the bar code of a place, and no two are alike.",
            .x_label = "dimension",
            .y_label = "position",
        },
        &(PlotMap){.data = large, .rows = 50, .cols = 128}, -1);
}

/* The mean |cosine| between random words (entries from N(0,1)) and the first 50 places. */
static double mean_cosine(int d_model, uint64_t seed) {
    enum { COUNT = 50, LARGEST = 512 };
    real word[LARGEST], place[LARGEST];
    Random random;
    random_seed(&random, seed);
    double mean = 0;
    for (int t = 0; t < COUNT; t++) {
        random_fill_normal(&random, word, (size_t)d_model, 0, 1);
        sinusoid_table(place, t, 1, d_model);
        double product = 0, square = 0; // a place has length sqrt(d_model / 2)
        for (int e = 0; e < d_model; e++) {
            product += (double)(word[e] * place[e]);
            square += (double)(word[e] * word[e]);
        }
        mean += fabs(product) / sqrt(square * d_model / 2) / COUNT;
    }
    return mean;
}

static void add(Lesson *lesson, const Embedding *table) {
    lesson_step(lesson, "Add the place to the word");
    puts("x = embedding * sqrt(d_model) + PE. The 2 keeps the word louder than its place.\n");
    const int dogs[] = {DOG, BITES, DOG};
    Tensor *x = embedding_forward_scaled(table, dogs, 2, SHAPE(1, WORDS)); // (1,3,4)
    Tensor *placed = sinusoid_add(x, 0);                                   // (1,3,4)
    print_matrix("dog bites dog, words only", x->data, WORDS, E, 3);
    print_matrix("dog bites dog, with places", placed->data, WORDS, E, 3);
    puts("\nSame word, two vectors. And mixing can now tell the sentences apart:\n");
    for (int s = 0; s < 2; s++) {
        x = sinusoid_add(embedding_forward_scaled(table, sentence[s], 2, SHAPE(1, WORDS)), 0);
        printf("%s: ", text[s]);
        print_matrix("mixed", mix(x)->data, WORDS, E, 3);
    }
    printf("\nWhy add, not append? Appending costs width, and adding spoils little: the mean\n"
           "|cosine| of a random word and a place is %.2f in 4 dimensions, %.2f in 64 and\n"
           "%.2f in 512. Nearly at right angles, the next matrix can tell them apart.\n",
           mean_cosine(4, 1), mean_cosine(64, 1), mean_cosine(512, 1));
}

static void rotation(Lesson *lesson) {
    lesson_step(lesson, "One step to the right is the same turn everywhere");
    real turn[E * E], at[E], turned[E], next[E];
    sinusoid_shift(turn, 1, E);
    print_matrix("R, one step", turn, E, E, 4);
    puts("");
    const int places[] = {2, 7, 5000};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        sinusoid_table(at, places[i], 1, E);
        sinusoid_table(next, places[i] + 1, 1, E);
        gemm(false, false, 1, E, E, 1, at, E, turn, E, 0, turned, E);
        char name[32];
        snprintf(name, sizeof name, "PE(%d) R", places[i]);
        print_vector(name, turned, E, 4);
        snprintf(name, sizeof name, "PE(%d)", places[i] + 1);
        print_vector(name, next, E, 4);
    }
    puts("\nThere is no pos in R. So one weight matrix CAN say \"the word before me\" for\n"
         "every place. This is why the paper takes sine and cosine, not one of them.");
}

static void rotary(Lesson *lesson) {
    lesson_step(lesson, "Turn instead of add");
    puts("Then why not turn the words themselves? Rotary positions add nothing. In chapter 3 a\n"
         "word asks with one vector, its query, and is found by another, its key; a query at\n"
         "place m is turned by m steps, a key at place n by n, and then they meet. One pair,\n"
         "one radian a place, query (1, 0), key (0.6, 0.8):\n");
    const real q[2] = {1, 0}, k[2] = {(real)0.6, (real)0.8};
    const int places[][2] = {{2, 0}, {12, 10}, {5000, 4998}, {2, 1}};
    puts("     m     n      query turned         key turned     product");
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        real at_m[2], at_n[2];
        rotary_forward(at_m, q, places[i][0], 1, 1, 2, 2); // one sentence of one word
        rotary_forward(at_n, k, places[i][1], 1, 1, 2, 2);
        printf("  %4d  %4d   (%7.4f, %7.4f)  (%7.4f, %7.4f)  %7.4f\n", places[i][0], places[i][1],
               (double)at_m[0], (double)at_m[1], (double)at_n[0], (double)at_n[1],
               (double)(at_m[0] * at_n[0] + at_m[1] * at_n[1]));
    }
    puts("\nTwo places apart, the product is the same at the start and 5000 words later: places\n"
         "have dropped out, only their distance is left. The last row has another distance.");
}

/* The same addition with a learned table, (4,4), of which the sentences use three rows. */
static void learned_way_back(void) {
    Parameters parameters = {0};
    Tensor *table = PARAMETER(&parameters, "", "positions", 4, E);
    const Positions learned = {.kind = POSITIONS_LEARNED, .weight = table};
    Tensor *x = TENSOR(2, WORDS, E), *slope = TENSOR(2, WORDS, E);
    memset(x->data, 0, x->size * sizeof *x->data);
    for (size_t i = 0; i < slope->size; i++) slope->data[i] = (real)(i < WORDS * E ? i + 1 : 100);
    Tensor *y = positions_add(&learned, x, 0); // (2,3,4) + (3,4)
    backward(op_sum(op_mul(y, slope)));
    puts("\nLearned positions are a table that is added the same way. Each row gets the sum\n"
         "over the batch, here the sentence above and one whose gradients are all 100:\n");
    print_matrix("dL/d(positions)", tensor_grad(table), 4, E, 0);
    puts("\nRow 3 stays 0: no sentence was four words long. Remember it.");
    parameters_free(&parameters);
}

static void way_back(Lesson *lesson) {
    lesson_step(lesson, "The way back");
    const real x0[WORDS * E] = {0}, slope[WORDS * E] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    Tensor *x = tensor_variable(x0, 3, SHAPE(1, WORDS, E));
    Tensor *y = sinusoid_add(x, 0);
    backward(op_sum(op_mul(y, TENSOR_FROM(slope, 1, WORDS, E))));
    print_matrix("dL/dy, given", slope, WORDS, E, 0);
    print_matrix("dL/dx", tensor_grad(x), WORDS, E, 0);
    puts("\ny = x + PE, so dy/dx = 1: the gradient passes as if PE were not there, and there\n"
         "is nothing to learn.");
    graph_reset(graph_current());
    learned_way_back();
}

static void extrapolation(Lesson *lesson) {
    lesson_step(lesson, "Past the trained length");
    puts("Task: point at your left neighbour, knowing only positions. Trained on 32\n"
         "places, asked on 64. Right among the new 32, in percent:\n");
    static const struct {
        const char *name;
        PositionsKind positions;
        bool turns_only;
    } scheme[] = {{"sines, any weight matrix", POSITIONS_SINUSOID, false},
                  {"learned positions", POSITIONS_LEARNED, false},
                  {"sines, weights that rotate", POSITIONS_SINUSOID, true},
                  {"rotary, any weight matrix", POSITIONS_ROTARY, false}};
    for (size_t k = 0; k < sizeof scheme / sizeof scheme[0]; k++) {
        const NeighbourTask task = {.positions = scheme[k].positions,
                                    .turns_only = scheme[k].turns_only,
                                    .d_model = 32,
                                    .trained = 32,
                                    .longest = 64,
                                    .steps = 1000,
                                    .lr = 0.1};
        NeighbourScore score = {.length = 64};
        Random random;
        random_seed(&random, (uint64_t)lesson->common.seed);
        neighbour_train(&task, &random, &score, 1);
        printf("  %-28s %3.0f\n", scheme[k].name, 100 * score.beyond);
    }
    puts("\nLearned rows past 32 were never touched. Sines exist there, yet that alone does\n"
         "not help: the weights must USE the rotation. Rotary positions leave them no choice.\n"
         "More in make 02/extrapolation, and with words in the places, where it gets harder,\n"
         "in make 03/who_extrapolates.");
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Chapter 2: how a word is told its place in the sentence.",
                         "build/02_positional_encoding/demo --step"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Parameters parameters = {0};
    const Embedding table = make_table(&parameters);
    puts("Chapter 2. A layer that compares every word with every word sees a set, not a\n"
         "sequence. How does a word learn where it stands?");
    bag_of_words(&lesson, &table);
    candidates(&lesson);
    by_hand(&lesson);
    pictures(&lesson);
    add(&lesson, &table);
    rotation(&lesson);
    rotary(&lesson);
    way_back(&lesson);
    extrapolation(&lesson);
    puts("\nNext, chapter 3: the mixing itself. Who should look at whom?  make 03");
    parameters_free(&parameters);
    return lesson_end(&lesson, 0);
}
