"use strict";
/* view_row.js - one row's arithmetic, as chapter 3 does it by hand: a query meets every key. */

function row_picture(run, layer, head, row) {
    const attention = attention_of(run, S.kind, layer), {q, k, v, D, S: N} = attention;
    const E = q.shape[1], {raw, scores, p} = attention.heads[head], first = head * D;
    const keys = attention.keys.map(piece), cell = Math.max(2, Math.min(7, Math.floor(190 / D)));
    const h = N > 40 ? 16 : 22, wide = D * cell, left = label_room(keys, 13), top = 96;
    const x_k = left + 8, x_qk = x_k + wide + 22, x_sum = x_qk + wide + 66, x_p = x_sum + 132;
    const x_v = x_p + 126;
    const picture = new Picture(`${attention_name(S.kind, layer)}, head ${head}, ` +
                                    `${piece(attention.queries[row])}`,
                                x_v + wide + 20, top + N * h + 92);
    const query = q.data.slice(row * E + first, row * E + first + D);
    const part = (tensor, s) => tensor.data.slice(s * E + first, s * E + first + D);
    const all_keys =
        signed_scale([...query, ...k.data.filter((_, i) => i % E >= first && i % E < first + D)]);
    const products = keys.map((_, s) => part(k, s).map((value, d) => value * query[d]));
    const all_products = signed_scale(products.flatMap((row) => [...row]));
    const all_values = signed_scale(v.data.filter((_, i) => i % E >= first && i % E < first + D));
    const head_text = (x, text) => picture.text(x, top - 12, text, {size: 12, bold: true});

    picture.text(left - 2, 30, piece(attention.queries[row]) + "  q",
                 {align: "right", bold: true, most: left});
    picture.heat(x_k, 16, cell, 20, 1, D, query, all_keys);
    picture.legend(x_k, 46, all_keys);
    picture.legend(x_qk, 46, all_products);
    picture.legend(x_v, 46, all_values);
    head_text(x_k, "k");
    head_text(x_qk, "q \u00d7 k, column by column");
    picture.text(x_sum, top - 12, "sum", {size: 12, bold: true, align: "right"});
    picture.text(x_sum + 66, top - 12, off.scale ? "not scaled" : "/ \u221a" + D,
                 {size: 12, bold: true, align: "right"});
    head_text(x_p - 40, "softmax");
    head_text(x_v, "v");
    for (let s = 0; s < N; s++) {
        const y = top + s * h, i = row * N + s, masked = scores[i] === -Infinity;
        const number = (x, text) =>
            picture.text(x, y + h / 2 + 4, text, {size: 12, align: "right"});
        picture.text(left - 2, y + h / 2 + 4, keys[s], {align: "right", most: left - 4});
        picture.heat(x_k, y + 2, cell, h - 4, 1, D, part(k, s), all_keys);
        picture.heat(x_qk, y + 2, cell, h - 4, 1, D, products[s], all_products);
        number(x_sum, raw[i].toFixed(2));
        number(x_sum + 66, masked ? "masked" : scores[i].toFixed(2));
        number(x_p, p[i].toFixed(3));
        picture.rect(x_p + 8, y + 4, 100 * p[i], h - 8, {fill: "--line-strong"});
        picture.heat(x_v, y + 2, cell, h - 4, 1, D, part(v, s), all_values);
        picture.region(0, y, picture.width, h,
                       `${keys[s]}: q \u00b7 k = ${number_text(raw[i])}, ` +
                           `scaled ${number_text(scores[i])}, share ${number_text(p[i])}`);
    }
    const y = top + N * h + 8, found = new Float64Array(D);
    for (let s = 0; s < N; s++)
        part(v, s).forEach((value, d) => { found[d] += p[row * N + s] * value; });
    picture.line([[x_k, y], [x_v + wide, y]], {stroke: "--line"});
    picture.text(x_v - 8, y + 25, "what it takes along: the shares times v, added up",
                 {size: 12, align: "right"});
    picture.heat(x_v, y + 10, cell, 20, 1, D, found, all_values);
    return picture;
}

VIEWS.row = {
    title: "One row",
    controls: () => el(
        "div", {class: "controls"}, ...attention_controls(false),
        el("p", {class: "hint"},
           "A query q meets each key k: the products of their columns, their " +
               "sum, divided by \u221aD, and the softmax makes shares of them that add up to 1. " +
               "Click a word to make it the one that asks.")),
    draw: (run) => {
        const head = Math.max(S.head, 0), attention = attention_of(run, S.kind, S.layer);
        const row = Math.min(S.row, attention.T - 1);
        return el("div", {},
                  el("p", {class: "words"},
                     ...attention.queries.map((id, t) => el("button", {
                                                  type: "button",
                                                  id: "row-" + t,
                                                  "aria-pressed": String(t === row),
                                                  onclick: () => update({row: t})
                                              },
                                                            piece(id)))),
                  picture_figure(row_picture(run, S.layer, head, row)));
    },
};
