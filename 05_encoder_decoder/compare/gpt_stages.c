/* gpt_stages.c - Karpathy, "Let's build GPT", 1:24:25 to 1:37:49, the last three stages before
 * scaling up: feed-forward (commit 97dd3f9), blocks with residuals (5c3a2d2), layer norm (0016836).
 * The rows of losses that each prints.
 *
 * Beside: karpathy 1:24:25 - losses 4.1996 4.1995 at step 0, 2.5993 2.6077 at 500 (after `make
 *     data`)
 * Beside: karpathy 1:26:48 - three blocks with residuals: 4.6255 4.6233 at step 0, 2.3884 2.3848 at
 *     500
 * Beside: karpathy 1:32:51 - layer norm: 4.3103 4.3097 at step 0, 2.4000 2.4010 at 500
 */
#include "03_self_attention/lab/stages.h"
#include "05_encoder_decoder/gpt_model.h"
#include "common/kernels.h"

#include <stdio.h>

/* The last model built, to be freed once it has been trained. */
static GptModel *built;

static CharModel build(GptKind kind, int layers, Parameters *parameters, int vocab,
                       Random *random) {
    const GptConfig config = {.kind = kind,
                              .vocab = vocab,
                              .block_size = 8,
                              .d_model = 32,
                              .heads = 4,
                              .layers = layers,
                              .scale_of_video = true,
                              .positions = POSITIONS_LEARNED};
    built = gpt_model_new(parameters, &config, random);
    return built->chars;
}

static CharModel build_ff(Parameters *parameters, int vocab, Random *random) {
    return build(GPT_FF, 1, parameters, vocab, random);
}

static CharModel build_blocks(Parameters *parameters, int vocab, Random *random) {
    return build(GPT_BLOCKS, 3, parameters, vocab, random);
}

static CharModel build_norm(Parameters *parameters, int vocab, Random *random) {
    return build(GPT_NORM, 3, parameters, vocab, random);
}

/* The losses that his file prints at each commit, as a learner noted them down; NORM, and the last
 * step of BLOCKS, as the same file prints them with PyTorch 1.13. (He reads out 2.08 and 2.06.) */
static const CharRow FF[] = {{0, 4.1996, 4.1995},    {500, 2.5993, 2.6077},  {1000, 2.4629, 2.4651},
                             {1500, 2.3974, 2.3951}, {2000, 2.3297, 2.3470}, {2500, 2.3018, 2.3221},
                             {3000, 2.2828, 2.2936}, {3500, 2.2495, 2.2721}, {4000, 2.2435, 2.2468},
                             {4500, 2.2286, 2.2411}};
static const CharRow BLOCKS[] = {
    {0, 4.6255, 4.6233},    {500, 2.3884, 2.3848},  {1000, 2.2707, 2.2693}, {1500, 2.1884, 2.2097},
    {2000, 2.1471, 2.1831}, {2500, 2.1079, 2.1520}, {3000, 2.0703, 2.1443}, {3500, 2.0619, 2.1201},
    {4000, 2.0246, 2.1074}, {4500, 2.0045, 2.1031}, {4999, 1.9986, 2.0799}};
static const CharRow NORM[] = {
    {0, 4.3103, 4.3097},    {500, 2.4000, 2.4010},  {1000, 2.2645, 2.2661}, {1500, 2.1663, 2.1892},
    {2000, 2.1329, 2.1686}, {2500, 2.0809, 2.1284}, {3000, 2.0503, 2.1229}, {3500, 2.0431, 2.1019},
    {4000, 2.0121, 2.0922}, {4500, 1.9932, 2.0970}, {4999, 1.9800, 2.0587}};

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {
        "Karpathy's stages with feed-forward, blocks and layer norm, seed 1337. Slow: 7 s.",
        "build/05_encoder_decoder/gpt_stages --steps 5000"};
    long steps = 500;
    const Option own[] = {
        option_integer("steps", "N", &steps, 0, 5000, "how far to train; 5000 is the whole")};
    Lesson lesson = lesson_begin_with(argc, argv, &usage, 1337, own, OPTION_COUNT(own));
    const CharTraining training = {
        .batch = 32, .block = 8, .steps = 5000, .eval_every = 500, .eval_batches = 200, .lr = 1e-3};
    CharTraining and_last = training;
    and_last.eval_last = true;
    const Stage stages[] = {{.name = "gpt_stages, ff",
                             .build = build_ff,
                             .numbers = 8609,
                             .training = training,
                             .published = FF,
                             .published_count = OPTION_COUNT(FF),
                             .allowed = 1.5e-4,
                             .drifts_from = 4000,
                             .drift = 1e-3},
                            {.name = "gpt_stages, blocks",
                             .build = build_blocks,
                             .numbers = 41921,
                             .training = and_last,
                             .published = BLOCKS,
                             .published_count = OPTION_COUNT(BLOCKS),
                             .allowed = 1.5e-4,
                             .drifts_from = 500,
                             .drift = 0.01},
                            {.name = "gpt_stages, norm",
                             .build = build_norm,
                             .numbers = 42369,
                             .training = and_last,
                             .published = NORM,
                             .published_count = OPTION_COUNT(NORM),
                             .allowed = 1.5e-4,
                             .drifts_from = 500,
                             .drift = 0.01}};
    static const char *const titles[] = {
        "97dd3f9: behind the four heads a feed-forward layer, (B,8,32) -> (B,8,32)",
        "5c3a2d2: three blocks, x + sa(x) and x + ffwd(x), ffwd 128 wide inside",
        "0016836: a layer norm before each of the two, and one at the end"};
    int status = 0;
    for (size_t i = 0; i < OPTION_COUNT(stages); i++) {
        lesson_step(&lesson, titles[i]);
        if (stage_run(&stages[i], steps) != 0) status = 1;
        gpt_model_free(built);
        built = NULL;
    }
    return lesson_end(&lesson, status);
}
