#!/bin/sh
# An ingredient of training taken away: `make 06/without/NAME` for one, `make 06/without` for all of
# them and what decoding adds. The table is 06_training/lab/ablations.txt.
#
#   ablation.sh names            the names of the rows
#   ablation.sh show OUT NAME    trains without it, and shows that beside the whole
#   ablation.sh all OUT          all rows in a table and a picture
#   ablation.sh check OUT        that every row's edits apply, and that it says what to look at
#
# CORPUS=multi30k in the environment: on those 29,000 pairs instead (make data), which takes hours.
#
# A row that edits a module compiles that module alone anew; it comes before the libraries, which hold
# the sound one. The environment brings CC, CFLAGS, LINK (this repository's libraries), LIBRARIES.
set -u
cd "$(dirname "$0")/../.." || exit 1
table=06_training/lab/ablations.txt
corpus=${CORPUS:-short}
place=without
[ "$corpus" = short ] || place=without/$corpus

fail() {
    echo "without: $*" >&2
    exit 1
}

names() { sed -n 's/^without \([a-z0-9_]*\) .*/\1/p' "$table"; }

# of NAME WORD: what stands behind the word in the row.
of() {
    awk -v name="$1" -v word="$2" '$1 == "without" { inside = $2 == name }
        inside && $1 == word { sub("^" word " ", ""); print }' "$table"
}

# edit_sources NAME FOLDER: the row's changed modules in FOLDER, their names in $sources.
edit_sources() {
    sources=
    of "$1" edit >"$2/edits"
    while read -r module function edit; do
        source=$2/$(basename "$module").c
        case " $sources " in
        *" $source "*) ;; # a second function of it
        *)
            cp "$module.c" "$source" || fail "$1: there is no $module.c"
            sources="$sources $source"
            ;;
        esac
        why=$(sh tests/tools/edit_function.sh "$source" "$function" "$edit" 2>&1) || fail "$1: $module.c: $why"
    done <"$2/edits"
}

# train FOLDER PROGRAM OPTIONS...: unless what is there is of the same program and options.
train() {
    made=$1 with=$2
    shift 2
    if [ -e "$made/symptoms.tsv" ] && [ "$(cat "$made/options" 2>/dev/null)" = "$*" ] &&
        [ -z "$(find "$with" -newer "$made/symptoms.tsv")" ]; then
        return
    fi
    echo "training $made" >&2
    # shellcheck disable=SC2068
    "$with" --no-plots --out "$made" $@ >"$made/log" || fail "$made: training ends badly"
    echo "$*" >"$made/options"
}

# link NAME: $program of the edited $sources, unless neither they nor the rest have changed.
link() {
    # shellcheck disable=SC2086
    if [ -e "$program" ] && [ -z "$(find "$ablation" -newer "$program")" ] &&
        cat $sources | cmp -s - "$folder/sources"; then
        return
    fi
    # shellcheck disable=SC2086
    $CC $CFLAGS -w -o "$program" $sources "$out/objects/06_training/ablation.o" $LINK $LIBRARIES ||
        fail "$1 does not build"
    # shellcheck disable=SC2086
    cat $sources >"$folder/sources"
}

# trained NAME: its symptoms in $folder, those of the whole with the same settings in $whole.
trained() {
    folder=$out/$place/$1 program=$ablation
    [ -n "$(of "$1" without)" ] || fail "$1: expected one of $(names | tr '\n' ' ')"
    mkdir -p "$folder"
    both=$(of "$1" both)
    whole=$out/$place/whole
    [ -z "$both" ] || whole=$out/$place/whole_$1
    mkdir -p "$whole"
    # shellcheck disable=SC2086
    train "$whole" "$ablation" --corpus "$corpus" $both
    edit_sources "$1" "$folder"
    if [ -n "$sources" ]; then
        program=$folder/program
        link "$1"
    fi
    # shellcheck disable=SC2046,SC2086
    train "$folder" "$program" --corpus "$corpus" $both $(of "$1" options)
}

show() {
    trained "$1"
    echo "Without: $(of "$1" without | sed 's/^[a-z0-9_]* //')"
    [ -z "$(of "$1" options)" ] || echo "  set: $(of "$1" options)"
    of "$1" edit | awk '!($1 in of) { module[++n] = $1 }
        { of[$1] = of[$1] (of[$1] ? ", " : "") $2 }
        END { for (i = 1; i <= n; i++) print module[i], of[module[i]] }' | while read -r module functions; do
        echo "  changed: $module.c, $functions"
        diff "$module.c" "$folder/$(basename "$module").c" | sed -n 's/^\([<>]\) */    \1 /p'
    done
    echo
    "$ablation" --read "$folder" --beside "$whole" --name "$1"
    of "$1" look | fold -s -w 79
}

all() {
    rows=
    for name in $(names); do
        trained "$name"
        [ -n "$rows" ] || rows="--row $out/$place/whole"
        [ "$whole" = "$out/$place/whole" ] || rows="$rows --row $whole"
        rows="$rows --row $folder"
    done
    # shellcheck disable=SC2086
    "$ablation" $rows
    "$ablation" --corpus "$corpus" --decode "$out/$place/whole"
}

check() {
    for name in $(names); do
        mkdir -p "$out/$name"
        [ -n "$(of "$name" look)" ] || fail "$name: where to look is not said"
        [ -n "$(of "$name" options)$(of "$name" edit)" ] || fail "$name takes nothing away"
        edit_sources "$name" "$out/$name"
    done
}

command=$1
shift
case $command in
names) names ;;
show | all | check)
    out=$1 ablation=$1/06_training/ablation
    shift
    "$command" "$@"
    ;;
*) fail "no command $command" ;;
esac
