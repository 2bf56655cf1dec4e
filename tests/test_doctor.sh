#!/bin/sh
# What `make doctor` and bench say about the BLAS kernels, and real programs with and without the
# variable that sets them: started again or not, they must look the same from outside.
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/cli.sh
. tests/cli.sh

# ---------------------------------------------------------------------------- doctor
unset OPENBLAS_CORETYPE
succeeds sh tests/tools/doctor.sh "$tree/doctor"
[ -z "$(ls "$tree/doctor")" ]
ok $? 'doctor leaves nothing behind'
prints '^core type    [A-Za-z0-9_]*, chosen by OpenBLAS itself$'
prints '^vectors      .*, by processor and system$'
prints '^programs     use [A-Za-z0-9_]*: '
used=$(sed -n 's/^programs *use \([^:]*\): .*/\1/p' "$tree/stdout")
own=$(sed -n 's/^core type *\([^,]*\),.*/\1/p' "$tree/stdout")
OPENBLAS_CORETYPE=$used succeeds sh tests/tools/doctor.sh "$tree/doctor"
prints "^programs     use $used: OPENBLAS_CORETYPE=$used\$"
prints "^core type    $own, chosen by OpenBLAS itself\$"

# ---------------------------------------------------------------------------- the same outside
cd "$tree" || exit 1
bleu=$build/06_training/bleu
printf 'the cat sat on the mat\n' >'a reference'
# both WHAT COMMAND...: with the kernels that the program finds by itself, and with the same ones
# set; status and output do not differ.
both() {
    what=$1
    shift
    run "$@" <input
    mv stdout found.out && mv stderr found.err
    found=$status
    OPENBLAS_CORETYPE=$used run "$@" <input
    [ "$status" -eq "$found" ] && cmp -s stdout found.out && cmp -s stderr found.err
    ok $? "$what: status $found by itself, $status with OPENBLAS_CORETYPE=$used, or other output"
}
cp 'a reference' input
both 'stdin and an argument with a blank' "$bleu" --ref 'a reference'
[ "$status" -eq 0 ] && grep -q '100' stdout
ok $? 'bleu reads the reference'
both 'help' "$bleu" --help
[ "$status" -eq 0 ]
ok $? 'help succeeds'
both 'a file that is none' "$bleu" --ref nowhere
[ "$status" -eq 1 ]
ok $? 'a file that is none: status 1'
both 'an empty argument' "$bleu" ''
[ "$status" -eq 2 ]
ok $? 'an empty argument: status 2'
awk 'BEGIN { for (i = 0; i < 60; i++) print "cat " i % 7 " sat " i "\tkatze " i % 7 " saß " i }' >pairs.tsv
train() {
    succeeds "$build/06_training/train" --data pairs.tsv --d-model 64 --layers 1 --vocab 300 \
        --steps 9 --threads 2 --no-plots --out "$1"
}
train found
OPENBLAS_CORETYPE=$used train set
same found/model.safetensors set/model.safetensors

# ---------------------------------------------------------------------------- bench
succeeds "$build/06_training/bench" --shape tiny --threads 1 --csv
[ "$(wc -l <stdout)" -eq 2 ] && awk -F , 'NF != 13 { bad = 1 } END { exit bad }' stdout
ok $? 'bench prints a heading and a row of thirteen'
prints "^tiny,1,.*,$used,[A-Za-z]*\$"

report
