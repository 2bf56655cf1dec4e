#!/bin/sh
# build/06_training/explore and the page that it writes, in a real browser without a window: a script
# at the end of a copy of the page drives it and leaves what it found in the document, which the
# browser prints. BROWSER=... names another one than chromium. Without any, only the program is tested.
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/cli.sh
. tests/cli.sh
explorer=$top/06_training/explorer
cd "$tree" || exit 1
explore=$build/06_training/explore
train() { "$build/06_training/train" --no-plots --threads 2 --average 1 "$@"; }

# ---------------------------------------------------------------------------- the program
# A model that has seen enough of the built-in corpus to say different things of different sentences.
succeeds train --d-model 64 --heads 4 --layers 2 --ff 128 --vocab 600 --lr 0.005 --warmup 60 --steps 450 \
    --dropout 0 --out run
model=run/model.safetensors
succeeds "$explore" --model $model --out page.html --rounded rounded.safetensors
prints '^page.html: [01]\.[0-9] MB, [0-9]* weights; open it in a browser$'
cp page.html again.html
succeeds "$explore" --model $model --out page.html
same page.html again.html
# The rounded model is one: its weights are halves already.
succeeds "$explore" --model rounded.safetensors --out again.html
[ "$(grep -o '"halves": "[^"]*"' page.html | cksum)" = "$(grep -o '"halves": "[^"]*"' again.html | cksum)" ]
ok $? 'the weights of a rounded model are in the page as they are'
# From any folder, since the page's files are in the program.
mkdir elsewhere
(cd elsewhere && "$explore" --model ../$model --out page.html) >stdout 2>stderr
ok $? 'started from another folder'
same page.html elsewhere/page.html
[ "$(wc -l <"$explorer/forward.js")" -le 400 ]
ok $? 'the forward pass is a file of 400 lines at most'
[ "$(grep -c -E '(src|href)="[a-z.]' page.html)" -eq 0 ] && grep -q "default-src 'none'" page.html
ok $? 'the page names no other file, and may load none'

refused 1 'none.safetensors: cannot open' "$explore" --model none.safetensors --out none.html
refused 1 'cannot write' "$explore" --model $model --out nowhere/none.html
refused 1 'no epoch-N.safetensors in it' "$explore" --model $model --epochs elsewhere --out none.html
cp $model kept.safetensors
refused 1 'is the model that is read' "$explore" --model kept.safetensors --out kept.safetensors
refused 1 'is the model that is read' "$explore" --model kept.safetensors --rounded ./kept.safetensors --out none.html
same $model kept.safetensors
# Page and rounded model under one name, however it is spelled: nothing is written.
mkdir here && ln -s here there
refused 1 'is both --out and --rounded' "$explore" --model $model --out same.x --rounded same.x
refused 1 'is both --out and --rounded' "$explore" --model $model --out same.x --rounded ./same.x
refused 1 'is both --out and --rounded' "$explore" --model $model --out here/same.x --rounded there/same.x
cp page.html one.x && ln one.x two.x && ln -s one.x three.x
refused 1 'is both --out and --rounded' "$explore" --model $model --out one.x --rounded two.x
refused 1 'is both --out and --rounded' "$explore" --model $model --out one.x --rounded three.x
[ ! -e same.x ] && [ -z "$(ls here)" ] && cmp -s page.html one.x && cmp -s page.html two.x
ok $? 'what is named twice is not written'
# Over what is written: an earlier page, an earlier rounded model, and nothing of anyone else's.
echo mine >notes.html
refused 1 'notes.html: is there and is no page of the explorer: it stays as it is' "$explore" --model $model --out notes.html
[ "$(cat notes.html)" = mine ]
ok $? 'a file of the user is written over'
refused 1 'kept.safetensors: is there and is no model of rounded weights' "$explore" --model $model --rounded kept.safetensors --out none.html
same $model kept.safetensors
refused 1 'notes.html: is there and is no model of rounded weights' "$explore" --model $model --rounded notes.html --out none.html
cp rounded.safetensors twice.safetensors && cp page.html twice.html
succeeds "$explore" --model $model --out twice.html --rounded twice.safetensors
same rounded.safetensors twice.safetensors
[ ! -e none.html ]
ok $? 'a page beside what was refused'
refused 2 'modl: unknown' "$explore" --modl $model
refused 1 'sentence.*not UTF-8' "$explore" --model $model --out none.html --sentence "$(printf 'a\377b')"
# Above the limit nothing is written, and what was there stays.
succeeds train --d-model 384 --heads 4 --layers 2 --ff 1024 --vocab 300 --steps 1 --batch-tokens 64 --out large
cp page.html large.html
refused 1 'model.safetensors: the page would have [0-9.]* MB, and 8.0 are the most: train a model with a smaller' \
    "$explore" --model large/model.safetensors --out large.html
same page.html large.html
rm -r large
# So does a weight for which 16 bits are too few: the first become 3e38, or, of doubles, 4e305.
cp $model huge.safetensors
LC_ALL=C awk 'BEGIN { for (i = 0; i < 4; i++) printf "\346\261\141\177" }' |
    dd of=huge.safetensors bs=1 seek=$(($(od -An -tu8 -N8 $model | tr -d ' ') + 8)) conv=notrunc 2>dd.log
refused 1 'huge.safetensors: tensor "[a-z0-9_.]*" has a weight above 65504 at element 0, more than 16 bits can hold' \
    "$explore" --model huge.safetensors --out large.html
same page.html large.html

# What kinds of models there are besides, each with sentences that would break a careless page.
{
    printf '<script>document.title="broken"</script>\t</script><!-- "a" & '"'b'"'\n'
    printf '\342\200\256 right to left \327\251\327\234\327\225\327\235\t\360\237\230\200 emoji \360\237\221\251\n'
    printf '&lt; &amp; <b>bold</b> <img src=x onerror=alert(1)>\t<style>*{display:none}</style>\n'
} >hostile.once
for _ in 1 2 3 4 5 6 7 8; do cat hostile.once; done >hostile.tsv
odd() { # odd NAME OPTIONS...
    name=$1
    shift
    succeeds train --steps 20 --ff 24 --lr 0.01 --warmup 2 "$@" --out "$name"
    succeeds "$explore" --model "$name/model.safetensors" --out "$name.html" --rounded "$name.safetensors" \
        --sentence '<script>document.title="broken"</script>' --sentence "\"it's\" <!-- & \\"
}
odd one --d-model 16 --heads 1 --layers 1 --vocab 300
odd prenorm --d-model 16 --heads 2 --layers 2 --vocab 300 --norm-first
odd eight --d-model 32 --heads 8 --layers 3 --vocab 300
odd rotary --d-model 16 --heads 2 --layers 2 --vocab 300 --positions rotary
odd learned --d-model 16 --heads 2 --layers 2 --vocab 300 --positions learned --max-length 40
odd nowhere --d-model 15 --heads 3 --layers 1 --vocab 300 --positions none --norm-first
odd hostile --data hostile.tsv --d-model 16 --heads 2 --layers 1 --vocab 340
models='one prenorm eight rotary learned nowhere hostile'
# One matrix for embeddings and output is all that train makes; another program's tests make this one.
if [ -x "$build/tests/test_explorer_page" ]; then
    UNTIED="$tree/untied.safetensors" "$build/tests/test_explorer_page" >/dev/null
    ok $? 'an untied model is made'
    succeeds "$explore" --model untied.safetensors --out untied.html --rounded halves.safetensors
    mv halves.safetensors untied.safetensors
    models="$models untied"
fi
# Epochs: all that fit, in their order.
mkdir epochs
for epoch in 9 10 2; do cp $model epochs/epoch-$epoch.safetensors; done
succeeds "$explore" --model $model --epochs epochs --out epochs.html
prints ', 3 of 3 epochs; open'
refused 1 'not an epoch of the same training' "$explore" --model $model --epochs one/model.safetensors --out none.html
[ ! -e none.html ]
ok $? 'nothing is written after an error'

# ---------------------------------------------------------------------------- the browser
browser=${BROWSER:-}
for candidate in chromium chromium-browser google-chrome; do
    if [ -z "$browser" ] && command -v $candidate >/dev/null; then browser=$candidate; fi
done
if [ -z "$browser" ]; then
    echo "skipped: the explorer's page in a browser (there is no chromium here)"
    report
    exit
fi

# drive PAGE SCRIPT: runs the page with the script behind it and leaves what it says in
# `told`. The script is the inside of an async function; say(line) writes a line. The document is
# emptied before it is printed, so that the model is not printed with it.
drive() {
    {
        cat "$1"
        cat <<'END'
<script>
const told = [], say = (line) => told.push(line);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
window.onerror = (message) => { say("error: " + message); };
const type = async (id, text) => {
    document.getElementById(id).value = text;
    document.getElementById(id).dispatchEvent(new Event("input"));
    await wait(600);
};
const click = (id) => document.getElementById(id).click();
const answer = () => document.querySelector(".said").textContent;
(async () => {
    try {
END
        cat "$2"
        cat <<'END'
    } catch (error) { say("error: " + error); }
    const pre = document.createElement("pre");
    pre.textContent = "\n@begin\n" + told.join("\n") + "\n@end\n";
    document.head.replaceChildren();
    document.body.replaceChildren(pre);
})();
</script>
END
    } >driven.html
    timeout 300 "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$tree/profile" \
        --virtual-time-budget=60000 --dump-dom "file://$tree/driven.html" >dom 2>browser.log
    sed -n '/^@begin$/,/^@end$/{/^@begin$/d;/^@end$/d;s/&lt;/</g;s/&gt;/>/g;s/&amp;/\&/g;p;}' dom >told
    cp told stdout
    grep -v dbus browser.log >stderr
    [ -s told ] && ! grep -q '^error:' told
    ok $? "$1: the page runs without an error"
}

succeeds "$build/01_embeddings/make_corpus" --split heldout --count 500
cut -f 1 stdout >heldout.en
# sentences FILE: as a JavaScript array.
sentences() { sed 's/[\\"]/\\&/g; s/</\\x3c/g; s/.*/"&",/; 1s/^/const sentences = [/; $s/$/];/' "$1"; }

# compare PAGE ROUNDED FILE WHAT: logits of each line's translation by itself, here and there.
compare() {
    {
        sentences "$3"
        cat <<'END'
for (const text of sentences) {
    const run = run_of(text);
    const V = run.logits.shape[1];
    say("@" + run.src.join(" ") + "|" + run.tgt.join(" "));
    for (let t = 0; t < run.tgt.length; t++)
        say(Array.from(run.logits.data.subarray(t * V, (t + 1) * V), (x) => x.toPrecision(9)).join(" "));
}
END
    } >script.js
    drive "$1" script.js
    grep -v '^@' told >ours
    sed -n 's/^@//p' told | while IFS='|' read -r src tgt; do
        "$build/05_encoder_decoder/forward" --load "$2" --src "$src" --tgt "$tgt" --logits
    done >theirs
    difference=$(paste -d ' ' ours theirs | awk '{
            if (NF % 2) bad = 1
            for (i = 1; i <= NF / 2; i++) {
                d = $i - $(i + NF / 2); if (d < 0) d = -d; if (d > largest) largest = d
                z = $i < 0 ? -$i : $i; if (z > size) size = z
            }
            rows++
        }
        END { if (bad || !rows || !size) print "nan"; else printf "%.2e of the largest logit, %d places", largest / size, rows }')
    echo "$4: logits differ by $difference"
    echo "$difference" | awk '{ exit !($1 + 0 <= 1e-5 && $1 != "nan") }' && [ "$(wc -l <ours)" -eq "$(wc -l <theirs)" ]
    ok $? "$4: logits differ by $difference"
}
head -n 50 heldout.en >fifty.en
compare page.html rounded.safetensors fifty.en 'the built-in corpus, 50 sentences'
printf '%s\n' 'a b.' 'The cat "sat" on it.' '<script>x</script>' >few.en
for name in $models; do compare "$name.html" "$name.safetensors" few.en "$name"; done

# What --trace prints, line by line.
echo 'say("@" + run_of(S.src).src.join(" ") + "|" + run_of(S.src).tgt.join(" "));
for (const entry of run_of(S.src).trace) say(trace_line(entry));
// What the page shows as going into a module must make what it shows as coming out.
const run = run_of(S.src), model = model_of(FINAL), wrong = [];
for (const output of run.trace) {
    const [x, memory] = module_inputs(output.module).map((parts) => sum_of(run, parts));
    const name = output.module.match(/^transformer\.(encoder|decoder)\.(?:layers\.(\d+)\.?)?(.*)$/);
    if (!x) { if (!/^(src|tgt)$/.test(output.module)) wrong.push(output.module); continue; }
    const part = !name ? model.generator : name[2] === undefined ? model[name[1] + "_norm"]
        : model[name[1] + "_layers"][name[2]][name[3]];
    const child = name ? name[3] : "linear";
    const made = child === "" ? (CONFIG.norm_first ? x : output)
        : /norm/.test(child) ? layer_norm(part, x)
        : /linear/.test(child) ? linear_forward(part, x)
        : multihead_forward(part, x, memory || x, {causal: output.module.endsWith("decoder.layers." + name[2] + ".self_attn")}, null, null);
    if (made.data.some((value, i) => Math.abs(value - output.data[i]) > 1e-9)) wrong.push(output.module);
}
say("!" + wrong.join(" "));' >trace.js
for name in page $models; do
    rounded=$name.safetensors
    [ "$name" = page ] && rounded=rounded.safetensors
    drive "$name.html" trace.js
    [ "$(grep '^!' told)" = '!' ]
    ok $? "$name: what goes into the modules makes what comes out: $(grep '^!' told)"
    grep -v '^[@!]' told >ours
    sed -n 's/^@//p' told | while IFS='|' read -r src tgt; do
        "$build/05_encoder_decoder/forward" --load "$rounded" --src "$src" --tgt "$tgt" --trace
    done >theirs
    paste -d ' ' ours theirs | awk 'function differ(a, b) { return a - b > 2e-5 || b - a > 2e-5 }
        NF != 8 || $1 != $5 || $2 != $6 || differ($3, $7) || differ($4, $8) { print; bad = 1 }
        END { exit bad || NR < 10 }' >stdout
    ok $? "$name: the numbers of forward --trace"
done

# Translations of the unrounded model: nearly all are the same.
"$build/06_training/translate" --model $model --threads 2 <heldout.en >theirs 2>stderr
ok $? 'translate'
{ sentences heldout.en; echo 'for (const text of sentences) say(bpe_decode(BPE, beam_search(model_of(FINAL), tokens_source(BPE, text), 4, 0.6, null).ids));'; } >script.js
drive page.html script.js
equal=$(paste told theirs | awk -F '\t' '$1 == $2 { n++ } END { print n + 0 }')
echo "$equal of $(wc -l <theirs) translations are those of the unrounded model"
[ "$equal" -ge 495 ] && [ "$(sort -u told | wc -l)" -ge 50 ]
ok $? "$equal of 500 translations are those of the unrounded model"
"$build/06_training/translate" --model $model --threads 2 --beam 1 <fifty.en >theirs
{ sentences fifty.en; echo 'for (const text of sentences) say(bpe_decode(BPE, greedy_decode(model_of(FINAL), tokens_source(BPE, text))));'; } >script.js
drive page.html script.js
[ "$(paste told theirs | awk -F '\t' '$1 == $2 { n++ } END { print n + 0 }')" -ge 49 ]
ok $? 'greedy translations'

# ---------------------------------------------------------------------------- by hand
cat >script.js <<'END'
await wait(300);
say("first " + (answer() === run_of(DATA.sentences[0]).text));
await type("src", "The cat drank the milk because it was sweet.");
say("typed " + (answer() === run_of("The cat drank the milk because it was sweet.").text));
for (const view of Object.keys(VIEWS)) {
    click("view-" + view);
    await wait(100);
    say("view " + view + " " + (document.querySelectorAll("#view canvas").length > 0) + " " + (S.view === view));
}
click("view-attention");
for (const picture of ["lines", "all", "matrix"]) { click("picture-" + picture); await wait(50); say("picture " + S.picture); }
for (const kind of ["encoder", "decoder", "cross"]) { click("kind-" + kind); await wait(50); say("kind " + S.kind); }
const p = () => Array.from(weights_of_head(attention_of(run_of(S.src), "cross", 1), -1)).join();
const logits = () => run_of(S.src).logits.data.slice(0, 50).join();
const [weights_before, logits_before, said_before] = [p(), logits(), answer()];
click("off-encoder.0.self_attn.1");
say("head off: weights " + (p() !== weights_before) + ", logits " + (logits() !== logits_before) +
    ", in the address " + location.hash.includes("encoder.0.self_attn.1"));
click("off-encoder.0.self_attn.1");
say("on again " + (p() === weights_before && logits() === logits_before && answer() === said_before));
for (const word of ["positions", "causal", "scale", "encoder.0.self_attn", "decoder.1.multihead_attn"]) {
    click("off-" + word);
    say(word + " off: " + (logits() !== logits_before));
    click("off-" + word);
    say("on again " + (logits() === logits_before));
}
click("off-causal");
const run = run_of(S.src), own = attention_of(run, "decoder", 0).heads[0].p;
say("without the causal mask it looks ahead " + (own[run.tgt.length - 1] > 0));
click("off-causal");
const second = best_tokens(run_of(S.src).logits.data.subarray(0, BPE.bytes.length), 2)[1];
force(0, second);
say("forced " + (run_of(S.src).said[0] === second));
const other = run_of(S.src).beam.steps[2].find((node) => node.fate === "died" && node.token !== TOKEN_EOS);
force_all(pieces_to(other));
say("a dead branch forced " + (run_of(S.src).said.slice(0, 3).join() === pieces_to(other).join()));
update({forced: ""});
toggle_row(1, 5); toggle_row(3, 5);
say("rows " + S.rows);
const a = attention_of(run_of(S.src), "cross", 0), w = weights_of_head(a, 0);
const sum = summed(w, selected_rows(a.T), a.T, a.S);
say("sum of two rows " + Math.abs(sum.reduce((x, y) => x + y) - 2).toFixed(9));
await type("tgt", "Le chat a bu le lait.");
say("given " + (bpe_decode(BPE, run_of(S.src).tgt) === "Le chat a bu le lait."));
click("view-decoding");
await wait(100);
say("teacher " + document.querySelector("#view").textContent.includes("should say"));
await type("tgt", "");
click("view-machine");
await wait(100);
const figure = document.querySelector("#view canvas"), machine = machine_picture(run_of(S.src));
const softmax = machine.regions.find((region) => region.label.endsWith(": softmax"));
const at = figure.getBoundingClientRect();
figure.dispatchEvent(new MouseEvent("click", {clientX: at.left + softmax.x + 5, clientY: at.top + softmax.y + 5}));
say("a box clicked " + S.module + " " + document.querySelector(".panel h2").textContent);
click("view-decoding");
await wait(100);
const box = document.querySelector("#view canvas");
box.focus();
box.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight"}));
box.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter"}));
say("keyboard " + (S.forced !== "") + " " + (document.activeElement.tagName === "CANVAS"));
update({forced: ""});
await type("src2", "The cat drank the milk because it was hungry.");
say("beside it " + document.querySelectorAll(".said").length);
await type("src2", "");
const hash = location.hash;
click("view-row");
location.hash = hash;
await wait(100);
say("restored " + (S.view === "decoding" && location.hash === hash));
for (const bad of ["#view=none&layer=99&head=-7&row=-3&beam=1e9&epoch=x&temperature=NaN", "#forced=a:b 1:1 -1:5 0:999999&rows=x 99 -1 2.5", "#%%%&__proto__=1&src=%ff"]) {
    location.hash = bad;
    await wait(100);
    say("address " + (S.layer <= 1 && S.head >= -1 && S.row >= 0 && S.beam <= 12 && Number.isFinite(S.temperature) && selected_rows(5).size === 0));
}
const svg = picture_svg(machine_picture(run_of(DATA.sentences[0])));
say("svg " + (new DOMParser().parseFromString(svg, "image/svg+xml").querySelector("parsererror") === null));
await type("src", "the ".repeat(100));
say("a hundred words: " + (run_of(S.src).src.length >= 100) + " " + (document.querySelector(".problem") === null));
await type("src", "the ".repeat(400));
say("too many: " + document.querySelector(".problem").textContent.includes("maximum"));
await type("src", "   ");
say("blank: " + document.querySelector(".problem").textContent);
END
drive page.html script.js
cat >expected <<'END'
first true
typed true
view machine true true
view attention true true
view row true true
view decoding true true
view learning true true
picture lines
picture all
picture matrix
kind encoder
kind decoder
kind cross
head off: weights true, logits true, in the address true
on again true
positions off: true
on again true
causal off: true
on again true
scale off: true
on again true
encoder.0.self_attn off: true
on again true
decoder.1.multihead_attn off: true
on again true
without the causal mask it looks ahead true
forced true
a dead branch forced true
rows 1 3
sum of two rows 0.000000000
given true
teacher true
a box clicked softmax softmax
keyboard true true
beside it 2
restored true
address true
address true
address true
svg true
a hundred words: true true
too many: true
blank: Type a sentence.
END
diff expected told >stdout
ok $? 'the page does by hand what it promises'

# Whatever is typed, or in the tokenizer, is text.
cat >script.js <<'END'
const texts = ["<script>document.title='broken'</" + "script>", "\"it's\" <!-- & \\ </" + "style>",
    "\u202e right to left \u05e9\u05dc\u05d5\u05dd \u200f", "\u{1f600} emoji \u{1f469}\u200d\u{1f680}",
    "<img src=x onerror=\"document.title='broken'\">", "\u0000\u0001 \ud800 lone"];
for (const text of texts) {
    await type("src", text);
    for (const view of Object.keys(VIEWS)) { click("view-" + view); await wait(30); }
    const run = run_of(text);
    say((run.problem || bpe_decode(BPE, run.src) === text.replace("\ud800", "\ufffd")) + " " + document.title.includes("broken") + " " +
        document.querySelectorAll("#answers script, #view script, #view img, #answers img").length);
    const svg = picture_svg(machine_picture(run));
    if (new DOMParser().parseFromString(svg, "image/svg+xml").querySelector("parsererror")) say("svg broken: " + text);
}
END
for name in hostile page; do
    drive $name.html script.js
    [ "$(sort -u told)" = 'true false 0' ]
    ok $? "$name: what is typed shows as text"
done
cat >script.js <<'END'
say(document.title.includes("broken") + " " + document.querySelector("#samples").textContent.includes("<script>"));
END
drive hostile.html script.js
[ "$(cat told)" = 'false true' ]
ok $? 'the sentences offered are text'

# Epochs: the same weights in 8 bits say nearly the same.
cat >script.js <<'END'
say(DATA.epochs.map((epoch) => epoch.name).join(" "));
const [a, b] = [0, FINAL].map((epoch) => weights_of(epoch));
let squares = 0, difference = 0;
for (let i = 0; i < a.length; i++) { squares += b[i] ** 2; difference += (a[i] - b[i]) ** 2; }
say(a.length === b.length && Math.sqrt(difference / squares) < 0.01);
document.getElementById("epoch").value = 0;
document.getElementById("epoch").dispatchEvent(new Event("change"));
say(S.epoch + " " + location.hash.includes("epoch=0") + " " + (answer().length > 0));
END
drive epochs.html script.js
printf '%s\n' 'epoch-2.safetensors epoch-9.safetensors epoch-10.safetensors' true '0 true true' >expected
same expected told
report
