#include "06_training/lab/diagnosis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One thing that may be wrong. It is judged by one check, so that the same numbers decide that a
 * learner reads. */
typedef struct {
    const char *word, *meaning;
    bool (*shows)(const double *value);
    Symptom first, second; // of the sentence `against`, which prints the two
    const char *against;   // if it were so, what would be seen, and what is seen
    const char *lesson;    // it is so: how it shows, why nobody notices, where it is told
    const char *rather; // a mask that leaks makes this check fail as well: what speaks against it
} Fault;

/* ---- What shows ------------------------------------------------------------------------------ */

/* Limits lie far from what a sound program shows, which is 0 or equality up to rounding, and far
 * from what each fault makes of it. */

static bool leaks(const double *value) {
    return value[SYMPTOM_LATER_TOKEN] > 1e-3;
}

/* The batch that training makes, and the one that the text makes. */
static bool is_swapped(const double *value) {
    return fabs(value[SYMPTOM_FROM_TEXT] - value[SYMPTOM_LOSS]) > 0.5;
}

static bool counts_pad(const double *value) {
    return fabs(value[SYMPTOM_MORE_TGT_PAD] - value[SYMPTOM_LOSS]) > 1e-3;
}

/* A few translations may differ by rounding. */
static bool forgets_positions(const double *value) {
    return value[SYMPTOM_CACHE] < 0.95;
}

/* Two validations of one model have summed the same numbers in the same order. */
static bool drops(const double *value) {
    return fabs(value[SYMPTOM_VALID_AGAIN] - value[SYMPTOM_VALID]) > 1e-4;
}

/* Two shards would make it 2 times. Where <pad> counts, shards differ by their padding. */
static bool adds_shards(const double *value) {
    return value[SYMPTOM_NORM_TWO] > 1.5 * value[SYMPTOM_NORM_ONE];
}

/* A word may come twice in a row, but not in half of the places. */
static bool is_not_shifted(const double *value) {
    return value[SYMPTOM_ALREADY_READ] > 0.5;
}

static bool has_no_warmup(const double *value) {
    return value[SYMPTOM_FIRST_RATE] > 0.5;
}

/* Weights of deviation 1 cost 8 times ln V (06/init_matters). */
static bool begins_large(const double *value) {
    return value[SYMPTOM_FIRST_LOSS] > 2 * value[SYMPTOM_EQUAL_SHARES];
}

static bool is_sound(const double *value);

/* ---- The list -------------------------------------------------------------------------------- */

static const Fault FAULTS[] = {
    {.word = "dropout",
     .meaning = "activations are still dropped while validating",
     .shows = drops,
     .first = SYMPTOM_VALID,
     .second = SYMPTOM_VALID_AGAIN,
     .against =
         "Which activations are dropped is drawn anew at every step. If some were dropped while\n"
         "validating, two validations of one model would not agree. They give %.4f and %.4f.",
     .lesson =
         "A model without chance in it gives one number, however often it is asked. The weights\n"
         "and the translations are the sound program's. But who compares epochs or models by this\n"
         "number compares chance as well. In PyTorch: model.eval() has been forgotten."},
    {.word = "init",
     .meaning = "the weights begin too large",
     .shows = begins_large,
     .first = SYMPTOM_FIRST_LOSS,
     .second = SYMPTOM_EQUAL_SHARES,
     .against =
         "A model that is sure of something at birth pays several times ln V for a token before\n"
         "the first step. This one pays %.4f, and ln V is %.4f.",
     .lesson = "The first loss is far above ln V (make 06/init_matters)."},
    {.word = "leak",
     .meaning = "the decoder sees tokens that it is still to say",
     .shows = leaks,
     .first = SYMPTOM_LATER_TOKEN,
     .second = SYMPTOM_TEACHER,
     .against =
         "If a place could see later ones, another last token would change the logits before it.\n"
         "They change by %.4f at most.",
     .lesson =
         "A later token changes what is said before it. Training becomes copying: the loss falls\n"
         "faster than any honest one, also on sentences that were never seen, and hardly asks for\n"
         "the source. Only decoding tells, where there is nothing yet to copy."},
    {.word = "pad",
     .meaning = "<pad> counts in the loss",
     .shows = counts_pad,
     .first = SYMPTOM_LOSS,
     .second = SYMPTOM_MORE_TGT_PAD,
     .against = "If <pad> counted, eight more of them behind every target would change the loss.\n"
                "It is %.4f without them and %.4f with them.",
     .lesson =
         "The same sentences cost another loss when there is more <pad> behind them. Here batches\n"
         "are of one length, so it does little harm; where they are not, the model learns to say\n"
         "nothing, and the loss applauds (make 06/masked_loss).",
     .rather =
         "Eight <pad> more behind every target do change the loss. But if they were merely\n"
         "counted, nothing that stands later could change what is said before it. Here another\n"
         "last token changes earlier logits by up to %.4f."},
    {.word = "positions",
     .meaning = "positions are forgotten while decoding",
     .shows = forgets_positions,
     .first = SYMPTOM_CACHE,
     .second = SYMPTOM_SAID_AGAIN,
     .against =
         "If they were forgotten where one token at a time is decoded, and nowhere else, decoding\n"
         "with and without the cache would say different things. Share of translations that are\n"
         "the same: %.4f.",
     .lesson =
         "The weights are the sound program's; what is said with the cache is not what is said\n"
         "without it. Each new token comes alone, and the step takes it for the first one.\n"
         "Teacher forcing never goes that way, so no loss can tell."},
    {.word = "shards",
     .meaning = "the shards' gradients are added up, not averaged",
     .shows = adds_shards,
     .first = SYMPTOM_NORM_ONE,
     .second = SYMPTOM_NORM_TWO,
     .against =
         "Cutting a batch up must not change its gradient. If shards were added up, two of them\n"
         "would make twice the gradient of one. Its norm is %.4f in one shard and %.4f in two.",
     .lesson =
         "Two shards make twice the gradient of one. Adam divides by the gradient's size, which\n"
         "hides it. Clipping shortens at half the length, SGD would take a step twice as long,\n"
         "and eight threads make it eight times (chapter 6, \"The mean of means\")."},
    {.word = "shift",
     .meaning = "the targets are not shifted",
     .shows = is_not_shifted,
     .first = SYMPTOM_ALREADY_READ,
     .second = SYMPTOM_TEACHER,
     .against =
         "If they were not shifted, the decoder would read at every place the very token that it\n"
         "is to say there. That is so at a share of %.4f of the places.",
     .lesson = "Every place reads what it is to say (chapter 5, \"Shift right\")."},
    {.word = "swap",
     .meaning = "encoder and decoder get each other's sentences",
     .shows = is_swapped,
     .first = SYMPTOM_LOSS,
     .second = SYMPTOM_FROM_TEXT,
     .against =
         "If training had the two sides the wrong way round, a token of its batch and one of the\n"
         "batch made from the text would cost very different losses: they cost %.4f and %.4f.",
     .lesson =
         "What training calls a batch is not what the text says: it learned to translate French\n"
         "into English, and learned it well. Its own validation is swapped in the same way. Only\n"
         "somebody who makes a batch by hand, or reads what it says, finds out."},
    {.word = "warmup",
     .meaning = "the learning rate begins at its highest",
     .shows = has_no_warmup,
     .first = SYMPTOM_FIRST_RATE,
     .second = SYMPTOM_FIRST_RATE,
     .against = "Without warm-up the first rate would be the highest. It is %.4f of it.",
     .lesson = "The first rate is the highest (make 05/norm_placement)."},
    {.word = "none",
     .meaning = "nothing is wrong",
     .shows = is_sound,
     .first = SYMPTOM_LOSS,
     .second = SYMPTOM_LOSS,
     .against =
         "Something is: at least one of the numbers is not the sound program's, and by more than\n"
         "rounding. Compare the two columns row by row, to the last.",
     .lesson =
         "Every check comes out as it should. That is what the other columns are compared with."},
};

enum { FAULT_COUNT = sizeof FAULTS / sizeof FAULTS[0] };

/* No check fails. */
static bool is_sound(const double *value) {
    for (int i = 0; i < FAULT_COUNT; i++)
        if (FAULTS[i].shows != is_sound && FAULTS[i].shows(value)) return false;
    return true;
}

/* ---- Asking ---------------------------------------------------------------------------------- */

/* The list for --answer, made of the table, so that none can be left out. */
const char *diagnosis_words(void) {
    static char words[256];
    words[0] = '\0';
    for (int i = 0; i < FAULT_COUNT; i++) {
        if (i) strcat(words, "|");
        strcat(words, FAULTS[i].word);
    }
    return words;
}

/* The same list for every fault: it tells nothing about which are there. */
void diagnosis_print(void) {
    puts("\nWhat is wrong?");
    for (int i = 0; i < FAULT_COUNT; i++) printf("  %-10s %s\n", FAULTS[i].word, FAULTS[i].meaning);
}

static const Fault *find(const char *word) {
    for (int i = 0; i < FAULT_COUNT; i++)
        if (strcmp(FAULTS[i].word, word) == 0) return &FAULTS[i];
    return NULL;
}

/* Whoever is wrong gets a number to think about, and not the answer. */
bool diagnosis_judge(const char *word, const Symptoms *symptoms) {
    const Fault *fault = find(word);
    const double *value = symptoms->value;
    const bool shows = fault->shows(value), rather = shows && fault->rather && leaks(value);
    if (shows && !rather) {
        printf("Right: %s.\n%s\n", fault->meaning, fault->lesson);
        return true;
    }
    printf("No, not \"%s\".\n", fault->meaning);
    if (rather)
        printf(fault->rather, value[SYMPTOM_LATER_TOKEN]);
    else
        printf(fault->against, value[fault->first], value[fault->second]);
    putchar('\n');
    return false;
}
