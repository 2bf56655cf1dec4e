#!/bin/sh
# The learning path, stop by stop, with what to run beside it: made of path.txt, which has the stops and
# their sections, and of the first comment of each program, which says where the program belongs.
#
# usage: path.sh [""]         all stops
#        path.sh NAME         one stop, section by section; status 2 if there is none of that name
#        path.sh --readme     writes the part of README.md between <!-- path --> and <!-- /path -->
#        path.sh --check      says what is wrong with the path, README.md included; status 1 if anything is
#        path.sh --numbers FOLDER   holds the numbers against FOLDER/NN_NAME.log, where compare.sh leaves what
#                             the comparisons print; those that have no log are left out by name
set -eu
cd "$(dirname "$0")/../.."
export LC_ALL=C # the order of the programs, and columns counted by path.awk
source=tests/tools/path.txt
page=README.md
bold=0
if [ -t 1 ]; then bold=1; fi

# A program is what has a main; an exercise's check is not run by itself. In the order of the chapters,
# each one's demo, with which one begins, before the others.
programs() {
    find common [0-9][0-9]_* -name '*.c' ! -path '*/exercises/*' -exec grep -l '^int main(' {} + |
        awk '{ print ($0 ~ /^common\// ? "00" : substr($0, 1, 2)), ($0 !~ /\/demo\.c$/), $0 }' | sort | sed 's/^[^ ]* [^ ]* //'
}
# What may be told to make: programs, exercises, faults and the Makefile's own targets.
targets() {
    programs | sed -n 's|^common/|00_/|; s|/demo\.c$||; s|^\([0-9][0-9]\)_[^/]*$|\1|p; s|^\([0-9][0-9]\)_.*/\(.*\)\.c$|\1/\2|p'
    find common [0-9][0-9]_* -path '*/exercises/check_*.c' | sed 's|^common/|00_/|' |
        sed -n 's|^\([0-9][0-9]\)_.*/check_\(.*\)\.c$|\1/start/\2 \1/try/\2 \1/show/\2|p'
    find common [0-9][0-9]_* -path '*/exercises/*.fault' | sed 's|^common/|00_/|' |
        sed -n 's|^\([0-9][0-9]\)_.*/\(.*\)\.fault$|\1/fault/\2|p'
    [ ! -f 06_training/lab/ablations.txt ] ||
        sed -n 's|^without \([a-z0-9_]*\) .*|06/without/\1|p; 1s|.*|06/without|p' 06_training/lab/ablations.txt
    [ ! -f Makefile ] || sed -n 's/^\([a-z][a-z-]*\):.*/\1/p' Makefile
}
# 03=9: how many steps each chapter's demo tells.
steps() {
    for demo in common/demo.c [0-9][0-9]_*/demo.c; do
        [ ! -f "$demo" ] || echo "$demo $(grep -c 'lesson_step(lesson, "' "$demo")"
    done | sed 's|^common/|00_/|; s|^\(..\)_[^ ]* |\1=|'
}
# path MODE [NAME]
path() {
    # shellcheck disable=SC2046 # names of our own files and targets, without spaces
    awk -v bold="$bold" -v mode="$1" -v at="${2:-}" -v known_targets="$(targets | tr '\n' ' ')" -v known_steps="$(steps | tr '\n' ' ')" \
        -v readmes="$(echo common/README.md [0-9][0-9]_*/README.md)" \
        -f tests/tools/path.awk reading=path "$source" reading=programs $(programs)
}
# The page with the part between its marks made anew.
renewed() {
    path markdown >"$scratch"
    awk -v part="$scratch" '
        /^<!-- path -->$/ { print; print ""; while ((getline line <part) > 0) print line; skipping = 1 }
        /^<!-- \/path -->$/ { skipping = 0 }
        !skipping { print }' "$page"
}
# The heading that a link's #part names is there, as GitHub derives one from the other.
has_heading() {
    sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g' | grep -q -x -F -e "$2"
}
# Reads what path.awk has found: faults as they are, and places one is sent to, which must be there.
missing_places() {
    tab=$(printf '\t')
    while IFS=$tab read -r word at where; do
        case $word in see) ;; *) echo "$word$at$where" && continue ;; esac
        file=${where%%#*}
        if [ ! -f "$file" ]; then
            echo "${at}there is no $file"
        elif [ "$file" != "$where" ] && ! has_heading "$file" "${where#*#}"; then
            echo "${at}$file has no heading #${where#*#}"
        fi
    done
}
# Reads what path.awk's mode `numbers` prints.
wrong_numbers() {
    tab=$(printf '\t')
    left=
    while IFS=$tab read -r command at number; do
        name=${command#make }
        name=${name%% *}
        log=$1/$(echo "$name" | tr / _).log
        if [ ! -f "$log" ] || grep -q '^skipped:' "$log"; then
            case " $left " in *" $name "*) ;; *) left="$left $name" ;; esac
        elif ! tr -c '0-9.' '\n' <"$log" | sed 's/\.$//' | grep -q -x -F -e "$number"; then
            echo "$at$command does not print $number"
        fi
    done
    [ -z "$left" ] || echo "skipped: numbers of$left: they have not run"
}
check() {
    path check >"$scratch"
    missing_places <"$scratch"
    if [ "$(grep -c -x -e '<!-- path -->' -e '<!-- /path -->' "$page")" != 2 ]; then
        echo "$page: no part between <!-- path --> and <!-- /path -->"
        return
    fi
    renewed | cmp -s - "$page" || echo "$page: the path in it is not what \`make path README=1\` writes"
}

scratch=$(mktemp)
trap 'rm -f "$scratch" "$scratch.page"' EXIT
case ${1:-} in
'') path path ;;
--readme)
    renewed >"$scratch.page"
    cmp -s "$scratch.page" "$page" || cat "$scratch.page" >"$page"
    ;;
--check)
    check >"$scratch.page"
    cat "$scratch.page"
    [ ! -s "$scratch.page" ]
    ;;
--numbers)
    path numbers >"$scratch"
    wrong_numbers "$2" <"$scratch" >"$scratch.page"
    cat "$scratch.page"
    ! grep -q -v '^skipped: ' "$scratch.page"
    ;;
-*)
    sed -n 's/^# usage: /usage: /p; s/^#        //p' "$0" >&2
    exit 2
    ;;
*)
    status=0
    path at "$1" >"$scratch" || status=$?
    [ $status -eq 0 ] || { cat "$scratch" >&2 && exit $status; }
    cat "$scratch"
    ;;
esac
