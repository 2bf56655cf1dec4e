#!/usr/bin/env python3
"""The models of build/06_training/bench in PyTorch, so that both can be timed in the same hour.

    python3 tests/tools/bench_torch.py [tiny|small|base ...] [--threads N]

Training steps (forward, backward, Adam) on random sentences of 16 source and 16 target tokens;
the best of five counts, as in bench. Works with PyTorch 1.13 and later; nothing in this project
needs it.
"""
import argparse
import math
import time

import torch
from torch import nn

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
    parser.add_argument("shapes", nargs="*", default=list(SHAPES), help="tiny, small, base")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print(f"PyTorch {torch.__version__}, {args.threads} threads, sgemm {peak():.1f} GFLOP/s")
    for name in args.shapes:
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
