/* test_diagnosis.c - "Find the fault": each answer is right for its own symptom and no other. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "06_training/lab/diagnosis.h"
#include "common/arena.h"
#include "common/kernels.h"
#include "tests/suite.h"

/* What a sound program shows, roughly. */
static Symptoms sound(void) {
    return (Symptoms){.value = {[SYMPTOM_EQUAL_SHARES] = 7,
                                [SYMPTOM_FIRST_LOSS] = 7.5,
                                [SYMPTOM_LOSS] = 0.2,
                                [SYMPTOM_FROM_TEXT] = 0.2,
                                [SYMPTOM_OTHER_SOURCE] = 5,
                                [SYMPTOM_MORE_SRC_PAD] = 0.2,
                                [SYMPTOM_MORE_TGT_PAD] = 0.2,
                                [SYMPTOM_TEACHER] = 0.9,
                                [SYMPTOM_FIRST_RATE] = 0.02,
                                [SYMPTOM_NORM_ONE] = 0.4,
                                [SYMPTOM_NORM_TWO] = 0.4,
                                [SYMPTOM_VALID] = 0.3,
                                [SYMPTOM_VALID_AGAIN] = 0.3,
                                [SYMPTOM_SAID_AGAIN] = 1,
                                [SYMPTOM_CACHE] = 1}};
}

/* One number that is not the sound program's, and what follows from it. */
static const struct {
    Symptom symptom;
    double value;
    const char *right;
} CASES[] = {
    {SYMPTOM_FIRST_LOSS, 40, "init"},    {SYMPTOM_FROM_TEXT, 9, "swap"},
    {SYMPTOM_MORE_TGT_PAD, 0.6, "pad"},  {SYMPTOM_LATER_TOKEN, 8, "leak"},
    {SYMPTOM_ALREADY_READ, 1, "shift"},  {SYMPTOM_FIRST_RATE, 1, "warmup"},
    {SYMPTOM_NORM_TWO, 0.8, "shards"},   {SYMPTOM_VALID_AGAIN, 0.301, "dropout"},
    {SYMPTOM_CACHE, 0.7, "positions"},   {SYMPTOM_OVERFITTED, 0.05, "none"},
    {SYMPTOM_OTHER_SOURCE, 5.5, "none"},
};

/* words: all answers; asks for each. */
static void expect_only(const Symptoms *symptoms, const char *right) {
    char words[256];
    snprintf(words, sizeof words, "%s", diagnosis_words());
    int accepted = 0;
    for (const char *word = strtok(words, "|"); word; word = strtok(NULL, "|")) {
        const bool is_right = diagnosis_judge(word, symptoms);
        ck_assert_msg(is_right == (strcmp(word, right) == 0), "%s where %s is right", word, right);
        accepted += is_right;
    }
    ck_assert_int_eq(accepted, 1);
}

START_TEST(each_symptom_has_its_answer) {
    Symptoms symptoms = sound();
    symptoms.value[CASES[_i].symptom] = CASES[_i].value;
    expect_only(&symptoms, CASES[_i].right);
}
END_TEST

/* Where the future shows, <pad> behind a sentence shows as well, and is not to blame. */
START_TEST(a_leak_is_not_pad) {
    Symptoms symptoms = sound();
    symptoms.value[SYMPTOM_LATER_TOKEN] = 8;
    symptoms.value[SYMPTOM_MORE_TGT_PAD] = 0.4;
    expect_only(&symptoms, "leak");
}
END_TEST

static char *copy_of(const char *text) {
    return strcpy(memory_alloc(strlen(text) + 1), text);
}

/* What is read is what was written: an empty translation, and every digit. */
START_TEST(symptoms_come_back) {
    Symptoms symptoms = sound(), back;
    Error err;
    symptoms.value[SYMPTOM_LOSS] = 0.1;
    for (int i = 0; i < SYMPTOM_LINES; i++) {
        symptoms.src[i] = copy_of("The bird sings.");
        symptoms.tgt[i] = copy_of("L'oiseau chante.");
        symptoms.said[i] = copy_of(i ? "Oiseau." : "");
    }
    char folder[] = "/tmp/test_diagnosis_XXXXXX", path[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert(!symptoms_read(folder, &back, &err)); // nothing there yet
    ck_assert_msg(symptoms_write(&symptoms, folder, &err), "%s", err.text);
    ck_assert_msg(symptoms_read(folder, &back, &err), "%s", err.text);
    ck_assert_mem_eq(symptoms.value, back.value, sizeof back.value);
    for (int i = 0; i < SYMPTOM_LINES; i++) {
        ck_assert_str_eq(symptoms.src[i], back.src[i]);
        ck_assert_str_eq(symptoms.tgt[i], back.tgt[i]);
        ck_assert_str_eq(symptoms.said[i], back.said[i]);
    }
    symptoms_free(&back);
    symptoms_free(&symptoms);
    snprintf(path, sizeof path, "%s/symptoms.tsv", folder);
    remove(path);
    rmdir(folder);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("diagnosis");
    TCase *tests = tcase_create("diagnosis");
    tcase_add_loop_test(tests, each_symptom_has_its_answer, 0, (int)(sizeof CASES / sizeof *CASES));
    tcase_add_test(tests, a_leak_is_not_pad);
    tcase_add_test(tests, symptoms_come_back);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
