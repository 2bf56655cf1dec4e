#!/bin/sh
# Runs the chapters' demos given as arguments, in that order, and stops at the first that fails.
set -eu
cd "$(dirname "$0")/../.."
begin=$(date +%s)
for demo in "$@"; do
    chapter=$(basename "$(dirname "$demo")")
    if [ "$chapter" = common ]; then chapter=00_common; fi
    printf '\n==== %s ====\n\n' "$chapter"
    "$demo" || {
        status=$?
        echo "make demo: $demo ended with status $status" >&2
        exit 1
    }
done
printf '\n%d chapters in %d seconds; the pictures are in build/figures/\n' \
    $# $(($(date +%s) - begin))
