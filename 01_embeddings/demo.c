/* demo.c - chapter 1 told by a running program: from text to ids to vectors that mean something.
 *
 * Beside: karpathy 0:09:28 - step 1: "hii there" as ids; step 2: pieces, which his larger models
 *     use instead
 * Beside: karpathy 0:22:11 - step 6: the same table on a text of ours; what it writes after 0, 100
 *     and 1000 steps
 * Beside: alammar Bringing The Tensors Into The Picture - step 3: an id times a matrix is a row of
 *     the matrix
 * Beside: alammar Self-Attention at a High Level - step 9: what is missing so far: one vector for
 *     "it" in both sentences
 * Beside: annotated BPE; tensorflow Data handling; paper 5.1 - step 2: which two pieces are joined,
 *     merge by merge; a word never seen
 * Beside: mody Word Vectors and Similarity; wikipedia Word embedding - steps 7 and 8: vectors
 *     learned from a text, and what the text must tell for king - man + woman
 * Beside: annotated Embeddings and Softmax; paper 3.4 - step 5: times sqrt(d_model)
 */
#include "01_embeddings/bpe_encode.h"
#include "01_embeddings/bpe_learn.h"
#include "01_embeddings/characters.h"
#include "01_embeddings/corpus/corpus.h"
#include "01_embeddings/embedding.h"
#include "01_embeddings/lab/bigram.h"
#include "01_embeddings/lab/little_world.h"
#include "01_embeddings/lab/word_vectors.h"
#include "common/files/utf8.h"
#include "common/kernels.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/softmax.h"
#include "common/training.h"

#include <stdio.h>
#include <stdlib.h>

/* Prints how the tokenizer cuts text, pieces between bars. */
static size_t print_pieces(const Bpe *bpe, const char *text) {
    IntArray ids = {0};
    bpe_encode(bpe, text, strlen(text), &ids);
    for (size_t i = 0; i < ids.count; i++)
        printf("%s%s", i > 0 ? "|" : "", bpe_piece(bpe, ids.data[i]));
    const size_t count = ids.count;
    free(ids.data);
    return count;
}

/* ---- 1 and 2: text to ids -------------------------------------------------------------------- */

static size_t count_characters(const char *text) {
    size_t count = 0;
    uint32_t c;
    for (size_t i = 0, n; (n = utf8_decode(text + i, strlen(text) - i, &c)) > 0; i += n) count++;
    return count;
}

static void characters_and_bytes(Lesson *lesson) {
    lesson_step(lesson, "Text becomes numbers: characters or bytes?");
    puts("word          characters  bytes");
    const char *const words[] = {"hello", "déjà", "ಕನ್ನಡ", "日本"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        printf("%s%*s %8zu %7zu\n", words[i], (int)(14 - utf8_columns(words[i])), "",
               count_characters(words[i]), strlen(words[i]));
    const char text[] = "hii there";
    Characters seen;
    IntArray ids = {0};
    Error err;
    if (!characters_learn(&seen, text, strlen(text), &err) ||
        !characters_encode(&seen, text, strlen(text), &ids, &err))
        error_exit(&err);
    printf("\n\"%s\" with one id for each of its %zu different characters:\n ", text, seen.count);
    for (size_t i = 0; i < ids.count; i++) printf(" %d", ids.data[i]);
    puts("\n\nCharacters: a small table, long sentences, and no id for one never seen.\n"
         "Bytes: 256 ids for everything there is, and even longer sentences.");
    free(ids.data);
    characters_free(&seen);
}

static void print_merge(void *context, const Bpe *bpe, int rank, long count) {
    const BpeMerge merge = bpe_merge(bpe, rank);
    char pair[64];
    (void)context;
    snprintf(pair, sizeof pair, "%s + %s", bpe_piece(bpe, merge.left), bpe_piece(bpe, merge.right));
    const char *piece = bpe_piece(bpe, merge.piece);
    printf("%5d %6ld   %s%*s %s%*s ", rank + 1, count, pair, (int)(13 - utf8_columns(pair)), "",
           piece, (int)(9 - utf8_columns(piece)), "");
    print_pieces(bpe, "widest");
    puts("");
}

static void watch_merges(Lesson *lesson) {
    lesson_step(lesson, "Between the two: pieces, learned by merging");
    puts("A text has low 5 times, lower 2, newest 6, widest 3. The pair of symbols that\n"
         "stands side by side most often becomes one symbol, again and again. \"▁\" is the\n"
         "space before a word.\n\n"
         "merge  count   pair          piece     \"widest\" is now");
    char *lines[] = {"low low low low low lower lower newest newest newest newest newest newest",
                     "widest widest widest"};
    const Lines text = {.line = lines, .count = 2};
    Error err;
    Bpe *bpe = bpe_learn(&text, 1, BPE_FIRST_CHARACTER + 11, print_merge, NULL, &err);
    if (!bpe) error_exit(&err);
    puts("\nA word that was not in the text, and one that no one foresaw:\n");
    const char *const unseen[] = {"lowest", "naïve ಕ"};
    for (size_t i = 0; i < 2; i++) {
        printf("  %s -> ", unseen[i]);
        printf("  (%zu pieces)\n", print_pieces(bpe, unseen[i]));
    }
    puts("\nword       characters  bytes  pieces");
    const char *const words[] = {"newest", "lowest", "ಕನ್ನಡ"};
    for (size_t i = 0; i < 3; i++) {
        IntArray ids = {0};
        bpe_encode(bpe, words[i], strlen(words[i]), &ids);
        printf("%s%*s %10zu %6zu %7zu\n", words[i], (int)(10 - utf8_columns(words[i])), "",
               count_characters(words[i]), strlen(words[i]), ids.count);
        free(ids.data);
    }
    puts("\nFrequent words become one piece, rare ones a few, and unknown characters fall\n"
         "back to bytes: nothing is ever <unk>.");
    bpe_free(bpe);
}

/* ---- 3 to 5: ids to vectors ------------------------------------------------------------------ */

enum { V = 5, E = 3, WORDS = 3 };

static void lookup(Lesson *lesson, const Embedding *table, const int *ids) {
    lesson_step(lesson, "An id becomes a vector: one-hot times matrix");
    puts("\"5\" is not more than \"3\": ids are names. So each gets a direction of its own,\n"
         "a one-hot vector, and a learned matrix W (5,3) makes it small. Sentence 1 4 1:\n");
    Tensor *hot = TENSOR(WORDS, V);
    memset(hot->data, 0, hot->size * sizeof *hot->data);
    for (int n = 0; n < WORDS; n++) hot->data[n * V + ids[n]] = 1;
    print_matrix("one-hot", hot->data, WORDS, V, 0);
    print_matrix("W", table->weight->data, V, E, 2);
    print_matrix("one-hot W", op_matmul(hot, table->weight)->data, WORDS, E, 2);
    print_matrix("rows 1, 4, 1 of W", EMBEDDING_FORWARD(table, ids, WORDS)->data, WORDS, E, 2);
    puts("\nThe product only picks rows, so embedding_forward copies them: with 10,000\n"
         "tokens, 512 numbers copied instead of 5,120,000 multiplied, for every token.");
}

static void way_back(Lesson *lesson, const Embedding *table, const int *ids) {
    lesson_step(lesson, "The way back: only the rows that were used");
    const real slope[WORDS * E] = {1, 2, 3, 40, 50, 60, 100, 200, 300};
    backward(op_sum(op_mul(EMBEDDING_FORWARD(table, ids, WORDS), TENSOR_FROM(slope, WORDS, E))));
    print_matrix("dL/d(rows), given", slope, WORDS, E, 0);
    print_matrix("dL/dW", tensor_grad(table->weight), V, E, 0);
    puts("\nToken 1 stood in two places and gets the sum of both. Tokens 0, 2 and 3 were not\n"
         "in the sentence: a rare word learns rarely.");
}

static void scale(Lesson *lesson, const Embedding *table, const int *ids) {
    lesson_step(lesson, "Times sqrt(d_model)");
    printf("The paper multiplies the rows by sqrt(d_model), here sqrt(3) = %.4f:\n\n", sqrt(E));
    print_matrix("scaled", embedding_forward_scaled(table, ids, 1, SHAPE(WORDS))->data, WORDS, E,
                 2);
    printf("\nChapter 2 adds sines, entries of size %.2f. A table drawn with deviation\n"
           "1/sqrt(512) = %.2f, as the paper's code does, would drown in them; the factor\n"
           "makes its entries about 1. Sizes, measured: make 01/onehot\n",
           sqrt(0.5), 1 / sqrt(512));
}

/* ---- 6: the table as a model ----------------------------------------------------------------- */

/* 5000 English sentences of the built-in corpus as one text, each ending with a newline. Lower
 * case, so that the table below stays small enough to look at. */
static void corpus_text(uint64_t seed, ByteArray *text) {
    Pairs pairs;
    Error err;
    if (!corpus_pairs(CORPUS_TRAIN, seed, 5000, &pairs, &err)) error_exit(&err);
    for (size_t i = 0; i < pairs.src.count; i++) {
        for (char *c = pairs.src.line[i]; *c; c++)
            if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
        byte_array_append(text, pairs.src.line[i], strlen(pairs.src.line[i]));
        byte_array_append(text, "\n", 1);
    }
    pairs_free(&pairs);
}

static void print_sample(const Bigram *bigram, const Characters *characters, Random *random) {
    enum { COUNT = 70 };
    int ids[COUNT];
    bigram_generate(bigram, random, 0, ids, COUNT); // id 0 is the newline
    char *text = characters_decode(characters, ids, COUNT, NULL);
    for (char *c = text; *c; c++) *c = *c == '\n' ? '/' : *c;
    printf("  %s\n", text);
    free(text);
}

/* Row c: how likely each character is to follow character c. */
static void draw_table(const char *directory, const Bigram *bigram, const Characters *characters) {
    enum { LABELS = 40 };
    const size_t n = characters->count;
    char label[LABELS][5] = {{0}};
    const char *labels[LABELS];
    REQUIRE(n <= LABELS, "%zu characters", n);
    real *p = memory_alloc(n * n * sizeof *p);
    memcpy(p, bigram->table.weight->data, n * n * sizeof *p);
    for (size_t i = 0; i < n; i++) {
        softmax_row(p + i * n, n);
        const uint32_t c = characters->code_point[i];
        const char *sign = c == ' '    ? "␣"
                           : c == '\n' ? "⏎"
                           : c == '\'' ? "’"
                                       : (const char[]){(char)c, 0};
        snprintf(label[i], sizeof label[i], "%s", sign);
        labels[i] = label[i];
    }
    plot_heatmap(
        &(Picture){
            .name = "bigram_table",
            .directory = directory,
            .title = "the trained table: what follows each character",
            .caption =
                "row q has one dark cell, u; t leads to h, h to e; and a full stop ends the line.",
            .x_label = "next character",
            .y_label = "this character",
            .value_label = "probability",
        },
        &(PlotMap){.data = p, .rows = n, .cols = n, .row_labels = labels, .col_labels = labels},
        -1);
    free(p);
}

enum { B = 32, T = 8, STEPS = 1000 };

/* The table in training. */
typedef struct {
    Bigram model;
    const Characters *characters;
    TextParts parts;
    Random random;
} Course;

static Tensor *windows_loss(void *context, int *count) {
    Course *course = context;
    *count = 1;
    return text_part_draw_loss(bigram_loss, &course->model, &course->random, course->parts.train, B,
                               T);
}

/* At first, after a tenth of the steps, and at the end. */
static bool look(void *context, int step) {
    Course *course = context;
    if (step != 0 && step != STEPS / 10 && step != STEPS) return true;
    printf("step %4d, loss %.2f on text it never saw. It writes:\n", step,
           text_part_estimate_loss(bigram_loss, &course->model, &course->random, course->parts.val,
                                   50, B, T));
    print_sample(&course->model, course->characters, &course->random);
    return true;
}

static void train_bigram(const Lesson *lesson, const Characters *characters, const IntArray *ids) {
    Course course = {.characters = characters, .parts = text_part_split(ids->data, ids->count)};
    random_seed(&course.random, (uint64_t)lesson->common.seed);
    Parameters parameters = {0};
    course.model = bigram_new(&parameters, "", (int)characters->count, &course.random);
    training_run(&(Training){.parameters = &parameters,
                             .adam = adamw_pytorch(),
                             .steps = STEPS,
                             .lr = 1e-2,
                             .loss = windows_loss,
                             .context = &course,
                             .look = look,
                             .every = STEPS / 10});
    look(&course, STEPS);
    puts("\nAlmost words. It sees one character back and no further. Karpathy's table on\n"
         "Shakespeare, with his numbers: make 01/bigram\n");
    draw_table(lesson->common.out, &course.model, characters);
    parameters_free(&parameters);
}

static void bigram(Lesson *lesson) {
    lesson_step(lesson, "The smallest language model is a table");
    ByteArray text = {0};
    Characters characters;
    IntArray ids = {0};
    Error err;
    corpus_text((uint64_t)lesson->common.seed, &text);
    if (!characters_learn(&characters, text.data, text.count, &err) ||
        !characters_encode(&characters, text.data, text.count, &ids, &err))
        error_exit(&err);
    printf("Let the vector of a character BE the scores of the next: a table (%zu,%zu). Loss\n"
           "is -ln of the probability of what really came. On %zu characters of text:\n\n",
           characters.count, characters.count, ids.count);
    train_bigram(lesson, &characters, &ids);
    characters_free(&characters);
    free(ids.data);
    free(text.data);
}

/* ---- 7 to 9: vectors that mean something ----------------------------------------------------- */

static void draw_words(Lesson *lesson, const WordVectors *words) {
    enum { GROUPS = 4, PER_GROUP = 4 };
    static const char *const group[GROUPS] = {"animals", "food", "clothes", "buildings"};
    static const char *const word[GROUPS * PER_GROUP] = {
        "cat", "dog",  "goat",  "wolf",  "bread", "cheese", "carrot", "soup",
        "hat", "coat", "dress", "scarf", "hotel", "school", "museum", "castle"};
    const double share = word_vectors_draw(
        &(Picture){
            .name = "word_clusters",
            .directory = lesson->common.out,
            .title = "word vectors learned from the corpus, in two of 16 dimensions",
            .caption = "four heaps, though nobody told the program what a coat is.",
            .x_label = "first principal component",
            .y_label = "second",
        },
        words, word, group, GROUPS, PER_GROUP);
    printf("(PCA: the plane holds %.0f %% of what sets these words apart.)\n", 100 * share);
}

static void meaning(Lesson *lesson, const WordVectors *words) {
    lesson_step(lesson, "Vectors that mean something: skip-gram");
    puts("Now squeeze: from a word through a table (V,E) with few columns and a second one\n"
         "(E,V) back, predict the three words on either side. No room for a row of scores\n"
         "each: words that keep the same company have to share directions. The text: the\n"
         "English of our corpus (build/01_embeddings/make_corpus --count 9 shows some).\n");
    printf("%zu words, %zu different, %d dimensions, loss %.2f (guessing: %.2f). Nearest:\n\n",
           words->text.ids.count, words->text.words.count, WORD_VECTORS_DIM, words->loss,
           log((double)words->text.words.count));
    const char *const asked[] = {"cat", "milk", "chair", "hat", "red", "two"};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
        word_vectors_print_neighbours(words, asked[i], 4);
    puts("\nA difference of two words is a direction too. Walk it from a third:\n");
    word_vectors_print_analogy(words, "drank", "drink", "eat", true, 3);
    word_vectors_print_analogy(words, "eating", "eat", "drink", true, 3);
    puts("\nNobody told it what clothes are, or the past tense.\n");
    draw_words(lesson, words);
}

static void royal(Lesson *lesson, const WordVectors *corpus, const WordVectors *world) {
    lesson_step(lesson, "It knows what the text tells, and no more");
    puts("The question everybody asks, to the same vectors:\n");
    word_vectors_print_analogy(corpus, "king", "man", "woman", true, 4);
    puts("\nFour answers, all as good: in our corpus a king repairs bikes and eats bread\n"
         "like everyone, so any person will do. A world that tells of rank, in 5000\n"
         "sentences like\n");
    const char *const told[] = {"palace", "crown", "village"};
    Random random;
    random_seed(&random, (uint64_t)lesson->common.seed);
    char sentence[LITTLE_WORLD_SENTENCE] = "";
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        while (!strstr(sentence, told[i])) little_world_sentence(&random, sentence);
        printf("    %s\n", sentence);
    }
    puts("");
    word_vectors_print_analogy(world, "king", "man", "woman", true, 3);
    puts("\nPicture: make 01/skipgram_analogy");
}

static void print_row(const char *sentence, const char *word, const real *row) {
    printf("  %s\n    %s =", sentence, word);
    for (int e = 0; e < 6; e++) printf(" %5.2f", (double)row[e]);
    puts(" ...");
}

static void one_vector(Lesson *lesson, const WordVectors *corpus, const WordVectors *world) {
    lesson_step(lesson, "What one vector for each word cannot do");
    const real *it = word_vectors_row(corpus, "it"), *bank = word_vectors_row(world, "bank");
    print_row("the animal didn't cross the street because it was too tired", "it", it);
    print_row("the animal didn't cross the street because it was too wide", "it", it);
    print_row("the boat lies at the bank of the river", "bank", bank);
    print_row("the merchant puts the money into the bank", "bank", bank);
    printf("\n  cosine of bank with shore %.2f, with safe %.2f; of shore with safe %.2f\n",
           word_vectors_cosine(world, "bank", "shore"), word_vectors_cosine(world, "bank", "safe"),
           word_vectors_cosine(world, "shore", "safe"));
    puts("\nBoth sentences look up the same row: for \"it\" neither the animal nor the street,\n"
         "for \"bank\" a bit of both meanings. \"tired\" and \"wide\", \"river\" and \"money\"\n"
         "stand right there, and nobody looks. Chapter 3 will.");
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Chapter 1: from text to ids to vectors that mean something.",
                         "build/01_embeddings/demo --step"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    puts("Chapter 1. A network computes with vectors, and you have a sentence.");
    characters_and_bytes(&lesson);
    watch_merges(&lesson);

    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    Parameters parameters = {0};
    const Embedding table = embedding_new(&parameters, "", V, E, &random);
    const int ids[WORDS] = {1, 4, 1};
    lookup(&lesson, &table, ids);
    way_back(&lesson, &table, ids);
    scale(&lesson, &table, ids);
    graph_reset(graph_current());
    bigram(&lesson);
    parameters_free(&parameters);

    const uint64_t seed = (uint64_t)lesson.common.seed;
    WordVectors corpus = word_vectors_of_corpus(seed), world = word_vectors_of_little_world(seed);
    meaning(&lesson, &corpus);
    royal(&lesson, &corpus, &world);
    one_vector(&lesson, &corpus, &world);
    word_vectors_free(&corpus);
    word_vectors_free(&world);
    puts("\nNext, chapter 2: in which order do the words stand?  make 02");
    return lesson_end(&lesson, 0);
}
