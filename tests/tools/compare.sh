#!/bin/sh
# Runs the comparison programs, one line each: the verdict, the name, and the line the program
# printed on its largest difference (or its last line). Exit 1 if any of them fails.
#
# usage: compare.sh FOLDER PROGRAM...
set -u
cd "$(dirname "$0")/../.." || exit 1
folder=$1/compare
shift
mkdir -p "$folder"
passed=0 failed=0 skipped=0
for program in "$@"; do
    chapter=$(basename "$(dirname "$program")")
    if [ "$chapter" = common ]; then chapter=00; fi # as in `make 00/NAME`
    name=${chapter%%_*}/$(basename "$program")
    log=$folder/${chapter%%_*}_$(basename "$program").log
    "$program" --no-plots >"$log" 2>"$log.err" </dev/null
    status=$?
    line=$(awk '/largest difference/ { told = $0 } /^skipped:/ { skipped = $0 } NF { last = $0 }
        END { line = skipped ? skipped : told ? told : last; sub(/^ +/, "", line); print line }' "$log")
    if [ $status -ne 0 ]; then
        verdict=FAILED
        failed=$((failed + 1))
        line="$line $(tail -n 1 "$log.err")"
    elif [ "${line#skipped:}" != "$line" ]; then
        verdict=skipped
        skipped=$((skipped + 1))
        line=${line#skipped: }
    else
        verdict=ok
        passed=$((passed + 1))
    fi
    printf '%-7s  %-24s %s\n' $verdict "$name" "$line"
done
echo "$passed matched, $failed did not, $skipped skipped"
[ $failed -eq 0 ]
