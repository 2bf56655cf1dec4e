#include "06_training/run/run_report.h"

#include <stdio.h>
#include <string.h>

#include "06_training/run/budget.h"
#include "06_training/translator/census.h"

/* What there is of one side. */
typedef struct {
    size_t words, pieces;
    int longest; // pieces
} SideLengths;

static void add_line(SideLengths *side, const char *line, int pieces) {
    side->words += census_words(line);
    side->pieces += (size_t)pieces;
    if (pieces > side->longest) side->longest = pieces;
}

/* "12.3 words, 14.1 pieces a sentence (1.14 a word), 41 at most". */
static void report_side(const char *name, const SideLengths *side, size_t pairs) {
    const double words = (double)side->words, pieces = (double)side->pieces;
    printf("%s: %.1f words, %.1f pieces a sentence (%.2f a word), %d at most\n", name,
           words / (double)pairs, pieces / (double)pairs, pieces / words, side->longest);
}

/* Marks are no pieces. Of a pair that is skipped neither words nor pieces count. */
static void report_lengths(const EncodedPairs *pairs, const Pairs *text) {
    SideLengths src = {0}, tgt = {0};
    for (size_t i = 0; i < pairs->count; i++) {
        const EncodedPair *pair = &pairs->pair[i];
        add_line(&src, text->src.line[pair->place], pair->src_length - 1);
        add_line(&tgt, text->tgt.line[pair->place], pair->tgt_length - 2);
    }
    report_side("source", &src, pairs->count);
    report_side("target", &tgt, pairs->count);
}

/* What the preset says and the size of the data has changed. */
static void report_sizes(const Settings *s) {
    Settings preset;
    settings_preset(s->preset, &preset);
    const bool vocab = !settings_given(s, "vocab") && s->vocab != preset.vocab;
    const bool batch = !settings_given(s, "batch-tokens") && s->batch_tokens != preset.batch_tokens;
    if (!s->by_size || s->resume || (!vocab && !batch)) return;
    printf("from the size of the data:");
    if (vocab) printf(" --vocab %ld (%s: %ld)", s->vocab, s->preset, preset.vocab);
    if (batch)
        printf("%s --batch-tokens %ld (%s: %ld)", vocab ? "," : "", s->batch_tokens, s->preset,
               preset.batch_tokens);
    if (s->lr < preset.lr && !settings_given(s, "lr"))
        printf(", --lr %.2g (%s: %g)", s->lr, s->preset, preset.lr);
    putchar('\n');
}

long run_report_steps(const Run *run) {
    const Settings *s = run->settings;
    const long by_epochs = s->epochs * (long)run->epoch.count;
    if (!s->steps || !s->epochs) return s->steps + by_epochs;
    return s->steps < by_epochs ? s->steps : by_epochs;
}

/* "80 epochs of 200 batches: 16000 steps, or 42 minutes if that is less". */
static void report_limits(const Run *run) {
    const Settings *s = run->settings;
    const long steps = run_report_steps(run);
    printf("to do: ");
    if (steps && steps != s->steps)
        printf("%ld epochs of %zu batches, %ld steps", s->epochs, run->epoch.count, steps);
    else if (steps)
        printf("%ld steps, %.1f epochs of %zu batches", steps,
               (double)steps / (double)run->epoch.count, run->epoch.count);
    if (s->minutes > 0) printf("%s%g minutes", steps ? ", or " : "", s->minutes);
    if (steps && s->minutes > 0) printf(" if those are over before");
    if (!steps && s->minutes <= 0) printf("no limit was given: Ctrl-C ends it");
    putchar('\n');
}

/* The climb is over with the warm-up, or a tenth of whatever is over first, steps or time
 * (schedule_linear). */
static void report_rate(const Run *run) {
    const Settings *s = run->settings;
    const long steps = run_report_steps(run), tenth = (steps + 9) / 10;
    const bool linear = budget_is_linear(s), clock = linear && s->minutes > 0;
    const bool by_tenth = linear && steps && tenth < s->warmup;
    printf("learning rate: up to %.3g in %ld steps%s, then down %s\n", s->lr,
           by_tenth ? tenth : s->warmup, clock ? " or a tenth of the time, if that is less" : "",
           linear ? "to 0 at the end" : "with the root of the steps");
    if (s->r_drop > 0)
        printf(
            "each sentence is read twice a step; how far both predictions differ counts %g times\n",
            s->r_drop);
}

void run_report(const Run *run, const Pairs *train) {
    report_lengths(&run->train, train);
    report_sizes(run->settings);
    report_limits(run);
    if (!run->settings->resume) report_rate(run);
    fflush(stdout);
}
