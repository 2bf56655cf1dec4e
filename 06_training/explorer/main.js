"use strict";
/* main.js - the page around the views: the sentence, the switches, the address. */

const $ = (id) => document.getElementById(id);

/* Changes the state and shows it. Everything that is clicked comes through here. */
function update(changes) {
    Object.assign(S, changes);
    state_read(state_hash());
    try {
        history.replaceState(null, "", state_hash());
    } catch (error) {
        location.hash = state_hash(); // where a page from a file may not change its address
    }
    render();
}

/* ---- The parts ---- */

/* The translations; with something switched off, also what was said before. */
function answer_line(run) {
    if (run.problem) return el("p", {class: "problem"}, run.problem);
    let before = null;
    if (S.off || S.forced) {
        const {off: words, forced} = S;
        Object.assign(S, {off: "", forced: ""});
        state_switches();
        before = run_of(run.text_src);
        Object.assign(S, {off: words, forced});
        state_switches();
    }
    return el(
        "div", {class: "answer"}, el("p", {class: "said", dir: "auto"}, run.text),
        before ? el("p", {class: "before", dir: "auto"},
                    (before.text === run.text ? "the same with nothing changed: "
                                              : "with nothing changed: ") +
                        before.text)
               : null,
        el("p", {class: "hint"}, `${run.src.length} pieces in: ${run.src.map(piece).join(" ")}`));
}

/* A button that is down while `word` is switched off. */
function switch_button(word, text, pressed) {
    return el("button", {type: "button", id: "off-" + word, class: pressed ? "off" : "",
                         "aria-pressed": String(pressed), onclick: () => state_toggle(word)}, text);
}

function head_buttons(kind, layer) {
    const name = attention_name(kind, layer);
    const heads = Array.from({length: CONFIG.nhead}, (_, h) =>
        switch_button(name + "." + h, String(h), off.heads.has(name + "." + h)));
    return el("tr", {}, el("th", {}, name),
              el("td", {}, switch_button(name, "all", off.attentions.has(name)), ...heads));
}

function switches_panel() {
    const box = (word, text) => el("label", {},
        el("input", {type: "checkbox", id: "off-" + word, checked: off[word],
                     onchange: () => state_toggle(word)}), " " + text);
    const rows = [];
    for (const kind of ["encoder", "decoder", "cross"])
        for (let layer = 0; layer < attention_layers(kind); layer++)
            rows.push(head_buttons(kind, layer));
    return el(
        "div", {},
        el("p", {class: "controls"}, box("positions", "no positions"),
           box("causal", "no causal mask: the decoder sees what is to come"),
           box("scale", "no division by \u221aD"),
           S.off ? el("button", {type: "button", id: "all-on", onclick: () => update({off: ""})},
                      "all on again")
                 : null),
        el("div", {class: "scroll"},
           el("table", {class: "heads"},
              el("tr", {}, el("th", {}, "attention"), el("th", {}, "heads that are off")),
              ...rows)));
}

function epochs_panel() {
    if (FINAL === 0) return null;
    const name = el("output", {"for": "epoch"}, epoch_name(S.epoch));
    return el("label", {}, "after ", el("input", {
        type: "range", id: "epoch", min: 0, max: FINAL, step: 1, value: S.epoch,
        oninput: (event) => { name.textContent = epoch_name(Number(event.target.value)); },
        onchange: (event) => update({epoch: Number(event.target.value)})}), " ", name);
}

function view_tabs() {
    return Object.entries(VIEWS).map(([name, view]) => el("button", {
        type: "button", role: "tab", id: "view-" + name,
        "aria-selected": String(S.view === name), onclick: () => update({view: name})},
        view.title));
}

/* ---- All of it ---- */

/* What had the keyboard before all was made anew has it again. */
function keeping_focus(make) {
    const active = document.activeElement;
    const canvases = () => [...document.querySelectorAll("canvas")];
    const id = active && active.id, number = canvases().indexOf(active);
    const region = number >= 0 ? active.region() : -1;
    make();
    if (number >= 0 && canvases()[number]) {
        canvases()[number].focus();
        canvases()[number].go(region);
    } else if (id && $(id) && document.activeElement !== $(id))
        $(id).focus();
}

function render() {
    keeping_focus(() => {
        if (!VIEWS[S.view]) S.view = DEFAULTS.view;
        const texts = S.src2 ? [S.src, S.src2] : [S.src], runs = texts.map(run_of);
        for (const key of ["src", "src2", "tgt"])
            if ($(key).value !== S[key]) $(key).value = S[key];
        $("answers").replaceChildren(...runs.map(answer_line));
        $("epochs").replaceChildren(...[epochs_panel()].filter(Boolean));
        $("switches").lastElementChild.replaceChildren(switches_panel());
        if (S.off) $("switches").open = true;
        $("views").replaceChildren(...view_tabs());
        const view = VIEWS[S.view];
        const title = (run) => runs.length > 1 ? el("h2", {dir: "auto"}, run.text_src) : null;
        const picture = (run) => run.problem ? el("p", {}, run.problem) : view.draw(run);
        $("view").replaceChildren(
            view.controls(),
            el("div", {class: runs.length > 1 ? "beside" : ""},
               ...runs.map((run) => el("section", {}, title(run), picture(run)))));
    });
    document.documentElement.dataset.ready = "1"; // for the tests: everything is there
}

/* "model.safetensors: 817,840 weights, d_model 128, ..." */
function model_text() {
    const c = CONFIG, size = (shape) => shape.reduce((a, b) => a * b, 1);
    const count = DATA.tensors.reduce((sum, {shape}) => sum + size(shape), 0);
    return [`${DATA.name}: ${count.toLocaleString("en")} weights`, `d_model ${c.d_model}`,
            `${c.nhead} heads`, `${c.num_encoder_layers} + ${c.num_decoder_layers} layers`,
            c.norm_first ? "pre-norm" : "post-norm", `positions ${c.positions}`,
            `${BPE.bytes.length} pieces`].join(", ");
}

/* The sentences that the page was given, as buttons. */
function sample_buttons() {
    const [first, second] = DATA.sentences, button = (text, id, changes) => el("button", {
        type: "button", dir: "auto", id, onclick: () => update({...changes, tgt: "", forced: ""})},
        text);
    const buttons = DATA.sentences.map((text, i) => button(text, "sample-" + i, {src: text}));
    if (second !== undefined)
        buttons.push(button("the first two side by side", "both", {src: first, src2: second}));
    return buttons;
}

/* What is typed counts after a pause, not at every letter. */
function listen_to_typing() {
    const value = (key) => $(key).value;
    let waiting = 0;
    for (const key of ["src", "src2", "tgt"])
        $(key).addEventListener("input", () => {
            clearTimeout(waiting);
            waiting = setTimeout(() => update({src: value("src"), src2: value("src2"),
                                               tgt: value("tgt"), forced: "", rows: ""}), 250);
        });
}

function begin() {
    $("model-name").textContent = model_text();
    $("samples").replaceChildren(...sample_buttons());
    listen_to_typing();
    $("ask").addEventListener("submit", (event) => event.preventDefault());
    $("theme").addEventListener("click", () => {
        document.documentElement.dataset.theme = is_dark() ? "light" : "dark";
        render();
    });
    $("copy").addEventListener("click", () => {
        if (navigator.clipboard) navigator.clipboard.writeText(location.href);
        else prompt("the address", location.href); // where a page from a file may not copy
    });
    window.addEventListener("hashchange", () => {
        state_read(location.hash);
        render();
    });
    matchMedia("(max-width: 759px)").addEventListener("change", render);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", render);
    state_read(location.hash);
    render();
}

begin();
