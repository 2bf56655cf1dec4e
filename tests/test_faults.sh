#!/bin/sh
# A training whose calls fail or that dies at them, one call at a time: open, write, fsync, rename,
# close, unlink, mkdir, malloc (fault_shim.c). Whatever happens, files that were good stay loadable,
# no message is false, nothing half-written stays, and what goes on from there comes to the same end
# as a run that nothing happened to. Some calls of each kind; FAULTS=all: every one, in minutes.
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/cli.sh
. tests/cli.sh
cd "$tree" || exit 1
train=$build/06_training/train shim=$build/tests/fault_shim.so
if [ ! -e "$shim" ]; then
    echo 'skipped: calls that fail (there is no fault_shim.so here)'
    exit
fi
# Preloaded programs shall start once only.
if [ "$(uname -m)" = x86_64 ]; then
    OPENBLAS_CORETYPE=${OPENBLAS_CORETYPE:-Prescott}
    export OPENBLAS_CORETYPE
fi

# Four pairs to learn from: 8 steps are two epochs, and end with an average.
for word in dog cat horse bird house; do printf 'a %s\tein %s\n' $word $word; done >s.tsv
sized='--data s.tsv --d-model 2 --heads 1 --layers 1 --ff 1 --vocab 259 --batch-tokens 16 --threads 1 --no-plots'

# weights FILE: everything after the header, which holds the seconds.
weights() {
    header=$(od -An -tu8 -N8 "$1" | tr -d ' ')
    tail -c "+$((header + 9))" "$1"
}
# note WHAT: what is wrong with the fault under way.
note() {
    echo "FAILED: $scenario, $fault: $1"
    wrong=1
}
# holds WHAT COMMAND...
holds() {
    what=$1
    shift
    "$@" >holds.log 2>&1 || note "$what"
}
no_leftovers() { [ -z "$(find run -name '*.tmp' -o -name '*.part')" ]; }

# What is said of a file follows from its having been written.
check_messages() {
    if grep -q 'model.safetensors: the best of all' stdout; then holds 'a model that is not there is praised' test -s run/model.safetensors; fi
    if grep -q '^saved in' stdout; then holds 'no state was saved' test -s run/state.safetensors; fi
    [ "$status" -eq 0 ] || [ "$status" -eq 137 ] || {
        holds "status $status" test "$status" -eq 1
        holds 'not one line on stderr' test "$(wc -l <stderr)" -eq 1
        holds 'leftovers' no_leftovers
    }
}
# The end that a run without faults comes to.
check_end() {
    holds 'another model' cmp run/model.safetensors whole/model.safetensors
    for epoch in 1 2; do holds 'another epoch' cmp run/epoch-$epoch.safetensors whole/epoch-$epoch.safetensors; done
    weights run/state.safetensors >state.weights
    holds 'another state' cmp state.weights whole.weights
    cut -f 1-6 run/log.tsv >run.log
    holds 'another log' cmp run.log whole.log
    holds 'leftovers at the end' no_leftovers
}
# An earlier run is whole and in one place, wherever it is.
check_earlier() {
    found=0
    for folder in run run/earlier-*; do
        if cmp -s "$folder/model.safetensors" before/model.safetensors; then
            found=$((found + 1))
            for file in before/*; do holds 'a part of the earlier run' cmp "$file" "$folder/${file#before/}"; done
        fi
    done
    holds "the earlier run is there $found times" test $found -eq 1
}

# faulty 'KIND N HOW': the scenario with this fault, and what can be done afterwards.
faulty() {
    fault=$1 wrong=0
    rm -rf run
    [ "$scenario" = fresh ] || cp -R before run
    # shellcheck disable=SC2086
    FAULT=$fault LD_PRELOAD=$shim "$train" $sized --steps 8 $options --out run >stdout 2>stderr
    status=$?
    check_messages
    # What can be done without is opened and closed only: a number of cores, a file that was read.
    case $fault in
    open*fail | close*fail | unlink*fail) ;;
    *) holds 'was not noticed' test "$status" -ne 0 ;;
    esac
    # Going on is what a user does: with the state if there is one. A run that was to begin anew
    # does that, unless its own state is there.
    again=
    if [ -e run/state.safetensors ] && ! cmp -s run/state.safetensors moved.state; then again=--resume; fi
    if [ "$status" -ne 0 ]; then
        # shellcheck disable=SC2086
        "$train" $sized --steps 8 $again --out run >stdout 2>stderr
        status=$?
        holds "cannot go on ($again): $(tail -n 1 stderr)" test $status -eq 0
    fi
    check_end
    [ "$scenario" != aside ] || check_earlier
    ok $wrong "$scenario, $fault"
}

# all KIND HOW MOST: every call of the kind, or so many of them, the last among them.
all() {
    count=$(sed -n "s/^$1 //p" counts)
    stride=$(((count + $3 - 1) / $3))
    [ "${FAULTS:-}" != all ] && [ "$stride" -gt 1 ] || stride=1
    number=$count
    while [ "$number" -gt 0 ]; do
        faulty "$1 $number $2"
        number=$((number - stride))
    done
}

# scenario NAME OPTIONS: counts its calls first, with nothing in the way.
scenario() {
    scenario=$1 options=$2
    rm -rf run
    [ "$scenario" = fresh ] || cp -R before run
    : >moved.state
    [ "$scenario" != aside ] || cp before/state.safetensors moved.state
    # shellcheck disable=SC2086
    FAULT_COUNTS=$tree/counts LD_PRELOAD=$shim "$train" $sized --steps 8 $options --out run >stdout 2>stderr
    status=$?
    fault=none wrong=0
    check_end
    ok $((status + wrong)) "$scenario with nothing in the way"
    for kind in open fsync rename mkdir unlink close; do all $kind fail 4; done
    all write fail 4
    all malloc fail 8
    for kind in fsync rename; do all $kind before 2 && all $kind after 4; done
    all write half 4
    all malloc before 3
    if [ "${FAULTS:-}" = all ]; then
        for kind in open close write unlink mkdir; do all $kind before 1 && all $kind after 1; done
    fi
}

# shellcheck disable=SC2086
succeeds "$train" $sized --steps 8 --out whole
weights whole/state.safetensors >whole.weights
cut -f 1-6 whole/log.tsv >whole.log
scenario fresh ''
# shellcheck disable=SC2086
succeeds "$train" $sized --steps 8 --stop-after 5 --out before
scenario resumed --resume
rm -rf before
# shellcheck disable=SC2086
succeeds "$train" $sized --steps 3 --seed 2 --out before
scenario aside ''

# ---------------------------------------------------------------------------- saved by time
# A clock that runs so fast that five minutes are over after every step: the first files are those of
# watching and then a state within the first epoch, with which a power cut costs no more than that.
scenario=fresh fault='first state, clock fast' wrong=0
rm -rf run
# shellcheck disable=SC2086
CLOCK_SPEED=10000000 FAULT='rename 4 after' LD_PRELOAD=$shim "$train" $sized --steps 8 --out run >stdout 2>stderr
[ $? -eq 137 ] && [ -s run/state.safetensors ] && [ ! -e run/model.safetensors ]
ok $? 'a state is saved before the first epoch has ended'
# shellcheck disable=SC2086
succeeds "$train" $sized --steps 8 --resume --out run
prints '^resumed at step [123], epoch 1$'
check_end
ok $wrong 'resumed from a state that was saved by time'

# ---------------------------------------------------------------------------- nothing done yet
# A signal between the moment from which on it is caught and the first step.
rm -rf run
# shellcheck disable=SC2086
FAULT='sigaction 1 after' LD_PRELOAD=$shim "$train" $sized --steps 8 --out run >stdout 2>stderr
status=$?
[ "$status" -eq 130 ] && [ ! -s stderr ]
ok $? "a signal before the first step: status 130 and no complaint (status $status)"
prints '^interrupted after 0 steps'
! grep -q '^saved' stdout && [ -z "$(ls run)" ]
ok $? 'a signal before the first step: nothing is saved, and nothing said of it'
# shellcheck disable=SC2086
succeeds "$train" $sized --steps 8 --out run
check_end
ok $wrong 'after a signal before the first step one begins anew'
report
