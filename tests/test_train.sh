#!/bin/sh
# build/06_training/train from outside: what it refuses and how, what it leaves out and says, and what
# the same seed gives. No check looks at the time.
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/cli.sh
. tests/cli.sh
cd "$tree" || exit 1
# shellcheck source=tests/train_cli.sh
. "$top/tests/train_cli.sh"

# ---------------------------------------------------------------------------- data that is none
head -n 58 s.de >short.de
awk 'NR == 7 { sub(/\t/, " ") } { print }' s.tsv >untabbed.tsv
awk 'NR == 9 { sub(/\t/, "\t\t") } { print }' s.tsv >tabs.tsv
awk 'NR == 3 { printf "ab\377c\n"; next } { print }' s.de >latin.de
awk 'NR == 5 { printf "ab\\000c\n"; next } { print }' s.de | sed 's/\\000/@/' | tr '@' '\000' >nul.de
awk 'NR == 4 { for (i = 0; i < 65536; i++) printf "sixteen letters "; print ""; next } { print }' s.de >long.de
: >empty
offset() { head -n "$1" s.de | wc -c | tr -d ' '; } # of the line after the first $1
unwritten 'nowhere: cannot open: No such file' --src nowhere --tgt s.de
unwritten 'nowhere: cannot open: No such file' --src s.en --tgt s.de --valid-src nowhere --valid-tgt s.de
unwritten ': is a directory' --src . --tgt s.de
unwritten ': is a directory' --data .
unwritten 'empty: is empty' --src s.en --tgt empty
unwritten 'not a regular file' --src /dev/null --tgt s.de
unwritten 's.en has 60 lines but short.de has 58' --src s.en --tgt short.de
unwritten 's.en has 60 lines but short.de has 58' --src s.en --tgt s.de --valid-src s.en --valid-tgt short.de
unwritten 'untabbed.tsv:7: no tab' --data untabbed.tsv
unwritten 'tabs.tsv:9: more than one tab: .*cut -f 1,2' --data tabs.tsv
unwritten "latin.de:3: not UTF-8: byte 0xff at byte offset $(($(offset 2) + 2))" --src s.en --tgt latin.de
unwritten "nul.de:5: a NUL byte at byte offset $(($(offset 4) + 2))" --src s.en --tgt nul.de
head -n 1 s.tsv >one.tsv
unwritten 'one.tsv: a single pair; at least 2' --data one.tsv
unwritten 'no training pair of at most 2 tokens' --src s.en --tgt s.de --max-length 2

# ---------------------------------------------------------------------------- options
usage() { pattern=$1; shift; refused 2 "$pattern" small --steps 2 --out unwritten "$@"; }
usage '--d-modle: unknown' --d-modle 8
usage 'extra: unexpected argument' extra
usage '--d-model 1: expected a whole number from 2 to 8192' --d-model 1
usage '--r-drop needs dropout' --r-drop 3 --dropout 0
usage '--layers 0: expected a whole number from 1 to 100' --layers 0
usage '--layers 1.5: expected a whole number' --layers 1.5
usage '--dropout 1: expected a number from 0 to 0.9' --dropout 1
usage '--lr nan: expected a number from' --lr nan
usage '--lr 0: expected a number from' --lr 0
usage '--vocab 258: expected a whole number from 259' --vocab 258
usage '--preset huge: expected one of demo, tiny, small, thorough, base' --preset huge
usage '--threads 0: expected a whole number from 1 to 1024' --threads 0
usage '--seed -1: expected a whole number from 0 to 4294967295' --seed -1
unwritten '--heads 3 does not divide --d-model 16: expected one of 1, 2, 4, 8, 16' --heads 3
usage '--epochs: needs a whole number' --epochs
usage '--data is instead of --src and --tgt' --data s.tsv
refused 2 '--src and --tgt go together' "$train" --src s.en
refused 2 'validation data without training data' "$train" --valid-data s.tsv
[ ! -e unwritten ]
ok $? 'wrong usage wrote something'
if [ -c /dev/full ]; then
    ("$train" --help >/dev/full 2>stderr)
    [ $? -eq 1 ] && [ "$(wc -l <stderr)" -eq 1 ]
    ok $? 'help that cannot be written is a failure'
fi
succeeds "$train" --help
prints '--resume'
tr '\n' ' ' <stdout | grep -q 'aside, into earlier-1'
ok $? 'help says where an earlier run goes'

refused 2 '--src: given twice, s.en and s.de: it takes one file' small --src s.de --steps 2 --out unwritten
# Larger than any machine: it is said before the first weight is drawn.
for sizes in '--d-model 8192 --layers 100 --ff 65536' '--d-model 8192 --layers 100 --ff 65536 --check'; do
    # shellcheck disable=SC2086
    run small --heads 2 $sizes --steps 2 --out unwritten
    [ "$status" -eq 1 ] && [ ! -e unwritten ] &&
        grep -q '^train: a model of these sizes has [0-9]* million weights, which take [0-9]* GB' stderr
    ok $? "$sizes: status $status"
done

# ---------------------------------------------------------------------------- where to write
refused 1 's.en: cannot make the folder: a file has that name' small --steps 2 --out s.en
refused 1 's.en: cannot make the folder: a file has that name' small --steps 2 --out s.en/below
refused 1 'not a usable folder name' small --steps 2 --out ''
if [ -d /proc/self ]; then
    refused 1 '/proc/none: cannot make the folder' small --steps 2 --out /proc/none
fi
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked && chmod 555 locked
    refused 1 'locked: cannot write into this folder' small --steps 2 --out locked
else
    echo 'skipped: a folder without permission (root may write everywhere)'
fi

# ---------------------------------------------------------------------------- the same again
succeeds small --steps 40 --out once
prints '^vocabulary: [0-9]* tokens'
succeeds small --steps 40 --out again
same once/model.safetensors again/model.safetensors
same once/epoch-2.safetensors again/epoch-2.safetensors
cut -f 1-6 once/log.tsv >once.log # all but the seconds
cut -f 1-6 again/log.tsv >again.log
same once.log again.log
[ "$(wc -l <once.log)" -gt 2 ]
ok $? 'the log has rows'
succeeds small --steps 40 --seed 2 --out other
! cmp -s once/model.safetensors other/model.safetensors
ok $? 'another seed gives another model'

# Line ends of other systems, a byte order mark, one file for two, accents typed apart: the same
# sentences.
sed "s/ö/o$(printf '\314\210')/" s.de >apart.de
# shellcheck disable=SC2086
succeeds "$train" --src s.en --tgt apart.de $model --steps 40 --out apart
! cmp -s s.de apart.de
ok $? 'the accents are apart'
same once/model.safetensors apart/model.safetensors
tr '\n' '\r' <s.de >cr.de
# shellcheck disable=SC2086
succeeds "$train" --src s.en --tgt cr.de $model --steps 40 --out cr
same once/model.safetensors cr/model.safetensors
returns() { awk '{ printf "%s\r\n", $0 }' "$1"; }
returns s.en >crlf.en && { printf '\357\273\277' && returns s.de; } >crlf.de
returns s.tsv >crlf.tsv
# shellcheck disable=SC2086
succeeds "$train" --src crlf.en --tgt crlf.de $model --steps 40 --out crlf
same once/model.safetensors crlf/model.safetensors
# shellcheck disable=SC2086
succeeds "$train" --data crlf.tsv $model --steps 40 --out crlf_tsv
same once/model.safetensors crlf_tsv/model.safetensors

# ---------------------------------------------------------------------------- what is left out
# Two pairs are too long, one has an empty side; the rest trains as if they were not there.
{ sed -n 1,9p s.tsv; printf 'a dog\t\n'; sed -n 10,20p s.tsv; } >gaps.tsv
long=$(awk 'BEGIN { for (i = 100; i < 140; i++) printf "%d ", i }')
{ cat gaps.tsv; printf '%s\thund\n' "$long"; printf 'dog\t%s\n' "$long"; sed -n 21,60p s.tsv; } >mixed.tsv
# shellcheck disable=SC2086
succeeds "$train" --data mixed.tsv $model --max-length 32 --steps 20 --out mixed
prints '1 more skipped because a side is empty'
prints '^2 pairs skipped because a side has more than 32 tokens (--max-length)$'
prints '^an epoch: [0-9]* pairs'
# One rule for what is blank, Unicode's blanks too, in one file and in two; and a line that is none.
{ sed -n 1,5p s.tsv; echo; printf '\302\240\n'; printf 'a dog\t\343\200\200\n'; sed -n 6,60p s.tsv; } >blanks.tsv
cut -f 1 blanks.tsv >blanks.en
awk -F '\t' '{ print $2 }' blanks.tsv >blanks.de
# shellcheck disable=SC2086
succeeds "$train" --data blanks.tsv $model --steps 2 --out blanks
prints ', 3 more skipped because a side is empty$'
# shellcheck disable=SC2086
succeeds "$train" --src blanks.en --tgt blanks.de $model --steps 2 --out blanks_two
prints ', 3 more skipped because a side is empty$'
same blanks/model.safetensors blanks_two/model.safetensors
# shellcheck disable=SC2086
succeeds "$train" --src s.en --tgt long.de $model --steps 2 --out long
prints '^training: 5[0-9] pairs, 1 more skipped because a side has more than 65536 bytes$'
# shellcheck disable=SC2086
succeeds "$train" --data s.tsv $model --vocab 100000 --steps 2 --out vocab
prints '^vocabulary: [0-9]* tokens, all that these sentences give (--vocab 100000)$'
# More characters than the vocabulary has room for leave nothing for pieces of several.
awk 'BEGIN { for (i = 0; i < 60; i++) { printf "x"; for (k = 0; k < 20; k++) printf "@%d@", i * 20 + k; print "" } }' |
    LC_ALL=C awk '{ n = split($0, part, "@"); for (i = 1; i <= n; i++)
        if (part[i] ~ /^[0-9]+$/) printf "%c%c%c", 228 + int(part[i] / 4096), 128 + int(part[i] / 64) % 64, 128 + part[i] % 64
        else printf "%s", part[i]
        print "" }' >many.zh
# shellcheck disable=SC2086
succeeds "$train" --src s.en --tgt many.zh $model --steps 2 --out many
prints '^--vocab 300 is used up by single characters'

# A script without spaces: 13a would make one token of each sentence, and every BLEU 0.
sed 's/ //g; s/der/那/; s/hund/狗/g; s/sieht/看见/; s/[a-zäöü]*/汉字/' s.de >s.zh
# shellcheck disable=SC2086
succeeds "$train" --src s.en --tgt s.zh $model --steps 2 --out zh
prints '^validation BLEU by the tokenizer char$'
# shellcheck disable=SC2086
succeeds "$train" --src s.en --tgt s.zh $model --steps 2 --tok zh --out zh
prints '^validation BLEU by the tokenizer zh$'

# A training that goes astray does not end like one that has learned.
succeeds small --steps 60 --lr 1000 --optimizer adam --clip 0 --warmup 0 --out astray
prints '^that loss is worse than [0-9.]*, equal shares for all tokens'
succeeds small --steps 2 --out unwarned
! grep -q 'worse than' stdout
ok $? 'the first steps are no failure'

# ---------------------------------------------------------------------------- moved aside
cp once/model.safetensors kept
succeeds small --steps 2 --out once
prints 'the earlier run in once is now in once/earlier-1'
same kept once/earlier-1/model.safetensors
[ -e once/earlier-1/log.tsv ] && [ -e once/earlier-1/state.safetensors ] &&
    [ -e once/earlier-1/learning.tsv ] && [ -e once/earlier-1/gradients.tsv ]
ok $? 'tables and state are moved with the model'
succeeds small --steps 2 --out once
[ -e once/earlier-2/model.safetensors ] && same kept once/earlier-1/model.safetensors
ok $? 'a second earlier run gets a second folder'
# shellcheck disable=SC2086
refused 1 'nowhere' "$train" --src nowhere --tgt s.de $model --out once
refused 1 'no training pair' small --max-length 2 --out once
[ ! -e once/earlier-3 ]
ok $? 'what cannot be trained moves nothing'

# ---------------------------------------------------------------------------- nobody listens
# A reader that goes away costs the rest of the lines, and a closed descriptor is no place for a file.
(
    small --steps 40 --out piped 2>stderr
    echo $? >status
) | head -n 1 >stdout
status=$(cat status)
drop_progress
[ "$status" -eq 1 ] && grep -q 'cannot write to stdout' stderr
ok $? "a pipe that nobody reads: status 1 and a line (status $status)"
same once/earlier-1/model.safetensors piped/model.safetensors
small --steps 40 --out mute >stdout 2>&-
ok $? 'stderr closed: trains as ever'
same once/earlier-1/model.safetensors mute/model.safetensors
small --steps 40 --out deaf <&- >&- 2>stderr
[ $? -eq 1 ]
ok $? 'stdout closed: what could not be written is a failure'
same once/earlier-1/model.safetensors deaf/model.safetensors

# ---------------------------------------------------------------------------- nothing done
refused 1 'time is up before the first step: nothing was learned' small --minutes 1e-9 --out no_step
[ -z "$(ls no_step)" ]
ok $? 'nothing is written, and nothing said of it'

report
