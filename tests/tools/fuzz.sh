#!/bin/sh
# Runs fuzz targets that are linked with libFuzzer, one after the other, and says of each how many
# inputs it tried. The exit status is 0 only if none failed.
#
# usage: fuzz.sh FOLDER SECONDS TARGET...
#
# FOLDER/corpus/NAME keeps what the runs found to reach something new, for the next one;
# FOLDER/NAME-crash-... is an input that failed, and FOLDER/NAME.log what was said of it.
set -u
cd "$(dirname "$0")/../.." || exit 1
folder=$1 seconds=$2
shift 2

# of NAME FILE: the last number that libFuzzer says under that name.
of() { sed -n "s/^stat::$1: *//p" "$2" | tail -n 1; }
failed=0
for target in "$@"; do
    name=$(basename "$target") name=${name#fuzz_}
    log=$folder/$name.log
    mkdir -p "$folder/corpus/$name"
    dict=tests/fuzz/$name.dict
    # What the target itself prints is no result, and there is much of it. An input of 5 seconds has
    # found something that takes too long.
    "$target" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=2048 -close_fd_mask=3 \
        -print_final_stats=1 -artifact_prefix="$folder/$name-" ${dict:+-dict="$dict"} \
        "$folder/corpus/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1
    status=$?
    printf '  %-12s %10s inputs  %7s a second  %5s reach new code  %s\n' "$name" \
        "$(of number_of_executed_units "$log")" "$(of average_exec_per_sec "$log")" \
        "$(of new_units_added "$log")" "$([ $status -eq 0 ] && echo || echo "FAILED: $log")"
    [ $status -eq 0 ] && continue
    failed=1
    grep -a -v -E '^(stat::|#)' "$log" | tail -n 15 | sed 's/^/    | /'
done
exit $failed
