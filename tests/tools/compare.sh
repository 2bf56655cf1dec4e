#!/bin/sh
# Runs the comparison programs, one line each: the verdict, the name, and the line the program
# printed on its largest difference (or its last line). A program must end with status 0 and have
# compared something; exit 1 if one does not.
#
# usage: compare.sh [--quick | --slow] FOLDER PROGRAM...
#
# A program that takes more than about five seconds says so itself: its --help has the word `Slow:`.
# --quick skips those, by name; --slow runs only those. Neither: all are run.
set -u
cd "$(dirname "$0")/../.." || exit 1
which=all
case $1 in --*)
    which=${1#--}
    shift
    ;;
esac
case $which in
all | quick | slow) ;;
*)
    echo "compare: --$which: expected --quick or --slow" >&2
    exit 2
    ;;
esac
folder=$1/compare
shift
mkdir -p "$folder"
limit=
if command -v timeout >/dev/null 2>&1; then limit='timeout -k 5 600'; fi

# runs PROGRAM: leaves its status, and in line what is to be said of it.
runs() {
    $limit "$1" --no-plots >"$log" 2>"$log.err" </dev/null
    status=$?
    line=$(awk '/largest difference|claims hold/ { told = $0 } /^skipped:/ { skipped = $0 } NF { last = $0 }
        END { line = skipped ? skipped : told ? told : last; sub(/^ +/, "", line); print line }' "$log")
    [ $status -eq 0 ] || line="$line $(tail -n 1 "$log.err")"
    case $status:$line in
    0:skipped:* | 0:*' 0 missed'* | 0:*'claims hold'*) ;;
    0:*)
        status=1
        line="compared nothing: $line"
        ;;
    esac
}

# speed PROGRAM: what it says of itself, quick or slow; it is run in any case if it says nothing.
speed() {
    help=$("$1" --help 2>/dev/null </dev/null) || return 0
    case $help in *Slow:*) echo slow ;; *) echo quick ;; esac
}

passed=0 failed=0 skipped=0
for program in "$@"; do
    chapter=$(basename "$(dirname "$program")")
    number=${chapter%%_*}
    [ "$number" != common ] || number=00
    name=$number/$(basename "$program")
    log=$folder/${number}_$(basename "$program").log
    case $which:$(speed "$program") in
    slow:quick) continue ;;
    quick:slow) status=0 line='skipped: slow, make compare runs it' ;;
    *) runs "$program" ;;
    esac
    if [ "$status" -ne 0 ]; then
        verdict=FAILED
        failed=$((failed + 1))
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
