"""Random graphs of every op, with types, for tests that compare two evaluations bit for bit."""

from math import prod

import numpy as np

from codesign.network import FixedPoint, Input, Network, Node
from codesign.network.ops import (
    Activation,
    Add,
    Affine,
    ArgMax,
    Bit,
    Compare,
    Concatenate,
    Dense,
    Dot,
    Embedding,
    Flatten,
    Gather,
    MatMul,
    Max,
    Maximum,
    Mean,
    Min,
    Minimum,
    Multiply,
    Patches,
    Quantize,
    Reshape,
    SegmentSum,
    Select,
    Slice,
    Subtract,
    Sum,
    Table,
    Threshold,
    Transpose,
)
from codesign.network.ops.select import RELATIONS

FUNCTIONS = ("relu", "leaky_relu", "relu6", "sigmoid", "tanh", "hard_sigmoid", "hard_tanh", "swish", "linear")
STEP_FUNCTIONS = ("thresholded_relu", "clip", "abs", "sign", "floor", "ceil", "round")
CURVE_FUNCTIONS = tuple("elu celu selu gelu gelu_tanh softplus softsign mish log_sigmoid exponential".split())
NO_TABLES = (
    *("dense", "dense", "shared", "affine", "activation", "activation", "quantize", "embedding"),
    *("add", "subtract", "multiply", "maximum", "minimum", "dot", "concatenate", "sum", "mean", "max"),
    *("reshape", "flatten", "transpose", "slice"),
)
WIDE = ("patches", "patches", "gather", "matmul", "compare", "select", "min", "argmax", "steps", "curve")
KINDS = (*NO_TABLES, "threshold", "bit", "table", "table", "segments")
ALL_KINDS = (*KINDS, *WIDE)
_ON_ROWS = ("shared", "transpose", "sum", "mean", "max", "min", "argmax", "patches", "matmul")
_ON_VECTORS = ("dot", "threshold", "bit", "table", "segments")
_MOST_VALUES = 24


class RandomGraph:
    """A graph that grows node by node.

    Args:
        rng: what draws everything.
        kinds: of ops to draw from: :data:`KINDS`, all, or :data:`NO_TABLES`, for a back end that refuses tables.
        functions: activations to draw from; see :data:`FUNCTIONS`.
        spread: standard deviation of weights.
        curves: functions to draw from that a design holds tables of.
    """

    def __init__(self, rng, kinds=NO_TABLES, functions=FUNCTIONS, *, spread=1.0, curves=CURVE_FUNCTIONS) -> None:
        self.rng, self.kinds, self.functions, self.spread, self.curves = rng, kinds, functions, spread, curves
        self.nodes: list[Node] = []
        self.shapes = {"x": (int(rng.integers(2, 7)),)}
        if rng.random() < 0.6:
            self.shapes["particles"] = (int(rng.integers(2, 5)), int(rng.integers(1, 4)))
        self.indices, self.padded = {}, set()

    def add(self, op, *inputs: str) -> str:
        name = f"{op.name}_{len(self.nodes)}"
        self.nodes.append(Node(name, op, inputs))
        self.shapes[name] = op.shape(*(self.shapes[one] for one in inputs))
        return name

    def draw(self, rank: int | None = None, shape=None) -> str | None:
        """A value of some rank or shape, late ones more often."""
        names = [name for name in self.shapes if name not in self.indices and name not in self.padded]
        names = [name for name in names if rank is None or len(self.shapes[name]) == rank]
        names = [name for name in names if shape is None or self.shapes[name] == shape]
        if not names:
            return None
        return names[max(self.rng.integers(len(names)), self.rng.integers(len(names)))]

    def grow(self, kind: str) -> None:
        """Add nodes of one kind, where there is something for them to take."""
        rank = 2 if kind in _ON_ROWS else 1 if kind in _ON_VECTORS else None
        source = self.draw(rank)
        if source is not None:
            getattr(self, f"_{kind}")(source)

    def _dense(self, source):
        n_in, n_out = self.shapes[source][-1], int(self.rng.integers(1, 6))
        kernel = self.rng.normal(size=(n_in, n_out)) * (self.rng.random((n_in, n_out)) > 0.2) * self.spread
        name = self.add(Dense(kernel, self.rng.normal(size=n_out)), source)
        if self.rng.random() < 0.6:
            self._activation(name)

    _shared = _dense

    def _affine(self, source):
        n = self.shapes[source][-1]
        self.add(Affine(self.rng.normal(size=n), self.rng.normal(size=n)), source)

    def _activation(self, source):
        function = str(self.rng.choice(self.functions))
        options = {"leaky_relu": {"slope": 0.3}, "hard_sigmoid": {"slope": 0.2}, "relu6": {"max_value": 6.0}}
        name = "relu" if function == "relu6" else function
        table = {"table": FixedPoint(12, 2), "table_size": 64}
        self.add(Activation(name, **options.get(function, {}), **table), source)

    def _quantize(self, source):
        modes = {"rounding": str(self.rng.choice(["RND", "RND_CONV", "TRN"])), "overflow": "SAT"}
        self.add(Quantize(FixedPoint(int(self.rng.integers(4, 8)), int(self.rng.integers(1, 4)), **modes)), source)

    def _embedding(self, source):
        if self.indices:
            return
        entries = int(self.rng.integers(2, 9))
        self.shapes["category"] = (1,)
        self.indices["category"] = entries
        name = self.add(Embedding(self.rng.normal(size=(entries, 2))), "category")
        self.add(Flatten(), name)

    def _merge(self, source, op):
        other = self.draw(shape=self.shapes[source])
        self.add(op, source, other)

    def _add(self, source):
        inputs = [source, *(self.draw(shape=self.shapes[source]) for _ in range(self.rng.integers(1, 3)))]
        self.add(Add(), *inputs)

    def _subtract(self, source):
        self._merge(source, Subtract())

    def _multiply(self, source):
        self._merge(source, Multiply())

    def _maximum(self, source):
        self._merge(source, Maximum())

    def _minimum(self, source):
        self._merge(source, Minimum())

    def _dot(self, source):
        self._merge(source, Dot())

    def _concatenate(self, source):
        rank = len(self.shapes[source])
        other = self.draw(rank) if rank == 1 else self.draw(shape=self.shapes[source])
        if prod(self.shapes[source]) + prod(self.shapes[other]) <= _MOST_VALUES:
            self.add(Concatenate(int(self.rng.integers(1, rank + 1))), source, other)

    def _sum(self, source):
        self.add(Sum(int(self.rng.integers(1, 3)), bool(self.rng.random() < 0.3)), source)

    def _mean(self, source):
        self.add(Mean(int(self.rng.integers(1, 3)), bool(self.rng.random() < 0.3)), source)

    def _max(self, source):
        self.add(Max(int(self.rng.integers(1, 3)), bool(self.rng.random() < 0.3)), source)

    def _min(self, source):
        self.add(Min(int(self.rng.integers(1, 3)), bool(self.rng.random() < 0.3)), source)

    def _argmax(self, source):
        self.add(ArgMax(int(self.rng.integers(1, 3)), bool(self.rng.random() < 0.3)), source)

    def _patches(self, source):
        """Windows of one or two axes, then sums of products or the largest."""
        shape, rng = self.shapes[source], self.rng
        if prod(shape) > _MOST_VALUES:
            return
        rank = 2 if rng.random() < 0.5 else 1
        source = self.add(Reshape((shape[0], shape[1], 1)), source) if rank == 2 else source
        sizes = self.shapes[source][:rank]
        kernel, pad = tuple(int(rng.integers(1, min(size, 3) + 1)) for size in sizes), rng.choice(["zero", "edge"])
        padding = tuple((int(rng.integers(size)), int(rng.integers(size))) for size in kernel)
        strides = tuple(map(int, rng.integers(1, 3, rank)))
        patches = self.add(Patches(kernel, strides, (1,) * rank, padding, str(pad)), source)
        self._behind_zeros(patches, self._dense if rng.random() < 0.7 else self._affine)

    def _behind_zeros(self, name, grow):
        """Keys ask for no values that are always 0."""
        grow(name)
        self.padded.add(name)

    def _gather(self, source):
        size = prod(self.shapes[source])
        shape = tuple(map(int, self.rng.integers(1, 4, self.rng.integers(1, 3))))
        self._behind_zeros(self.add(Gather(self.rng.integers(-1, size, shape)), source), self._affine)

    def _matmul(self, source):
        first, other = self.shapes[source], self.draw(2)
        if self.shapes[other][0] != first[1]:
            other = self.add(Transpose((2, 1)), source)
        if first[0] * self.shapes[other][1] <= _MOST_VALUES:
            self.add(MatMul(), source, other)

    def _compare(self, source):
        return self.add(Compare(str(self.rng.choice(RELATIONS))), source, self.draw(shape=self.shapes[source]))

    def _select(self, source):
        shape = self.shapes[source]
        self.add(Select(), self._compare(source), self.draw(shape=shape), self.draw(shape=shape))

    def _steps(self, source):
        function = str(self.rng.choice(STEP_FUNCTIONS))
        numbers = {"thresholded_relu": {"threshold": 0.3, "max_value": 3.5}, "clip": {"min_value": -1.25}}
        self.add(Activation(function, **numbers.get(function, {})), source)

    def _curve(self, source):
        """Behind few bits, of each of which its table has an entry."""
        bits = self.add(Quantize(FixedPoint(6, 3, rounding="RND", overflow="SAT")), source)
        function = str(self.rng.choice(self.curves))
        self.add(Activation(function, slope=1.5 if function in ("elu", "celu") else 0.0), bits)

    def _reshape(self, source):
        size = prod(self.shapes[source])
        first = int(self.rng.choice([n for n in range(1, size + 1) if size % n == 0]))
        self.add(Reshape((first, size // first)), source)

    def _flatten(self, source):
        self.add(Flatten(), source)

    def _transpose(self, source):
        self.add(Transpose((2, 1)), source)

    def _slice(self, source):
        axis = int(self.rng.integers(1, len(self.shapes[source]) + 1))
        size = self.shapes[source][axis - 1]
        start = int(self.rng.integers(size))
        self.add(Slice(start, int(self.rng.integers(start, size)) + 1, axis, int(self.rng.integers(1, 3))), source)

    def _places(self, source):
        n = self.shapes[source][0]
        return self.rng.integers(n, size=int(self.rng.integers(1, 6)))

    def _threshold(self, source):
        index = self._places(source)
        value = self.rng.normal(size=index.size) * 0.5
        return self.add(
            Threshold(index, np.where(self.rng.random(index.size) < 0.5, value, np.rint(8 * value) / 8)), source
        )

    def _bit(self, source):
        index = self._places(source)
        return self.add(Bit(index, np.exp2(self.rng.integers(-2, 2, index.size))), source)

    def _table(self, source):
        """Tables of up to eight bits; their values as terms, and where they are 0 and 1 as bits of further tables."""
        bits = [self._threshold(source), self._bit(self.draw(1))]
        bits += [self.draw_bits()] if self.rng.random() < 0.5 else []
        joined = self.add(Concatenate(), *bits)
        n = self.shapes[joined][0]
        keys = [self.rng.permutation(n)[: int(size)] for size in self.rng.integers(0, 9, int(self.rng.integers(1, 5)))]
        step = np.exp2(self.rng.integers(-4, 1, len(keys)))
        levels = 2 if self.rng.random() < 0.3 else 12
        low = 0 if levels == 2 else self.rng.integers(-12, 1, len(keys))
        codes = [self.rng.integers(levels, size=2 ** len(one)) for one in keys]
        entries = [one * (1.0 if levels == 2 else size) for one, size in zip(codes, step)]
        entries = [one + start * size for one, start, size in zip(entries, np.broadcast_to(low, len(keys)), step)]
        self.add(Table([one.tolist() for one in keys], entries), joined)

    def draw_bits(self):
        """A value that is bits: keys, or tables of 0 and 1."""
        names = [node.name for node in self.nodes if isinstance(node.op, Threshold | Bit) or _gives_bits(node.op)]
        return names[self.rng.integers(len(names))]

    def _segments(self, source):
        n_segments = int(self.rng.integers(1, 4))
        segments = self.rng.integers(n_segments, size=self.shapes[source][0])
        self.add(SegmentSum(segments, np.rint(self.rng.normal(size=n_segments) * 16) / 16), source)

    def build(self) -> Network:
        """The network: every value that nothing takes is an output."""
        taken = {name for node in self.nodes for name in node.inputs}
        outputs = [node.name for node in self.nodes if node.name not in taken]
        inputs = [Input(name, self.shapes[name]) for name in ("x", "particles", "category") if name in self.shapes]
        return Network(self.nodes, inputs, outputs)


def _gives_bits(op) -> bool:
    return isinstance(op, Table) and all(np.isin(one, (0, 1)).all() and 1 in one for one in op.entries)


def random_graph(rng: np.random.Generator, n_nodes: int = 9, **options) -> Network:
    """Return a graph in floating point, with at least a dense op; see :class:`RandomGraph`."""
    graph = RandomGraph(rng, **options)
    graph.grow("dense")
    for kind in rng.choice(graph.kinds, n_nodes):
        graph.grow(str(kind))
    return graph.build()
