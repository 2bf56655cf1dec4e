/* head_stage.c - Karpathy, "Let's build GPT", 1:19:11 (commit 10024b1): one masked head of 32
 * between the embeddings and lm_head. The ten rows of losses that it prints.
 *
 * Beside: karpathy 1:19:11 - his ten rows of losses, to 2.3980 and 2.4084 (after `make data`)
 */
#include "03_self_attention/lab/stages.h"
#include "common/kernels.h"

#include <stdio.h>

static CharModel build(Parameters *parameters, int vocab, Random *random) {
    static AttentionHead head;
    const CharConfig config = {
        .vocab = vocab, .block_size = 8, .n_embd = 32, .positions = POSITIONS_LEARNED};
    CharModel model = char_model_begin(parameters, config, random);
    head = attention_head_new(parameters, "sa_head.", 32, 32, random);
    char_model_finish(&model, parameters, char_middle_head(&head), random);
    return model;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Karpathy's stage with one head of attention, seed 1337.",
                         "build/03_self_attention/head_stage --steps 500"};
    long steps = 5000;
    const Option own[] = {option_integer("steps", "N", &steps, 0, 5000, "end the training early")};
    Lesson lesson = lesson_begin_with(argc, argv, &usage, 1337, own, OPTION_COUNT(own));
    // The commit's model and seed, run in PyTorch on a CPU.
    static const CharRow published[] = {{0, 4.2000, 4.2047},    {500, 2.6911, 2.7087},
                                        {1000, 2.5196, 2.5303}, {1500, 2.4775, 2.4829},
                                        {2000, 2.4408, 2.4523}, {2500, 2.4272, 2.4435},
                                        {3000, 2.4130, 2.4327}, {3500, 2.3956, 2.4212},
                                        {4000, 2.4041, 2.3992}, {4500, 2.3980, 2.4084}};
    const Stage stage = {.name = "head_stage",
                         .build = build,
                         .numbers = 7553,
                         .training = {.batch = 32,
                                      .block = 8,
                                      .steps = 5000,
                                      .eval_every = 500,
                                      .eval_batches = 200,
                                      .lr = 1e-3},
                         .published = published,
                         .published_count = 10,
                         .allowed = 1.5e-4};
    lesson_step(&lesson, "Token + position (B,8,32), one masked head (B,8,32), lm_head (B,8,65)");
    return lesson_end(&lesson, stage_run(&stage, steps));
}
