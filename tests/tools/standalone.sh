#!/bin/sh
# Builds each chapter in a copy of the tree that ends with it: Makefile, common/, the chapters up to
# it and nothing else. A chapter that includes or calls a later one cannot be built there. The tree
# with common/ alone comes first, since common/ may know no chapter at all.
#
# usage: standalone.sh FOLDER CHAPTER...
set -eu
cd "$(dirname "$0")/../.."
folder=$1
shift

# build NAME CHAPTER...: at -O0, because here only includes and symbols are in question.
build() {
    tree=$folder/$1
    shift
    rm -rf "$tree"
    mkdir -p "$tree/tests/tools"
    cp Makefile "$tree/"
    cp tests/tools/setup.sh "$tree/tests/tools/"
    for part in common "$@"; do
        [ ! -d "$part" ] || cp -R "$part" "$tree/"
    done
    if ! "${MAKE:-make}" -C "$tree" BUILD=build MODE=release OPT=-O0 all >"$tree/log" 2>&1; then
        cat "$tree/log"
        echo "standalone: $tree does not build: it uses something of a later chapter, or is broken" >&2
        exit 1
    fi
    programs=$(find "$tree/build" -path '*/build/objects' -prune -o -type f -perm -u+x -print | wc -l)
    printf 'standalone: %-24s builds, %d programs\n' "$(basename "$tree")" "$programs"
}

build common
chapters=
for chapter; do
    chapters="$chapters $chapter"
    # shellcheck disable=SC2086
    build "$chapter" $chapters
done
