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
    compiled=$(sed -n 's/^  CC   //p' "$tree/log" | sort | tr '\n' ' ')
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
mkdir -p common/compare common/figures tests/tools 01_first/compare 02_second 03_loose 04_empty/figures
cp "$top"/tests/tools/* tests/tools/
printf 'int base(void);\n' >common/base.h
printf '#include "common/base.h"\nint base(void) { return 1; }\n' >common/base.c
printf '#include "common/base.h"\n#include <stdio.h>\nint main(void) { printf("base %%d.5\\n", base()); return 0; }\n' >common/demo.c
cp common/demo.c common/compare/micro.c
printf 'int first(void);\n' >01_first/first.h
printf '#include "01_first/first.h"\n#include "common/base.h"\nint first(void) { return base(); }\n' >01_first/first.c
printf '#include "01_first/first.h"\n#include <stdio.h>\nint main(void) { printf("first %%d.5\\n", first()); return 0; }\n' >01_first/demo.c
cp 01_first/demo.c 01_first/compare/published.c
printf 'int second(void);\n' >02_second/second.h
printf '#include "02_second/second.h"\n#include "01_first/first.h"\nint second(void) { return first() + (int)sizeof(SIZE); }\n' >02_second/second.c
sed -i.bak 's/SIZE/double/' 02_second/second.c && rm 02_second/second.c.bak
printf '#include "02_second/second.h"\n#include <stdio.h>\nint main(void) { printf("second %%d\\n", second()); return 0; }\n' >02_second/demo.c
cp 01_first/demo.c 03_loose/one.c # a chapter of two programs and no module
cp 01_first/demo.c 03_loose/two.c
all='01_first/compare/published.c 01_first/demo.c 01_first/first.c 02_second/demo.c 02_second/second.c 03_loose/one.c 03_loose/two.c common/base.c common/compare/micro.c common/demo.c'
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
expect_success 'chapter 0, which is common/' make 00
expect_line '^base 1.5$' 'chapter 0'
expect_success 'a program of chapter 0' make 00/micro
expect_line '^base 1.5$' 'a program of chapter 0'

later 01_first/first.h
expect_success 'a header touched' make
expect_compiled '01_first/compare/published.c 01_first/demo.c 01_first/first.c 02_second/second.c 03_loose/one.c 03_loose/two.c' 'a header touched'
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
mv 01_first/first.c first.c.away
expect_failure 'a module removed' make
mv first.c.away 01_first/first.c
expect_success 'the module is back' make

# ---------------------------------------------------------------------------- layers
expect_success 'chapters alone' make standalone
expect_line '02_second *builds, 5 programs' 'chapters alone'
expect_line 'common *builds, 2 programs' 'chapter 0 alone'
cp 01_first/first.c first.c.kept
printf 'int second(void);\nint forward(void);\nint forward(void) { return second(); }\n' >>01_first/first.c
expect_failure 'a call of a later chapter' make
cp first.c.kept 01_first/first.c
printf '#include "02_second/second.h"\n' >>01_first/first.c
expect_success 'an unused include of a later chapter' make
expect_failure 'an include of a later chapter' make standalone
cp first.c.kept 01_first/first.c && rm first.c.kept
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
printf 'int shared(void);\n' >tests/shared.h # what tests share is linked to each
printf '#include "tests/shared.h"\nint shared(void) { return 0; }\n' >tests/shared.c
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
cp 01_first/compare/published.c published.c.kept
sed 's/return 0/return 1/' published.c.kept >01_first/compare/published.c
expect_failure 'a comparison that misses' make compare
expect_line '^FAILED *01/published' 'a comparison that misses'
cp published.c.kept 01_first/compare/published.c && rm published.c.kept # cp, not mv: a new date

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
printf '<!-- run: make 01/published -->\n```\nfirst 1.5\n```\n[code](01_first/first.c#L3)\n<!-- numbers: make 01 -->\nIt is 1.5.\n' >README.md
printf '<!-- run: make 00 -->\n```\nbase 1.5\n```\n<!-- numbers: make 00/micro -->\nIt is 1.5.\n' >common/README.md
expect_success 'a README that is right' make check-docs
expect_line '^100%: Checks: 5, Failures: 0' 'a README that is right'
for wrong in 's/^first 1.5/first 1.7/' 's/is 1.5/is 1.4/' 's/#L3/#L9/' 's/first.c/none.c/' 's/01.published/01\/none/' 's/^```//'; do
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
expect_success 'help' make help
expect_success 'clean and build in one call' make clean all
expect_success 'clean' make clean
[ ! -e build ]
ok $? 'clean leaves nothing'

percent=$((100 * (checks - failures) / checks))
echo "$percent%: Checks: $checks, Failures: $failures, Errors: 0"
[ $failures -eq 0 ]
