#!/bin/sh
# Tests the Makefile and its scripts on a small tree made for it: what is rebuilt after which change,
# what must not build, and that every check can fail. Reports in Check's form, for tests/tools/run.sh.
# shellcheck disable=SC2016 # the single quotes hold Markdown and scripts on purpose
set -u
cd "$(dirname "$0")/.." || exit 1
top=$(pwd)
tree=${BUILD_DIR:-build}/test_house
rm -rf "$tree"
mkdir -p "$tree"
tree=$(cd "$tree" && pwd)
# The make that runs this script must not hand its options and job server to the ones run here.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES BUILD_DIR DATA
checks=0 failures=0

# A message of failure shows the end of what the last `run` printed.
ok() {
    checks=$((checks + 1))
    [ "$1" -eq 0 ] && return
    failures=$((failures + 1))
    echo "FAILED: $2"
    tail -n 15 "$tree/log" | sed 's/^/    | /'
}
run() { "$@" >"$tree/log" 2>&1; }
prints() { grep -q -e "$1" "$tree/log"; }

# expect_success WHAT COMMAND..., expect_failure WHAT COMMAND...
expect_success() {
    what=$1
    shift
    run "$@"
    ok $? "$what: '$*' fails"
}
expect_failure() {
    what=$1
    shift
    ! run "$@"
    ok $? "$what: '$*' succeeds"
}
expect_line() {
    prints "$1"
    ok $? "$2: no line matches $1"
}

# expect_compiled FILES: exactly these were compiled by the last make.
expect_compiled() {
    compiled=$(sed -n 's/^  CC   //p' "$tree/log" | LC_ALL=C sort | tr '\n' ' ')
    [ "${compiled% }" = "$1" ]
    ok $? "$2: compiled '${compiled% }', expected '$1'"
}

later() { # file systems may keep whole seconds only
    sleep 1.1 2>/dev/null || sleep 2
    touch "$@"
}

# ---------------------------------------------------------------------------- the tree
cd "$tree" || exit 1
cp "$top/Makefile" .
mkdir -p common/compare common/figures common/files tests/tools 01_first/compare 01_first/lab 01_first/room
mkdir -p 02_second/lab 03_loose 04_empty/figures
cp "$top"/tests/tools/* tests/tools/
printf 'int base(void);\n' >common/base.h
printf '#include "common/base.h"\nint base(void) { return 1; }\n' >common/base.c
printf '#include "common/base.h"\n#include <stdio.h>\nint main(void) { printf("base %%d.5\\n", base()); return 0; }\n' >common/demo.c
printf 'int file(void);\n' >common/files/file.h # a room of common/
printf '#include "common/files/file.h"\nint file(void) { return 2; }\n' >common/files/file.c

# comparison FILE HELP OUTPUT STATUS: a program that says so much of itself, prints that and ends so.
comparison() {
    printf '#include "common/base.h"\n#include <stdio.h>\nint main(int argc, char **argv) {\n' >"$1"
    printf '    if (argc > 1 && argv[1][2] == %s) return puts("%s") < 0;\n' "'h'" "$2" >>"$1"
    printf '    printf("%s\\n", base());\n    return %s;\n}\n' "$3" "$4" >>"$1"
}
comparison common/compare/micro.c 'Quick.' '%d.5\n1 of 1 claims hold' 0
printf 'int first(void);\n' >01_first/first.h
printf '#include "01_first/first.h"\n#include "common/base.h"\nint first(void) { return base(); }\n' >01_first/first.c
printf '#include "01_first/first.h"\n#include <stdio.h>\nint main(void) { printf("first %%d.5\\n", first()); return 0; }\n' >01_first/demo.c
comparison 01_first/compare/published.c 'Quick.' 'first %d.5\n1 of 1 claims hold' 0
printf 'int room(void);\n' >01_first/room/room.h
printf '#include "01_first/room/room.h"\n#include "01_first/first.h"\nint room(void) { return first() + 6; }\n' >01_first/room/room.c
printf '#include "01_first/room/room.h"\n#include <stdio.h>\nint main(void) { printf("room %%d\\n", room()); return 0; }\n' >01_first/room/tool.c
printf 'int toy(void);\n' >01_first/lab/toy.h # for the programs and tests of chapters 1 and later
printf '#include "01_first/lab/toy.h"\n#include "01_first/room/room.h"\nint toy(void) { return room() * 2; }\n' >01_first/lab/toy.c
printf 'int second(void);\n' >02_second/second.h
printf '#include "02_second/second.h"\n#include "01_first/first.h"\nint second(void) { return first() + (int)sizeof(SIZE); }\n' >02_second/second.c
sed -i.bak 's/SIZE/double/' 02_second/second.c && rm 02_second/second.c.bak
printf '#include "02_second/second.h"\n#include <stdio.h>\nint main(void) { printf("second %%d\\n", second()); return 0; }\n' >02_second/demo.c
printf 'int late(void);\n' >02_second/lab/late.h
printf '#include "02_second/lab/late.h"\n#include "01_first/lab/toy.h"\nint late(void) { return toy(); }\n' >02_second/lab/late.c
cp 01_first/demo.c 03_loose/one.c # a chapter of two programs and no module
printf '#include "02_second/lab/late.h"\n#include <stdio.h>\nint main(void) { printf("late %%d\\n", late()); return 0; }\n' >03_loose/two.c
all=$(find common 0* -name '*.c' | LC_ALL=C sort | tr '\n' ' ')
all=${all% }
make() { command "${MAKE:-make}" OPT=-O0 ARCH= "$@"; }

# ---------------------------------------------------------------------------- building
expect_success 'a clean tree' make
expect_compiled "$all" 'a clean tree'
expect_success 'nothing changed' make
expect_compiled '' 'nothing changed'
expect_success 'a chapter by its number' make 02
expect_line '^second 9$' 'a chapter by its number'
expect_success 'a program by its name' make 01/published
expect_line '^first 1.5$' 'a program by its name'
expect_success 'a program in a room' make 01/tool
expect_line '^room 7$' 'a program in a room'
expect_success 'a program that uses an earlier chapter'"'"'s lab' make 03/two
expect_line '^late 14$' 'a program that uses labs'
expect_success 'chapter 0, which is common/' make 00
expect_line '^base 1.5$' 'chapter 0'
expect_success 'a program of chapter 0' make 00/micro
expect_line '^1.5$' 'a program of chapter 0'
[ -z "$(find build -name '*.[oad]' ! -path 'build/objects/*')" ] && [ -f build/objects/01_first/room/room.o ]
ok $? 'objects and libraries are under build/objects'
[ -x build/01_first/tool ] && [ -x build/common/demo ] && [ -z "$(find build/objects -name demo)" ]
ok $? 'programs are under build/CHAPTER'

later 01_first/first.h
expect_success 'a header touched' make
expect_compiled '01_first/demo.c 01_first/first.c 01_first/room/room.c 02_second/second.c 03_loose/one.c' 'a header touched'
expect_success 'other flags' make EXTRA=-DOTHER
expect_compiled "$all" 'other flags'
expect_success 'flags as before' make
expect_compiled "$all" 'flags as before'
expect_success 'double' make MODE=f64 02
expect_success 'double leaves the float build alone' make
expect_compiled '' 'double leaves the float build alone'
CPATH=/nowhere LIBRARY_PATH=/nowhere MODE=asan
export CPATH LIBRARY_PATH MODE
expect_success 'a stray environment' make
expect_compiled '' 'a stray environment'
unset CPATH LIBRARY_PATH MODE

cp 01_first/demo.c 01_first/published.c
expect_failure 'two sources for one program' make
rm 01_first/published.c
cp 01_first/demo.c 01_first/room/
expect_failure 'two sources for one program, one of them in a room' make
expect_line 'two programs of a chapter share a name' 'two sources for one program'
rm 01_first/room/demo.c
mv 01_first/first.c first.c.away
expect_failure 'a module removed' make
mv first.c.away 01_first/first.c
expect_success 'the module is back' make

# ---------------------------------------------------------------------------- layers
expect_success 'chapters alone' make standalone
expect_line '02_second *builds, 6 programs' 'chapters alone'
expect_line 'common *builds, 2 programs' 'chapter 0 alone'

# breaks WHAT FILE FUNCTION: the tree does not build when the file calls that function.
breaks() {
    cp "$2" kept
    printf 'int %s(void);\nint forward(void);\nint forward(void) { return %s(); }\n' "$3" "$3" >>"$2"
    expect_failure "$1" make
    expect_line 'undefined' "$1" # a reference, or symbols
    cp kept "$2" # not mv: a new date
}
breaks 'a module that calls a later chapter' 01_first/first.c second
breaks 'common/ that calls a chapter' common/files/file.c first
breaks 'a module that calls its own lab' 01_first/first.c toy
breaks 'a room that calls its own lab' 01_first/room/room.c toy
breaks 'a module that calls an earlier lab' 02_second/second.c toy
breaks 'a lab that calls a later chapter' 01_first/lab/toy.c second
breaks 'a lab that calls a later lab' 01_first/lab/toy.c late
breaks 'a program that calls a later chapter' 01_first/demo.c second
cp 01_first/first.c kept
printf '#include "02_second/second.h"\n' >>01_first/first.c
expect_success 'an unused include of a later chapter' make
expect_failure 'an include of a later chapter' make standalone
cp kept 01_first/first.c && rm kept
printf '#include "01_first/first.h"\n' >>common/base.c
expect_failure 'common/ includes a chapter' make standalone
sed -i.bak '$d' common/base.c && rm common/base.c.bak

# ---------------------------------------------------------------------------- tests
expect_failure 'no test at all' make test MODE=f64
expect_line '^0 passed, 0 failed$' 'no test at all'
printf '#include <stdio.h>\n#include <stdlib.h>\nint main(void) { puts("%s"); %s; return %s; }\n' \
    '100%: Checks: 3, Failures: 0, Errors: 0' '' 0 >tests/test_good.c
expect_success 'a test that passes' make test
expect_line '^7 passed, 0 failed$' 'a test that passes, in two modes, and the READMEs'
sed 's/100%: Checks: 3, Failures: 0/66%: Checks: 3, Failures: 1/; s/return 0/return 1/' tests/test_good.c >tests/test_bad.c
expect_failure 'a test that fails' make test
expect_line '^11 passed, 2 failed$' 'a test that fails, in two modes'
printf 'int shared(void);\n' >tests/shared.h # what tests share is linked to each, and so are labs
printf '#include "tests/shared.h"\n#include "02_second/lab/late.h"\nint shared(void) { return late() - 14; }\n' >tests/shared.c
{
    echo '#include "tests/shared.h"'
    sed 's/puts(.*); ;/if (shared() == 0) abort();/' tests/test_good.c
} >tests/test_bad.c
expect_failure 'a test that crashes' make test MODE=f64
expect_line '^3 passed, 1 failed$' 'a test that crashes'
sed 's/puts(.*); ;//' tests/test_good.c >tests/test_bad.c
expect_failure 'a test that says nothing' make test MODE=f64
sed 's/puts(.*); ;/puts("skipped: no data");/' tests/test_good.c >tests/test_bad.c
expect_success 'a test that is skipped' make test MODE=f64
expect_line '^3 passed, 0 failed, 1 skipped$' 'a test that is skipped'
rm tests/test_bad.c

# ---------------------------------------------------------------------------- comparisons
expect_success 'comparisons' make compare
expect_line '^2 matched, 0 did not, 0 skipped$' 'comparisons'
expect_line '^ok *00/micro' 'a comparison of chapter 0'
comparison 01_first/compare/published.c 'Slow: an hour.' 'first %d.5\n1 of 1 claims hold' 0
expect_success 'a slow comparison runs with all' make compare
expect_line '^2 matched, 0 did not, 0 skipped$' 'a slow comparison runs with all'
expect_success 'slow comparisons alone' make compare ARGS=--slow
expect_line '^1 matched, 0 did not, 0 skipped$' 'slow comparisons alone'
cp "$top/tests/test_compare.sh" tests/
expect_success 'quick comparisons are among the tests' make test
expect_line 'test_compare *1 passed *0 failed *1 skipped' 'quick comparisons are among the tests'
expect_line '^ *skipped: 01/published: slow' 'a slow one is named'
comparison common/compare/micro.c 'Quick.' '%d number, 1 missed' 1
expect_success 'a quick comparison that will miss' make
expect_failure 'a quick comparison that misses' sh tests/test_compare.sh
expect_line '^FAILED *00/micro' 'a comparison that misses is named'
comparison 01_first/compare/published.c 'Quick.' 'first %d.5' 0
expect_failure 'a comparison that compares nothing' make compare
expect_line '^FAILED *01/published *compared nothing' 'a comparison that compares nothing'
comparison 01_first/compare/published.c 'Slow: an hour.' '%d number, 1 missed' 1
comparison common/compare/micro.c 'Quick.' '%d.5\n1 of 1 claims hold' 0
expect_failure 'a slow comparison that misses' make compare ARGS=--slow
expect_line '^FAILED *01/published' 'a slow comparison that misses'
comparison 01_first/compare/published.c 'Quick.' 'first %d.5\n1 of 1 claims hold' 0
expect_success 'comparisons are right again' make compare
rm build/01_first/published
expect_failure 'a comparison that is not there' sh tests/test_compare.sh
expect_failure 'no comparisons of that speed' sh tests/tools/compare.sh --fast build
rm tests/test_compare.sh

# ---------------------------------------------------------------------------- figures
mkdir -p build/figures
for picture in shape speed_time; do
    echo old >04_empty/figures/$picture.png
    echo new >build/figures/$picture.png
done
echo old >common/figures/base.png # of chapter 0
cp common/figures/base.png build/figures/
expect_success 'figures' sh tests/tools/figures.sh
expect_line '^figures: 1 changed, 1 the same, 1 of times kept' 'a picture of seconds is left alone'
expect_success 'figures, times as well' env TIMES=yes sh tests/tools/figures.sh
expect_line '^figures: 1 changed, 2 the same, 0 of times kept' 'unless asked for'
rm build/figures/shape.png
expect_failure 'a picture that nothing draws' sh tests/tools/figures.sh
rm 04_empty/figures/*.png common/figures/*.png

# ---------------------------------------------------------------------------- READMEs
printf '<!-- run: make 01/published -->\n```\nfirst 1.5\n```\n[code](01_first/first.c#L3), [`first(void)`](01_first/first.h#L1)\n<!-- numbers: make 01 -->\nIt is 1.5.\n\n# A top\n[top](#a-top)\n\n[words]: common/README.md#base\n' >README.md
printf '# Base\n<!-- run: make 00 -->\n```\nbase 1.5\n```\n<!-- numbers: make 00/micro -->\nIt is 1.5.\n' >common/README.md
expect_success 'a README that is right' make check-docs
expect_line '^100%: Checks: 9, Failures: 0' 'a README that is right'
for wrong in 's/^first 1.5/first 1.7/' 's/is 1.5/is 1.4/' 's/#L3/#L9/' 's/`first(/`last(/' 's/first.c/none.c/' 's/#a-top/#b-top/' 's/#base/#bass/' 's/01.published/01\/none/' 's/^```//'; do
    sed "$wrong" README.md >README.wrong && mv README.md README.right && mv README.wrong README.md
    expect_failure "a README after $wrong" make check-docs
    mv README.right README.md
done
sed 's/1.5/1.4/' README.md >README.wrong && mv README.wrong README.md
expect_failure 'a wrong number fails the tests' make test
rm README.md common/README.md

# ---------------------------------------------------------------------------- setup with others
# This stand-in installs a chapter that the make which runs it has not seen.
mv tests/tools/setup.sh tests/setup.kept
printf '%s\n' '[ "${1:-}" != --check ] || exit 0' 'echo setup runs; sleep 1; mkdir -p 05_late; cp 01_first/demo.c 05_late/demo.c' >tests/tools/setup.sh
expect_success 'setup and demo in one call' make -j2 demo setup
expect_line '05_late ====' 'what setup brought is seen'
grep -n -e 'setup runs' -e 'CC   ' "$tree/log" | head -n 1 | grep -q 'setup runs'
ok $? 'setup runs before anything is compiled'
printf 'exit 1\n' >tests/tools/setup.sh
rm -rf build
expect_failure 'a setup that fails' make -j2 setup demo
prints ' ===='
ok $((! $?)) 'after a setup that fails nothing is run'
mv tests/setup.kept tests/tools/setup.sh

# ---------------------------------------------------------------------------- the targets on sources
expect_success 'help' make help
for target in '00 \.\.\. 06' demo compare test path standalone size clean; do
    expect_line "^  $target  " "help names $target"
done
expect_success 'sizes' make size
for folder in common common/files common/compare 01_first 01_first/room 01_first/lab 01_first/compare tests; do
    expect_line "^$folder  *[1-9]" "sizes of $folder"
done
expect_success 'what is laid out' make -n format
find . -name '*.[ch]' ! -path './build/*' | sed 's/^..//' | sort >all_files
tr ' ' '\n' <log | grep '\.[ch]$' | sort | cmp -s all_files -
ok $? "format covers every file: $(tr ' ' '\n' <log | grep '\.[ch]$' | sort | diff all_files - | tr '\n' ' ')"
expect_success 'clean and build in one call' make clean all
expect_success 'clean' make clean
[ ! -e build ]
ok $? 'clean leaves nothing'

percent=$((100 * (checks - failures) / checks))
echo "$percent%: Checks: $checks, Failures: $failures, Errors: 0"
[ $failures -eq 0 ]
