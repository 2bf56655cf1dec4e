#!/bin/sh
# A learner's piece: begun, tried, shown, put to use. `make 03/start/attention` and its kind call it.
#
#   exercise.sh start NN FOLDER PIECE MODULE        writes FOLDER/exercises/PIECE.c from the module
#   exercise.sh try NN FOLDER PIECE MODULE OUT      checks it, function by function
#   exercise.sh show NN FOLDER PIECE MODULE OUT     once it passes, yours beside ours
#   exercise.sh mine OUT NN/PIECE=MODULE...         all pieces: begun, passing or not
#   exercise.sh chosen OUT FILE every|any NN/PIECE=MODULE...
#                                                   for MINE: the names of those that pass go to FILE,
#                                                   the others are told; every: then it fails
#   exercise.sh prove NN FOLDER PIECE MODULE OUT    that the exercise itself is right
#   exercise.sh used NN FOLDER PIECE MODULE OUT     that a piece which counts as used in training
#                                                   changes its losses when it is broken
#   exercise.sh replaced OUT NN/PIECE=MODULE...     that copies in the place of ours learn the same
#   exercise.sh build WORK FOLDER PIECE MODULE [YOURS]
#                                                   (called back by make, in float and in double)
#                                                   builds and runs check_PIECE with the module, with
#                                                   YOURS and, in double, with each known mistake
#   exercise.sh table NN/PIECE=MODULE...            the functions of pieces as C, for common/mine.h
#
# MODULE is the source without .c. The environment brings MAKE, and for build CC, CFLAGS, LINK (the
# libraries of this repository), LIBRARIES (others) and LENIENT (flags for what a learner wrote).
set -u
cd "$(dirname "$0")/../.." || exit 1
tab='	'

fail() {
    echo "exercise: $*" >&2
    exit 1
}

# ---------------------------------------------------------------------------- start

header_sum() { cksum <"$1.h" | cut -d ' ' -f 1; }

# start_text NUMBER FOLDER PIECE MODULE: the file to begin with.
start_text() {
    awk -v intro="// Yours: write each function anew, then 'make $1/try/$3'. What a function takes and gives stands
// above it. Anything may be changed here except names and parameters; helpers may be added.
// Made from $4.h [$(header_sum "$4")]
#include \"common/exercise.h\"

" -f tests/tools/exercise_start.awk "$4.h" "$4.c"
}

start() {
    file=$2/exercises/$3.c
    [ ! -e "$file" ] || fail "$file is there already; yours is never overwritten (move it away to begin anew)"
    mkdir -p "$2/exercises"
    start_text "$@" >"$file.new" && mv "$file.new" "$file"
    case $(grep -c 'NOT_BEGUN();$' "$file") in
    1) echo "$file: one function to write; try it with 'make $1/try/$3'" ;;
    *) echo "$file: $(grep -c 'NOT_BEGUN();$' "$file") functions to write; try them with 'make $1/try/$3'" ;;
    esac
}

# ---------------------------------------------------------------------------- build

# compile OUTPUT SOURCE FLAGS...: a program of check_PIECE and SOURCE, unless it is newer than all it
# is made of.
compile() {
    output=$1 source=$2
    shift 2
    if [ -e "$output" ] && [ "$(cat "$output.from" 2>/dev/null)" = "$source" ]; then
        newer=$(find "$source" "$module.h" "$check" $LINK -newer "$output" 2>/dev/null | head -n 1)
        [ -n "$newer" ] || return 0
    fi
    mkdir -p "$(dirname "$output")"
    rm -f "$output" "$output.o"
    # shellcheck disable=SC2086
    $CC $CFLAGS "$@" -c -o "$output.o" "$source" &&
        $CC $CFLAGS -o "$output" "$work/check.o" "$output.o" $LINK $LIBRARIES &&
        echo "$source" >"$output.from"
}

# run OUTPUT FOLDER: all cases of a program, unless their results are newer.
run() {
    [ ! "$2/0.end" -nt "$1" ] || return 0
    rm -f "$2"/*.out "$2"/*.end "$2"/*.err
    mkdir -p "$2"
    "$1" "$2"
}

# mistakes: cuts PIECE.mistakes into one folder for each, with name, function, place, hint and edits.
mistakes() {
    rm -rf "$work/mistakes.new"
    mkdir -p "$work/mistakes.new"
    awk -v out="$work/mistakes.new" '
        /^#/ || /^[ \t]*$/ { next }
        { word = $1; rest = $0; sub(/^[^ ]+ +/, "", rest) }
        word == "mistake" {
            slug = rest
            gsub(/[^A-Za-z0-9]+/, "_", slug)
            folder = out "/" slug
            system("mkdir -p " folder)
            printf "%s", rest >(folder "/name")
            next
        }
        word == "function" { printf "%s", rest >(folder "/function"); printf "%s", rest >(folder "/place"); next }
        word == "in" { close(folder "/place"); printf "%s", rest >(folder "/place"); next }
        word == "hint" { printf "%s%s", seen[folder]++ ? "\n      " : "", rest >(folder "/hint"); next }
        word == "edit" { print rest >(folder "/edits"); next }
        { print FILENAME ":" FNR ": expected mistake, function, in, hint or edit, found " word; exit 1 }
    ' "$1" >&2
}

# mutate FOLDER: FOLDER/source.c is the module after the edits, each of which must change something,
# and only in the function they are for.
mutate() {
    place=$(cat "$1/place")
    cp "$module.c" "$1/source.c"
    while IFS= read -r edit; do
        why=$(sh tests/tools/edit_function.sh "$1/source.c" "$place" "$edit" 2>&1) ||
            fail "$mistakes_file: '$(cat "$1/name")': $module.c: $why"
    done <"$1/edits"
}

build_mistakes() {
    mistakes_file=$folder/exercises/$piece.mistakes
    [ -e "$mistakes_file" ] || fail "there is no $mistakes_file"
    newer=$(find "$mistakes_file" "$module.c" "$module.h" "$check" $LINK -newer "$work/mistakes" 2>/dev/null | head -n 1)
    [ -n "$newer" ] || [ ! -d "$work/mistakes" ] || return 0
    mistakes "$mistakes_file" || exit 1
    for each in "$work"/mistakes.new/*/; do
        mutate "${each%/}"
        compile "${each}program" "${each}source.c" -w -O1 -g0 || fail "$mistakes_file: '$(cat "${each}name")' does not compile"
        run "${each}program" "${each%/}"
    done
    rm -rf "$work/mistakes"
    mv "$work/mistakes.new" "$work/mistakes"
    touch "$work/mistakes"
}

# names OBJECT: the functions and data that it defines for others.
names() { nm -g "$1" 2>/dev/null | awk 'NF == 3 && $2 ~ /[TDBR]/ { print $3 }' | sort; }

build() {
    work=$1 folder=$2 piece=$3 module=$4 yours=$5
    check=$folder/exercises/check_$piece.c
    mkdir -p "$work"
    if [ ! -e "$work/check.o" ] || [ -n "$(find "$check" "$module.h" tests/exercise.h $LINK -newer "$work/check.o" | head -n 1)" ]; then
        # shellcheck disable=SC2086
        $CC $CFLAGS -c -o "$work/check.o" "$check" || exit 1
    fi
    compile "$work/programs/ours" "$module.c" || exit 1
    run "$work/programs/ours" "$work/ours"
    [ -n "${WITHOUT_MISTAKES:-}" ] || case $CFLAGS in *-DREAL_IS_DOUBLE*) build_mistakes ;; esac
    # shellcheck disable=SC2086
    compile "$work/programs/yours" "$yours" $LENIENT 2>"$work/messages" || {
        cat "$work/messages" >&2
        rm -rf "$work/yours" # what an earlier text gave
        fail "$yours does not compile"
    }
    cat "$work/messages" >&2
    # What a file lacks would come from our library, and what is tried would not be yours.
    lacking=$(names "$work/programs/ours.o" | while read -r name; do
        names "$work/programs/yours.o" | grep -q -x "$name" || echo "$name"
    done)
    # shellcheck disable=SC2086
    [ -z "$lacking" ] || {
        rm -rf "$work/yours" "$work/programs/yours"
        fail "$yours lacks" $lacking
    }
    run "$work/programs/yours" "$work/yours"
}

# ---------------------------------------------------------------------------- try, show, mine

# built NN PIECE OUT YOURS: both precisions, up to date.
built() {
    "$MAKE" -s "$1/built/$2" YOURS="$4" && "$MAKE" -s MODE=f64 "$1/built/$2" YOURS="$4"
}

# report NN PIECE OUT: compares what ours and yours gave.
report() {
    "$3/exercises/$1_$2/programs/ours" --report "$1/$2" "$3/exercises/$1_$2" "$3/f64/exercises/$1_$2"
}

try() {
    file=$2/exercises/$3.c
    [ -e "$file" ] || fail "there is no $file yet; 'make $1/start/$3' writes it"
    built "$1" "$3" "$5" "$file" || exit 1
    told=$(sed -n 's/^\/\/ Made from .* \[\([0-9]*\)\]$/\1/p' "$file" | head -n 1)
    [ -z "$told" ] || [ "$told" = "$(header_sum "$4")" ] ||
        echo "note: $file was made from an older $4.h; compare what it names and takes"
    report "$1" "$3" "$5" || return 1
    echo "next: 'make $1/show/$3' puts it beside ours, 'make MINE=$1/$3 $1' runs the chapter on it"
}

show() {
    file=$2/exercises/$3.c
    try "$@" >/dev/null || fail "$file does not pass yet: 'make $1/try/$3' says why"
    width=$(tput cols 2>/dev/null || echo 160)
    printf 'yours: %s   ours: %s.c\n' "$file" "$4"
    diff -y -t -W "$width" "$file" "$4.c"
    return 0
}

folder_of() {
    case $1 in 00) echo common ;; *) echo "$1"_* ;; esac
}

# states OUT NN/PIECE=MODULE...: a line for each, "03/attention yours, passing". All are built at once,
# so that make reads its rules twice and not twice for each, and no mistake is: which one it is `try`
# tells.
states() {
    out=$1
    shift
    targets=
    for entry; do
        name=${entry%%=*}
        [ ! -e "$(folder_of "${name%%/*}")/exercises/${name#*/}.c" ] || targets="$targets ${name%%/*}/built/${name#*/}"
    done
    mkdir -p "$out/mine"
    # shellcheck disable=SC2086
    [ -z "$targets" ] || for mode in release f64; do
        WITHOUT_MISTAKES=1 "$MAKE" -s -k MODE=$mode $targets
    done >"$out/mine/log" 2>&1
    for entry; do
        name=${entry%%=*}
        number=${name%%/*} piece=${name#*/}
        state=ours
        if [ -e "$(folder_of "$number")/exercises/$piece.c" ]; then
            state='yours, failing'
            if (report "$number" "$piece" "$out") >"$out/mine/report" 2>&1; then
                state='yours, passing'
            elif ! grep -q -E '  (right|wrong)  ' "$out/mine/report" && grep -q '  not begun$' "$out/mine/report"; then
                state='yours, not begun'
            fi
        fi
        echo "$name $state"
    done
}

mine() {
    states "$@" | while read -r name state; do printf '  %-28s %s\n' "$name" "$state"; done
}

chosen() {
    out=$1 file=$2 wanted=$3
    shift 3
    mkdir -p "$out/mine" "$(dirname "$file")"
    states "$out" "$@" >"$out/mine/states"
    while read -r name state; do
        number=${name%%/*} piece=${name#*/}
        case $state in
        'yours, passing') continue ;;
        'yours, failing') why="fails; 'make $number/try/$piece' says why" ;;
        'yours, not begun') why="is not begun; what is to write is in $(folder_of "$number")/exercises/$piece.c" ;;
        ours) [ "$wanted" = every ] || continue && why="is not yours yet; 'make $number/start/$piece' begins it" ;;
        esac
        echo "not put to use: $name $why"
    done <"$out/mine/states" >"$out/mine/left"
    cat "$out/mine/left" >&2
    [ "$wanted" = any ] || [ ! -s "$out/mine/left" ] || exit 1
    sed -n 's/ yours, passing$//p' "$out/mine/states" | tr '\n' ' ' >"$file"
    [ -s "$file" ] || fail "none of your pieces passes yet; 'make mine' shows them"
}

# ---------------------------------------------------------------------------- in place of ours

# functions_of MODULE: the functions that a learner writes.
functions_of() {
    start_text 00 x x "$1" | awk '
        /^[A-Za-z_].*\(/ && !/;$/ { signature = $0 }
        /^    NOT_BEGUN\(\);$/ { sub(/\(.*/, "", signature); sub(/.*[^A-Za-z0-9_]/, "", signature); print signature }'
}

table() {
    echo '#include "common/mine.h"'
    for entry; do
        for name in $(functions_of "${entry#*=}"); do echo "extern void $name(void);"; done
    done
    echo 'const MineFunction mine_functions[] = {'
    for entry; do
        for name in $(functions_of "${entry#*=}"); do echo "    {\"${entry%%=*}\", \"$name\", $name},"; done
    done
    echo '    {0, 0, 0}};'
    echo 'const size_t mine_function_count = sizeof mine_functions / sizeof mine_functions[0] - 1;'
}

# ---------------------------------------------------------------------------- prove

# told_of FUNCTION REPORT: what is said of its mistakes. Functions that call it may be wrong as well.
told_of() {
    awk -v name="$1" '/^  [^ ]/ { here = $1 == name } here && /This is a known mistake/' "$2"
}

# as YOURS: what `try` would say of it; its exit status.
prove() {
    number=$1 folder=$2 piece=$3 module=$4 out=$5
    floats=$out/exercises/${number}_$piece doubles=$out/f64/exercises/${number}_$piece
    bad=0
    wrong() {
        echo "exercises: $number/$piece: $*"
        bad=1
    }
    mkdir -p "$floats"
    # Untouched: every function is there, is tried, and is said not to be begun.
    start_text "$number" "$folder" "$piece" "$module" >"$floats/untouched.c"
    built "$number" "$piece" "$out" "$floats/untouched.c" || return 1
    if report "$number" "$piece" "$out" >"$floats/report"; then wrong 'untouched, it passes'; fi
    for name in $(functions_of "$module"); do
        grep -q "^  $name  *not begun$" "$floats/report" || wrong "untouched, $name is not said to be not begun"
    done
    # Solved.
    built "$number" "$piece" "$out" "$module.c" || return 1
    report "$number" "$piece" "$out" >"$floats/report" || wrong "the module itself fails: $(cat "$floats/report")"
    # Each mistake, judged in double: wrong, and called by its own name and no other.
    count=0
    as=$out/f64/exercises/as_${number}_$piece
    for each in "$doubles"/mistakes/*/; do
        name=$(cat "${each}name")
        count=$((count + 1))
        rm -rf "$as"
        mkdir -p "$as"
        for part in ours mistakes "mistakes/$(basename "$each")"; do
            ln -s "../${number}_$piece/$part" "$as/$(case $part in */*) echo yours ;; *) echo "$part" ;; esac)"
        done
        if "$floats/programs/ours" --report "$number/$piece" "$as" "$as" >"$as/report"; then
            wrong "the mistake '$name' passes"
        elif [ "$(told_of "$(cat "${each}function")" "$as/report")" != "      This is a known mistake: $name." ]; then
            wrong "the mistake '$name' is told as: $(grep -e 'known mistake' -e 'None of' "$as/report" | tr '\n' ' ')"
        fi
    done
    [ $count -ge 3 ] || wrong "only $count known mistakes; at least three"
    [ $bad -eq 0 ] && printf '  %-28s functions: %d, mistakes: %d\n' "$number/$piece" "$(functions_of "$module" | wc -l)" $count
    return $bad
}

# replaced: builds train with every piece replaced by a copy of ours, and it must learn the same.
replaced() {
    out=$1
    shift
    from=$out/replaced/pieces
    rm -rf "$from"
    mkdir -p "$from"
    all=
    for entry; do
        name=${entry%%=*}
        cp "${entry#*=}.c" "$from/$(echo "$name" | tr / _).c"
        all="$all $name"
    done
    [ -n "$all" ] || return 0
    build_replaced() {
        "$MAKE" -s BUILD="$out/replaced" PIECES_FROM="$from" MINE="${all# }" "$out/replaced/06_training/train" >"$out/replaced/log" 2>&1 || {
            cat "$out/replaced/log"
            fail 'train does not build of copies'
        }
    }
    # learn PROGRAM: the weights after a few steps, as a checksum.
    learn() {
        rm -rf "$out/replaced/run"
        "$1" --steps 3 --threads 2 --no-plots --out "$out/replaced/run" >/dev/null 2>"$out/replaced/errors" </dev/null ||
            fail "$1 ends badly: $(cat "$out/replaced/errors")"
        cksum <"$out/replaced/run/model.safetensors"
    }
    build_replaced
    "$MAKE" -s "$out/06_training/train" >&2 || exit 1 # one of an earlier source would learn something else
    ours=$(learn "$out/06_training/train") || exit 1
    copies=$(learn "$out/replaced/06_training/train") || exit 1
    [ "$ours" = "$copies" ] || fail 'copies of all pieces learn something else than ours'
    echo "  copies of all $# pieces learn the same as ours"
}

# used: trains a little with the piece alone replaced by a copy; if it counts as used, one of its
# known mistakes must change the losses. `prove` has cut the mistakes.
used() {
    number=$1 piece=$3 module=$4 out=$5
    work=$out/used/${number}_$piece
    rm -rf "$work"
    mkdir -p "$work"
    awk 'BEGIN {
        split("the a my this", d); split("der ein mein dieser", D)
        split("dog cat house tree bird", n); split("hund kater ort baum vogel", N)
        split("sees eats likes", v); split("sieht isst mag", V)
        for (i = 0; i < 60; i++) {
            a = i % 4 + 1; b = i % 5 + 1; c = i % 3 + 1; e = int(i / 7) % 4 + 1; f = int(i / 11) % 5 + 1
            printf "%s %s %s %s %s\t%s %s %s %s %s\n", d[a], n[b], v[c], d[e], n[f], D[a], N[b], V[c], D[e], N[f]
        }
    }' >"$work/pairs.tsv"
    table "$number/$piece=$module" >"$work/table.c"
    # train_with SOURCE OPTIONS: the sum of the losses of a few steps, with all digits; $work/told
    # gets what train said.
    train_with() {
        # shellcheck disable=SC2086
        $CC $CFLAGS $LENIENT -w -o "$work/train" "$1" "$work/table.c" $LINK $LIBRARIES || return 1
        rm -rf "$work/run"
        "$work/train" --data "$work/pairs.tsv" --d-model 16 --heads 2 --layers 1 --ff 16 --vocab 300 --batch-tokens 64 \
            --steps 6 --warmup 2 --lr 0.02 --threads 2 --no-plots --out "$work/run" $2 >"$work/told" 2>"$work/errors" </dev/null || return 1
        grep -a -o '"run.loss_sum":"[^"]*"' "$work/run/state.safetensors" || fail 'the state has no loss_sum'
    }
    for options in '' '--positions learned' '--positions rotary' '--schedule inverse-sqrt'; do
        right=$(train_with "$module.c" "$options") || fail "$number/$piece: train ends badly with a copy: $(cat "$work/errors")"
        grep -q "^Trained on 1 of your 1 pieces:" "$work/told" || continue
        for each in "$out/f64/exercises/${number}_$piece"/mistakes/*/; do
            broken=$(train_with "${each}source.c" "$options") || continue
            [ "$broken" != "$right" ] || continue
            printf '  %-28s trained on%s; broken, other losses: %s\n' "$number/$piece" "${options:+ with $options}" "$(cat "${each}name")"
            return 0
        done
        fail "$number/$piece counts as used in training, but none of its known mistakes changes the losses"
    done
    printf '  %-28s not used by a training\n' "$number/$piece"
}

command=$1
shift
case $command in
start | try | show | mine | chosen | build | table | prove | used | replaced) "$command" "$@" ;;
*) fail "no command $command" ;;
esac
