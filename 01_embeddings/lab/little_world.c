#include "01_embeddings/lab/little_world.h"

#include "common/error.h"

#include <string.h>

/* A group's words; where `she` is not NULL, one gender's and the other's. */
typedef struct {
    const char *name, *he, *she;
} Group;

static const Group groups[] = {
    {"ruler", "king", "queen"},
    {"heir", "prince", "princess"},
    {"adult", "man", "woman"},
    {"child", "boy", "girl"},
    {"grown", "king man", "queen woman"},
    {"young", "prince boy", "princess girl"},
    {"royal", "king prince", "queen princess"},
    {"common", "man boy", "woman girl"},
    {"person", "king prince man boy", "queen princess woman girl"},
    {"he", "he", "she"},
    {"his", "his", "her"},
    {"him", "him", "her"},
    {"wear", "tie waistcoat", "dress necklace"},
    {"kin", "father brother uncle", "mother sister aunt"},
    {"animal", "cat dog horse cow", NULL},
    {"fruit", "apple pear cherry plum", NULL},
    {"vegetable", "carrot onion potato cabbage", NULL},
    {"furniture", "chair table sofa bed", NULL},
    {"taste", "sweet ripe juicy", NULL},
    {"material", "wooden heavy old", NULL},
};

static const char *const patterns[] = {
    // who is who: rank, age and gender each have words of their own
    "the {royal} lives in the palace",
    "the {royal} wears a golden crown",
    "the {ruler} sits on the throne and rules the country",
    "the guard bows before the {royal}",
    "the {common} lives in the village",
    "the {common} walks home through the village street",
    "the {grown} works hard all day",
    "the {grown} reads the long letter",
    "the {young} plays with a ball",
    "the {young} learns to read at school",
    "the {person} wears {his} {wear}",
    "the {person} says that {he} loves {his} {kin}",
    "the {kin} of the {person} gave {him} a new {wear}",
    "everybody likes the {person} because {he} is kind",
    // what is eaten, and where it grows
    "the {fruit} on the tree is {taste}",
    "a {taste} {fruit} falls from the tree",
    "we bake a cake with the {taste} {fruit}",
    "the {vegetable} grows in the ground",
    "we dig the {vegetable} out of the ground",
    "we cook the {vegetable} in the soup",
    "they eat a fresh {fruit} for lunch",
    "they eat a fresh {vegetable} for lunch",
    // what stands in a room, what runs on a farm
    "the {material} {furniture} stands in the room",
    "the carpenter made the {material} {furniture}",
    "they carry the {furniture} into the room",
    "the {animal} runs across the farm",
    "the farmer feeds the hungry {animal}",
    "the {animal} drinks water on the farm",
    // one word, two senses, and for each sense a word that has only that one
    "the boat lies at the bank of the river",
    "the boat lies at the shore of the river",
    "reeds grow along the bank of the river",
    "reeds grow along the shore of the river",
    "the merchant puts the money into the bank",
    "the merchant puts the money into the safe",
    "the thief stole coins and money from the bank",
    "the thief stole coins and money from the safe",
};

/* What sets a thing apart from its like. Told less often, so that the likeness prevails. */
static const char *const particulars[] = {
    "the basket holds a red apple",
    "the basket holds a yellow pear",
    "a bird picks the dark cherry",
    "the jam is made of blue plum",
    "the rabbit nibbles the long carrot",
    "the sharp onion makes him cry",
    "the sharp onion makes her cry",
    "the cook peels the round potato",
    "the snail eats the green cabbage",
    "the chair has four legs and a back",
    "they set plates and cups on the table",
    "they rest on the soft sofa",
    "they sleep in the bed at night",
    "the cat catches a mouse",
    "the dog barks at the stranger",
    "the horse pulls the cart",
    "the cow gives milk",
};

enum {
    GROUPS = sizeof groups / sizeof groups[0],
    PATTERNS = sizeof patterns / sizeof patterns[0],
    PARTICULARS = sizeof particulars / sizeof particulars[0],
};

/* The group between the braces of a pattern, which has no NUL after its name. */
static const Group *find_group(const char *name, size_t length) {
    for (size_t i = 0; i < GROUPS; i++)
        if (strlen(groups[i].name) == length && strncmp(groups[i].name, name, length) == 0)
            return &groups[i];
    return NULL;
}

/* Appends one of the words, each as likely as the others; returns how long the sentence is now. */
static size_t append_one(Random *random, const char *words, char *sentence, size_t used) {
    size_t count = 1;
    for (const char *c = words; *c; c++) count += *c == ' ';
    for (size_t skip = (size_t)random_below(random, count); skip > 0; skip--)
        words = strchr(words, ' ') + 1;
    const size_t length = strcspn(words, " ");
    REQUIRE(used + length < LITTLE_WORLD_SENTENCE, "a sentence is too long");
    memcpy(sentence + used, words, length);
    return used + length;
}

void little_world_sentence(Random *random, char sentence[LITTLE_WORLD_SENTENCE]) {
    const bool particular = random_below(random, 8) == 0;
    const char *pattern = particular ? particulars[random_below(random, PARTICULARS)]
                                     : patterns[random_below(random, PATTERNS)];
    const bool she = random_below(random, 2) == 1; // one gender for the whole sentence
    size_t used = 0;
    while (*pattern) {
        // Plain text is copied, "{group}" becomes one of the group's words.
        if (*pattern != '{') {
            REQUIRE(used + 1 < LITTLE_WORLD_SENTENCE, "a sentence is too long");
            sentence[used++] = *pattern++;
            continue;
        }
        const size_t length = strcspn(pattern + 1, "}");
        const Group *group = find_group(pattern + 1, length);
        REQUIRE(group, "no group is called %.*s", (int)length, pattern + 1);
        used = append_one(random, she && group->she ? group->she : group->he, sentence, used);
        pattern += length + 2;
    }
    sentence[used] = '\0';
}
