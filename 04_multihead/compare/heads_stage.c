/* heads_stage.c - Karpathy, "Let's build GPT", 1:21:59 (commit a6e0bee): four heads of 8 instead of
 * one of 32; with the scale of the video and with the one he mended later.
 *
 * Beside: karpathy 1:21:59 - ten rows, to 2.2748 and 2.2858 with his scale, and ten with the scale
 *     mended (after `make data`)
 */
#include "03_self_attention/lab/stages.h"
#include "04_multihead/char_heads.h"
#include "common/kernels.h"

#include <stdio.h>

static CharModel build(Parameters *parameters, int vocab, Random *random, bool scale_of_video) {
    static CharHeads heads;
    const CharConfig config = {
        .vocab = vocab, .block_size = 8, .n_embd = 32, .positions = POSITIONS_LEARNED};
    CharModel model = char_model_begin(parameters, config, random);
    heads = char_heads_new(parameters, "sa_heads.", 32, 4, scale_of_video, random);
    char_model_finish(&model, parameters, char_middle_heads(&heads), random);
    return model;
}

static CharModel build_as_in_video(Parameters *parameters, int vocab, Random *random) {
    return build(parameters, vocab, random, true);
}

static CharModel build_mended(Parameters *parameters, int vocab, Random *random) {
    return build(parameters, vocab, random, false);
}

/* The commit's losses, and those of the same file in PyTorch with the scale mended. */
static const CharRow VIDEO[] = {
    {0, 4.2227, 4.2226},    {500, 2.6592, 2.6733},  {1000, 2.4980, 2.5064}, {1500, 2.4291, 2.4349},
    {2000, 2.3716, 2.3844}, {2500, 2.3417, 2.3561}, {3000, 2.3149, 2.3347}, {3500, 2.2918, 2.3171},
    {4000, 2.2895, 2.2868}, {4500, 2.2748, 2.2858}};
static const CharRow MENDED[] = {
    {0, 4.2248, 4.2250},    {500, 2.6663, 2.6809},  {1000, 2.5107, 2.5189}, {1500, 2.4394, 2.4447},
    {2000, 2.3769, 2.3890}, {2500, 2.3459, 2.3606}, {3000, 2.3163, 2.3361}, {3500, 2.2867, 2.3138},
    {4000, 2.2861, 2.2796}, {4500, 2.2692, 2.2816}};

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {
        "Karpathy's stage with four heads, seed 1337, with both scales. Slow: 10 s.",
        "build/04_multihead/heads_stage --steps 500"};
    long steps = 5000;
    const Option own[] = {option_integer("steps", "N", &steps, 0, 5000, "end the training early")};
    Lesson lesson = lesson_begin_with(argc, argv, &usage, 1337, own, OPTION_COUNT(own));
    Stage stage = {.name = "heads_stage",
                   .numbers = 7553,
                   .training = {.batch = 32,
                                .block = 8,
                                .steps = 5000,
                                .eval_every = 500,
                                .eval_batches = 200,
                                .lr = 1e-3},
                   .published_count = 10,
                   .allowed = 1.5e-4};
    puts("One head of 32 ended at 2.3980 and 2.4084 (make 03/head_stage). Now four heads of\n"
         "8 side by side, with as many parameters: 7553.");

    lesson_step(&lesson, "As in the video: scores times 32^-0.5, though a head is 8 wide");
    stage.build = build_as_in_video;
    stage.published = VIDEO;
    int status = stage_run(&stage, steps);

    lesson_step(&lesson, "Mended: scores times 8^-0.5");
    stage.build = build_mended;
    stage.published = MENDED;
    if (stage_run(&stage, steps) != 0) status = 1;
    puts("\nHis `C` is the width of x, not of the head: with one head the two were equal and\n"
         "the line was right. Half as large scores cost little here, where training can\n"
         "make the weights larger; from the same seed it is 0.004 in the last row.");
    return lesson_end(&lesson, status);
}
