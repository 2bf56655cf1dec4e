#!/bin/sh
# Installs exactly what is missing to build, test and draw, through the system's package manager,
# and says what it does. When nothing is missing it changes nothing and needs no root.
#
# `setup.sh --check` only looks, and only for what compiling needs: silent and 0 when all is there.
#
# It runs where nothing but a shell and the basic tools exist, so it decides by trying: a library is
# there when a program that includes its header links with it, whoever put it there.
set -eu

mode=${1:-install}
compiler=${CC:-gcc}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/setup.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM

# ---------------------------------------------------------------------------- what is missing

has() { command -v "$1" >/dev/null 2>&1; }

# links PC_NAME FALLBACK_LIBRARY SOURCE: the source compiles and links. Homebrew keeps OpenBLAS out
# of the default path; its .pc file says where.
links() {
    export PKG_CONFIG_PATH="${PKG_CONFIG_PATH:-}:/opt/homebrew/opt/openblas/lib/pkgconfig:/usr/local/opt/openblas/lib/pkgconfig"
    flags=$(pkg-config --cflags --libs "$1" 2>/dev/null) || flags=$2
    printf '%s\n' "$3" >"$scratch/probe.c"
    # shellcheck disable=SC2086
    $compiler -o "$scratch/probe" "$scratch/probe.c" $flags >/dev/null 2>&1
}

# missing prints the names, as used in package_of below, of what is not there.
missing() {
    if ! links none '' '#include <stdio.h>
        int main(void) { return puts("") < 0; }'; then
        # Without a compiler no library can be tried; the package managers know what is installed.
        echo compiler openblas jansson utf8proc check
    else
        links openblas -lopenblas '#include <cblas.h>
            int main(void) { float x = 1; openblas_set_num_threads(1); return cblas_sdot(1, &x, 1, &x, 1) != 1; }' ||
            echo openblas
        links jansson -ljansson '#include <jansson.h>
            int main(void) { json_decref(json_object()); return 0; }' || echo jansson
        links libutf8proc -lutf8proc '#include <utf8proc.h>
            int main(void) { return utf8proc_category(65) != UTF8PROC_CATEGORY_LU; }' || echo utf8proc
        if ! links check -lcheck '#include <check.h>
            int main(void) { srunner_free(srunner_create(suite_create("x"))); return 0; }'; then
            echo check
        fi
    fi
    if [ "$mode" = install ]; then
        has make || has gmake || echo make
        has pkg-config || echo pkg-config
        # The pictures are PNGs drawn with cairo, which small builds of gnuplot leave out.
        gnuplot -e 'set terminal pngcairo' </dev/null >/dev/null 2>&1 || echo gnuplot
    fi
}

# ---------------------------------------------------------------------------- packages

# package_of NAME: what it is called here. libc's headers are named because the compiler's package
# only recommends them.
package_of() {
    case $manager:$1 in
    apt-get:compiler) case $compiler in *clang*) echo clang libc6-dev ;; *) echo gcc libc6-dev ;; esac ;;
    apt-get:openblas) echo libopenblas-dev ;;
    apt-get:jansson) echo libjansson-dev ;;
    apt-get:utf8proc) echo libutf8proc-dev ;;
    apt-get:gnuplot) echo gnuplot-nox ;;
    dnf:compiler) case $compiler in *clang*) echo clang ;; *) echo gcc ;; esac ;;
    dnf:pkg-config) echo pkgconf-pkg-config ;;
    dnf:openblas | dnf:jansson | dnf:utf8proc | dnf:check) echo "$1-devel" ;;
    pacman:compiler) case $compiler in *clang*) echo clang ;; *) echo gcc ;; esac ;;
    pacman:pkg-config) echo pkgconf ;;
    pacman:utf8proc) echo libutf8proc ;;
    brew:compiler) echo gcc ;;
    brew:pkg-config) echo pkgconf ;;
    *) echo "$1" ;; # the same name: check, gnuplot, jansson, make, openblas, utf8proc
    esac
}

# show COMMAND...: says the command, then runs it.
show() {
    echo "+ $*"
    "$@"
}

# installed PACKAGE: whether Debian has it unpacked and configured.
installed() {
    dpkg-query -W -f '${Status}\n' "$1" 2>/dev/null | grep -q 'ok installed'
}

# apt_install PACKAGE...: the package lists are fetched when they are absent, and again when they
# are too old for the archive.
apt_install() {
    for package; do
        if ! apt-cache show "$package" >/dev/null 2>&1; then
            show $root apt-get update
            break
        fi
    done
    show $root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" || {
        echo 'setup: trying once more with fresh package lists'
        show $root apt-get update
        show $root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
    }
}

# ---------------------------------------------------------------------------- main

names=$(missing | tr '\n' ' ')
names=${names% }
if [ "$mode" = --check ]; then
    [ -z "$names" ] && exit 0
    case $names in
    compiler*) names="a C compiler ('$compiler' cannot build a program)" ;;
    esac
    echo "missing: $names; 'make setup' installs it" >&2
    exit 1
fi
if [ -z "$names" ]; then
    echo 'setup: everything is there, nothing to do'
    exit 0
fi

manager=
for candidate in apt-get dnf pacman brew; do
    if has $candidate; then
        manager=$candidate
        break
    fi
done
if [ -z "$manager" ]; then
    echo "setup: missing: $names" >&2
    echo 'setup: no package manager known here (apt-get, dnf, pacman, brew); install these by hand,' \
        'libraries with their headers and gnuplot with its pngcairo terminal' >&2
    exit 1
fi

packages=
for name in $names; do
    for package in $(package_of "$name"); do
        if [ $manager = apt-get ] && installed "$package" && [ "$name" != gnuplot ]; then continue; fi
        packages="$packages $package"
    done
done
packages=${packages# }
echo "setup: missing: $names"
if [ -z "$packages" ]; then
    echo "setup: their packages are installed, yet '$compiler' cannot use them" >&2
    exit 1
fi
echo "setup: installing with $manager: $packages"

root=
if [ "$manager" != brew ] && [ "$(id -u)" -ne 0 ]; then
    if ! has sudo; then
        echo "setup: this needs root and there is no sudo; as root, run: $manager install $packages" >&2
        exit 1
    fi
    root=sudo
fi
# shellcheck disable=SC2086
case $manager in
apt-get) apt_install $packages ;;
dnf) show $root dnf install -y $packages ;;
pacman) show $root pacman -S --needed --noconfirm $packages ;;
brew) show brew install $packages ;;
esac

names=$(missing | tr '\n' ' ')
if [ -n "$names" ]; then
    echo "setup: still missing after the installation: $names" >&2
    exit 1
fi
echo 'setup: done'
