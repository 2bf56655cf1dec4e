/* kannada.c - CodeEmporium, notebook Sentence_Tokenization: what is one letter of "ಕನ್ನಡ" to a
 * computer? The notebook takes a word apart into code points; beside them stand the bytes they are
 * made of and the pieces that byte-pair encoding makes of them.
 *
 * Beside: codeemporium Sentence_Tokenization - his word of 5 code points: 15 bytes, and 16, 6 or 1
 *     pieces
 */
#include "01_embeddings/bpe_encode.h"
#include "01_embeddings/bpe_learn.h"
#include "01_embeddings/characters.h"
#include "common/files/utf8.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>
#include <stdlib.h>

static const char word[] = "ಕನ್ನಡ";

/* How many pieces the text becomes, which are printed. */
static size_t show_pieces(const char *name, const Bpe *bpe, const char *text) {
    IntArray ids = {0};
    bpe_encode(bpe, text, strlen(text), &ids);
    printf("  %-26s %2zu:", name, ids.count);
    for (size_t i = 0; i < ids.count; i++)
        printf("%s %s", i > 0 && i % 6 == 0 ? "\n                                " : "",
               bpe_piece(bpe, ids.data[i]));
    puts("");
    char *back = bpe_decode(bpe, ids.data, ids.count, NULL);
    REQUIRE(strcmp(back, text) == 0, "%s came back as %s", text, back);
    const size_t count = ids.count;
    free(back);
    free(ids.data);
    return count;
}

/* Learns `size` tokens from lines that hold the word and its relatives. */
static Bpe *learn(int size) {
    char *lines[] = {"ಕನ್ನಡ", "ಕನ್ನಡ ನಾಡು", "ಕನ್ನಡ ನಾಡು", "ಕನ್ನಡ"};
    const Lines text = {.line = lines, .count = 4};
    Error err;
    Bpe *bpe = bpe_learn(&text, 1, size, NULL, NULL, &err);
    if (!bpe) error_exit(&err);
    return bpe;
}

static void code_points(Comparison *comparison) {
    size_t count = 0;
    uint32_t c;
    printf("\"%s\" is the name of the language, one word. Its code points and their bytes:\n\n",
           word);
    // A byte says how many follow it: utf8_decode returns how far the next character is.
    for (size_t i = 0, n; (n = utf8_decode(word + i, strlen(word) - i, &c)) > 0; i += n, count++) {
        printf("  U+%04X ", c);
        for (size_t k = 0; k < n; k++) printf(" %02X", (unsigned char)word[i + k]);
        printf("   %.*s\n", (int)n, word + i);
    }
    puts("\nThe third is a sign that joins the letters around it. The notebook prints\n"
         "list(\"ಕನ್ನಡ\"), five strings:\n");
    compare_value(comparison, "code points", 5, (double)count, 0, 0);
    printf("  bytes, which it does not show: %zu\n", strlen(word));
}

static void pieces(Comparison *comparison) {
    puts("\nByte-pair encoding, never having seen Kannada, and after four lines of it:\n");
    Error err;
    Bpe *blank = bpe_new("", &err);
    if (!blank) error_exit(&err);
    // Less one: the space put before the word is a piece, too.
    const size_t as_bytes = show_pieces("no Kannada seen: bytes", blank, word) - 1;
    bpe_free(blank);
    // Six different characters in the four lines: four of the word, two more in ನಾಡು.
    Bpe *characters = learn(BPE_FIRST_CHARACTER + 6), *full = learn(BPE_FIRST_CHARACTER + 40);
    const size_t as_characters = show_pieces("its characters, no merges", characters, word) - 1;
    const size_t merged = show_pieces("all merges learned", full, word);
    puts("\n(The first piece of the upper two is the space that we put before a word.)\n");
    compare_claim(comparison, "unseen, a word is its bytes", as_bytes == strlen(word));
    compare_claim(comparison, "with its characters known, its 5 code points", as_characters == 5);
    compare_claim(comparison, "seen often enough, one piece", merged == 1);
    bpe_free(characters);
    bpe_free(full);
}

/* The notebook's vocabulary is a list typed by hand. What it lacks, its filter throws away. */
static void by_hand_or_by_counting(Comparison *comparison) {
    const char sentence[] = "ಏನು ಮಾಡಬೇಕು?";
    Characters seen;
    Error err;
    if (!characters_learn(&seen, sentence, strlen(sentence), &err)) error_exit(&err);
    IntArray ids = {0};
    if (!characters_encode(&seen, sentence, strlen(sentence), &ids, &err)) error_exit(&err);
    printf("\nThe trainer's \"what should we do?\", %s, is %zu ids, %zu different.\n", sentence,
           ids.count, seen.count);
    puts("The notebook types its letters in by hand and drops every sentence that has\n"
         "another or is too long: 81,916 of 100,000 stay. Eight of the typed ones belong\n"
         "to other scripts (Kannada letters start with E0 B2 or E0 B3):\n");
    const char typed[] = "ँఆఇాిీుూ"; // Devanagari, then Telugu
    uint32_t c;
    int foreign = 0;
    for (size_t i = 0, n; (n = utf8_decode(typed + i, strlen(typed) - i, &c)) > 0; i += n)
        foreign += c < 0x0c80 || c > 0x0cff;
    compare_claim(comparison, "eight of them are not Kannada", foreign == 8);
    puts("  Counting the characters of the training text, as characters_learn does, cannot\n"
         "  mistype; and bytes are the way out for those that come later.");
    free(ids.data);
    characters_free(&seen);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Characters, bytes and pieces of a word whose letters are not ASCII.",
                         "build/01_embeddings/kannada"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    code_points(&comparison);
    pieces(&comparison);
    by_hand_or_by_counting(&comparison);
    return lesson_end(&lesson, compare_end(&comparison));
}
