// The programs gpt and gpt_stages from outside: what they print, refuse and leave behind.
#include "common/files/safetensors.h"
#include "common/kernels.h"
#include "tests/program.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char PROGRAM[] = "06_training/gpt";

/* path (1024) <- a file or folder of this test's. */
static void in_build(const char *name, char *path) {
    const char *build = getenv("BUILD_DIR");
    snprintf(path, 1024, "%s/tests/test_gpt_%s", build ? build : "build", name);
}

/* A text with tiny Shakespeare's 65 characters, and so with its ids. */
static void write_text(const char *path, int times) {
    static const char letters[] =
        "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < times; i++) fputs(letters, file);
    fclose(file);
}

/* Runs gpt on that text, its folder beside it; output (size) as program_run. A model that only
 * writes has no folder, and a text if the options give it one. */
static int run_gpt(const char *options, char *output, size_t size) {
    char text[1024], out[1024], arguments[4096];
    in_build("text.txt", text);
    in_build("out", out);
    write_text(text, 20);
    if (strstr(options, "--model"))
        snprintf(arguments, sizeof arguments, "%s --no-plots", options);
    else
        snprintf(arguments, sizeof arguments, "--text '%s' --out '%s' --no-plots %s", text, out,
                 options);
    return program_run(PROGRAM, arguments, output, size);
}

static const struct {
    int status;
    const char *options, *message;
} REFUSED[] = {
    {2, "--stage none", "expected one of bigram, position, head, heads, ff, blocks, norm"},
    {1, "--heads 3", "--heads 3 does not divide --d-model 128"},
    {1, "--stage heads --heads 5", "--heads 5 does not divide --d-model 32"},
    {2, "--stage heads --heads 32", "--stage heads has at most 16"},
    {2, "--stage bigram --layers 2", "--layers: --stage bigram has nothing of the kind"},
    {2, "--stage head --dropout 0.1", "--dropout: --stage head has nothing of the kind"},
    {2, "--dropout 1", "expected a number from 0 to 0.9"},
    {2, "--block 0", "expected a whole number from 1 to 4096"},
    {2, "--d-model 4097", "expected a whole number from 1 to 4096"},
    {2, "--nonsense", "unknown or ambiguous option"},
    {2, "--text ''", "--text FILE is needed"},
    {1, "--text nowhere.txt", "nowhere.txt: cannot open"},
    {1, "--text .", "is a directory"},
    {1, "--block 130", "a window of --block 130 and the character after it needs 131 in both"},
    {2, "--preset giant", "expected one of nanogpt, tenth, video"},
    {2, "--stage norm --resume", "--resume: --stage norm has nothing of the kind"},
    {2, "--stage bigram --temperature 2", "--temperature: --stage bigram has nothing of the kind"},
    {2, "--from a --layers 2", "--layers: with --from the sizes are the saved model's"},
    {2, "--model a --steps 2", "--steps: --model FILE does not train"},
    {2, "--resume --from a", "--from: a resumed run goes on with its own weights"},
    {2, "--model a --preset tenth", "--preset: with --model the sizes are the saved model's"},
    {1, "--prompt '\xc3\xa9'", "--prompt: byte 0"},
    {1, "--stage bigram --prompt 'A\xc3\xa9'", "--prompt: byte 1"},
    {2, "--prompt ''", "the first character has to come from somewhere"},
    {2, "--temperature 0", "expected a number from 0.01 to 100"},
    {2, "--model a --out zzz", "--out: --model FILE leaves no files"},
    {2, "--model a --out build/06_training/gpt_run", "--out: --model FILE leaves no files"},
    {2, "--model a --batch 3", "--batch: --model FILE measures nothing without --text FILE"},
    {2, "--model a --eval-iters 3", "--eval-iters: --model FILE measures nothing"},
    {1, "--model nowhere", "nowhere: cannot open"},
    {1, "--model nowhere --threads 1 --seed 3 --temperature 2 --prompt A --generate 2",
     "nowhere: cannot open"},
    {1, "--model nowhere --text a --batch 3 --eval-iters 3", "nowhere: cannot open"},
    {1, "--model tests/fixtures/ours.safetensors", "so not a model of gpt"},
    {1, "--steps 3 --lr 10 --eval-every 1 --d-model 4 --heads 1 --out /dev/null/x", "/dev/null"},
};

START_TEST(program_refuses) {
    char output[2048];
    const int status = run_gpt(REFUSED[_i].options, output, sizeof output);
    ck_assert_msg(status == REFUSED[_i].status && strstr(output, REFUSED[_i].message),
                  "%s: status %d: %s", REFUSED[_i].options, status, output);
    const size_t lines = strcspn(output, "\n");
    ck_assert_msg(output[lines] && !output[lines + 1], "more than one line: %s", output);
}
END_TEST

/* The notebook's sample of the untrained table, and a row for every stage. */
START_TEST(program_runs_every_stage) {
    static const char *const stages[] = {"bigram", "position", "head", "heads",
                                         "ff",     "blocks",   "norm"};
    char options[128], output[4096];
    ck_assert_int_eq(run_gpt("--stage bigram --steps 0 --generate 100", output, sizeof output), 0);
    ck_assert_msg(
        strstr(output,
               "\nSKIcLT;AcELMoTbvZv C?nq-QE33:CJqkOKH-q;:la!oiywkHjgChzbQ?u!3bLIgwevmyFJGUGp"
               "\nwnYWmnxKWWev-tDqXErVKLgJ\n"),
        "%s", output);
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        snprintf(options, sizeof options,
                 "--stage %s --steps 3 --eval-every 2 --eval-iters 2 --generate 20", stages[i]);
        const int status = run_gpt(options, output, sizeof output);
        ck_assert_msg(status == 0 && strstr(output, "step 0: train loss 4.") &&
                          strstr(output, "step 2: train loss 4."),
                      "%s: status %d: %s", stages[i], status, output);
    }
}
END_TEST

/* Stopped in the middle it leaves a whole file; a second run leaves the first one's weights. */
START_TEST(program_saves_when_stopped) {
    static const char small[] = "--block 8 --d-model 8 --heads 2 --layers 1 --eval-iters 1 ";
    char out[1024], path[2100], options[3072], output[8192];
    Error err;
    Safetensors file;
    in_build("out", out);
    snprintf(path, sizeof path, "rm -rf '%s' '%s.log'", out, out); // an old log would say step 0
    ck_assert_int_eq(system(path), 0);
    snprintf(
        options, sizeof options,
        "%s --steps 100000000 >'%s.log' 2>&1 & pid=$!; i=0; "
        "while [ $i -lt 600 ] && ! grep -qs '^step 0' '%s.log'; do sleep 0.1; i=$((i+1)); done; "
        "kill -TERM $pid; wait $pid",
        small, out, out);
    ck_assert_int_eq(run_gpt(options, output, sizeof output), 128 + 15); // SIGTERM
    snprintf(path, sizeof path, "%s/model.safetensors", out);
    ck_assert_msg(safetensors_open(path, &file, &err), "%s", err.text);
    ck_assert_ptr_nonnull(safetensors_find(&file, "blocks.0.sa.heads.1.value.weight"));
    ck_assert_str_eq(safetensors_metadata(&file, "n_head"), "2");
    ck_assert_int_eq((int)strlen(safetensors_metadata(&file, "characters")), 65);
    safetensors_close(&file);
    snprintf(options, sizeof options, "%s --steps 2", small);
    ck_assert_int_eq(run_gpt(options, output, sizeof output), 0);
    // The one before could have been resumed, and still can be.
    snprintf(path, sizeof path, "%s/earlier-1/state.safetensors", out);
    ck_assert_msg(access(path, F_OK) == 0, "%s is not there: %s", path, output);
    snprintf(path, sizeof path, "%s/earlier-1/model.safetensors", out);
    ck_assert_msg(access(path, F_OK) == 0, "%s is not there: %s", path, output);
}
END_TEST

/* Windows' line ends are no character of their own: t, o, b, e, r, n, the blank and the newline. */
START_TEST(program_reads_any_line_end) {
    char text[1024], options[2048], output[4096];
    in_build("crlf.txt", text);
    FILE *file = fopen(text, "w");
    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < 50; i++) fputs("to be\r\nor not\r\n", file);
    fclose(file);
    snprintf(options, sizeof options,
             "--text '%s' --block 8 --batch 2 --d-model 8 --heads 2 --layers 1 --steps 0 "
             "--generate 0",
             text);
    const int status = run_gpt(options, output, sizeof output);
    ck_assert_msg(status == 0 && strstr(output, "650 characters, 8 different"), "%d: %s", status,
                  output);
}
END_TEST

/* The presets' sizes: the video's last model has the 10,788,929 parameters that it prints. */
START_TEST(presets_have_their_sizes) {
    static const struct {
        const char *preset, *parameters;
    } cases[] = {{"nanogpt", "816705 parameters, 12 windows of 64"},
                 {"tenth", "1090625 parameters, 12 windows of 256"},
                 {"video", "10788929 parameters, 64 windows of 256"}};
    char text[1024], arguments[2200], output[4096];
    in_build("long_text.txt", text);
    write_text(text, 60);
    snprintf(arguments, sizeof arguments,
             "--preset %s --text '%s' --out '%s.out' --steps 0 --generate 0 --no-plots",
             cases[_i].preset, text, text);
    ck_assert_int_eq(program_run(PROGRAM, arguments, output, sizeof output), 0);
    ck_assert_msg(strstr(output, cases[_i].parameters), "%s", output);
}
END_TEST

static const char SMALL[] = "--block 8 --d-model 8 --heads 2 --layers 1 --eval-iters 2 "
                            "--eval-every 3 --dropout 0.1 --threads 2 --generate 30 ";

/* Runs `options` and expects `expected` somewhere in what it prints. */
static void expect_run(const char *options, int expected_status, const char *expected) {
    char output[8192];
    const int status = run_gpt(options, output, sizeof output);
    ck_assert_msg(status == expected_status && strstr(output, expected), "%s: status %d: %s",
                  options, status, output);
}

/* The same, and one line is all that it prints. */
static void expect_one_line(const char *options, int expected_status, const char *expected) {
    char output[8192];
    const int status = run_gpt(options, output, sizeof output);
    const char *end = strchr(output, '\n');
    ck_assert_msg(status == expected_status && strstr(output, expected) && end && !end[1],
                  "%s: status %d: %s", options, status, output);
}

/* Runs shell commands in which $out is the path, and expects them to succeed. */
static void in_shell(const char *path, const char *commands) {
    char all[4096];
    snprintf(all, sizeof all, "out='%s'; %s", path, commands);
    ck_assert_msg(system(all) == 0, "%s", all);
}

/* What stands where the model or the state belongs, in the folder $out, and what is said of it. */
static const struct {
    const char *command, *options, *message;
} FOREIGN[] = {
    {"cp tests/fixtures/ours.safetensors \"$out/model.safetensors\"", "",
     "model.safetensors: not written by gpt: move it away, or give another --out"},
    {"cp tests/fixtures/ours.safetensors \"$out/state.safetensors\"", "",
     "state.safetensors: not written by gpt"},
    {"cp tests/fixtures/ours.safetensors \"$out/model.safetensors\"", "--resume",
     "model.safetensors: not written by gpt"},
    {"echo 12 >\"$out/state.safetensors\"", "", "too few for a safetensors file: move it away"},
    {"ln -s nowhere \"$out/state.safetensors\"", "",
     "state.safetensors: cannot open: No such file or directory: move it away"},
    {"mkfifo \"$out/state.safetensors\"", "", "state.safetensors: is not a regular file: move"},
    {"mkfifo \"$out/state.safetensors\"", "--resume", "state.safetensors: is not a regular file"},
    {"mkdir \"$out/model.safetensors\"", "", "model.safetensors: is a directory"},
};

/* A training of another program's stays as it is, and so does what nobody can read. */
START_TEST(program_leaves_others_alone) {
    char out[1024], options[2048];
    in_build("foreign", out);
    in_shell(out, "rm -rf \"$out\" \"$out.before\" && mkdir \"$out\" && cd \"$out\" && "
                  "echo mine >log.tsv && echo mine >loss.png");
    in_shell(out, FOREIGN[_i].command);
    in_shell(out, "cp -a \"$out\" \"$out.before\"");
    snprintf(options, sizeof options, "%s --steps 2 --out '%s' %s",
             FOREIGN[_i].options[0] ? "" : SMALL, out, FOREIGN[_i].options);
    expect_one_line(options, 1, FOREIGN[_i].message);
    in_shell(out, "test -p \"$out/state.safetensors\" || "
                  "diff -r --no-dereference \"$out.before\" \"$out\"");
}
END_TEST

/* Runs gpt on that text with pictures, in a folder of that name; path (1024) <- the folder. */
static void run_pictured(const char *name, const char *options, char *path) {
    char text[1024], arguments[4096], output[4096];
    in_build("text.txt", text);
    in_build(name, path);
    write_text(text, 20);
    snprintf(arguments, sizeof arguments, "--text '%s' --out '%s' %s", text, path, options);
    ck_assert_msg(program_run(PROGRAM, arguments, output, sizeof output) == 0, "%s", output);
}

/* The picture of an earlier run is moved with it; one that is the user's stays. */
START_TEST(program_moves_its_picture_along) {
    char out[1024], options[512];
    in_build("pictured", out);
    in_shell(out, "rm -rf \"$out\"");
    snprintf(options, sizeof options, "%s --steps 7", SMALL);
    for (int i = 0; i < 2; i++) run_pictured("pictured", options, out);
    // There may be no gnuplot, but script and data are there.
    in_shell(out, "cd \"$out\" && test -f earlier-1/loss.gp && test -f earlier-1/loss.dat && "
                  "test ! -f loss.png -o -f earlier-1/loss.png && test -f loss.gp");
    in_shell(out, "cd \"$out\" && rm loss.gp && echo mine >loss.png");
    run_pictured("pictured", options, out);
    in_shell(out, "cd \"$out\" && test -f earlier-2/state.safetensors && "
                  "test ! -e earlier-2/loss.png && test mine = \"$(cat loss.png)\"");
}
END_TEST

/* Paused in the middle and gone on with, a run ends in the bytes of one that was not; other text is
 * refused. */
START_TEST(program_resumes_as_if_never_stopped) {
    char whole[1024], options[4096], command[4096];
    char out[1024];
    in_build("whole", whole);
    in_build("out", out);
    snprintf(command, sizeof command, "rm -rf '%s' '%s'", whole, out);
    ck_assert_int_eq(system(command), 0);
    snprintf(options, sizeof options, "%s --steps 11 --out '%s'", SMALL, whole);
    expect_run(options, 0, "bits per character");
    snprintf(options, sizeof options, "%s --steps 11 --stop-after 4", SMALL);
    expect_run(options, 0, "step 3: train loss");
    expect_run("--resume --threads 2 --generate 0", 0, "goes on at step 4 of 11");
    for (int i = 0; i < 2; i++) {
        snprintf(command, sizeof command, "cmp '%s/%s' '%s/%s'", whole,
                 i ? "model.safetensors" : "state.safetensors", out,
                 i ? "model.safetensors" : "state.safetensors");
        ck_assert_int_eq(system(command), 0);
    }
    char text[1024];
    in_build("text.txt", text);
    write_text(text, 21);
    snprintf(command, sizeof command, "--text '%s' --out '%s' --no-plots --resume", text, out);
    char output[4096];
    ck_assert_int_eq(program_run(PROGRAM, command, output, sizeof output), 1);
    ck_assert_msg(strstr(output, "not the text that the run"), "%s", output);
}
END_TEST

/* The picture of a run that was stopped is that of one that was not: by its numbers, since there
 * may be no gnuplot. A state of before it had rows is gone on with, even to one that has none yet,
 * and the picture begins there. */
START_TEST(program_draws_the_whole_run) {
    char path[1024], options[512];
    in_build("drawn", path);
    in_shell(path, "rm -rf \"$out\" \"$out.whole\" \"$out.old\"");
    snprintf(options, sizeof options, "%s --steps 11", SMALL);
    run_pictured("drawn.whole", options, path);
    snprintf(options, sizeof options, "%s --steps 11 --stop-after 4", SMALL);
    run_pictured("drawn", options, path);
    // Without our checksum's name the header counts as somebody else's, and may be edited.
    in_shell(path,
             "cp -r \"$out\" \"$out.old\" && cd \"$out.old\" && "
             "sed -i 's/header_crc32/header_other/; s/run[.]rows/run.none/' state.safetensors");
    run_pictured("drawn", "--resume --threads 2", path);
    in_shell(path, "cmp \"$out/loss.dat\" \"$out.whole/loss.dat\"");
    run_pictured("drawn.old", "--resume --threads 2 --stop-after 5", path);
    run_pictured("drawn.old", "--resume --threads 2", path);
    in_shell(path, "! cmp -s \"$out/loss.dat\" \"${out%.old}/loss.dat\" && "
                   "tail -n 1 \"$out/loss.dat\" >\"$out/end\" && "
                   "tail -n 1 \"${out%.old}/loss.dat\" | cmp - \"$out/end\"");
}
END_TEST

/* What is saved is of a step, and the loss beside it of an earlier one: both are named. */
START_TEST(program_says_of_which_step_the_loss_is) {
    char out[1024], options[2048];
    in_build("named", out);
    in_shell(out, "rm -rf \"$out\"");
    snprintf(options, sizeof options, "%s --steps 11 --stop-after 5 --out '%s'", SMALL, out);
    expect_run(options, 0, "model.safetensors at step 5\nstep 3: val loss 4.");
    snprintf(options, sizeof options, "--resume --out '%s'", out);
    expect_run(options, 0, "model.safetensors at step 11\nstep 10: val loss 4.");
}
END_TEST

/* A run cannot go on to where it has been: nothing is changed. One that is finished says so. */
START_TEST(program_says_that_a_run_is_done) {
    char out[1024], options[2048];
    in_build("done", out);
    in_shell(out, "rm -rf \"$out\" \"$out.before\"");
    snprintf(options, sizeof options, "%s --steps 6 --stop-after 4 --out '%s'", SMALL, out);
    expect_run(options, 0, "saved as");
    in_shell(out, "cp -a \"$out\" \"$out.before\"");
    snprintf(options, sizeof options, "--resume --steps 3 --out '%s'", out);
    expect_one_line(options, 1, "is already at step 4, and the number must be larger");
    snprintf(options, sizeof options, "--resume --stop-after 2 --out '%s'", out);
    expect_one_line(options, 1, "--stop-after 2: the run in");
    snprintf(options, sizeof options, "--resume --stop-after 4 --out '%s'", out);
    expect_run(options, 0, "already at step 4: nothing to train without a larger --stop-after");
    in_shell(out, "diff -r \"$out\" \"$out.before\"");
    snprintf(options, sizeof options, "--resume --out '%s'", out);
    expect_run(options, 0, "goes on at step 4 of 6");
    expect_run(options, 0,
               "already at step 6: nothing to train without a larger --steps\n"
               "step 5: val loss");
    snprintf(options, sizeof options, "--resume --steps 0 --out '%s'", out);
    expect_one_line(options, 1, "--steps 0: the run in");
}
END_TEST

/* The same command with --resume goes on; what would be another run is refused by its name. */
static const struct {
    const char *options, *message;
} AGAIN[] = {
    {"--d-model 16", "this run was begun with --d-model 6, which cannot become 16"},
    {"--block 9", "this run was begun with --block 8, which cannot become 9"},
    {"--heads 4", "this run was begun with --heads 2, which cannot become 4"},
    {"--layers 2", "this run was begun with --layers 1, which cannot become 2"},
    {"--seed 8", "this run was begun with --seed 7, which cannot become 8"},
    {"--preset tenth", "which cannot become the 256 of --preset tenth"},
};

START_TEST(program_resumes_the_same_command) {
    // Four heads, the default, would not divide that width.
    static const char same[] = "--block 8 --d-model 6 --heads 2 --layers 1 --eval-iters 1 "
                               "--generate 0 --seed 7 --steps 6";
    char out[1024], options[4096];
    in_build("again", out);
    in_shell(out, "rm -rf \"$out\" \"$out.from\"");
    snprintf(options, sizeof options, "%s --stop-after 4 --out '%s'", same, out);
    expect_run(options, 0, "the same command with --resume, and without --stop-after, goes on");
    for (size_t i = 0; i < sizeof AGAIN / sizeof *AGAIN; i++) {
        snprintf(options, sizeof options, "--resume %s --out '%s'", AGAIN[i].options, out);
        expect_one_line(options, 1, AGAIN[i].message);
    }
    snprintf(options, sizeof options, "--resume --d-model 6 --stop-after 5 --out '%s'", out);
    expect_run(options, 0, "goes on at step 4 of 6");
    snprintf(options, sizeof options, "%s --resume --out '%s'", same, out);
    expect_run(options, 0, "goes on at step 5 of 6");
    snprintf(options, sizeof options,
             "--from '%s/model.safetensors' --steps 4 --stop-after 2 --generate 0 --out '%s.from'",
             out, out);
    expect_run(options, 0, "--resume, and without --from and --stop-after, goes on");
}
END_TEST

/* A number in the table of rows of a run that stands at step 4, with rows of steps 0 and 3. */
static const struct {
    size_t row, column;
    double value;
    const char *message;
} DAMAGED[] = {{0, 0, -1, "run.rows: row 0 is of step -1"},
               {1, 0, 0, "run.rows: row 1 is of step 0, after step 0 in a run of 4"},
               {1, 0, 5, "row 1 is of step 5"},
               {1, 0, 2.5, "row 1 is of step 2.5"},
               {1, 0, NAN, "row 1 is of step"},
               {0, 1, NAN, "the losses of step 0 are"},
               {1, 2, INFINITY, "the losses of step 3 are"}};

START_TEST(program_refuses_damaged_rows) {
    char out[1024], path[1100], options[2048];
    Error err;
    Safetensors file;
    in_build("damaged", out);
    in_shell(out, "rm -rf \"$out\"");
    snprintf(options, sizeof options, "%s --steps 11 --stop-after 4 --out '%s'", SMALL, out);
    expect_run(options, 0, "step 3: train loss");
    snprintf(path, sizeof path, "%s/state.safetensors", out);
    ck_assert_msg(safetensors_open(path, &file, &err), "%s", err.text);
    const Safetensor *rows = safetensors_find(&file, "run.rows");
    ck_assert_ptr_nonnull(rows);
    ck_assert_uint_eq(rows->bytes, sizeof(double[2][3]));
    const size_t at = (size_t)((const char *)rows->data - file.file) +
                      sizeof(double) * (3 * DAMAGED[_i].row + DAMAGED[_i].column);
    safetensors_close(&file);
    FILE *state = fopen(path, "r+b");
    ck_assert_ptr_nonnull(state);
    ck_assert_int_eq(fseek(state, (long)at, SEEK_SET), 0);
    ck_assert_uint_eq(fwrite(&DAMAGED[_i].value, sizeof(double), 1, state), 1);
    fclose(state);
    snprintf(options, sizeof options, "--resume --out '%s'", out);
    expect_one_line(options, 1, DAMAGED[_i].message);
}
END_TEST

/* A saved model writes on from a prompt: nearly cold it says the same with every seed, hot it does
 * not. It can be trained further on the same characters. */
START_TEST(program_writes_and_is_trained_further) {
    char out[1024], text[1024], options[4096], said[4][512];
    in_build("writer", out);
    snprintf(options, sizeof options, "%s --steps 60 --lr 0.02 --out '%s'", SMALL, out);
    expect_run(options, 0, "saved as");
    for (int i = 0; i < 4; i++) {
        snprintf(
            options, sizeof options,
            "--model '%s/model.safetensors' --prompt ABC --generate 40 --temperature %s --seed %d",
            out, i < 2 ? "0.01" : "5", i);
        ck_assert_int_eq(run_gpt(options, said[i], sizeof said[i]), 0);
        ck_assert_int_eq(strncmp(said[i], "ABC", 3), 0);
        ck_assert_uint_eq(strlen(said[i]), 3 + 40 + 1);
    }
    ck_assert_str_eq(said[0], said[1]);
    ck_assert_str_ne(said[2], said[3]);
    in_build("text.txt", text);
    snprintf(options, sizeof options,
             "--model '%s/model.safetensors' --text '%s' --generate 1 --eval-iters 2", out, text);
    expect_run(options, 0, "bits per character");
    snprintf(options, sizeof options, "--from '%s/model.safetensors' --steps 2 --eval-iters 2",
             out);
    expect_run(options, 0, "step 1: train loss");
    snprintf(options, sizeof options, "--model '%s/model.safetensors' --prompt '\xc3\xa9'", out);
    expect_one_line(options, 1, "--prompt: byte 0");
    snprintf(options, sizeof options,
             "--from '%s/model.safetensors' --prompt '\xc3\xa9' --steps 2 --out '%s.from'", out,
             out);
    expect_one_line(options, 1, "--prompt: byte 0");
    snprintf(options, sizeof options, "--resume --prompt '\xc3\xa9' --steps 70 --out '%s'", out);
    expect_one_line(options, 1, "--prompt: byte 0");
}
END_TEST

/* The published first rows, where there is tiny Shakespeare. */
START_TEST(stages_match) {
    char output[8192];
    const int status =
        program_run("05_encoder_decoder/gpt_stages", "--steps 0 --no-plots", output, sizeof output);
    ck_assert_msg(status == 0, "status %d: %s", status, output);
    const char *skipped = strstr(output, "skipped:");
    if (skipped) printf("%.*s\n", (int)strcspn(skipped, "\n"), skipped);
    ck_assert_msg(skipped || strstr(output, "over 3 numbers, 0 missed"), "%s", output);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    if (!program_exists(PROGRAM)) { // as in the double build
        printf("skipped: %s is not in this build\n", PROGRAM);
        return EXIT_SUCCESS;
    }
    Suite *suite = suite_create("gpt program");
    TCase *tests = tcase_create("gpt program");
    tcase_set_timeout(tests, 180);
    tcase_add_loop_test(tests, program_refuses, 0, (int)(sizeof REFUSED / sizeof *REFUSED));
    tcase_add_test(tests, program_runs_every_stage);
    tcase_add_test(tests, program_saves_when_stopped);
    tcase_add_test(tests, program_reads_any_line_end);
    tcase_add_loop_test(tests, presets_have_their_sizes, 0, 3);
    tcase_add_loop_test(tests, program_leaves_others_alone, 0,
                        (int)(sizeof FOREIGN / sizeof *FOREIGN));
    tcase_add_test(tests, program_moves_its_picture_along);
    tcase_add_test(tests, program_resumes_as_if_never_stopped);
    tcase_add_test(tests, program_draws_the_whole_run);
    tcase_add_test(tests, program_says_of_which_step_the_loss_is);
    tcase_add_test(tests, program_says_that_a_run_is_done);
    tcase_add_test(tests, program_resumes_the_same_command);
    tcase_add_loop_test(tests, program_refuses_damaged_rows, 0,
                        (int)(sizeof DAMAGED / sizeof *DAMAGED));
    tcase_add_test(tests, program_writes_and_is_trained_further);
    tcase_add_test(tests, stages_match);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
