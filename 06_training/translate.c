/* translate.c - lines in, translations out.
 *
 * Beside: annotated Results --help; annotated Search --help; tensorflow Run inference --help -
 *     translates what you type with the model you trained; `--beam`, `--length-penalty`
 */
#define _GNU_SOURCE // getline
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "06_training/translator/alignment.h"
#include "06_training/translator/translation.h"
#include "common/files/lines.h"
#include "common/files/options.h"
#include "common/kernels.h"
#include "common/screen/progress.h"

enum { CHUNK = 4096 }; // lines read before they are translated: order is kept, memory bounded

typedef struct {
    Translator translator;
    Translation translation; // by it
    bool align;
    size_t line, offset; // read so far: lines, bytes
    bool failed;         // a line could not be translated
    Progress progress;
} Session;

/* Why a line has no translation, as one line on stderr; the others go on. */
static void complain(Session *session, const char *reason) {
    progress_end(&session->progress);
    fprintf(stderr, "translate: %s\n", reason);
    session->failed = true;
}

/* Reads up to `most` lines into lines; a line that is not text becomes an empty one. */
static size_t read_lines(Session *session, char **lines, size_t most) {
    size_t count = 0, capacity = 0;
    char *line = NULL;
    ssize_t bytes;
    while (count < most && (bytes = getline(&line, &capacity, stdin)) >= 0) {
        size_t length = (size_t)bytes;
        Error err;
        const size_t start = session->offset;
        session->offset += length;
        session->line++;
        if (length && line[length - 1] == '\n') length--;
        if (length && line[length - 1] == '\r') length--;
        // Editors leave a byte order mark before the first line.
        const size_t mark = session->line == 1 && length >= 3 && !memcmp(line, "\xef\xbb\xbf", 3);
        const char *text = line + 3 * mark;
        length -= 3 * mark;
        if (!lines_check_one("stdin", session->line, start + 3 * mark, text, length, &err)) {
            complain(session, err.text);
            length = 0;
        }
        lines[count] = memory_alloc(length + 1);
        memcpy(lines[count], text, length);
        lines[count++][length] = '\0';
    }
    if (ferror(stdin)) {
        char reason[128];
        snprintf(reason, sizeof reason, "stdin: cannot read: %s", strerror(errno));
        complain(session, reason);
    }
    free(line);
    return count;
}

static void show_progress(void *context, size_t done) {
    Session *session = context;
    progress_update(&session->progress, done, NULL);
}

/* The tab is printed in any case, so that the columns of the output stay columns. */
static void print_alignment(Session *session, const char *src, const char *tgt) {
    Alignment alignment;
    Error err;
    graph_use(session->translation.graphs[0]);
    graph_reset(session->translation.graphs[0]);
    if (!*tgt || !alignment_of(&session->translator, src, tgt, -1, &alignment, &err)) {
        putchar('\t');
        return;
    }
    char *text = alignment_text(&alignment);
    printf("\t%s", text);
    free(text);
    alignment_free(&alignment);
}

/* Results go out in the order of the input, whichever was finished first. */
static void translate_chunk(Session *session, char **lines, size_t count) {
    char **out = memory_alloc(count * sizeof *out);
    session->progress = progress_begin("translate", 0, count);
    translation_of_lines(&session->translation, (const char *const *)lines, count, out);
    progress_end(&session->progress);
    for (size_t i = 0; i < count; i++) {
        if (!out[i]) {
            char reason[128];
            snprintf(reason, sizeof reason, "stdin:%zu: more than the model's maximum of %d tokens",
                     session->line - count + i + 1, session->translator.max_length);
            complain(session, reason);
        }
        fputs(out[i] ? out[i] : "", stdout);
        if (session->align) print_alignment(session, lines[i], out[i] ? out[i] : "");
        putchar('\n');
        free(out[i]);
        free(lines[i]);
    }
    free(out);
    fflush(stdout);
}

/* A person waits for an answer after every line; a pipe gains from batches of equal lengths. */
static void translate_stdin(Session *session) {
    const bool terminal = isatty(STDIN_FILENO);
    const size_t most = terminal ? 1 : CHUNK;
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
    Session session = {.translation = {.translator = &session.translator,
                                       .options = search_defaults(),
                                       .progress = show_progress,
                                       .context = &session}};
    Translation *translation = &session.translation;
    const char *model = "build/06_training/run/model.safetensors";
    long beam = translation->options.beam;
    Option table[] = {
        option_string("model", "FILE", &model, "a model.safetensors that train wrote"),
        option_integer("beam", "N", &beam, 1, 1000, "hypotheses per sentence; 1 is greedy"),
        option_real("length-penalty", "A", &translation->options.length_penalty, 0, 10,
                    "the larger, the longer the translations; 0: none"),
        option_flag("align", &session.align,
                    "after each translation a tab and which word came from which, source-target, "
                    "counted from 0"),
        option_flag("recompute", &translation->options.recompute,
                    "no cached keys and values: slower, the same translations"),
    };
    const Usage usage = {"Translates stdin to stdout, one line for one line, in order; an empty "
                         "line gives an empty one. A line that cannot be translated (too long, "
                         "not UTF-8) gives an empty one too, one line on stderr, and in the end "
                         "exit status 1.",
                         "translate --model run/model.safetensors --beam 5 <test.en >test.out"};
    options_parse(argc, argv, &usage, &common, table, OPTION_COUNT(table));
    Error err;
    translation->options.beam = (int)beam;
    if (!translator_load(model, &session.translator, &err)) error_exit(&err);
    translation->threads = threads_new((int)common.threads);
    translation->graphs = memory_alloc((size_t)common.threads * sizeof *translation->graphs);
    for (long i = 0; i < common.threads; i++) translation->graphs[i] = graph_new();
    translate_stdin(&session);
    for (long i = 0; i < common.threads; i++) graph_free(translation->graphs[i]);
    free(translation->graphs);
    threads_free(translation->threads);
    translator_free(&session.translator);
    output_finish();
    return session.failed;
}
