"use strict";
/* forward.js - the forward pass of chapters 2 to 5 for one sentence, under the names of the C code.
 *
 * A tensor is {shape, data}: numbers row by row, as in common/tensor.h, here in double. There is no
 * batch and no way back: (S,E) here is what (B,S,E) is there. Letters: S source pieces, T target
 * pieces, E d_model, H nhead, D = E / H, F dim_feedforward, V vocabulary.
 */

const TOKEN_PAD = 0, TOKEN_BOS = 1, TOKEN_EOS = 2, TOKEN_TEXT = 3;

/* What the reader has switched off; the C code has no such switches. */
const off = {
    heads: new Set(),      // "encoder.0.self_attn.2": this head finds nothing
    attentions: new Set(), // "decoder.1.multihead_attn": the residual alone goes on
    positions: false,      // no place is told
    causal: false,         // the decoder sees what is to come
    scale: false,          // scores are not divided by sqrt(D)
};

function tensor_new(...shape) {
    return {shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1))};
}

/* ---- Looking inside (05_encoder_decoder/trace.h) ---- */

let trace = null; // an array while someone looks: {module, shape, data} as each output is made

function traced(module, output) {
    if (trace) trace.push({module, shape: output.shape, data: output.data.slice()});
    return output;
}

/* ---- common/: what all chapters use ---- */

/* x (T,in) W^T + b: rows first .. first + count of weight (out,in) -> (T,count) */
function linear_rows(x, weight, bias, first, count) {
    const [T, from] = x.shape, y = tensor_new(T, count), w = weight.data, xs = x.data;
    for (let t = 0; t < T; t++)
        for (let o = 0; o < count; o++) {
            const row = (first + o) * from, at = t * from;
            let a = 0, b = 0; // two sums, since one addition would wait for the other
            let i = 0;
            for (; i + 1 < from; i += 2) {
                a += xs[at + i] * w[row + i];
                b += xs[at + i + 1] * w[row + i + 1];
            }
            if (i < from) a += xs[at + i] * w[row + i];
            y.data[t * count + o] = a + b + (bias ? bias.data[first + o] : 0);
        }
    return y;
}

function linear_forward(linear, x) {
    return linear_rows(x, linear.weight, linear.bias, 0, linear.weight.shape[0]);
}

function op_add(x, y) {
    return {shape: x.shape, data: x.data.map((value, i) => value + y.data[i])};
}

function op_relu(x) {
    return {shape: x.shape, data: x.data.map((value) => Math.max(value, 0))};
}

/* row (n) <- its softmax. A row of -Infinity alone, all of it masked, becomes zeros. */
function softmax_row(row) {
    let max = -Infinity, sum = 0;
    for (const value of row) max = Math.max(max, value);
    const shift = max === -Infinity ? 0 : max; // the largest becomes e^0: nothing overflows
    for (let i = 0; i < row.length; i++) sum += row[i] = Math.exp(row[i] - shift);
    for (let i = 0; i < row.length; i++) row[i] *= sum === 0 ? 0 : 1 / sum;
}

/* ---- 01_embeddings/embedding.c ---- */

/* ids (T) -> their rows of the table (V,E), times sqrt(E): (T,E) */
function embedding_forward_scaled(embedding, ids) {
    const E = embedding.weight.shape[1], x = tensor_new(ids.length, E);
    for (let t = 0; t < ids.length; t++)
        for (let e = 0; e < E; e++)
            x.data[t * E + e] = Math.sqrt(E) * embedding.weight.data[ids[t] * E + e];
    return x;
}

/* ---- 02_positional_encoding/: sinusoid.c, learned_positions.c, rotary.c, positions.c ---- */

/* table (T,d_model): each pair of columns is a clock of its own speed, its sine and cosine. */
function sinusoid_table(first_position, positions, d_model) {
    const table = tensor_new(positions, d_model);
    for (let i = 0; 2 * i < d_model; i++) {
        const frequency = Math.pow(10000, -2 * i / d_model);
        for (let t = 0; t < positions; t++) {
            const angle = (first_position + t) * frequency;
            table.data[t * d_model + 2 * i] = Math.sin(angle);
            if (2 * i + 1 < d_model) table.data[t * d_model + 2 * i + 1] = Math.cos(angle);
        }
    }
    return table;
}

/* Rows first_position ... of a table that was learned like an embedding. */
function learned_positions(weight, first_position, T) {
    const E = weight.shape[1], at = first_position * E;
    return {shape: [T, E], data: Float64Array.from(weight.data.subarray(at, at + T * E))};
}

/* x (T,E) <- pairs of columns of each head of D turned by the angle of their place. */
function rotary_turn(x, D, first_position) {
    const [T, E] = x.shape, y = tensor_new(T, E);
    for (let t = 0; t < T; t++)
        for (let i = 0; i < E; i += 2) {
            const theta = Math.pow(10000, -(i % D) / D);
            const angle = (first_position + t) * theta, c = Math.cos(angle), s = Math.sin(angle);
            const at = t * E + i, first = x.data[at], second = x.data[at + 1];
            y.data[at] = first * c - second * s;
            y.data[at + 1] = first * s + second * c;
        }
    return y;
}

/* x (T,E) + its places, for the kinds that are added before the first layer. */
function positions_add(positions, x, first_position) {
    const [T, E] = x.shape;
    if (off.positions) return x;
    if (positions.kind === "sinusoid") return op_add(x, sinusoid_table(first_position, T, E));
    if (positions.kind === "learned")
        return op_add(x, learned_positions(positions.weight, first_position, T));
    return x; // none, and rotary, which turns queries and keys instead
}

/* ---- 03_self_attention/: masks.c, attention_forward.c ---- */

/* scores (T,S): what is to be ignored becomes -Infinity. Query t stands at key S - T + t. */
function masks_fill(scores, masks, T, S) {
    for (let t = 0; t < T; t++)
        for (let s = 0; s < S; s++)
            if ((masks.key_padding_mask && masks.key_padding_mask[s]) ||
                (masks.causal && s > S - T + t))
                scores[t * S + s] = -Infinity;
}

/* One head: columns [first, first + D) of q (T,E) ask those of k (S,E), and the answers are mixed
 * from those of v (S,E) into y (T,E). Returns what chapter 3 does by hand: raw scores q k^T, the
 * scores as scaled and masked, and the weights p = softmax(scores), all (T,S). */
function attention_forward(y, q, k, v, first, D, masks) {
    const [T, E] = q.shape, S = k.shape[0], scale = off.scale ? 1 : 1 / Math.sqrt(D);
    const raw = new Float64Array(T * S);
    for (let t = 0; t < T; t++)
        for (let s = 0; s < S; s++) {
            let dot = 0;
            for (let d = first; d < first + D; d++) dot += q.data[t * E + d] * k.data[s * E + d];
            raw[t * S + s] = dot;
        }
    const scores = raw.map((value) => value * scale); // (T,S)
    masks_fill(scores, masks, T, S);
    const p = scores.slice(); // (T,S)
    for (let t = 0; t < T; t++) softmax_row(p.subarray(t * S, (t + 1) * S)); // each shares out 1
    for (let t = 0; t < T; t++)
        for (let s = 0; s < S; s++) {
            const weight = p[t * S + s];
            if (weight === 0) continue;
            for (let d = first; d < first + D; d++)
                y.data[t * E + d] += weight * v.data[s * E + d];
        }
    return {raw, scores, p};
}

/* ---- 04_multihead/: multihead.c, key_value_cache.c ---- */

/* Keys and values (S,E) of earlier pieces, with those of new ones (T,E) behind them. */
function key_value_cache_append(cache, k, v) {
    const join = (a, b) => {
        const data = new Float64Array(a.data.length + b.data.length);
        data.set(a.data);
        data.set(b.data, a.data.length);
        return {shape: [a.shape[0] + b.shape[0], b.shape[1]], data};
    };
    cache.k = cache.k ? join(cache.k, k) : k;
    cache.v = cache.v ? join(cache.v, v) : v;
    cache.length = cache.k.shape[0];
}

/* query (T,E), memory (S,E) -> (T,E), as multihead_forward of multihead.h. weights, if given, is
 * filled with q, k, v and, for each head, what attention_forward returns. */
function multihead_forward(m, query, memory, masks, cache, weights) {
    const E = query.shape[1], H = m.nhead, D = E / H;
    let q = linear_rows(query, m.in_proj_weight, m.in_proj_bias, 0, E), k, v; // (T,E), (S,E)
    if (!cache || !cache.complete) {
        k = linear_rows(memory, m.in_proj_weight, m.in_proj_bias, E, E);
        v = linear_rows(memory, m.in_proj_weight, m.in_proj_bias, 2 * E, E);
        if (m.rotary && !off.positions) { // a value has no place
            q = rotary_turn(q, D, cache ? cache.length : 0);
            k = rotary_turn(k, D, cache ? cache.length : 0);
        }
        if (cache) key_value_cache_append(cache, k, v);
    }
    if (cache) ({k, v} = cache);
    const found = tensor_new(query.shape[0], E), heads = []; // (T,E): all heads, side by side
    for (let h = 0; h < H; h++) {
        heads.push(attention_forward(found, q, k, v, h * D, D, masks));
        if (off.heads.has(m.name + "." + h))
            for (let i = 0; i < found.data.length; i++)
                if (Math.floor(i % E / D) === h) found.data[i] = 0;
    }
    if (weights) Object.assign(weights, {q, k, v, heads, found, T: q.shape[0], S: k.shape[0], D});
    return linear_forward(m.out_proj, found); // W^O mixes what the heads found
}

/* ---- 05_encoder_decoder/: layer_norm.c, feed_forward.c, sublayer.c ---- */

function layer_norm(norm, x) {
    const [T, E] = x.shape, y = tensor_new(T, E);
    for (let t = 0; t < T; t++) {
        const row = x.data.subarray(t * E, (t + 1) * E);
        let sum = 0, squares = 0;
        for (const value of row) sum += value;
        const mean = sum / E;
        for (const value of row) squares += (value - mean) * (value - mean);
        const rstd = 1 / Math.sqrt(squares / E + 1e-5);
        for (let e = 0; e < E; e++)
            y.data[t * E + e] = (row[e] - mean) * rstd * norm.weight.data[e] + norm.bias.data[e];
    }
    return traced(norm.module, y);
}

function feed_forward(linear1, linear2, x) {
    const hidden = traced(linear1.module, linear_forward(linear1, x)); // (T,F)
    return traced(linear2.module, linear_forward(linear2, op_relu(hidden))); // (T,E)
}

function sublayer_attend(attention, query, keys, masks, cache, weights) {
    const f = multihead_forward(attention, query, keys, masks, cache, weights);
    if (off.attentions.has(attention.name)) f.data.fill(0);
    return traced(attention.module, f);
}

/* post-norm: norm(x + f(x));  pre-norm: x + f(norm(x)) */
function sublayer_enter(x, norm, config) {
    return config.norm_first ? layer_norm(norm, x) : x;
}

function sublayer_leave(x, f, norm, config) {
    const sum = op_add(x, f);
    return config.norm_first ? sum : layer_norm(norm, sum);
}

/* ---- 05_encoder_decoder/: encoder_layer.c, decoder_layer.c, figure 1 from its bottom up ---- */

function encoder_layer_forward(l, src, src_masks, weights) {
    let x = src, f, input; // (S,E), all of them

    // Multi-head attention: every word looks at every word of its sentence, itself included.
    input = sublayer_enter(x, l.norm1, l.config);
    f = sublayer_attend(l.self_attn, input, input, src_masks, null, weights);
    x = sublayer_leave(x, f, l.norm1, l.config);

    // Feed forward: every word on its own.
    input = sublayer_enter(x, l.norm2, l.config);
    f = feed_forward(l.linear1, l.linear2, input);
    x = sublayer_leave(x, f, l.norm2, l.config);
    return traced(l.module, x);
}

function decoder_layer_forward(l, tgt, memory, tgt_masks, memory_masks, cache, weights) {
    let x = tgt, f, input; // (T,E), all of them

    // Masked multi-head attention: every word looks at those before it, never at one to come.
    input = sublayer_enter(x, l.norm1, l.config);
    f = sublayer_attend(l.self_attn, input, input, tgt_masks, cache && cache.self,
                        weights && weights.self);
    x = sublayer_leave(x, f, l.norm1, l.config);

    // Multi-head attention: it asks the source sentence.
    input = sublayer_enter(x, l.norm2, l.config);
    f = sublayer_attend(l.multihead_attn, input, memory, memory_masks, cache && cache.cross,
                        weights && weights.cross);
    x = sublayer_leave(x, f, l.norm2, l.config);

    // Feed forward: every word on its own.
    input = sublayer_enter(x, l.norm3, l.config);
    f = feed_forward(l.linear1, l.linear2, input);
    x = sublayer_leave(x, f, l.norm3, l.config);
    return traced(l.module, x);
}

/* ---- 05_encoder_decoder/transformer.c: the whole machine of figure 1 ---- */

/* The model from named tensors, parameters: Map of name -> {shape, data}. */
function transformer_new(config, parameters) {
    const get = (name) => parameters.get(name);
    const part = (module) => // a linear layer or a norm
        ({module, weight: get(module + ".weight"), bias: get(module + ".bias")});
    const attention = (name, module, to_itself) => ({
        name, module, nhead: config.nhead, rotary: to_itself && config.positions === "rotary",
        in_proj_weight: get(module + ".in_proj_weight"),
        in_proj_bias: get(module + ".in_proj_bias"),
        out_proj: part(module + ".out_proj"),
    });
    const layer = (stack, i) => {
        const module = "transformer." + stack + ".layers." + i, name = stack + "." + i;
        const l = {module, config};
        for (const child of ["linear1", "linear2", "norm1", "norm2", "norm3"])
            l[child] = part(module + "." + child);
        l.self_attn = attention(name + ".self_attn", module + ".self_attn", true);
        l.multihead_attn = attention(name + ".multihead_attn", module + ".multihead_attn", false);
        return l;
    };
    const layers = (stack, count) => Array.from({length: count}, (_, i) => layer(stack, i));
    const src_embed = part("src_embed"), tied = config.tie_embeddings; // tied: one matrix for three
    return {
        config, src_embed,
        tgt_embed: tied ? src_embed : part("tgt_embed"),
        generator: {module: "generator", bias: get("generator.bias"),
                    weight: tied ? src_embed.weight : get("generator.weight")},
        src_positions: {kind: config.positions, weight: get("src_positions.weight")},
        tgt_positions: {kind: config.positions, weight: get("tgt_positions.weight")},
        encoder_layers: layers("encoder", config.num_encoder_layers),
        decoder_layers: layers("decoder", config.num_decoder_layers),
        encoder_norm: part("transformer.encoder.norm"),
        decoder_norm: part("transformer.decoder.norm"),
    };
}

function embed(embedding, positions, ids, first_position) {
    return positions_add(positions, embedding_forward_scaled(embedding, ids), first_position);
}

/* src (S) -> memory (S,E). weights, if given: {encoder_self: [], ...}, filled layer by layer. */
function transformer_encode(model, src, weights) {
    const masks = {key_padding_mask: Array.from(src, (id) => id === TOKEN_PAD)};
    let x = traced("src", embed(model.src_embed, model.src_positions, src, 0)); // (S,E)
    for (const layer of model.encoder_layers) {
        const found = weights ? {} : null;
        x = encoder_layer_forward(layer, x, masks, found);
        if (weights) weights.encoder_self.push(found);
    }
    return layer_norm(model.encoder_norm, x);
}

/* An empty cache for each layer; the memory's keys and values are computed here and never again. */
function decoder_caches_new(model, memory) {
    return model.decoder_layers.map(({multihead_attn: m}) => {
        const E = memory.shape[1], cross = {};
        key_value_cache_append(cross, linear_rows(memory, m.in_proj_weight, m.in_proj_bias, E, E),
                               linear_rows(memory, m.in_proj_weight, m.in_proj_bias, 2 * E, E));
        cross.complete = true;
        return {self: {length: 0}, cross};
    });
}

/* tgt (T), memory (S,E) -> what the decoder says of each place (T,E). With caches tgt holds only
 * the pieces that are new since the last call. */
function transformer_decode(model, src, tgt, memory, caches, weights) {
    const past = caches ? caches[0].self.length : 0;
    const tgt_masks = {causal: !off.causal};
    const memory_masks = {key_padding_mask: Array.from(src, (id) => id === TOKEN_PAD)};
    let x = traced("tgt", embed(model.tgt_embed, model.tgt_positions, tgt, past)); // (T,E)
    model.decoder_layers.forEach((layer, i) => {
        const found = weights ? {self: {}, cross: {}} : null;
        x = decoder_layer_forward(layer, x, memory, tgt_masks, memory_masks, caches && caches[i],
                                  found);
        if (!weights) return;
        weights.decoder_self.push(found.self);
        weights.decoder_cross.push(found.cross);
    });
    return layer_norm(model.decoder_norm, x);
}

/* (T,E) -> logits (T,V) */
function transformer_logits(model, decoded) {
    return traced("generator", linear_forward(model.generator, decoded));
}

/* Teacher forcing, one pass over src (S) and tgt (T): logits (T,V). */
function transformer_forward(model, src, tgt, weights) {
    const memory = transformer_encode(model, src, weights);
    return transformer_logits(model, transformer_decode(model, src, tgt, memory, null, weights));
}
