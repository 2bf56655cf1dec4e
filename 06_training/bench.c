/* bench.c - how fast the machine could multiply, how much of that BLAS gets, and how much training.
 *
 * Everything is measured in one process and in turns, because machines are shared: the share of
 * the peak means something even where the seconds do not.
 *
 * Beside: paper 5.2; annotated Hardware and Schedule - tokens a second, and how much of this
 *     machine's speed training gets
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "06_training/lab/decode_speed.h"
#include "06_training/run/settings.h"
#include "06_training/trainer/trainer.h"
#include "common/clock.h"
#include "common/kernels.h"
#include "common/screen/progress.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

/* 2048 squared is large enough for BLAS to reach its peak and small enough to be done 10 times. */
enum { LENGTH = 16, ROUNDS = 5, PEAK_SIZE = 2048 };

/* Sizes that stay, whatever becomes of the presets of train: measurements of years can be compared.
 * Post-norm, and dropout wherever PyTorch has it (tests/tools/bench_torch.py). */
typedef struct {
    const char *name;
    long d_model, heads, layers, ff;
    double dropout;
    int vocab, sentences;
} Shape;

static const Shape shapes[] = {{"tiny", 128, 4, 4, 256, 0.3, 10000, 256},
                               {"small", 256, 8, 3, 1024, 0.1, 8000, 128},
                               {"base", 512, 8, 6, 2048, 0.1, 10000, 64}};

/* ---- What the machine can do ----------------------------------------------------------------- */

/* GFLOP/s of one product of two square matrices on one thread; *computing <- those of the time that
 * other programs left it, if that is more than it was. */
static double multiply_once(double *computing) {
    static real *a, *b, *c;
    const int n = PEAK_SIZE;
    const size_t size = (size_t)n * (size_t)n;
    if (!a) {
        a = memory_alloc(3 * size * sizeof *a);
        b = a + size;
        c = b + size;
        for (size_t i = 0; i < 2 * size; i++) a[i] = (real)(i % 7) * (real)0.1;
    }
    const double start = clock_seconds(), computed = clock_thread_seconds();
    gemm(false, false, n, n, n, 1, a, n, b, n, 0, c, n);
    *computing = fmax(*computing, 2e-9 * n * n * n / (clock_thread_seconds() - computed));
    return 2e-9 * n * n * n / (clock_seconds() - start);
}

/* What BLAS is up against: fused multiply-adds between registers as wide as the processor has them,
 * and nothing else. Each chain waits some four cycles for its own last result, so there are as many
 * as keep every unit busy; on x86 no more, since AVX2 has 16 registers. */
#ifdef __x86_64__
enum { FMA_ROUNDS = 1 << 20, FMA_CHAINS = 12 };

__attribute__((target("avx512f"))) static float fma_avx512(float x, float y) {
    const __m512 a = _mm512_set1_ps(x), b = _mm512_set1_ps(y);
    __m512 sum[FMA_CHAINS];
    for (int c = 0; c < FMA_CHAINS; c++) sum[c] = _mm512_setzero_ps();
    for (int i = 0; i < FMA_ROUNDS; i++)
        for (int c = 0; c < FMA_CHAINS; c++) sum[c] = _mm512_fmadd_ps(a, b, sum[c]);
    for (int c = 1; c < FMA_CHAINS; c++) sum[0] = _mm512_add_ps(sum[0], sum[c]);
    return _mm512_reduce_add_ps(sum[0]);
}

__attribute__((target("avx2,fma"))) static float fma_avx2(float x, float y) {
    const __m256 a = _mm256_set1_ps(x), b = _mm256_set1_ps(y);
    __m256 sum[FMA_CHAINS];
    for (int c = 0; c < FMA_CHAINS; c++) sum[c] = _mm256_setzero_ps();
    for (int i = 0; i < FMA_ROUNDS; i++)
        for (int c = 0; c < FMA_CHAINS; c++) sum[c] = _mm256_fmadd_ps(a, b, sum[c]);
    for (int c = 1; c < FMA_CHAINS; c++) sum[0] = _mm256_add_ps(sum[0], sum[c]);
    return _mm256_cvtss_f32(sum[0]);
}
#else
enum { FMA_ROUNDS = 1 << 20, FMA_CHAINS = 16 };
#endif

typedef float FourFloats __attribute__((vector_size(16)));

/* What every other processor has: NEON, or SSE, which multiplies and adds one after the other. */
static float fma_four(float x, float y) {
    const FourFloats a = {x, x, x, x}, b = {y, y, y, y};
    FourFloats sum[FMA_CHAINS] = {{0}};
    for (int i = 0; i < FMA_ROUNDS; i++)
        for (int c = 0; c < FMA_CHAINS; c++)
#ifdef FP_FAST_FMAF
            for (int l = 0; l < 4; l++) sum[c][l] = fmaf(a[l], b[l], sum[c][l]);
#else
            sum[c] += a * b;
#endif
    for (int c = 1; c < FMA_CHAINS; c++) sum[0] += sum[c];
    return sum[0][0];
}

typedef struct {
    float (*run)(float x, float y);
    int lanes; // floats in a register
} FmaLoop;

static FmaLoop fma_widest(void) {
#ifdef __x86_64__
    const Kernels *kernels = kernels_used();
    if (kernels->avx512) return (FmaLoop){fma_avx512, 16};
    if (kernels->avx2) return (FmaLoop){fma_avx2, 8};
#endif
    return (FmaLoop){fma_four, 4};
}

/* GFLOP/s of one thread. Volatile, because of a factor known to be 1 the compiler makes additions,
 * and of a result that nobody takes nothing at all. A register holds half as many doubles. */
static double fma_once(void) {
    const FmaLoop loop = fma_widest();
    volatile float x = 0.5F, result;
    const double start = clock_seconds();
    result = loop.run(x, x);
    const double seconds = clock_seconds() - start;
    (void)result;
    return 2e-9 * FMA_ROUNDS * FMA_CHAINS * loop.lanes / seconds * sizeof(float) / sizeof(real);
}

/* ---- What training gets ---------------------------------------------------------------------- */

/* Operations of one step: 6 per weight and token that meets it (2 forward, 4 backward), and for
 * attention 12 E per pair of query and key. Embedding lookups count nothing. */
static double step_flop(const TransformerConfig *c, int sentences) {
    const double E = c->layer.d_model, F = c->layer.dim_feedforward, V = c->tgt_vocab;
    const double encoder = 4 * E * E + 2 * E * F, decoder = 8 * E * E + 2 * E * F;
    const double weights =
        c->num_encoder_layers * encoder + c->num_decoder_layers * decoder + E * V;
    const double pairs = (c->num_encoder_layers + 2.0 * c->num_decoder_layers) * LENGTH;
    return (6 * weights + 12 * E * pairs) * sentences * LENGTH;
}

typedef struct {
    Transformer *model;
    Trainer *trainer;
    const int *src, *tgt, *labels; // (sentences,LENGTH)
    int sentences;
    real label_smoothing;
} Bench;

/* Random ids cost what real ones cost: no operation looks at which token it is. */
static Tensor *bench_loss(void *context, int shard, int shards) {
    const Bench *bench = context;
    const ThreadShare share = threads_share((size_t)bench->sentences, shard, shards);
    if (share.count == 0) return NULL;
    const size_t at = share.first * LENGTH;
    const Batch batch = {.B = (int)share.count,
                         .S = LENGTH,
                         .T = LENGTH,
                         .src = bench->src + at,
                         .tgt = bench->tgt + at,
                         .labels = bench->labels + at};
    return transformer_loss(bench->model, &batch, bench->label_smoothing);
}

/* The same trainer_step as training uses, Adam included; a rate of 1e-4 keeps the numbers finite.
 */
static double train_once(Bench *bench) {
    Error err;
    TrainerResult result;
    const TrainerStep step = {.loss = bench_loss,
                              .context = bench,
                              .scale = 1.0 / (bench->sentences * LENGTH),
                              .lr = 1e-4};
    const double start = clock_seconds();
    if (!trainer_step(bench->trainer, &step, &result, &err)) error_exit(&err);
    return clock_seconds() - start;
}

/* ---- Where a step's time goes ---------------------------------------------------------------- */

typedef struct {
    double fma, peak;        // GFLOP/s of one thread: multiply-adds alone, sgemm
    double peak_computing;   // the latter while it computes
    double step_seconds;     // the best of the rounds
    double greedy, beam;     // sentences/s, likewise
    Profile profile;         // of all threads, over PROFILED steps
    double profiled_seconds; // on the clock, times the threads
} Timing;

enum { PROFILED = 3, DECODE_ROUNDS = 2, DECODED = 256, BEAM = 5 };

typedef struct {
    Profile *profiles; // one for each thread; NULL: nobody listens any more
} Listening;

/* A member of the team must say itself that it wants to be measured: the profile is a thread's. */
static void listen_on(void *context, int i) {
    const Listening *listening = context;
    profile_use(listening->profiles ? &listening->profiles[i] : NULL);
}

/* In steps of their own, as looking at the clock takes time, too. */
static void profile_steps(Bench *bench, Timing *timing) {
    const int threads = threads_count(bench->trainer->threads);
    Profile *profiles = memory_calloc((size_t)threads * sizeof *profiles);
    threads_run(bench->trainer->threads, listen_on, &(Listening){profiles});
    double seconds = 0;
    for (int i = 0; i < PROFILED; i++) seconds += train_once(bench);
    threads_run(bench->trainer->threads, listen_on, &(Listening){NULL});
    timing->profile = (Profile){.flop = 0};
    for (int i = 0; i < threads; i++) {
        timing->profile.flop += profiles[i].flop;
        for (int k = 0; k < PROFILE_PLACES; k++)
            timing->profile.seconds[k] += profiles[i].seconds[k];
    }
    timing->profiled_seconds = seconds * threads;
    free(profiles);
}

/* ---- Report ---------------------------------------------------------------------------------- */

/* Peak and step in turns: a neighbour that takes half the machine takes it from both. The best
 * counts because noise only ever makes a run slower. */
static void measure(Bench *bench, Timing *timing, Progress *progress, size_t *done) {
    train_once(bench); // the arenas grow
    train_once(bench);
    *timing = (Timing){.step_seconds = INFINITY};
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < 2; i++) {
            const double peak = multiply_once(&timing->peak_computing);
            timing->peak = fmax(timing->peak, peak);
        }
        for (int i = 0; i < 4; i++) timing->fma = fmax(timing->fma, fma_once());
        timing->step_seconds = fmin(timing->step_seconds, train_once(bench));
        progress_update(progress, ++*done, NULL);
    }
    profile_steps(bench, timing);
    const Trainer *t = bench->trainer;
    for (int round = 0; round < DECODE_ROUNDS; round++) {
        const int n = DECODED;
        timing->greedy =
            fmax(timing->greedy, decode_speed(bench->model, t->threads, t->graphs, n, 1));
        timing->beam =
            fmax(timing->beam, decode_speed(bench->model, t->threads, t->graphs, n, BEAM));
    }
}

/* The largest the process has been, which the system keeps: nothing is sampled. */
static double peak_memory_mb(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024; // Linux counts in kB
}

static void heading(bool csv) {
    char kernels[256];
    kernels_describe(kernels_used(), kernels, sizeof kernels);
    if (csv)
        puts("shape,threads,step_ms,peak_gflops,gflops,share_percent,train_tokens_per_s,"
             "greedy_sentences_per_s,beam5_sentences_per_s,peak_memory_mb,fma_gflops,kernels,"
             "kernels_chosen_by");
    else
        printf(
            "BLAS kernels %s\n"
            "shape  threads    step ms  peak GF/s    GFLOP/s     share     train t/s  memory MB\n",
            kernels);
}

/* Source and target tokens are counted, as both pass through layers. What the machine could do is
 * one thread's, times the threads. */
static void report(const Bench *bench, const Shape *shape, const Timing *t, int threads, bool csv) {
    const double flop = step_flop(&bench->model->config, bench->sentences);
    const double trained = 2.0 * bench->sentences * LENGTH / t->step_seconds; // source and target
    const double gflops = 1e-9 * flop / t->step_seconds;
    const double peak = t->peak * threads, fma = t->fma * threads;
    if (csv)
        printf("%s,%d,%.1f,%.1f,%.1f,%.1f,%.0f,%.1f,%.1f,%.0f,%.1f,%s,%s\n", shape->name, threads,
               1e3 * t->step_seconds, peak, gflops, 100 * gflops / peak, trained, t->greedy,
               t->beam, peak_memory_mb(), fma, kernels_used()->core,
               kernels_chooser(kernels_used()));
    else
        printf("%-6s %7d %10.1f %10.1f %9.1f %8.1f %% %11.0f %9.0f\n"
               "       sgemm's peak of %.1f GFLOP/s is %.0f %% of the FMA loop's %.1f\n"
               "       decoding: %.0f sentences/s greedy, %.0f with a beam of %d\n",
               shape->name, threads, 1e3 * t->step_seconds, peak, gflops, 100 * gflops / peak,
               trained, peak_memory_mb(), peak, 100 * peak / fma, fma, t->greedy, t->beam, BEAM);
    fflush(stdout);
}

/* Shares of what all threads have computed together. Products take longer than their operations at
 * sgemm's peak: BLAS first copies its matrices into the order that it reads them in (packing), and
 * what is small or narrow does not keep it busy. */
static void report_profile(const Timing *t) {
    const double *seconds = t->profile.seconds;
    double computed = 0;
    for (int k = PROFILE_WAITING + 1; k < PROFILE_PLACES; k++) computed += seconds[k];
    const double percent = 100 / computed, products = percent * seconds[PROFILE_PRODUCTS];
    const double at_peak = fmin(percent * 1e-9 * t->profile.flop / t->peak_computing, products);
    printf("       of the time it computes: products %.0f %% (%.0f %% at sgemm's peak, %.0f %% "
           "packing and edges),\n"
           "       attention %.0f %%, norms %.0f %%, loss %.0f %%, optimizer %.0f %%, element by "
           "element and copies %.0f %%;\n"
           "       it waits, for the other threads or for the processor, %.0f %% of the time\n",
           products, at_peak, products - at_peak, percent * seconds[PROFILE_ATTENTION],
           percent * seconds[PROFILE_NORMS], percent * seconds[PROFILE_LOSS],
           percent * seconds[PROFILE_OPTIMIZER], percent * seconds[PROFILE_OTHER],
           fmax(100 - 100 * computed / t->profiled_seconds, 0));
}

static int *random_ids(Random *random, int sentences, int vocab) {
    const size_t count = (size_t)sentences * LENGTH;
    int *ids = memory_alloc(count * sizeof *ids);
    for (size_t i = 0; i < count; i++)
        ids[i] = 3 + (int)random_below(random, (uint64_t)vocab - 3); // no marks, no padding
    return ids;
}

/* Labels are independent of the targets: nothing can be learned, and learning is not what is
 * measured. */
static double bench_shape(const Shape *shape, int threads, uint64_t seed, bool csv,
                          Progress *progress, size_t *done) {
    Settings s;
    Random random;
    settings_preset("base", &s);
    s.norm_first = false;
    s.dropout_at = "everywhere";
    s.d_model = shape->d_model;
    s.heads = shape->heads;
    s.layers = shape->layers;
    s.ff = shape->ff;
    s.dropout = shape->dropout;
    random_seed(&random, seed);
    const TransformerConfig config = settings_config(&s, shape->vocab);
    int *src = random_ids(&random, shape->sentences, shape->vocab);
    int *tgt = random_ids(&random, shape->sentences, shape->vocab);
    int *labels = random_ids(&random, shape->sentences, shape->vocab);
    Bench bench = {.model = transformer_new(&config, &random),
                   .src = src,
                   .tgt = tgt,
                   .labels = labels,
                   .sentences = shape->sentences,
                   .label_smoothing = (real)s.label_smoothing};
    bench.trainer = trainer_new(&bench.model->parameters, adam_paper(), threads, seed, s.clip);
    Timing timing;
    measure(&bench, &timing, progress, done);
    progress_end(progress);
    report(&bench, shape, &timing, threads, csv);
    if (!csv) report_profile(&timing);
    trainer_free(bench.trainer);
    transformer_free(bench.model);
    free(src);
    free(tgt);
    free(labels);
    return timing.step_seconds;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    CommonOptions common = common_options(1, NULL);
    const char *wanted = "all";
    bool csv = false;
    Option table[] = {
        option_choice("shape", "all|tiny|small|base", &wanted, "which model to measure"),
        option_flag("csv", &csv, "comma-separated values"),
    };
    const Usage usage = {
        "Measures training (forward, backward, Adam; batches of sentences of 16 source and 16 "
        "target tokens) and decoding (256 sentences as long as real ones), on one thread and on "
        "all, beside the peak of this "
        "machine: the speed of one 2048 x 2048 sgemm on one thread, times the threads. And beside "
        "the peak a loop of nothing but fused multiply-adds (FMA), measured likewise: good kernels "
        "get most of it. Turns are taken and the best of each counts. Where a step's time goes is "
        "measured in three more steps. Peak memory is that of the process so far.",
        "bench --shape tiny"};
    options_parse(argc, argv, &usage, &common, table, OPTION_COUNT(table));
    // Threads are the trainer's; BLAS would start as many again inside each.
    openblas_set_num_threads(1);
    heading(csv);
    const int counts[] = {1, (int)common.threads};
    // One thread first, then all: the speed-up is the ratio of the same work.
    const size_t kinds = common.threads > 1 ? 2 : 1;
    size_t done = 0, total = 0;
    for (size_t i = 0; i < OPTION_COUNT(shapes); i++)
        if (strcmp(wanted, "all") == 0 || strcmp(wanted, shapes[i].name) == 0)
            total += kinds * ROUNDS;
    Progress progress = progress_begin("bench", 0, total);
    for (size_t i = 0; i < OPTION_COUNT(shapes); i++) {
        if (strcmp(wanted, "all") != 0 && strcmp(wanted, shapes[i].name) != 0) continue;
        double seconds[2];
        for (size_t k = 0; k < kinds; k++)
            seconds[k] =
                bench_shape(&shapes[i], counts[k], (uint64_t)common.seed, csv, &progress, &done);
        if (kinds == 2 && !csv)
            printf("       %d threads are %.2f times as fast as one\n", counts[1],
                   seconds[0] / seconds[1]);
    }
    output_finish();
    return 0;
}
