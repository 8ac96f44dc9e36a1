"""Make a network physically smaller by what is dead in it, exactly."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from math import prod

import numpy as np

from codesign._keras import keras, tf
from codesign.compress.channels import map_channels
from codesign.compress.dead_units import Arrays, PlainLayer, find_live_units
from codesign.compress.fold import fold_gates
from codesign.compress.model_size import ModelSize, ShrinkReport
from codesign.compress.shrunk_model import ShrunkModel
from codesign.compress.step_graph import StepGraph, build_model, call_layer, read_step_graph
from codesign.compress.steps import DenseStep, OtherStep, Step
from codesign.errors import UnsupportedLayerError


def shrink(model: keras.Model) -> ShrunkModel:
    """Remove features and units that nothing reads, and constant units, which are folded into the next biases.

    The model is stripped first. Predictions stay the same to rounding, of single precision, of the folded sums; a
    constant that a bias quantizer cannot hold stays a unit, so that quantised networks stay the same to the bit. In a
    graph, what is added to one another goes together, what is concatenated by itself, and a unit of a layer that is
    called in several places if it is dead in all.

    Args:
        model: Sequential or functional, trained.

    Raises:
        UnsupportedLayerError: as :func:`strip`; for layers between dense ones that mix units; or a kernel quantizer
            whose scale depends on what is removed (use alpha=1).

    Example:
        >>> import numpy as np
        >>> from codesign import keras, shrink
        >>> layers = [keras.layers.Dense(8, "relu"), keras.layers.Dense(1)]
        >>> model = keras.Sequential([keras.Input((4,)), *layers])
        >>> kernel, bias = layers[0].get_weights()
        >>> kernel[1], kernel[:, 5:] = 0, 0  # a feature that nothing reads, three units that see nothing
        >>> layers[0].set_weights([kernel, bias])
        >>> small = shrink(model)
        >>> small.features, small.model.layers[0].units
        ((0, 2, 3), 5)
    """
    stripped = _Stripped(model)
    small, _ = build_model(stripped.without_dead())
    features = tuple(int(feature) for feature in stripped.live_features)
    report = ShrinkReport(stripped.size, measure_size(small), features)
    return ShrunkModel(small, features, sum(stripped.widths), stripped.widths, report)


def measure_size(model: keras.Model) -> ModelSize:
    """Return the size of a model, stripped."""
    return _Stripped(model).size


class _Stripped:
    """A stripped model, and which of its channels are alive."""

    def __init__(self, model: keras.Model) -> None:
        self._graph = fold_gates(read_step_graph(model))
        self._map = map_channels(self._graph)
        self._names = list(self._graph.dense)
        layers = [
            PlainLayer(
                step.effective_kernel,
                step.effective_bias,
                self._map.rows[name],
                self._map.columns[name],
                _bias_holder(step),
            )
            for name, step in self._graph.dense.items()
        ]
        self._live = find_live_units(layers, self._map.channels, self._constants)

    @property
    def widths(self) -> tuple[int, ...]:
        """Features of each input."""
        return tuple(len(self._map.of[name]) for name in self._graph.inputs)

    @property
    def live_features(self) -> np.ndarray:
        """Indices of those that stay."""
        return np.flatnonzero(self._live.kept[self._features])

    @property
    def size(self) -> ModelSize:
        """The size before anything is removed."""
        steps, dense = self._graph.steps.values(), self._graph.dense
        hidden = [self._map.columns[name] for name in self._hidden]
        outputs = np.concatenate([self._map.of[name] for name in self._graph.outputs])
        levels = (self._features, *hidden, outputs)
        arrays = [array for step in steps for array in _arrays(step)]
        return ModelSize(
            sizes=tuple(len(level) for level in levels),
            parameters=sum(array.size for array in arrays),
            macs=sum(self._places(call.name) * step.kernel.size for call, step in self._dense_calls()),
            live_weights=sum(int(np.count_nonzero(step.effective_kernel)) for step in dense.values()),
            live_units=tuple(int(self._live.alive[level].sum()) for level in levels),
        )

    def without_dead(self) -> StepGraph:
        """Return the graph as narrow as it can be."""
        graph, steps = self._graph, {}
        for call, step in graph.each():
            steps[call.step] = (
                self._take_dense(call.step, step) if isinstance(step, DenseStep) else self._take(call.name, step)
            )
        shapes = {name: (*graph.shapes[name][:-1], len(self._kept(name))) for name in graph.inputs}
        return replace(graph, steps=steps, shapes={**graph.shapes, **shapes})

    def _dense_calls(self) -> list[tuple[object, DenseStep]]:
        return [(call, step) for call, step in self._graph.each() if isinstance(step, DenseStep)]

    @property
    def _features(self) -> np.ndarray:
        return np.concatenate([self._map.of[name] for name in self._graph.inputs])

    def _kept(self, name: str) -> np.ndarray:
        """Indices along the last axis of a value that stay."""
        return np.flatnonzero(self._live.kept[self._map.of[name]])

    def _places(self, name: str) -> int:
        """How often a call's kernel is used in one event."""
        return prod(size or 1 for size in self._graph.shapes[name][:-1])

    @property
    def _hidden(self) -> list[str]:
        """The dense layers in front of others."""
        before, hidden = set(), set()
        for call, step in reversed(list(self._graph.each())):
            if isinstance(step, DenseStep) and call.name in before:
                hidden.add(call.step)
            if isinstance(step, DenseStep) or call.name in before:
                before.update(call.inputs)
        return [name for name in self._names if name in hidden]

    @cached_property
    def _layers(self) -> dict[str, keras.layers.Layer]:
        return build_model(self._graph)[1]

    def _constants(self, kernels: Arrays, biases: Arrays) -> Arrays:
        """What each dense layer reads from an event of zeros; NaN where its places or calls read several values."""
        graph, weights = self._graph, dict(zip(self._names, zip(kernels, biases)))
        values = {
            name: tf.zeros((1, *(size or 1 for size in graph.shapes[name])), tensor.dtype)
            for name, tensor in zip(graph.inputs, graph.model.inputs)
        }
        read: dict[str, list[np.ndarray]] = {name: [] for name in self._names}
        for call, step in graph.each():
            given = [values[name] for name in call.inputs]
            if isinstance(step, DenseStep):
                read[call.step].append(np.asarray(given[0], np.float64).reshape(-1, step.kernel.shape[0]))
                kernel, bias = (tf.constant(array, tf.float32) for array in weights[call.step])
                values[call.name] = step.activation(tf.cast(given[0], tf.float32) @ kernel + bias)
            else:
                values[call.name] = call_layer(self._layers[call.step], call, given)
        places = (np.concatenate(read[name]) for name in self._names)
        return [np.where((rows == rows[0]).all(0), rows[0], np.nan) for rows in places]

    def _take_dense(self, name: str, dense: DenseStep) -> DenseStep:
        index = self._names.index(name)
        kernel, bias = self._live.kernels[index], self._live.biases[index]
        rows, columns = (self._live.kept[channels[name]] for channels in (self._map.rows, self._map.columns))
        bias = bias[columns].astype(np.float32)
        latent = np.where(kernel != 0, dense.kernel, np.float32(0))[np.ix_(rows, columns)]
        small = replace(dense, kernel=latent, bias=None if dense.bias is None and not bias.any() else bias)
        if not np.array_equal(small.effective_kernel, kernel[np.ix_(rows, columns)].astype(np.float32)):
            raise UnsupportedLayerError(
                f"layer '{dense.name}': expected a kernel quantizer that treats each weight by itself. "
                f"Received: {dense.kernel_quantizer}, whose scale changes with the shape; retrain with alpha=1"
            )
        return small

    def _take(self, name: str, step: OtherStep) -> OtherStep:
        """A layer between dense ones, with the weights and the shape of what stays."""
        kept = self._kept(name)
        if step.kind == "Reshape":
            before = self._graph.shapes[name]
            return replace(step, changes={"target_shape": (*before[:-1], len(kept))})
        if step.kind == "BatchNormalization":
            return replace(step, weights=[weight[kept] for weight in step.weights])
        return step


def _arrays(step: Step) -> list[np.ndarray]:
    if isinstance(step, DenseStep):
        return [array for array in (step.kernel, step.bias) if array is not None]
    return step.weights


def _bias_holder(dense: DenseStep) -> Callable[[np.ndarray], bool]:
    if dense.bias_quantizer is None:
        return lambda bias: True
    return lambda bias: np.array_equal(np.asarray(dense.bias_quantizer(bias.astype(np.float32))), bias)
