#!/bin/sh
# build/06_training/train stopped, killed, moved, resumed and begun again in the same folder: nothing is
# lost, nothing false is said, and a resumed run is the uninterrupted one. No check looks at the time.
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/cli.sh
. tests/cli.sh
cd "$tree" || exit 1
# shellcheck source=tests/train_cli.sh
. "$top/tests/train_cli.sh"

# ---------------------------------------------------------------------------- resume
# weights FILE: everything after the header, which holds the seconds.
weights() {
    header=$(od -An -tu8 -N8 "$1" | tr -d ' ')
    tail -c "+$((header + 9))" "$1"
}
# same_run A B: the same best model, the same weights, moments and random numbers, the same log, and
# the same to be seen of how it learned.
same_run() {
    same "$1/model.safetensors" "$2/model.safetensors"
    weights "$1/state.safetensors" >state.1
    weights "$2/state.safetensors" >state.2
    same state.1 state.2
    cut -f 1-6 "$1/log.tsv" >log.1
    cut -f 1-6 "$2/log.tsv" >log.2
    same log.1 log.2
    same "$1/learning.tsv" "$2/learning.tsv"
    same "$1/gradients.tsv" "$2/gradients.tsv"
}
succeeds small --steps 50 --out whole
# Sentences before the first step, after 25 and 50, and at each validation; and each is shown when it
# becomes another one.
cut -f 1 whole/learning.tsv | grep '^[0-9]' | uniq -c | awk '{ print $2 ($1 == 3 ? "" : " not three") }' >steps.1
{ printf '0\n25\n50\n'; cut -f 2 whole/log.tsv | tail -n +2; } | sort -n -u >steps.2
same steps.1 steps.2
awk -F '\t' '$1 ~ /^[0-9]/ && said[$2] != $3 { print "  " $2 "  " $3; said[$2] = $3 }' whole/learning.tsv >shown.1
awk '/^step 0$/ { after = 1 } after && /^  [1-3]  /' stdout >shown.2
# What is too long is cut, and half a character or a control shown as a sign for that: left out here.
whole_lines() { LC_ALL=C grep -a -v -e '[^ ->@-~]' -e ' \.\.\.$' "$1" | awk 'length($0) < 75'; }
whole_lines shown.1 >shown.3
whole_lines shown.2 >shown.4
[ -s shown.3 ] && cmp -s shown.3 shown.4
ok $? 'what is shown is not what becomes new in learning.tsv'
awk -F '\t' 'NR == 1 { columns = NF } NF != columns || NF < 11 { exit 1 }' whole/gradients.tsv
ok $? 'a row of gradients.tsv has other columns than its first line'
succeeds small --steps 50 --stop-after 25 --out parts # within the second epoch, at a row of learning.tsv
prints '^paused after 25 steps'
succeeds small --resume --steps 50 --stop-after 35 --out parts
prints '^resumed at step 25, epoch 2$'
succeeds small --resume --out parts
same_run whole parts
[ ! -e parts/earlier-1 ]
ok $? 'a resumed run is not moved aside'
succeeds small --resume --steps 50 --out parts # nothing left to do
same_run whole parts

# The rate comes down to 0 at the end of the budget; a pause does not change it (same_run above), a
# new budget lets it fall from where it is, and says so. --minutes is a budget like the others.
rates() { cut -f 3 "$1/log.tsv" | tail -n +2; }
falls() { awk "NR > 1 && \$1 > last { exit 1 } { last = \$1 } END { exit !(last < $1) }"; }
succeeds small --warmup 0 --lr 0.004 --epochs 6 --out falling
rates falling | falls 0.0002
ok $? 'with --epochs the rate does not come down to 0'
succeeds small --warmup 0 --lr 0.004 --steps 40 --stop-after 20 --out renewed
succeeds small --resume --steps 60 --out renewed
prints '^a new budget since step 20: the learning rate falls from 0.0021 to 0'
rates renewed | falls 0.0001
ok $? 'with a new budget the rate does not come down to 0'
succeeds small --schedule inverse-sqrt --steps 10 --out rooted
succeeds small --resume --steps 20 --out rooted
! grep -q 'a new budget' stdout
ok $? 'a rate that does not come down is said to'
succeeds small --warmup 0 --lr 0.004 --minutes 0.02 --out timed
rates timed | falls 0.002 # half: how far the last step is from the end is a matter of the machine
ok $? 'with --minutes the rate does not come down to 0'
succeeds small --warmup 0 --lr 0.004 --schedule inverse-sqrt --epochs 4 --out root
rates root | awk '$1 != 0.004 { exit 1 }' # no warm-up, no fall
ok $? 'the paper'"'"'s schedule is not its own'
succeeds small --resume --out root # remembered
refused 2 '--schedule cosine: expected one of linear, inverse-sqrt' small --schedule cosine --steps 2 --out unwritten

# A choice that is not the default is in both files and stays what it was; the default is in neither,
# so that files from before there was the choice are the same and can be resumed.
! grep -q -a attention whole/model.safetensors && ! grep -q -a train.attention whole/state.safetensors
ok $? 'the default attention is written down'
succeeds small --attention composed --steps 30 --out composed
grep -q -a '"attention":"composed"' composed/model.safetensors &&
    grep -q -a '"train.attention":"composed"' composed/state.safetensors
ok $? 'composed attention is not written down'
succeeds small --attention composed --steps 30 --stop-after 20 --out composed_parts
succeeds small --resume --out composed_parts
same composed/model.safetensors composed_parts/model.safetensors
same composed/epoch-1.safetensors composed_parts/epoch-1.safetensors
refused 1 'begun with --attention composed, which cannot become fused' small --resume --attention fused --out composed
refused 1 'begun with --attention fused, which cannot become composed' small --resume --attention composed --out whole
# Every other kind of positions trains, translates, stops and goes on, and stays what it was.
for kind in none learned rotary; do
    succeeds small --positions $kind --steps 30 --out $kind
    grep -q -a "\"positions\":\"$kind\"" $kind/model.safetensors &&
        grep -q -a "\"train.positions\":\"$kind\"" $kind/state.safetensors
    ok $? "positions $kind are not written down"
    succeeds small --positions $kind --steps 30 --stop-after 20 --out ${kind}_parts
    succeeds small --resume --out ${kind}_parts
    same $kind/model.safetensors ${kind}_parts/model.safetensors
    refused 1 "begun with --positions $kind, which cannot become sinusoid" small --resume --positions sinusoid --out $kind
    succeeds "$build/06_training/translate" --model $kind/model.safetensors <s.en
    [ "$(wc -l <stdout)" -eq 60 ]
    ok $? "positions $kind: as many lines as were read"
done
! grep -q -a positions whole/model.safetensors && ! grep -q -a train.positions whole/state.safetensors
ok $? 'the default positions are written down'
refused 2 '--positions up: expected one of none, sinusoid, learned, rotary' small --positions up --steps 2 --out unwritten
unwritten '--positions rotary turns pairs of columns: --d-model 6 in --heads 2 has heads of 3' --positions rotary --d-model 6 --src s.en --tgt s.de

# Where dropout acts is a choice of the same kind.
succeeds small --dropout 0.3 --dropout-at everywhere --steps 30 --out drops
succeeds small --dropout 0.3 --dropout-at residual --steps 30 --out residual
grep -q -a '"dropout_at":"residual"' residual/model.safetensors &&
    grep -q -a '"train.dropout-at":"residual"' residual/state.safetensors &&
    ! grep -q -a dropout.at drops/model.safetensors && ! grep -q -a dropout.at drops/state.safetensors
ok $? 'where dropout acts is not written down, or is where it need not be'
! cmp -s drops/model.safetensors residual/model.safetensors
ok $? 'dropout acts in the same places'
succeeds small --dropout 0.3 --dropout-at residual --steps 30 --stop-after 20 --out residual_parts
succeeds small --resume --out residual_parts
same residual/model.safetensors residual_parts/model.safetensors
refused 1 'begun with --dropout-at residual, which cannot become everywhere' small --resume --dropout-at everywhere --out residual

# So is who steps the matrices.
succeeds small --optimizer adam --steps 30 --out adam
succeeds small --optimizer muon --steps 30 --out muon
grep -q -a '"train.optimizer":"muon"' muon/state.safetensors && ! grep -q -a train.optimizer adam/state.safetensors
ok $? 'the optimizer is not written down, or is where it need not be'
! cmp -s muon/model.safetensors adam/model.safetensors
ok $? 'Muon does what Adam does'
succeeds small --optimizer muon --steps 30 --stop-after 20 --out muon_parts
succeeds small --resume --out muon_parts
same muon/model.safetensors muon_parts/model.safetensors
refused 1 'begun with --optimizer muon, which cannot become adam' small --resume --optimizer adam --out muon
# Each sentence read twice: another model, and a resumed run goes on reading twice.
succeeds small --dropout 0.3 --r-drop 2 --steps 30 --out twice
prints '^each sentence is read twice a step; how far both predictions differ counts 2 times$'
succeeds small --dropout 0.3 --steps 30 --out once_only
! cmp -s twice/model.safetensors once_only/model.safetensors
ok $? 'two readings teach what one does'
succeeds small --dropout 0.3 --r-drop 2 --steps 30 --stop-after 20 --out twice_parts
succeeds small --resume --out twice_parts
same twice/model.safetensors twice_parts/model.safetensors

# Without dropout both ways give the same losses but for rounding.
succeeds small --dropout 0 --steps 30 --out plain
succeeds small --dropout 0 --attention composed --steps 30 --out plain_composed
paste plain/log.tsv plain_composed/log.tsv | awk -F '\t' 'NR > 1 && ($4 - $11) ^ 2 > 1e-6 { exit 1 }'
ok $? 'composed attention takes another path'

refused 1 'nowhere: cannot open' small --resume --out nowhere
[ ! -e nowhere ]
ok $? '--resume makes no folder'
untouched() { # what refuses to resume leaves the run as it was
    for file in model state; do same "whole/$file.safetensors" "whole.$file"; done
}
for file in model state; do cp "whole/$file.safetensors" "whole.$file"; done
head -n 50 s.tsv >fewer.tsv
refused 1 'begun with 56 training and 4 validation pairs, not these 47 and 3' "$train" --data fewer.tsv --resume --no-plots --out whole
# The built-in corpus, other sentences in the same number, to learn from and to validate with.
refused 1 'begun with --src s.en: give --resume the same data' "$train" --resume --no-plots --threads 2 --out whole
sed '9s/^/so /' s.en >other.en
other_data() { refused 1 "begun with other $1 sentences" "$train" --src "$2" --tgt s.de --valid-src "$3" --valid-tgt s.de $model --resume --out "$4"; }
refused 1 'begun with other training sentences' "$train" --src other.en --tgt s.de --resume --no-plots --out whole
# shellcheck disable=SC2086
succeeds "$train" --src s.en --tgt s.de --valid-src s.en --valid-tgt s.de $model --steps 20 --out judged
other_data training other.en s.en judged
other_data validation s.en other.en judged
refused 1 'begun with --seed 1, which cannot become 2' small --resume --seed 2 --out whole
refused 1 'begun with --preset tiny, which cannot become base' small --resume --preset base --out whole
succeeds small --resume --steps 50 --seed 1 --preset tiny --out parts # the same as it was
refused 1 'begun with --d-model 16, which cannot become 32' small --resume --d-model 32 --out whole
refused 1 'begun with --layers 1, which cannot become 2' small --resume --layers 2 --out whole
untouched
bytes=$(wc -c <whole.state)
for keep in 0 7 8 100 5000 $((bytes / 2)) $((bytes - 1)); do
    head -c "$keep" whole.state >whole/state.safetensors
    refused 1 'whole/state.safetensors: ' small --resume --steps 60 --out whole
done
cp whole.state whole/state.safetensors
# One bit of the header, in the middle of a setting's name.
at=$(grep -a -b -o 'train.warmup' whole.state | head -n 1 | cut -d : -f 1)
printf 'u' | dd of=whole/state.safetensors bs=1 seek="$at" conv=notrunc 2>dd.log # t is 0x74
refused 1 'damaged: the header' small --resume --steps 60 --out whole
cp whole.state whole/state.safetensors

# ---------------------------------------------------------------------------- numbers that explode
# element VALUE: writes its bytes over the third number of the data. Floats stand behind the 8 bytes
# of Adam's step, doubles, which are as wide, before it.
header=$(od -An -tu8 -N8 whole.state | tr -d ' ')
# shellcheck disable=SC2059 # the value is a format: it has escapes
element() { printf "$1" | dd of=whole/state.safetensors bs=1 seek=$((header + 24)) conv=notrunc 2>dd.log; }
faster=
if grep -q -a '"dtype":"F64"' whole.state; then
    nan='\000\000\000\000\000\000\370\177'
    element '\240\310\353\205\363\314\341\177' # 1e308: no --lr makes doubles explode, this does
else
    nan='\000\000\300\177'
    faster='--lr 1e12 --clip 0 --warmup 0'
fi
cp whole/state.safetensors whole.explosive
# shellcheck disable=SC2086
refused 1 'step 5[0-9]: .* of [a-z].* is not finite' small --resume --steps 150 $faster --out whole
grep -q ' transformer\.[a-z0-9_.]*weight is not' stderr
ok $? 'the line names a tensor'
same whole/state.safetensors whole.explosive
cp whole.state whole/state.safetensors
untouched
element "$nan"
refused 1 'whole/state.safetensors: tensor "[a-z_0-9.]*" holds -*nan at element 2' small --resume --steps 60 --out whole
cp whole.state whole/state.safetensors

# ---------------------------------------------------------------------------- a full disk
# A limit on the size of files stands for it: writing fails in the middle in the same way.
limited() { (ulimit -f 8 && small --resume --steps 60 --out whole | cat >stdout); }
if (ulimit -f 8) 2>ulimit.log; then
    run limited
    [ "$(wc -l <stderr)" -eq 1 ] && grep -q 'safetensors: cannot write: .*what was there is unharmed' stderr
    ok $? 'a full disk: one line says what could not be written'
    (ulimit -f 8 && small --resume --steps 60 --out whole >/dev/null 2>&1)
    [ $? -eq 1 ]
    ok $? 'a full disk: exit status 1'
    untouched
    [ -z "$(find whole -name '*.tmp')" ]
    ok $? 'a full disk: nothing half-written stays'
    succeeds small --resume --steps 60 --out whole
else
    echo 'skipped: a full disk (this shell cannot limit the size of files)'
fi

# ---------------------------------------------------------------------------- Ctrl-C
# interrupt SIGNAL SIGN: starts a run without end, waits until it gives the sign, and stops it.
interrupt() {
    rm -rf stopped stdout
    # In the background SIGINT would be ignored, did train not ask for it.
    # shellcheck disable=SC2086
    "$train" --src s.en --tgt s.de $3 --steps 100000 --out stopped >stdout 2>stderr &
    pid=$!
    while kill -0 $pid 2>/dev/null && ! eval "$2" 2>/dev/null; do sleep 0.05 2>/dev/null || sleep 1; done
    kill "-$1" $pid
    wait $pid
    status=$?
    drop_progress
    [ $status -eq "$4" ] && grep -q '^interrupted after' stdout && [ ! -s stderr ]
    ok $? "$1: ends with status $4 and says so (status $status)"
    [ -z "$(find stopped -name '*.tmp')" ] && [ -s stopped/model.safetensors ]
    ok $? "$1: files are whole"
    steps=$(sed -n 's/^interrupted after \([0-9]*\) steps.*/\1/p' stdout)
    # shellcheck disable=SC2086
    succeeds "$train" --src s.en --tgt s.de $3 --stop-after $((steps + 20)) --resume --out stopped
    # shellcheck disable=SC2086
    succeeds "$train" --src s.en --tgt s.de $3 --steps 100000 --stop-after $((steps + 20)) --out "straight_$1"
    same_run "straight_$1" stopped
}
interrupt INT 'grep -q "^an epoch" stdout' "$model --layers 2 --d-model 64 --ff 64" 130 # before any epoch's end
interrupt TERM '[ -s stopped/state.safetensors ]' "$model" 143
interrupt HUP '[ -s stopped/state.safetensors ]' "$model" 129

# ---------------------------------------------------------------------------- one run in a folder
# shellcheck disable=SC2086
"$train" --src s.en --tgt s.de $model --steps 0 --epochs 0 --out taken >first.out 2>&1 &
pid=$!
while kill -0 $pid && ! [ -s taken/state.safetensors ]; do sleep 0.05 2>/dev/null || sleep 1; done
refused 1 'taken: another training is writing into this folder' small --steps 2 --out taken
refused 1 'taken: another training is writing into this folder' small --steps 2 --resume --out taken
[ ! -e taken/earlier-1 ]
ok $? 'a run that is under way is not moved aside'
kill -9 $pid # which cannot be caught: the lock goes with the process
wait $pid 2>/dev/null
succeeds small --steps 2 --out taken

# What killed runs left half-written goes; what is not ours stays.
touch taken/model.safetensors.12-0.tmp taken/epoch-7.safetensors.345-1.tmp taken/notes.12-0.tmp taken/epoch-notes
touch taken/model.safetensors.old.tmp
succeeds small --resume --steps 4 --out taken
[ ! -e taken/model.safetensors.12-0.tmp ] && [ ! -e taken/epoch-7.safetensors.345-1.tmp ]
ok $? 'leftovers of runs are removed'
[ -e taken/notes.12-0.tmp ] && [ -e taken/model.safetensors.old.tmp ]
ok $? 'the files of others stay'
succeeds small --steps 2 --out taken
[ -e taken/epoch-notes ] && [ -e taken/earlier-2/model.safetensors ]
ok $? 'what only begins like a file of ours is not moved'
# A death in the middle of moving an earlier run aside: both halves come back together.
mkdir taken/earlier-3.part && mv taken/model.safetensors taken/log.tsv taken/earlier-3.part
succeeds small --resume --steps 4 --out taken
[ -s taken/model.safetensors ] && [ -s taken/log.tsv ] && [ ! -e taken/earlier-3.part ]
ok $? 'a move that was not finished is undone'
# Of somebody else's folder of that name nothing is taken, and what was put back meanwhile stays.
mkdir taken/earlier-5.part && echo mine >taken/earlier-5.part/notes && echo notes >taken/notes && echo mine >taken/earlier-7.part
succeeds small --resume --steps 4 --out taken
[ "$(cat taken/earlier-5.part/notes)" = mine ] && [ "$(cat taken/notes)" = notes ] && [ "$(cat taken/earlier-7.part)" = mine ]
ok $? 'a folder that is called like a part of ours'
cp taken/model.safetensors model.kept
cp model.kept taken/earlier-5.part/model.safetensors
refused 1 'taken/model.safetensors: is in the way of taken/earlier-5.part/model.safetensors: move one' small --resume --steps 4 --out taken
same model.kept taken/model.safetensors
rm -r taken/earlier-5.part
# A pipe under one of our names is not waited for.
mkdir pipes && mkfifo pipes/log.tsv
refused 1 'pipes/log.tsv: not written by a training' small --steps 2 --out pipes
rm pipes/log.tsv && mkfifo pipes/model.safetensors
refused 1 'pipes/model.safetensors: not written by a training' small --steps 2 --out pipes
rm -r pipes
# A file of the user's under one of our names.
mkdir mine
for table in learning gradients log; do
    rm -f mine/* && echo mine >mine/$table.tsv
    refused 1 "mine/$table.tsv: not written by a training" small --steps 2 --out mine
done
echo mine >mine/loss.dat && mv mine/log.tsv mine/my.tsv
# shellcheck disable=SC2086
run "$train" --src s.en --tgt s.de $(echo "$model" | sed 's/--no-plots//') --steps 30 --out mine
[ "$status" -eq 0 ] && [ "$(cat mine/loss.dat mine/my.tsv)" = "$(printf 'mine\nmine')" ] && [ ! -e mine/loss.gp ]
ok $? 'a picture does not take the place of a file of the user'
cp "$train" mine/model.safetensors
refused 1 'mine/model.safetensors: not written by a training' small --steps 2 --out mine

# ---------------------------------------------------------------------------- pictures meanwhile
# drawing OPTIONS...: trains with pictures, and with a gnuplot of our own.
mkdir fake
drawing() {
    # shellcheck disable=SC2046
    PATH=$tree/fake:$PATH exec "$train" --src s.en --tgt s.de $(echo "$model" | sed 's/--no-plots//') "$@"
}
# It draws loss.png when there are five validations more than when it was begun: a training that
# waited for it would never get there.
cat >fake/gnuplot <<'EOF'
#!/bin/sh
lines=$(wc -l <log.tsv)
case $2 in *.tmp) while [ "$(wc -l <log.tsv)" -lt $((lines + 5)) ]; do sleep 0.02 2>/dev/null || sleep 1; done ;; esac
echo drawn >"$(sed -n "s/^set output '\(.*\)'/\1/p" "$2")"
EOF
chmod +x fake/gnuplot
(drawing --steps 100000 --out drawn) >stdout 2>stderr &
pid=$!
rows() { cat drawn/log.tsv 2>/dev/null | wc -l; }
while kill -0 $pid 2>/dev/null && [ ! -e drawn/loss.png ] && [ "$(rows)" -lt 300 ]; do
    sleep 0.05 2>/dev/null || sleep 1
done
[ -e drawn/loss.png ]
ok $? 'loss.png is not drawn while it trains'
kill -TERM $pid
wait $pid
drop_progress
[ ! -s stderr ] && [ -z "$(find drawn -name '*.tmp')" ] && [ -e drawn/gradients.png ]
ok $? 'the pictures at the end'
# With an earlier run its pictures go, in whichever order the folder tells their files.
succeeds small --steps 2 --out drawn
[ "$(ls drawn/earlier-1 | grep -c -E '^(loss|gradients)\.(gp|dat|png)$')" -eq 6 ]
ok $? "moved aside: $(ls drawn/earlier-1 | tr '\n' ' ')"
# One that hangs costs the pictures and a line, and what is learned is the same.
printf '#!/bin/sh\nexec sleep 1000\n' >fake/gnuplot
(drawing --steps 40 --out hung) >stdout 2>stderr
status=$?
drop_progress
[ $status -eq 0 ] && grep -q 'hung/[a-z]*.png: gnuplot hangs' stderr && [ "$(wc -l <stderr)" -eq 1 ]
ok $? "a gnuplot that hangs: status $status"
[ -z "$(find hung -name '*.tmp' -o -name '*.png')" ]
ok $? 'a gnuplot that hangs leaves something'
succeeds small --steps 40 --out once
same once/model.safetensors hung/model.safetensors
same once/learning.tsv hung/learning.tsv

# ---------------------------------------------------------------------------- the best model
succeeds small --steps 40 --seed 2 --d-model 32 --out other
# What the state remembers of model.safetensors is true of that file, or it is judged again.
score() { sed -n 's/.*safetensors: the best of all, validation \(BLEU .*\) (greedy), \(loss .*\)/\1 \2/p' stdout; }
succeeds small --steps 40 --lr 0.01 --out best
score >best.score
cp best/model.safetensors best.model
# The average, the last epoch and the best of all are files of their own, and it is said which is
# which.
last=$(ls best | sed -n 's/^epoch-\([0-9]*\).*/\1/p' | sort -n | tail -n 1)
prints '^best/average.safetensors: that average$'
prints '^best/last.safetensors: as the last step has left it$'
# Within an epoch the last step has a row of its own, which says whether it is the best.
prints '^the end    step     40  train loss .*  BLEU'
for file in average last "epoch-$last" model; do
    succeeds "$build/06_training/translate" --model "best/$file.safetensors" <s.en
done
! cmp -s best/average.safetensors "best/epoch-$last.safetensors" && ! cmp -s best/average.safetensors best/last.safetensors
ok $? 'the average is the last epoch'
succeeds small --steps 80 --average 9 --out gone
last=$(ls gone | sed -n 's/^epoch-\([0-9]*\).*/\1/p' | sort -n | tail -n 1)
[ "$last" -gt 3 ] && rm "gone/epoch-$((last - 2)).safetensors"
ok $? "$last epochs"
succeeds small --resume --steps 80 --average 9 --out gone
prints '^average of the last 2 epochs' # what is before a gap is not of the last ones
# An epoch of another training, or one that cannot be read, is a gap as well, and it is said.
cp "gone/epoch-$((last - 1)).safetensors" epoch.kept
cp other/model.safetensors "gone/epoch-$((last - 1)).safetensors"
succeeds small --resume --steps 80 --average 9 --out gone
prints "^gone/epoch-$((last - 1)).safetensors: is of another run: the average reaches back no further\$"
! grep -q '^average of the last' stdout
ok $? 'one epoch alone is no average'
head -c 5000 epoch.kept >"gone/epoch-$((last - 1)).safetensors"
succeeds small --resume --steps 80 --average 9 --out gone
prints "^gone/epoch-$((last - 1)).safetensors: .*: the average reaches back no further\$"
rm "gone/epoch-$last.safetensors"
succeeds small --resume --steps 80 --average 9 --out gone
prints "^gone/epoch-$last.safetensors is not there: there is no average\$"
# A copy that somebody made is kept, under another name; what the run has written is written over.
echo mine >gone/last.safetensors
succeeds small --resume --steps 84 --average 9 --out gone
prints '^the weights of an earlier run are kept as gone/earlier-1.safetensors'
[ "$(cat gone/earlier-1.safetensors)" = mine ]
ok $? 'a last.safetensors of the user'
succeeds small --resume --steps 88 --average 9 --out gone
[ ! -e gone/earlier-2.safetensors ]
ok $? 'a last.safetensors of this run is kept'
succeeds small --resume --steps 40 --out best
score >again.score
same best.score again.score
same best.model best/model.safetensors
cp best/epoch-1.safetensors best/model.safetensors
succeeds small --resume --steps 40 --out best
prints 'best/model.safetensors is not the one that the state remembers: validated again'
score >again.score
same best.score again.score
same best.model best/model.safetensors
rm best/model.safetensors
succeeds small --resume --steps 40 --out best
prints 'best/model.safetensors is gone'
[ -s best/model.safetensors ]
ok $? 'a model is kept again'
succeeds small --steps 40 --seed 2 --out another
cp another/model.safetensors best/model.safetensors
succeeds small --resume --steps 40 --out best # of another seed, with the same tokenizer
head -n 40 s.tsv >fewer.tsv
# shellcheck disable=SC2086
succeeds "$train" --data fewer.tsv $model --steps 20 --out fewer
cp fewer/model.safetensors best/model.safetensors
refused 1 'best/model.safetensors: is of another run' small --resume --steps 40 --out best
succeeds small --steps 4 --ff 24 --out wider # with the same tokenizer, but of another size
cp wider/model.safetensors best/model.safetensors
refused 1 'best/model.safetensors: is of another run' small --resume --steps 40 --out best
# A folder that is moved away while a run is in it: what begins there now is not harmed.
small --steps 1000000 --epochs 0 --minutes 0 --out moved >moved.out 2>moved.err &
pid=$!
i=0
while [ $i -lt 300 ] && [ ! -e moved/state.safetensors ]; do sleep 0.1; i=$((i + 1)); done
kill -STOP $pid
mv moved moved.away && mkdir moved && echo mine >moved/note
kill -CONT $pid
wait $pid
status=$?
# What it was writing at that moment may have ended up there, or be what it stumbles over; nothing
# after it is written.
[ $status -eq 1 ] && [ "$(cat moved/note)" = mine ] &&
    grep -q -E 'train: moved(: is no longer the folder that this program began in|/[^ ]*: (cannot write|written, but its folder cannot))' moved.err
ok $? "a folder is moved away: status $status, $(ls moved | tr '\n' ' '), $(tail -n 1 moved.err)"
# Likewise in its first epoch, of the built-in corpus, at a signal: no model, no table of another's.
# shellcheck disable=SC2086
"$train" $model --out first >first.out 2>first.err &
pid=$!
i=0
while [ $i -lt 300 ] && ! grep -q '^25	' first/learning.tsv 2>/dev/null; do sleep 0.1; i=$((i + 1)); done
kill -STOP $pid
mv first first.away && mkdir first && echo mine >first/model.safetensors && echo mine >first/learning.tsv
kill -INT $pid
kill -CONT $pid
wait $pid
status=$?
[ $status -eq 1 ] && [ "$(cat first/model.safetensors first/learning.tsv | tr '\n' ' ')" = 'mine mine ' ] &&
    grep -q -E 'train: first(: is no longer the folder that this program began in|/[^ ]*: (cannot write|written, but its folder cannot))' first.err
ok $? "a folder is moved away in the first epoch: status $status, $(ls first | tr '\n' ' '), $(tail -n 1 first.err)"
cp best.model best/model.safetensors
# A pipe in the place of a file that is read is refused, and not waited for.
for file in state model; do
    mv best/$file.safetensors kept.file && mkfifo best/$file.safetensors
    refused 1 "best/$file.safetensors: is not a regular file" small --resume --steps 60 --out best
    mv kept.file best/$file.safetensors
done
mv best/log.tsv best.log && mkdir best/log.tsv
refused 1 'best/log.tsv: is a directory, expected a file' small --resume --steps 60 --out best
rmdir best/log.tsv && mkfifo best/log.tsv
refused 1 'best/log.tsv: is not a regular file' small --resume --steps 60 --out best
rm best/log.tsv && cp s.tsv best/log.tsv
refused 1 'best/log.tsv: is not the log of a run' small --resume --steps 60 --out best

rm best/log.tsv
for table in learning gradients; do
    mv best/$table.tsv kept.tsv && cp s.tsv best/$table.tsv
    refused 1 "best/$table.tsv: is not the log of a run" small --resume --steps 60 --out best
    mv kept.tsv best/$table.tsv
done
rm best/learning.tsv best/gradients.tsv
succeeds small --resume --steps 60 --out best --threads 1
prints 'best/log.tsv has 0 rows of [0-9]* epochs: the others are gone'
prints 'best/learning.tsv is gone: it begins again at step 40'
prints 'best/gradients.tsv is gone: it begins again at step 40'
prints '^2 threads before: with 1 the same sums are rounded otherwise'
head -n 3 best/log.tsv >log.part && cp log.part best/log.tsv
succeeds small --resume --steps 80 --out best
prints 'best/log.tsv has 2 rows of [0-9]* epochs: the others are gone'
# What cannot be written into is told before the training goes on.
if [ "$(id -u)" -ne 0 ]; then
    chmod 555 best
    refused 1 'best: cannot write into this folder' small --resume --steps 90 --out best
    chmod 755 best
else
    echo 'skipped: a folder without permission (root may write everywhere)'
fi
# A preset's dropout is the run's: what needs it is refused where there is none.
succeeds small --steps 4 --dropout 0 --out sure
refused 1 'sure/state.safetensors: this run has no dropout' small --resume --steps 8 --r-drop 1 --out sure

report
