# The sentences, the small model and the options that the scripts about train share; sourced behind
# cli.sh, in "$tree".
# shellcheck shell=sh
train=$build/06_training/train

# 60 pairs of a language with one-to-one words; 4 of them become validation pairs.
awk 'BEGIN {
    split("the a my this", d); split("der ein mein dieser", D)
    split("dog cat house tree bird", n); split("hund kater ort baum vögel", N)
    split("sees eats likes", v); split("sieht isst mag", V)
    for (i = 0; i < 60; i++) {
        a = i % 4 + 1; b = i % 5 + 1; c = i % 3 + 1; e = int(i / 7) % 4 + 1; f = int(i / 11) % 5 + 1
        print d[a], n[b], v[c], d[e], n[f] >"s.en"
        print D[a], N[b], V[c], D[e], N[f] >"s.de"
    }
}'
paste s.en s.de >s.tsv
model='--d-model 16 --heads 2 --layers 1 --ff 16 --vocab 300 --batch-tokens 64 --threads 2 --no-plots'
# The options are words: $model and $files are meant to be split.
# shellcheck disable=SC2086
small() { "$train" --src s.en --tgt s.de $model "$@"; }

# unwritten PATTERN OPTIONS...: refused with status 1, and the folder --out is not even made.
unwritten() {
    pattern=$1
    shift
    # shellcheck disable=SC2086
    refused 1 "$pattern" "$train" $model --steps 2 --out unwritten "$@"
    [ ! -e unwritten ]
    ok $? "$*: something was written"
}
