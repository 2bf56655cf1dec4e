/* fault.c - "Find the fault": trains a small translator in seconds and shows what one can measure
 * of it. `make 06/fault/3` builds this program with one line of a module changed, and shows its
 * numbers beside those of the sound one.
 *
 * Beside: tutor - the sound training that the six with a fault are held against
 */
#include <stdio.h>
#include <stdlib.h>

#include "06_training/lab/diagnosis.h"
#include "06_training/lab/small_run.h"
#include "common/kernels.h"

/* answer NULL: shows everything; else judges. Returns the exit status. */
static int show(const char *folder, const char *beside, const char *answer) {
    Symptoms symptoms, sound;
    Error err;
    if (!symptoms_read(folder, &symptoms, &err)) error_exit(&err);
    if (beside && !symptoms_read(beside, &sound, &err)) error_exit(&err);
    bool right = true;
    if (answer) {
        right = diagnosis_judge(answer, &symptoms);
    } else {
        symptoms_print(&symptoms, beside ? &sound : NULL);
        diagnosis_print();
    }
    symptoms_free(&symptoms);
    if (beside) symptoms_free(&sound);
    return !right;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    CommonOptions common = common_options(1, "build/fault/0");
    const char *read = NULL, *beside = NULL, *answer = NULL;
    common.threads = 2; // the numbers are to be the same on every machine
    Option table[] = {
        option_string("read", "DIR", &read, "do not train: the numbers that a run has left there"),
        option_string("beside", "DIR", &beside, "show a sound run's numbers beside"),
        option_choice("answer", diagnosis_words(), &answer, "what is wrong; exit status 1: not so"),
    };
    const Usage usage = {"Trains a small translator on short sentences in seconds, and prints what "
                         "chapter 6 teaches to check. make 06/fault/1 to 06/fault/6 build it with "
                         "a fault each: find it.",
                         "fault --read build/fault/0 --answer none"};
    options_parse(argc, argv, &usage, &common, table, OPTION_COUNT(table));
    Error err;
    const Settings settings = small_run_settings(SMALL_RUN_SHORT);
    if (!read && !small_run(&settings, &common, SMALL_RUN_SHORT, 0, &err)) error_exit(&err);
    const int status = show(read ? read : common.out, beside, answer);
    output_finish();
    return status;
}
