/* translate.c - lines in, translations out.
 *
 * Beside: annotated Results --help; annotated Search --help; tensorflow Run inference --help -
 *     translates what you type with the model you trained; `--beam`, `--length-penalty`
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "01_embeddings/bpe_chunk.h"
#include "06_training/decoding/alignment.h"
#include "06_training/decoding/translation.h"
#include "06_training/translator/census.h"
#include "common/clock.h"
#include "common/files/line_stream.h"
#include "common/files/lines.h"
#include "common/files/options.h"
#include "common/files/utf8.h"
#include "common/kernels.h"
#include "common/screen/progress.h"

/* So many lines are translated together, which sorts them into batches of equal lengths; fewer
 * where no more have come that long after the first, since someone may be waiting for its
 * answer. */
enum { LINES = 1024, PATIENCE_MILLISECONDS = 50 };

typedef struct {
    Translator translator;
    Translation translation; // by it
    const char *model;       // its file
    bool align;
    long nbest; // translations for each line; 0: the best, without a score
    LineStream input;
    bool ended;  // no more lines
    bool warned; // of a character that the model does not know
    bool failed; // a line could not be translated
    Progress progress;
} Session;

/* Why a line has no translation, as one line on stderr; the others go on. */
static void complain(Session *session, const char *reason) {
    progress_end(&session->progress);
    fprintf(stderr, "translate: %s\n", reason);
    session->failed = true;
}

/* What the model never learned it translates into something all the same. Once: a text in another
 * script would be warned of in every line. */
static void warn_of_unknown(Session *session, const char *line) {
    uint32_t c;
    const char *unknown = bpe_unknown_character(session->translator.bpe, line);
    if (!unknown || session->warned) return;
    const int length = (int)utf8_decode(unknown, strlen(unknown), &c);
    const bool shown = !utf8_is_control(c); // a terminal would obey it
    fprintf(
        stderr,
        "translate: warning: stdin:%zu: the model has never seen '%.*s' (U+%04X); further lines "
        "with such characters are not named\n",
        session->input.line, shown ? length : 1, shown ? unknown : "?", (unsigned)c);
    session->warned = true;
}

/* A line as the model's training text was read; NULL: it is no text. */
static char *prepare(Session *session, const char *text, size_t length) {
    Error err;
    const LineStream *input = &session->input;
    if (!lines_check_one("stdin", input->line, input->offset, text, length, &err)) {
        complain(session, err.text);
        return NULL;
    }
    char *line = utf8_compose(text, &length); // which ends with a NUL
    if (census_has_words(line)) warn_of_unknown(session, line);
    return line;
}

/* How long to wait for a line after the first one, which came then. */
static int patience(double first) {
    const double left = PATIENCE_MILLISECONDS - 1000 * (clock_seconds() - first);
    return left > 0 ? (int)left : 0;
}

/* Reads up to `most` lines into lines: waits for the first, and takes those that come soon
 * after. */
static size_t read_lines(Session *session, char **lines, size_t most) {
    size_t count = 0;
    double first = 0;
    while (count < most && !session->ended) {
        const char *text;
        size_t length;
        Error err;
        const LineResult result =
            line_stream_next(&session->input, count ? patience(first) : -1, &text, &length, &err);
        if (result == LINE_PAUSE) break;
        session->ended = result != LINE_TAKEN;
        if (result == LINE_FAILED) complain(session, err.text);
        if (result != LINE_TAKEN) break;
        if (count == 0) first = clock_seconds();
        lines[count++] = prepare(session, text, length);
    }
    return count;
}

static void show_progress(void *context, size_t done) {
    Session *session = context;
    progress_update(&session->progress, done, NULL);
}

/* The tab is printed in any case, so that the columns of the output stay columns. */
static void print_alignment(Session *session, size_t line, const char *src, const char *tgt) {
    Alignment alignment;
    Error err;
    graph_use(session->translation.graphs[0]);
    graph_reset(session->translation.graphs[0]);
    putchar('\t');
    if (!*tgt) return;
    if (!census_has_words(src)) { // copied, word for word
        const size_t words = census_words(src);
        for (size_t i = 0; i < words; i++) printf("%s%zu-%zu", i ? " " : "", i, i);
        return;
    }
    if (!alignment_of(&session->translator, src, tgt, -1, &alignment, &err)) {
        char reason[sizeof err.text + 64];
        snprintf(reason, sizeof reason, "stdin:%zu: not aligned: %s", line, err.text);
        complain(session, reason);
        return;
    }
    char *text = alignment_text(&alignment);
    fputs(text, stdout);
    free(text);
    alignment_free(&alignment);
}

/* Every line would come out like that, so this is the end. */
_Noreturn static void give_up(const Session *session) {
    Error err;
    real value;
    const Tensor *largest = parameters_largest(&session->translator.model->parameters, &value);
    error_set(&err,
              "%s: the model's scores are not finite numbers: its weights are too large, as %g in "
              "tensor \"%s\"",
              session->model, (double)value, largest->name);
    error_exit(&err);
}

/* Why line number `line` has no translation. */
static void complain_of_length(Session *session, size_t line) {
    char reason[128];
    snprintf(reason, sizeof reason, "stdin:%zu: more than the model's maximum of %d tokens", line,
             session->translator.max_length);
    complain(session, reason);
}

/* line: the number of the input line, counted from 1. */
static void print_translation(Session *session, size_t line, const char *src, const char *tgt) {
    if (!tgt) complain_of_length(session, line);
    fputs(tgt ? tgt : "", stdout);
    if (session->align) print_alignment(session, line, src, tgt ? tgt : "");
    putchar('\n');
}

/* Bars that would be taken for the end of a column are printed apart. */
static void print_between_bars(const char *text) {
    size_t bars = 0; // of the run that c stands in
    for (const char *c = text; *c; c++) {
        if (*c != '|')
            bars = 0;
        else if (bars == 0)
            bars = strspn(c, "|");
        putchar(*c);
        if (bars >= 3 && c[1] == '|') putchar(' ');
    }
}

/* As Moses, Marian and what rescores their lists have it: the line's index, counted from 0, its
 * translation, its score. tgt, scores (nbest). */
static void print_best(Session *session, size_t line, char **tgt, const double *scores) {
    if (!tgt[0]) {
        complain_of_length(session, line);
        printf("%zu |||  ||| %.4f\n", line - 1, scores[0]);
    }
    for (long k = 0; k < session->nbest && tgt[k]; k++) {
        printf("%zu ||| ", line - 1);
        print_between_bars(tgt[k]);
        printf(" ||| %.4f\n", scores[k]);
    }
}

/* In one column, as what the model says (translation.c). */
static char *copy_of(const char *text) {
    const size_t bytes = strlen(text) + 1;
    char *copy = memcpy(memory_alloc(bytes), text, bytes);
    translation_one_column(copy);
    return copy;
}

/* out (count,each), scores likewise; without --nbest the best alone, and no scores. A line without
 * letters and numbers goes the way of a blank one, and comes out as it is: dashes, dots and smileys
 * are the same in all languages, and a model would make up words for them. */
static bool translate_lines(Session *session, char **lines, size_t count, char **out,
                            double *scores) {
    const size_t each = session->nbest ? (size_t)session->nbest : 1;
    const char **texts = memory_alloc(count * sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = lines[i] && census_has_words(lines[i]) ? lines[i] : "";
    const bool finite =
        session->nbest
            ? translation_best_of_lines(&session->translation, texts, count, (int)each, out, scores)
            : translation_of_lines(&session->translation, texts, count, out);
    for (size_t i = 0; i < count; i++) {
        if (!lines[i] && session->nbest) scores[i * each] = -INFINITY;
        if (*texts[i] || !lines[i] || !*lines[i]) continue;
        free(out[i * each]);
        out[i * each] = copy_of(lines_is_blank(lines[i]) ? "" : lines[i]);
    }
    free(texts);
    return finite;
}

/* Results go out in the order of the input, whichever was finished first. */
static void translate_chunk(Session *session, char **lines, size_t count) {
    const size_t each = session->nbest ? (size_t)session->nbest : 1;
    char **out = memory_alloc(count * each * sizeof *out);
    double *scores = memory_alloc(count * each * sizeof *scores);
    session->progress = progress_begin("translate", 0, count);
    const bool finite = translate_lines(session, lines, count, out, scores);
    progress_end(&session->progress);
    if (!finite) give_up(session);
    for (size_t i = 0; i < count; i++) {
        const size_t line = session->input.line - count + i + 1, first = i * each;
        if (session->nbest)
            print_best(session, line, out + first, scores + first);
        else
            print_translation(session, line, lines[i], out[i]);
        for (size_t k = 0; k < each; k++) free(out[first + k]);
        free(lines[i]);
    }
    free(out);
    free(scores);
    fflush(stdout);
}

/* A person is asked for every line. */
static void translate_stdin(Session *session) {
    const bool terminal = isatty(STDIN_FILENO);
    const size_t most = terminal ? 1 : LINES;
    char **lines = memory_alloc(most * sizeof *lines);
    size_t count;
    for (;;) {
        if (terminal) {
            fputs("> ", stderr);
            fflush(stderr);
        }
        if ((count = read_lines(session, lines, most)) == 0) break;
        translate_chunk(session, lines, count);
    }
    if (terminal) fputc('\n', stderr);
    free(lines);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    CommonOptions common = common_options(1, NULL);
    Session session = {.input = {.fd = STDIN_FILENO},
                       .translation = {.translator = &session.translator,
                                       .options = search_defaults(),
                                       .progress = show_progress,
                                       .context = &session}};
    Translation *translation = &session.translation;
    const char *model = "build/06_training/run/model.safetensors", *shortlist = NULL;
    Shortlist listed;
    long beam = translation->options.beam;
    Option table[] = {
        option_string("model", "FILE", &model, "a model.safetensors that train wrote"),
        option_integer("beam", "N", &beam, 1, 1000, "hypotheses per sentence; 1 is greedy"),
        option_real("length-penalty", "A", &translation->options.length_penalty, 0, 10,
                    "the larger, the longer the translations; 0: none"),
        option_integer("nbest", "N", &session.nbest, 0, 1000,
                       "the N best translations of each line, as lines INDEX ||| TRANSLATION ||| "
                       "SCORE; needs a beam of N, 0: the best one without its score"),
        option_flag("align", &session.align,
                    "after each translation a tab and which word came from which, source-target, "
                    "counted from 0"),
        option_string("shortlist", "FILE", &shortlist,
                      "say only what the file lists for the words of the lines translated "
                      "together: faster; build/06_training/shortlist makes it"),
        option_flag("recompute", &translation->options.recompute,
                    "no cached keys and values: slower, the same translations"),
    };
    const Usage usage = {
        "Translates stdin to stdout, one line for one line, in order; an empty "
        "line gives an empty one. What has come is answered when the input "
        "pauses. A line that cannot be translated (too long, "
        "not UTF-8) gives an empty one too, one line on stderr, and in the end "
        "exit status 1. A line without a letter or number comes out as it is; of "
        "the first with a character that its "
        "vocabulary has not a warning tells, for what is made of it is a guess. "
        "With --nbest the index counts lines "
        "from 0, and a score is ln P of the translation divided by the length "
        "penalty, the best first; two may be the same text in other pieces; ||| within one is "
        "printed as | | |. With "
        "--shortlist P is a share among what is listed.",
        "translate --model run/model.safetensors --beam 5 <test.en >test.out"};
    options_parse(argc, argv, &usage, &common, table, OPTION_COUNT(table));
    Error err;
    if (session.nbest && session.align) usage_exit("--nbest and --align do not go together");
    if (session.nbest > beam && option_given(table, OPTION_COUNT(table), "beam"))
        usage_exit("--nbest %ld: a beam of %ld keeps no more than %ld", session.nbest, beam, beam);
    if (session.nbest > beam) beam = session.nbest;
    translation->options.beam = (int)beam;
    session.model = model;
    if (!translator_load(model, &session.translator, &err)) error_exit(&err);
    if (shortlist) {
        if (!shortlist_load(shortlist, &session.translator, &listed, &err)) error_exit(&err);
        translation->options.shortlist = &listed;
    }
    transformer_pack(session.translator.model);
    translation->threads = threads_new((int)common.threads);
    translation->graphs = memory_alloc((size_t)common.threads * sizeof *translation->graphs);
    for (long i = 0; i < common.threads; i++) translation->graphs[i] = graph_new();
    translate_stdin(&session);
    for (long i = 0; i < common.threads; i++) graph_free(translation->graphs[i]);
    free(translation->graphs);
    threads_free(translation->threads);
    if (shortlist) shortlist_free(&listed);
    line_stream_free(&session.input);
    translator_free(&session.translator);
    output_finish();
    return session.failed;
}
