#!/bin/sh
# Training on several ranks against one with as many threads, and what becomes of it when one of
# them dies or mpirun is told to end. `make MPI=1 test-mpi` builds and runs it; no check looks at the
# time.
# shellcheck disable=SC2086 # $model is meant to be split
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/cli.sh
. tests/cli.sh
cd "$tree" || exit 1
train=$build/06_training/train

skip() {
    echo "skipped: several ranks ($1)"
    exit 0
}
command -v mpirun >/dev/null || skip 'no mpirun here; Debian: apt-get install libopenmpi-dev openmpi-bin'
ldd "$train" 2>/dev/null | grep -q libmpi || skip 'this build is for one; make MPI=1 test-mpi'

# More ranks than cores, as root in a container, without a network, and nothing tied to one core.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_btl=self,vader OMPI_MCA_mpi_yield_when_idle=1
unset OMPI_COMM_WORLD_SIZE OMPI_COMM_WORLD_RANK

# 60 pairs of a language with one-to-one words; about 19 batches.
awk 'BEGIN {
    split("the a my this", d); split("der ein mein dieser", D)
    split("dog cat house tree bird", n); split("hund kater ort baum vogel", N)
    for (i = 0; i < 60; i++)
        printf "%s %s and %s %s\t%s %s und %s %s\n", d[i % 4 + 1], n[i % 5 + 1], d[i % 3 + 1], n[int(i / 12) + 1],
            D[i % 4 + 1], N[i % 5 + 1], D[i % 3 + 1], N[int(i / 12) + 1]
}' >s.tsv
model='--data s.tsv --d-model 16 --heads 2 --layers 1 --ff 16 --vocab 300 --batch-tokens 64 --no-plots'
ranks() { count=$1 && shift && mpirun -np "$count" "$train" $model "$@"; }
alone() { "$train" $model "$@"; }

# noted NAME FOLDER: a number that the state remembers, in full.
noted() { grep -a -o "\"run.$1\":\"[^\"]*\"" "$2/state.safetensors" | cut -d '"' -f 4; }
# follows A B: the losses of training and validation agree to 1e-5, and so do the steps.
follows() {
    for name in recent_loss best_loss step; do
        echo "$(noted $name "$1") $(noted $name "$2")" |
            awk '{ d = $1 - $2; if (d < 0) d = -d; bad = NF != 2 || !($1 > 0) || d > 1e-5 * $1 } END { exit bad }'
        ok $? "$name of $1 and $2: $(noted $name "$1") $(noted $name "$2")"
    done
}

# ---------------------------------------------------------------------------- the same training
succeeds alone --steps 50 --threads 2 --out one
succeeds ranks 2 --steps 50 --threads 1 --out two
follows one two
succeeds alone --steps 50 --threads 2 --optimizer muon --out one_muon
succeeds ranks 2 --steps 50 --threads 1 --optimizer muon --out two_muon
follows one_muon two_muon
prints '^2 ranks'
[ "$(grep -c '^all steps done after 50 steps' stdout)" -eq 1 ]
ok $? 'another rank prints as well'
ls one >one.ls
ls two >two.ls
same one.ls two.ls # by rank 0 alone
[ "$(wc -l <one/log.tsv)" -eq "$(wc -l <two/log.tsv)" ]
ok $? 'the log has rows of another rank'
# What is watched is the whole: the gradient of all ranks, and one set of translations.
paste one/gradients.tsv two/gradients.tsv | awk -F '\t' 'NR > 1 {
    d = $3 - $(NF / 2 + 3)
    if (d < 0) d = -d
    bad = bad || NF % 2 || $1 != $(NF / 2 + 1) || !($3 > 0) || d > 1e-3 * $3
} END { exit bad || NR < 20 }'
ok $? 'the gradient of two ranks is another one'
cut -f 1-2 one/learning.tsv >one.rows
cut -f 1-2 two/learning.tsv >two.rows
same one.rows two.rows
succeeds alone --steps 50 --threads 2 --r-drop 2 --out one_twice # each sentence read twice
succeeds ranks 2 --steps 50 --threads 1 --r-drop 2 --out two_twice
follows one_twice two_twice
succeeds alone --steps 50 --threads 6 --dropout 0 --out six
succeeds ranks 3 --steps 50 --threads 2 --dropout 0 --out three
follows six three
succeeds ranks 2 --minutes 0.05 --threads 1 --out timed # rank 0's clock counts for all
prints '^time is up after'

# ---------------------------------------------------------------------------- stopped and resumed
succeeds ranks 2 --steps 50 --stop-after 30 --threads 1 --out to_one
succeeds alone --resume --threads 2 --out to_one
prints '^resumed at step 30'
follows one to_one
succeeds alone --steps 50 --stop-after 30 --threads 2 --out to_two
succeeds ranks 2 --resume --threads 1 --out to_two
prints '^resumed at step 30'
follows one to_two

# What is wrong is said once, by rank 0, and the others end. mpirun has its own lines about it.
run ranks 2 --layers 0
[ $status -ne 0 ] && [ "$(grep -c '^train: --layers 0: expected' stderr)" -eq 1 ]
ok $? 'a wrong option is named once'
run ranks 2 --steps 10 --threads 1 --resume --out nowhere
[ $status -ne 0 ] && [ "$(grep -c '^train: .*nowhere' stderr)" -eq 1 ] && [ ! -e nowhere ]
ok $? 'a folder that is not there is named once'

# ---------------------------------------------------------------------------- ended from outside
# begin FOLDER: a training of two ranks in the background; $job is mpirun, and pid.0 and pid.1 hold
# the ranks. Returns when it has begun its second epoch.
begin() {
    rm -f pid.0 pid.1
    # shellcheck disable=SC2016 # the variables are those of the ranks
    mpirun -np 2 sh -c 'echo $$ >"pid.$OMPI_COMM_WORLD_RANK"; exec "$@"' sh \
        "$train" $model --steps 1000000 --threads 1 --out "$1" >stdout 2>stderr &
    job=$!
    while [ ! -s "$1/state.safetensors" ] && kill -0 $job; do sleep 0.1; done
}
# ended WHAT: mpirun ends, with a failure, and no rank is left; one that is killed may take a moment.
ended() {
    wait $job
    status=$?
    left=
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        left=
        for rank in 0 1; do kill -0 "$(cat pid.$rank)" 2>/dev/null && left="$left $rank"; done
        [ -n "$left" ] || break
        sleep 0.5
    done
    [ $status -ne 0 ] && [ -z "$left" ]
    ok $? "$1: status $status, ranks that are left:$left"
}
# saved FOLDER: rank 0 says so once, and the last step it has taken is the one that is resumed.
saved() {
    prints "^saved in $1; the same command with --resume goes on"
    [ "$(grep -c '^interrupted after' stdout)" -eq 1 ]
    ok $? 'one line says that it was interrupted'
    last=$(sed -n 's/^interrupted after \([0-9]*\) .*/\1/p' stdout)
    succeeds alone --resume --steps $((last + 5)) --threads 2 --out "$1"
    prints "^resumed at step $last,"
    prints '^all steps done'
}
begin killed
kill -KILL "$(cat pid.1)"
ended 'rank 1 was killed'
saved killed
begin told
kill -TERM $job
ended 'mpirun was told to end'
saved told
begin stopped # a rank that does nothing for a while is waited for
kill -STOP "$(cat pid.1)"
sleep 0.5
kill -CONT "$(cat pid.1)"
sleep 0.5
kill -INT $job
ended 'Ctrl-C'
saved stopped
begin headless
kill -KILL "$(cat pid.0)"
ended 'rank 0 was killed'
[ "$(noted step headless)" -gt 0 ]
ok $? 'what it had saved before is there'
succeeds ranks 2 --resume --steps $(($(noted step headless) + 5)) --threads 1 --out headless
prints '^all steps done'

report
