/* quiz.c - questions on chapter 1: pieces and ids, rows of a table and their gradients, what
 * follows what, and steps between words.
 *
 * Beside: tutor - questions on pieces and ids, rows and their gradients, what follows what
 */
#include "common/screen/quiz.h"

#include "01_embeddings/bpe_encode.h"
#include "01_embeddings/bpe_learn.h"
#include "01_embeddings/bpe_merge.h"
#include "01_embeddings/characters.h"
#include "01_embeddings/embedding.h"
#include "01_embeddings/lab/bigram.h"
#include "01_embeddings/lab/similarity.h"
#include "common/files/utf8.h"
#include "common/kernels.h"

#include <stdio.h>
#include <stdlib.h>

static const char BY_HAND[] = "01_embeddings/README.md, \"By hand\"";
static const char THE_CODE[] = "01_embeddings/README.md, \"The code\"";
static const char RUN_IT[] = "01_embeddings/README.md, \"Run it\"";
static const char BACKWARD[] = "01_embeddings/README.md, \"The backward pass\"";
static const char GOES_WRONG[] = "01_embeddings/README.md, \"What goes wrong\"";

/* ---- Pieces ---------------------------------------------------------------------------------- */

static void remember_first(void *context, const Bpe *bpe, int rank, long count) {
    (void)bpe;
    if (rank == 0) *(long *)context = count;
}

static void most_frequent_pair(Random *random, QuizQuestion *q) {
    static const char *const word[] = {"low", "lower", "newest", "widest"};
    int times[4];
    char *line[4];
    quiz_draw(random, 2, 9, 4, times, NULL);
    for (int w = 0; w < 4; w++) {
        line[w] = memory_calloc((size_t)times[w] * 8);
        for (int i = 0; i < times[w]; i++) {
            strcat(line[w], i ? " " : "");
            strcat(line[w], word[w]);
        }
    }
    const Lines text = {.line = line, .count = 4};
    Error err;
    long first = 0;
    Bpe *bpe = bpe_learn(&text, 1, BPE_FIRST_CHARACTER + 1, remember_first, &first, &err);
    REQUIRE(bpe, "%s", err.text);
    char pair[32];
    snprintf(pair, sizeof pair, "%s", bpe_piece(bpe, BPE_FIRST_CHARACTER));
    bpe_free(bpe);
    for (int w = 0; w < 4; w++) free(line[w]);
    quiz_text(q,
              "A text has \"low\" %d times, \"lower\" %d, \"newest\" %d and \"widest\" %d. How "
              "often do the\n"
              "two neighbours meet that are merged first?",
              times[0], times[1], times[2], times[3]);
    quiz_hint(
        q, "Those that meet most often, in all words together. \"lo\" and \"es\" stand in two of "
           "the words\n  each; \"we\" in \"lower\" and in \"newest\".");
    quiz_working(
        q,
        "They become %s. \"low\" and \"lower\" have l o w in common, \"newest\" and \"widest\"\n"
        "  e s t, \"lower\" and \"newest\" w e: the larger of the three sums.",
        pair);
    q->read = BY_HAND;
    quiz_number(q, (double)first, 0);
}

static int byte(char c) {
    return BPE_FIRST_BYTE + (unsigned char)c;
}

static void pieces(Random *random, QuizQuestion *q) {
    // Three merges, in the order in which they were learned; the third joins the first one's piece.
    static const char letters[][3] = {{'a', 'b', 'c'}, {'b', 'a', 'c'}, {'c', 'b', 'a'}};
    const char *l = letters[quiz_between(random, 0, 2)];
    enum { LENGTH = 8 };
    char word[LENGTH + 1] = "", cut[64] = "";
    int ids[LENGTH];
    Error err;
    Bpe *bpe = bpe_new("", &err);
    const int first = bpe_add_merge(bpe, byte(l[0]), byte(l[1]), &err);
    bpe_add_merge(bpe, byte(l[1]), byte(l[2]), &err);
    bpe_add_merge(bpe, first, byte(l[2]), &err);
    size_t count;
    do { // until something is merged
        for (int i = 0; i < LENGTH; i++)
            ids[i] = byte(word[i] = (char)('a' + quiz_between(random, 0, 2)));
        count = bpe_encode_symbols(bpe, ids, LENGTH);
    } while (count > LENGTH - 2);
    for (size_t i = 0; i < count; i++) {
        strcat(cut, i ? "|" : "");
        strcat(cut, bpe_piece(bpe, ids[i]));
    }
    bpe_free(bpe);
    quiz_text(q,
              "Three merges were learned, in this order: %c + %c, %c + %c, %c%c + %c. Into how "
              "many pieces\n"
              "do they cut %s?",
              l[0], l[1], l[1], l[2], l[0], l[1], l[2], word);
    quiz_hint(q, "Everywhere the first merge, then the second where it is still possible, then the "
                 "third.");
    quiz_working(q, "%s. Where the first has taken a letter, the second comes too late.", cut);
    q->read = THE_CODE;
    quiz_number(q, (double)count, 0);
}

static void one_merge(Random *random, QuizQuestion *q) {
    enum { LENGTH = 9, PIECE = 2 };
    int symbols[LENGTH];
    char word[LENGTH + 1] = "";
    for (int i = 0; i < LENGTH; i++) {
        symbols[i] = quiz_between(random, 0, 2) == 0; // 0 is a, 1 is b
        word[i] = (char)('a' + symbols[i]);
    }
    const int right = quiz_between(random, 0, 1);
    const size_t left = bpe_merge_pair(symbols, LENGTH, 0, right, PIECE);
    quiz_text(q, "In %s every \"a %c\" becomes one symbol. How many symbols are left?", word,
              'a' + right);
    quiz_hint(q, "From left to right; what has been joined cannot be joined again.");
    quiz_working(q, "%d pairs, each of which makes one of two, so %d - %d.%s", LENGTH - (int)left,
                 LENGTH, LENGTH - (int)left, right ? "" : " Of three a in a row the third stays.");
    q->read = THE_CODE;
    quiz_number(q, (double)left, 0);
}

static void vocabulary(Random *random, QuizQuestion *q) {
    static const char characters[] = "àçèéê"; // two bytes each, in the order of their code points
    const int beyond = quiz_between(random, 2, 5), merges = quiz_between(random, 2, 9);
    char some[sizeof characters] = "";
    memcpy(some, characters, (size_t)beyond * 2);
    Error err;
    Bpe *bpe = bpe_new(some, &err);
    REQUIRE(bpe, "%s", err.text);
    for (int i = 0; i < merges; i++) bpe_add_merge(bpe, byte((char)('a' + i)), byte('z'), &err);
    quiz_text(
        q,
        "A vocabulary has <pad>, <s> and </s>, all bytes, the %d characters %s, and the pieces\n"
        "of %d merges. How many ids are that?",
        beyond, some, merges);
    quiz_hint(q, "There are 256 bytes, and a merge makes one piece.");
    quiz_working(q, "3 + 256 + %d + %d.", beyond, merges);
    q->read = THE_CODE;
    quiz_number(q, bpe_vocab_size(bpe), 0);
    bpe_free(bpe);
}

static size_t characters_in(const char *text) {
    size_t count = 0, n;
    uint32_t c;
    for (size_t i = 0; (n = utf8_decode(text + i, strlen(text) - i, &c)) > 0; i += n) count++;
    return count;
}

static void unknown_letters(Random *random, QuizQuestion *q) {
    static const char *const words[] = {"café", "naïve", "été", "señor", "日本", "ಕನ್ನಡ", "œuvre"};
    const char *word = words[quiz_between(random, 0, 6)];
    Error err;
    IntArray ids = {0};
    Bpe *bpe = bpe_new("", &err);
    bpe_encode(bpe, word, strlen(word), &ids);
    const size_t count = ids.count;
    free(ids.data);
    bpe_free(bpe);
    quiz_text(
        q, "A vocabulary knows bytes, no other character and no merge. Of how many ids is \"%s\"?",
        word);
    quiz_hint(q,
              "In UTF-8 an ASCII letter is one byte, é two, 日 or ಕ three. And before a word there "
              "is\n  a space.");
    quiz_working(q, "%zu characters are %zu bytes, and one more for the space.",
                 characters_in(word), strlen(word));
    q->read = BY_HAND;
    quiz_number(q, (double)count, 0);
}

static void character_id(Random *random, QuizQuestion *q) {
    static const char *const texts[] = {"hii there", "the cat",  "attention", "a head",
                                        "one head",  "to be or", "embedding"};
    const char *text = texts[quiz_between(random, 0, 6)];
    const char asked = text[quiz_between(random, 2, (int)strlen(text) - 1)];
    Error err;
    Characters seen;
    if (!characters_learn(&seen, text, strlen(text), &err)) error_exit(&err);
    const bool size = asked == ' ';
    if (size)
        quiz_text(q, "Each character of \"%s\" gets one id. How many ids are there?", text);
    else
        quiz_text(
            q,
            "Each character of \"%s\" gets an id: they are sorted, and counted from 0. Which one\n"
            "has %c? (A space comes before all letters.)",
            text, asked);
    quiz_hint(q, "Each character once, however often it occurs.");
    quiz_working(q, "There are %zu different ones%s.", seen.count,
                 size ? "" : ", and the id is how many come before it");
    q->read = THE_CODE;
    quiz_number(q, size ? (double)seen.count : characters_id(&seen, (uint32_t)asked), 0);
    characters_free(&seen);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

enum { ROWS = 4, E = 3, PLACES = 4 };

static void one_hot(Random *random, QuizQuestion *q) {
    int n[ROWS * E], hot[ROWS] = {0};
    real w[ROWS * E], x[ROWS] = {0};
    char text[16];
    quiz_draw(random, -9, 9, ROWS * E, n, w);
    const int row = quiz_between(random, 0, ROWS - 1), column = quiz_between(random, 0, E - 1);
    hot[row] = 1;
    x[row] = 1;
    const Tensor *y = op_matmul(TENSOR_FROM(x, 1, ROWS), TENSOR_FROM(w, ROWS, E));
    quiz_text(
        q,
        "W is\n    [%2d %2d %2d ]\n    [%2d %2d %2d ]\n    [%2d %2d %2d ]\n    [%2d %2d %2d ]\n"
        "What is number %d (of 3) of [%s] W?",
        n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10], n[11], column + 1,
        quiz_numbers_text(text, sizeof text, hot, ROWS));
    quiz_hint(q, "Nobody multiplies. Which row does the 1 pick?");
    quiz_working(q, "Row %d, counted from 0, and of it number %d.", row, column + 1);
    q->read = BY_HAND;
    quiz_number(q, (double)y->data[column], 0);
}

static void row_gradient(Random *random, QuizQuestion *q) {
    int ids[PLACES], g[PLACES];
    real dy[PLACES], dw[ROWS] = {0};
    char ids_text[16], g_text[32];
    quiz_draw(random, 0, ROWS - 1, PLACES, ids, NULL);
    quiz_draw(random, 1, 9, PLACES, g, dy);
    const int row = quiz_between(random, 0, 2) ? ids[0] : quiz_between(random, 0, ROWS - 1);
    embedding_lookup_backward(dw, dy, ids, PLACES, 1, 1);
    quiz_text(
        q,
        "Tokens %s are looked up in a table of %d rows, of one number each. The gradients that\n"
        "come back to the four places are %s. What does row %d get?",
        quiz_numbers_text(ids_text, sizeof ids_text, ids, PLACES), ROWS,
        quiz_numbers_text(g_text, sizeof g_text, g, PLACES), row);
    quiz_hint(q, "The sum over the places where token %d stands.", row);
    quiz_working(q, "Rows that no one looked up get 0; where a token stands twice, both add.");
    q->read = BACKWARD;
    quiz_number(q, (double)dw[row], 0);
}

static void rows_with_gradient(Random *random, QuizQuestion *q) {
    enum { V = 9, COUNT = 7 };
    int ids[COUNT];
    char text[32];
    quiz_draw(random, 0, V - 1, COUNT, ids, NULL);
    Parameters parameters = {0};
    const Embedding table = embedding_new(&parameters, "", V, 2, random);
    backward(op_sum(EMBEDDING_FORWARD(&table, ids, COUNT)));
    int rows = 0;
    for (int v = 0; v < V; v++) rows += tensor_grad(table.weight)[v * 2] != 0;
    quiz_text(q,
              "A sentence is %s, the vocabulary %d tokens. How many rows of the embedding\n"
              "does a training step on it leave without a gradient?",
              quiz_numbers_text(text, sizeof text, ids, COUNT), V);
    quiz_hint(q, "Only the rows that were looked up hear anything.");
    quiz_working(q, "%d different tokens, and %d - %d. Rare words learn rarely.", rows, V, rows);
    q->read = BACKWARD;
    quiz_number(q, V - rows, 0);
    parameters_free(&parameters);
}

static void loudness(Random *random, QuizQuestion *q) {
    static const int widths[] = {16, 25, 36, 64, 100};
    enum { V = 200 };
    const int width = widths[quiz_between(random, 0, 4)];
    const bool small = quiz_between(random, 0, 1);
    int ids[V];
    Parameters parameters = {0};
    const Embedding table = embedding_new(&parameters, "", V, width, random);
    for (size_t i = 0; small && i < table.weight->size; i++)
        table.weight->data[i] /= (real)sqrt(width);
    for (int v = 0; v < V; v++) ids[v] = v;
    const Tensor *y = embedding_forward_scaled(&table, ids, 1, SHAPE(V));
    double squares = 0;
    for (size_t i = 0; i < y->size; i++) squares += (double)y->data[i] * (double)y->data[i];
    const double deviation = sqrt(squares / (double)y->size);
    parameters_free(&parameters);
    char drawn[32] = "1";
    if (small) snprintf(drawn, sizeof drawn, "1/%g", sqrt(width));
    quiz_text(q,
              "A table with d_model %d is drawn at random with the deviation %s, and its rows are\n"
              "multiplied by sqrt(d_model), as in the paper. Which deviation have they then?",
              width, drawn);
    quiz_hint(q, "sqrt(%d) is %g. The places that chapter 2 adds have size 0.7.", width,
              sqrt(width));
    quiz_working(q, "%s.\n  Measured just now on %d rows: %.2f.",
                 small ? "The factor brings it back to 1, as loud as the places"
                       : "The factor was meant for a smaller table: now the places drown",
                 V, deviation);
    q->read = GOES_WRONG;
    quiz_number(q, deviation, (small ? 1 : sqrt(width)) * 0.05);
}

/* ---- What follows what, and what is like what ------------------------------------------------ */

static void next_character(Random *random, QuizQuestion *q) {
    enum { V = 4 };
    int n[V];
    quiz_draw(random, 1, 6, V, n, NULL);
    const int x[] = {quiz_between(random, 0, V - 1)}, y[] = {quiz_between(random, 0, V - 1)};
    Parameters parameters = {0};
    const Bigram model = bigram_new(&parameters, "", V, random);
    for (int v = 0; v < V; v++) model.table.weight->data[x[0] * V + v] = (real)log(n[v]);
    const double p = exp(-(double)tensor_item(bigram_loss(&model, x, y, 1, 1)));
    parameters_free(&parameters);
    quiz_text(q,
              "The row of '%c' in a bigram's table is ln %d, ln %d, ln %d, ln %d, for a, b, c and "
              "d. How\n"
              "likely does it take '%c' to be next?",
              'a' + x[0], n[0], n[1], n[2], n[3], 'a' + y[0]);
    quiz_hint(q, "The row holds scores; a softmax makes shares of them, and e^(ln n) is n.");
    quiz_working(q, "%d of %d + %d + %d + %d.", n[y[0]], n[0], n[1], n[2], n[3]);
    q->read = RUN_IT;
    quiz_number(q, p, 0.006);
}

static void table_size(Random *random, QuizQuestion *q) {
    const int V = quiz_between(random, 3, 9) * 10 + 5, width = quiz_between(random, 2, 9) * 4;
    const bool bigram = quiz_between(random, 0, 1);
    Parameters parameters = {0};
    if (bigram)
        bigram_new(&parameters, "", V, random);
    else
        embedding_new(&parameters, "", V, width, random);
    if (bigram)
        quiz_text(q, "How many numbers does a bigram model of %d characters learn?", V);
    else
        quiz_text(q, "How many numbers does an embedding of %d tokens in %d dimensions learn?", V,
                  width);
    quiz_hint(q, "A row for each token. What is in a row%s?",
              bigram ? ", if it scores the next one" : "");
    quiz_working(q, "%d rows of %d.", V, bigram ? V : width);
    q->read = THE_CODE;
    quiz_number(q, (double)parameters_size(&parameters), 0);
    parameters_free(&parameters);
}

static void analogy(Random *random, QuizQuestion *q) {
    int king[2], man[2], step[2];
    real a[2], b[2], c[2], result[2];
    char text[3][16];
    quiz_draw(random, 0, 9, 2, king, a);
    quiz_draw(random, 0, 9, 2, man, b);
    quiz_draw(random, -5, 5, 2, step, NULL);
    const int woman[] = {man[0] + step[0], man[1] + step[1]};
    for (int i = 0; i < 2; i++) c[i] = (real)woman[i];
    similarity_analogy(a, b, c, 2, result);
    const int asked = quiz_between(random, 0, 1);
    quiz_text(q, "king is [%s], man [%s], woman [%s]. What is the %s number of king - man + woman?",
              quiz_numbers_text(text[0], sizeof text[0], king, 2),
              quiz_numbers_text(text[1], sizeof text[1], man, 2),
              quiz_numbers_text(text[2], sizeof text[2], woman, 2), asked ? "second" : "first");
    quiz_hint(q, "The step from man to woman, taken from king. Number by number.");
    quiz_working(q, "%d - (%d) + (%d). Whether a queen is near, only the text can tell.",
                 king[asked], man[asked], woman[asked]);
    q->read = RUN_IT;
    quiz_number(q, (double)result[asked], 0);
}

static void cosine(Random *random, QuizQuestion *q) {
    static const int sides[][2] = {{3, 4}, {4, 3}, {0, 1}, {1, 0}, {-3, 4}, {4, -3}};
    const int first = quiz_between(random, 0, 5), second = (first + quiz_between(random, 1, 5)) % 6;
    const int times = quiz_between(random, 1, 4), a[] = {sides[first][0], sides[first][1]};
    const int b[] = {times * sides[second][0], times * sides[second][1]};
    const real x[] = {(real)a[0], (real)a[1]}, y[] = {(real)b[0], (real)b[1]};
    char text[2][16];
    quiz_text(q, "Two words have the vectors [%s] and [%s]. What is the cosine between them?",
              quiz_numbers_text(text[0], sizeof text[0], a, 2),
              quiz_numbers_text(text[1], sizeof text[1], b, 2));
    quiz_hint(q, "a . b / (|a| |b|), and sqrt(3^2 + 4^2) is 5.");
    quiz_working(q, "%d / (%g x %g). How long they are does not matter.", a[0] * b[0] + a[1] * b[1],
                 hypot(a[0], a[1]), hypot(b[0], b[1]));
    q->read = RUN_IT;
    quiz_number(q, similarity_cosine(x, y, 2), 0.005);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static QuizMaker *const makers[] = {
        character_id,    most_frequent_pair,
        one_merge,       pieces,
        unknown_letters, vocabulary,
        one_hot,         table_size,
        row_gradient,    rows_with_gradient,
        loudness,        next_character,
        analogy,         cosine,
    };
    return quiz_main(argc, argv, "Questions on chapter 1, with other numbers each time.", makers,
                     sizeof makers / sizeof makers[0]);
}
