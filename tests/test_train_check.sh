#!/bin/sh
# build/06_training/train --check from outside: it finds what is wrong with a data set, names it, and
# leaves nothing behind; and what train says and chooses before it begins.
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/cli.sh
. tests/cli.sh
cd "$tree" || exit 1
train=$build/06_training/train

# ---------------------------------------------------------------------------- sentences
"$build/01_embeddings/make_corpus" --split train --count 2000 >all.tsv
"$build/01_embeddings/make_corpus" --split valid --count 200 >valid.tsv
cut -f 1 all.tsv >all.en
cut -f 2 all.tsv >all.fr
cut -f 1 valid.tsv >valid.en
cut -f 2 valid.tsv >valid.fr
model='--d-model 32 --heads 2 --layers 1 --ff 64 --threads 2 --no-plots'
valid='--valid-src valid.en --valid-tgt valid.fr'
# check STATUS OPTIONS...: with small models; nothing may be written.
check() {
    wanted=$1
    shift
    # shellcheck disable=SC2086
    run "$train" --check $model --out unwritten "$@"
    [ "$status" -eq "$wanted" ] && [ ! -s stderr ]
    ok $? "status $wanted expected, status $status: --check $*"
    [ ! -e unwritten ]
    ok $? "--check $*: something was written"
}
# wrong PATTERN: that is wrong, and nothing else.
wrong() {
    prints "^wrong *$1"
    prints '^[0-9]* checks: .*, 1 wrong$'
}

# ---------------------------------------------------------------------------- as it should be
# shellcheck disable=SC2086
check 0 --src all.en --tgt all.fr $valid
prints '^2[0-9] checks: 2[0-9] ok, 0 to look at, 0 wrong$'
prints '^from the size of the data: --vocab [0-9]* (tiny: 4000), --batch-tokens 256 (tiny: 2048), --lr 0.0012 (tiny: 0.0035)$'
prints '^sentence 2 of 2: source'
prints '^    masked .*yes$'
prints '^  decoder reads  *<s> '
prints '^  is to say .*</s> <pad>'
prints '^ok *first loss .*; ln V'
prints '^ok *prefix test'
prints '^ok *padding test'
prints '^ok *8 pairs by heart.* 8 said exactly$'
prints '^  *decoder.layers.0 '
cp stdout first
# shellcheck disable=SC2086
check 0 --src all.en --tgt all.fr $valid
same first stdout
paste all.en all.fr >again.tsv
# shellcheck disable=SC2086
check 0 --data again.tsv
# A preset by name keeps its numbers, and so does what is given.
# shellcheck disable=SC2086
check 0 --src all.en --tgt all.fr $valid --preset tiny --vocab 1000
! grep -q 'from the size' stdout
ok $? '--preset tiny is changed'
# shellcheck disable=SC2086
check 0 --src all.en --tgt all.fr $valid --batch-tokens 300
prints '^from the size of the data: --vocab [0-9]* (tiny: 4000)$'
# Another script is no fault.
tr 'a-z' 'n-za-m' <all.fr | sed 's/a/д/g; s/e/ж/g; s/r/ш/g; s/[b-z]/ц/g; s/[A-Z]/Ф/g' >all.ru
paste all.en all.ru >script.tsv
check 0 --data script.tsv
prints '^ok *target letters: Cyrillic'

# Of few sentences in a script of many characters, each character has a token.
awk 'BEGIN {
    split("0 1 2 3 4 5 6 7 8 9 A B C D E F G H I J", en, " ")
    split("零 壹 贰 叁 肆 伍 陆 柒 捌 玖 甲 乙 丙 丁 戊 己 庚 辛 壬 癸", zh, " ")
    split("大 小 红 绿 黑 白 新 老 高 低 冷 热 快 慢 远 近 早 晚 干 湿", more, " ")
    split("山 水 火 木 金 土 日 月 星 云 风 雨 雪 花 草 树 鸟 鱼 马 牛", last, " ")
    for (i = 0; i < 80; i++) {
        a = i % 20 + 1; b = (3 * i + int(i / 20)) % 20 + 1; c = i * 7 % 20 + 1
        print en[a] "x " en[b] "y " en[c] "z\t" zh[a] more[b] last[c]
    }
}' >han.tsv
check 0 --data han.tsv
prints '^ok *validation pairs with characters that training or the vocabulary has not: 0'

# ---------------------------------------------------------------------------- broken
{ tail -n +2 all.fr; head -n 1 all.fr; } >shifted.fr
# shellcheck disable=SC2086
check 1 --src all.en --tgt shifted.fr $valid
prints "^wrong *a source's own target fits"
prints 'shifted against each other: line 1 of the target fits line 2'
{ head -n 1000 all.fr; tail -n +1002 all.fr; head -n 1 all.fr; } >late.fr
# shellcheck disable=SC2086
check 1 --src all.en --tgt late.fr $valid
wrong 'but its own fits by chance only (5 of 10) in lines 1001 to 2000'
awk '{ print NR * 7919 % 2003 "\t" $0 }' all.fr | sort -n | cut -f 2 >mixed.fr
# shellcheck disable=SC2086
check 1 --src all.en --tgt mixed.fr $valid
prints "^wrong *a source's own target fits"
prints 'no translations of each'
check 1 --src all.en --tgt all.en --valid-src valid.en --valid-tgt valid.en
wrong 'source equal to target: 2000 pairs (100.0 %); of validation 200 (100.0 %)'
# One file for both sides of the validation pairs.
check 1 --src all.en --tgt all.fr --valid-src valid.en --valid-tgt valid.en
prints '^wrong *source equal to target: 0 pairs (0.0 %); of validation 200 (100.0 %)$'
# Validation pairs that fit less than those of training: of each three one belongs to others.
awk -F '\t' 'NR % 3 == 0 { print $1 "\t" kept; next } { kept = $2; print }' valid.tsv >third.tsv
check 0 --src all.en --tgt all.fr --valid-data third.tsv
prints "^look at this *a validation source's own target, by what training pairs tell, in"
prints '0 wrong$'
awk 'NR % 5 == 0 { print ""; next } { print }' all.fr >gaps.fr
# shellcheck disable=SC2086
check 1 --src all.en --tgt gaps.fr $valid
wrong 'left out: 400 pairs (20.0 %) with an empty side'
for i in 1 2 3 4; do head -n 500 all.tsv; done >often.tsv
check 1 --data often.tsv --valid-src valid.en --valid-tgt valid.fr
wrong 'repeated: 1500 pairs (75.0 %)'
check 1 --src all.en --tgt all.fr --valid-data often.tsv
wrong 'validation pairs that are trained on: 2000 (100.0 %)'
# The same in other letters and with other spaces is the same.
head -n 50 valid.tsv | tr 'A-Z' 'a-z' | sed 's/ /  /' | cat all.tsv - >leak.tsv
# shellcheck disable=SC2086
check 1 --data leak.tsv $valid
wrong 'validation pairs that are trained on: 50 (25.0 %); sources: 50 (25.0 %)'
# shellcheck disable=SC2086
check 1 --src all.en --tgt all.ru $valid
prints '^wrong *target letters: Cyrillic; validation: Latin'
check 1 --src all.en --tgt all.fr --valid-src valid.fr --valid-tgt valid.en
prints '^wrong *sides exchanged: 0 pairs (0.0 %); of validation 200 (100.0 %)'
head -n 10 all.tsv >ten.tsv
check 1 --data ten.tsv
wrong 'pairs: 9 to learn from, 1 to judge by'
head -n 200 all.tsv >some.tsv
check 0 --data some.tsv
prints '^look at this *pairs: 189 to learn from'
# The rate climbs for a tenth of what ends the training, here steps (80 epochs), and not the clock.
steps=$(sed -n 's/^to do: 80 epochs of [0-9]* batches, \([0-9]*\) steps, or .*/\1/p' stdout)
prints "^learning rate: up to [0-9.]* in $((steps / 10)) steps or a tenth of the time, if that is less, then down to 0"
# Two kinds of pairs that take turns are pairs all the same.
awk -F '\t' '{ print "<fr> " $1 "\t" $2; print "<en> " $2 "\t" $1 }' all.tsv | head -n 2000 >turns.tsv
awk -F '\t' '{ print "<fr> " $1 "\t" $2; print "<en> " $2 "\t" $1 }' valid.tsv >turns_valid.tsv
check 0 --data turns.tsv --valid-data turns_valid.tsv
prints "^ok *a source's own target fits"
# Four pairs of ten that belong to others, here and there.
awk -F '\t' 'NR % 5 < 2 { print $1 "\t" kept; next } { kept = $2; print }' all.tsv | tail -n +6 >strangers.tsv
# shellcheck disable=SC2086
check 1 --data strangers.tsv $valid
wrong "a source's own target fits"
# One of four: a person is to look; and of few pairs no more can be said.
awk -F '\t' 'NR % 4 < 1 { print $1 "\t" kept; next } { kept = $2; print }' all.tsv | tail -n +6 >strangers.tsv
# shellcheck disable=SC2086
check 0 --data strangers.tsv $valid
prints "^look at this *a source's own target fits"
awk -F '\t' 'NR % 5 < 2 { print $1 "\t" kept; next } { kept = $2; print }' all.tsv | head -n 900 >strangers.tsv
# shellcheck disable=SC2086
check 0 --data strangers.tsv $valid
# One target for all sources, or for some: then nothing is known of exchanged sides.
awk '{ print "Un." }' all.en >one.fr
# shellcheck disable=SC2086
check 1 --src all.en --tgt one.fr $valid
prints '^wrong *one and the same source: 1 pairs (0.1 %) at most; target: 2000 (100.0 %)$'
prints '^look at this *whether sources and targets belong together cannot be told of any pair$'
! grep -q -e 'sides exchanged' -e '10.0 of 10' stdout
ok $? 'something is said of what cannot be known'
awk 'NR > 2 && NR % 5 == 0 { print "Un."; next } { print }' all.fr >one.fr
# shellcheck disable=SC2086
check 0 --src all.en --tgt one.fr $valid
prints '^look at this *one and the same source: 1 pairs (0.1 %) at most; target: 400 (20.0 %)$'
prints '^ *Line 5 is the first'
# Nearly half of the pairs the other way round.
awk -F '\t' 'NR * 7919 % 100 < 45 { print $2 "\t" $1; next } { print }' all.tsv >turned.tsv
# shellcheck disable=SC2086
check 1 --data turned.tsv $valid
prints '^wrong *sides exchanged: 9[0-9][0-9] pairs'
# Just half of them: the validation pairs are right.
for order in 'NR % 2' 'NR % 2 == 0' 'NR <= 1000' 'NR > 1000'; do
    awk -F '\t' "$order"' { print $2 "\t" $1; next } { print }' all.tsv >turned.tsv
    # shellcheck disable=SC2086
    check 1 --data turned.tsv $valid
    prints '^wrong *sides exchanged: 1000 pairs (50.0 %); of validation 0 (0.0 %)$'
done
# Letters that training never had, ASCII or not.
sed 's/a/8/g; s/e/q8/g' valid.tsv >eights.tsv
check 1 --src all.en --tgt all.fr --valid-data eights.tsv
prints '^wrong *validation pairs with characters that training'
# What a web page leaves in its sentences.
awk 'NR % 20 == 0 { print "<p>" $0 "</p>"; next } { print }' all.fr >page.fr
# shellcheck disable=SC2086
check 0 --src all.en --tgt page.fr $valid
prints '^look at this *markup .*: 100 pairs (5.0 %), the first is line 20$'
# UTF-8 that was read as another encoding and written again: of some lines, or of most.
sed 's/é/Ã©/g; s/è/Ã¨/g' all.fr | paste all.fr - | awk -F '\t' '{ print NR % 3 ? $1 : $2 }' >twice.fr
count=$(grep -c 'Ã' twice.fr)
first=$(grep -n 'Ã' twice.fr | head -n 1 | cut -d : -f 1)
# shellcheck disable=SC2086
check 0 --src all.en --tgt twice.fr $valid
prints "^look at this *remnants of an encoding .*: source 0 (0.0 %), target $count ([0-9.]* %), the first is line $first\$"
sed 's/[aeiou]/Ã©/' all.fr >twice.fr
# shellcheck disable=SC2086
check 1 --src all.en --tgt twice.fr $valid
prints '^wrong *remnants of an encoding'
# Letters that another encoding had.
awk 'NR % 20 == 0 { print $0, "\357\277\275" ; next } { print }' all.fr >lost.fr
# shellcheck disable=SC2086
check 0 --src all.en --tgt lost.fr $valid
prints '^look at this *lost letters (U+FFFD): 100 pairs (5.0 %), the first is line 20$'
# What nobody sees: one is enough; and a second file with its mark, put behind the first.
awk 'NR % 20 == 0 { sub(/ /, "\302\255 ") } { print }' all.fr >hyphens.fr
{ head -n 1 all.en; printf '\357\273\277'; tail -n +2 all.en; } >marked.en
# shellcheck disable=SC2086
check 0 --src all.en --tgt hyphens.fr $valid
prints '^look at this *invisible characters: source 0 (0.0 %), target 100 (5.0 %), the first is line 20 of the target: U+00AD, soft hyphen$'
# shellcheck disable=SC2086
check 0 --src marked.en --tgt all.fr $valid
prints '^look at this *invisible characters: source 1 (0.1 %), target 0 (0.0 %), the first is line 2 of the source: U+FEFF, byte order mark$'
prints '^[0-9]* checks: .*, 1 to look at, 0 wrong$'
# Of a file with Windows' line ends and another beside it: those ends are within the lines.
awk '{ print $0 "\r" }' all.en | paste - all.fr | awk 'NR == 1 { print "\tx" } { print }' >windows.tsv
# shellcheck disable=SC2086
check 0 --data windows.tsv $valid
prints '^look at this *control characters: source 2000 (100.0 %), target 0 (0.0 %), the first is line 2 of the source: U+000D, carriage return$'
# Letters that became question marks; of a few one may have meant them.
awk 'NR % 50 == 0 { $0 = "h?llo " $0 } { print }' all.fr >asked.fr
# shellcheck disable=SC2086
check 0 --src all.en --tgt asked.fr $valid
prints '^look at this *question marks within words (h?llo): source 0 (0.0 %), target 40 (2.0 %), the first is line 50 of the target$'
awk 'NR % 105 == 0 { $0 = "h?llo " $0 } { print }' all.fr >asked.fr
# shellcheck disable=SC2086
check 0 --src all.en --tgt asked.fr $valid
! grep -q 'question marks' stdout
ok $? 'fewer question marks than one in a hundred are no matter'
# What was decoded twice has controls and soft hyphens for letters: it is named by that name alone.
awk '{ print $0 (NR % 20 ? "" : NR % 40 ? " \303\203\302\255" : " \303\203\302\201") }' all.fr >twice.fr
# shellcheck disable=SC2086
check 0 --src all.en --tgt twice.fr $valid
prints '^look at this *remnants of an encoding .* target 100 (5.0 %)'
! grep -q -e 'invisible' -e 'control' stdout
ok $? 'a wrong encoding is taken for stray characters'
# In Hebrew letters marks of direction are right.
tr 'a-z' 'n-za-m' <all.fr | sed 's/a/ל/g; s/e/ש/g; s/r/ר/g; s/[b-z]/כ/g; s/[A-Z]/ד/g' |
    awk '{ print $0 "\342\200\217" }' | paste all.en - >hebrew.tsv
check 0 --data hebrew.tsv
prints '^ok *target letters: Hebrew'
! grep -q 'invisible' stdout
ok $? 'a mark of direction is taken for a stray character'
# One of a few validation pairs is no reason to begin anew.
head -n 56 all.tsv >few.tsv
printf 'Taxi!\tTaxi!\n' >equal.tsv
head -n 3 valid.tsv >>equal.tsv
check 0 --data few.tsv --valid-data equal.tsv --vocab 400
prints '^look at this *source equal to target: 0 pairs (0.0 %); of validation 1 (25.0 %)$'
# What is not written as in validation: every second target in capitals, a source cut into tokens.
awk 'NR % 2 { print toupper($0); next } { print }' all.fr >capitals.fr
# shellcheck disable=SC2086
check 0 --src all.en --tgt capitals.fr $valid
prints '^look at this *target: of the lines there are all in capitals [45][0-9.]* %; of validation 0.0 %$'
tr '[:upper:]' '[:lower:]' <all.en >low.en
# shellcheck disable=SC2086
check 0 --src low.en --tgt all.fr $valid
prints '^look at this *source: of the lines there are without any capital 100.0 %; of validation 0.0 %$'
sed 's/\.$/ . /' all.en >tokens.en
# shellcheck disable=SC2086
check 0 --src tokens.en --tgt all.fr $valid
prints '^look at this *source: of full stops at the end there stand alone 100.0 %; of validation 0.0 %$'
# Lines are counted as the file has them, with those that are left out.
{ printf '\tx\nx\t\n\n'; paste all.en page.fr; } >gaps.tsv
# shellcheck disable=SC2086
check 0 --data gaps.tsv $valid
prints '^look at this *markup .*: 100 pairs (5.0 %), the first is line 23$'
awk 'NR == 31 { for (i = 0; i < 40; i++) printf "%s ", $0; print ""; next } NR % 50 == 7 { print $0, $0, $0, $0, $0, $0; next } { print }' all.fr >long.fr
{ printf '\n\n'; paste all.en long.fr; } >uneven.tsv
# shellcheck disable=SC2086
check 0 --data uneven.tsv $valid --max-length 150
prints '^look at this *lengths: .* three times the pieces on one side, the first is line 9$'
# Words are counted of the pairs that are kept: the longest is no sentence of training.
awk 'NR == 31 { for (i = 0; i < 9000; i++) printf "x "; print ""; next } { print }' all.en >huge.en
# shellcheck disable=SC2086
check 0 --src huge.en --tgt all.fr $valid
grep '^source: ' stdout | cut -d , -f 1 >huge
awk 'NR != 31' all.en >without.en
awk 'NR != 31' all.fr >without.fr
# shellcheck disable=SC2086
check 0 --src without.en --tgt without.fr $valid
grep '^source: ' stdout | cut -d , -f 1 >without
same huge without
# Signs alone, which translate leaves as they are: a variation selector makes no word of one.
awk 'NR % 20 == 0 { print "❤️ ❤ …"; next } { print }' all.en >signs.en
# shellcheck disable=SC2086
check 0 --src signs.en --tgt all.fr $valid
prints '^look at this *sources without a letter or a number: 100 pairs (5.0 %)$'
# Numbers in digits: 40 pairs have them, in 10 of which they differ; of a few nothing is said.
awk 'NR % 50 == 3 { print $0, NR; next } { print }' all.en >digits.en
awk 'NR % 50 == 3 { print $0, NR + (NR % 200 == 53); next } { print }' all.fr >digits.fr
# shellcheck disable=SC2086
check 0 --src digits.en --tgt digits.fr $valid
prints '^look at this *numbers: in 10 of 40 pairs with digits on both sides (25.0 %) they differ, the first is line 53$'
awk 'NR % 50 == 3 { print $0, NR + (NR == 53); next } { print }' all.fr >fewer.fr
# shellcheck disable=SC2086
check 0 --src digits.en --tgt fewer.fr $valid
! grep -q 'numbers:' stdout
ok $? 'a number that differs is no matter'
# Sentences of one length: the batch that is shown has two all the same, and is of two lengths if
# there are any.
head -n 60 all.tsv >sixty.tsv
check 0 --data sixty.tsv --valid-data valid.tsv
grep -E '^sentence [12] of 2' stdout | sort -u | wc -l >two
[ "$(cat two)" -eq 2 ] && [ "$(grep -A 1 '^sentence 1 of 2' stdout | tail -n 1)" != "$(grep -A 1 '^sentence 2 of 2' stdout | tail -n 1)" ]
ok $? 'the same sentence is shown twice'
# Shifted at both ends, right between.
awk -F '\t' 'NR <= 300 || NR > 1700 { print $1 "\t" before; before = $2; next } { print; before = $2 }' \
    all.tsv | tail -n +2 >ends.tsv
# shellcheck disable=SC2086
check 1 --data ends.tsv $valid
prints '^wrong *but its own fits by chance only (5 of 10) in [2-9] tenths of the pairs, the first of them from line 1 on'
# A training that is over before it has begun.
# shellcheck disable=SC2086
check 1 --src all.en --tgt all.fr $valid --steps 20
wrong 'steps: 20, at most'
refused 2 '--check looks at a new run' "$train" --check --resume
refused 1 'nowhere: cannot open' "$train" --check --src nowhere --tgt all.fr

# ---------------------------------------------------------------------------- what is chosen is kept
# A run whose sizes followed from its data goes on with them, although nobody gives them again.
# shellcheck disable=SC2086
succeeds "$train" --data some.tsv $model --epochs 3 --stop-after 20 --out sized
prints '^from the size of the data: --vocab'
prints '^to do: 3 epochs of [0-9]* batches, [0-9]* steps$'
prints '^source: [0-9.]* words, [0-9.]* pieces a sentence ([0-9.]* a word), [0-9]* at most$'
# shellcheck disable=SC2086
succeeds "$train" --data some.tsv $model --resume --out sized
# shellcheck disable=SC2086
succeeds "$train" --data some.tsv $model --epochs 3 --out whole
same sized/model.safetensors whole/model.safetensors
# What the report says of the rate is what it does: of ten epochs it climbs one.
# shellcheck disable=SC2086
succeeds "$train" --data some.tsv $model --epochs 10 --minutes 60 --out climb
batches=$(sed -n 's/^to do: 10 epochs of \([0-9]*\) batches, .*/\1/p' stdout)
prints "^learning rate: up to [0-9.]* in $batches steps or a tenth"
awk -F '\t' -v first="$batches" '
    $2 == first { if ($3 < 0.85 * 0.00088) bad = 1; last = $3 }
    $2 > first && NR > 1 { if ($3 >= last) bad = 1; last = $3 }
    END { exit bad || last == "" }' climb/log.tsv
ok $? "the rate does not fall from step $batches on"
report
