"""Random networks of torch: chains of layers over vectors, sequences and images, with branches."""

import numpy as np
import torch
from torch import nn


class Branches(nn.Module):
    """A sum, product or concatenation of what two chains give."""

    def __init__(self, kind, one, other):
        super().__init__()
        self.kind, self.one, self.other = kind, one, other

    def forward(self, x):
        """Join."""
        one, other = self.one(x), self.other(x)
        if self.kind == "concatenate":
            return torch.cat([one, other], -1)
        return one + other if self.kind == "add" else torch.maximum(one, other) - one * other


class Function(nn.Module):
    """A function of torch as a module."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        """Apply."""
        return self.function(x)


ACTIVATIONS = (
    *(nn.ReLU, nn.Tanh, nn.Sigmoid, nn.ELU, nn.SELU, nn.GELU, nn.Softplus, nn.Softsign, nn.SiLU, nn.Hardtanh),
    *(nn.Hardsigmoid, nn.Hardswish, nn.ReLU6, nn.Mish, nn.CELU, nn.LeakyReLU, nn.PReLU, nn.Softshrink, nn.LogSigmoid),
    *(nn.Tanhshrink, nn.Identity, lambda: nn.GELU(approximate="tanh")),
    *(lambda: nn.Hardtanh(-2.0, 0.5), lambda: Function(torch.abs), lambda: Function(lambda x: x / (1 + x * x))),
    *(lambda: Function(lambda x: torch.where(x > 0.2, x, 0.5 * x)), lambda: Function(lambda x: x.clamp(min=-0.3))),
)


def vector_chain(rng, size):
    """Return modules of vectors, and the size of what they give."""
    parts = []
    for _ in range(rng.integers(1, 4)):
        kind = rng.choice(["dense", "dense", "norm", "layer_norm", "branch", "slice"])
        if kind == "dense":
            out = int(rng.integers(2, 12))
            parts += [
                nn.Linear(size, out, bias=bool(rng.random() < 0.8)),
                ACTIVATIONS[rng.integers(len(ACTIVATIONS))](),
            ]
            size = out
        elif kind == "norm":
            parts.append(nn.BatchNorm1d(size))
        elif kind == "layer_norm":
            parts.append(nn.LayerNorm(size))
        elif kind == "slice" and size > 3:
            parts.append(Function(lambda x: x[:, 1:-1]))
            size -= 2
        elif kind == "branch":
            join = str(rng.choice(["concatenate", "add", "other"]))
            parts.append(Branches(join, nn.Sequential(nn.Linear(size, 5), nn.Tanh()), nn.Linear(size, 5)))
            size = 10 if join == "concatenate" else 5
    return parts, size


def spatial_chain(rng, n_axes):
    """Return modules over channels and some axes, the shape of an event, and the size of what they give."""
    channels, sizes = int(rng.integers(1, 4)), [int(one) for one in rng.integers(6, 12, n_axes)]
    shape, parts = (channels, *sizes), []
    convolution, transposed = (getattr(nn, f"{name}{n_axes}d") for name in ("Conv", "ConvTranspose"))
    for _ in range(rng.integers(1, 4)):
        kind = rng.choice(
            ["convolution", "convolution", "transposed", "max", "average", "norm", "pad", "resize", "group"]
        )
        kernel, stride = int(rng.integers(1, 4)), int(rng.integers(1, 3))
        padding = int(rng.integers(0, kernel // 2 + 1))
        if kind == "convolution":
            groups = channels if rng.random() < 0.3 else 1
            out = groups * int(rng.integers(1, 4))
            options = {"stride": stride, "padding": padding, "dilation": int(rng.integers(1, 3)), "groups": groups}
            parts += [convolution(channels, out, kernel, **options), ACTIVATIONS[rng.integers(len(ACTIVATIONS))]()]
            channels = out
        elif kind == "transposed":
            parts.append(transposed(channels, 3, kernel, stride=stride, padding=padding, output_padding=stride - 1))
            channels = 3
        elif kind in ("max", "average"):
            pool = getattr(nn, f"{'Max' if kind == 'max' else 'Avg'}Pool{n_axes}d")
            options = {"ceil_mode": bool(rng.random() < 0.4)}
            if kind == "average":
                options["count_include_pad"] = bool(rng.random() < 0.5)
            parts.append(pool(kernel, stride, padding, **options))
        elif kind == "norm":
            parts.append(getattr(nn, f"BatchNorm{n_axes}d")(channels))
        elif kind == "group":
            parts.append(nn.GroupNorm(1, channels))
        elif kind == "pad":
            parts.append(getattr(nn, f"{rng.choice(['Zero', 'Reflection', 'Replication'])}Pad{n_axes}d")(1))
        else:
            mode = "nearest" if rng.random() < 0.5 else {1: "linear", 2: "bilinear"}[n_axes]
            parts.append(nn.Upsample(scale_factor=2, mode=mode))
    ends = {
        "flatten": [nn.Flatten()],
        "global": [getattr(nn, f"AdaptiveAvgPool{n_axes}d")(1), nn.Flatten()],
        "mean": [Function(lambda x: x.flatten(2).mean(-1))],
        "max": [Function(lambda x: x.flatten(2).amax(2))],
        "keep": [],
    }
    parts += ends[str(rng.choice(list(ends)))]
    return parts, shape


class Recurrent(nn.Module):
    """An LSTM, GRU or plain one, and its last state or all."""

    def __init__(self, layer, is_last):
        super().__init__()
        self.layer, self.is_last = layer, is_last

    def forward(self, x):
        """Return the last output, or all."""
        found = self.layer(x)[0]
        return found[:, -1] if self.is_last else found


class Attention(nn.Module):
    """Attention of particles, and a mean."""

    def __init__(self, size):
        super().__init__()
        self.attention, self.norm = nn.MultiheadAttention(size, 2, batch_first=True), nn.LayerNorm(size)

    def forward(self, x):
        """Attend."""
        return self.norm(x + self.attention(x, x, x, need_weights=False)[0]).mean(1)


def sequence_chain(rng):
    """Return modules over particles, and the shape of an event."""
    n, size = int(rng.integers(2, 6)), 2 * int(rng.integers(1, 4))
    kind = rng.choice(["deep_set", "recurrent", "attention", "transformer", "interaction"])
    if kind == "deep_set":
        pool = [lambda x: x.mean(1), lambda x: x.sum(1), lambda x: x.max(1)[0], lambda x: x.flatten(1)][rng.integers(4)]
        return [nn.Linear(size, 6), nn.ReLU(), nn.Linear(6, 4), Function(pool)], (n, size)
    if kind == "recurrent":
        make = (nn.LSTM, nn.GRU, nn.RNN)[rng.integers(3)]
        options = {"num_layers": int(rng.integers(1, 3)), "bidirectional": bool(rng.random() < 0.3)}
        return [Recurrent(make(size, 4, batch_first=True, **options), bool(rng.random() < 0.6))], (n, size)
    if kind == "attention":
        return [Attention(size)], (n, size)
    if kind == "transformer":
        layer = nn.TransformerEncoderLayer(size, 2, 8, batch_first=True, norm_first=bool(rng.random() < 0.5))
        return [layer, nn.Flatten(), nn.Linear(n * size, 3)], (n, size)
    pairs = Function(lambda x: torch.matmul(x.transpose(1, 2), x).flatten(1))
    return [nn.Linear(size, 3), nn.Tanh(), pairs, nn.Linear(9, 2)], (n, size)


def random_module(rng):
    """Return a module in evaluation, and the shape of an event."""
    torch.manual_seed(int(rng.integers(2**31)))
    kind = rng.choice(["vector", "one", "two", "sequence"])
    if kind == "vector":
        size = int(rng.integers(2, 12))
        parts, out = vector_chain(rng, size)
        ends = (nn.Identity, lambda: nn.Softmax(-1), nn.Sigmoid, lambda: nn.LogSoftmax(1))
        module, shape = nn.Sequential(*parts, nn.Linear(out, 3), ends[rng.integers(len(ends))]()), (size,)
    elif kind == "sequence":
        parts, shape = sequence_chain(rng)
        module = nn.Sequential(*parts)
    else:
        parts, shape = spatial_chain(rng, 1 if kind == "one" else 2)
        module = nn.Sequential(*parts)
    for one in module.modules():
        if isinstance(one, nn.modules.batchnorm._BatchNorm):
            one.running_mean.uniform_(-1, 1), one.running_var.uniform_(0.5, 2)
            one.weight.data.uniform_(0.5, 2), one.bias.data.uniform_(-1, 1)
    return module.eval(), shape


def events(rng, shape, n=16):
    """Return a tensor of events."""
    return torch.from_numpy(rng.normal(size=(n, *shape)).astype(np.float32))
