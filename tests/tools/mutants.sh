#!/bin/sh
# Proves that the tests can fail: breaks the backward functions one term at a time (mutate.awk),
# rebuilds in double and runs the tests until one fails. Prints caught/total; a mutant that every
# test lets pass is printed with its place and makes the exit status 1. One that does not compile is
# counted apart.
#
# usage: mutants.sh FOLDER [FILE...]    (default: common/ and the chapters' modules)
set -u
cd "$(dirname "$0")/../.." || exit 1
folder=$1
shift
# The makes run here must not inherit the options and the job server of the one that runs this.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES CK_RUN_CASE CK_RUN_SUITE
make=${MAKE:-make}
# A crash or a hang is as good as a failed check, and without a fork for every test it is faster.
export CK_FORK=no
limit=
if command -v timeout >/dev/null 2>&1; then limit='timeout 300'; fi
# What belongs to going back without saying so in its name.
also='cross_entropy_row label_smoothing add_scaled transpose_blocks copy_runs tensor_grad_add softmax_row_dot rotary_pairs'
for name in $also; do
    grep -q "$name(" common/*.[ch] [0-9][0-9]_*/*.[ch] || {
        echo "mutants: there is no $name any more; correct the list in tests/tools/mutants.sh" >&2
        exit 1
    }
done

least=0
if [ $# -eq 0 ]; then
    least=40
    for header in common/*.h common/*/*.h [0-9][0-9]_*/*.h [0-9][0-9]_*/*/*.h; do
        [ ! -f "$header" ] || set -- "$@" "$header"
        [ ! -f "${header%.h}.c" ] || set -- "$@" "${header%.h}.c"
    done
    for source in common/*.c common/*/*.c; do
        [ -f "${source%.c}.h" ] || set -- "$@" "$source"
    done
fi

# Tests of gradients first, since they catch nearly all; the others only see what those let pass.
tests=
for test in $(grep -l -i gradient tests/test_*.c) $(grep -L -i gradient tests/test_*.c); do
    tests="$tests build/f64/tests/$(basename "$test" .c)"
done

workers='1 2'
rm -rf "$folder"
for worker in $workers; do
    mkdir -p "$folder/$worker"
    cp -R Makefile common tests [0-9][0-9]_*/ "$folder/$worker/"
done
folder=$(cd "$folder" && pwd)

for file; do
    awk -v also="$also" -f tests/tools/mutate.awk "$file" | sed "s|^|$file	|"
done >"$folder/list"
total=$(wc -l <"$folder/list" | tr -d ' ')

# build TREE TEST...: one job, warnings allowed: what a mutant leaves unused is no reason to reject it.
build() {
    tree=$1
    shift
    "$make" -j1 -C "$tree" MODE=f64 OPT=-O1 EXTRA=-Wno-error BUILD=build "$@" >"$tree/log" 2>&1
}

# verdict TREE: caught, survived or invalid. The test that caught the last mutant goes first.
verdict() {
    first=$(cat "$1/last" 2>/dev/null)
    for test in $first $tests; do
        if ! build "$1" "$test"; then
            echo invalid
            return
        fi
        if ! (cd "$1" && $limit "$test") >"$1/output" 2>&1 </dev/null; then
            echo "$test" >"$1/last"
            echo caught
            return
        fi
    done
    echo survived
}

# work N: every mutant of the list whose line number leaves N - 1 when divided by the workers.
work() {
    tree=$folder/$1
    awk -v n="$1" -v of="$(echo "$workers" | wc -w)" 'NR % of == n - 1' "$folder/list" |
        while IFS='	' read -r file number line function change; do
            awk -v also="$also" -v pick="$number" -f tests/tools/mutate.awk "$file" >"$tree/$file"
            result=$(verdict "$tree")
            printf '%s\t%s\t%s\t%s\t%s\n' "$result" "$file" "$line" "$function" "$change" >>"$tree/results"
            if [ "$result" = survived ]; then echo "SURVIVED $file:$line: $function: $change"; fi
            cp "$file" "$tree/$file"
        done
}

echo "mutants: $total, each against up to $(echo "$tests" | wc -w) test programs"
# Unbroken, everything must pass; this also builds each tree once.
for worker in $workers; do
    # shellcheck disable=SC2086
    build "$folder/$worker" $tests || {
        cat "$folder/$worker/log"
        exit 1
    }
done
for test in $tests; do
    (cd "$folder/1" && $limit "$test") >"$folder/1/output" 2>&1 </dev/null || {
        cat "$folder/1/output"
        echo "mutants: $test fails before anything is broken" >&2
        exit 1
    }
done

for worker in $workers; do
    work "$worker" &
done
wait

cat "$folder"/*/results | sort -t '	' -k 2,2 -k 3,3n >"$folder/results"
awk -F '\t' -v least=$least -v total="$total" '
    { verdicts[$1]++; in_file[$2]++; if ($1 == "caught") caught[$2]++; if ($1 == "invalid") invalid[$2]++ }
    END {
        for (file in in_file)
            printf "  %-40s %3d/%d caught\n", file, caught[file], in_file[file] - invalid[file] | "sort"
        close("sort")
        valid = NR - verdicts["invalid"]
        if (verdicts["invalid"]) printf "mutants: %d do not compile and do not count\n", verdicts["invalid"]
        printf "mutants: %d/%d caught\n", verdicts["caught"], valid
        if (NR != total) print "mutants: only " NR " of " total " were tried"
        if (valid < least) print "mutants: fewer than " least ": backward functions were not found"
        exit !(NR == total && valid >= least && verdicts["caught"] == valid)
    }' "$folder/results"
