/* test_explorer_page.c - what goes into the explorer's page: halves, base64, a model of fewer bits,
 * text that stays text. With UNTIED=FILE in the environment it also writes a model there that train
 * cannot make, for test_explorer.sh. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "01_embeddings/bpe.h"
#include "06_training/explorer/base64.h"
#include "06_training/explorer/packing.h"
#include "06_training/explorer/page.h"
#include "common/files/file.h"
#include "common/half.h"
#include "common/kernels.h"
#include "common/random.h"
#include "tests/suite.h"
#include "tests/untrained.h"

/* ---- Halves ---------------------------------------------------------------------------------- */

/* Every half is a float, and comes back as itself. */
START_TEST(every_half_comes_back) {
    for (unsigned bits = 0; bits < 65536; bits++) {
        const float value = half_to_float((uint16_t)bits);
        if (isnan(value))
            ck_assert_uint_eq(half_from_float(value), 0x7e00);
        else
            ck_assert_uint_eq(half_from_float(value), bits);
    }
}
END_TEST

/* Between two neighbours the nearer one, and in the middle the one whose last bit is 0. The middle
 * of two halves is a float, and so is what is just beside it. */
START_TEST(the_nearest_half_and_of_two_the_even_one) {
    for (unsigned bits = 0; bits + 1 < 0x7c00; bits++) {
        const float low = half_to_float((uint16_t)bits), high = half_to_float((uint16_t)(bits + 1));
        const float middle = low + (high - low) / 2;
        const unsigned even = bits % 2 ? bits + 1 : bits;
        ck_assert_uint_eq(half_from_float(middle), even);
        ck_assert_uint_eq(half_from_float(-middle), even | 0x8000);
        ck_assert_uint_eq(half_from_float(nextafterf(middle, 0)), bits);
        ck_assert_uint_eq(half_from_float(nextafterf(middle, INFINITY)), bits + 1);
    }
}
END_TEST

START_TEST(what_is_too_large_or_too_small) {
    ck_assert_uint_eq(half_from_float(65504), 0x7bff);
    ck_assert_uint_eq(half_from_float(65519.996f), 0x7bff);
    ck_assert_uint_eq(half_from_float(65520), 0x7c00);
    ck_assert_uint_eq(half_from_float(-1e30f), 0xfc00);
    ck_assert_uint_eq(half_from_float(INFINITY), 0x7c00);
    ck_assert_uint_eq(half_from_float(0x1p-24f), 1);
    ck_assert_uint_eq(half_from_float(0x1p-25f), 0); // half of the smallest: the even one is 0
    ck_assert_uint_eq(half_from_float(0x1.8p-25f), 1);
    ck_assert_uint_eq(half_from_float(-0x1p-40f), 0x8000);
    ck_assert_uint_eq(half_from_float(-0.0f), 0x8000);
    ck_assert_uint_eq(half_from_float(1), 0x3c00);
}
END_TEST

/* ---- Base64 ---------------------------------------------------------------------------------- */

/* RFC 4648, section 10. */
START_TEST(base64_of_the_standard) {
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"},
                                           {"\xff\xfe\xfb", "//77"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        ByteArray text = {0};
        byte_array_append(&text, "", 0);
        base64_append(&text, pairs[i][0], strlen(pairs[i][0]));
        ck_assert_str_eq(text.data, pairs[i][1]);
        free(text.data);
    }
}
END_TEST

/* ---- Models ---------------------------------------------------------------------------------- */

static const char CHARACTERS[] = "\u00e9\u4e2d\U0001F600";

START_TEST(weights_in_sixteen_and_in_eight_bits) {
    Translator t = untrained_translator(CHARACTERS, 8, true);
    const Parameters *p = &t.model->parameters;
    ByteArray halves = {0}, bytes = {0}, scales = {0}, again = {0};
    packing_halves(p, &halves);
    packing_bytes(p, &bytes, &scales);
    ck_assert_uint_eq(halves.count, 2 * parameters_size(p));
    ck_assert_uint_eq(bytes.count, parameters_size(p));
    size_t at = 0, row = 0;
    for (int i = 0; i < p->count; i++) {
        const Tensor *w = p->items[i];
        const size_t E = (size_t)w->shape[w->ndim - 1];
        for (size_t k = 0; k < w->size; k++, at++) {
            const unsigned char *two = (const unsigned char *)halves.data + 2 * at;
            const float half = half_to_float((uint16_t)(two[0] | two[1] << 8));
            ck_assert_double_eq_tol((double)half, (double)w->data[k],
                                    fabs((double)w->data[k]) / 2047 + 1e-7);
            float scale; // of this machine, which tests run on: little endian
            memcpy(&scale, scales.data + 4 * (row + k / E), sizeof scale);
            const double value = (double)(signed char)bytes.data[at] * (double)scale;
            ck_assert_double_eq_tol(value, (double)w->data[k], (double)scale * 0.5001 + 1e-12);
        }
        row += w->size / E;
    }
    ck_assert_uint_eq(scales.count, 4 * row);
    // Rounded weights are halves: packing them again changes nothing.
    packing_round_to_halves(&t.model->parameters);
    packing_halves(p, &again);
    ck_assert_uint_eq(again.count, halves.count);
    ck_assert_mem_eq(again.data, halves.data, halves.count);
    free(halves.data), free(bytes.data), free(scales.data), free(again.data);
    translator_free(&t);
}
END_TEST

/* ---- The page -------------------------------------------------------------------------------- */

static char *read_page(const Page *page) {
    char path[512], *text;
    size_t bytes;
    Error err;
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/test_explorer_page.%ld.html", folder ? folder : "/tmp",
             (long)getpid());
    ck_assert_msg(page_save(page, path, &err), "%s", err.text);
    ck_assert_msg(file_read(path, &text, &bytes, &err), "%s", err.text);
    ck_assert_uint_eq(bytes, page_bytes(page));
    remove(path);
    return text;
}

static size_t count_of(const char *text, const char *what) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what)) count++;
    return count;
}

/* As many scripts begin as end, however hard a sentence or a name tries to end one. */
START_TEST(what_is_typed_cannot_leave_its_script) {
    static const char *const hostile[] = {"</script><script>alert(1)</script>",
                                          "\"\\ <!-- &\n\t\x7f", "\u202e\u05e9 \U0001F600"};
    static const char *const plain[] = {"a", "b", "c"};
    Translator t = untrained_translator(CHARACTERS, 8, true);
    Page bad = {0}, good = {0};
    page_set_model(&bad, &t, "</script>\"x", hostile, 3);
    page_set_model(&good, &t, "x", plain, 3);
    char *text = read_page(&bad), *other = read_page(&good);
    for (const char *const *tag = (const char *const[]){"<script", "</script", "<!--", NULL}; *tag;
         tag++)
        ck_assert_uint_eq(count_of(text, *tag), count_of(other, *tag));
    ck_assert_ptr_null(strstr(text, "alert(1)</"));
    ck_assert_ptr_nonnull(strstr(text, "\"\\u0022\\u005c \\u003c!-- \\u0026\\u000a\\u0009\x7f\""));
    ck_assert_ptr_nonnull(strstr(text, "\u202e\u05e9 \U0001F600"));
    free(text), free(other);
    page_free(&bad), page_free(&good);
    translator_free(&t);
}
END_TEST

/* Epochs that do not fit are left out evenly, the last one never; and the page has the size that
 * was promised. */
START_TEST(as_many_epochs_as_fit) {
    Error err;
    Translator t = untrained_translator(CHARACTERS, 600, true); // about 3.7 million weights
    packing_round_to_halves(&t.model->parameters);
    Page page = {0};
    page_set_model(&page, &t, "x", NULL, 0);
    const bool fits = page_fit(&page, &err);
    ck_assert(!fits); // 16 bits, times 4/3 for base64
    ck_assert_ptr_nonnull(
        strstr(err.text, "MB, and 8.0 are the most: train a model with a smaller"));
    page_free(&page);
    translator_free(&t);

    t = untrained_translator(CHARACTERS, 200, true); // 0.7 million: a megabyte in 8 bits
    page_set_model(&page, &t, "x", NULL, 0);
    for (int i = 0; i < 20; i++) {
        char name[32];
        snprintf(name, sizeof name, "epoch-%d", i + 1);
        page_add_epoch(&page, &t, name);
    }
    ck_assert_msg(page_fit(&page, &err), "%s", err.text);
    ck_assert_uint_gt(page.epoch_count, 2);
    ck_assert_uint_lt(page.epoch_count, 20);
    ck_assert_ptr_nonnull(strstr(page.epochs[0].data, "\"epoch-1\""));
    ck_assert_ptr_nonnull(strstr(page.epochs[page.epoch_count - 1].data, "\"epoch-20\""));
    ck_assert_uint_le(page_bytes(&page), PAGE_BYTES_MAX);
    // One more would have been too many.
    ck_assert_uint_gt(page_bytes(&page) + page.epochs[0].count + 100, PAGE_BYTES_MAX);
    page_free(&page);
    translator_free(&t);
}
END_TEST

START_TEST(an_untied_model_for_the_browser) {
    const char *path = getenv("UNTIED");
    Error err;
    Translator t = untrained_translator(CHARACTERS, 10, false);
    ck_assert_int_gt(t.model->parameters.count, 0);
    ck_assert_ptr_ne(t.model->src_embed.weight, t.model->generator.weight);
    if (path) ck_assert_msg(translator_save(&t, path, &err), "%s", err.text);
    translator_free(&t);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("the explorer's page");
    TCase *halves = tcase_create("halves"), *page = tcase_create("page");
    tcase_add_test(halves, every_half_comes_back);
    tcase_add_test(halves, the_nearest_half_and_of_two_the_even_one);
    tcase_add_test(halves, what_is_too_large_or_too_small);
    tcase_add_test(page, base64_of_the_standard);
    tcase_add_test(page, weights_in_sixteen_and_in_eight_bits);
    tcase_add_test(page, what_is_typed_cannot_leave_its_script);
    tcase_add_test(page, as_many_epochs_as_fit);
    tcase_add_test(page, an_untied_model_for_the_browser);
    suite_add_tcase(suite, halves);
    suite_add_tcase(suite, page);
    return suite_run(suite);
}
