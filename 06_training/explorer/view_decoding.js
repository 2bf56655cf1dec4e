"use strict";
/* view_decoding.js - how a translation is said, piece by piece: what else could have been said, the
 * beam and what died in it, drawing lots, and the teacher beside the model alone.
 */

/* A probability in few letters. */
function share_text(share) { return share >= 0.005 ? share.toFixed(2) : share.toExponential(0); }

/* The next pieces at each place, given what the decoder reads there: a click forces one. */
function places_picture(run) {
    const [T, V] = run.logits.shape, shown = 5, w = 128, bar = 20, left = 8, top = 46;
    const picture = new Picture("the next piece at each place, " + run.text_src, left + T * w + 8,
                                top + shown * bar + 34);
    const forced = forced_map();
    for (let t = 0; t < T; t++) {
        const p = run.logits.data.slice(t * V, (t + 1) * V), x = left + t * w;
        softmax_row(p);
        picture.text(x, 14, `${t}  reads`, {size: 11, fill: "--soft"});
        picture.text(x, 32, piece(run.tgt[t]), {bold: true, most: w - 8});
        const best = best_tokens(p, shown);
        if (run.labels[t] !== undefined && !best.includes(run.labels[t]))
            best[shown - 1] = run.labels[t];
        best.forEach((id, i) => {
            const y = top + i * bar, said = id === run.labels[t], stuck = forced.get(t) === id;
            picture.rect(x, y + 1, (w - 14) * p[id], bar - 3, {fill: said ? "--said" : "--marked"});
            picture.text(x + 3, y + 14,
                         `${piece(id)}  ${share_text(p[id])}${stuck ? "  forced" : ""}`,
                         {size: 12, bold: said, most: w - 12});
            picture.region(x, y, w - 6, bar,
                           `place ${t}: ${piece(id)}, probability ` +
                               `${number_text(p[id])}${stuck ? ", forced" : "; click to force it"}`,
                           () => force(t, id));
        });
    }
    picture.rect(left, top + shown * bar + 12, 12, 12, {fill: "--said"});
    picture.text(left + 18, top + shown * bar + 22,
                 S.tgt ? "the given translation" : "what was said", {size: 12});
    return picture;
}

/* Forces a piece at a place, or lets go of it; what was forced behind it goes, since it stood
 * behind other words. */
function force(place, id) {
    const forced = forced_map(), again = forced.get(place) === id;
    const kept = [...forced].filter(([other]) => other < place);
    if (!again) kept.push([place, id]);
    update({forced: kept.map((pair) => pair.join(":")).join(" "), tgt: ""});
}

/* Makes it begin with these pieces. */
function force_all(ids) {
    update({forced: ids.map((id, place) => `${place}:${id}`).join(" "), tgt: ""});
}

/* ---- The beam ---- */

/* A column for each step, the candidates in falling order, and a line from each to its parent. */
function beam_picture(run) {
    const steps = run.beam.steps, w = 132, h = 40, top = 30;
    const most = steps.reduce((n, step) => Math.max(n, step.length), 1);
    const picture = new Picture(`a beam of ${S.beam}, ${run.text_src}`, 70 + steps.length * w,
                                top + most * h + 40);
    const where = new Map(), best = new Set();
    for (let node = run.beam.best; node; node = node.parent) best.add(node);
    picture.text(4, top + 20, "<s>", {bold: true});
    steps.forEach((step, i) => {
        const x = 56 + i * w;
        picture.text(x, 16, "step " + (i + 1), {size: 11, fill: "--soft"});
        step.forEach((node, k) => where.set(node, [x, top + k * h]));
    });
    for (const step of steps)
        for (const node of step) {
            const [x, y] = where.get(node), from = where.get(node.parent);
            const [fx, fy] = from ? [from[0] + w - 26, from[1]] : [30, top];
            const died = node.fate === "died", on_way = best.has(node);
            picture.line([[fx, fy + 15], [x, y + 15]], {
                stroke: on_way ? "--focus" : "--line-strong",
                thick: on_way ? 2.5 : 1,
                alpha: died ? 0.35 : 1,
                dash: died ? [3, 3] : undefined
            });
        }
    for (const step of steps)
        for (const node of step) {
            const [x, y] = where.get(node), died = node.fate === "died";
            const fill = node.fate === "ended" ? "--said" : died ? "--paper" : "--marked";
            picture.rect(x, y, w - 26, 32, {
                fill,
                stroke: best.has(node) ? "--focus" : "--line",
                thick: best.has(node) ? 2.5 : 1,
                radius: 4,
                alpha: died ? 0.6 : 1
            });
            picture.text(x + 5, y + 13, piece(node.token),
                         {size: 12, alpha: died ? 0.6 : 1, bold: !died, most: w - 34});
            picture.text(x + 5, y + 27,
                         node.final === undefined ? "ln P " + node.score.toFixed(2)
                                                  : `ln P / lp ${node.final.toFixed(2)}`,
                         {size: 10.5, alpha: died ? 0.6 : 1, most: w - 34});
            const words = bpe_decode(BPE, pieces_to(node));
            picture.region(
                x, y, w - 26, 32,
                `${words} | ln P ${node.score.toFixed(3)}, ${node.fate}` +
                    (node.final === undefined ? "" : `, divided ${node.final.toFixed(3)}`),
                () => force_all(pieces_to(node)));
        }
    const y = top + most * h + 10, legend = [
        ["--marked", "goes on"], ["--said", "ended"], ["--paper", "died: others were better"]
    ];
    legend.forEach(([fill, text], i) => {
        picture.rect(8 + i * 110, y, 12, 12, {fill, stroke: "--line"});
        picture.text(26 + i * 110, y + 11, text, {size: 12});
    });
    return picture;
}

function pieces_to(node) {
    const ids = [];
    for (; node.parent; node = node.parent) ids.unshift(node.token);
    return ids;
}

/* ---- The teacher, and lots ---- */

/* With a given translation: what the model says at each place behind the right words, and what it
 * says on its own. */
function teacher_table(run) {
    const [T, V] = run.logits.shape, free = run.said;
    const cells = (tag, texts, marks) =>
        texts.map((text, i) => el(tag, {class: marks && marks[i] ? "wrong" : ""}, text));
    const said = run.tgt.map((_, t) => greedy_token(run.logits.data.subarray(t * V, (t + 1) * V)));
    const wrong = said.map((id, t) => id !== run.labels[t]);
    const alone = run.labels.map(
        (_, t) => free[t] === undefined ? (t === free.length ? TOKEN_EOS : -1) : free[t]);
    let loss = 0;
    for (let t = 0; t < T; t++)
        loss -= log_softmax(run.logits.data.slice(t * V, (t + 1) * V))[run.labels[t]] / T;
    return el("div", {}, el("h2", {}, "With the teacher, and alone"),
              el("div", {class: "scroll"},
                 el("table", {class: "pieces"},
                    el("tr", {}, el("th", {}, "reads"), ...cells("td", run.tgt.map(piece))),
                    el("tr", {}, el("th", {}, "says"), ...cells("td", said.map(piece), wrong)),
                    el("tr", {}, el("th", {}, "should say"), ...cells("td", run.labels.map(piece))),
                    el("tr", {}, el("th", {}, "said alone"),
                       ...cells("td", alone.map((id) => id < 0 ? "" : piece(id)),
                                alone.map((id, t) => id !== run.labels[t]))))),
              el("p", {},
                 `${T - wrong.filter(Boolean).length} of ${T} right behind the right words; mean ` +
                     `loss ${loss.toFixed(3)}. Alone: ${run.text}`));
}

/* A small generator (Park and Miller's), so that a link shows the same lots again. */
function lots(seed) {
    let state = 1 + seed % 2147483646;
    return () => (state = state * 48271 % 2147483647) / 2147483647;
}

/* One after the other, each when the page is at rest, as long as the list is looked at. */
function samples_list(run) {
    const model = model_of(S.epoch), forced = forced_map(), list = el("ol", {});
    const sample = (i) => {
        if (!list.isConnected || i === 5) return;
        const random = lots(1000 * S.seed + i);
        random();
        const ids = greedy_decode(
            model, run.src,
            (logits, place) => forced.has(place) ? forced.get(place)
                                                 : sample_token(logits, S.temperature, random()));
        list.append(el("li", {dir: "auto"}, bpe_decode(BPE, ids)));
        setTimeout(sample, 0, i + 1);
    };
    setTimeout(sample, 0, 0);
    return list;
}

/* A slider with its value beside it. */
function slider(key, text, low, high, step) {
    const value = el("output", {"for": key}, String(S[key]));
    return el("label", {}, text + " ", el("input", {
        type: "range", id: key, min: low, max: high, step, value: S[key],
        oninput: (event) => { value.textContent = event.target.value; },
        onchange: (event) => update({[key]: Number(event.target.value)})}), " ", value);
}

VIEWS.decoding = {
    title: "Decoding",
    controls: () =>
        el("div", {class: "controls"}, slider("beam", "beam", 1, 8, 1),
           slider("alpha", "length penalty \u03b1", 0, 2, 0.1),
           slider("temperature", "temperature", 0.1, 2, 0.1), slider("seed", "lots", 1, 50, 1),
           S.forced
               ? el("button", {type: "button", id: "unforce", onclick: () => update({forced: ""})},
                    "force nothing")
               : null),
    draw: (run) => el(
        "div", {}, S.tgt ? teacher_table(run) : null,
        el("h2", {}, "Step by step: what may come next"),
        el("p", {class: "hint"},
           "Behind what the decoder has read, the likeliest next pieces. Click " +
               "one to make it say that; what follows changes with it."),
        picture_figure(places_picture(run)),
        el("h2", {}, S.beam === 1 ? "Greedy: a beam of one" : `A beam of ${S.beam}`),
        el("p", {class: "hint"},
           `Of every step's candidates the best ${
               S.beam} go on. One that says </s> has ended: its ` +
               "ln P is divided by the length penalty, and the search goes on while another can " +
               "still be better. The line is the winner's."),
        picture_figure(beam_picture(run)),
        el("h2", {}, "Lots: each piece drawn with its probability"),
        el("p", {class: "hint"},
           "Logits are divided by the temperature first: below 1 the likely " +
               "ones gain, above 1 the unlikely ones."),
        samples_list(run)),
};
