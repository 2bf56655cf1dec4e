#!/bin/sh
# Tests the learning path: that it has no fault here, that its numbers are those that the comparisons
# print, and, on a tree made for it, that each fault is found and told. Reports in Check's form, for
# tests/tools/run.sh.
# shellcheck disable=SC2016,SC2317,SC2329 # backquotes are Markdown, functions are called by name
set -u
cd "$(dirname "$0")/.." || exit 1
top=$(pwd)
build=${BUILD_DIR:-build}
tree=$build/test_path
rm -rf "$tree"
mkdir -p "$tree"
tree=$(cd "$tree" && pwd)
checks=0 failures=0

# ok STATUS WHAT: one check. A failure shows what was told.
ok() {
    checks=$((checks + 1))
    [ "$1" -eq 0 ] && return
    failures=$((failures + 1))
    echo "FAILED: $2"
    sed 's/^/    | /' "$tree/told"
}
told() { "$@" >"$tree/told" 2>&1; }

# ---------------------------------------------------------------------------- this tree
told sh tests/tools/path.sh --check
ok $? 'the path of this tree'
told sh tests/tools/path.sh --numbers "$build/compare" # left by test_compare.sh, which comes before
ok $? 'the numbers of the path'
grep '^skipped:' "$tree/told"
for stop in '' karpathy alammar tutor; do
    told sh tests/tools/path.sh "$stop"
    ok $? "path.sh $stop"
    LC_ALL=C awk '{ gsub(/[\200-\277]/, "") } length($0) > 80 && !/http|ARGS=/ { wide = 1 } END { exit wide }' "$tree/told"
    ok $? "path.sh $stop fits into 80 columns"
done

# ---------------------------------------------------------------------------- the made tree
program() { # FILE COMMENT...: each argument is a line of the comment
    file=$1
    shift
    mkdir -p "$(dirname "$file")"
    printf '/* %s - what it is.\n *\n' "$(basename "$file")" >"$file"
    printf ' * %s\n' "$@" >>"$file"
    printf ' */\nint main(void) { return 0; }\n' >>"$file"
}
good_tree() {
    rm -rf "$tree/made"
    mkdir -p "$tree/made/tests/tools" "$tree/made/common" "$tree/made/01_first/figures"
    cp "$top"/tests/tools/path.sh "$top"/tests/tools/path.awk "$tree/made/tests/tools/"
    cd "$tree/made" || exit 1
    program common/demo.c 'Beside: long 0:10 - step 2: the start' '    of it'
    echo 'lesson_step(lesson, "a"); lesson_step' >>common/demo.c
    echo 'lesson_step(lesson, "b");' >>common/demo.c
    program 01_first/compare/one.c 'Beside: long 0:20; short - it is 1.5, of 12,345' \
        'Beside: short --deep - with an option'
    program 01_first/compare/two.c 'Beside: long A name - `make 01/one` first' 'Beside: long 0:10 - 2.5'
    mkdir -p 01_first/exercises && echo 'int main(void) { return 0; }' >01_first/exercises/check_piece.c
    printf '# A chapter\n\n## What it is, for `x`\n' >01_first/README.md
    echo picture >01_first/figures/a.png
    printf 'quiz: all\n\ttrue\n' >Makefile
    cat >tests/tools/path.txt <<'END'
An introduction
of two lines, `make quiz`.

== First

[long] A long one
link http://example.org/
kind video, 1 min
gives What one has of it.
- 0:10 | the beginning
- 0:20
- A name | (a label)
see 01_first/figures/a.png
- 0:30
see 01_first/figures/a.png - a picture
see 01_first/README.md#what-it-is-for-x - a section
- 0:40
none No need to,
    none at all.

== Second

[short] A short one
kind article
gives Little.
run make quiz - questions
run make 01/start/piece - to write
END
    printf 'Before\n<!-- path -->\n<!-- /path -->\nAfter\n' >README.md
    sh tests/tools/path.sh --readme
}
renew() { sh tests/tools/path.sh --readme 2>/dev/null; }
edit() { # FILE SED-COMMAND
    sed "$2" "$1" >edited && ! cmp -s edited "$1" || echo "'$2' changes nothing in $1"
    mv edited "$1"
}

# Each is done to the good tree, and what is told then has the words behind #.
break_program_without_a_place() { program 01_first/compare/three.c 'No word of it.'; } # three.c:1: beside which stop
break_no_such_stop() { edit 01_first/compare/two.c 's/long A name/longer A name/'; } # no stop is called longer
break_no_such_section() { edit 01_first/compare/two.c 's/A name/Another name/'; } # long has no section Another name
break_section_left_out() { edit 01_first/compare/two.c 's/long A name/long/'; } # which section of long
break_nothing_to_compare() { edit 01_first/compare/two.c 's/ - 2.5//'; } # does not say what to compare
break_twice_beside_the_same() { edit 01_first/compare/two.c 's/0:10/A name/'; } # a second time beside long A name
break_section_without_an_answer() { edit tests/tools/path.txt '/^none/d; /none at all/d'; } # long 0:40: nothing to run
break_stop_without_an_answer() { edit tests/tools/path.txt '/^run/d'; rm 01_first/compare/one.c; } # short: nothing to run
break_program_gone() { rm 01_first/compare/one.c; } # there is no make 01/one
break_command_in_the_path() { edit tests/tools/path.txt 's/`make quiz`/`make quizz`/'; } # there is no make quizz
break_command_of_the_path() { edit tests/tools/path.txt 's|01/start/piece|01/start/peace|'; } # there is no make 01/start/peace
break_program_listed_in_the_path() { edit tests/tools/path.txt 's|run make quiz|run make 01/two|'; } # that program says itself
break_step_that_is_not_there() { edit common/demo.c 's/step 2:/step 3:/'; } # make 00 has no step 3
break_picture_gone() { rm 01_first/figures/a.png; } # there is no 01_first/figures/a.png
break_heading_gone() { edit 01_first/README.md 's/What it is/What it was/'; } # has no heading #what-it-is-for-x
break_second_stop_of_a_name() { edit tests/tools/path.txt 's/^\[short\]/[long]/'; } # a second stop long
break_second_section_of_a_name() { edit tests/tools/path.txt 's/^- 0:40/- 0:30/'; } # a second section 0:30
break_stop_without_a_kind() { edit tests/tools/path.txt '/^kind article/d'; } # short: no kind
break_word_of_another_kind() { edit tests/tools/path.txt 's/^gives Little/offers Little/'; } # no word of path.txt: offers
break_page_without_marks() { edit README.md '/^<!-- .path/d'; } # no part between
break_page_edited() { edit README.md 's/What one has/What two have/'; } # the path in it is not what
break_page_older_than_a_program() { edit 01_first/compare/one.c 's/1\.5/1.6/'; } # the path in it is not what

good_tree
told sh tests/tools/path.sh --check
ok $? 'the good tree has a fault'
told sh tests/tools/path.sh
grep -q 'make path AT=' "$tree/told" || grep -q '^0:20$' "$tree/told"
ok $? 'the good tree is told'
sed -n 's/^break_\([a-z_]*\)() .*} # \(.*\)$/\1 \2/p' "$top/tests/$(basename "$0")" >"$tree/faults"
while read -r name words; do
    good_tree
    "break_$name" >"$tree/edits" 2>&1
    case $name in page_*) ;; *) renew ;; esac
    told sh tests/tools/path.sh --check
    [ $? -eq 1 ] && grep -q -F -e "$words" "$tree/told" && [ ! -s "$tree/edits" ]
    ok $? "after $name it is not told: $words $(cat "$tree/edits")"
    # One fault is told once, but for those that take an answer away from several places.
    case $name in *_gone | second_stop_* | stop_without_an_answer | word_of_another_kind | page_*) continue ;; esac
    [ "$(wc -l <"$tree/told")" -eq 1 ]
    ok $? "after $name more than that is told"
done <"$tree/faults"
[ "$(wc -l <"$tree/faults")" -gt 20 ]
ok $? 'the faults were found in this file'

good_tree
mkdir logs
printf 'it is 1.50 and 12345.\n' >logs/01_one.log
printf '2.5\n' >logs/01_two.log
told sh tests/tools/path.sh --numbers logs
[ $? -eq 1 ] && grep -q 'make 01/one does not print 1.5$' "$tree/told" && [ "$(wc -l <"$tree/told")" -eq 2 ]
ok $? 'a number that is not printed is told, with each place it stands at'
echo 'it is 1.5, of 12345.' >logs/01_one.log
rm logs/01_two.log
told sh tests/tools/path.sh --numbers logs
ok $? 'numbers that are printed'
grep -q '^skipped: numbers of 01/two' "$tree/told"
ok $? 'what has not run is named'
told sh tests/tools/path.sh nobody
[ $? -eq 2 ] && grep -q 'long, short' "$tree/told"
ok $? 'an unknown name: status 2 and the list'

cd "$top" || exit 1
echo "$((100 * (checks - failures) / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
[ $failures -eq 0 ]
