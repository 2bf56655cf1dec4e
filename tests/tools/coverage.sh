#!/bin/sh
# Adds up what the runs of a build with counters have executed: lines and branches by folder, what
# chapters build on apart from the programs that only show it, and the functions nothing has called.
# A branch is one way out of a condition.
#
# usage: coverage.sh OBJECTS MODULE.c ... -- PROGRAM.c ...
set -u
cd "$(dirname "$0")/../.." || exit 1
objects=$1
shift
command -v "${GCOV:=gcov}" >/dev/null || {
    echo "coverage: no $GCOV here, which comes with gcc" >&2
    exit 1
}
kind=module
for source in "$@"; do
    if [ "$source" = -- ]; then kind=program && continue; fi
    notes=$objects/${source%.c}.gcno
    [ -e "$notes" ] || continue
    echo "Source '$source' $kind"
    "$GCOV" -n -b -f "$notes" 2>/dev/null
done | tee "$objects/../coverage.txt" | awk -F "'" '
    # What gcov says in per cent of a number, as a number.
    function count(line,    part) {
        split(line, part, /[:%]|of /)
        total = part[4] + 0
        return int(part[2] * total / 100 + 0.5)
    }
    function add(name) {
        lines[name] += file_lines; lines_of[name] += file_lines_of
        ways[name] += file_ways; ways_of[name] += file_ways_of
        if (!(name in seen)) { seen[name] = 1; names[++n] = name }
    }
    function share(a, b) { return b ? sprintf("%5.1f %% of %6d", 100 * a / b, b) : sprintf("%7s of %6d", "-", 0) }
    function row(name) {
        printf "  %-32s  lines %s  branches %s\n", name, share(lines[name], lines_of[name]), share(ways[name], ways_of[name])
    }
    /^Source / { source = $2; kind = $3; sub(/^ /, "", kind); what = ""; next }
    /^Function / { what = "function"; name = $2; next }
    /^File / { what = $2 == source ? "file" : ""; next }
    /^Lines executed/ && what == "function" && kind == "module" {
        if (count($0) == 0 && total > 0) never[++m] = source ": " name " (" total " lines)"
    }
    /^Lines executed/ && what == "file" {
        file_lines = count($0); file_lines_of = total; file_ways = file_ways_of = 0
    }
    /^Taken at least once/ && what == "file" { file_ways = count($0); file_ways_of = total }
    # The last line of what is said of a file.
    (/^No calls/ || /^Calls executed/) && what == "file" {
        folder = source
        sub(/\/[^\/]*$/, "", folder)
        if (kind == "program") sub(/\/.*/, "", folder)
        if (kind == "program") folder = folder ": programs and labs"
        add(folder)
        add(kind == "program" ? "all programs and labs" : "all modules")
        if (kind == "module") files[source] = ways_of[source] + 0
        what = ""
    }
    END {
        for (i = 1; i <= n; i++) if (names[i] !~ /^all |: programs/) row(names[i])
        row("all modules")
        for (i = 1; i <= n; i++) if (names[i] ~ /: programs/) row(names[i])
        row("all programs and labs")
        if (m) print "never called:"
        for (i = 1; i <= m; i++) print "  " never[i]
        exit n == 0
    }'
