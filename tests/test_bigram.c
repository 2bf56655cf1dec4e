/* test_bigram.c - the numbers of Karpathy's "Let's build GPT" before there is any attention: the
 * untrained bigram's loss and sample, which need no text, and the ten rows that his bigram.py
 * prints, which need tiny Shakespeare. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "01_embeddings/characters.h"
#include "01_embeddings/lab/bigram.h"
#include "common/files/data.h"
#include "common/files/text.h"
#include "common/kernels.h"
#include "common/optimizer.h"
#include "tests/suite.h"

/* Tiny Shakespeare's 65 characters; a character's id is its place. */
static const char CHARACTERS[] =
    "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
enum { V = 65 };

/* The batch that the video draws with seed 1337: four windows of eight, and what follows each. */
static const int WINDOWS[4][9] = {{24, 43, 58, 5, 57, 1, 46, 43, 39},
                                  {44, 53, 56, 1, 58, 46, 39, 58, 1},
                                  {52, 58, 1, 58, 46, 39, 58, 1, 46},
                                  {25, 17, 27, 10, 0, 21, 1, 54, 39}};

static const char SAMPLE[] =
    "SKIcLT;AcELMoTbvZv C?nq-QE33:CJqkOKH-q;:la!oiywkHjgChzbQ?u!3bLIgwevmyFJGUGp\n"
    "wnYWmnxKWWev-tDqXErVKLgJ";

START_TEST(test_untrained) {
    Random random;
    Parameters parameters = {0};
    random_seed(&random, 1337);
    const Bigram bigram = bigram_new(&parameters, "", V, &random);
    int x[32], y[32], ids[100];
    for (int i = 0; i < 32; i++) {
        x[i] = WINDOWS[i / 8][i % 8];
        y[i] = WINDOWS[i / 8][i % 8 + 1];
    }
    Graph *graph = graph_new();
    graph_use(graph);
    const double loss = (double)tensor_item(bigram_loss(&bigram, x, y, 4, 8));
    ck_assert_msg(fabs(loss - 4.8786) < 5e-5, "published 4.8786, ours %.6f", loss);
    bigram_generate(&bigram, &random, 0, ids, 100); // goes on with the same generator
    char text[101] = "";
    for (int i = 0; i < 100; i++) text[i] = CHARACTERS[ids[i]];
    ck_assert_str_eq(text, SAMPLE);
    graph_free(graph);
    parameters_free(&parameters);
}
END_TEST

/* The video's first prints: "hii there" as ids, and where the first four windows start. */
START_TEST(test_ids_and_starts) {
    static const int hii_there[] = {46, 47, 47, 1, 58, 46, 43, 56, 43};
    static const int starts[] = {76049, 234249, 934904, 560986};
    Characters seen;
    IntArray ids = {0};
    Error err;
    ck_assert(characters_learn(&seen, CHARACTERS, sizeof CHARACTERS - 1, &err));
    ck_assert(characters_encode(&seen, "hii there", 9, &ids, &err));
    ck_assert_uint_eq(ids.count, 9);
    for (int i = 0; i < 9; i++) ck_assert_int_eq(ids.data[i], hii_there[i]);
    Random random;
    random_seed(&random, 1337);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq((int)random_below(&random, 1003854 - 8), starts[i]);
    free(ids.data);
    characters_free(&seen);
}
END_TEST

START_TEST(test_split) {
    const int ids[11] = {0};
    const TextParts parts = text_part_split(ids, 11);
    ck_assert(parts.train.ids == ids && parts.train.count == 9);
    ck_assert(parts.val.ids == ids + 9 && parts.val.count == 2);
    ck_assert_uint_eq(text_part_split(ids, 1115394).train.count, 1003854);
}
END_TEST

/* Every place from which a window and the id after it fit is drawn, and no other. */
START_TEST(test_windows_stay_inside) {
    const int ids[6] = {0, 1, 2, 3, 4, 5};
    Random random;
    int x[300], y[300];
    bool seen[6] = {false};
    random_seed(&random, 1);
    text_part_windows(&random, (TextPart){ids, 6}, 100, 3, x, y);
    for (int b = 0; b < 100; b++) {
        const int start = x[3 * b];
        ck_assert_int_le(start, 2);
        seen[start] = true;
        for (int t = 0; t < 3; t++)
            ck_assert(x[3 * b + t] == start + t && y[3 * b + t] == start + t + 1);
    }
    ck_assert(seen[0] && seen[1] && seen[2]);
}
END_TEST

/* ---- On tiny Shakespeare --------------------------------------------------------------------- */

static const char TEXT[] = "tinyshakespeare/input.txt";

static void read_ids(IntArray *ids) {
    char path[1024], *text;
    Error err;
    size_t bytes;
    Characters characters;
    ck_assert_msg(data_find(TEXT, path, sizeof path), "%s", path);
    ck_assert_msg(text_read(path, &text, &bytes, &err), "%s", err.text);
    ck_assert(characters_learn(&characters, text, bytes, &err));
    ck_assert(characters_encode(&characters, text, bytes, ids, &err));
    ck_assert_uint_eq(characters.count, V);
    characters_free(&characters);
    free(text);
}

START_TEST(test_first_batch) {
    IntArray ids = {0};
    Random random;
    int x[32], y[32];
    read_ids(&ids);
    random_seed(&random, 1337);
    text_part_windows(&random, text_part_split(ids.data, ids.count).train, 4, 8, x, y);
    for (int i = 0; i < 32; i++)
        ck_assert(x[i] == WINDOWS[i / 8][i % 8] && y[i] == WINDOWS[i / 8][i % 8 + 1]);
    free(ids.data);
}
END_TEST

/* The notebook: after the sample of 100 characters, 100 steps with batches of 32. */
START_TEST(test_hundred_steps) {
    enum { B = 32, T = 8 };
    IntArray ids = {0};
    Random random;
    Parameters parameters = {0};
    int x[B * T], y[B * T], sample[100];
    read_ids(&ids);
    const TextPart train = text_part_split(ids.data, ids.count).train;
    random_seed(&random, 1337);
    const Bigram bigram = bigram_new(&parameters, "", V, &random);
    bigram_generate(&bigram, &random, 0, sample, 100);
    Optimizer *adam = optimizer_new(&parameters, adamw_pytorch());
    Graph *graph = graph_new();
    graph_use(graph);
    double loss = 0;
    for (int step = 0; step < 100; step++) {
        graph_reset(graph);
        text_part_windows(&random, train, B, T, x, y);
        Tensor *mean = bigram_loss(&bigram, x, y, B, T);
        loss = (double)tensor_item(mean);
        backward(mean);
        optimizer_step(adam, 1e-3, 1);
    }
    ck_assert_msg(fabs(loss - 4.6563) <= 5.1e-5, "published 4.6563, ours %.6f", loss);
    graph_free(graph);
    optimizer_free(adam);
    parameters_free(&parameters);
    free(ids.data);
}
END_TEST

/* bigram.py prints the training and validation loss every 300 of its 3000 steps. */
START_TEST(test_bigram_py) {
    enum { B = 32, T = 8, STEPS = 3000, EVERY = 300, BATCHES = 200 };
    static const double published[10][2] = {
        {4.7305, 4.7241}, {2.8110, 2.8249}, {2.5434, 2.5682}, {2.4932, 2.5088}, {2.4863, 2.5035},
        {2.4665, 2.4921}, {2.4683, 2.4936}, {2.4696, 2.4846}, {2.4638, 2.4879}, {2.4738, 2.4911}};
    IntArray ids = {0};
    Random random;
    Parameters parameters = {0};
    int x[B * T], y[B * T];
    read_ids(&ids);
    const TextParts text = text_part_split(ids.data, ids.count);
    random_seed(&random, 1337);
    const Bigram bigram = bigram_new(&parameters, "", V, &random);
    Optimizer *adam = optimizer_new(&parameters, adamw_pytorch());
    Graph *graph = graph_new();
    graph_use(graph);
    for (int step = 0; step < STEPS; step++) {
        if (step % EVERY == 0)
            for (int part = 0; part < 2; part++) {
                const double loss = text_part_estimate_loss(
                    bigram_loss, &bigram, &random, part ? text.val : text.train, BATCHES, B, T);
                const double expected = published[step / EVERY][part];
                ck_assert_msg(fabs(loss - expected) <= 5.1e-5,
                              "step %d, %s loss: published %.4f, ours %.6f", step,
                              part ? "val" : "train", expected, loss);
            }
        graph_reset(graph);
        text_part_windows(&random, text.train, B, T, x, y);
        backward(bigram_loss(&bigram, x, y, B, T));
        optimizer_step(adam, 1e-2, 1);
    }
    static const char sample[] =
        "MARI he avayokis erceller thour d, myono thishe me tord se by he me,";
    int drawn[500];
    char written[501] = "";
    bigram_generate(&bigram, &random, 0, drawn, 500);
    for (int i = 0; i < 500; i++) written[i] = CHARACTERS[drawn[i]];
    ck_assert_msg(strstr(written, sample) != NULL, "%s", written);
    graph_free(graph);
    optimizer_free(adam);
    parameters_free(&parameters);
    free(ids.data);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("bigram");
    TCase *tests = tcase_create("bigram");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, test_untrained);
    tcase_add_test(tests, test_ids_and_starts);
    tcase_add_test(tests, test_split);
    tcase_add_test(tests, test_windows_stay_inside);
    char path[1024];
    if (data_find(TEXT, path, sizeof path)) {
        tcase_add_test(tests, test_first_batch);
        tcase_add_test(tests, test_hundred_steps);
        tcase_add_test(tests, test_bigram_py);
    } else {
        printf("skipped: bigram.py's ten rows (%s)\n", path);
        fflush(stdout);
    }
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
