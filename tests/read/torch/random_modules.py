"""Random modules of PyTorch, each exported and read back; FIRST LAST: seeds; one line of JSON."""

import json
import random
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn

from codesign.read import read_file
from tests.read.torch.modules import exported, outputs

ACTIVATIONS = (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.SELU, nn.GELU, nn.SiLU, nn.Tanh, nn.Sigmoid, nn.Softplus, nn.ReLU6,
               nn.Hardtanh, nn.Hardswish, nn.Hardsigmoid, nn.Mish, nn.Softsign, nn.CELU, nn.LogSigmoid,
               nn.PReLU)  # fmt: skip
LAST = (nn.Identity, lambda: nn.Softmax(-1), nn.Sigmoid, lambda: nn.LogSoftmax(-1))


def activation(rng):
    return rng.choice(ACTIVATIONS)()


def dense(rng, width, n_out):
    layers = []
    for _ in range(rng.randint(0, 3)):
        units = rng.randint(2, 9)
        layers += [nn.Linear(width, units, bias=rng.random() < 0.8)]
        layers += [rng.choice([nn.BatchNorm1d(units), nn.LayerNorm(units), nn.Dropout(0.3), nn.Identity()])]
        layers += [activation(rng)]
        width = units
    return nn.Sequential(*layers, nn.Linear(width, n_out), rng.choice(LAST)())


class Deep(nn.Module):
    """What is done for each particle, pooled, and what is done of the event."""

    def __init__(self, rng, n):
        super().__init__()
        units = rng.randint(2, 6)
        self.each = nn.Sequential(nn.Linear(n, units), activation_of_sequences(rng), nn.Linear(units, units))
        self.pool, self.all = rng.choice(["mean", "sum", "amax"]), dense(rng, units, 2)

    def forward(self, x):
        return self.all(getattr(self.each(x), self.pool)(dim=1))


def activation_of_sequences(rng):
    return rng.choice([one for one in ACTIVATIONS if one is not nn.PReLU])()


class Skip(nn.Module):
    def __init__(self, rng, n):
        super().__init__()
        self.one, self.gate, self.last = dense(rng, n, n), nn.Linear(n, n), dense(rng, 2 * n, 3)

    def forward(self, x):
        return self.last(torch.cat([x + self.one(x), x * torch.sigmoid(self.gate(x))], 1))


class Attend(nn.Module):
    def __init__(self, rng, heads):
        super().__init__()
        width = 2 * heads
        self.embed = nn.Linear(3, width)
        options = {"batch_first": True, "norm_first": rng.random() < 0.5, "activation": rng.choice(["relu", "gelu"])}
        self.encoder = nn.TransformerEncoderLayer(width, heads, 5, **options)
        self.last = dense(rng, width, 2)

    def forward(self, x):
        return self.last(self.encoder(self.embed(x)).mean(1))


class Recur(nn.Module):
    def __init__(self, rng):
        super().__init__()
        kind, both = rng.choice([nn.LSTM, nn.GRU, nn.RNN]), rng.random() < 0.5
        options = {"num_layers": rng.randint(1, 2), "bias": rng.random() < 0.8, "bidirectional": both}
        self.layer, self.last = kind(3, 4, batch_first=True, **options), dense(rng, 8 if both else 4, 2)

    def forward(self, x):
        found, state = self.layer(x)
        return self.last(found[:, -1])


def convolutions(rng, axes):
    conv, norm = ((nn.Conv1d, nn.BatchNorm1d), (nn.Conv2d, nn.BatchNorm2d))[axes - 1]
    most, mean = ((nn.MaxPool1d, nn.AvgPool1d), (nn.MaxPool2d, nn.AvgPool2d))[axes - 1]
    every = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d)[axes - 1]
    layers, channels = [], 2
    for _ in range(rng.randint(1, 3)):
        groups = rng.choice([1, 2])
        options = {"padding": rng.choice([0, 1, "same"]), "dilation": rng.choice([1, 1, 2]), "groups": groups}
        options["stride"] = rng.choice([1, 2]) if options["padding"] != "same" else 1
        filters = 2 * rng.randint(1, 3)
        layers += [conv(channels, filters, rng.choice([1, 2, 3]), **options)]
        layers += [rng.choice([norm(filters), nn.GroupNorm(2, filters), nn.Identity()]), activation(rng)]
        layers += [rng.choice([most(2, 1), mean(2, 1, 1), nn.Identity()])]
        channels = filters
    return nn.Sequential(*layers, every(1), nn.Flatten(), dense(rng, channels, 2))


def made(seed):
    """A module in evaluation mode, its parameters and statistics drawn, and the shape of an event."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    n = rng.randint(3, 8)
    module, shape = rng.choice([
        lambda: (dense(rng, n, 3), (n,)), lambda: (Skip(rng, n), (n,)), lambda: (Deep(rng, 3), (n, 3)),
        lambda: (Attend(rng, rng.choice([1, 2, 4])), (n, 3)), lambda: (Recur(rng), (n, 3)),
        lambda: (convolutions(rng, 1), (2, 16)), lambda: (convolutions(rng, 2), (2, 12, 13)),
    ])()  # fmt: skip
    for one in module.modules():
        if isinstance(one, nn.modules.batchnorm._BatchNorm):
            one.running_mean.normal_()
            one.running_var.uniform_(0.5, 2.0)
    return module.eval(), shape


def main(first, last):
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    found, refused = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(first, last):
            module, shape = made(seed)
            x = torch.randn(50, *shape)
            program = exported(module, [torch.randn(3, *shape)])
            if seed % 2:
                program = program.run_decompositions()
            torch.export.save(program, Path(folder, "model.pt2"))
            try:
                network = read_file(Path(folder, "model.pt2")).network
            except Exception as error:
                refused[seed] = f"{type(error).__name__}: {error}"[:300]
                continue
            found[seed] = float(np.abs(network.predict(x.numpy().reshape(50, -1)) - outputs(module, [x])).max())
    off = {seed: one for seed, one in found.items() if not one < 1e-5}
    print(json.dumps({"read": len(found), "worst": max(found.values()), "off": off, "refused": refused}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
