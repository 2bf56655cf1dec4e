/* demo.c - chapter 5 told by a running program: the whole machine of the paper's figure 1, part by
 * part.
 *
 * Beside: alammar A High-Level Look --trace; codeemporium The video --trace; rasa 4 --trace;
 *     rundown --trace; annotated Full Model --trace; karpathy 1:42:39 --trace; bloem The original
 *     transformer: encoders and decoders --trace; wikipedia Transformer --trace - every sub-layer
 *     of one sentence, by PyTorch's name, with its shape, mean and deviation
 * Beside: tensorflow The encoder layer --trace; tensorflow The decoder layer --trace; codeemporium
 *     Transformer_Encoder_EXPLAINED! --trace - one layer, sub-layer by sub-layer, with shape, mean
 *     and deviation
 * Beside: annotated Batches and Masking; karpathy 1:42:39 - step 1: one sentence as many questions;
 *     step 2: the three masks
 * Beside: annotated Decoder; codeemporium Transformer_Decoder_EXPLAINED! - step 2: the mask that
 *     keeps a place from its own answer
 * Beside: karpathy 1:32:51; tensorflow Add and normalize - step 3: three tokens, each brought to
 *     mean 0 and deviation 1
 * Beside: karpathy 1:24:25; alammar Now We're Encoding!; paper 3.3; annotated Position-wise
 *     Feed-Forward Networks; tensorflow The feed-forward network - step 4: change one token, and
 *     only its own row changes
 * Beside: karpathy 1:26:48; alammar The Residuals; heduai Episode 3; tensorflow Add and normalize -
 *     step 5: what is left of a signal and of a gradient after twelve layers, with the sum and
 *     without
 * Beside: alammar A High-Level Look - step 7: three sentences through the box, before training and
 *     after
 * Beside: annotated Inference - step 7: what it says before training, and after
 * Beside: google; alammar The Decoder Side; paper 3.2.3; karpathy 1:15:39; annotated Applications
 *     of Attention in our Model; tensorflow The cross attention layer; codeemporium
 *     Transformer_Decoder_EXPLAINED! - step 8: what is read while each word is said
 * Beside: alammar The Decoder Side - step 9: one word at a time
 */
#include "03_self_attention/masks.h"
#include "05_encoder_decoder/decoder_caches.h"
#include "05_encoder_decoder/lab/phrases.h"
#include "05_encoder_decoder/lab/placement.h"
#include "05_encoder_decoder/trace.h"
#include "common/kernels.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 300, B = 2, S = 5, T = 5 };

/* What the steps share: the phrases, a model that has not been trained yet, and one that has. */
typedef struct {
    Phrase *phrases;
    Transformer *model;
    uint64_t seed;
} Story;

static void print_ids(const char *name, const int *ids, int length, const char *(*word)(int)) {
    printf("  %-8s", name);
    for (int i = 0; i < length; i++) printf(" %-8s", word(ids[i]));
    putchar('\n');
}

/* Two pairs, of which the shorter one is padded. */
static Batch two_pairs(const Story *story) {
    const char *const sentences[B] = {"I love you", "I always help him"};
    SentencePair pairs[B];
    for (int b = 0; b < B; b++) pairs[b] = phrase_find(story->phrases, sentences[b])->pair;
    return teacher_batch(pairs, B);
}

static void shift_step(Lesson *lesson, const Story *story) {
    lesson_step(lesson, "Shift right: a sentence becomes as many questions as it has words");
    puts("Given the English and what has been said so far, what comes next? One pass asks\n"
         "at every place at once. Each column is one place of the decoder:\n");
    const Batch batch = two_pairs(story);
    for (int b = 0; b < B; b++) {
        print_ids("src", batch.src + b * batch.S, batch.S, phrase_english);
        print_ids("input", batch.tgt + b * batch.T, batch.T, phrase_french);
        print_ids("target", batch.labels + b * batch.T, batch.T, phrase_french);
        printf("  %-8s", "counts");
        for (int t = 0; t < batch.T; t++)
            printf(" %-8d", batch.labels[b * batch.T + t] != TOKEN_PAD);
        puts("\n");
    }
    printf("src (%d,%d), input (%d,%d), target (%d,%d). The target is the input one place on;\n"
           "places whose target is <pad> do not count: the loss mask.\n",
           batch.B, batch.S, batch.B, batch.T, batch.B, batch.T);
}

/* out (rows,cols) <- a mask of nonzero = ignored, as a picture shows it: 1 may be looked at. */
static void allowed(real *out, const unsigned char *mask, int rows, int cols, bool one_row) {
    for (int i = 0; i < rows * cols; i++) out[i] = mask[one_row ? i % cols : i] ? (real)NAN : 1;
}

/* "I love you </s> <pad>": the words of the places. */
static void write_words(char text[64], const int *ids, int length, const char *(*word)(int)) {
    int used = 0;
    for (int i = 0; i < length; i++)
        used += snprintf(text + used, 64 - (size_t)used, i ? " %s" : "%s", word(ids[i]));
}

/* A row for each sentence of the batch, a column for each attention of the model. */
static void draw_masks(const Lesson *lesson, const Batch *batch, const unsigned char *padding,
                       const unsigned char *causal) {
    real maps[B][3][S * T];
    char words[B][2][64];
    PlotMap panels[3 * B];
    for (int b = 0; b < B; b++) {
        write_words(words[b][0], batch->src + b * S, S, phrase_english);
        write_words(words[b][1], batch->tgt + b * T, T, phrase_french);
        allowed(maps[b][0], padding + b * S, S, S, true);
        allowed(maps[b][1], causal, T, T, false);
        allowed(maps[b][2], padding + b * S, T, S, true);
        for (int i = 0; i < 3; i++)
            panels[3 * b + i] =
                (PlotMap){.title = words[b][i == 1], .data = maps[b][i], .rows = T, .cols = S};
    }
    plot_heatmap_grid(&(Picture){.name = "three_masks",
                                 .directory = lesson->common.out,
                                 .title = "A batch of two, and who may look at whom",
                                 .caption = "rows look, columns are looked at; hatched is "
                                            "hidden: <pad> from everyone, the future from the "
                                            "decoder",
                                 .x_label = "left: encoder, itself      middle: decoder, itself"
                                            "      right: decoder, the source",
                                 .y_label = "place that looks",
                                 .value_min = 0,
                                 .value_max = 2,
                                 .no_scale = true,
                                 .height = 540},
                      panels, 3 * B, 3, -1);
}

static void masks_step(Lesson *lesson, const Story *story) {
    lesson_step(lesson, "Three masks: who may not be looked at");
    const Batch batch = two_pairs(story);
    unsigned char padding[B * S], causal[T * T];
    masks_key_padding(padding, batch.src, B, S, TOKEN_PAD);
    masks_causal(causal, T, T);
    puts("1 = ignored, as in torch.nn.Transformer\n");
    printf("  src_key_padding_mask (%d,%d)        tgt_mask (%d,%d)\n", B, S, T, T);
    for (int r = 0; r < T; r++) {
        printf("    ");
        for (int s = 0; s < S; s++) printf(r < B ? "%d " : "  ", r < B ? padding[r * S + s] : 0);
        printf("%20s", "");
        for (int s = 0; s < T; s++) printf("%d ", causal[r * T + s]);
        putchar('\n');
    }
    puts("\nThe first, a row for each sentence, is the source's own and, under the name\n"
         "memory_key_padding_mask, the decoder's when it reads the source. The second, a\n"
         "row for each place, keeps a place from its own answer. Targets need no padding\n"
         "mask: <pad> stands at the end, where nothing that counts can see it.");
    draw_masks(lesson, &batch, padding, causal);
}

static void norm_step(Lesson *lesson) {
    lesson_step(lesson, "Layer norm: every token brought to mean 0 and deviation 1");
    Parameters parameters = {0};
    const LayerNorm norm = layer_norm_new(&parameters, "norm1.", 4);
    const real x[] = {2, 4, 4, 6, 100, 102, 98, 100, (real)0.1, 0, (real)-0.1, 0};
    print_matrix("x", x, 3, 4, 1);
    print_matrix("layer_norm(x)", layer_norm(&norm, TENSOR_FROM(x, 3, 4))->data, 3, 4, 3);
    puts("\nRow by row: (x - mean) / sqrt(variance + 0.00001). However loud a token, what\n"
         "the next sub-layer hears has the same size. Then a learned scale and shift, 1\n"
         "and 0 at first. Two ways to compute the deviation are about:\n"
         "make 05/two_layer_norms");
    parameters_free(&parameters);
}

/* Twelve new layers, wired as placement says: numbers of size 1 go in at the bottom, a gradient of
 * size 1 at the top. Prints with which size each arrives at the other end. */
static void print_depth(const char *wiring, Placement placement) {
    enum { LAYERS = 12, SIZE = 2 * 8 * 32 };
    Random random;
    random_seed(&random, 1);
    const LayerConfig config = {.d_model = 32, .nhead = 4, .dim_feedforward = 64};
    PlacedStack *stack = placed_stack_new(placement, config, LAYERS, 2, &random);
    graph_reset(graph_current());
    real values[SIZE];
    random_fill_normal(&random, values, SIZE, 0, 1);
    Tensor *bottom = tensor_variable(values, 3, SHAPE(2, 8, 32)), *x = bottom; // (2,8,32)
    for (int i = 0; i < LAYERS; i++) x = placed_layer(&stack->layers[i], placement, x);
    random_fill_normal(&random, values, SIZE, 0, 1);
    backward(op_sum(op_mul(x, TENSOR_FROM(values, 2, 8, 32))));
    printf("  %-18s %12.2g %12.2g\n", wiring, root_mean_square(x->data, SIZE),
           root_mean_square(tensor_grad(bottom), SIZE));
    placed_stack_free(stack);
}

static void residual_step(Lesson *lesson) {
    lesson_step(lesson, "Residual: what goes in comes out again, with something added");
    puts("Twelve layers, not trained; f is attention, then feed-forward. Numbers of size 1\n"
         "go in at the bottom, a gradient of size 1 at the top. What arrives:\n\n"
         "                       the numbers  the gradient\n"
         "                       at the top   at the bottom");
    print_depth("f(x)", PLACED_BARE);
    print_depth("x + f(x)", PLACED_RESIDUAL);
    print_depth("norm(x + f(x))", PLACED_POST);
    print_depth("x + f(norm(x))", PLACED_PRE);
    puts("\nBare layers lose both, sums alone let both grow with every layer; sum and norm\n"
         "together pass both on. The third line is the paper's, \"post-norm\", the fourth\n"
         "is \"pre-norm\". Layer by layer: make 05/signal_depth. Which one learns:\n"
         "make 05/norm_placement");
}

static void feed_forward_step(Lesson *lesson) {
    lesson_step(lesson, "Feed-forward: work that each token does alone");
    Random random;
    random_seed(&random, 3);
    Parameters parameters = {0};
    const LayerConfig config = {.d_model = 4, .nhead = 2, .dim_feedforward = 16};
    EncoderLayer layer = encoder_layer_new(&parameters, "layer.", config, &random);
    real values[3 * 4];
    random_fill_normal(&random, values, 12, 0, 1);
    Tensor *x = TENSOR_FROM(values, 1, 3, 4); // (1,3,4)
    Tensor *hidden = op_relu(linear_forward(&layer.linear1, x));
    Tensor *y = linear_forward(&layer.linear2, hidden);
    printf("x (1,3,4) -> linear1 (16,4), relu -> (1,3,16) -> linear2 (4,16) -> (1,3,4)\n\n");
    print_matrix("FFN(x)", y->data, 3, 4, 3);
    memcpy(values + 4, values, 4 * sizeof *values); // token 1 becomes token 0
    x = TENSOR_FROM(values, 1, 3, 4);
    y = linear_forward(&layer.linear2, op_relu(linear_forward(&layer.linear1, x)));
    print_matrix("FFN(x), token 1 now a copy of token 0", y->data, 3, 4, 3);
    puts("\nRow 1 is row 0, and row 2 has not noticed. Tokens meet in attention only; here\n"
         "each thinks over what it has heard, with two thirds of the layer's parameters.");
    parameters_free(&parameters);
}

static void machine_step(Lesson *lesson, const Story *story) {
    lesson_step(lesson, "The whole machine, sub-layer by sub-layer");
    puts("\"I love you\" through 2 + 2 layers of d_model 32, not trained yet. Names are\n"
         "PyTorch's; src and tgt are the words' vectors with their positions.\n");
    printf("%-47s %-10s %10s %9s\n", "what comes out of", "shape", "mean", "deviation");
    graph_reset(graph_current());
    const Batch batch = teacher_batch(&phrase_find(story->phrases, "I love you")->pair, 1);
    trace_set(trace_print, NULL);
    transformer_logits(story->model, transformer_forward(story->model, &batch, NULL));
    trace_set(NULL, NULL);
    puts("\nEncoder layer: self_attn, add & norm1, linear1 - linear2, add & norm2. A decoder\n"
         "layer has one more in between: multihead_attn, which asks the encoder's output.");
}

static void print_answer(const Transformer *model, const Phrase *phrase) {
    int said[8];
    const int length = teacher_answer(model, phrase->pair.src, phrase->pair.src_length, said, 6);
    printf("  ");
    for (int i = 0; i < phrase->pair.src_length; i++)
        printf("%s ", phrase_english(phrase->pair.src[i]));
    printf("->");
    for (int i = 0; i < length; i++) printf(" %s", phrase_french(said[i]));
    puts(length == 6 ? " ..." : "");
}

static void training_step(Lesson *lesson, const Story *story) {
    lesson_step(lesson, "Training: from noise to French");
    const char *const asked[] = {"I love you", "I always help him", "they often find us"};
    puts("French puts you, him and us before the verb: I love you, je t' aime.\n\nBefore:");
    for (int i = 0; i < 3; i++) print_answer(story->model, phrase_find(story->phrases, asked[i]));
    const double loss = phrases_train(story->model, story->phrases, STEPS, story->seed);
    printf("\nAfter %d steps of 64 phrases (cross-entropy %.3f):\n", STEPS, loss);
    for (int i = 0; i < 3; i++) print_answer(story->model, phrase_find(story->phrases, asked[i]));
    printf("\nOf the %d phrases a fifth was never shown, \"I love you\" among them. Right\n"
           "without a mistake: %.1f %% of those it was shown, %.1f %% of the others.\n",
           PHRASE_COUNT, 100 * phrases_accuracy(story->model, story->phrases, false),
           100 * phrases_accuracy(story->model, story->phrases, true));
}

/* average (T,S) <- the mean over layer's heads */
static void average_heads(const Tensor *cross, real *average) {
    const int cells = cross->shape[2] * cross->shape[3];
    for (int i = 0; i < cells; i++) {
        average[i] = 0;
        for (int h = 0; h < PHRASE_HEADS; h++)
            average[i] += cross->data[h * cells + i] / PHRASE_HEADS;
    }
}

static void cross_step(Lesson *lesson, const Story *story) {
    lesson_step(lesson, "Cross-attention: what is read while each word is said");
    const Phrase *phrase = phrase_find(story->phrases, "I always help him");
    Tensor *cross[PHRASE_LAYERS];
    phrases_cross_attention(story->model, phrase, cross);
    real average[PHRASE_LENGTH * PHRASE_LENGTH];
    average_heads(cross[PHRASE_LAYERS - 1], average);
    const char *said[T], *read[S];
    for (int t = 0; t < T; t++)
        said[t] = phrase_french(t < phrase->pair.tgt_length ? phrase->pair.tgt[t] : TOKEN_EOS);
    for (int s = 0; s < S; s++)
        read[s] = phrase_english(s < phrase->pair.src_length ? phrase->pair.src[s] : TOKEN_EOS);
    print_heatmap("layer 1, mean of its heads", average, T, S, said, read, 2);
    puts("\nFrench puts pronoun and adverb elsewhere, so the dark cells cross. Nobody showed\n"
         "the model which word is which. All heads: make 05/attn_grid");
}

static void decoding_step(Lesson *lesson, const Story *story) {
    lesson_step(lesson, "Answering: one word at a time, nothing computed twice");
    graph_reset(graph_current());
    const GraphMode before = graph_quiet();
    const Phrase *phrase = phrase_find(story->phrases, "I always help him");
    const Batch batch = teacher_batch(&phrase->pair, 1);
    unsigned char padding[TEACHER_LENGTH];
    masks_key_padding(padding, batch.src, 1, batch.S, TOKEN_PAD);
    const Masks masks = {.key_padding_mask = padding};
    Tensor *memory = transformer_encode(story->model, batch.src, 1, batch.S, masks, NULL);
    Tensor *whole =
        transformer_decode(story->model, batch.tgt, 1, batch.T, memory, masks, NULL, NULL);
    DecoderCache *caches = decoder_caches_new(story->model, memory, batch.T);
    const int E = story->model->config.layer.d_model;
    double largest = 0;
    for (int t = 0; t < batch.T; t++) {
        const Tensor *said = transformer_decode(story->model, batch.tgt + t, 1, 1, memory, masks,
                                                caches, NULL); // (1,1,E)
        const double off = vector_max_difference(said->data, whole->data + t * E, (size_t)E);
        printf("  reads %-9s keys in the cache %d   off from decoding in full: %s\n",
               phrase_french(batch.tgt[t]), caches[0].self.length, off < 1e-5 ? "< 1e-5" : "more");
        largest = fmax(largest, off);
    }
    graph_restore(before);
    puts("\nBecause of the causal mask, keys and values of words already said never change,\n"
         "so they are kept. How near, and why not to the last bit: make 05/cached_decoding");
    REQUIRE(largest < 1e-4, "decoding with a cache is off by %g", largest);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    bool trace = false;
    const Option own[] = {option_flag(
        "trace", &trace, "only: one sentence through every sub-layer, a line for each")};
    const Usage usage = {"The encoder-decoder, part by part: masks, norms, layers, training.",
                         "build/05_encoder_decoder/demo --step"};
    Lesson lesson = lesson_begin_with(argc, argv, &usage, 1, own, 1);
    Story story = {.seed = (uint64_t)lesson.common.seed};
    story.phrases = memory_alloc(PHRASE_COUNT * sizeof *story.phrases);
    phrases_make(story.phrases);
    story.model = phrases_model(story.seed);
    if (!trace) {
        shift_step(&lesson, &story);
        masks_step(&lesson, &story);
        norm_step(&lesson);
        feed_forward_step(&lesson);
        residual_step(&lesson);
    }
    machine_step(&lesson, &story);
    if (!trace) {
        training_step(&lesson, &story);
        cross_step(&lesson, &story);
        decoding_step(&lesson, &story);
        puts("\nNext: the same machine on real sentences, with the schedule, the smoothing and\n"
             "the beam search that make it a translator. make 06");
    }
    transformer_free(story.model);
    free(story.phrases);
    return lesson_end(&lesson, 0);
}
