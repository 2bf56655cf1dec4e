"use strict";
/* view_learning.js - the same sentence after each epoch that the run has kept. */

/* The page's own run of another epoch: the sentence alone, without its search tree. */
function epoch_run(text, epoch) {
    const before = S.epoch;
    S.epoch = epoch;
    const run = run_of(text);
    S.epoch = before;
    return run;
}

function small_matrix(run, epoch) {
    const layer = Math.min(S.layer, attention_layers(S.kind) - 1), side = 150;
    const attention = attention_of(run, S.kind, layer), scale = {kind: "share", max: 1};
    const picture = new Picture(`${epoch_name(epoch)}, ${attention_name(S.kind, layer)}`, side + 8, side + 8);
    picture.heat(4, 4, side / attention.S, side / attention.T, attention.T, attention.S,
                 weights_of_head(attention, S.head), scale);
    picture.rect(4, 4, side, side, {stroke: epoch === S.epoch ? "--focus" : "--line",
                                    thick: epoch === S.epoch ? 3 : 1});
    picture.region(4, 4, side, side, epoch_name(epoch), () => update({epoch}));
    return picture_figure(picture);
}

VIEWS.learning = {
    title: "Learning",
    controls: () => FINAL === 0 ? el("p", {class: "hint"},
        "This page holds the finished model only. train --average N keeps the last N epochs, and " +
        "explore --epochs FOLDER puts as many as fit into the page.")
        : el("div", {class: "controls"}, ...attention_controls(true),
             el("p", {class: "hint"}, "Earlier epochs are kept in 8 bits a weight, the finished " +
                "model in 16. Click a picture to go on with that epoch in all views.")),
    draw: (run) => {
        const epochs = Array.from({length: FINAL + 1}, (_, i) => i);
        return el("div", {class: "scroll"}, el("table", {class: "learning"},
            ...epochs.map((epoch) => {
                const then = epoch_run(run.text_src, epoch);
                return el("tr", {}, el("th", {}, epoch_name(epoch)),
                          el("td", {}, small_matrix(then, epoch)), el("td", {dir: "auto"}, then.text));
            })));
    },
};
