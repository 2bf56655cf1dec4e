"use strict";
/* view_learning.js - the same sentence after each epoch that the run has kept. */

/* The run of another epoch, all else as it is. */
function epoch_run(text, epoch) {
    const before = S.epoch;
    S.epoch = epoch;
    const run = run_of(text);
    S.epoch = before;
    return run;
}

/* The chosen attention after every epoch, side by side. */
function learning_picture(runs) {
    const side = 176, gap = 16, scale = {kind: "share", max: 1};
    const picture = new Picture(`learning, ${attention_name(S.kind, S.layer)}, ${runs[0].text_src}`,
                                runs.length * (side + gap) + gap, side + 84);
    runs.forEach((run, epoch) => {
        const attention = attention_of(run, S.kind, S.layer), x = gap + epoch * (side + gap);
        const now = epoch === S.epoch;
        picture.text(x + side / 2, 18, epoch_name(epoch), {align: "center", bold: now});
        picture.heat(x, 28, side / attention.S, side / attention.T, attention.T, attention.S,
                     weights_of_head(attention, S.head), scale);
        picture.rect(x, 28, side, side, {stroke: now ? "--focus" : "--line", thick: now ? 3 : 1});
        picture.region(x, 28, side, side, `${epoch_name(epoch)}: ${run.text}`,
                       () => update({epoch}));
    });
    picture.legend(gap, side + 42, scale);
    return picture;
}

VIEWS.learning = {
    title: "Learning",
    controls: () =>
        FINAL === 0
            ? el("p", {class: "hint"},
                 "This page holds the finished model only. train --average N keeps the last " +
                     "N epochs, and explore --epochs FOLDER puts as many as fit into the page.")
            : el("div", {class: "controls"}, ...attention_controls(true),
                 el("p", {class: "hint"},
                    "Earlier epochs are kept in 8 bits a weight, the finished " +
                        "model in 16. Click a picture to go on with that epoch in all views.")),
    draw: (run) => {
        const runs = Array.from({length: FINAL + 1}, (_, epoch) => epoch_run(run.text_src, epoch));
        return el("div", {}, picture_figure(learning_picture(runs)),
                  el("table", {class: "learning"},
                     ...runs.map((then, epoch) => el("tr", {}, el("th", {}, epoch_name(epoch)),
                                                     el("td", {dir: "auto"}, then.text)))));
    },
};
