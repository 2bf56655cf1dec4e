# What the tests of command-line programs share; sourced from the top of the tree, then `cd "$tree"`.
# Reports in Check's form, for tests/tools/run.sh: end with `report`.
# BUILD_DIR=build/asan sh tests/test_x.sh runs a test with the programs of another build.
# shellcheck shell=sh
top=$(pwd)
build=${BUILD_DIR:-build}
case $build in /*) ;; *) build=$top/$build ;; esac
tree=$build/tests/$(basename "$0" .sh).files # everything the test writes
rm -rf "$tree"
mkdir -p "$tree"
checks=0 failures=0

# ok STATUS WHAT: one check. A failure shows the end of what the last `run` printed.
ok() {
    checks=$((checks + 1))
    [ "$1" -eq 0 ] && return
    failures=$((failures + 1))
    echo "FAILED: $2"
    for stream in stdout stderr; do tail -n 5 "$tree/$stream" | sed "s/^/    $stream | /"; done
}

# run COMMAND...: leaves $status and the files stdout and stderr.
run() {
    "$@" >"$tree/stdout" 2>"$tree/stderr"
    status=$?
    drop_progress
}

# What takes more than two seconds, on a slow machine anything, tells how far it is.
drop_progress() {
    sed '/^[a-z]* [0-9][0-9/]* .*\/s/d' "$tree/stderr" >"$tree/stderr.rest"
    mv "$tree/stderr.rest" "$tree/stderr"
}

# refused STATUS PATTERN COMMAND...: it ends with that status, nothing on stdout that could pass for
# a result, and exactly one line on stderr, which names the program and matches the pattern.
refused() {
    wanted=$1 pattern=$2
    shift 2
    run "$@"
    [ "$status" -eq "$wanted" ] && [ "$(wc -l <"$tree/stderr")" -eq 1 ] &&
        grep -q -e "^[a-z]*: .*$pattern" "$tree/stderr"
    ok $? "status $wanted and one line with '$pattern' expected, status $status: $*"
}

# succeeds COMMAND...: with status 0 and nothing on stderr.
succeeds() {
    run "$@"
    [ "$status" -eq 0 ] && [ ! -s "$tree/stderr" ]
    ok $? "status $status: $*"
}

prints() {
    grep -q -e "$1" "$tree/stdout"
    ok $? "no line on stdout matches '$1'"
}

same() {
    cmp -s "$1" "$2"
    ok $? "$1 and $2 differ"
}

report() {
    echo "$((100 * (checks - failures) / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
    [ $failures -eq 0 ]
}
