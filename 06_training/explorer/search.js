"use strict";
/* search.js - 06_training/decoding/ in the browser: greedy.c, beam.c, search.c, and drawing lots.
 *
 * A search keeps what it has seen, so that it can be shown: a node for every candidate that it
 * looked at, also for those that died.
 */

/* The decoder as a search needs it (decoding.h): one beginning, and what it has computed so far. */
function decoding_begin(model, src) {
    const memory = transformer_encode(model, src, null); // (S,E)
    return {model, src, memory, caches: decoder_caches_new(model, memory)};
}

/* The logits (V) of the piece behind prefix, and the caches that hold all of prefix. Without the
 * causal mask what is new changes what was before: then there is nothing to be kept. */
function decoding_logits(d, prefix, caches) {
    if (off.causal) {
        const decoded = transformer_decode(d.model, d.src, prefix, d.memory, null, null);
        const E = d.memory.shape[1];
        const last = {shape: [1, E], data: decoded.data.subarray((prefix.length - 1) * E)};
        return {logits: transformer_logits(d.model, last).data, caches};
    }
    const copy = caches.map(({self, cross}) => ({self: {...self}, cross}));
    const decoded = transformer_decode(d.model, d.src, prefix.slice(-1), d.memory, copy, null);
    return {logits: transformer_logits(d.model, decoded).data, caches: copy};
}

/* As search.c's. */
function search_limit(model, src) {
    return Math.min(model.config.length_factor * src.length + 10, model.config.max_length);
}

/* ln of the softmax of row (V). */
function log_softmax(row) {
    let max = -Infinity, sum = 0;
    for (const value of row) max = Math.max(max, value);
    for (const value of row) sum += Math.exp(value - max);
    const log_sum = max + Math.log(sum);
    return row.map((value) => value - log_sum);
}

/* The `count` best of row (V) that may be said, which <pad> and <s> are not: in falling order, of
 * equal ones the earlier first. */
function best_tokens(row, count) {
    const best = [];
    for (let v = TOKEN_EOS; v < row.length; v++) {
        if (best.length === count && !(row[v] > row[best[count - 1]])) continue;
        let i = best.length;
        while (i > 0 && row[v] > row[best[i - 1]]) i--;
        best.splice(i, 0, v);
        if (best.length > count) best.pop();
    }
    return best;
}

function greedy_token(logits) {
    return best_tokens(logits, 1)[0];
}

/* The likeliest piece at every place, or what choose(logits, place) says; ids without marks. */
function greedy_decode(model, src, choose) {
    const d = decoding_begin(model, src), limit = search_limit(model, src), prefix = [TOKEN_BOS];
    for (let length = 1, caches = d.caches; length <= limit; length++) {
        const step = decoding_logits(d, prefix, caches);
        const said = choose ? choose(step.logits, length - 1) : greedy_token(step.logits);
        if (said === TOKEN_EOS) break;
        prefix.push(said);
        caches = step.caches;
    }
    return prefix.slice(1);
}

/* Draws a piece with probability softmax(logits / temperature); random in [0,1). */
function sample_token(logits, temperature, random) {
    const p = logits.map((value) => value / temperature);
    p[TOKEN_PAD] = p[TOKEN_BOS] = -Infinity;
    softmax_row(p);
    let left = random;
    for (let v = 0; v < p.length; v++)
        if ((left -= p[v]) < 0) return v;
    return greedy_token(logits);
}

/* ((5 + |Y|) / 6)^alpha: what ln P is divided by, so that the shortest does not always win. */
function beam_length_penalty(length, alpha) {
    return Math.pow((5 + length) / 6, alpha);
}

/* Beam search as search.c does it. forced: Map of place -> piece that must stand there. Returns
 * {ids, steps}: the translation without marks, and for each step its candidates, best first, as
 * {parent, token, score, place, fate}: it "goes on", has "ended" (final is its divided score) or
 * "died". */
function beam_search(model, src, beam, alpha, forced) {
    const d = decoding_begin(model, src), limit = search_limit(model, src), steps = [];
    let rows = [{parent: null, token: TOKEN_BOS, score: 0, place: 0, prefix: [TOKEN_BOS],
                 caches: d.caches}];
    let finished = 0, best = null;
    for (let length = 1; rows.length > 0; length++) { // of the hypotheses after this step
        let candidates = [];
        for (const row of rows) {
            const {logits, caches} = decoding_logits(d, row.prefix, row.caches);
            const scores = log_softmax(logits);
            const said = forced && forced.has(length - 1) ? [forced.get(length - 1)]
                                                          : best_tokens(scores, 2 * beam);
            row.caches = caches;
            for (const token of said)
                candidates.push({parent: row, token, score: row.score + scores[token],
                                 place: length, fate: "died"});
        }
        // Array.sort is stable: of equal scores the earlier hypothesis stays in front.
        candidates = candidates.sort((a, b) => b.score - a.score).slice(0, 2 * beam);
        const next = [];
        candidates.forEach((c, i) => {
            if (next.length === beam) return;
            const ends = c.token === TOKEN_EOS || length >= limit;
            if (ends && i >= beam) return; // no beam of this width would have kept it
            c.prefix = [...c.parent.prefix, c.token];
            if (!ends) {
                c.caches = c.parent.caches;
                c.fate = "goes on";
                next.push(c);
                return;
            }
            c.fate = "ended";
            c.final = c.score / beam_length_penalty(length, alpha);
            if (finished++ === 0 || c.final > best.final) best = c;
        });
        steps.push(candidates);
        // From here on P only falls, and the divisor is largest at the limit: who cannot become the
        // best even so goes on for nothing. A beam of one is greedy decoding, and ends with </s>.
        const could_win = next.length > 0 && (finished === 0 || (beam > 1 &&
            next[0].score / beam_length_penalty(limit, alpha) > best.final));
        if (!could_win) for (const c of next) c.fate = "died";
        rows = could_win ? next : [];
    }
    return {ids: best ? best.prefix.slice(1).filter((id) => id !== TOKEN_EOS) : [], best, steps};
}
