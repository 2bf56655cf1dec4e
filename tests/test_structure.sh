#!/bin/sh
# The structure of the house, drawn from includes and text: who may include whom, what has one home,
# how files begin. Each rule is a function `rule_NAME` that prints what breaks it, one line for each,
# and is proven on a made tree: silent on the good one, not on the same tree after `break_NAME`.
# Reports in Check's form, for tests/tools/run.sh.
# shellcheck disable=SC2016,SC2317,SC2329,SC2046,SC2086,SC2013 # functions are called by name, lists of files split
set -u
cd "$(dirname "$0")/.." || exit 1
top=$(pwd)
tree=${BUILD_DIR:-build}/test_structure
rm -rf "$tree"
mkdir -p "$tree"
tree=$(cd "$tree" && pwd)
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES

# ---------------------------------------------------------------------------- what is looked at
# sources PATTERN...: the C files of the folders, but for what a learner writes and for fixtures.
sources() {
    find common [0-9][0-9]_* "$@" -name '*.[ch]' ! -path 'tests/fixtures/*' \
        ! \( -path '*/exercises/*' ! -name 'check_*' \) | LC_ALL=C sort
}
# includes FILE...: lines `FILE INCLUDED` for what stands in quotes.
includes() { awk '/^#include "/ { split($0, part, "\""); print FILENAME, part[2] }' "$@"; }
programs() { grep -l '^int main(' "$@"; }
# elsewhere HOME PATTERN FILE...: where the pattern stands in a file whose name does not match HOME.
elsewhere() {
    home=$1 pattern=$2
    shift 2
    grep -n -E -e "$pattern" "$@" /dev/null | grep -v -E -e "^($home):"
}
# circles: of the lines `FROM TO` on stdin, each way that comes back to where it began.
circles() {
    sort -u | awk '
        function visit(node,    part, count, i) {
            state[node] = "open"
            way[++depth] = node
            count = split(to[node], part, " ")
            for (i = 1; i <= count; i++) {
                if (state[part[i]] == "open") tell(part[i])
                else if (state[part[i]] == "") visit(part[i])
            }
            depth--
            state[node] = "done"
        }
        function tell(first,    i, text) {
            for (i = depth; way[i] != first; i--) text = " -> " way[i] text
            print first text " -> " first
        }
        $1 != $2 { to[$1] = to[$1] " " $2; nodes[++n] = $1 }
        END { for (i = 1; i <= n; i++) if (state[nodes[i]] == "") visit(nodes[i]) }'
}

# ---------------------------------------------------------------------------- who includes whom
# x.c and x.h are one file here: a header that needs nothing and a source that needs everything would
# hide the circle.
rule_circle_of_files() {
    includes $(sources tests) | sed 's/\.[ch] / /; s/\.[ch]$//' | circles
}
break_circle_of_files() {
    echo '#include "01_first/other.h"' >>01_first/first.c
    echo '#include "01_first/first.h"' >>01_first/other.h
}

# common/ is one library, its folders in it are for the eye. A program may use the lab of its folder,
# which builds on the folder's modules.
rule_circle_of_folders() {
    modules=$(sources | grep -v -x -F "$(programs $(sources))")
    includes $modules | sed 's|common/[^ ]*|common/|g; s|/[^/]* | |; s|/[^/]*$||' | circles
}
break_circle_of_folders() {
    echo '#include "01_first/room/inner.h"' >>01_first/other.c
}

# The number of a folder is its place: common/ is 0.
rule_later_chapter() {
    includes $(sources) | awk '{
        from = $1 ~ /^common\// ? 0 : substr($1, 1, 2) + 0
        to = $2 ~ /^common\// ? 0 : substr($2, 1, 2) + 0
        if (to > from || $2 ~ /^tests\// && $1 !~ /\/exercises\//) print $1 " includes " $2
    }'
}
break_later_chapter() { echo '#include "01_first/first.h"' >>common/base.c; }

rule_lab_of_a_module() {
    modules=$(sources | grep -v '/lab/' | grep -v -x -F "$(programs $(sources))")
    includes $modules | awk '$2 ~ /\/lab\// { print $1 " includes " $2 }'
}
break_lab_of_a_module() { echo '#include "01_first/lab/toy.h"' >>01_first/room/inner.c; }

# ---------------------------------------------------------------------------- how files begin
# The kernels are chosen before anything else: the program may start itself again. Their own test has
# to say first which wrong one is to be tried.
rule_main_chooses_kernels() {
    awk 'FNR == 1 { inside = 0 }
        inside { if ($0 != "    kernels_choose(argc, argv);") print FILENAME ":" FNR ": " $0; inside = 0 }
        /^int main\(/ {
            if ($0 != "int main(int argc, char **argv) {") print FILENAME ":" FNR ": " $0
            else inside = 1
        }' $(programs $(sources tests) | grep -v -x tests/test_kernels.c)
}
break_main_chooses_kernels() { sed -i.bak '/kernels_choose/d' 01_first/demo.c; }

# beginnings FILE...: those that do not begin with their name and what they are.
beginnings() {
    awk 'FNR == 1 {
        name = FILENAME
        sub(/.*\//, "", name)
        if (index($0, "/* " name " - ") != 1) print FILENAME ":1: " $0
    }' "$@"
}
rule_header_says_what_it_is() { beginnings $(sources tests | grep '\.h$'); }
break_header_says_what_it_is() { sed -i.bak 's/base\.h -/bas.h -/' common/base.h; }

# A file is one noun, and what it exports names it: attention.h has scaled_dot_product_attention. Of
# what belongs to a noun without being one, these: memory to the arena, shapes to tensors, the end of
# output and REQUIRE to errors, the types of safetensors, an exit to options, counting to a loss.
rule_exported_names() {
    awk 'FNR == 1 {
            noun = FILENAME
            sub(/.*\//, "", noun)
            sub(/\.h$/, "", noun)
            if (noun == "ops") noun = "op"
            first = noun
            sub(/_.*/, "", first)
            sub(/s$/, "", noun)
            in_comment = 0
        }
        /^ *\/\*/ { in_comment = 1 }
        !in_comment && /^[A-Za-z_].*\(/ && !/^(typedef|static|struct|enum|union)/ {
            name = $0
            sub(/\(.*/, "", name)
            sub(/.*[ *]/, "", name)
            if (index(name, first) != 1 && !index(name, noun) &&
                name !~ /^(memory_alloc|memory_calloc|expect_shape|shape_text|same_shape|output_finish|require_failed|dtype_name|dtype_bytes|usage_exit|cross_entropy_count)$/)
                print FILENAME ":" FNR ": " name
        }
        /\*\// { in_comment = 0 }' $(sources | grep '\.h$' | grep -v '/lab/')
}
break_exported_names() { echo 'void third_thing(void);' >>01_first/first.h; }

rule_comparison_says_what_it_shows() { beginnings $(sources | grep '/compare/') /dev/null; }
break_comparison_says_what_it_shows() { mkdir 01_first/compare && cp 01_first/demo.c 01_first/compare/; }

# /* ---- Title ---- */ of 100 columns: the bytes that continue a character of UTF-8 do not count.
rule_banner_is_one_line() {
    LC_ALL=C awk '{ line = $0; gsub(/[\200-\277]/, "", line) }
        /^\/\* ---- .* -+ \*\/$/ && length(line) == 100 { next }
        /^(\/\*|\/\/) ?[-=*#~+][-=*#~+][-=*#~+]/ || /[-=*#~+][-=*#~+][-=*#~+] ?\*\/$/ {
            print FILENAME ":" FNR ": " $0
        }' $(sources tests)
}
break_banner_is_one_line() { printf '/* ---- Broken over two\n * lines ---- */\n' >>common/base.c; }

# Code is broken by the formatter, comments are not: 100 columns for both.
rule_lines_fit() {
    LC_ALL=C awk '{ line = $0; gsub(/[\200-\277]/, "", line) }
        length(line) > 100 { print FILENAME ":" FNR ": " $0 }' $(sources tests)
}
break_lines_fit() { printf '/* %097d */\n' 0 >>common/base.c; }

# ---------------------------------------------------------------------------- one home each
rule_optimizer_in_the_kit() {
    elsewhere 'common/(optimizer|training)\.[ch]|06_training/trainer/[^:]*' 'optimizer_new\(' $(sources)
}
break_optimizer_in_the_kit() { echo 'Optimizer *o = optimizer_new(&parameters, adam_paper());' >>common/demo.c; }

# An exercise on Adam tries it with settings that nobody trains with.
rule_adam_by_name() {
    elsewhere 'common/adam\.c|[^:]*/exercises/[^:]*' '\(AdamConfig\) *\{|AdamConfig [a-z_]+ = *\{' $(sources tests)
}
break_adam_by_name() { echo 'static const AdamConfig adam = {0.9, 0.999, 1e-8, 0, false};' >>01_first/demo.c; }

rule_one_clock() {
    elsewhere 'common/clock\.c|tests/fault_shim\.c' 'CLOCK_MONOTONIC|gettimeofday|timespec_get' $(sources tests)
}
break_one_clock() { echo 'clock_gettime(CLOCK_MONOTONIC, &now);' >>01_first/first.c; }

# The place of the largest so far: `if (x[i] > x[best]) best = i`. That of random.c is of floats even
# where `real` is double, as PyTorch draws; test_search's is of doubles where it is float.
rule_one_argmax() {
    for file in $(sources tests | grep -v -x -E 'common/(vector|random)\.c|tests/test_search\.c'); do
        sed -n '/if (.*\[\([^]]*\)\] > .*\[\([a-z_]*\)\]) *\2 = /s|^ *|'"$file"': |p' "$file"
    done
}
break_one_argmax() { echo '    if (row[i] > row[best]) best = i;' >>01_first/first.c; }

# `largest = fmax(largest, fabs(a[i] - b[i]))`, whatever it is called.
rule_one_largest_difference() {
    for file in $(sources tests | grep -v '^common/vector\.c$'); do
        sed -n '/\([a-z_]*\) = fmax(\1, fabs((double)[a-z_>.-]*\[\([^]]*\)\] - (double)[a-z_>.-]*\[\2\]));/s|^ *|'"$file"': |p
            /\([a-z_]*\) = fmax(\1, fabs((double)([a-z_>.-]*\[\([^]]*\)\] - [a-z_>.-]*\[\2\])));/s|^ *|'"$file"': |p' "$file"
    done
}
break_one_largest_difference() { echo 'd = fmax(d, fabs((double)(x->data[i] - y->data[i])));' >>01_first/first.c; }

# A function of five lines and more whose body another file has, whatever its variables are called.
rule_nothing_is_written_twice() {
    awk 'function canonical(text,    out, word, number, n) {
            while (match(text, /[A-Za-z_][A-Za-z_0-9]*/)) {
                out = out substr(text, 1, RSTART - 1)
                word = substr(text, RSTART, RLENGTH)
                text = substr(text, RSTART + RLENGTH)
                if (text !~ /^\(/ && word !~ /^(if|for|while|return|else|const|int|real|double|size_t|char|bool)$/) {
                    if (!(word in number)) number[word] = ++n
                    word = "$" number[word]
                }
                out = out word
            }
            return out text
        }
        FNR == 1 { inside = opening = 0 }
        !inside && /^[A-Za-z_].*\(/ && !/[;=]/ && !/^(typedef|struct|enum|union)/ {
            name = $0
            sub(/\(.*/, "", name)
            sub(/.*[ *]/, "", name)
            at = FNR
            opening = 1
        }
        opening && /\{$/ { inside = 1; opening = 0; body = ""; lines = 0; next }
        inside && /^}/ {
            inside = 0
            if (lines < 5 || name == "main") next
            body = canonical(body)
            if (body in home && home[body] != FILENAME) print FILENAME ":" at ": " name ": as in " home[body]
            home[body] = FILENAME
            next
        }
        inside { text = $0; sub(/ *\/\/.*/, "", text); gsub(/[ \t]+/, " ", text); body = body text "\n"; lines++ }
        ' $(sources tests | grep '\.c$')
}
break_nothing_is_written_twice() {
    printf 'int size(int *a) {\n    int n = 0;\n    while (*a)\n        n++;\n    f(n);\n    return n;\n}\n' >>common/base.c
    sed -n '/^int size/,$p' common/base.c | sed 's/\*a/*b/; s/n++/n++; \/\/ so many/' >>01_first/first.c
}

rule_one_way_to_silence_a_graph() {
    elsewhere 'common/graph\.c' '(->|\.)recording = ' $(sources)
}
break_one_way_to_silence_a_graph() { echo '    graph->recording = false;' >>01_first/first.c; }

rule_one_end_of_a_check_program() {
    elsewhere 'tests/suite\.c' 'srunner_create\(' $(sources tests)
}
break_one_end_of_a_check_program() { echo '    SRunner *runner = srunner_create(suite);' >>tests/test_base.c; }

# ---------------------------------------------------------------------------- what is named
# missing KNOWN PATTERN: of lines `FILE:LINE:TEXT` on stdin, those whose TEXT has a match of the pattern
# that is no line of the file KNOWN.
missing() {
    awk -v known="$1" -v pattern="$2" '
        BEGIN { while ((getline name <known) > 0) there[name] = 1 }
        {
            text = $0 " "
            sub(/^[^:]*:[^:]*:/, "", text)
            while (match(text, pattern)) {
                name = substr(text, RSTART, RLENGTH)
                sub(/[^a-z0-9_]$/, "", name) # what ended it
                if (!(name in there)) print $0
                text = substr(text, RSTART + RLENGTH)
            }
        }'
}
# A source or header that a comment names is there: `see pointing.h`. Three are not ours.
rule_named_files_are_there() {
    {
        find common [0-9][0-9]_* tests -name '*.[ch]' | sed 's|.*/||'
        printf '%s\n' cblas.h complex.h mt19937ar.c
    } >"$tree/known"
    grep -n -o -E -e '(^/\*|^ *\*|//) .*' $(sources tests) /dev/null | missing "$tree/known" '[a-z][a-z0-9_]+[.][ch][^a-z0-9_]'
}
break_named_files_are_there() { echo '// See third.h for more.' >>common/base.c; }

# Likewise a program that a text, a comment or a README names: `make 03/raimi`.
rule_named_programs_are_there() {
    sources | sed -n 's|^common/|00_/|; s|^\([0-9][0-9]\)_.*/\([a-z0-9_]*\)\.c$|make \1/\2|p' >"$tree/known"
    for number in 00 01 02 03 04 05 06; do printf "make $number/%s\n" start try show; done >>"$tree/known"
    echo "make 06/without" >>"$tree/known" # the rows of ablation.sh
    grep -n -E -e 'make [0-9][0-9]/' $(sources tests) README.md -- */README.md [0-9][0-9]_*/*/README.md /dev/null 2>/dev/null |
        missing "$tree/known" 'make [0-9][0-9]/[a-z0-9_]+'
}
break_named_programs_are_there() { echo '// make 01/third shows more' >>common/base.c; }

# And the other way round: what no README names, nobody runs.
rule_comparisons_are_named() {
    cat README.md */README.md [0-9][0-9]_*/*/README.md 2>/dev/null | grep -o -E -e '[0-9][0-9]/[a-z0-9_]+' | sort -u >"$tree/known"
    sources | sed -n 's|^common/|00_/|; s|^\([0-9][0-9]\)_.*/*compare/\([a-z0-9_]*\)\.c$|\1/\2|p' |
        grep -v -x -F -f "$tree/known"
}
break_comparisons_are_named() { mkdir 01_first/compare && cp 01_first/demo.c 01_first/compare/third.c; }

# ---------------------------------------------------------------------------- what a README leads to
# The first use of a word of chapter 0's table links to it, [word][words], in every chapter; so does the
# first shape, [(B,T)][words]. Left out is what stands in code, in another link, or from the exercises on,
# and here some words that a chapter uses in their everyday sense.
everyday='01/step 02/cosine 02/memory 02/step 03/backward 03/step 04/memory 04/merge 04/step 05/step 06/generator 06/memory 06/rate 06/score'
rule_words_are_linked() {
    for readme in [0-9][0-9]_*/README.md [0-9][0-9]_*/*/README.md; do
        [ ! -f "$readme" ] || awk -v everyday=" $everyday " '
            # What the first match of the pattern is the beginning of a link, or there is none.
            function check(what, pattern,    rest) {
                if (!match(low, pattern)) return
                rest = substr(body, RSTART + RLENGTH - 1)
                if (rest !~ /^[^][]*\]\[words\]/)
                    print file ": " what ": ..." substr(body, RSTART > 30 ? RSTART - 30 : 1, 60)
            }
            NR == FNR {
                if (/^And the words/) inside = 1
                else if (/^## /) inside = 0
                if (!inside || !/^\| / || /^\| (word|---)/) next
                split($0, cell, "|")
                gsub(/\([^)]*\)/, "", cell[2])
                count = split(cell[2], part, ",")
                for (i = 1; i <= count; i++) {
                    gsub(/^ +| +$/, "", part[i])
                    if (part[i] != "" && part[i] !~ /`/) word[++n] = tolower(part[i])
                }
                next
            }
            { file = FILENAME }
            /^## Exercises/ { exit }
            /^```/ { fence = !fence; next }
            fence || /^    / || /^#/ || /^</ || /^\[[a-z]+\]: / { next }
            { body = body " " $0 }
            END {
                gsub(/`[^`]*`/, "~", body)
                gsub(/!?\[[^]]*\]\([^)]*\)/, "~", body)
                body = body " "
                low = tolower(body)
                check("shapes", "\\([bsthedfvn](,[a-z0-9]+)+\\).")
                for (i = 1; i <= n; i++) {
                    if (index(everyday, " " substr(file, 1, 2) "/" word[i] " ")) continue
                    form = word[i] "(s|es)?"
                    if (word[i] ~ /[^aeiou]y$/) { form = word[i]; sub(/y$/, "(y|ies)", form) }
                    check(word[i], "[^a-z0-9_-]" form "[^a-z0-9_-]")
                }
            }' common/README.md "$readme"
    done
}
break_words_are_linked() { sed 's/\[masks\]\[words\]/masks/' 01_first/README.md >told && mv told 01_first/README.md; }

# A link by name, [masks][words], is shown as it is typed where no line says what the name leads to.
rule_link_names_are_defined() {
    for readme in README.md common/README.md [0-9][0-9]_*/README.md [0-9][0-9]_*/*/README.md; do
        [ ! -f "$readme" ] || awk '
            /^```/ { fence = !fence }
            fence || /^    / { next }
            /^\[[a-z]+\]: / { name = substr($1, 2, length($1) - 3); defined[name] = 1; next }
            {
                gsub(/`[^`]*`/, "~")
                while (match($0, /\]\[[a-z]+\]/)) {
                    used[substr($0, RSTART + 2, RLENGTH - 3)] = FNR
                    $0 = substr($0, RSTART + RLENGTH)
                }
            }
            END { for (name in used) if (!defined[name]) print FILENAME ":" used[name] ": [" name "] leads nowhere" }
        ' "$readme"
    done
}
break_link_names_are_defined() { sed '/^\[words\]: /d' 01_first/README.md >told && mv told 01_first/README.md; }

# Each row of a chapter's "Watch / read first" says what to look for, and where the answer is.
rule_questions_have_answers() {
    for readme in [0-9][0-9]_*/README.md; do
        [ ! -f "$readme" ] || awk -F '|' '
            /^\| \| look for \|/ { inside = 1; next }
            !/^\|/ { inside = 0 }
            inside && !/^\| ---/ && $(NF - 1) !~ /\]\(|`make / { print FILENAME ":" FNR ": no answer:" $2 }' "$readme"
    done
}
break_questions_have_answers() {
    printf '| | look for | here |\n| --- | --- | --- |\n| a video | why | |\n' >>01_first/README.md
}

# ---------------------------------------------------------------------------- the tree
rule_top_level() {
    if [ -e .git ]; then git ls-files | sed 's|/.*||' | sort -u; else ls -A; fi |
        grep -v -x -E '\.git|\.gitignore|\.ci|\.clang-format|\.editorconfig|LICENSE|Makefile|README\.md|common|tests|build|[0-9][0-9]_[a-z_]+'
}
break_top_level() { mkdir tools; }

rule_every_file_is_laid_out() {
    "${MAKE:-make}" -n format | tr ' ' '\n' | grep '\.[ch]$' | LC_ALL=C sort >"$tree/laid_out"
    sources tests | LC_ALL=C comm -3 - "$tree/laid_out" | sed 's/^/not in both: /'
}
break_every_file_is_laid_out() { mkdir 01_first/room/deeper && cp common/base.c 01_first/room/deeper/; }

# Results that could not be written are a failure. compare_end, lesson_end and the quiz's end see to
# it themselves; an exercise's check is Check's.
rule_programs_finish_their_output() {
    for program in $(programs $(sources | grep -v '/exercises/')); do
        grep -q -E '(output_finish|compare_end|lesson_end|quiz_[a-z]*)\(' "$program" || echo "$program never calls output_finish"
    done
}
break_programs_finish_their_output() { sed -i.bak '/output_finish/d' 01_first/demo.c; }

rule_files_are_short() {
    wc -l $(sources) | awk '$1 > 500 && $2 != "total" { print $2 " has " $1 " lines" }'
}
break_files_are_short() { awk 'BEGIN { for (i = 0; i < 501; i++) print "" }' >>01_first/first.c; }

# ---------------------------------------------------------------------------- the made tree
header() { printf '/* %s - what it is. */\nint %s(void);\n' "$(basename "$1")" "$(basename "$1" .h)" >"$1"; }
good_tree() {
    rm -rf "$tree/made"
    mkdir -p "$tree/made"
    cd "$tree/made" || exit 1
    mkdir -p common/files 01_first/room 01_first/lab 02_second tests
    cp "$top/Makefile" .
    for name in common/base common/other common/files/file 01_first/first 01_first/other 01_first/room/inner \
        01_first/lab/toy 02_second/second; do
        header $name.h
        echo "#include \"$name.h\"" >$name.c
    done
    echo '#include "common/base.h"' >>01_first/first.c
    echo '#include "01_first/first.h"' >>01_first/room/inner.c
    echo '#include "01_first/first.h"' >>01_first/lab/toy.c
    echo '#include "01_first/lab/toy.h"' >01_first/demo.c
    printf 'int main(int argc, char **argv) {\n    kernels_choose(argc, argv);\n    output_finish();\n}\n' >>01_first/demo.c
    sed 's|lab/toy|first|' 01_first/demo.c >tests/test_base.c
    printf 'And the words.\n\n| word | is |\n| --- | --- |\n| mask | hides |\n\n## Next\n' >common/README.md
    printf '`mask`, then [masks][words] and a mask.\n\n[words]: ../common/README.md\n' >01_first/README.md
    awk 'BEGIN { line = "/* ---- Title "; while (length(line) < 97) line = line "-"; print line " */" }' >>common/base.c
}

# ---------------------------------------------------------------------------- holding the rules
checks=0 failures=0
fail() {
    failures=$((failures + 1))
    echo "FAILED: $1"
    sed 's/^/    | /' "$tree/told"
}
for rule in $(sed -n 's/^rule_\([a-z_]*\)() .*/\1/p' "tests/$(basename "$0")"); do
    checks=$((checks + 3))
    cd "$top" || exit 1
    "rule_$rule" >"$tree/told" 2>&1
    [ ! -s "$tree/told" ] || fail "$rule"
    good_tree
    "rule_$rule" >"$tree/told" 2>&1
    [ ! -s "$tree/told" ] || fail "$rule: the good tree breaks it"
    "break_$rule"
    find . -name '*.bak' -exec rm {} +
    "rule_$rule" >"$tree/told" 2>&1
    [ "$(wc -l <"$tree/told")" -gt 0 ] || fail "$rule: nothing breaks it"
done
echo "$((100 * (checks - failures) / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
[ $failures -eq 0 ]
