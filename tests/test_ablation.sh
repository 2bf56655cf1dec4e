#!/bin/sh
# Ingredients taken away: every row of the table still applies, and the program compares what it has
# trained. The trainings of `make 06/without` itself are not repeated here.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "${1:-$root/build}" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
. "$root/tests/cli.sh"
cd "$root" || exit 1

sh tests/tools/ablation.sh check "$dir" >"$dir/checked" 2>&1
ok $? "a row no longer applies: $(cat "$dir/checked")"
[ "$(sh tests/tools/ablation.sh names | wc -l)" -ge 14 ]
ok $? 'fewer rows than ingredients'

cd "$dir" || exit 1
run() { "$build/06_training/ablation" --no-plots "$@" >out 2>err; }
run --epochs 1 --pairs 60 --out whole
ok $? "a small training: $(cat err)"
run --epochs 1 --pairs 60 --warmup 0 --out warmup
ok $? "a small training without warm-up: $(cat err)"
run --read warmup --beside whole --name warmup && grep -q 'rate of the first step.* 0\.0167 *1\.0000$' out
ok $? 'without warm-up the first rate is the highest'
run --row whole --row warmup && [ "$(grep -c -E '^(whole|warmup) ' out)" -eq 2 ]
ok $? 'a table has a row for each run'
run --read warmup
[ $? -eq 2 ]
ok $? '--read without --beside is wrong usage'
report
