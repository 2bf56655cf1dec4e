/* position_stage.c - Karpathy, "Let's build GPT", 1:00:18 (commit 28e5fd7): the bigram's table
 * becomes an embedding of 32 numbers, positions are added, and a linear layer goes back to 65
 * scores. No attention yet: the positions have nobody to tell about themselves.
 *
 * Beside: karpathy 1:00:18 - positions, and still no attention: ten rows, to 2.5040 and 2.5114
 *     (after `make data`)
 */
#include "03_self_attention/lab/stages.h"
#include "common/kernels.h"

#include <stdio.h>

static CharModel build(Parameters *parameters, int vocab, Random *random) {
    const CharConfig config = {
        .vocab = vocab, .block_size = 8, .n_embd = 32, .positions = POSITIONS_LEARNED};
    CharModel model = char_model_begin(parameters, config, random);
    char_model_finish(&model, parameters, char_middle_none(32), random);
    return model;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Karpathy's stage with positions and without attention, seed 1337.",
                         "build/03_self_attention/position_stage --steps 300"};
    long steps = 3000;
    const Option own[] = {option_integer("steps", "N", &steps, 0, 3000, "end the training early")};
    Lesson lesson = lesson_begin_with(argc, argv, &usage, 1337, own, OPTION_COUNT(own));
    // The commit's model and seed, run in PyTorch on a CPU.
    static const CharRow published[] = {{0, 4.4801, 4.4801},    {300, 2.5404, 2.5566},
                                        {600, 2.5160, 2.5335},  {900, 2.4967, 2.5149},
                                        {1200, 2.5106, 2.5254}, {1500, 2.4853, 2.5109},
                                        {1800, 2.4966, 2.5198}, {2100, 2.4949, 2.5100},
                                        {2400, 2.4937, 2.5102}, {2700, 2.5040, 2.5114}};
    const Stage stage = {.name = "position_stage",
                         .build = build,
                         .numbers = 4481,
                         .training = {.batch = 32,
                                      .block = 8,
                                      .steps = 3000,
                                      .eval_every = 300,
                                      .eval_batches = 200,
                                      .lr = 1e-2},
                         .published = published,
                         .published_count = 10,
                         .allowed = 1.5e-4};
    lesson_step(&lesson, "Token + position (B,8,32), straight into lm_head: (B,8,65)");
    return lesson_end(&lesson, stage_run(&stage, steps));
}
