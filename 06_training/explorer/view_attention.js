"use strict";
/* view_attention.js - who looks at whom: a head's lines, its matrix, all heads of all layers. */

/* ---- Choosing ---- */

/* A row of buttons of which one is down. */
function choice(label, key, options, now = S[key]) {
    const button = ([value, text]) => el("button", {
        type: "button", id: key + "-" + value, "aria-pressed": String(now === value),
        onclick: () => update({[key]: value})}, text);
    return el("span", {class: "choice", role: "group", "aria-label": label}, label + " ",
              ...options.map(button));
}

/* Which attention, layer and head: the same for this view and for one row's arithmetic. */
function attention_controls(with_mean) {
    const layers = attention_layers(S.kind), heads = [];
    if (with_mean) heads.push([-1, "mean"]);
    for (let h = 0; h < CONFIG.nhead; h++) heads.push([h, String(h)]);
    return [
        choice("attention", "kind",
               [["encoder", "encoder self"], ["decoder", "decoder self"], ["cross", "cross"]]),
        choice("layer", "layer", Array.from({length: layers}, (_, i) => [i, String(i)])),
        choice("head", "head", heads, with_mean ? S.head : Math.max(S.head, 0))
    ];
}

function selected_rows(T) {
    const rows = S.rows.split(" ").filter(Boolean).map(Number);
    return new Set(rows.filter((row) => Number.isInteger(row) && row >= 0 && row < T));
}

function toggle_row(row, T) {
    const rows = selected_rows(T);
    if (!rows.delete(row)) rows.add(row);
    update({rows: [...rows].sort((a, b) => a - b).join(" ")});
}

/* The weights (S) of the selected rows added up; of all rows if none is selected. */
function summed(weights, rows, T, S) {
    const sum = new Float64Array(S);
    for (let t = 0; t < T; t++)
        if (rows.size === 0 || rows.has(t))
            for (let s = 0; s < S; s++) sum[s] += weights[t * S + s];
    return sum;
}

/* ---- Pictures ---- */

/* Weights on colours: 1 is the darkest, or the largest there is. */
function share_scale(lists) {
    let max = S.largest ? 1e-9 : 1;
    if (S.largest)
        for (const list of lists)
            for (const value of list) max = Math.max(max, value);
    return {kind: "share", max};
}

/* How wide the longest of the pieces is likely to be. */
function label_room(pieces, size) {
    const longest = pieces.reduce((most, text) => Math.max(most, Array.from(text).length), 3);
    return Math.min(150, Math.max(40, longest * size * 0.62 + 14));
}

/* data (rows,cols) with its labels. options: marked rows, act(row), scores whose -Infinity is
 * hatched, a row of sums below. */
function matrix_picture(title, data, rows, cols, scale, options = {}) {
    const T = rows.length, N = cols.length, most = Math.max(T, N);
    const cell = most > 60 ? 10 : most > 30 ? 16 : 24;
    const size = Math.min(13, cell), left = label_room(rows, size), top = label_room(cols, size);
    const sums = options.sums ? 34 : 0, right = options.says ? label_room(options.says, size) : 60;
    const picture =
        new Picture(title, left + Math.max(N * cell, 130) + right, top + T * cell + sums + 50);
    const marked = options.marked || new Set();
    picture.heat(left, top, cell, cell, T, N, data, scale);
    picture.rect(left, top, N * cell, T * cell, {stroke: "--line"});
    for (let s = 0; s < N; s++)
        picture.text(left + s * cell + cell / 2 + 4, top - 6, cols[s],
                     {turn: -60, size, most: top * 1.1});
    for (let t = 0; t < T; t++) {
        const y = top + t * cell;
        picture.text(left - 6, y + cell / 2 + 4, rows[t],
                     {align: "right", size, bold: marked.has(t), most: left - 10});
        if (options.says)
            picture.text(left + N * cell + 6, y + cell / 2 + 4, options.says[t] || "",
                         {size, fill: "--soft", most: right - 8});
        if (marked.has(t)) picture.rect(left, y, N * cell, cell, {stroke: "--focus", thick: 2});
        picture.region(0, y, left, cell,
                       `row ${t}: ${rows[t]}` +
                           (options.says ? `, about to say ${options.says[t]}` : ""),
                       options.act && (() => options.act(t)));
        for (let s = 0; s < N; s++) {
            const ignored = options.scores && options.scores[t * N + s] === -Infinity;
            const x = left + s * cell;
            if (ignored) picture.line([[x, y + cell], [x + cell, y]], {stroke: "--line"});
            picture.region(x, y, cell, cell,
                           `${rows[t]} \u2192 ${cols[s]}: ` +
                               (ignored ? "masked" : number_text(data[t * N + s])),
                           options.act && (() => options.act(t)));
        }
    }
    if (options.sums) {
        const y = top + T * cell + 8, of = {kind: "share", max: Math.max(...options.sums, 1e-9)};
        picture.heat(left, y, cell, 18, 1, N, options.sums, of);
        picture.rect(left, y, N * cell, 18, {stroke: "--line"});
        picture.text(left - 6, y + 13, marked.size ? "sum of marked" : "sum of all",
                     {align: "right", size: 11, most: left - 6});
        options.sums.forEach((value, s) =>
                                 picture.region(left + s * cell, y, cell, 18,
                                                `${cols[s]}: ${number_text(value)} in sum`));
    }
    if (options.says) {
        picture.text(left - 6, top - 6, "reads", {align: "right", size: 11, fill: "--soft"});
        picture.text(left + N * cell + 6, top - 6, "says", {size: 11, fill: "--soft"});
    }
    picture.legend(left, top + T * cell + sums + 14, scale);
    return picture;
}

/* Two columns of pieces, and a line for every weight above 1.5 % of the scale. */
function lines_picture(title, weights, queries, keys, rows) {
    const scale = share_scale([weights]);
    const T = queries.length, N = keys.length, h = Math.max(T, N) > 40 ? 13 : 21;
    const size = Math.min(14, h - 1),
          room = Math.max(label_room(queries, size), label_room(keys, size));
    const middle = 260, height = Math.max(T, N) * h + 46;
    const picture = new Picture(title, 2 * room + middle + 70, height);
    const sum = summed(weights, rows, T, N), most = Math.max(...sum, 1e-9);
    const y_of = (i) => 30 + i * h;
    picture.text(room - 6, 14, "asks", {align: "right", size: 11, fill: "--soft"});
    picture.text(room + middle + 6, 14, "is looked at", {size: 11, fill: "--soft"});
    for (let t = 0; t < T; t++)
        for (let s = 0; s < N; s++) {
            const weight = weights[t * N + s] / scale.max;
            if (weight < 0.015 || (rows.size && !rows.has(t))) continue;
            picture.line([[room, y_of(t) + h / 2], [room + middle, y_of(s) + h / 2]], {
                stroke: "--line-strong",
                thick: 0.7 + 5 * weight,
                alpha: Math.min(1, 0.15 + 1.2 * weight)
            });
        }
    for (let t = 0; t < T; t++) {
        if (rows.has(t)) picture.rect(2, y_of(t), room - 2, h, {fill: "--marked", radius: 3});
        picture.text(room - 6, y_of(t) + h / 2 + 5, queries[t],
                     {align: "right", size, bold: rows.has(t), most: room - 8});
        picture.region(0, y_of(t), room, h, `${queries[t]}: click to select`,
                       () => toggle_row(t, T));
    }
    for (let s = 0; s < N; s++) {
        picture.rect(room + middle + 2, y_of(s) + 2, 46 * sum[s] / most, h - 4, {fill: "--marked"});
        picture.text(room + middle + 6, y_of(s) + h / 2 + 5, keys[s], {size, most: room});
        picture.region(room + middle, y_of(s), room, h,
                       `${keys[s]}: ${number_text(sum[s])} in sum of ` +
                           (rows.size ? "what is selected" : "all"));
    }
    return picture;
}

/* Every head of every layer, small; a click opens it. */
function all_picture(run) {
    const layers = attention_layers(S.kind), first = attention_of(run, S.kind, 0);
    const side = Math.max(70, Math.min(150, Math.floor(860 / CONFIG.nhead)));
    const picture = new Picture(`all heads, ${S.kind}, ${run.text_src}`,
                                60 + CONFIG.nhead * (side + 10), 30 + layers * (side + 10) + 40);
    const scale =
        share_scale(Array
                        .from({length: layers},
                              (_, layer) => attention_of(run, S.kind, layer).heads.map(({p}) => p))
                        .flat());
    for (let h = 0; h < CONFIG.nhead; h++)
        picture.text(60 + h * (side + 10) + side / 2, 20, "head " + h, {align: "center", size: 12});
    for (let layer = 0; layer < layers; layer++) {
        const attention = attention_of(run, S.kind, layer), y = 30 + layer * (side + 10);
        picture.text(6, y + side / 2, "layer " + layer, {size: 12});
        attention.heads.forEach(({p}, h) => {
            const x = 60 + h * (side + 10), name = attention_name(S.kind, layer);
            picture.heat(x, y, side / first.S, side / first.T, first.T, first.S, p, scale);
            const dead = off.heads.has(name + "." + h) || off.attentions.has(name);
            picture.rect(x, y, side, side,
                         {stroke: dead ? "--warn" : "--line", thick: dead ? 3 : 1});
            if (dead) picture.line([[x, y + side], [x + side, y]], {stroke: "--warn", thick: 2});
            picture.region(x, y, side, side, `layer ${layer}, head ${h}` + (dead ? ", off" : ""),
                           () => update({layer, head: h, picture: "matrix"}));
        });
    }
    picture.legend(60, 30 + layers * (side + 10) + 4, scale);
    return picture;
}

VIEWS.attention = {
    title: "Attention",
    controls: () =>
        el("div", {class: "controls"}, ...attention_controls(true),
           choice("picture", "picture",
                  [["matrix", "matrix"], ["lines", "lines"], ["all", "all heads"]]),
           choice("colours", "largest", [[0, "0 to 1"], [1, "0 to the largest"]]),
           choice("mask", "mask", [[1, "shown"], [0, "not shown"]]),
           el("button",
              {
                  type: "button",
                  id: "arithmetic",
                  onclick: () => update({view: "row", row: Number(S.rows.split(" ")[0]) || 0})
              },
              "one row's arithmetic"),
           S.rows ? el("button", {type: "button", id: "none", onclick: () => update({rows: ""})},
                       "select none")
                  : null,
           el("p", {class: "hint"},
              "A row is a place that asks; its weights add up to 1 over the places that it " +
                  "looks at. Click words on the left to select several: their weights are added " +
                  "up. A row of the decoder has read the piece on its left and is about to say " +
                  "the one on its right.")),
    draw: (run) => {
        if (S.picture === "all") return picture_figure(all_picture(run));
        const attention = attention_of(run, S.kind, S.layer),
              weights = weights_of_head(attention, S.head);
        const queries = attention.queries.map(piece), keys = attention.keys.map(piece);
        const rows = selected_rows(queries.length);
        const title =
            `${attention_name(S.kind, S.layer)}, ${S.head < 0 ? "mean" : "head " + S.head}`;
        if (S.picture === "lines")
            return picture_figure(lines_picture(title, weights, queries, keys, rows));
        return picture_figure(
            matrix_picture(title, weights, queries, keys, share_scale([weights]), {
                says: S.kind === "encoder" ? null : run.labels.map(piece),
                marked: rows,
                act: (t) => toggle_row(t, queries.length),
                scores: S.mask ? attention.heads[0].scores : null,
                sums: summed(weights, rows, queries.length, keys.length)
            }));
    },
};
