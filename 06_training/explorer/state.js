"use strict";
/* state.js - what is looked at: one object, kept in the page's address, so that a link brings back
 * a view, and the model as the state wants it.
 */

const DATA = JSON.parse(document.getElementById("model").textContent);
const CONFIG = DATA.config;
const BPE = bpe_load(DATA.tokenizer);
const FINAL = DATA.epochs.length; // the number of the finished model among the epochs

const DEFAULTS = {
    view: "machine",
    src: DATA.sentences[0] || "",
    src2: "",
    tgt: "", // tgt: a given translation; "": the model's own
    beam: 4,
    alpha: 0.6,
    temperature: 1,
    seed: 1,
    epoch: FINAL,
    module: "", // the box of the machine that is open; "": none
    kind: "cross",
    layer: 0,
    head: -1, // head -1: the mean of all
    picture: "matrix",
    mask: 1,
    largest: 0,
    rows: "",   // rows: the selected words, "3 4"
    row: 0,     // whose arithmetic is shown
    forced: "", // "3:512": at place 3 piece 512 must stand
    off: "",    // what is switched off, "decoder.0.self_attn.1 positions"
};

const S = {...DEFAULTS};

/* Only what differs from the start is in the address. What someone else wrote there is no more than
 * text and numbers: a number that is none is left out. */
function state_read(hash) {
    Object.assign(S, DEFAULTS);
    for (const [key, value] of new URLSearchParams(hash.replace(/^#/, ""))) {
        if (!Object.hasOwn(DEFAULTS, key)) continue;
        if (typeof DEFAULTS[key] === "string")
            S[key] = value.slice(0, 4000);
        else if (value !== "" && Number.isFinite(Number(value)))
            S[key] = Number(value);
    }
    const within =
        (key, low, high) => { S[key] = Math.min(Math.max(Math.round(S[key]), low), high); };
    within("beam", 1, 12);
    within("epoch", 0, FINAL);
    within("head", -1, CONFIG.nhead - 1);
    within("layer", 0, attention_layers(S.kind) - 1);
    within("row", 0, 1e6);
    within("seed", 0, 1e9);
    S.temperature = Math.min(Math.max(S.temperature, 0.05), 5);
    S.alpha = Math.min(Math.max(S.alpha, 0), 3);
    state_switches();
}

function state_hash() {
    const kept = Object.entries(S).filter(([key, value]) => value !== DEFAULTS[key]);
    return "#" + new URLSearchParams(kept).toString();
}

/* The switches of forward.js, from S.off. */
function state_switches() {
    off.heads.clear();
    off.attentions.clear();
    off.positions = off.causal = off.scale = false;
    for (const word of S.off.split(" ").filter(Boolean)) {
        if (word === "positions" || word === "causal" || word === "scale")
            off[word] = true;
        else if (/_attn\.\d+$/.test(word))
            off.heads.add(word);
        else
            off.attentions.add(word);
    }
}

function state_toggle(word) {
    const words = new Set(S.off.split(" ").filter(Boolean));
    if (!words.delete(word)) words.add(word);
    update({off: [...words].sort().join(" ")});
}

function attention_layers(kind) {
    return kind === "encoder" ? CONFIG.num_encoder_layers : CONFIG.num_decoder_layers;
}

/* ---- Weights ---- */

function base64_bytes(text) {
    const binary = atob(text), bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
}

/* IEEE 754's half precision (common/half.c). */
function half_to_float(half) {
    const exponent = half >> 10 & 31, fraction = half & 1023;
    const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
    return half >> 15 ? -size : size;
}

/* All weights of a model, one after the other. */
function weights_of(index) {
    if (index === FINAL) {
        const bytes = base64_bytes(DATA.halves), view = new DataView(bytes.buffer);
        const table = Float32Array.from({length: 65536}, (_, i) => half_to_float(i));
        return Float32Array.from({length: bytes.length / 2},
                                 (_, i) => table[view.getUint16(2 * i, true)]);
    }
    const epoch = DATA.epochs[index], whole = new Int8Array(base64_bytes(epoch.bytes).buffer);
    const scales = new DataView(base64_bytes(epoch.scales).buffer);
    const weights = new Float32Array(whole.length);
    let at = 0, row = 0;
    for (const {shape} of DATA.tensors) {
        const E = shape[shape.length - 1], rows = shape.reduce((a, b) => a * b, 1) / E;
        for (let n = 0; n < rows; n++, row++)
            for (let e = 0; e < E; e++, at++)
                weights[at] = whole[at] * scales.getFloat32(4 * row, true);
    }
    return weights;
}

const MODELS = []; // each is unpacked when it is first asked for

/* The model after epoch `index` of those kept, or the finished one. */
function model_of(index) {
    if (MODELS[index]) return MODELS[index];
    const weights = weights_of(index), parameters = new Map();
    let at = 0;
    for (const {name, shape} of DATA.tensors) {
        const size = shape.reduce((a, b) => a * b, 1);
        parameters.set(name, {shape, data: weights.subarray(at, at += size)});
    }
    return MODELS[index] = transformer_new(CONFIG, parameters);
}

function epoch_name(index) {
    return index === FINAL ? "finished" : DATA.epochs[index].name.replace(/\.safetensors$/, "");
}

/* ---- A run: one sentence through the model ---- */

/* How the model is asked, beside the sentence: what a run depends on. */
function run_key(src) {
    return JSON.stringify([src, S.tgt, S.beam, S.alpha, S.epoch, S.forced, S.off]);
}

const RUNS = new Map(); // key -> run; the newest few

function forced_map() {
    const pairs = S.forced.split(" ").filter(Boolean).map((pair) => pair.split(":").map(Number));
    return new Map(
        pairs.filter(([place, id]) => place >= 0 && id >= TOKEN_EOS && id < BPE.bytes.length));
}

/* What the model makes of a sentence: {src, tgt: ids, said: ids of its own translation, text, beam,
 * trace, weights, logits}, or {problem}. With S.tgt the decoder reads that (teacher forcing),
 * otherwise what it said itself. */
function run_of(text) {
    const key = run_key(text);
    if (RUNS.has(key)) return RUNS.get(key);
    const model = model_of(S.epoch), src = tokens_source(BPE, text), most = CONFIG.max_length;
    const run = {text_src: text, src, begun: performance.now()};
    const given = S.tgt ? tokens_target(BPE, S.tgt) : null;
    if (!/\S/.test(text))
        run.problem = "Type a sentence.";
    else if (src.length > most || (given && given.length > most))
        run.problem = `${Math.max(src.length, given ? given.length : 0)} pieces, and the model's ` +
                      `maximum is ${most}.`;
    else {
        run.beam = beam_search(model, src, S.beam, S.alpha, forced_map());
        run.said = run.beam.ids;
        run.text = bpe_decode(BPE, run.said);
        run.tgt = given ? given.slice(0, -1) : [TOKEN_BOS, ...run.said].slice(0, most);
        run.labels = given ? given.slice(1) : [...run.said, TOKEN_EOS].slice(0, run.tgt.length);
        run.weights = {encoder_self: [], decoder_self: [], decoder_cross: []};
        trace = [];
        run.logits = transformer_forward(model, src, run.tgt, run.weights); // (T,V)
        run.trace = trace;
        trace = null;
    }
    run.seconds = (performance.now() - run.begun) / 1000;
    if (RUNS.size >= 2 * FINAL + 6) RUNS.delete(RUNS.keys().next().value);
    RUNS.set(key, run);
    return run;
}

function module_of(run, name) { return run.trace.find((entry) => entry.module === name); }

/* The attention of a kind and layer: {q, k, v, heads, T, S, D}, with the pieces of both sides. */
function attention_of(run, kind, layer) {
    const list = {
        encoder: run.weights.encoder_self,
        decoder: run.weights.decoder_self,
        cross: run.weights.decoder_cross
    }[kind];
    return {
        ...list[layer],
        queries: kind === "encoder" ? run.src : run.tgt,
        keys: kind === "decoder" ? run.tgt : run.src
    };
}

function attention_name(kind, layer) {
    return (kind === "encoder" ? "encoder." : "decoder.") + layer +
           (kind === "cross" ? ".multihead_attn" : ".self_attn");
}

/* The weights (T,S) of one head, or the mean of all. */
function weights_of_head(attention, head) {
    if (head >= 0) return attention.heads[head].p;
    const mean = new Float64Array(attention.T * attention.S);
    for (const {p} of attention.heads)
        for (let i = 0; i < mean.length; i++) mean[i] += p[i] / attention.heads.length;
    return mean;
}

function piece(id) { return bpe_piece(BPE, id); }

/* Mean and deviation (divided by the count), as trace_print tells them. */
function moments(data) {
    let sum = 0, squares = 0;
    for (const value of data) sum += value;
    const mean = sum / data.length;
    for (const value of data) squares += (value - mean) * (value - mean);
    return {mean, deviation: Math.sqrt(squares / data.length)};
}

/* A line of forward --trace. */
function trace_line({module, shape, data}) {
    const {mean, deviation} = moments(data);
    return module.padEnd(47) + " " + ("(1," + shape.join(",") + ")").padEnd(10) + " " +
           mean.toFixed(6).replace(/^-0\.000000$/, "0.000000").padStart(10) + " " +
           deviation.toFixed(6).padStart(9);
}

const VIEWS = {}; // name -> {title, controls(), draw(run)}; each view's file adds itself
