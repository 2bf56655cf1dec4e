#!/bin/sh
# Every comparison program that does not call itself slow, held to its promise: it ends with status 0
# and has compared something. Reports in Check's form, for tests/tools/run.sh.
# BUILD_DIR=build/asan sh tests/test_compare.sh runs the programs of another build.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${BUILD_DIR:-build}
set --
for source in common/compare/*.c [0-9][0-9]_*/compare/*.c; do
    [ ! -f "$source" ] || set -- "$@" "$build/${source%%/*}/$(basename "$source" .c)"
done
# compare.sh writes `VERDICT NAME LINE` for each; the counts come from those lines themselves, so that
# a program that got none is missed.
sh tests/tools/compare.sh --quick "$build" "$@" |
    awk -v expected=$# '
        /^skipped / { skipped++; name = $2; sub(/^skipped +[^ ]+ +/, "skipped: " name ": ") }
        /^ok / { passed++ }
        /^FAILED / { failed++ }
        { print }
        END {
            failed += expected - passed - failed - skipped
            checks = passed + failed
            printf "%d%%: Checks: %d, Failures: %d, Errors: 0\n", checks ? 100 * passed / checks : 0, checks, failed
            exit failed > 0
        }'
