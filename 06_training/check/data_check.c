#include "06_training/check/data_check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "06_training/check/correspondence.h"
#include "06_training/check/script.h"
#include "06_training/check/stray_characters.h"
#include "06_training/check/writing_check.h"
#include "06_training/translator/census.h"

/* From what share on one should look, and from what share on something is wrong. */
static const double SOME = 0.01, MANY = 0.1, HALF = 0.5;

/* ---- How many -------------------------------------------------------------------------------- */

enum { FEW_PAIRS = 1000, TOO_FEW_PAIRS = 30 };

static void check_count(const Run *run, Checklist *list) {
    const size_t count = run->train.count;
    const ChecklistVerdict verdict = count < TOO_FEW_PAIRS ? CHECKLIST_WRONG
                                     : count < FEW_PAIRS   ? CHECKLIST_LOOK
                                                           : CHECKLIST_OK;
    checklist_say(list, verdict,
                  "So few sentences are learned by heart, and others are not translated: a "
                  "translator of a small world begins at some thousand pairs.",
                  "pairs: %zu to learn from, %zu to judge by", count, run->validation.pairs.count);
}

static void check_empty(const Pairs *train, Checklist *list) {
    const size_t left_out = train->skipped + train->too_long, all = train->src.count + left_out;
    checklist_say(list, checklist_small(checklist_share(left_out, all), SOME, MANY),
                  "They are skipped, and the rest is trained on. Many of them mean that lines were "
                  "lost on one side: look for where that begins.",
                  "left out: %zu pairs (%.1f %%) with an empty side, %zu with more than %d bytes",
                  train->skipped, checklist_percent(train->skipped, all), train->too_long,
                  LINE_BYTES_MAX);
}

static void check_too_long(const Run *run, Checklist *list) {
    const size_t skipped = run->train.skipped, all = run->train.count + skipped;
    checklist_say(
        list, checklist_small(checklist_share(skipped, all), SOME, MANY),
        "They are skipped. A larger --max-length takes them in (and more time and memory); "
        "cut paragraphs into sentences.",
        "left out: %zu pairs (%.1f %%) with more than %d pieces on a side", skipped,
        checklist_percent(skipped, all), run->translator.max_length);
}

/* ---- The same twice -------------------------------------------------------------------------- */

static void check_repeated(const Census *census, size_t count, Checklist *list) {
    checklist_say(list, checklist_small(checklist_share(census->repeated, count), MANY, HALF),
                  "They weigh as often as they come, and nothing new is learned from them: sort -u "
                  "on the pairs (one file, source TAB target) leaves each once.",
                  "repeated: %zu pairs (%.1f %%) were there before, word for word",
                  census->repeated, checklist_percent(census->repeated, count));
}

/* Whatever is asked, a model says what it has read for most of its sources. */
static void check_most(const Pairs *train, CensusMost src, CensusMost tgt, Checklist *list) {
    const size_t count = train->src.count, most = src.times > tgt.times ? src.times : tgt.times;
    char advice[256];
    snprintf(advice, sizeof advice,
             "Line %zu is the first that has it. Of many pairs with one side in common little is "
             "learned: is a column wrong, or was a line put in where one was missing?",
             pairs_line(train, src.times > tgt.times ? src.place : tgt.place));
    checklist_say(
        list, checklist_small(most > 1 ? checklist_share(most, count) : 0, MANY, HALF), advice,
        "one and the same source: %zu pairs (%.1f %%) at most; target: %zu (%.1f %%)", src.times,
        checklist_percent(src.times, count), tgt.times, checklist_percent(tgt.times, count));
}

/* Of a few validation pairs one is a large share. */
static ChecklistVerdict judge_share(size_t some, size_t valid, double look, double wrong) {
    return checklist_small(checklist_share(some, valid), look, valid < TOO_FEW_PAIRS ? 1 : wrong);
}

static void check_equal(const Census *census, size_t count, size_t valid, Checklist *list) {
    const ChecklistVerdict own =
        checklist_small(checklist_share(census->equal, count), 2 * SOME, 2 * MANY);
    const ChecklistVerdict other = judge_share(census->equal_valid, valid, 2 * SOME, 2 * MANY);
    checklist_say(list, own > other ? own : other,
                  "They teach the model to copy, or reward it for that. A few (names, numbers) are "
                  "right; more are lines that nobody has translated, or one file given for both "
                  "sides.",
                  "source equal to target: %zu pairs (%.1f %%); of validation %zu (%.1f %%)",
                  census->equal, checklist_percent(census->equal, count), census->equal_valid,
                  checklist_percent(census->equal_valid, valid));
}

static void check_seen(const Census *census, size_t count, Checklist *list) {
    checklist_say(list, judge_share(census->seen, count, SOME, MANY),
                  "Capitals and spaces aside: what was learned by heart is no test. BLEU and loss "
                  "will look better than the "
                  "model is, and the wrong epoch is kept as the best. Take these pairs out of the "
                  "training files, or others to judge by.",
                  "validation pairs that are trained on: %zu (%.1f %%); sources: %zu (%.1f %%)",
                  census->seen, checklist_percent(census->seen, count), census->seen_src,
                  checklist_percent(census->seen_src, count));
}

/* ---- Writing --------------------------------------------------------------------------------- */

/* Lines in the script of most; others in a text in Latin letters are more often an accident than in
 * one that writes names and trademarks in them. */
static void check_script(bool source, const Pairs *pairs, const Pairs *judged_by, Checklist *list) {
    const Lines *train = source ? &pairs->src : &pairs->tgt;
    const Lines *valid = source ? &judged_by->src : &judged_by->tgt;
    size_t others, first, ignored;
    const Script script = script_of_most(train, &others, &first);
    const Script judged = script_of_most(valid, &ignored, &ignored);
    char rest[64] = "";
    if (others)
        snprintf(rest, sizeof rest, ", the first is line %zu", pairs_line(pairs, first - 1));
    const ChecklistVerdict verdict =
        judged != script ? CHECKLIST_WRONG
                         : checklist_small(checklist_share(others, train->count), SOME, MANY);
    checklist_say(list, verdict,
                  judged != script
                      ? "Training and validation are not of one language on this side: are two "
                        "files exchanged?"
                      : "Lines of another language, or one that came through a wrong encoding.",
                  "%s letters: %s; validation: %s; %zu lines (%.1f %%) in other ones%s",
                  source ? "source" : "target", script_name(script), script_name(judged), others,
                  checklist_percent(others, train->count), rest);
}

/* A rare character of a large script may be in the text and have no token: bytes stand for it. */
static void check_unknown(const Run *run, const Pairs *train, Checklist *list) {
    const Pairs *valid = run->validation.text;
    CensusCharacters *seen = census_characters(train);
    size_t lines = 0;
    for (size_t i = 0; i < valid->src.count; i++)
        lines += census_is_new(seen, valid->src.line[i]) ||
                 census_is_new(seen, valid->tgt.line[i]) ||
                 bpe_unknown_character(run->translator.bpe, valid->src.line[i]) ||
                 bpe_unknown_character(run->translator.bpe, valid->tgt.line[i]);
    free(seen);
    checklist_say(list, judge_share(lines, valid->src.count, 5 * SOME, 3 * MANY),
                  "Of characters that it never saw a model can say nothing. Is it the same kind of "
                  "text? A script of many characters needs a larger --vocab.",
                  "validation pairs with characters that training or the vocabulary has not: %zu "
                  "(%.1f %%)",
                  lines, checklist_percent(lines, valid->src.count));
}

/* ---- Lengths --------------------------------------------------------------------------------- */

enum { BINS = 10, BAR = 24 };

/* So wide that nine of the bins hold all but one pair in a hundred; the last has the rest. */
static int bin_width(const EncodedPairs *pairs) {
    size_t longer;
    int width = 0;
    do {
        width++;
        longer = 0;
        for (size_t i = 0; i < pairs->count; i++)
            longer += pairs->pair[i].src_length - 1 > width * (BINS - 1) ||
                      pairs->pair[i].tgt_length - 2 > width * (BINS - 1);
    } while (longer * 100 > pairs->count);
    return width;
}

static void count_length(size_t bins[BINS], int length, int width) {
    const int bin = length > 0 ? (length - 1) / width : 0;
    bins[bin < BINS ? bin : BINS - 1]++;
}

static void print_bar(size_t count, size_t largest) {
    const int full = (int)((count * BAR + largest - 1) / largest); // one that is there is seen
    printf("  %6zu ", count);
    for (int i = 0; i < BAR; i++) putchar(i < full ? '#' : ' ');
}

static void print_histogram(const EncodedPairs *pairs) {
    size_t src[BINS] = {0}, tgt[BINS] = {0}, largest = 1;
    const int width = bin_width(pairs);
    for (size_t i = 0; i < pairs->count; i++) {
        count_length(src, pairs->pair[i].src_length - 1, width);
        count_length(tgt, pairs->pair[i].tgt_length - 2, width);
    }
    for (int i = 0; i < BINS; i++) {
        if (src[i] > largest) largest = src[i];
        if (tgt[i] > largest) largest = tgt[i];
    }
    printf("%14spieces      source %25s target\n", "", "");
    for (int i = 0; i < BINS; i++) {
        printf("%14s%3d", "", i * width + 1);
        if (i < BINS - 1)
            printf("-%-3d", (i + 1) * width);
        else
            printf("... ");
        print_bar(src[i], largest);
        print_bar(tgt[i], largest);
        putchar('\n');
    }
}

/* A side that has three times the pieces of the other says more, or something else. */
static bool is_uneven(const EncodedPair *pair) {
    const int s = pair->src_length, t = pair->tgt_length - 1;
    return (s > 3 * t || t > 3 * s) && abs(s - t) > 10;
}

static void check_lengths(const Run *run, const Pairs *train, Checklist *list) {
    const EncodedPairs *pairs = &run->train;
    size_t uneven = 0, first = 0;
    for (size_t i = 0; i < pairs->count; i++)
        if (is_uneven(&pairs->pair[i]) && uneven++ == 0)
            first = pairs_line(train, pairs->pair[i].place);
    char rest[64] = "";
    if (uneven) snprintf(rest, sizeof rest, ", the first is line %zu", first);
    checklist_say(list, checklist_small(checklist_share(uneven, pairs->count), SOME, MANY),
                  "Such pairs are rarely translations. Look at some of them, and take them out.",
                  "lengths: %zu pairs (%.1f %%) have three times the pieces on one side%s", uneven,
                  checklist_percent(uneven, pairs->count), rest);
    print_histogram(pairs);
}

/* ---- Do they belong together? ---------------------------------------------------------------- */

/* The largest share that chance alone may give, but for one time in a thousand. */
static double by_chance(int judged) {
    return 0.5 + 1.5 / sqrt(judged);
}

enum { ENOUGH = 100, ENOUGH_IN_PART = 50, ENOUGH_TO_BLAME = 1500 };

/* The target file is a line ahead or behind: with that put right they fit. */
static int shift_of(const EncodedPairs *pairs) {
    for (int distance = 1; distance <= 3; distance++)
        for (int offset = -distance; offset <= distance; offset += 2 * distance) {
            const Correspondence c = correspondence_of(pairs, pairs, offset);
            if (correspondence_share(&c) > fmax(0.7, by_chance(correspondence_judged(&c))))
                return offset;
        }
    return 0;
}

/* Of true translations nearly all fit, if there are enough to learn from. */
static const double TRUE_FIT = 0.98, GOOD_FIT = 0.9, FAIR_FIT = 0.75;

/* How many pairs of a hundred belong to others, if that is why no more fit. */
static double strangers(double fits) {
    return 100 * (TRUE_FIT - fits) / (TRUE_FIT - 0.5);
}

static bool part_is_chance(const Correspondence *c, int p) {
    return correspondence_part(c, p) <= by_chance(c->judged[p]);
}

static bool can_judge_parts(const Correspondence *c) {
    for (int p = 0; p < CORRESPONDENCE_PARTS; p++)
        if (c->judged[p] < ENOUGH_IN_PART) return false;
    return true;
}

/* Too many strangers for a training, in a text that is long enough for true pairs to fit, and all
 * over it: where they are in some parts, judge_parts says so. */
static bool has_strangers(const Correspondence *c, int vocab) {
    static const double TOO_MANY = 30;
    // Single letters come with each other by chance.
    if (correspondence_judged(c) < ENOUGH_TO_BLAME || vocab < 2 * BPE_FIRST_CHARACTER) return false;
    for (int p = 0; p < CORRESPONDENCE_PARTS; p++)
        if (part_is_chance(c, p)) return false;
    return strangers(correspondence_share(c)) >= TOO_MANY;
}

/* The whole of the file fits, or not. */
static void judge_all(const EncodedPairs *pairs, const Correspondence *c, int vocab,
                      Checklist *list) {
    const int judged = correspondence_judged(c);
    const double fits = correspondence_share(c);
    const bool chance = fits <= by_chance(judged);
    const int shift = chance && judged >= ENOUGH ? shift_of(pairs) : 0;
    char advice[512];
    if (shift)
        snprintf(advice, sizeof advice,
                 "The files are shifted against each other: line %d of the target fits line %d of "
                 "the source. Find the line that is missing or too many.",
                 shift > 0 ? 1 + shift : 1, shift > 0 ? 1 : 1 - shift);
    else if (chance && judged >= ENOUGH)
        snprintf(advice, sizeof advice,
                 "That is chance (5 of 10): the lines of the two files are no translations of each "
                 "other. Are they in the same order, and are they the right files?");
    else if (judged < ENOUGH)
        snprintf(advice, sizeof advice, "Too few pairs to tell.");
    else
        snprintf(advice, sizeof advice,
                 "Of true translations 9.8 would, and of others 5: so it would be if about %.0f of "
                 "100 pairs did not belong together. Look at some, side by side.",
                 strangers(fits));
    checklist_say(
        list,
        fits > (judged < FEW_PAIRS ? FAIR_FIT : GOOD_FIT) && !chance ? CHECKLIST_OK
        : (chance && judged >= ENOUGH) || has_strangers(c, vocab)    ? CHECKLIST_WRONG
                                                                     : CHECKLIST_LOOK,
        advice, "a source's own target fits it better than one from elsewhere in %.1f of 10 pairs",
        10 * fits);
}

/* From some line on two files may be shifted; the tenths tell from where to where. */
static void judge_parts(const EncodedPairs *pairs, const Pairs *train, const Correspondence *c,
                        Checklist *list) {
    int first = -1, last = -1, number = 0;
    if (!can_judge_parts(c)) return;
    for (int p = 0; p < CORRESPONDENCE_PARTS; p++) {
        if (!part_is_chance(c, p)) continue;
        if (first < 0) first = p;
        last = p;
        number++;
    }
    if (first < 0) {
        checklist_say(list, CHECKLIST_OK, "",
                      "and it does so in each tenth of the pairs, from the first to the last");
        return;
    }
    const size_t begin = pairs->count * (size_t)first / CORRESPONDENCE_PARTS;
    const size_t end = pairs->count * ((size_t)last + 1) / CORRESPONDENCE_PARTS;
    const size_t from = pairs_line(train, pairs->pair[begin].place);
    const size_t to = pairs_line(train, pairs->pair[end - 1].place);
    if (number == last - first + 1)
        checklist_say(list, CHECKLIST_WRONG,
                      "There the lines are no translations of each other, elsewhere they are: from "
                      "some line on the files are shifted, or another text begins.",
                      "but its own fits by chance only (5 of 10) in lines %zu to %zu", from, to);
    else
        checklist_say(list, CHECKLIST_WRONG,
                      "In some parts of the files the lines are translations of each other, in "
                      "others not.",
                      "but its own fits by chance only (5 of 10) in %d tenths of the pairs, the "
                      "first of them from line %zu on, the last up to line %zu",
                      number, from, to);
}

/* By what the training pairs have taught, of which half was enough for their own share: fewer that
 * fit are of another kind. A second language shares names, numbers and marks with the right one, so
 * it does far better than chance. */
static void judge_validation(const Correspondence *train, const Correspondence *c,
                             Checklist *list) {
    static const double AS_GOOD = 0.05;
    const int judged = correspondence_judged(c);
    const double fits = correspondence_share(c);
    const bool chance = fits <= by_chance(judged), enough = judged >= ENOUGH;
    if (judged == 0) {
        checklist_say(
            list, CHECKLIST_LOOK,
            "There is one validation pair only, or all have the same target: then another "
            "pair's target fits as well as the own one.",
            "whether sources and targets belong together cannot be told of any "
            "validation pair");
        return;
    }
    const bool worse = enough && fits < correspondence_share(train) - AS_GOOD;
    checklist_say(
        list,
        chance && enough  ? CHECKLIST_WRONG
        : chance || worse ? CHECKLIST_LOOK
                          : CHECKLIST_OK,
        !enough  ? "Too few pairs to tell, and to judge a model by: some hundred are wanted."
        : chance ? "Nothing learned from the training pairs helps with these: are the validation "
                   "files shifted, or of another language? (If the training pairs are wrong, put "
                   "those right first.)"
                 : "Fewer than of the training pairs: is a validation file of another language, or "
                   "one and the same for both sides? Or do they speak of other things?",
        "a validation source's own target, by what training pairs tell, in %.1f of 10", 10 * fits);
}

static void check_correspondence(const Run *run, const Pairs *train, Checklist *list) {
    const EncodedPairs *pairs = &run->train;
    const Correspondence c = correspondence_of(pairs, pairs, 0);
    const Correspondence valid = correspondence_of(pairs, &run->validation.pairs, 0);
    if (correspondence_judged(&c) == 0) {
        checklist_say(
            list, CHECKLIST_LOOK,
            "Where all targets are one and the same, or there is one pair only, each fits "
            "as well as any other.",
            "whether sources and targets belong together cannot be told of any pair");
        return; // and no validation pair can be judged by what was learned from these
    }
    judge_all(pairs, &c, bpe_vocab_size(run->translator.bpe), list);
    if (correspondence_share(&c) > by_chance(correspondence_judged(&c)))
        judge_parts(pairs, train, &c, list);
    judge_validation(&c, &valid, list);
}

/* Each side has to be a language: one sentence, again and again, is none. */
static void check_exchanged(const Run *run, Checklist *list) {
    const EncodedPairs *train = &run->train, *valid = &run->validation.pairs;
    const Exchanged exchanged = correspondence_exchanged(train, valid);
    const double most = fmax(checklist_share(exchanged.train, train->count),
                             checklist_share(exchanged.valid, valid->count));
    checklist_say(list, checklist_small(most, SOME, MANY),
                  "Their source looks like the other side's language, and their target like this "
                  "one's: are two files exchanged, or two columns?",
                  "sides exchanged: %zu pairs (%.1f %%); of validation %zu (%.1f %%)",
                  exchanged.train, checklist_percent(exchanged.train, train->count),
                  exchanged.valid, checklist_percent(exchanged.valid, valid->count));
}

/* ---- All ------------------------------------------------------------------------------------- */

void data_check(const Run *run, const Pairs *train, Checklist *list) {
    const Pairs *valid = run->validation.text;
    const Census census = census_of(train, valid);
    const CensusMost src = census_most(&train->src), tgt = census_most(&train->tgt);
    const double most =
        checklist_share(src.times > tgt.times ? src.times : tgt.times, train->src.count);
    checklist_title("The data");
    check_count(run, list);
    check_empty(train, list);
    writing_check(train, valid, list);
    stray_characters_check(train, list);
    check_too_long(run, list);
    check_repeated(&census, train->src.count, list);
    check_most(train, src, tgt, list);
    check_equal(&census, train->src.count, valid->src.count, list);
    check_seen(&census, valid->src.count, list);
    check_script(true, train, valid, list);
    check_script(false, train, valid, list);
    check_unknown(run, train, list);
    check_correspondence(run, train, list);
    if (most <= HALF) check_exchanged(run, list);
    check_lengths(run, train, list);
}
