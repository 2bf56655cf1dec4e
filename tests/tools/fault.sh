#!/bin/sh
# "Find the fault": a program with one line changed, its numbers beside the sound one's, and the
# learner's answer. `make 06/fault/3` and `make faults` call it.
#
#   fault.sh show OUT FILE       builds with the fault of FILE, trains, shows; with ANSWER in the
#                                environment, judges that
#   fault.sh prove OUT FILE...   that each fault trains well and has one right answer, no two the same
#
# A FILE, exercises/3.fault, says which module is edited, in which function, and how: `module`,
# `function` and one or more `edit` with a sed command (edit_function.sh). Of the program only that
# module is compiled anew; it comes before the libraries, which hold the sound one. FILE is 0.fault,
# which need not exist, for the sound program itself.
#
# The environment brings CC, CFLAGS, LINK (the libraries of this repository) and LIBRARIES (others).
set -u
cd "$(dirname "$0")/../.." || exit 1

fail() {
    echo "fault: $*" >&2
    exit 1
}

# of FILE WORD: what stands behind the word.
of() { sed -n "s/^$2 //p" "$1"; }

# edited FILE SOURCE: SOURCE <- the module with the fault in it.
edited() {
    module=$(of "$1" module)
    [ -e "$module.c" ] || fail "$1: there is no $module.c"
    cp "$module.c" "$2"
    of "$1" edit >"$2.edits"
    [ -s "$2.edits" ] || fail "$1 has no edit"
    while IFS= read -r edit; do
        why=$(sh tests/tools/edit_function.sh "$2" "$(of "$1" function)" "$edit" 2>&1) ||
            fail "$1: $module.c: $why"
    done <"$2.edits"
}

# build FILE: sets folder, sound and program; makes program, unless nothing it is made of has changed.
build() {
    chapter=${1%/exercises/*} folder=$out/fault/$(basename "$1" .fault)
    sound=$out/$chapter/fault object=$out/objects/$chapter/fault.o program=$folder/program
    mkdir -p "$folder"
    if [ "${folder##*/}" = 0 ]; then
        program=$sound
        return
    fi
    edited "$1" "$folder/edited.c"
    # shellcheck disable=SC2086
    if [ -e "$program" ] && cmp -s "$folder/edited.c" "$folder/source.c" &&
        [ -z "$(find "$object" $LINK -newer "$program" | head -n 1)" ]; then
        return
    fi
    mv "$folder/edited.c" "$folder/source.c"
    # shellcheck disable=SC2086
    $CC $CFLAGS -w -c -o "$folder/source.o" "$folder/source.c" &&
        $CC $CFLAGS -o "$program" "$object" "$folder/source.o" $LINK $LIBRARIES ||
        fail "$1 does not build"
}

# trained FILE: sees to it that its symptoms are in $folder.
trained() {
    build "$1"
    [ ! -e "$folder/symptoms.tsv" ] || [ -n "$(find "$program" -newer "$folder/symptoms.tsv")" ] ||
        return 0
    echo "training the program of $folder" >&2
    "$program" --no-plots --out "$folder" >"$folder/log" || fail "$program ends badly"
}

# ask ANSWER: what the sound program says of the answer to what is in $folder.
ask() { "$sound" --read "$folder" --answer "$1"; }

show() {
    build "$1" # what cannot be built is told before the sound program trains
    trained "${1%/*}/0.fault"
    trained "$1"
    number=${folder##*/}
    if [ -n "${ANSWER:-}" ]; then
        ask "$ANSWER" || exit
        [ "$number" = 0 ] || planted "$1"
        return
    fi
    beside="--beside $out/fault/0"
    [ "$number" != 0 ] || beside=
    # shellcheck disable=SC2086
    "$sound" --read "$folder" $beside &&
        printf '\nYour answer, one of these words: make %s/fault/%s ANSWER=...\n' "${1%%_*}" "$number"
}

# planted FILE: what was changed.
planted() {
    module=$(of "$1" module)
    echo
    echo "What was changed: $module.c, $(of "$1" function)"
    diff "$module.c" "$folder/source.c" | sed -n 's/^\([<>]\) */  \1 /p'
}

# ---------------------------------------------------------------------------- prove

# falls FOLDER: training and validation loss end below half of what they were after one epoch.
falls() {
    awk 'NR == 2 { train = $4; valid = $5 } END { exit !(NR > 2 && $4 < train / 2 && $5 < valid / 2) }' "$1/log.tsv"
}

# differing FOLDER: how many numbers are not the sound program's, by more than a thousandth.
differing() {
    awk -F '\t' 'NR == FNR { sound[$1] = $2; next }
        NF == 2 { d = $2 - sound[$1]; if (d < 0) d = -d; if (d > 1e-3) n++ }
        END { print n + 0 }' "$out/fault/0/symptoms.tsv" "$1/symptoms.tsv"
}

prove() {
    bad=0 found=
    wrong() {
        echo "faults: $*"
        bad=1
    }
    # Each of the words is tried, as the refusal of none of them lists them.
    words=$("$out/${1%/exercises/*}/fault" --answer '?' 2>&1 | sed 's/.* one of //; s/,//g')
    for file; do build "$file"; done
    for file in "${1%/*}/0.fault" "$@"; do
        trained "$file"
        number=${folder##*/} right= refused=0
        falls "$folder" || wrong "$number does not look as if it learned"
        for word in $words; do
            if ask "$word" >"$folder/answer"; then
                right="$right $word"
            elif grep -q -E '[0-9]|Compare' "$folder/answer"; then
                refused=$((refused + 1))
            else
                wrong "$number refuses $word without a reason"
            fi
        done
        case $right in
        ' none') [ "$number" = 0 ] || wrong "$number: nothing shows what is wrong" ;;
        ' '*' '* | '') wrong "$number has the right answers '$right'" ;;
        *) [ "$number" != 0 ] || wrong "the sound program is said to have$right" ;;
        esac
        case "$found " in *"$right "*) wrong "$number is the same as another one:$right" ;; esac
        found=$found$right
        different=$(differing "$folder")
        [ "$number" = 0 ] || [ "$different" -gt 0 ] || wrong "$number has the sound program's numbers"
        printf '  %-28s %d numbers unlike the sound ones, 1 answer right, %d refused\n' \
            "${file%%_*}/fault/$number" "$different" "$refused"
    done
    return $bad
}

command=$1 out=$2
shift 2
case $command in
show | prove) "$command" "$@" ;;
*) fail "no command $command" ;;
esac
