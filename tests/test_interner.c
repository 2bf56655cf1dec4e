// Growing arrays and the numbering of distinct byte strings.
#include "01_embeddings/interner.h"
#include "common/array.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(arrays_grow) {
    IntArray ints = {0};
    for (int i = 0; i < 1000; i++) int_array_push(&ints, i * i);
    ck_assert_uint_eq(ints.count, 1000);
    for (int i = 0; i < 1000; i++) ck_assert_int_eq(ints.data[i], i * i);
    free(ints.data);

    ByteArray bytes = {0};
    byte_array_append(&bytes, NULL, 0);
    ck_assert_str_eq(bytes.data, "");
    for (int i = 0; i < 100; i++) byte_array_append(&bytes, "abc", 3);
    ck_assert_uint_eq(bytes.count, 300);
    ck_assert_uint_eq(strlen(bytes.data), 300);
    free(bytes.data);
}
END_TEST

START_TEST(numbers_in_order_of_appearance) {
    Interner in = {0};
    ck_assert_int_eq(interner_find(&in, "a", 1), -1);
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 5000; i++) {
            char key[16];
            const int length = snprintf(key, sizeof key, "key %d", i);
            ck_assert_int_eq(interner_find(&in, key, (size_t)length), round ? i : -1);
            ck_assert_int_eq(interner_add(&in, key, (size_t)length), i);
        }
    ck_assert_uint_eq(in.count, 5000);
    size_t length;
    const char *key = interner_key(&in, 4321, &length);
    ck_assert_uint_eq(length, 8);
    ck_assert_int_eq(memcmp(key, "key 4321", 8), 0);
    interner_free(&in);
}
END_TEST

START_TEST(keys_are_bytes) {
    Interner in = {0};
    ck_assert_int_eq(interner_add(&in, "", 0), 0);
    ck_assert_int_eq(interner_add(&in, "\0", 1), 1);
    ck_assert_int_eq(interner_add(&in, "\0\0", 2), 2);
    ck_assert_int_eq(interner_add(&in, "\0a", 2), 3);
    ck_assert_int_eq(interner_add(&in, "", 0), 0);
    ck_assert_int_eq(interner_find(&in, "\0\0", 2), 2);
    interner_free(&in);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("interner");
    TCase *cases = tcase_create("interner");
    tcase_add_test(cases, arrays_grow);
    tcase_add_test(cases, numbers_in_order_of_appearance);
    tcase_add_test(cases, keys_are_bytes);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
