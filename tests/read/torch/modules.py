"""Modules of PyTorch of every kind that a trigger has, with random weights, by name: the module, and events."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.norm = nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.second = nn.Conv2d(4, 4, 3, stride=2, padding=1, groups=2, bias=False)
        self.last = nn.Linear(4, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.first(x))), 2)
        x = F.adaptive_avg_pool2d(F.silu(self.second(x)), 1)
        return F.log_softmax(self.last(torch.flatten(x, 1)), 1)


class DeepSet(nn.Module):
    def __init__(self):
        super().__init__()
        self.phi = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 4), nn.GELU())
        self.rho = nn.Linear(4, 2)

    def forward(self, x):
        return self.rho(self.phi(x).mean(dim=1)).sigmoid()


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.last = nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), nn.Linear(4, 2)

    def forward(self, x):
        return self.last(self.encoder(x).max(dim=1).values)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention, self.norm = nn.MultiheadAttention(4, 2, batch_first=True), nn.LayerNorm(4)

    def forward(self, x):
        found, _ = self.attention(x, x, x, need_weights=False)
        return self.norm(x + found)[:, 0]


class Recurrent(nn.Module):
    def __init__(self, kind, **options):
        super().__init__()
        self.layer = kind(3, 4, batch_first=True, **options)
        self.last = nn.Linear(8 if options.get("bidirectional") else 4, 2)

    def forward(self, x):
        return self.last(self.layer(x)[0][:, -1])


class TwoInputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.both = nn.Linear(4, 5), nn.Linear(8, 2)

    def forward(self, x, y):
        return self.both(torch.cat([F.elu(self.first(x)), y], -1)), y * 2 + 1


class Functions(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight, self.prelu = nn.Parameter(torch.randn(6)), nn.PReLU(6)

    def forward(self, x):
        a, b = x.chunk(2, -1)
        y = torch.where(a > b, a, b * 2) + torch.clamp(a, -1, 1) - torch.exp(-b.abs())
        z = F.leaky_relu(torch.stack([y, a], -1).reshape(x.shape[0], -1), 0.1) * self.weight
        z = self.prelu(z + torch.maximum(z, torch.zeros_like(z)))
        z = F.hardtanh(z) + F.softplus(z) + F.hardswish(z) + F.hardsigmoid(z) + F.mish(z) + F.selu(z) + torch.tanh(z)
        wide = x.unsqueeze(1).expand(-1, 3, -1).permute(0, 2, 1).contiguous().view(x.size(0), -1)
        return z / (1 + z.norm(dim=1, keepdim=True)), (x**2).sum(1), wide, x.std(1), x.flip(1)


class Products(nn.Module):
    def __init__(self):
        super().__init__()
        self.both, self.weight = nn.Bilinear(4, 3, 2), nn.utils.parametrizations.weight_norm(nn.Linear(4, 3))

    def forward(self, x):
        y = F.hardshrink(self.weight(x)) + F.rrelu(x[:, 1:])
        summed = x.cumsum(1).roll(1, 1).repeat_interleave(2, 1)
        angle = F.cosine_similarity(x, x.flip(1)).unsqueeze(1)
        return self.both(x, y), summed, angle, x.prod(1, keepdim=True), torch.einsum("bi,bj->bij", x, y)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.up = nn.Conv2d(1, 4, 3, padding=1), nn.Upsample(scale_factor=2)
        self.transposed, self.last = nn.ConvTranspose2d(4, 4, 2, stride=2), nn.Conv2d(8, 1, 1)
        self.group, self.instance = nn.GroupNorm(2, 4), nn.InstanceNorm2d(4)

    def forward(self, x):
        y = self.group(self.first(x))
        z = F.max_pool2d(y, 2)
        return self.last(torch.cat([self.up(z), self.transposed(self.instance(F.pad(z, (0, 0, 0, 0))))], 1))


class Embedded(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.last = nn.Embedding(10, 4), nn.Linear(4, 2)

    def forward(self, x):
        return self.last(self.table(x).sum(1))


def convolution_1d():
    layers = [nn.Conv1d(4, 8, 3, padding="same", dilation=2), nn.ReLU6(), nn.AvgPool1d(2), nn.Dropout()]
    return nn.Sequential(*layers, nn.Conv1d(8, 8, 1), nn.Flatten(), nn.Linear(8 * 5, 3), nn.Softmax(dim=1))


def tagger():
    return nn.Sequential(nn.BatchNorm1d(6), nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3), nn.Softmax(-1))


MODULES = {
    "tagger": (tagger, [(6,)]),
    "residual": (Residual, [(3, 8, 8)]),
    "deep set": (DeepSet, [(5, 3)]),
    "transformer": (Transformer, [(5, 4)]),
    "attention": (Attention, [(5, 4)]),
    "lstm": (lambda: Recurrent(nn.LSTM, bidirectional=True), [(5, 3)]),
    "gru": (lambda: Recurrent(nn.GRU, num_layers=2), [(5, 3)]),
    "rnn": (lambda: Recurrent(nn.RNN, nonlinearity="relu", bias=False), [(5, 3)]),
    "two inputs": (TwoInputs, [(4,), (3,)]),
    "functions": (Functions, [(6,)]),
    "products": (Products, [(4,)]),
    "convolution 1d": (convolution_1d, [(4, 10)]),
    "u-net": (UNet, [(1, 8, 8)]),
    "embedding": (Embedded, [(4,)]),
}


def made(name, seed=0):
    """A module in evaluation mode with running statistics of its own, and the shapes of an event of each input."""
    torch.manual_seed(seed)
    make, shapes = MODULES[name]
    module = make().eval()
    for one in module.modules():
        if isinstance(one, nn.modules.batchnorm._BatchNorm) and one.running_mean is not None:
            one.running_mean.normal_()
            one.running_var.uniform_(0.5, 2.0)
    return module, shapes


def events(name, shapes, n=40, seed=1):
    torch.manual_seed(seed)
    if name == "embedding":
        return [torch.randint(0, 10, (n, *shape)) for shape in shapes]
    return [torch.randn(n, *shape) for shape in shapes]


def outputs(module, given):
    """(n, n_outputs) of a module."""
    with torch.no_grad():
        found = module(*given)
    found = found if isinstance(found, tuple) else (found,)
    return torch.cat([one.reshape(len(given[0]), -1) for one in found], 1).double().numpy()


def exported(module, given, *, is_open=True):
    """The module's program, its number of events left open or not."""
    sizes = tuple({0: torch.export.Dim("events")} for _ in given) if is_open else None
    return torch.export.export(module, tuple(given), dynamic_shapes=sizes)
