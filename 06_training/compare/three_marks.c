/* three_marks.c - perplexity, BLEU and exact match of one translation, worked out; and what BLEU of
 * the same translations is under other tokenizers and in lower case.
 *
 * Beside: paper 6.2 - table 3 has two marks, PPL per piece and BLEU: where each of them comes from
 * Beside: annotated Results; paper 6.1; tensorflow Run inference - one translation marked three
 *     ways, and ten BLEUs of the same text; `--model`, `--src` and `--ref` for a run of yours
 */
#include "01_embeddings/corpus/corpus.h"
#include "06_training/decoding/translation.h"
#include "06_training/lab/small_run.h"
#include "06_training/run/run.h"
#include "06_training/score/bleu_score.h"
#include "common/files/utf8.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 560, TESTED = 200 };

/* What is marked. */
typedef struct {
    const Translator *translator;
    const Pairs *text;
    char **said; // (text's lines): its greedy translations
} Test;

/* ---- Perplexity ------------------------------------------------------------------------------ */

/* The pieces of a right translation, </s> included. */
typedef struct {
    int count;
    int *ids;     // (count)
    double *logs; // (count): ln P, after the source and the right pieces before it
} RightPieces;

static void right_pieces_free(RightPieces *right) {
    free(right->ids);
    free(right->logs);
}

/* Of line i; none if it is longer than the model can take. Resets the current graph. */
static RightPieces right_pieces(const Test *test, size_t i) {
    RightPieces right = {.count = 0};
    Graph *graph = graph_current();
    graph_reset(graph);
    const Pairs line = {.src = {test->text->src.line + i, 1, NULL},
                        .tgt = {test->text->tgt.line + i, 1, NULL}};
    EncodedPairs pair =
        encoded_pairs_new(test->translator->bpe, &line, test->translator->max_length);
    if (pair.count == 0) {
        encoded_pairs_free(&pair);
        return right;
    }
    const GraphMode before = graph_quiet();
    const Transformer *model = test->translator->model;
    const size_t first = 0;
    const Batch batch = encoded_pairs_batch(&pair, &first, 1, &graph->arena);
    const Tensor *logits = transformer_logits(model, transformer_forward(model, &batch, NULL));
    const int V = model->config.tgt_vocab; // logits (1,T,V)
    right.count = batch.T;
    right.ids = memory_alloc((size_t)batch.T * sizeof *right.ids);
    right.logs = memory_alloc((size_t)batch.T * sizeof *right.logs);
    for (int t = 0; t < batch.T; t++) {
        const real *z = logits->data + (size_t)t * (size_t)V;
        double largest = -INFINITY, sum = 0;
        for (int v = 0; v < V; v++) largest = fmax(largest, (double)z[v]);
        for (int v = 0; v < V; v++) sum += exp((double)z[v] - largest);
        right.ids[t] = batch.labels[t];
        right.logs[t] = (double)z[batch.labels[t]] - largest - log(sum);
    }
    graph_reset(graph);
    graph_restore(before);
    encoded_pairs_free(&pair);
    return right;
}

/* Words as white space separates them, and the end as one more: it, too, has to be said. */
static int words_of(const char *line) {
    ByteArray tokens = {0};
    bleu_tokenize(line, BLEU_NONE, false, &tokens);
    int words = 1 + (tokens.count > 0);
    for (size_t i = 0; i < tokens.count; i++) words += tokens.data[i] == ' ';
    free(tokens.data);
    return words;
}

static void one_perplexity(const Test *test, size_t i) {
    RightPieces right = right_pieces(test, i);
    double sum = 0;
    if (right.count == 0) {
        puts("It is longer than the model can take.");
        return;
    }
    puts("The model is asked about the right translation: how likely is each piece, after\n"
         "the source and the right pieces before it?\n\n"
         "  piece                P    -ln P");
    for (int t = 0; t < right.count; t++) {
        const char *piece = bpe_piece(test->translator->bpe, right.ids[t]);
        const int columns = (int)utf8_columns(piece);
        printf("  %s%*s%8.4f %8.4f\n", piece, columns < 14 ? 14 - columns : 1, "",
               exp(right.logs[t]), -right.logs[t]);
        sum -= right.logs[t];
    }
    const int T = right.count, words = words_of(test->text->tgt.line[i]);
    right_pieces_free(&right);
    printf("\nTheir mean, %.4f, is the loss, and e^%.4f = %.2f the perplexity: as unsure as\n"
           "one who draws one of %.2f equally likely pieces at each place. The same sum over\n"
           "%d words and the end, e^(%.4f / %d) = %.2f, is the perplexity per word. With other\n"
           "pieces the one per piece is another; only those per word can be compared.\n",
           sum / T, sum / T, exp(sum / T), exp(sum / T), words - 1, sum, words, exp(sum / words));
}

/* ---- BLEU ------------------------------------------------------------------------------------ */

static double bleu_of(char *const *said, char *const *right, size_t count, BleuOptions options,
                      BleuScore *score) {
    const char *const *reference = (const char *const *)right;
    return bleu_score((const char *const *)said, &reference, 1, count, options, score);
}

static void print_tokens(const char *name, const char *line) {
    ByteArray tokens = {0};
    bleu_tokenize(line, BLEU_13A, false, &tokens);
    printf("  %-7s%s\n", name, tokens.data);
    free(tokens.data);
}

/* The score from its counts, as a sheet of paper would have it. */
static double bleu_by_hand(const BleuScore *score) {
    double logs = 0;
    for (int n = 0; n < BLEU_ORDERS; n++)
        logs += log(score->precision[n] / 100) / BLEU_ORDERS; // smoothed where nothing matches
    return 100 * exp(logs) * score->brevity_penalty;
}

static void one_bleu(Comparison *comparison, char *said, char *right) {
    BleuScore score;
    const double bleu = bleu_of(&said, &right, 1, (BleuOptions){BLEU_13A, false}, &score);
    puts("What it says on its own: how many runs of one to four words has the right\n"
         "translation, too? A word is what the tokenizer, here 13a, makes one:\n");
    print_tokens("right", right);
    print_tokens("said", said);
    putchar('\n');
    for (int n = 0; n < BLEU_ORDERS; n++)
        printf("  runs of %d: %2ld of %2ld, %6.2f %%%s\n", n + 1, score.correct[n], score.total[n],
               score.precision[n],
               score.correct[n] ? "" : "  (smoothed: 0 would make all of it 0)");
    printf("\nThe fourth root of their product, times %.4f for a length of %ld where %ld is\n"
           "right: %.2f\n\n",
           score.brevity_penalty, score.hypothesis_length, score.reference_length, bleu);
    compare_claim(comparison, "the counts give the score",
                  fabs(bleu_by_hand(&score) - bleu) < 1e-6);
}

/* ---- All of them ----------------------------------------------------------------------------- */

static void all_marks(Comparison *comparison, const Test *test, double trainers_loss) {
    const Pairs *text = test->text;
    const size_t count = text->src.count;
    double sum = 0, mean_bleu = 0;
    long places = 0;
    size_t exact = 0;
    const BleuOptions options = {BLEU_13A, false};
    for (size_t i = 0; i < count; i++) {
        RightPieces right = right_pieces(test, i);
        for (int t = 0; t < right.count; t++) sum -= right.logs[t];
        places += right.count;
        right_pieces_free(&right);
    }
    for (size_t i = 0; i < count; i++) {
        exact += strcmp(test->said[i], text->tgt.line[i]) == 0;
        mean_bleu += bleu_of(&test->said[i], &text->tgt.line[i], 1, options, NULL) / (double)count;
    }
    const double loss = sum / (double)places;
    const double bleu = bleu_of(test->said, text->tgt.line, count, options, NULL);
    printf("  perplexity   e^(%.2f / %ld) = e^%.4f = %.2f: all places count alike\n", sum, places,
           loss, exp(loss));
    printf("  BLEU         %.2f: all runs of all sentences are counted together; the mean of the\n"
           "               sentences' own scores, %.2f, is another number\n",
           bleu, mean_bleu);
    printf("  exact match  %zu of %zu, %.1f %%: every character right\n\n", exact, count,
           100 * (double)exact / (double)count);
    // What a training calls its validation loss, computed by another way.
    if (trainers_loss > 0)
        compare_claim(comparison, "that is the validation loss of the training",
                      fabs(trainers_loss - loss) < 1e-4);
}

/* Lines as 13a cuts them: text that "has been tokenised". */
static char **cut_beforehand(char *const *lines, size_t count) {
    char **cut = memory_alloc(count * sizeof *cut);
    for (size_t i = 0; i < count; i++) {
        ByteArray tokens = {0};
        bleu_tokenize(lines[i], BLEU_13A, false, &tokens);
        cut[i] = tokens.data;
    }
    return cut;
}

static void free_lines(char **lines, size_t count) {
    for (size_t i = 0; i < count; i++) free(lines[i]);
    free(lines);
}

static void print_row(const char *name, char *const *said, char *const *right, size_t count,
                      BleuTokenizer tokenizer, double bleu[2], const char *meaning) {
    BleuScore score;
    for (int lower = 0; lower < 2; lower++)
        bleu[lower] = bleu_of(said, right, count, (BleuOptions){tokenizer, lower == 1}, &score);
    printf("  %-9s %7.2f %12.2f %9ld  %s\n", name, bleu[0], bleu[1], score.reference_length,
           meaning);
}

static void other_tokenizers(Comparison *comparison, const Test *test) {
    static const struct {
        BleuTokenizer tokenizer;
        const char *meaning;
    } rows[] = {{BLEU_13A, "punctuation apart; sacreBLEU's default"},
                {BLEU_INTL, "every sign of Unicode apart, apostrophes too"},
                {BLEU_NONE, "at spaces only"},
                {BLEU_CHAR, "every character a token"}};
    enum { ROWS = sizeof rows / sizeof *rows };
    char *const *right = test->text->tgt.line;
    const size_t count = test->text->tgt.count;
    double bleu[ROWS + 1][2];
    bool higher = true;
    puts("  tokenizer    BLEU  lower-cased    tokens  what is a token");
    for (int r = 0; r < ROWS; r++) {
        print_row(bleu_tokenizer_name(rows[r].tokenizer), test->said, right, count,
                  rows[r].tokenizer, bleu[r], rows[r].meaning);
        higher = higher && bleu[r][1] >= bleu[r][0] - 1e-9;
    }
    char **said_cut = cut_beforehand(test->said, count), **right_cut = cut_beforehand(right, count);
    print_row("none", said_cut, right_cut, count, BLEU_NONE, bleu[ROWS],
              "of text that 13a has cut before");
    free_lines(said_cut, count);
    free_lines(right_cut, count);
    puts("\n  The translations are the same in every row. \"Tokenised BLEU\", as many papers\n"
         "  have it, is the last row with a cutter of their own; compare only what was cut and\n"
         "  lowered alike (bleu --tok, --lc), and of one test set.\n");
    compare_claim(comparison, "lower case never lowers it", higher);
    compare_claim(comparison, "cut before, and then at spaces: as 13a",
                  fabs(bleu[ROWS][0] - bleu[0][0]) < 1e-9);
}

/* ---- The story ------------------------------------------------------------------------------- */

/* The first that is neither right nor hopeless: some four words in a row are right. */
static size_t choose(const Test *test) {
    for (size_t i = 0; i < test->text->src.count; i++) {
        BleuScore score;
        bleu_of(&test->said[i], &test->text->tgt.line[i], 1, (BleuOptions){BLEU_13A, false},
                &score);
        if (score.correct[3] > 0 && strcmp(test->said[i], test->text->tgt.line[i]) != 0) return i;
    }
    return 0;
}

/* loss: of the training, where it is known; 0: it is not. */
static void tell(Lesson *lesson, Comparison *comparison, const Test *test, size_t i, double loss) {
    char *said = test->said[i], *right = test->text->tgt.line[i];
    lesson_step(lesson, "One translation");
    printf("  source %s\n  right  %s\n  said   %s\n", test->text->src.line[i], right, said);
    lesson_step(lesson, "Perplexity");
    one_perplexity(test, i);
    lesson_step(lesson, "BLEU");
    one_bleu(comparison, said, right);
    lesson_step(lesson, "Exact match");
    puts(
        strcmp(said, right) == 0
            ? "Yes: it is the right translation, character by character."
            : "No: it is not the right translation, character by character. How near it came, and\n"
              "whether it is a good one as well, is not asked.");
    lesson_step(lesson, "The same of all sentences");
    all_marks(comparison, test, loss);
    lesson_step(lesson, "The same translations, BLEU with other tokenizers and in lower case");
    other_tokenizers(comparison, test);
}

/* Greedy ones, on as many threads as are wanted. */
static void translate(Test *test, int threads) {
    const size_t count = test->text->src.count;
    Threads *team = threads_new(threads);
    Graph **graphs = memory_alloc((size_t)threads * sizeof *graphs), *current = graph_current();
    for (int i = 0; i < threads; i++) graphs[i] = graph_new();
    const Translation greedy = {.translator = test->translator,
                                .options = search_greedy(),
                                .threads = team,
                                .graphs = graphs};
    test->said = memory_alloc(count * sizeof *test->said);
    translation_of_lines(&greedy, (const char *const *)test->text->src.line, count, test->said);
    for (size_t i = 0; i < count; i++)
        if (!test->said[i]) test->said[i] = memory_calloc(1); // too long for the model
    for (int i = 0; i < threads; i++) graph_free(graphs[i]);
    free(graphs);
    threads_free(team);
    graph_use(current);
}

static void mark(Lesson *lesson, Comparison *comparison, const Translator *translator,
                 const Pairs *text, long line, double loss) {
    Test test = {.translator = translator, .text = text};
    if (line > (long)text->src.count)
        usage_exit("--line %ld: there are %zu", line, text->src.count);
    graph_use(lesson->graph);
    translate(&test, (int)lesson->common.threads);
    tell(lesson, comparison, &test, line ? (size_t)line - 1 : choose(&test), loss);
    free_lines(test.said, text->src.count);
}

/* A small model that is stopped long before it is good: one that makes mistakes. */
static void mark_a_small_one(Lesson *lesson, Comparison *comparison, const Pairs *text, long line) {
    Pairs pairs;
    Error err;
    if (!corpus_pairs(CORPUS_TRAIN, 1, CORPUS_TRAIN_PAIRS, &pairs, &err)) error_exit(&err);
    Settings settings;
    CommonOptions common = lesson->common;
    common.threads = 1; // the sums of more would be other ones
    Run run;
    small_run_begin(&run, &settings, &common, &pairs, text, STEPS);
    const double loss = validation_loss(&run.validation, &run.translator, run.trainer);
    mark(lesson, comparison, &run.translator, text, line, loss);
    run_free(&run);
    pairs_free(&pairs);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const char *model = NULL, *src = NULL, *ref = NULL;
    long line = 0;
    const Option options[] = {
        option_string("model", "FILE", &model,
                      "a model.safetensors that train wrote; without it a small one is trained"),
        option_string("src", "FILE", &src, "sentences; without them those of the built-in corpus"),
        option_string("ref", "FILE", &ref, "their right translations"),
        option_integer("line", "N", &line, 0, 1000000000,
                       "the sentence that is worked out, 0: the first that is nearly right"),
    };
    const Usage usage = {
        "Perplexity, BLEU and exact match of one translation, worked out, and what "
        "BLEU of the same translations is under other tokenizers.",
        "build/06_training/three_marks --model run/model.safetensors --src val.en "
        "--ref val.de"};
    Lesson lesson = lesson_begin_with(argc, argv, &usage, 1, options, OPTION_COUNT(options));
    Comparison comparison = {0};
    Pairs text;
    Error err;
    if (!src != !ref) usage_exit("--src and --ref go together");
    if (src && !model) usage_exit("--src and --ref need a --model");
    if (!(src ? pairs_read(src, ref, &text, &err)
              : corpus_pairs(CORPUS_VALID, 1, TESTED, &text, &err)))
        error_exit(&err);
    if (model) {
        Translator translator;
        if (!translator_load(model, &translator, &err)) error_exit(&err);
        mark(&lesson, &comparison, &translator, &text, line, 0);
        translator_free(&translator);
    } else {
        mark_a_small_one(&lesson, &comparison, &text, line);
    }
    pairs_free(&text);
    return lesson_end(&lesson, compare_end(&comparison));
}
