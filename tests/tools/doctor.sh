#!/bin/sh
# Says what was found on this machine, one line each, so that a report of a problem can start with
# it. It installs nothing and always succeeds.
#
# usage: doctor.sh FOLDER (for the program that asks OpenBLAS; removed afterwards)
set -u
cd "$(dirname "$0")/../.." || exit 1
mkdir -p "$1"
scratch=$(mktemp -d "$1/doctor.XXXXXX") || exit 1
trap 'rm -rf "$scratch"' EXIT
compiler=${CC:-gcc}

say() { printf '%-12s %s\n' "$1" "${2:-not found (make setup installs it)}"; }
has() { command -v "$1" >/dev/null 2>&1; }
first_line() { "$@" 2>/dev/null | head -n 1; }

# shellcheck disable=SC1091
say system "$(uname -srm)$([ ! -r /etc/os-release ] || (. /etc/os-release && echo ", $PRETTY_NAME"))"
if [ -r /proc/cpuinfo ]; then
    say processor "$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)"
    say cores "$(awk '
        /^processor/ { threads++ }
        /^physical id/ { package = $4 }
        /^core id/ { if (!seen[package, $4]++) cores++ }
        END { printf "%d physical, %d threads", cores ? cores : threads, threads }' /proc/cpuinfo), $(getconf _NPROCESSORS_ONLN) usable"
    say memory "$(awk '/^MemTotal/ { t = $2 } /^MemAvailable/ { a = $2 }
        END { printf "%.1f GB, %.1f GB available", t / 1e6, a / 1e6 }' /proc/meminfo)"
else
    say cores "$(getconf _NPROCESSORS_ONLN)"
fi

# shellcheck disable=SC2086
say compiler "$(first_line $compiler --version)"
for other in gcc clang; do
    if [ "$other" != "$compiler" ] && has $other; then say "" "$(first_line $other --version)"; fi
done
say make "$(first_line make --version)"
say pkg-config "$(first_line pkg-config --version)"

# The programs' own code says which kernels they will run. `probe own` is OpenBLAS left alone.
cat >"$scratch/probe.c" <<'END'
#include "common/kernels.h"
#include <cblas.h>
#include <stdio.h>
int main(int argc, char **argv) {
    char text[256];
    if (argc > 1) {
        printf("%s; %d threads by itself (the programs set 1 per shard)\n%s\n%s\n",
               openblas_get_config(), openblas_get_num_threads(), openblas_get_corename(),
               kernels_processor(kernels_used()));
        return 0;
    }
    kernels_choose(argc, argv);
    kernels_describe(kernels_used(), text, sizeof text);
    puts(text);
    return 0;
}
END
flags=$(pkg-config --cflags --libs openblas 2>/dev/null) || flags=-lopenblas
# shellcheck disable=SC2086
$compiler -std=c11 -D_POSIX_C_SOURCE=200809L -O2 -I. -o "$scratch/probe" "$scratch/probe.c" \
    common/kernels.c common/profile.c common/clock.c common/program_name.c common/files/file.c common/error.c $flags -lm 2>/dev/null
(unset OPENBLAS_CORETYPE && "$scratch/probe" own) >"$scratch/own" 2>/dev/null
say OpenBLAS "$(sed -n 1p "$scratch/own")"
if [ -s "$scratch/own" ]; then
    say 'core type' "$(sed -n 2p "$scratch/own"), chosen by OpenBLAS itself"
    say vectors "$(sed -n 3p "$scratch/own"), by processor and system"
    used=$("$scratch/probe" 2>/dev/null)
    say programs "use ${used:-nothing: they crash (OPENBLAS_CORETYPE=... sets other kernels)}"
fi
for package in check jansson libutf8proc; do
    say "$package" "$(pkg-config --modversion $package 2>/dev/null)"
done

if has gnuplot; then
    if gnuplot -e 'set terminal pngcairo' </dev/null >/dev/null 2>&1; then
        say gnuplot "$(first_line gnuplot --version), with pngcairo"
    else
        say gnuplot "$(first_line gnuplot --version), WITHOUT pngcairo: no pictures (make setup)"
    fi
else
    say gnuplot
fi
if has clang-format; then say clang-format "$(first_line clang-format --version)"; else
    say clang-format 'not found (only make format needs it)'
fi

# Where the programs and tests look for data, in their order.
for folder in ${DATA:+"$DATA"} build/data ../shared/data; do
    for set in multi30k tinyshakespeare; do
        [ ! -d "$folder/$set" ] || found="${found:-}${found:+, }$folder/$set"
    done
done
say data "${found:-none here; the demos need none, make data fetches it}"
exit 0
