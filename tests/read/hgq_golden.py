"""Random networks of HGQ2, with its own outputs: run where HGQ2 is, ``python hgq_golden.py FOLDER FIRST LAST``.

Each becomes ``NUMBER.keras``, packed tightly, and ``NUMBER.npz`` with events and outputs. Every kind of layer has its
turn; quantizers are of random kinds and modes, with numbers of bits that differ from value to value.
"""

import os
import sys
import zipfile
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from hgq import layers as hgq
from hgq.config import QuantizerConfig
from hgq.quantizer.internal import FixedPointQuantizerKBI, FixedPointQuantizerKIF
from hgq.utils import trace_minmax

N_EVENTS = 32
MERGES = ("QAdd", "QSubtract", "QMultiply", "QMaximum", "QMinimum", "QAveragePow2")
FUNCTIONS = ("tanh", "sigmoid", "silu", "exponential", "elu", "softplus", "relu")
KINDS = (
    *("dense", "batchnorm", "batchnorm_dense", "function", "line", "merge", "sum", "softmax", "einsum", "pair"),
    *("einsum_batchnorm", "quantizer", "concatenate", "conv1d", "conv2d", "pool1d", "pool2d", "attention", "global"),
)
SHAPES = {
    "conv1d": (6, 4), "pool1d": (6, 3), "attention": (4, 5), "conv2d": (5, 5, 2), "pool2d": (4, 4, 2), "sum": (4, 3),
    "global": (4, 4, 2), "einsum_batchnorm": (4, 3), "pair": (4, 3),
}  # fmt: skip


class Maker:
    """Layers with random settings."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def one_of(self, *choices):
        return choices[self.rng.integers(len(choices))]

    def config(self, place, **more):
        kind = self.one_of("kif", "kbi")
        bits = {"f0": int(self.rng.integers(1, 6))} if kind == "kif" else {"b0": int(self.rng.integers(2, 8))}
        bits["i0"] = int(self.rng.integers(0, 4))
        if place != "table" and self.rng.random() < 0.3:
            bits["heterogeneous_axis"] = ()
        modes = {
            "round_mode": self.one_of("RND", "RND_CONV", "TRN"),
            "overflow_mode": self.one_of("WRAP", "SAT", "SAT_SYM"),
        }
        return QuantizerConfig(kind, place, k0=int(self.rng.random() < 0.8), **bits, **modes, **more)

    def quantizers(self, *names):
        places = {"iq": "datalane", "kq": "weight", "bq": "bias", "oq": "datalane"}
        return {f"{name}_conf": self.config(places[name]) for name in names if self.rng.random() < 0.7}

    def narrow(self):
        return QuantizerConfig("kif", "datalane", i0=2, f0=3, overflow_mode=self.one_of("SAT", "WRAP"))

    def block(self, kind, y):
        return getattr(self, kind)(y, tuple(y.shape[1:]))

    @property
    def dense_options(self):
        return {"activation": self.one_of(None, "relu"), **self.quantizers("iq", "kq", "bq")}

    def dense(self, y, shape):
        oq = {"enable_oq": True} if self.rng.random() < 0.4 else {}
        return hgq.QDense(4, use_bias=bool(self.rng.random() < 0.8), **self.dense_options, **oq)(y)

    def batchnorm_dense(self, y, shape):
        return hgq.QBatchNormDense(5, **self.dense_options)(y)

    def batchnorm(self, y, shape):
        flags = {name: bool(self.rng.random() < 0.7) for name in ("scale", "center")}
        return hgq.QBatchNormalization(**flags, **self.quantizers("iq", "kq", "bq"))(y)

    def function(self, y, shape):
        table = {"oq_conf": self.config("table")} if self.rng.random() < 0.5 else {}
        return hgq.QUnaryFunctionLUT(self.one_of(*FUNCTIONS), iq_conf=self.narrow(), **table)(y)

    def line(self, y, shape):
        return hgq.QAffinedUnaryFunctionLUT(self.one_of("tanh", "sigmoid"), iq_conf=self.narrow())(y)

    def merge(self, y, shape):
        other = hgq.QDense(shape[-1], **self.quantizers("iq", "kq"))(y)
        own = {"iq_confs": [self.config("datalane"), self.config("datalane")]} if self.rng.random() < 0.6 else {}
        return getattr(hgq, self.one_of(*MERGES))(**own)([other, y])

    def concatenate(self, y, shape):
        return keras.layers.Concatenate()([y, hgq.QDense(3, **self.quantizers("iq"))(y)])

    def sum(self, y, shape):
        return self.one_of(hgq.QSum, hgq.QMeanPow2)(axes=1, keepdims=True, **self.quantizers("iq"))(y)

    def pair(self, y, shape):
        return self.one_of(hgq.QDot(axes=2), hgq.QEinsum("abc,adc->abd"))([y, y])

    def softmax(self, y, shape):
        return hgq.QSoftmax(
            exp_iq_conf=QuantizerConfig("kif", "datalane", i0=3, f0=3, overflow_mode="SAT"),
            exp_oq_conf=QuantizerConfig("kif", "table", i0=1, f0=6),
            inv_iq_conf=QuantizerConfig("kif", "datalane", i0=4, f0=4),
            inv_oq_conf=QuantizerConfig("kbi", "table", b0=7, i0=1),
            enable_oq=bool(self.rng.random() < 0.5),
        )(y)

    def einsum(self, y, shape):
        equations = {
            1: [("ab,bcd->acd", (2, 3), "d"), ("ab,bcd->acd", (2, 3), "cd")],
            2: [
                ("abc,cd->abd", (shape[0], 4), "d"),
                ("abc,bcd->abd", (shape[0], 4), "bd"),
                ("abc,bd->adc", (3, shape[-1]), "d"),
            ],
            3: [("...c,cd->...d", (*shape[:2], 3), "d")],
        }
        equation, output, bias = self.one_of(*equations[len(shape)])
        return hgq.QEinsumDense(equation, output, bias_axes=bias, **self.dense_options)(y)

    def einsum_batchnorm(self, y, shape):
        return hgq.QEinsumDenseBatchnorm("abc,cd->abd", (shape[0], 4), bias_axes="d", **self.dense_options)(y)

    def quantizer(self, y, shape):
        return hgq.Quantizer(self.config("datalane"))(y)

    def conv1d(self, y, shape):
        padding, stride = self.one_of("valid", "same"), self.one_of(1, 2)
        return hgq.QConv1D(4, 3, strides=stride, padding=padding, **self.dense_options)(y)

    def conv2d(self, y, shape):
        size, padding = self.one_of((2, 2), (3, 1)), self.one_of("valid", "same")
        return hgq.QConv2D(3, size, strides=self.one_of(1, 2), padding=padding, **self.dense_options)(y)

    def pool1d(self, y, shape):
        return self.one_of(hgq.QMaxPooling1D, hgq.QAveragePooling1D)(2, **self.quantizers("iq"))(y)

    def pool2d(self, y, shape):
        return self.one_of(hgq.QMaxPooling2D, hgq.QAveragePooling2D)(2, **self.quantizers("iq"))(y)

    def attention(self, y, shape):
        exponent = QuantizerConfig("kif", "datalane", i0=3, f0=3, overflow_mode="SAT")
        fuse = self.one_of("none", "qkv", "kv")
        return hgq.QMultiHeadAttention(2, 3, fuse=fuse, softmax_exp_iq_conf=exponent)(y, y, y)

    def __getattr__(self, name):
        if name == "global":
            return lambda y, shape: self.one_of(hgq.QGlobalAveragePooling2D, hgq.QGlobalMaxPooling2D)()(y)
        raise AttributeError(name)

    def spread(self, model):
        """Other bits for each value, other moments and biases, as a training leaves them."""
        rng = self.rng
        for layer in model._flatten_layers():
            if isinstance(layer, FixedPointQuantizerKIF) and layer.built:
                moved = np.asarray(layer._f) + rng.integers(-2, 3, layer._f.shape) + rng.uniform(-0.4, 0.4)
                layer._f.assign(moved)
                if rng.random() < 0.3:
                    layer._k.assign((rng.random(layer._k.shape) < 0.8).astype("uint8"))
            if isinstance(layer, FixedPointQuantizerKBI) and layer.built:
                moved = np.asarray(layer._b) + rng.integers(-3, 3, layer._b.shape) + rng.uniform(-0.4, 0.4)
                layer._b.assign(np.maximum(0, moved))
        for variable in model.weights:
            if variable.name in ("moving_mean", "bn_beta", "bias"):
                variable.assign(rng.normal(0, 0.5, variable.shape))
            elif variable.name in ("moving_variance", "bn_gamma", "gamma", "scale"):
                variable.assign(rng.uniform(0.3, 2, variable.shape))


def make(number):
    """Return a model and events for it."""
    keras.backend.clear_session()
    keras.utils.set_random_seed(number)
    maker = Maker(number)
    kind = KINDS[number % len(KINDS)]
    inputs = keras.Input(SHAPES.get(kind, (5,)))
    first = QuantizerConfig("kif", "datalane", i0=3, f0=4, overflow_mode=maker.one_of("SAT", "WRAP"))
    y = maker.block(kind, hgq.Quantizer(first)(inputs))
    plain = (
        "dense",
        "batchnorm",
        "batchnorm_dense",
        "function",
        "line",
        "merge",
        "softmax",
        "quantizer",
        "concatenate",
    )
    for _ in range(int(maker.rng.integers(1, 3))):
        y = maker.block(maker.one_of(*plain), y)
    y = keras.layers.Flatten()(y) if len(y.shape) > 2 else y
    model = keras.Model(inputs, hgq.QDense(3, **maker.quantizers("iq", "kq", "bq"))(y))
    maker.spread(model)
    shape = (N_EVENTS, *inputs.shape[1:])
    x = maker.rng.normal(size=shape) * 2.0 ** maker.rng.integers(-3, 4, (N_EVENTS,) + (1,) * (len(shape) - 1))
    if maker.rng.random() < 0.7:
        trace_minmax(model, x.astype("float32"), verbose=False)
    return model, x.astype("float32")


def write(folder, number):
    """Write one model, and what it gives."""
    model, x = make(number)
    path = Path(folder, f"{number}.keras")
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED, 9)
    outputs = np.asarray(model.predict(x, verbose=0)).reshape(N_EVENTS, -1)
    np.savez_compressed(path.with_suffix(".npz"), x=x.reshape(N_EVENTS, -1), y=outputs)


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    for number in range(int(sys.argv[2]), int(sys.argv[3])):
        write(sys.argv[1], number)
