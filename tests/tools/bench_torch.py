#!/usr/bin/env python3
"""The models of build/06_training/bench in PyTorch, so that both can be timed in the same hour.

    python3 tests/tools/bench_torch.py [tiny|small|base|nanogpt ...] [--threads N]

Training steps (forward, backward, Adam) on random sentences of 16 source and 16 target tokens;
the best of five counts, as in bench. nanogpt: the model that nanoGPT's README gives a CPU, in its
operations (no biases, GELU, scaled_dot_product_attention, AdamW), beside build/06_training/gpt;
the best mean of a hundred steps. Works with PyTorch 1.13 and later, nanogpt with 2.1; nothing in
this project needs it.
"""
import argparse
import math
import time

import torch
from torch import nn
from torch.nn import functional

# name: layers, d_model, heads, feed-forward, vocabulary, sentences, dropout
SHAPES = {
    "tiny": (4, 128, 4, 256, 10000, 256, 0.3),
    "small": (3, 256, 8, 1024, 8000, 128, 0.1),
    "base": (6, 512, 8, 2048, 10000, 64, 0.1),
}
LENGTH, ROUNDS, PEAK_SIZE = 16, 5, 2048


class Model(nn.Module):
    def __init__(self, layers, d_model, heads, ff, vocab, dropout):
        super().__init__()
        self.embed = nn.Embedding(vocab, d_model, padding_idx=0)
        self.transformer = nn.Transformer(d_model, heads, layers, layers, ff, dropout,
                                          batch_first=True)
        self.generator = nn.Linear(d_model, vocab)
        self.generator.weight = self.embed.weight  # tied
        self.dropout = nn.Dropout(dropout)
        self.scale = math.sqrt(d_model)
        at = torch.arange(LENGTH)[:, None]
        rate = torch.exp(torch.arange(0, d_model, 2) * (-math.log(10000.0) / d_model))
        position = torch.zeros(LENGTH, d_model)
        position[:, 0::2], position[:, 1::2] = torch.sin(at * rate), torch.cos(at * rate)
        self.register_buffer("position", position)
        self.register_buffer("causal", torch.triu(torch.ones(LENGTH, LENGTH, dtype=torch.bool), 1))

    def forward(self, src, tgt):
        x, y = (self.dropout(self.embed(ids) * self.scale + self.position) for ids in (src, tgt))
        padding = src == 0
        return self.generator(self.transformer(x, y, tgt_mask=self.causal,
                                               src_key_padding_mask=padding,
                                               tgt_key_padding_mask=tgt == 0,
                                               memory_key_padding_mask=padding))


class Block(nn.Module):
    def __init__(self, d_model, heads):
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(d_model, bias=False)
        self.norm2 = nn.LayerNorm(d_model, bias=False)
        self.qkv = nn.Linear(d_model, 3 * d_model, bias=False)
        self.out = nn.Linear(d_model, d_model, bias=False)
        self.up = nn.Linear(d_model, 4 * d_model, bias=False)
        self.down = nn.Linear(4 * d_model, d_model, bias=False)

    def forward(self, x):
        q, k, v = (part.unflatten(2, (self.heads, -1)).transpose(1, 2)
                   for part in self.qkv(self.norm1(x)).chunk(3, dim=2))
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(y.transpose(1, 2).flatten(2))
        return x + self.down(functional.gelu(self.up(self.norm2(x))))


class Gpt(nn.Module):
    def __init__(self, layers, d_model, heads, block, vocab):
        super().__init__()
        self.embed, self.position = nn.Embedding(vocab, d_model), nn.Embedding(block, d_model)
        self.blocks = nn.Sequential(*(Block(d_model, heads) for _ in range(layers)))
        self.norm = nn.LayerNorm(d_model, bias=False)
        self.head = nn.Linear(d_model, vocab, bias=False)
        self.head.weight = self.embed.weight  # tied

    def forward(self, ids):
        places = torch.arange(ids.shape[1])
        return self.head(self.norm(self.blocks(self.embed(ids) + self.position(places))))


def nanogpt():
    layers, d_model, heads, block, batch, vocab, steps = 4, 128, 4, 64, 12, 65, 100
    torch.manual_seed(1)
    model = Gpt(layers, d_model, heads, block, vocab)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=0.1)
    text = torch.randint(vocab, (1000000,))

    def step():
        begins = torch.randint(len(text) - block, (batch,))
        x = torch.stack([text[i:i + block] for i in begins])
        y = torch.stack([text[i + 1:i + block + 1] for i in begins])
        optimizer.zero_grad(set_to_none=True)
        functional.cross_entropy(model(x).flatten(0, 1), y.flatten()).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()

    def several():
        for _ in range(steps):
            step()

    several()
    seconds = min(timed(several) for _ in range(ROUNDS)) / steps
    print(f"nanogpt {seconds * 1e3:7.2f} ms a step  {batch * block / seconds:7.0f} tokens/s",
          flush=True)


def peak():
    """GFLOP/s of one square product with the threads that are set."""
    a, b = torch.rand(PEAK_SIZE, PEAK_SIZE), torch.rand(PEAK_SIZE, PEAK_SIZE)
    seconds = min(timed(lambda: a @ b) for _ in range(5))
    return 2e-9 * PEAK_SIZE**3 / seconds


def timed(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("shapes", nargs="*", default=list(SHAPES), help="tiny, small, base, nanogpt")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print(f"PyTorch {torch.__version__}, {args.threads} threads, sgemm {peak():.1f} GFLOP/s")
    for name in args.shapes:
        if name == "nanogpt":
            nanogpt()
            continue
        layers, E, heads, F, V, sentences, dropout = SHAPES[name]
        torch.manual_seed(1)
        model = Model(layers, E, heads, F, V, dropout)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, betas=(0.9, 0.98), eps=1e-9)
        criterion = nn.CrossEntropyLoss(ignore_index=0, label_smoothing=0.1)
        src = torch.randint(4, V, (sentences, LENGTH))
        tgt = torch.randint(4, V, (sentences, LENGTH + 1))

        def step():
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(src, tgt[:, :-1]).reshape(-1, V), tgt[:, 1:].reshape(-1))
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()

        step()
        step()
        seconds = min(timed(step) for _ in range(ROUNDS))
        weights = layers * (4 * E * E + 2 * E * F) + layers * (8 * E * E + 2 * E * F) + E * V
        flop = (6 * weights + 12 * E * 3 * layers * LENGTH) * sentences * LENGTH
        print(f"{name:6} {seconds * 1e3:8.1f} ms a step  {flop / seconds * 1e-9:7.1f} GFLOP/s  "
              f"{2 * sentences * LENGTH / seconds:7.0f} tokens/s", flush=True)


main()
