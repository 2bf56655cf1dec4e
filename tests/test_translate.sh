#!/bin/sh
# build/06_training/translate and bleu, and chapter 5's forward, from outside: lines in and lines
# out, in order, whatever is wrong with one of them, and model files that are none.
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/cli.sh
. tests/cli.sh
cd "$tree" || exit 1
translate=$build/06_training/translate
bleu=$build/06_training/bleu
forward=$build/05_encoder_decoder/forward

# ---------------------------------------------------------------------------- a model
# Words map one to one, and a model of this size learns it in a second.
awk 'BEGIN {
    split("the a my this", d); split("der ein mein dieser", D)
    split("dog cat house tree", n); split("hund kater ort baum", N)
    split("sees eats likes", v); split("sieht isst mag", V)
    for (i = 0; i < 96; i++) {
        a = i % 4 + 1; b = int(i / 4) % 4 + 1; c = i % 3 + 1; e = int(i / 12) % 4 + 1
        f = int(i / 5) % 4 + 1
        print d[a], n[b], v[c], d[e], n[f] "\t" D[a], N[b], V[c], D[e], N[f] >"s.tsv"
    }
}'
succeeds "$build/06_training/train" --data s.tsv --d-model 32 --heads 2 --layers 1 --ff 64 --vocab 340 \
    --dropout 0 --label-smoothing 0 --lr 0.01 --warmup 20 --batch-tokens 256 --max-length 24 \
    --steps 250 --epochs 0 --threads 2 --no-plots --out run
model=run/model.safetensors
cut -f 1 s.tsv | head -n 40 >s.en
cut -f 2 s.tsv | head -n 40 >s.de
from() { # from FILE COMMAND...: with FILE as its input
    input=$1
    shift
    "$@" <"$input"
}
# shellcheck disable=SC2120 # through from and refused
tr_() { "$translate" --model $model --threads 2 "$@"; }

# ---------------------------------------------------------------------------- lines
succeeds from s.en tr_
cp stdout together
[ "$(wc -l <together)" -eq 40 ]
ok $? 'as many lines as were read'
[ "$(paste together s.de | awk -F '\t' '$1 == $2' | wc -l)" -ge 30 ]
ok $? 'it has learned to translate its own sentences'
# One at a time, and with one thread, every line is what it was among the others.
for line in 3 17 40; do
    sed -n ${line}p s.en >one.en
    sed -n ${line}p together >one.de
    succeeds from one.en tr_
    same one.de stdout
done
succeeds from s.en tr_ --threads 1
same together stdout
succeeds from s.en tr_ --recompute
same together stdout
succeeds from s.en tr_ --beam 1
cp stdout greedy
succeeds from s.en tr_ --beam 1 --recompute
same greedy stdout
[ "$(wc -l <greedy)" -eq 40 ]
ok $? 'greedy: as many lines as were read'

# ---------------------------------------------------------------------------- the N best
succeeds from s.en tr_ --nbest 1
awk -F ' [|][|][|] ' '{ print $2 }' stdout >first
same together first
succeeds from s.en tr_ --nbest 3
cp stdout best
awk -F ' [|][|][|] ' 'NF != 3 || $1 != int((NR - 1) / 3) || $3 > 0 || NR % 3 != 1 && $3 > last { bad++ }
    { last = $3 } END { exit bad > 0 || NR != 120 }' best
ok $? 'three lines for each of 40, indices from 0, scores from high to low'
[ "$(sort -u best | wc -l)" -eq 120 ]
ok $? 'the three are different ones'
[ "$(awk -F ' [|][|][|] ' 'NR % 3 == 1 { print $2 }' best | paste - together | awk -F '\t' '$1 == $2' | wc -l)" -ge 36 ]
ok $? 'the first of them is what is said without --nbest'
succeeds from s.en tr_ --nbest 3 --threads 1
same best stdout
succeeds from s.en tr_ --nbest 5 # the beam becomes as wide
[ "$(wc -l <stdout)" -eq 200 ]
ok $? 'five of each'
refused 2 '--nbest 3: a beam of 2 keeps no more than 2' from s.en tr_ --beam 2 --nbest 3
refused 2 '--nbest and --align do not go together' from s.en tr_ --align --nbest 2
{ sed -n 1p s.en; echo; awk 'BEGIN { for (i = 100; i < 140; i++) printf "%d ", i; print "" }'; echo '...'; } >odd.en
run from odd.en tr_ --nbest 2
[ "$status" -eq 1 ] && tail -n 3 stdout >odd.out
{ echo '1 |||  ||| 0.0000'; echo '2 |||  ||| -inf'; echo '3 ||| ... ||| 0.0000'; } >odd.expected
same odd.expected odd.out

# What ends a column is none within one.
printf '|||\n. || |||| |\n' >bars.en
succeeds from bars.en tr_ --nbest 1
[ "$(paste -s -d '@' stdout)" = '0 ||| | | | ||| 0.0000@1 ||| . || | | | | | ||| 0.0000' ]
ok $? 'bars in a line stay in their column'

# Nothing to translate in it: it comes out as it is, and without a warning.
printf '...\n-- ?! --\n\360\237\231\202\n\342\235\244\357\270\217\n \342\200\224 \n' >marks.en # the heart with a mark that makes it red
succeeds from marks.en tr_
same marks.en stdout
# In one column, though.
printf '\342\200\224\t\342\200\224\nthe dog\n' >column.en
printf '... !!! -- ;\n-\n' >copied.en
succeeds from copied.en tr_ --align
[ "$(cut -f 2 stdout | paste -s -d '|')" = '0-0 1-1 2-2 3-3|0-0' ]
ok $? 'what is copied is aligned word for word'
printf 'the dog\n\377\n' >half.en
run from half.en tr_ --nbest 2
[ "$status" -eq 1 ] && [ "$(tail -n 1 stdout)" = '1 |||  ||| -inf' ]
ok $? 'what is no text has no chance'
succeeds from column.en tr_ --align
[ "$(awk -F '\t' 'NF != 2' stdout | wc -l)" -eq 0 ]
ok $? 'a tab in a line that is not translated is no column'

# Keys and values kept, or the whole prefix run again for every token: the same words, for each of the
# held-out sentences, with a model that has seen enough of the built-in corpus to stop by itself.
succeeds "$build/06_training/train" --d-model 32 --heads 4 --layers 2 --ff 64 --vocab 500 --lr 0.005 \
    --warmup 30 --steps 250 --dropout 0 --average 1 --threads 2 --no-plots --out corpus
succeeds "$build/01_embeddings/make_corpus" --split heldout --count 500
cut -f 1 stdout >heldout.en
for beam in 1 4; do
    succeeds from heldout.en "$translate" --model corpus/model.safetensors --beam $beam
    cp stdout cached
    succeeds from heldout.en "$translate" --model corpus/model.safetensors --beam $beam --recompute
    same cached stdout
    [ "$(wc -l <cached)" -eq 500 ] && [ "$(sort -u cached | wc -l)" -ge 50 ]
    ok $? "held-out sentences, beam $beam: 500 lines, at least 50 different ones"
done

# Empty and blank lines stay where they are; other line ends and a byte order mark do not matter.
{ sed -n 1p s.en; echo; sed -n 2p s.en; echo '   '; sed -n 3p s.en; echo; } >gaps.en
{ sed -n 1p together; echo; sed -n 2p together; echo; sed -n 3p together; echo; } >gaps.de
succeeds from gaps.en tr_
same gaps.de stdout
{ printf '\357\273\277' && awk '{ printf "%s\r\n", $0 }' s.en; } >crlf.en
succeeds from crlf.en tr_
same together stdout
printf '%s' "$(sed -n 1p s.en)" >unended.en
sed -n 1p together >one.de
succeeds from unended.en tr_
same one.de stdout
: >empty
succeeds from empty tr_
[ ! -s stdout ]
ok $? 'nothing in, nothing out'

# Lines that cannot be translated: an empty line for each, a line on stderr, the others as ever.
long=$(awk 'BEGIN { for (i = 100; i < 140; i++) printf "%d ", i }')
{
    sed -n 1p s.en
    echo "$long"
    sed -n 2p s.en
    printf 'ab\377c\n'
    sed -n 3p s.en
    printf 'ab@c\n' | tr @ '\000'
    awk 'BEGIN { for (i = 0; i < 65536; i++) printf "sixteen letters "; print "" }'
    sed -n 4p s.en
} >bad.en
{ sed -n 1p together; echo; sed -n 2p together; echo; sed -n 3p together; echo; echo; sed -n 4p together; } >bad.de
run from bad.en tr_
[ "$status" -eq 1 ] && [ "$(wc -l <stderr)" -eq 4 ]
ok $? "four bad lines: four lines on stderr, status 1 (status $status)"
same bad.de stdout
offset() { head -n "$1" bad.en | wc -c | tr -d ' '; }
for reason in 'stdin:2: more than the model.s maximum of 24 tokens$' \
    "stdin:4: not UTF-8: byte 0xff at byte offset $(($(offset 3) + 2))\$" \
    "stdin:6: a NUL byte at byte offset $(($(offset 5) + 2)): " \
    "stdin:7: the line at byte offset $(offset 6) has 1048576 bytes"; do
    grep -q "^translate: $reason" stderr
    ok $? "no line on stderr matches '$reason'"
done
awk -v long="$long" 'BEGIN { for (i = 1; i <= 4200; i++) print i == 4150 ? long : "" }' >many.en
refused 1 'stdin:4150: more than' from many.en tr_ --beam 1 # beyond what is read at once
[ "$(wc -l <stdout)" -eq 4200 ]
ok $? '4200 lines in, 4200 out'
run from . tr_
[ "$status" -eq 1 ] && [ "$(wc -l <stderr)" -eq 1 ] && grep -q '^translate: stdin: cannot read' stderr
ok $? 'a directory as standard input'

# What is blank in Unicode is blank; accents typed apart are the letters that were learned; carriage
# returns end lines where nothing else does.
printf '\302\240\n\343\200\200 \342\200\213\n' >blank.en
succeeds from blank.en tr_
[ "$(tr -d '\n' <stdout | wc -c)" -eq 0 ] && [ "$(wc -l <stdout)" -eq 2 ]
ok $? 'blank lines give empty ones'
tr '\n' '\r' <s.en >cr.en
succeeds from cr.en tr_
same together stdout
sed "s/my/m$(printf '\303\275')/" s.tsv >accents.tsv
succeeds "$build/06_training/train" --data accents.tsv --d-model 32 --heads 2 --layers 1 --ff 64 --vocab 340 \
    --dropout 0 --label-smoothing 0 --lr 0.01 --warmup 20 --batch-tokens 256 --max-length 24 \
    --steps 250 --threads 2 --no-plots --out accents
cut -f 1 accents.tsv >composed.en
sed "s/$(printf '\303\275')/y$(printf '\314\201')/" composed.en >apart.en
! cmp -s composed.en apart.en
ok $? 'the accents are apart'
succeeds from composed.en "$translate" --model accents/model.safetensors
cp stdout composed.de
succeeds from apart.en "$translate" --model accents/model.safetensors
same composed.de stdout
# Characters that the model has never seen: a warning with the line, once, and translations as ever.
{ sed -n 1,2p s.en; printf '\320\266 dog\n\320\266\n'; sed -n 3p s.en; } >strange.en
run from strange.en tr_
[ "$status" -eq 0 ] && [ "$(wc -l <stdout)" -eq 5 ] && [ "$(wc -l <stderr)" -eq 1 ] &&
    grep -q "^translate: warning: stdin:3: the model has never seen '.*' (U+0436)" stderr
ok $? 'a character that was never met is named with its line'
# U+009B begins a terminal's commands as ESC and a bracket do.
printf 'the \302\233 dog\n' >commands.en
run from commands.en tr_
grep -q "the model has never seen '?' (U+009B)" stderr && ! LC_ALL=C grep -q "$(printf '\233')" stderr
ok $? 'a control character is not shown as it is'

# What has come is answered when the input pauses, and the rest when it goes on.
mkfifo pausing
tr_ <pausing >answers 2>stderr &
pid=$!
exec 3>pausing
for count in 1 2; do
    sed -n ${count}p s.en >&3
    tries=0
    while [ "$(wc -l <answers)" -lt $count ] && [ $tries -lt 600 ]; do
        sleep 0.1 2>/dev/null || sleep 1
        tries=$((tries + 1))
    done
    [ "$(wc -l <answers)" -eq $count ]
    ok $? "line $count is answered while the input is open"
done
sed -n '3,$p' s.en >&3
exec 3>&-
wait $pid
ok $? 'it ends with the input'
same together answers

# ---------------------------------------------------------------------------- options
awk 'NR <= 12 { print $1, $2 }' s.en >t.en
awk 'NR <= 12 { print toupper($1) "\t" toupper($2) }' s.en >t.de
succeeds "$build/06_training/train" --src t.en --tgt t.de --d-model 32 --heads 2 --layers 1 --ff 64 --vocab 340 \
    --dropout 0 --label-smoothing 0 --lr 0.01 --warmup 20 --batch-tokens 64 --max-length 24 \
    --steps 300 --threads 2 --no-plots --out tabs
succeeds from t.en "$translate" --model tabs/model.safetensors --align
[ "$(awk -F '\t' 'NF != 2' stdout | wc -l)" -eq 0 ]
ok $? 'a tab that the model says does not make a column'
succeeds from gaps.en tr_ --align
cut -f 1 stdout >words
same gaps.de words
[ "$(cut -f 2 stdout | grep -c '^\([0-9][0-9]*-[0-9][0-9]*\( \|$\)\)*$')" -eq 6 ]
ok $? 'alignments are pairs of numbers'
awk -F '\t' '{ if (split($1, w, " ") != split($2, p, " ")) exit 1 }' stdout
ok $? 'every target word is aligned'
head -n 1 s.en >few.en
succeeds from few.en tr_ --beam 400 # more than there are tokens
[ "$(grep -c . stdout)" -eq 1 ]
ok $? 'a beam wider than the vocabulary translates'
usage() { pattern=$1; shift; refused 2 "$pattern" from s.en tr_ "$@"; }
usage '--beam 0: expected a whole number from 1 to 1000' --beam 0
usage '--beam 1001: expected a whole number from 1 to 1000' --beam 1001
usage '--beam two: expected a whole number' --beam two
usage '--length-penalty -1: expected a number from 0 to 10' --length-penalty -1
usage '--bean: unknown' --bean 4
usage 's.en: unexpected argument' s.en
if [ -c /dev/full ]; then
    (tr_ <s.en >/dev/full 2>stderr)
    status=$?
    drop_progress
    [ $status -eq 1 ] && [ "$(wc -l <stderr)" -eq 1 ] && grep -q '^translate: cannot write to stdout' stderr
    ok $? 'a full disk behind stdout is reported'
else
    echo 'skipped: a full disk behind stdout (no /dev/full)'
fi

# A terminal gets a prompt and each answer at once. script(1) of util-linux lends one.
if script -q -e -c true /dev/null >script.log 2>&1 </dev/null; then
    { sed -n 1p s.en; echo; sed -n 2p s.en; } >typed
    script -q -e -c "'$translate' --model $model --threads 2" /dev/null <typed >screen 2>&1
    ok $? 'at a terminal it ends with status 0'
    grep -q '> ' screen && tr -d '\r' <screen | grep -q "$(sed -n 1p together)" &&
        tr -d '\r' <screen | grep -q "$(sed -n 2p together)"
    ok $? 'at a terminal there is a prompt, and translations'
else
    echo 'skipped: a terminal (no script command of util-linux)'
fi

# ---------------------------------------------------------------------------- model files
loads() { pattern=$1; shift; refused 1 "$pattern" from s.en "$translate" --model "$@"; }
loads 'nowhere: cannot open: No such file' nowhere
loads ': is a directory' run
mkfifo pipe.safetensors
loads 'pipe.safetensors: is not a regular file' pipe.safetensors
refused 1 'pipe.safetensors: is not a regular file' "$forward" --load pipe.safetensors --src 5 --tgt 1
rm pipe.safetensors
loads 'empty: 0 bytes are too few' empty
loads 's.en: not a safetensors file: header length [0-9]* at byte 0, at most' s.en
printf 'PK\003\004 torch.save' >model.pt
loads 'model.pt: not a safetensors file but a zip archive, as torch.save writes' model.pt
bytes=$(wc -c <$model)
header=$(od -An -tu8 -N8 $model | tr -d ' ')
for keep in 1 8 9 1000 $((header + 7)) $((header + 8)) $((bytes / 2)) $((bytes - 1)); do
    head -c "$keep" $model >cut.safetensors
    loads 'cut.safetensors: ' cut.safetensors
    refused 1 'cut.safetensors: ' "$forward" --load cut.safetensors --src 5 --tgt 1
done
{ cat $model; echo; } >more.safetensors
loads 'more.safetensors: the tensors end at byte' more.safetensors
loads 'state.safetensors: is the state of a training; the model is model.safetensors beside it' run/state.safetensors
# Finite, and too large to compute with: the first weights become 3e38, or, of doubles, 1.8e308.
cp $model huge.safetensors
huge='\346\261\141\177'
if grep -q -a '"dtype":"F64"' $model; then huge='\377\377\377\377\377\377\357\177'; fi
LC_ALL=C awk "BEGIN { for (i = 0; i < 4000; i++) printf \"$huge\" }" |
    dd of=huge.safetensors bs=1 seek=$((header + 8)) conv=notrunc 2>dd.log
loads 'huge.safetensors: the model.s scores are not finite numbers: its weights are too large, as [0-9.]*e+[0-9]* in tensor' huge.safetensors
refused 1 'the result is not a finite number: the weights are too large, as [0-9.]*e+[0-9]* in tensor' "$forward" --load huge.safetensors --src '5 9' --tgt '1 7 8'
refused 1 'the result is not a finite number' "$forward" --load huge.safetensors --src '5 9' --tgt '1 7 8' --loss
# A bit of the header in twelve places; tests/test_translator.c flips them all.
for i in 0 1 2 3 4 5 6 7 8 9 10 11; do
    at=$((9 + i * (header / 12)))
    old=$(od -An -tu1 -j $at -N 1 $model | tr -d ' ')
    cp $model flipped.safetensors
    # shellcheck disable=SC2059
    printf "\\$(printf %03o $((old ^ 1)))" | dd of=flipped.safetensors bs=1 seek=$at conv=notrunc 2>dd.log
    loads 'flipped.safetensors: damaged: the header' flipped.safetensors
done
# A header of other writers has no checksum, and every entry is checked for itself.
other() { # other HEADER: a file with that header and 16 bytes of data
    { printf "\\$(printf %03o ${#1})\\000\\000\\000\\000\\000\\000\\000%s" "$1"; printf '0123456789abcdef'; } >other.safetensors
}
forwards() { # forwards HEADER PATTERN
    other "$1"
    refused 1 "other.safetensors: .*$2" "$forward" --load other.safetensors --src 5 --tgt 1
    loads 'other.safetensors: ' other.safetensors
}
# shellcheck disable=SC2089
forwards '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}' 'begins at byte 4 of the data, expected 8'
forwards '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}' 'begins at byte 12 of the data, expected 8'
forwards '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}' 'end at byte 8 of the data, the file at 16'
forwards '{"a":{"dtype":"F32","shape":[8],"data_offsets":[0,32]}}' 'do not lie within'
forwards '{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,16]}}' 'takes 12 bytes'
forwards '{"a":{"dtype":"F99","shape":[4],"data_offsets":[0,16]}}' 'unknown dtype'
forwards '{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[8],"data_offsets":[8,16]}}' 'duplicate'
forwards '{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}' 'src_embed.weight'

# ---------------------------------------------------------------------------- forward
refused 2 'id\|needed' "$forward" --load $model --src 5
refused 1 'id 999 is not in the vocabulary' "$forward" --load $model --src 999 --tgt 1
refused 1 '"x" is not a whole number' "$forward" --load $model --src x --tgt 1
refused 1 '2 sentences, --tgt 1' "$forward" --load $model --src '5;6' --tgt 1
refused 1 'sentence 2 is empty' "$forward" --load $model --src '5;;6' --tgt '1;1;1'
succeeds "$forward" --load $model --src '5 9' --tgt '1 7 8' --loss
prints '^loss [0-9]'

# ---------------------------------------------------------------------------- shortlist
shortlist=$build/06_training/shortlist
# Of single bytes and few merges a list has to have nearly all; then it changes nothing.
succeeds "$shortlist" --model $model --data s.tsv --each 300 --out lists.tsv
grep -q 'of its translation 100.00 % are among them' stdout
ok $? 'a list of all that ever comes with a token has all that a translation needs'
succeeds from s.en tr_ --shortlist lists.tsv
same together stdout
succeeds "$shortlist" --model $model --data s.tsv --each 5 --always 10 --out lists.tsv
grep -q '^# shortlist for vocabulary ........ of [0-9]* tokens' lists.tsv
ok $? 'an earlier list is replaced'
for way in '' '--beam 1' '--recompute' '--threads 1'; do
    # shellcheck disable=SC2086
    succeeds from s.en tr_ --shortlist lists.tsv $way
    [ "$(paste stdout s.de | awk -F '\t' '$1 == $2' | wc -l)" -ge 30 ]
    ok $? "with short lists it says what it has learned, too ($way)"
done
succeeds from s.en tr_ --shortlist lists.tsv --nbest 2
[ "$(wc -l <stdout)" -ge 40 ]
ok $? 'lists and N best go together'
cut -f 1 s.tsv >all.en
cut -f 2 s.tsv >all.de
succeeds "$shortlist" --model $model --src all.en --tgt all.de --each 5 --always 10 --out again.tsv
same lists.tsv again.tsv
refused 1 's.en: is there and is no shortlist: it stays as it is' "$shortlist" --model $model --data s.tsv --out s.en
refused 1 'is there and is no shortlist' "$shortlist" --model $model --data s.tsv --out $model
refused 1 's.en: is no shortlist' from s.en tr_ --shortlist s.en
refused 1 'nowhere: cannot open' from s.en tr_ --shortlist nowhere
sed '3s/^[0-9]*/x/' lists.tsv >broken.tsv
refused 1 'broken.tsv:3: expected a token, its piece' from s.en tr_ --shortlist broken.tsv
sed '1s/vocabulary ......../vocabulary 01234567/' lists.tsv >other.tsv
refused 1 "other.tsv: is for another vocabulary than the model's" from s.en tr_ --shortlist other.tsv
sed '1s/trained on ......../trained on 01234567/' lists.tsv >back.tsv
refused 1 'back.tsv: is for a model that was trained on other pairs, or the other way round' from s.en tr_ --shortlist back.tsv
head -n 20 lists.tsv >cut.tsv
refused 1 'cut.tsv: 19 lists where its first line says [0-9]*: it is cut off' from s.en tr_ --shortlist cut.tsv
refused 1 'the pairs are the other way round' "$shortlist" --model $model --src all.de --tgt all.en --out back.tsv
# What cannot be read is not ours, and what is no file is not waited for.
mkfifo pipe.tsv
refused 1 'pipe.tsv: is there and is no shortlist' "$shortlist" --model $model --data s.tsv --out pipe.tsv
rm pipe.tsv
# A limit on the size of files is an error like any other, and nothing half-written stays.
(ulimit -f 1 && "$shortlist" --model $model --data s.tsv --each 300 --out large.tsv) >stdout 2>stderr
[ $? -eq 1 ] && grep -q 'large.tsv: cannot write: File too large' stderr && [ -z "$(ls | grep '^large')" ]
ok $? 'a file that may not be that large'
: >kept.tsv.999999999-0.tmp
: >lists.tsv.999999999-0.tmp
succeeds "$shortlist" --model $model --data s.tsv --each 5 --always 10 --out lists.tsv
[ -e kept.tsv.999999999-0.tmp ] && [ ! -e lists.tsv.999999999-0.tmp ]
ok $? 'what a killed one has left is removed, and nothing else'
# One token each: there is no list to show some of.
succeeds "$shortlist" --model $model --data s.tsv --each 1 --out few.tsv
! grep -q 'some source words' stdout
ok $? 'no title above nothing'
refused 2 '--src and --tgt go together' "$shortlist" --model $model --src all.en
refused 2 '--data is instead of' "$shortlist" --model $model --src all.en --tgt all.de --data s.tsv

# ---------------------------------------------------------------------------- bleu
succeeds from s.de "$bleu" --ref s.de
prints '= 100.0 '
sed 's/hund/wolf/' s.de >t.de
succeeds from s.de "$bleu" --ref t.de
sed 's/.* = \([0-9.]*\) .*/\1/' stdout >first
succeeds from s.de "$bleu" --ref t.de --ref s.de
prints 'nrefs:2|.* = 100.0 '
[ "$(cat first)" != 100.0 ]
ok $? 'another reference gives another score'
sed '3s/.*//' s.de >gap.de # an empty translation is scored like any other: it costs
succeeds from gap.de "$bleu" --ref s.de
prints ' = 9[0-9].[0-9] '
sed 's/.*//' s.de >nothing.de
succeeds from nothing.de "$bleu" --ref s.de
prints ' = 0.0 .*hyp_len = 0 ref_len = 200)'
tr "[:lower:]" "[:upper:]" <s.de >upper.de
succeeds from upper.de "$bleu" --ref s.de --lc
prints 'case:lc.* = 100.0 '
printf 'caf\303\251\nth\303\251\n' >together.fr
printf 'cafe\314\201\nthe\314\201\n' >apart.fr
succeeds from apart.fr "$bleu" --ref apart.fr
run from together.fr "$bleu" --ref apart.fr
[ "$status" -eq 0 ] && grep -q '^bleu: warning: apart.fr:1: accents are typed apart .* not in /dev/stdin' stderr
ok $? 'accents apart in one text and together in the other are warned of'
run from apart.fr "$bleu" --ref together.fr
grep -q '^bleu: warning: /dev/stdin:1: accents are typed apart .* not in together.fr' stderr
ok $? 'and the other way round'
printf '我喜欢猫\n他喜欢狗。\n' >zh
for tok in zh char; do
    succeeds from zh "$bleu" --ref zh --tok $tok
    prints "tok:$tok|.* = 100.0 .*hyp_len = 9 ref_len = 9)"
done
run from zh "$bleu" --ref zh
[ "$status" -eq 0 ] && grep -q '^bleu: warning: .*without spaces between words.*--tok zh' stderr
ok $? 'a script without spaces is told which tokenizer it needs'
head -n 39 s.de >short.de
refused 1 '/dev/stdin has 40 lines but short.de has 39' from s.de "$bleu" --ref short.de
refused 1 '/dev/stdin has 40 lines but short.de has 39' from s.de "$bleu" --ref s.de --ref short.de
refused 1 'nowhere: cannot open' from s.de "$bleu" --ref nowhere
refused 1 'is a directory' from s.de "$bleu" --ref .
# A closed descriptor is not what file_begin has opened in its place.
# shellcheck disable=SC2016
refused 1 '/dev/stdin: cannot read: Bad file descriptor' sh -c '"$1" --ref s.de <&-' sh "$bleu"
refused 1 'stdin: is empty' from empty "$bleu" --ref s.de
refused 1 'empty: is empty' from s.de "$bleu" --ref empty
refused 1 'bad.en:4: not UTF-8: byte 0xff' from s.de "$bleu" --ref bad.en
refused 1 'stdin:4: not UTF-8: byte 0xff' from bad.en "$bleu" --ref s.de
refused 2 '--ref: expected at least one' from s.de "$bleu"
refused 2 '--tok moses: expected one of 13a, intl, zh, char, none' from s.de "$bleu" --ref s.de --tok moses
refused 2 '--width 16: expected a whole number from 0 to 15' from s.de "$bleu" --ref s.de --width 16
# shellcheck disable=SC2046
refused 2 '--ref' from s.de "$bleu" $(awk 'BEGIN { for (i = 0; i < 33; i++) print "--ref s.de" }')
if [ -c /dev/full ]; then
    ("$bleu" --ref s.de <s.de >/dev/full 2>stderr)
    [ $? -eq 1 ] && [ "$(wc -l <stderr)" -eq 1 ]
    ok $? 'bleu: a full disk behind stdout is reported'
fi

report
