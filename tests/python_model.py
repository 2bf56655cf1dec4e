"""PyTorch and our programs on the same weights. Run by tests/test_python.sh, which trains OUT/run:

    python3 tests/python_model.py BUILD OUT [SEED [MODELS]]

1. The snippet of 05_encoder_decoder/README.md, as it stands there, opens the model that train
   wrote. Its logits must be those of forward, its greedy translations those of translate.
2. Models that PyTorch drew, of random sizes (SEED, MODELS of them), are written by PyTorch; forward
   must compute their logits, loss, gradients and every line of the trace.
3. The model of chapter 5's demo, which no file holds: from the same seed PyTorch draws the same
   one, and every line of `make 05 ARGS=--trace` is what its modules put out.

PyTorch computes in double from the same float weights; the bounds are those that a float program
can keep: 1e-5 of the largest logit, 1e-6 of the loss, 1e-4 of every gradient's norm.
"""

import json
import math
import os
import random
import re
import struct
import subprocess
import sys
import types

import torch
from torch import nn

BUILD, OUT = sys.argv[1:3]
SEED, MODELS = (int(text) for text in (sys.argv[3:] + ["1", "6"][len(sys.argv) - 3:]))
PAD, BOS, EOS = 0, 1, 2
checks = failures = 0
worst = {}  # what was compared -> the largest difference, relative


def check(good, message):
    global checks, failures
    checks += 1
    failures += not good
    if not good:
        print("FAILED:", message)


def close(kind, difference, scale, bound, message):
    relative = difference / scale if scale else difference
    worst[kind] = max(worst.get(kind, 0), relative)
    check(relative <= bound, f"{message}: {kind} differs by {relative:.2g}, allowed {bound:g}")


def run(program, *arguments, stdin=""):
    """What the program prints on stdout, or None (and a failed check) if it fails."""
    result = subprocess.run([f"{BUILD}/{program}", *arguments], input=stdin, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    check(result.returncode == 0, f"{program}: {result.stderr.strip()}")
    return result.stdout if result.returncode == 0 else None


# ---- safetensors: the package if it is there, else the format by hand: 8 bytes with the length of
# the header, the header in JSON, the data


class OpenFile:
    """As much of safetensors.safe_open as the README's snippet uses."""

    def __init__(self, path, framework):
        with open(path, "rb") as file:
            length, = struct.unpack("<Q", file.read(8))
            self.header = json.loads(file.read(length))
            self.data = bytearray(file.read())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def metadata(self):
        return self.header["__metadata__"]

    def keys(self):
        return [key for key in self.header if key != "__metadata__"]

    def get_tensor(self, key):
        begin, end = self.header[key]["data_offsets"]
        kind = {"F32": torch.float32, "F64": torch.float64}[self.header[key]["dtype"]]
        return torch.frombuffer(self.data[begin:end], dtype=kind).reshape(self.header[key]["shape"])


def save_by_hand(tensors, path, metadata):
    header, data = {"__metadata__": metadata}, b""
    for key, tensor in tensors.items():
        numbers = tensor.contiguous().flatten().tolist()
        packed = struct.pack(f"<{len(numbers)}f", *numbers)
        header[key] = {"dtype": "F32", "shape": list(tensor.shape),
                       "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header).encode()
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)


try:
    from safetensors.torch import save_file
except ImportError:
    save_file = save_by_hand
    sys.modules["safetensors"] = types.ModuleType("safetensors")
    sys.modules["safetensors"].safe_open = OpenFile

# ---- What nn.Transformer leaves to its user


class Model(nn.Module):
    """nn.Transformer with embeddings, positions, masks and an output layer."""

    def __init__(self, transformer, src_embed, tgt_embed, generator):
        super().__init__()
        self.transformer, self.src_embed, self.tgt_embed = transformer, src_embed, tgt_embed
        self.generator = generator

    def embed(self, embedding, ids):
        L, E = ids.shape[1], embedding.weight.shape[1]
        i = torch.arange(E, dtype=torch.float64)
        angle = torch.arange(L, dtype=torch.float64)[:, None] * 10000.0 ** (-(i - i % 2) / E)
        positions = torch.where(i % 2 == 0, angle.sin(), angle.cos())
        return embedding(ids) * math.sqrt(E) + positions.to(embedding.weight.dtype)

    def forward(self, src, tgt):
        causal = torch.ones(tgt.shape[1], tgt.shape[1], dtype=torch.bool).triu(1)
        self.inputs = self.embed(self.src_embed, src), self.embed(self.tgt_embed, tgt)
        return self.generator(self.transformer(*self.inputs, tgt_mask=causal,
                                               src_key_padding_mask=src == PAD,
                                               memory_key_padding_mask=src == PAD))


def batch(sentences):
    longest = max(map(len, sentences))
    return torch.tensor([ids + [PAD] * (longest - len(ids)) for ids in sentences])


def ids_text(sentences):
    return "; ".join(" ".join(map(str, ids)) for ids in sentences)


def compare_logits(name, model, path, src, tgt):
    printed = run("05_encoder_decoder/forward", "--load", path, "--src", ids_text(src), "--tgt",
                  ids_text(tgt), "--logits")
    if printed is None:
        return
    with torch.no_grad():
        theirs = model(batch(src), batch(tgt)).flatten(0, 1)
    ours = torch.tensor([[float(word) for word in line.split()] for line in printed.splitlines()],
                        dtype=torch.float64)
    check(ours.shape == theirs.shape, f"{name}: logits {ours.shape}, torch {theirs.shape}")
    if ours.shape == theirs.shape:
        close("logits", (ours - theirs).abs().max().item(), theirs.abs().max().item(), 1e-5, name)


# ---- 1. The model that train wrote


def snippet(path):
    """The Python of chapter 5's README, its file replaced by path: the names it defines."""
    readme = "05_encoder_decoder/README.md"
    with open(readme, encoding="utf-8") as file:
        code, = re.findall(r"^```python\n(.*?)^```", file.read(), re.S | re.M)
    default = re.search(r'"(build/[^"]*/model\.safetensors)"', code)
    usage = run("06_training/train", "--help") or ""
    check(default and os.path.dirname(default[1]) in usage,
          f"{readme}: the snippet opens no file that train writes by itself")
    names = {}
    exec(compile(code.replace(default[1], path), readme, "exec"), names)
    return names


class Bpe:
    """01_embeddings/bpe.h for lines of plain words: chunks, symbols, merges in their order."""

    def __init__(self, text):
        saved = json.loads(text)
        self.bytes = [b""] * 3 + [bytes([i]) for i in range(256)]
        self.bytes += [character.encode() for character in saved["characters"]]
        self.ids = {piece: i for i, piece in enumerate(self.bytes) if piece}
        self.merges, pairs = {}, saved["merges"]
        for left, right in zip(pairs[::2], pairs[1::2]):
            piece = self.bytes[left] + self.bytes[right]
            if piece not in self.ids:
                self.ids[piece] = len(self.bytes)
                self.bytes.append(piece)
            self.merges[left, right] = len(self.merges), self.ids[piece]

    def encode(self, line):
        ids = []
        for chunk in re.findall(r" ?\w+(?:'(?=\w))?| ?[^\w\s]+", " " + line):
            symbols = [self.ids[character.encode()] for character in chunk]
            while True:
                known = [(self.merges[pair], i) for i, pair in enumerate(zip(symbols, symbols[1:]))
                         if pair in self.merges]
                if not known:
                    break
                (_, piece), i = min(known)
                symbols[i:i + 2] = [piece]
            ids += symbols
        return ids

    def decode(self, ids):
        text = b"".join(self.bytes[i] for i in ids).decode(errors="replace")
        return text[1:] if text.startswith(" ") else text


def greedy(model, src, max_length):
    """The most probable next token again and again, the whole prefix run every time."""
    tgt = [BOS]
    while len(tgt) <= min(2 * len(src) + 10, max_length):
        logits = model(batch([src]), batch([tgt]))[0, -1]
        logits[[PAD, BOS]] = -math.inf  # marks that are never predicted
        if logits.argmax() == EOS:
            break
        tgt.append(logits.argmax().item())
    return tgt[1:]


LINES = """The animal didn't cross the street because it was too tired.
The animal didn't cross the street because it was too wide.
I love you.
She sees a small black cat.
The red house is big.""".splitlines()


def trained_model():
    path = f"{OUT}/run/model.safetensors"
    names = snippet(path)
    weights, meta = names["w"], names["meta"]
    generator = nn.Linear(names["E"], weights["generator.bias"].shape[0])
    generator.load_state_dict({"weight": weights["generator.weight"],
                               "bias": weights["generator.bias"]})
    model = Model(names["model"], nn.Embedding.from_pretrained(weights["src_embed.weight"]),
                  nn.Embedding.from_pretrained(weights["tgt_embed.weight"]), generator)
    model.double().eval()
    bpe = Bpe(meta["tokenizer"])
    sources = [bpe.encode(line) + [EOS] for line in LINES]
    printed = run("06_training/translate", "--model", path, "--beam", "1", "--threads", "1",
                  stdin="\n".join(LINES) + "\n")
    translations = (printed or "").splitlines()
    check(len(translations) == len(LINES), "translate: not one line for one line")
    with torch.no_grad():
        targets = [greedy(model, src, int(meta["max_length"])) for src in sources]
    for line, ours, theirs in zip(LINES, translations, map(bpe.decode, targets)):
        check(ours == theirs, f"{line}: translate says '{ours}', torch '{theirs}'")
    compare_logits("the trained model", model, path, sources, [[BOS] + tgt for tgt in targets])


# ---- 2. Models that PyTorch drew


def random_sizes(rng):
    E = rng.choice([4, 6, 8, 12, 16, 20, 24, 32, 48, 64])
    V = rng.randint(5, 60)
    return types.SimpleNamespace(
        E=E, H=rng.choice([h for h in (1, 2, 3, 4, 6, 8) if E % h == 0]), F=rng.randint(1, 4 * E),
        encoders=rng.randint(1, 4), decoders=rng.randint(1, 4), src_vocab=V,
        tied=rng.choice(["none", "output", "all"]), norm_first=rng.random() < 0.5,
        smoothing=rng.choice([0, 0.1, 0.3]), sentences=rng.randint(1, 4),
        tgt_vocab=V if rng.random() < 0.5 else rng.randint(5, 60))


def draw(size, rng):
    """A model of these sizes, and as many source and target sentences."""
    torch.manual_seed(rng.randrange(1 << 31))
    model = Model(nn.Transformer(size.E, size.H, size.encoders, size.decoders, size.F, dropout=0.0,
                                 batch_first=True, norm_first=size.norm_first),
                  nn.Embedding(size.src_vocab, size.E), nn.Embedding(size.tgt_vocab, size.E),
                  nn.Linear(size.E, size.tgt_vocab))
    if size.tied != "none":
        model.generator.weight = model.tgt_embed.weight
    if size.tied == "all":
        model.src_embed.weight = model.tgt_embed.weight
    for parameter in model.parameters():
        if parameter.dim() == 1:  # biases that are zero and norms that are one hide mistakes
            parameter.data += 0.3 * torch.randn_like(parameter)

    def sentences(vocab, least):
        return [[rng.randrange(1, vocab) for _ in range(rng.randint(least, 12))]
                for _ in range(size.sentences)]
    return model, sentences(size.src_vocab, 1), sentences(size.tgt_vocab, 2)


def compare_loss(name, model, path, src, tgt, smoothing):
    printed = run("05_encoder_decoder/forward", "--load", path, "--src", ids_text(src), "--tgt",
                  ids_text(tgt), "--loss", "--label-smoothing", str(smoothing))
    if printed is None:
        return
    full, corners = batch(tgt), []
    hooks = [module.register_forward_hook(lambda *call: corners.append(call[2].abs().min().item()))
             for key, module in model.named_modules() if key.endswith("linear1")]
    loss = nn.functional.cross_entropy(model(batch(src), full[:, :-1]).flatten(0, 1),
                                       full[:, 1:].flatten(), ignore_index=PAD,
                                       label_smoothing=smoothing)
    model.zero_grad()
    loss.backward()
    for hook in hooks:
        hook.remove()
    first, *rest = printed.splitlines()
    close("loss", abs(float(first.split()[1]) - loss.item()), loss.item(), 1e-6, name)
    if min(corners) < 1e-6:  # in float such a unit may come out on the other side
        print(f"{name}: a hidden unit {min(corners):.1e} from ReLU's corner; gradients left out")
        return
    norms = {key: tensor.grad.norm().item()
             for key, tensor in model.state_dict(keep_vars=True).items()}
    check(len(rest) == len(norms), f"{name}: {len(rest)} gradients, torch has {len(norms)}")
    largest = max(norms.values())
    for line in rest:  # a gradient that is nothing but rounding is measured by the largest
        _, key, norm = line.split()
        close("gradient norm", abs(float(norm) - norms[key]), max(norms[key], 1e-5 * largest), 1e-4,
              f"{name}: {key}")


def compare_trace(name, model, printed, src, tgt):
    """Every line that a program traced against the output that a forward hook sees."""
    seen, hooks = {}, []

    def keep(key):
        def hook(_module, _inputs, output):
            seen[key] = output[0] if isinstance(output, tuple) else output
        return hook
    for key, module in model.named_modules():
        hooks.append(module.register_forward_hook(keep(key)))
    model(batch(src), batch(tgt))  # with gradients, or PyTorch takes a path without hooks
    for hook in hooks:
        hook.remove()
    seen["src"], seen["tgt"] = model.inputs
    lines = re.findall(r"^(\S+) +\(([\d,]+)\) +(\S+) +(\S+)$", printed, re.M)
    without = r"dropout|_embed$|^(transformer(\...coder)?)?$"  # or whose output has another name
    silent = [key for key in seen if not re.search(without, key)
              and key not in [line[0] for line in lines]]
    check(not silent, f"{name}: no line in the trace for {silent}")
    for key, shape, mean, deviation in lines:
        if key not in seen:
            check(False, f"{name}: the trace has {key}, which is no module of PyTorch's")
            continue
        theirs = seen[key].detach()
        check(shape == ",".join(map(str, theirs.shape)), f"{name}: {key}: shape ({shape})")
        size = theirs.abs().max().item()  # and half a unit of the sixth place that is printed
        for kind, ours, value in (("trace mean", mean, theirs.mean()),
                                  ("trace deviation", deviation, theirs.std(unbiased=False))):
            off = max(0, abs(float(ours) - value.item()) - 5e-7)
            close(kind, off, size, 1e-5, f"{name}: {key}")


def drawn_models():
    for number in range(MODELS):
        rng = random.Random(f"{SEED} {number}")
        size = random_sizes(rng)
        if size.tied == "all":
            size.tgt_vocab = size.src_vocab
        model, src, tgt = draw(size, rng)
        path = f"{OUT}/drawn.safetensors"
        save_file({key: tensor.clone() for key, tensor in model.state_dict().items()}, path,
                  {"heads": str(size.H), "norm_first": str(int(size.norm_first))})
        model.double()  # the same float weights, computed with more digits
        name = "seed %d, model %d (%s)" % (SEED, number, " ".join(
            f"{key} {value}" for key, value in vars(size).items()))
        compare_logits(name, model, path, src, tgt)
        compare_loss(name, model, path, src, tgt, size.smoothing)
        printed = run("05_encoder_decoder/forward", "--load", path, "--src", ids_text(src), "--tgt",
                      ids_text(tgt), "--trace")
        compare_trace(name, model, printed or "", src, tgt)


# ---- 3. The demo's model, from its seed


def demo_model():
    src, tgt = [3, 14, 4, EOS], [BOS, 3, 12, 17]  # I love you </s>; <s> je t' aime (phrases.c)
    for seed in SEED, SEED + 1:
        torch.manual_seed(seed)
        model = Model(nn.Transformer(32, 4, 2, 2, 64, dropout=0.0, batch_first=True),
                      nn.Embedding(32, 32), nn.Embedding(51, 32), nn.Linear(32, 51))
        for embedding in model.src_embed, model.tgt_embed:  # as transformer.h says
            embedding.weight.data /= math.sqrt(32)
        printed = run("05_encoder_decoder/demo", "--trace", "--no-plots", "--seed", str(seed))
        compare_trace(f"the demo's model, seed {seed}", model.double(), printed or "", [src], [tgt])


trained_model()
drawn_models()
demo_model()
print("torch %s; largest differences: %s" % (torch.__version__, ", ".join(
    f"{kind} {difference:.1e}" for kind, difference in worst.items())))
print(f"{100 * (checks - failures) // checks}%: Checks: {checks}, Failures: {failures}, Errors: 0")
sys.exit(failures > 0)
