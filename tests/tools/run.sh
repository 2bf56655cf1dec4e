#!/bin/sh
# Runs tests and adds up what they report. The last line is `N passed, N failed`, with the number
# skipped where there are any; the exit status is 0 only if something ran and nothing failed.
#
# usage: run.sh MODE:FOLDER ... -- tests/test_x.c ... script.sh ...
#
# A test_x.c stands for FOLDER/tests/test_x, run once for each MODE:FOLDER; a script runs once. Both
# report in Check's form, `NN%: Checks: N, Failures: N, Errors: N`, and print a line that begins with
# `skipped:` for each thing left out. A program that ends badly without reporting a failure (it
# crashed, or hung for TEST_LIMIT seconds) counts as one failure, and so does one that reports no check
# at all. TEST_RUNNER='valgrind ...' or an emulator runs the test programs.
set -u
cd "$(dirname "$0")/../.." || exit 1

suites=
while [ "$1" != -- ]; do
    suites="$suites $1"
    shift
done
shift

# Gradient checks take longer than the 4 seconds Check grants, above all under sanitizers.
export CK_DEFAULT_TIMEOUT="${CK_DEFAULT_TIMEOUT:-300}"
unset CK_RUN_CASE CK_RUN_SUITE CK_INCLUDE_TAGS CK_EXCLUDE_TAGS CK_VERBOSITY
limit=
if command -v timeout >/dev/null 2>&1; then limit="timeout -k 5 ${TEST_LIMIT:-900}"; fi
total_passed=0 total_failed=0 total_skipped=0

# run LABEL NAME COMMAND...: the numbers of one test are added to the totals.
run() {
    label=$1 name=$2
    shift 2
    log=$folder/tests/$name.log
    mkdir -p "$folder/tests"
    begin=$(date +%s)
    # Tests find the programs of their own build under $BUILD_DIR.
    BUILD_DIR=$folder $limit "$@" >"$log" 2>&1 </dev/null
    status=$?
    seconds=$(($(date +%s) - begin))
    # shellcheck disable=SC2046
    set -- $(awk '
        /^[0-9]+%: Checks: [0-9]+, Failures: [0-9]+, Errors: [0-9]+/ {
            gsub(/[^0-9]+/, " "); checks += $2; bad += $3 + $4
        }
        /^skipped:/ { skipped++ }
        END { print checks - bad, bad + 0, skipped + 0 }' "$log")
    passed=$1 failed=$2 skipped=$3
    why=
    if [ "$failed" -eq 0 ] && [ "$status" -ne 0 ]; then
        failed=1
        why="exit status $status"
    elif [ $((passed + failed + skipped)) -eq 0 ]; then
        failed=1
        why='no checks ran'
    fi
    printf '  %-8s %-28s %4d passed %3d failed %3d skipped %4d s  %s\n' \
        "$label" "$name" "$passed" "$failed" "$skipped" "$seconds" "$why"
    grep '^skipped:' "$log" | sed 's/^/           /'
    if [ "$failed" -gt 0 ]; then
        sed 's/^/    | /' "$log"
    fi
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
    total_skipped=$((total_skipped + skipped))
}

first=
for suite in $suites; do
    mode=${suite%%:*} folder=${suite#*:}
    first=${first:-$folder}
    # A sanitizer must see the failing process itself, and a leak is judged when it exits.
    if [ "$mode" = asan ] || [ -n "${TEST_RUNNER:-}" ]; then export CK_FORK=no; else export CK_FORK=yes; fi
    for test in "$@"; do
        case $test in
        *.c)
            name=$(basename "$test" .c)
            # shellcheck disable=SC2086 # a command and its options
            run "$mode" "$name" ${TEST_RUNNER:-} "$folder/tests/$name"
            ;;
        esac
    done
done
folder=$first
for test in "$@"; do
    case $test in
    *.sh) run script "$(basename "$test" .sh)" sh "$test" ;;
    esac
done

line="$total_passed passed, $total_failed failed"
if [ "$total_skipped" -gt 0 ]; then line="$line, $total_skipped skipped"; fi
echo "$line" | tee "$first/tests/summary"
[ "$total_failed" -eq 0 ] && [ "$total_passed" -gt 0 ]
