#!/bin/sh
# Holds every README against the programs, so that no number or picture in them goes stale.
#
#   <!-- run: COMMAND -->           the fenced block that follows is part of what COMMAND prints:
#                                   its lines must stand in the output together and in this order,
#                                   blank lines, spaces and one in a number's last decimal place
#                                   aside; a line `...` leaves lines out, a line `$ ...` shows the
#                                   command and is not compared
#   <!-- numbers: COMMAND -->       every decimal number (1.23) of the paragraph or table that
#                                   follows must be in the output
#   <!-- run-if-data: COMMAND -->   and numbers-if-data: the same, left out by name where there is
#                                   no data set (see `make data`)
#
# COMMAND runs once, by sh from the top of the repository; `make 03` and `make 03/NAME` mean the
# program itself, `make 00` those of common/. It must succeed. If it prints a line `skipped: ...`, its blocks are left out.
# What stands between <!-- path --> and <!-- /path --> must be what path.sh makes of path.txt and the programs.
# Links and pictures with a relative address must exist, down to the line of `file.c#L10` and the heading
# of `README.md#by-hand` or `#by-hand`; so must what `[words]: address` gives a name. If the link
# is on a name in backquotes, [`name(...)`](file.h#L10), the name must stand in the lines linked to.
#
# The last line is in Check's form, for tests/tools/run.sh.
set -eu
cd "$(dirname "$0")/../.."
build=${BUILD_DIR:-build}
scratch=$build/check-docs
rm -rf "$scratch"
mkdir -p "$scratch"

set --
for file in README.md */README.md [0-9][0-9]_*/*/README.md; do
    [ ! -f "$file" ] || set -- "$@" "$file"
done
checks=0 failures=0
fail() {
    echo "$1"
    failures=$((failures + 1))
}

# ---------------------------------------------------------------------------- reading the READMEs
# Writes $scratch/list, one line `KIND TAB FILE TAB LINE TAB VALUE` for each thing to check: blocks
# (their lines go to $scratch/N.block, N counting them), links and mistakes of form.
[ $# -eq 0 ] || awk -v scratch="$scratch" '
    function entry(kind, line, value) { print kind "\t" file "\t" line "\t" value >(scratch "/list") }
    function unclaimed() {
        if (pending != "") entry("mistake", pending_line, "nothing to check follows " pending ": " command)
        pending = ""
    }
    function block_line() { print FNR "\t" $0 >(scratch "/" blocks ".block") }
    # A link on a name: its address and the name. A name with a full stop is that of a file.
    function named_links(text,    link, name) {
        while (match(text, /\[`[A-Za-z_][A-Za-z_0-9]*[^`A-Za-z_0-9.][^`]*`\]\([^) ]+#L[^) ]+|\[`[A-Za-z_][A-Za-z_0-9]*`\]\([^) ]+#L[^) ]+/)) {
            link = substr(text, RSTART + 2, RLENGTH - 2)
            text = substr(text, RSTART + RLENGTH)
            name = link
            sub(/[^A-Za-z_0-9].*/, "", name)
            sub(/^[^`]*`\]\(/, "", link)
            entry("name", FNR, link " " name)
        }
    }
    # A link leaves out code in backquotes, which may hold anything.
    function links(text,    address) {
        named_links(text)
        gsub(/`[^`]*`/, "", text)
        while (match(text, /\]\([^) ]+|src="[^"]+/)) {
            address = substr(text, RSTART, RLENGTH)
            text = substr(text, RSTART + RLENGTH)
            sub(/^(\]\(|src=")/, "", address)
            if (address !~ /^[a-z]+:/) entry("link", FNR, address)
        }
    }
    FNR == 1 { unclaimed(); file = FILENAME; fence = ""; taking = 0; paragraph = 0 }
    fence != "" {
        if (index($0, fence) == 1 && $0 !~ /[^` ]/) { fence = ""; taking = 0 }
        else if (taking) block_line()
        next
    }
    paragraph {
        if ($0 ~ /^[ \t]*$/) paragraph = 0
        else { block_line(); links($0); next }
    }
    /^<!-- (run|numbers)(-if-data)?: .* -->[ \t]*$/ {
        unclaimed()
        pending = $2
        sub(/:$/, "", pending)
        pending_line = FNR
        command = $0
        sub(/^<!-- [a-z-]+: */, "", command)
        sub(/ *-->[ \t]*$/, "", command)
        next
    }
    /^[ \t]*$/ { next }
    /^\[[a-z]+\]: / { if ($2 !~ /^[a-z]+:/) entry("link", FNR, $2); next }
    /^```/ {
        match($0, /^`+/)
        fence = substr($0, 1, RLENGTH)
        if (pending ~ /^run/) {
            blocks++
            taking = 1
            printf "" >(scratch "/" blocks ".block")
            entry(pending, FNR, command)
            pending = ""
        }
        unclaimed()
        next
    }
    {
        if (pending ~ /^numbers/) {
            blocks++
            paragraph = 1
            entry(pending, FNR, command)
            block_line()
            pending = ""
        }
        unclaimed()
        links($0)
    }
    END { unclaimed() }' "$@"
touch "$scratch/list" "$scratch/commands"

# ---------------------------------------------------------------------------- running commands

# program_of NUMBER NAME: the program, whose chapter folder is found by its number; 00 is common/.
program_of() {
    if [ "$1" = 00 ]; then
        echo "$build/common/$2"
        return
    fi
    for program in "$build/$1"_*/"$2"; do
        echo "$program"
    done
}

# output_of COMMAND: runs it unless it has run; $output then holds what it printed and $status.
output_of() {
    number=$(grep -n -x -F -e "$1" "$scratch/commands" | head -n 1 | cut -d : -f 1)
    if [ -z "$number" ]; then
        printf '%s\n' "$1" >>"$scratch/commands"
        number=$(wc -l <"$scratch/commands" | tr -d ' ')
        # `make 03/raimi ...` becomes build/03_self_attention/raimi ...
        first=${1%% *}
        rest=${1#"$first"}
        target=${rest# }
        target=${target%% *}
        case $first:$target in
        make:[0-9][0-9]) run=$(program_of "$target" demo)${rest#" $target"} ;;
        make:[0-9][0-9]/*) run=$(program_of "${target%%/*}" "${target#*/}")${rest#" $target"} ;;
        make:*) run="echo 'only make NN and make NN/NAME can be checked' >&2; false" ;;
        *) run=$1 ;;
        esac
        code=0
        sh -c "$run" >"$scratch/$number.out" 2>"$scratch/$number.err" </dev/null || code=$?
        echo $code >"$scratch/$number.status"
    fi
    output=$scratch/$number.out
    status=$(cat "$scratch/$number.status")
}

have_data() {
    for folder in ${DATA:+"$DATA"} build/data ../shared/data; do
        if [ -d "$folder/multi30k" ] || [ -d "$folder/tinyshakespeare" ]; then return 0; fi
    done
    return 1
}

# ---------------------------------------------------------------------------- comparing

# lines_missing BLOCK OUTPUT: prints `LINE TAB TEXT` for the first line that has no place. The lines
# between two `...` must stand together in the output; blank lines do not count on either side.
lines_missing() {
    awk '
        function trimmed(text) { sub(/[ \t\r]+$/, "", text); return text }
        # Word by word; two numbers of as many decimals may be apart by one in the last place,
        # which is what another processor rounds otherwise.
        function same(a, b,    as, bs, k, i, d) {
            if (a == b) return 1
            k = split(a, as)
            if (split(b, bs) != k) return 0
            for (i = 1; i <= k; i++) {
                if (as[i] == bs[i]) continue
                if (as[i] !~ /^[-+]?[0-9]+\.[0-9]+$/ || bs[i] !~ /^[-+]?[0-9]+\.[0-9]+$/) return 0
                d = length(as[i]) - index(as[i], ".")
                if (length(bs[i]) - index(bs[i], ".") != d) return 0
                d = (as[i] - bs[i]) * 10 ^ d
                if (d > 1.001 || d < -1.001) return 0
            }
            return 1
        }
        # How many of the lines first..last of the block the output holds from its line `at` on.
        function held(first, last, at,    i) {
            for (i = first; i <= last && at + i - first <= n; i++)
                if (!same(out[at + i - first], want[i])) break
            return i - first
        }
        # Finds the earliest place at or after `from` for first..last; moves `from` behind it.
        function place(first, last,    at, best, found) {
            best = 0
            for (at = from; at <= n; at++) {
                found = held(first, last, at)
                if (found > best) best = found
                if (found == last - first + 1) { from = at + found; return 1 }
            }
            print where[first + best] "\t" want[first + best]
            return 0
        }
        NR == FNR { if (trimmed($0) != "") out[++n] = trimmed($0); next }
        {
            line = $0
            sub(/\t.*/, "", line)
            text = trimmed(substr($0, length(line) + 2))
            if (text == "" || text ~ /^\$ /) next
            want[++m] = text
            where[m] = line
        }
        END {
            from = 1
            start = 1
            want[m + 1] = "..."
            for (i = 1; i <= m + 1; i++) {
                if (want[i] != "...") continue
                if (i > start && !place(start, i - 1)) exit
                start = i + 1
            }
        }' "$2" "$1"
}

# numbers_missing BLOCK OUTPUT: prints `LINE TAB NUMBER` for each number not in the output.
numbers_missing() {
    awk '
        # The next decimal number of rest, which is cut after it; a version such as 1.2.3 is none.
        function next_number(    found, after) {
            while (match(rest, /[0-9]+(\.[0-9]+)+/)) {
                found = substr(rest, RSTART, RLENGTH)
                rest = substr(rest, RSTART + RLENGTH)
                if (found !~ /\..*\./) return found
            }
            return ""
        }
        NR == FNR { rest = $0; while ((number = next_number()) != "") seen[number] = 1; next }
        {
            line = $0
            sub(/\t.*/, "", line)
            rest = substr($0, length(line) + 2)
            while ((number = next_number()) != "") if (!(number in seen)) print line "\t" number
        }' "$2" "$1"
}

# headings FILE: what its headings are called in addresses: small letters, hyphens for spaces, and of
# the rest letters, digits, _ and - only.
headings() {
    LC_ALL=C awk '/^```/ { fence = !fence }
        !fence && /^#+ / {
            name = tolower($0)
            sub(/^#+ +/, "", name)
            gsub(/[^a-z0-9_ \200-\377-]/, "", name)
            gsub(/ /, "-", name)
            print name
        }' "$1"
}

# link_missing FILE ADDRESS: says what is wrong with the address, or nothing.
link_missing() {
    path=$(dirname "$1")/${2%%#*}
    case $2 in '#'*) path=$1 ;; esac
    if [ ! -e "$path" ]; then
        echo "$2 does not exist"
        return
    fi
    case $2 in
    *'#L'*)
        wanted=$(printf '%s\n' "$2" | sed 's/.*[#L-]L*//')
        lines=$(wc -l <"$path" | tr -d ' ')
        [ "$wanted" -le "$lines" ] || echo "$2: the file has $lines lines"
        ;;
    *'#'*)
        if [ -d "$path" ]; then path=$path/README.md; fi
        headings "$path" | grep -q -x -F -e "${2#*#}" || echo "$2: no such heading"
        ;;
    esac
}

# name_missing FILE "ADDRESS NAME": says so if the lines that the address names do not hold the name.
name_missing() {
    address=${2% *}
    path=$(dirname "$1")/${address%%#*}
    [ -f "$path" ] || return 0 # the link itself is checked as well
    first=${address##*#L}
    last=${first##*-L}
    sed -n "${first%%-*},${last}p" "$path" | grep -q -w -e "${2#* }" || echo "$address: no ${2#* } there"
}

tab=$(printf '\t')
block=0
while IFS=$tab read -r kind file line value; do
    checks=$((checks + 1))
    case $kind in
    mistake) fail "$file:$line: $value" ;;
    link | name)
        what=$("${kind}_missing" "$file" "$value")
        [ -z "$what" ] || fail "$file:$line: $what"
        ;;
    run* | numbers*)
        block=$((block + 1))
        case $kind in
        *-if-data)
            if ! have_data; then
                checks=$((checks - 1))
                echo "skipped: $file:$line: no data for $value"
                continue
            fi
            ;;
        esac
        output_of "$value"
        if [ "$status" -ne 0 ]; then
            fail "$file:$line: $value ended with status $status: $(tail -n 1 "${output%.out}.err")"
            continue
        fi
        if grep -q '^skipped:' "$output"; then
            checks=$((checks - 1))
            echo "skipped: $file:$line: $value $(grep '^skipped:' "$output" | head -n 1)"
            continue
        fi
        compare=lines_missing
        case $kind in numbers*) compare=numbers_missing ;; esac
        $compare "$scratch/$block.block" "$output" >"$scratch/missing"
        if [ -s "$scratch/missing" ]; then
            failures=$((failures + 1))
            while IFS=$tab read -r at text; do
                echo "$file:$at: not in the output of $value: $text"
            done <"$scratch/missing"
        fi
        ;;
    esac
done <"$scratch/list"

if [ -f README.md ] && grep -q '^<!-- path -->$' README.md; then
    checks=$((checks + 1))
    sh tests/tools/path.sh --check || failures=$((failures + 1))
fi

if [ $checks -eq 0 ]; then checks=1; fi # no README yet: nothing in them is wrong
percent=$((100 * (checks - failures) / checks))
echo "$percent%: Checks: $checks, Failures: $failures, Errors: 0"
[ $failures -eq 0 ]
