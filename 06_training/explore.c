/* explore.c - a translator as one web page, in which it lives: it translates what is typed there,
 * and shows how.
 *
 * Beside: bertviz Head view --model build/06_training/run/model.safetensors --out
 *     build/explorer.html; bertviz Model view --model build/06_training/run/model.safetensors --out
 *     build/explorer.html; bertviz Neuron view --model build/06_training/run/model.safetensors
 *     --out build/explorer.html; tensorflow Create attention plots --model
 *     build/06_training/run/model.safetensors --out build/explorer.html - the model you trained
 *     (`make 06/train`) as a page to play with: its heads, all of them, and the numbers behind one
 *     weight
 * Beside: tensorflow Export the model --model build/06_training/run/model.safetensors --out
 *     build/explorer.html - the model you trained (`make 06/train`) in one file that a browser runs
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "01_embeddings/corpus/corpus.h"
#include "06_training/explorer/packing.h"
#include "06_training/explorer/page.h"
#include "common/files/file.h"
#include "common/files/folder.h"
#include "common/files/options.h"
#include "common/files/text.h"
#include "common/kernels.h"

enum { OFFERED = 4 }; // sentences, unless --sentence says which

typedef struct {
    const char *model, *rounded, *out;
    OptionStrings sentences, epochs;
} Arguments;

/* ---- The kept epochs ------------------------------------------------------------------------- */

typedef struct {
    char **path;
    size_t count, capacity;
} Paths;

static void add_path(Paths *paths, const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s%s%s", folder, *folder ? "/" : "", name);
    paths->path = array_reserve(paths->path, &paths->capacity, paths->count + 1, sizeof(char *));
    paths->path[paths->count] = memory_alloc(strlen(path) + 1);
    strcpy(paths->path[paths->count++], path);
}

/* The N of .../epoch-N.safetensors; -1: another name. */
static long epoch_of(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char *end;
    if (strncmp(name, "epoch-", 6) != 0) return -1;
    const long epoch = strtol(name + 6, &end, 10);
    return end > name + 6 && strcmp(end, ".safetensors") == 0 ? epoch : -1;
}

static int compare_epochs(const void *first, const void *second) {
    const long a = epoch_of(*(char *const *)first), b = epoch_of(*(char *const *)second);
    return a < b ? -1 : a > b;
}

/* A folder stands for the epochs that a run has left in it, in their order. */
static bool add_folder(Paths *paths, const char *folder, Error *err) {
    DIR *entries = folder_open(folder);
    if (!entries) return error_set(err, "%s: cannot open: %s", folder, strerror(errno));
    const size_t before = paths->count;
    for (const struct dirent *entry; (entry = readdir(entries));)
        if (epoch_of(entry->d_name) >= 0) add_path(paths, folder, entry->d_name);
    closedir(entries);
    if (paths->count == before)
        return error_set(err,
                         "%s: no epoch-N.safetensors in it (train --average N keeps the last "
                         "N epochs)",
                         folder);
    qsort(paths->path + before, paths->count - before, sizeof(char *), compare_epochs);
    return true;
}

static bool find_epochs(const OptionStrings *given, Paths *paths, Error *err) {
    for (size_t i = 0; i < given->count; i++) {
        struct stat status;
        const bool folder = stat(given->item[i], &status) == 0 && S_ISDIR(status.st_mode);
        if (!folder)
            add_path(paths, "", given->item[i]);
        else if (!add_folder(paths, given->item[i], err))
            return false;
    }
    return true;
}

/* ---- Models ---------------------------------------------------------------------------------- */

static const char *name_of(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool add_epochs(Page *page, const Translator *translator, const Paths *paths, Error *err) {
    for (size_t i = 0; i < paths->count; i++) {
        Translator epoch;
        if (!translator_load(paths->path[i], &epoch, err)) return false;
        const bool fits = translator_alike(translator, &epoch);
        if (fits) page_add_epoch(page, &epoch, name_of(paths->path[i]));
        translator_free(&epoch);
        if (!fits)
            return error_set(err,
                             "%s: not an epoch of the same training as --model: it has "
                             "another tokenizer or other sizes",
                             paths->path[i]);
    }
    return true;
}

/* What is beyond a half's 65504 has no place in the page. */
static bool round_weights(const char *path, Translator *translator, Error *err) {
    size_t element;
    packing_round_to_halves(&translator->model->parameters);
    const Tensor *weight = parameters_not_finite(&translator->model->parameters, &element);
    return !weight ||
           error_set(err,
                     "%s: tensor \"%s\" has a weight above 65504 at element %zu, more than 16 "
                     "bits can hold",
                     path, weight->name, element);
}

/* Written over is only what this program has written: a model whose weights are halves already. */
static bool may_replace(const char *path, Error *err) {
    struct stat status = {0};
    Translator kept;
    Error reason;
    if (stat(path, &status) != 0 && errno == ENOENT) return true;
    bool ours = S_ISREG(status.st_mode) && translator_load(path, &kept, &reason);
    if (ours) {
        Parameters *parameters = &kept.model->parameters;
        real *weights = parameters_copy_values(parameters);
        packing_round_to_halves(parameters);
        real *halves = parameters_copy_values(parameters);
        ours = memcmp(weights, halves, parameters_size(parameters) * sizeof *weights) == 0;
        free(weights);
        free(halves);
        translator_free(&kept);
    }
    return ours ||
           error_set(err, "%s: is there and is no model of rounded weights: it stays as it is",
                     path);
}

/* ---- The page -------------------------------------------------------------------------------- */

static bool write_page(const Arguments *a, Translator *translator, const Paths *paths, Error *err) {
    Pairs pairs; // its first sentences are the well-known ones: who is tired, and what is wide?
    Page page = {0};
    if (!round_weights(a->model, translator, err)) return false;
    if (a->rounded) file_remove_leftovers_of(a->rounded);
    if (a->rounded && !translator_save(translator, a->rounded, err)) return false;
    if (!corpus_pairs(CORPUS_HELD_OUT, 1, OFFERED, &pairs, err)) return false;
    const bool given = a->sentences.count > 0;
    page_set_model(&page, translator, name_of(a->model),
                   given ? a->sentences.item : (const char *const *)pairs.src.line,
                   given ? a->sentences.count : OFFERED);
    pairs_free(&pairs);
    bool good = add_epochs(&page, translator, paths, err);
    if (good && !page_fit(&page, err)) {
        Error reason = *err;
        good = error_set(err, "%s: %s", a->model, reason.text);
    }
    good = good && page_save(&page, a->out, err);
    if (good) {
        printf("%s: %.1f MB, %zu weights", a->out, (double)page_bytes(&page) / 1e6,
               parameters_size(&translator->model->parameters));
        if (paths->count) printf(", %zu of %zu epochs", page.epoch_count, paths->count);
        puts("; open it in a browser");
    }
    page_free(&page);
    return good;
}

/* A page in place of the model that it shows would be all that is left of it. */
static bool is_read(const char *written, const char *read, Error *err) {
    if (!written || !file_same(written, read)) return false;
    error_set(err, "%s: is the model that is read: expected another name to write to", written);
    return true;
}

static bool harms_nothing(const Arguments *a, const Paths *paths, Error *err) {
    if (a->rounded && file_same(a->out, a->rounded))
        return error_set(err, "%s: is both --out and --rounded: expected two files to write to",
                         a->rounded);
    const char *const written[] = {a->out, a->rounded};
    for (int w = 0; w < 2; w++) {
        if (is_read(written[w], a->model, err)) return false;
        for (size_t i = 0; i < paths->count; i++)
            if (is_read(written[w], paths->path[i], err)) return false;
    }
    return page_may_replace(a->out, err) && (!a->rounded || may_replace(a->rounded, err));
}

static bool answer(const Arguments *a, Error *err) {
    Translator translator;
    Paths paths = {0};
    for (size_t i = 0; i < a->sentences.count; i++)
        if (!text_check("--sentence", i + 1, 0, a->sentences.item[i], strlen(a->sentences.item[i]),
                        err))
            return false;
    bool good = find_epochs(&a->epochs, &paths, err) && harms_nothing(a, &paths, err) &&
                translator_load(a->model, &translator, err);
    if (good) {
        good = write_page(a, &translator, &paths, err);
        translator_free(&translator);
    }
    for (size_t i = 0; i < paths.count; i++) free(paths.path[i]);
    free(paths.path);
    return good;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Arguments a = {.model = "build/06_training/run/model.safetensors",
                   .out = "build/06_training/attention.html"};
    CommonOptions common = common_options(1, NULL);
    Option table[] = {
        option_string("model", "FILE", &a.model, "a model.safetensors that train wrote"),
        option_string("out", "FILE", &a.out, "the page"),
        option_strings("epochs", "FILE", &a.epochs,
                       "the same model after an earlier epoch, epoch-N.safetensors, or the folder "
                       "with them: to be seen learning; as many as fit"),
        option_strings("sentence", "TEXT", &a.sentences, "a sentence to offer; the first is shown"),
        option_string("rounded", "FILE", &a.rounded,
                      "write the model as the page has it, its weights rounded to 16 bits, to be "
                      "compared"),
    };
    const Usage usage = {
        "Writes a web page that holds a translator and runs it: type a sentence, see it translated "
        "and how, and switch off parts of the model. One file, no network, any current browser.",
        "explore --model run/model.safetensors --out attention.html"};
    options_parse(argc, argv, &usage, &common, table, OPTION_COUNT(table));
    Error err;
    if (!answer(&a, &err)) error_exit(&err);
    output_finish();
    return 0;
}
