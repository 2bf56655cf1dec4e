#!/bin/sh
# The fuzz targets without libFuzzer: each on its corpus, whose names say what is taken and what is
# refused, and on mutants of it.
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/cli.sh
. tests/cli.sh
corpora=$top/tests/fuzz/corpus
cd "$tree" || exit 1 # where an input is left that a target does not survive

for corpus in "$corpora"/*; do
    name=$(basename "$corpus") target=$build/tests/fuzz/fuzz_$(basename "$corpus")
    if [ ! -x "$target" ]; then
        echo "skipped: fuzz target $name (not built here)"
        continue
    fi
    run "$target" "$corpus"/*
    ok "$status" "$name"
    # Behind the door, too: mutants that no reader takes would try nothing but the door.
    grep -a -q ' mutants, [1-9][0-9]* of them taken' stderr
    ok $? "$name: no mutant is taken"
    # The names are looked at.
    for file in "$corpus"/taken-*; do cp "$file" refused-by-name; done
    run "$target" refused-by-name
    [ "$status" -eq 1 ] && grep -a -q 'refused-by-name: was taken' stderr
    ok $? "$name: what is taken though its name says refused"
done
report
