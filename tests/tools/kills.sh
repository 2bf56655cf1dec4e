#!/bin/sh
# Kills a small training again and again at random moments, with a signal that cannot be caught, and
# goes on each time. Every resume must be accepted, every model that is there must load, nothing
# half-written may be left when the end is reached, and the end must be that of a run which nothing
# happened to. Then it begins anew, until so many kills have been made.
#
# usage: kills.sh BUILD [KILLS [SEED]]
set -u
cd "$(dirname "$0")/../.." || exit 1
build=$(cd "$1" && pwd) kills=${2:-1000} seed=${3:-1}
train=$build/06_training/train translate=$build/06_training/translate
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
trap 'exit 1' HUP INT TERM
cd "$tree" || exit 1

fail() {
    echo "kills: after $killed kills: $1" >&2
    tail -n 3 stderr >&2
    exit 1
}
killed=0
for word in dog cat horse bird house tree; do printf 'a %s\tein %s\n' $word $word; done >s.tsv
sized='--data s.tsv --d-model 4 --heads 1 --layers 1 --ff 4 --vocab 259 --batch-tokens 16 --threads 1'
# The options are words: $sized is meant to be split.
# shellcheck disable=SC2086
once() { "$train" $sized --steps 120 --no-plots "$@"; }
# weights FILE: everything after the header, which holds the seconds.
weights() { tail -c "+$(($(od -An -tu8 -N8 "$1" | tr -d ' ') + 9))" "$1"; }

# One clock for everything: how long the run takes that nothing happens to.
begin=$(date +%s.%N 2>/dev/null)
case $begin in *N) begin=$(date +%s) ;; esac
once --out whole >stdout 2>stderr || fail 'the run without kills'
end=$(date +%s.%N 2>/dev/null)
case $end in *N) end=$(date +%s) ;; esac
whole=$(echo "$begin $end" | awk '{ print ($2 > $1 ? $2 - $1 : 0.01) }')
weights whole/state.safetensors >whole.weights
cut -f 1-6 whole/log.tsv >whole.log

# Random shares of a time that grows while nothing is saved within it and shrinks when the end is
# reached: a busy machine may be slower now than it was.
awk -v seed="$seed" -v n="$kills" 'BEGIN { srand(seed); for (i = 0; i < n; i++) print rand() }' >shares
most=$whole ended=0 resumed=0 again=
adapt() { most=$(awk -v most="$most" -v by="$1" 'BEGIN { print most * by }'); }
while read -r share; do
    moment=$(awk -v most="$most" -v share="$share" 'BEGIN { printf "%.4f", most * share }')
    # shellcheck disable=SC2086
    "$train" $sized --steps 120 --no-plots $again --out run >stdout 2>stderr &
    process=$!
    sleep "$moment"
    kill -9 $process 2>/dev/null
    wait $process 2>/dev/null
    status=$?
    case $status in
    137) killed=$((killed + 1)) ;;
    0)
        ended=$((ended + 1))
        adapt 0.8
        for file in whole/model.safetensors whole/epoch-*.safetensors; do
            cmp -s "$file" "run/${file#whole/}" || fail "another ${file#whole/}"
        done
        weights run/state.safetensors | cmp -s - whole.weights || fail 'another state'
        cut -f 1-6 run/log.tsv | cmp -s - whole.log || fail 'another log'
        [ -z "$(find run -name '*.tmp' -o -name '*.part')" ] || fail 'leftovers'
        rm -rf run
        ;;
    *) fail "status $status" ;;
    esac
    again=
    if [ -e run/state.safetensors ]; then
        again=--resume resumed=$((resumed + 1))
    elif [ $status -eq 137 ]; then
        adapt 1.2
    fi
    if [ -e run/model.safetensors ]; then
        echo 'a dog' | "$translate" --model run/model.safetensors --threads 1 >stdout 2>stderr || fail 'a model that does not load'
    fi
done <shares
echo "$killed kills at random moments, $resumed resumes, $ended runs came to their end: the same as without"
[ "$killed" -gt 0 ]
