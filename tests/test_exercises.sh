#!/bin/sh
# Exercises as a learner meets them: three small ones, begun, tried, solved and done wrong, in a folder
# of the test's own; functions that hang or crash; and "Find the fault" where it must refuse. All
# exercises and all faults are proven by `make exercises`, which takes minutes.
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/cli.sh
. tests/cli.sh
# A make that was started with -j hands its job server to recipes, which may not use it; and an
# exercise is tried in both precisions, whatever build this is.
MAKEFLAGS=$(echo "${MAKEFLAGS:-}" | sed 's/--jobserver-[a-z]*=[^ ]*//g; s/-j[0-9]*//g; s/MODE=[a-z0-9]*//g')
MAKE=${MAKE:-make}
export MAKE MAKEFLAGS
out=${BUILD_DIR:-build}
out=${out%/f64}

# with NUMBER NAME MODULE: the exercise that is spoken of; its file is $yours.
with() {
    number=$1 piece=$2 module=$3
    folder=$tree/$number
    yours=$folder/exercises/$piece.c
}
start() { run sh tests/tools/exercise.sh start "$number" "$folder" "$piece" "$module"; }
try() { run sh tests/tools/exercise.sh try "$number" "$folder" "$piece" "$module" "$out"; }

# first WORD: what stands behind it in the first known mistake.
first() {
    case $number in 00) home=common ;; *) home=$(echo "$number"_*) ;; esac
    awk -v word="$1" 'begun && /^mistake / { exit } /^mistake / { begun = 1 }
        $1 == word { sub(/^[^ ]+ +/, ""); print }' "$home/exercises/$piece.mistakes"
}

# ---------------------------------------------------------------------------- begun, solved, wrong
exercise() {
    with "$@"
    start
    [ "$status" -eq 0 ] && grep -q 'NOT_BEGUN();' "$yours"
    ok $? "$number/$piece is begun"
    echo '// mine' >>"$yours"
    start
    [ "$status" -eq 1 ] && grep -q 'never overwritten' "$tree/stderr" && grep -q '^// mine$' "$yours"
    ok $? "$number/$piece is begun once only"
    try
    [ "$status" -eq 1 ] && grep -q '  not begun$' "$tree/stdout" && ! grep -q -w wrong "$tree/stdout"
    ok $? "$number/$piece, untouched, is not begun, and not wrong"
    cp "$module.c" "$yours"
    try
    [ "$status" -eq 0 ] && grep -q '  right  ' "$tree/stdout" && ! grep -q -w wrong "$tree/stdout"
    ok $? "$number/$piece: the module is right"
    first edit >"$tree/edits"
    while IFS= read -r edit; do sh tests/tools/edit_function.sh "$yours" "$(first function)" "$edit"; done <"$tree/edits"
    try
    [ "$status" -eq 1 ] && grep -q -F "This is a known mistake: $(first mistake)." "$tree/stdout"
    ok $? "$number/$piece: '$(first mistake)' is called by its name"
}
exercise 00 product common/product
exercise 02 sinusoid 02_positional_encoding/sinusoid
exercise 06 clipping 06_training/trainer/clipping

# ---------------------------------------------------------------------------- hanging and crashing
# Where dy is -2 it never comes back, where dy is 0 it crashes, and else it is right: each is told of
# its own cases, and spoils no other one.
with 00 product common/product
cat >"$yours" <<'END'
#include "common/product.h"
#include <signal.h>
#include <unistd.h>
void product_backward(real *da, real dy, real b) {
    for (; dy == -2;) sleep(1);
    if (dy == 0) raise(SIGSEGV);
    *da += dy * b;
}
END
try
[ "$status" -eq 1 ]
ok $? 'a function that hangs does not pass'
prints '^  product_backward  *wrong  *2 of 5 checks$'
for said in 'dy = -2 arrives.*did not come back within its time' 'dy = 0:.*crashed'; do
    tr -d '\n' <"$tree/stdout" | grep -q -e "$said"
    ok $? "no '$said'"
done

# ---------------------------------------------------------------------------- find the fault
# planted LINE...: refused before anything is built, in one line that says why.
planted() {
    pattern=$1
    shift
    mkdir -p "$tree/06_training/exercises"
    printf '%s\n' "$@" >"$tree/06_training/exercises/1.fault"
    refused 1 "$pattern" env ANSWER= sh tests/tools/fault.sh show "$tree/out" "$tree/06_training/exercises/1.fault"
}
planted 'no longer applies to clipping_scale: s/nowhere/there/' 'module 06_training/trainer/clipping' \
    'function clipping_scale' 'edit s/nowhere/there/'
planted 'there is no function scale' 'module 06_training/trainer/clipping' 'function scale' 'edit s/norm/1/'
planted 'has no edit' 'module 06_training/trainer/clipping' 'function clipping_scale'
planted 'there is no 06_training/clipping.c' 'module 06_training/clipping' 'edit s/norm/1/'
refused 2 '--answer nonsense: expected one of dropout, ' "$build/06_training/fault" --answer nonsense
for file in 06_training/exercises/*.fault; do
    module=$(sed -n 's/^module //p' "$file").c
    cp "$module" "$tree/planted.c"
    sed -n 's/^edit //p' "$file" >"$tree/edits"
    while IFS= read -r edit; do
        run sh tests/tools/edit_function.sh "$tree/planted.c" "$(sed -n 's/^function //p' "$file")" "$edit"
        ok "$status" "$file applies to $module"
    done <"$tree/edits"
    [ -s "$tree/edits" ]
    ok $? "$file has an edit"
done

report
