"use strict";
/* view_machine.js - the machine of the paper's figure 1: what goes into each box, and comes out. */

/* ---- What is in the figure ---- */

const ENCODER = "transformer.encoder.layers.", DECODER = "transformer.decoder.layers.";

/* The boxes of one layer from the bottom up, {module, text, kind}. */
function layer_boxes(stack, i) {
    const m = (stack === "encoder" ? ENCODER : DECODER) + i + ".";
    const attentions = stack === "encoder" ? [["self_attn", "Multi-Head Attention"]] : [
        ["self_attn", "Masked Multi-Head Attention"], ["multihead_attn", "Multi-Head Attention"]
    ];
    const boxes = [];
    const sublayer = (norm, parts) => {
        const before = {module: m + norm, text: "Norm", kind: "norm"};
        const after = {module: m + norm, text: "Add & Norm", kind: "norm", joins: parts.length};
        if (CONFIG.norm_first) parts[parts.length - 1].adds = true; // the sum has no box of its own
        boxes.push(...(CONFIG.norm_first ? [before, ...parts] : [...parts, after]));
    };
    attentions.forEach(([name, text], k) => sublayer(
                           "norm" + (k + 1), [{module: m + name, text, kind: "attention"}]));
    sublayer("norm" + (attentions.length + 1), [
        {module: m + "linear1", text: "Feed Forward: linear1, ReLU", kind: "forward"},
        {module: m + "linear2", text: "Feed Forward: linear2", kind: "forward"}
    ]);
    return boxes;
}

/* What a module reads: a list of sums, each a list of module names; "ReLU NAME" is what that leaves
 * of NAME's output. */
function module_inputs(module) {
    const found = module.match(/^transformer\.(encoder|decoder)\.layers\.(\d+)\.?(.*)$/);
    const last = (stack, count) => [[`transformer.${stack}.layers.${count - 1}`]];
    if (module === "transformer.encoder.norm") return last("encoder", CONFIG.num_encoder_layers);
    if (module === "transformer.decoder.norm") return last("decoder", CONFIG.num_decoder_layers);
    if (module === "generator") return [["transformer.decoder.norm"]];
    if (module === "softmax") return [["generator"]];
    if (!found) return [];
    const [, stack, number, child] = found, m = `transformer.${stack}.layers.${number}.`;
    const input = number === "0" ? (stack === "encoder" ? "src" : "tgt")
                                 : `transformer.${stack}.layers.${number - 1}`;
    const decoder = stack === "decoder", memory = ["transformer.encoder.norm"];
    const x = (name) => m + name;
    if (CONFIG.norm_first) {
        const first = [input, x("self_attn")], second = [...first, x("multihead_attn")];
        const last_norm = decoder ? "norm3" : "norm2";
        return {
            norm1: [[input]],
            self_attn: [[x("norm1")]],
            norm2: [first],
            multihead_attn: [[x("norm2")], memory],
            norm3: [second],
            linear1: [[x(last_norm)]],
            linear2: [["ReLU " + x("linear1")]],
            "": [[...(decoder ? second : first), x("linear2")]]
        }[child] || [];
    }
    const between = decoder ? "norm2" : "norm1"; // what the feed-forward reads
    return {
        self_attn: [[input]],
        norm1: [[input, x("self_attn")]],
        multihead_attn: [[x("norm1")], memory],
        norm2: decoder ? [[x("norm1"), x("multihead_attn")]] : [[between, "linear2"].map(x)],
        norm3: [[x("norm2"), x("linear2")]],
        linear1: [[x(between)]],
        linear2: [["ReLU " + x("linear1")]],
        "": [[input]]
    }[child] || [];
}

/* The output of a module, or the sum of several. */
function sum_of(run, modules) {
    const parts = modules.map((name) => output_of(run, name)).filter(Boolean);
    return parts.length ? parts.reduce(op_add) : null;
}

function output_of(run, module) {
    if (module.startsWith("ReLU ")) return op_relu(module_of(run, module.slice(5)));
    if (module !== "softmax") return module_of(run, module);
    const [T, V] = run.logits.shape, p = {module, shape: [T, V], data: run.logits.data.slice()};
    for (let t = 0; t < T; t++) softmax_row(p.data.subarray(t * V, (t + 1) * V));
    return p;
}

/* ---- The figure ---- */

/* A phone has room for narrow boxes only; their text is squeezed. */
const BOX = {
    h: 30,
    gap: 16,
    get w() { return innerWidth < 760 ? 118 : 250; },
    get side() { return innerWidth < 760 ? 27 : 50; }
};

/* One box; (x, y) is the middle of its lower edge. */
function draw_box(picture, x, y, box) {
    const open = S.module === box.module, h = BOX.h, w = box.w || BOX.w;
    picture.rect(x - w / 2, y - h, w, h, {
        fill: "--" + box.kind,
        stroke: open ? "--focus" : "--line",
        thick: open ? 3 : 1,
        radius: 5
    });
    picture.text(x, y - h / 2 + 5, box.text, {align: "center", fill: "--on-box", most: w - 8});
    picture.region(x - w / 2, y - h, w, h, box.text + ": " + box.module,
                   box.act || (() => update({module: open ? "" : box.module})));
}

/* An open layer: its boxes, the ways around them, a frame. Returns the y above it. */
function draw_layer(picture, stack, i, x, y) {
    const boxes = layer_boxes(stack, i), bottom = y, ys = {};
    let around = y + 8; // where the way around begins
    picture.line([[x, y + BOX.gap], [x, y]], {stroke: "--soft"});
    for (const box of boxes) {
        const norm_below = CONFIG.norm_first && box.kind === "norm";
        if (norm_below) around = y + 8;
        draw_box(picture, x, y, box);
        ys[box.module] = y;
        if (box.joins || box.adds) {
            const to = box.adds ? y - BOX.h - 8 : y - BOX.h / 2;
            const side = x - BOX.w / 2 - 14, end = box.adds ? x : x - BOX.w / 2;
            picture.line([[x, around], [side, around], [side, to], [end, to]], {stroke: "--soft"});
            if (box.adds) picture.text(x + 4, to + 5, "+", {bold: true});
            around = y - BOX.h - 8;
        }
        picture.line([[x, y - BOX.h], [x, y - BOX.h - BOX.gap]], {stroke: "--soft"});
        y -= BOX.h + BOX.gap;
    }
    picture.shapes.unshift({
        kind: "rect",
        x: x - BOX.w / 2 - 24,
        y: y + 2,
        w: BOX.w + 48,
        h: bottom - y + 9,
        fill: "--frame",
        stroke: "--line",
        radius: 8
    });
    picture.text(x + BOX.w / 2 + 18, bottom + 4, "layer " + i,
                 {size: 11, turn: -90, fill: "--soft"});
    return {y, ys};
}

/* A stack from its words at the bottom up to its last norm. Returns the y of its boxes. */
function draw_stack(picture, stack, x, bottom, ids, run) {
    const layers = stack === "encoder" ? CONFIG.num_encoder_layers : CONFIG.num_decoder_layers;
    const open = Math.min(S.layer, layers - 1), source = stack === "encoder" ? "src" : "tgt";
    const words = ids.slice(0, 9).map(piece).join(" ") + (ids.length > 9 ? " \u2026" : "");
    let y = bottom, ys = {};
    picture.text(x, y + 4, words, {align: "center", size: 12, most: BOX.w + 40});
    picture.line([[x, y - 10], [x, y - 20]], {stroke: "--soft"});
    y -= 20;
    const places = {none: "", rotary: ", places turned in attention"}[CONFIG.positions];
    draw_box(picture, x, y, {
        module: source,
        kind: "embedding",
        text: "Embedding" + (places === undefined ? " + Positional Encoding" : places)
    });
    y -= BOX.h + BOX.gap;
    for (let i = 0; i < layers; i++) {
        const module = (stack === "encoder" ? ENCODER : DECODER) + i;
        if (i === open) {
            const drawn = draw_layer(picture, stack, i, x, y);
            Object.assign(ys, drawn.ys);
            y = drawn.y;
            continue;
        }
        picture.line([[x, y + BOX.gap], [x, y]], {stroke: "--soft"});
        draw_box(
            picture, x, y,
            {module, kind: "frame", text: "layer " + i, act: () => update({layer: i, module})});
        ys[module] = y;
        y -= BOX.h + BOX.gap;
    }
    const norm = `transformer.${stack}.norm`;
    picture.line([[x, y + BOX.gap], [x, y]], {stroke: "--soft"});
    draw_box(picture, x, y, {module: norm, kind: "norm", text: "Norm"});
    ys[norm] = y;
    return {y: y - BOX.h, ys};
}

function stack_height(stack) {
    const layers = stack === "encoder" ? CONFIG.num_encoder_layers : CONFIG.num_decoder_layers;
    return (layer_boxes(stack, 0).length + layers - 1 + 2) * (BOX.h + BOX.gap) + 40;
}

function machine_picture(run) {
    const height = Math.max(stack_height("encoder"), stack_height("decoder") + 130);
    const picture =
        new Picture("the machine, " + run.text_src, 2 * BOX.w + 4 * BOX.side, height + 20);
    const left = BOX.w / 2 + BOX.side, right = left + BOX.w + 2 * BOX.side, bottom = height + 4;
    const encoder = draw_stack(picture, "encoder", left, bottom, run.src, run);
    const decoder = draw_stack(picture, "decoder", right, bottom, run.tgt, run);
    // The memory goes to every decoder layer; the figure shows the way to the open one's attention.
    const cross = DECODER + Math.min(S.layer, CONFIG.num_decoder_layers - 1) + ".multihead_attn";
    const to = decoder.ys[cross] - BOX.h / 2, middle = (left + right) / 2;
    const up = encoder.y - 12;
    picture.line(
        [
            [left, encoder.y], [left, up], [middle + 8, up], [middle + 8, to],
            [right - BOX.w / 2, to]
        ],
        {stroke: "--focus", thick: 2});
    picture.text(middle - 20, up - 6, "memory", {size: 12, fill: "--focus", align: "right"});
    let y = decoder.y - BOX.gap;
    for (const box of [{module: "generator", text: "Linear", kind: "embedding"},
                       {module: "softmax", text: "Softmax", kind: "forward"}]) {
        picture.line([[right, y + BOX.gap], [right, y]], {stroke: "--soft"});
        draw_box(picture, right, y, box);
        y -= BOX.h + BOX.gap;
    }
    picture.line([[right, y + BOX.gap], [right, y + 6]], {stroke: "--soft"});
    picture.text(right, y - 2, run.labels.slice(0, 9).map(piece).join(" "),
                 {align: "center", size: 12, most: BOX.w + 40});
    return picture;
}

/* ---- One box, opened ---- */

/* The numbers (T,N) as a heat map, a row for each piece. */
function heat_picture(title, output, pieces) {
    const [T, N] = output.shape, w = Math.max(1, Math.min(8, Math.floor(420 / N)));
    const h = T > 40 ? 9 : 18, left = 90,
          picture = new Picture(title, left + Math.max(N * w, 130) + 12, T * h + 64);
    const scale = signed_scale(output.data), row = Math.min(S.row, T - 1);
    picture.heat(left, 8, w, h, T, N, output.data, scale);
    for (let t = 0; t < T; t++) {
        const numbers = Array.from(output.data.subarray(t * N, t * N + 6), number_text).join("  ");
        picture.text(left - 6, 8 + t * h + h / 2 + 4, pieces[t] || "",
                     {align: "right", most: left - 10, size: Math.min(13, h + 2), bold: t === row});
        picture.region(0, 8 + t * h, picture.width, h, `${pieces[t] || ""}: ${numbers} \u2026`,
                       () => update({row: t}));
    }
    picture.rect(left, 8 + row * h, N * w, h, {stroke: "--focus"});
    picture.legend(left, 8 + T * h + 14, scale);
    return picture;
}

/* Logits or probabilities (T,V) of the pieces that are among the likeliest anywhere. */
function likeliest_picture(title, output, pieces, share) {
    const [T, V] = output.shape, columns = [];
    for (let t = 0; t < T; t++)
        for (const id of best_tokens(output.data.subarray(t * V, (t + 1) * V), 3))
            if (!columns.includes(id)) columns.push(id);
    const data = new Float64Array(T * columns.length);
    for (let t = 0; t < T; t++)
        columns.forEach((id, c) => { data[t * columns.length + c] = output.data[t * V + id]; });
    return matrix_picture(title, data, pieces, columns.map(piece),
                          share ? {kind: "share", max: 1} : signed_scale(data));
}

function shape_row(label, output) {
    const {mean, deviation} = moments(output.data);
    return el("tr", {}, el("th", {}, label), el("td", {}, "(" + output.shape.join(",") + ")"),
              el("td", {}, mean.toFixed(4)), el("td", {}, deviation.toFixed(4)));
}

/* "src + encoder.layers.0.self_attn" */
function sum_text(parts) {
    return parts.map((part) => part.replace("transformer.", "")).join(" + ");
}

/* What comes in, in colours, for those who open it. The logits' columns would be too many. */
function input_details(run, parts, data) {
    if (parts[0] === "generator") return null;
    const side = /encoder|^src$/.test(parts[0]) ? run.src : run.tgt;
    return el("details", {}, el("summary", {}, "what comes in: " + sum_text(parts)),
              picture_figure(heat_picture("in: " + sum_text(parts), data, side.map(piece))));
}

const ABOUT = {
    src: "Each piece's row of the table, times \u221aE, with the place added.",
    self_attn: "Each place asks all that it may see, and takes along a mixture of their values.",
    multihead_attn: "The decoder's places ask the encoder's: keys and values are made of memory.",
    linear1: "To F columns, each piece on its own; behind it ReLU cuts what is below 0.",
    linear2: "Back to E columns.",
    norm: "Every row on its own: mean 0 and deviation 1, then a weight and a bias for each column.",
    layer: "What the layer hands on.",
    generator: "A score for every piece of the vocabulary. Shown: the best three of each place.",
    softmax: "The scores as probabilities of what comes next. Shown: the best three of each place.",
};

function about(module) {
    const child =
        module.replace(/^.*\./, "").replace(/^norm\d?$/, "norm").replace(/^\d+$/, "layer");
    return ABOUT[child === "tgt" ? "src" : child] || "";
}

/* What stands beside the figure when a box is open. */
function module_panel(run, module) {
    const output = output_of(run, module);
    if (!output) return el("p", {}, "Click a box.");
    const side = /encoder|^src$/.test(module) ? run.src : run.tgt, pieces = side.map(piece);
    const inputs = module_inputs(module)
                       .map((parts) => [parts, sum_of(run, parts)])
                       .filter((input) => input[1]);
    const [T, N] = output.shape, row = Math.min(S.row, T - 1);
    const wide = module === "generator" || module === "softmax";
    const attention = module.match(/(encoder|decoder)\.layers\.(\d+)\.(self_attn|multihead_attn)$/);
    const kind = attention && (attention[3] === "multihead_attn" ? "cross" : attention[1]);
    const go = (view, more) => () => update({view, kind, layer: Number(attention[2]), ...more});
    return el(
        "section", {class: "panel"}, el("h2", {}, module), el("p", {}, about(module)),
        el("table", {},
           el("tr", {}, ...["", "shape", "mean", "deviation"].map((t) => el("th", {}, t))),
           ...inputs.map(([parts, data]) => shape_row("in: " + sum_text(parts), data)),
           shape_row("out", output)),
        attention ? el("p", {class: "buttons"},
                       el("button", {type: "button", onclick: go("attention", {picture: "all"})},
                          "its heads"),
                       el("button", {type: "button", onclick: go("row")}, "one row's arithmetic"))
                  : null,
        picture_figure(wide ? likeliest_picture(module, output, pieces, module === "softmax")
                            : heat_picture(module, output, pieces)),
        wide ? null
             : el("details", {}, el("summary", {}, `the ${N} numbers of ${pieces[row] || ""}`),
                  el("pre", {},
                     Array
                         .from(output.data.subarray(row * N, (row + 1) * N),
                               (v, i) => v.toFixed(4).padStart(9) + (i % 8 === 7 ? "\n" : ""))
                         .join(""))),
        ...inputs.map(([parts, data]) => input_details(run, parts, data)));
}

VIEWS.machine = {
    title: "Machine",
    controls: () =>
        el("p", {class: "hint"},
           "Figure 1 of the paper, from the bottom up. A click opens a box: what comes in, what " +
               "goes out. Names are those of forward --trace."),
    draw: (run) =>
        el("div", {class: "columns"}, picture_figure(machine_picture(run)),
           el("div", {}, S.module ? module_panel(run, S.module) : null,
              el("details", {}, el("summary", {}, "all modules, as forward --trace prints them"),
                 el("pre", {class: "trace"}, run.trace.map(trace_line).join("\n"))))),
};
