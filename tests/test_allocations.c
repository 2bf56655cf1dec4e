/* test_allocations.c - after the first steps, training asks the system for no memory.
 *
 * This program brings its own malloc and its relatives, which count and then call the C library's,
 * so that every allocation of the process is seen, OpenBLAS' included. That works with glibc and
 * not under AddressSanitizer or valgrind, which bring their own.
 */
#include <check.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "05_encoder_decoder/transformer.h"
#include "06_training/trainer/trainer.h"
#include "common/kernels.h"
#include "tests/suite.h"

#if defined(__SANITIZE_ADDRESS__)
#define COUNTS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define COUNTS 0
#endif
#endif
#if !defined(COUNTS) && defined(__GLIBC__)
#define COUNTS 1
#endif

static atomic_long allocations;

#if COUNTS
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

void *malloc(size_t bytes) {
    allocations++;
    return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes) {
    allocations++;
    return __libc_calloc(count, bytes);
}

void *realloc(void *memory, size_t bytes) {
    allocations++;
    return __libc_realloc(memory, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes) {
    allocations++;
    return __libc_memalign(alignment, bytes);
}

int posix_memalign(void **memory, size_t alignment, size_t bytes) {
    allocations++;
    *memory = __libc_memalign(alignment, bytes);
    return *memory ? 0 : 12; // ENOMEM
}
#endif

static bool counting_works(void) {
    const long before = allocations;
    void *volatile memory = malloc(100);
    free(memory);
    memory = memory_alloc(100);
    free(memory);
    return allocations == before + 2;
}

enum { THREADS = 2, S = 7, T = 6, SENTENCES = 6 };

static const int SRC[SENTENCES * S] = {5, 9, 4, 10, 2, 3, 0, 8, 1, 6};
static const int TGT[SENTENCES * T] = {1, 7, 8, 12, 3, 1, 4};

typedef struct {
    const Transformer *model;
    int step;
} Work;

/* Batches of different sizes follow each other, as they do in training. */
static Tensor *shard_loss(void *context, int shard, int shards) {
    const Work *work = context;
    (void)shards;
    const int B = 1 + (work->step + shard) % 3, source = S - work->step % 4;
    const Batch batch = {.B = B, .S = source, .T = T, .src = SRC, .tgt = TGT, .labels = TGT};
    return transformer_loss(work->model, &batch, (real)0.1);
}

START_TEST(test_training_steps) {
    const TransformerConfig config = {.layer = {.d_model = 16,
                                                .nhead = 4,
                                                .dim_feedforward = 32,
                                                .dropout = (real)0.1,
                                                .norm_first = _i},
                                      .num_encoder_layers = 2,
                                      .num_decoder_layers = 2,
                                      .src_vocab = 11,
                                      .tgt_vocab = 13};
    Random random;
    Error err;
    TrainerResult result;
    random_seed(&random, 1);
    Transformer *model = transformer_new(&config, &random);
    Trainer *trainer = trainer_new(&model->parameters, adam_paper(), THREADS, 1, 1);
    Work work = {.model = model};
    const TrainerStep step = {.loss = shard_loss, .context = &work, .scale = 0.1, .lr = 1e-3};
    long before = 0;
    bool good = true; // not asserted in the loop: Check's own bookkeeping allocates
    for (; work.step < 60; work.step++) {
        if (work.step == 24) before = allocations; // twice through all sizes
        good = good && trainer_step(trainer, &step, &result, &err);
    }
    const long during = allocations - before;
    ck_assert(good);
    ck_assert_msg(during == 0, "%ld allocations in 36 steps after warm-up", during);
    trainer_free(trainer);
    transformer_free(model);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    if (!counting_works()) {
        puts("skipped: allocations in training (malloc cannot be counted in this build)");
        return EXIT_SUCCESS;
    }
    Suite *suite = suite_create("allocations");
    TCase *tests = tcase_create("allocations");
    tcase_add_loop_test(tests, test_training_steps, false, true + 1); // post- and pre-norm
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
