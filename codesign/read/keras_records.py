"""Neutral records of Keras layers: what a layer is, from a live model or from a file, without Keras.

A reader of layers takes these alone, so that it does the same for tf_keras, Keras 3 and files of either.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from codesign._layer_graph import LayerGraph
from codesign.errors import UnsupportedLayerError

PACKAGES = ("keras", "tf_keras", "tensorflow", "qkeras", "tensorflow_model_optimization", "codesign", "builtins")
HGQ_PACKAGES = ("hgq", "HGQ")  # HGQ2, and HGQ before it
FOLDED_KERNEL, FOLDED_BIAS = "folded/folded_kernel", "folded/folded_bias"  # of a live layer that folds its own
_HALF = ("mixed_float16", "mixed_bfloat16", "float16", "bfloat16")


class Taken:
    """The place of a value of the model among the arguments of a call, which takes the next of `LayerCall.inputs`."""

    def __repr__(self) -> str:
        return "<value>"


TAKEN = Taken()


@dataclass(frozen=True, eq=False)
class Named:
    """A function or an object that a configuration names: an activation, a quantizer, an initializer.

    Args:
        kind: name of the function or of the class: ``relu``, ``quantized_bits``.
        package: where it is from: ``keras``, ``qkeras``, ``codesign``; another one is foreign.
        config: arguments of the constructor; empty for a function.
        is_function: whether it is a function, and no object.
    """

    kind: str
    package: str = "keras"
    config: Mapping[str, object] = field(default_factory=dict)
    is_function: bool = False

    def __str__(self) -> str:
        given = ", ".join(f"{key}={value}" for key, value in self.config.items())
        return self.kind if self.is_function else f"{self.kind}({given})"


@dataclass(frozen=True, eq=False)
class LayerRecord:
    """A layer, or an operation between layers.

    Args:
        name: of the layer.
        kind: name of its class: ``Dense``, ``QDense``; ``TFOpLambda`` or ``Subtract`` for an operation.
        module: of its class: ``keras.layers``; its first word is the package.
        config: what `get_config` gives, in the words of Keras 2 or 3; objects and functions in it are :class:`Named`
            (names of Keras's own functions may be texts), layers in it are in `inner`.
        weights: arrays by their names within the layer: ``kernel``, ``query/kernel``.
        generation: 2 or 3, the Keras whose defaults hold: a hard sigmoid is another function in each.
        inner: layers that it wraps, by the name of the argument: ``layer`` of TimeDistributed, ``forward_layer``.
        cells: of StackedRNNCells, in order.
        graph: the calls inside a model, for one that is wrapped; None for a layer.
    """

    name: str
    kind: str
    module: str = "keras.layers"
    config: Mapping[str, object] = field(default_factory=dict)
    weights: Mapping[str, np.ndarray] = field(default_factory=dict)
    generation: int = 2
    inner: Mapping[str, "LayerRecord"] = field(default_factory=dict)
    cells: tuple["LayerRecord", ...] = ()
    graph: LayerGraph | None = None

    @property
    def package(self) -> str:
        """The first word of its module."""
        return self.module.partition(".")[0]

    @property
    def is_operation(self) -> bool:
        """Whether it is no layer but a function of TensorFlow or Keras between layers."""
        return self.kind in ("TFOpLambda", "SlicingOpLambda") or self.module.startswith(("keras.src.ops.", "keras.ops"))

    def has_weight(self, name: str) -> bool:
        """Whether a weight of this name is there."""
        return bool(self._found(name))

    def weight(self, name: str) -> np.ndarray:
        """Return a weight by its name, or by the last part of it where that is unique.

        Raises:
            UnsupportedLayerError: if it is not there, or if several have this name.
        """
        found = self._found(name)
        if len(found) != 1:
            received = ", ".join(f"'{one}'" for one in self.weights) or "none"
            raise UnsupportedLayerError(
                f"layer '{self.name}': expected one weight '{name}' of {self.kind}. Received: {received}; "
                "build the model, and save it whole"
            )
        return self.weights[found[0]]

    def _found(self, name: str) -> list[str]:
        return [name] if name in self.weights else [one for one in self.weights if one.endswith(f"/{name}")]


_OF_AN_AXIS = ("BatchNormalization", "QBatchNormalization", "SyncBatchNormalization", "Normalization", "Softmax")


def at_each_step(record: LayerRecord) -> LayerRecord:
    """Return a layer inside TimeDistributed as what it is outside: axes that are counted from the front are one more.

    Args:
        record: of a layer, or of a model with `graph`.
    """
    return _with_axes(record, lambda axis: axis + 1)


def at_one_step(record: LayerRecord) -> LayerRecord:
    """Return what :func:`at_each_step` was given."""
    return _with_axes(record, lambda axis: axis - 1)


def _with_axes(record: LayerRecord, moved: Callable[[int], int]) -> LayerRecord:
    if record.graph is not None:
        calls = tuple(replace(call, layer=_with_axes(call.layer, moved)) for call in record.graph.calls)
        return replace(record, graph=replace(record.graph, calls=calls))
    axis = record.config.get("axis")
    if record.kind not in _OF_AN_AXIS or axis is None:
        return record
    axes = [moved(one) if one > 0 else one for one in np.ravel(axis).tolist()]
    return replace(record, config={**record.config, "axis": axes if len(axes) != 1 else axes[0]})


def computes_in_half_precision(record: LayerRecord) -> bool:
    """Whether a layer computes in 16 bits."""
    policy = record.config.get("dtype")
    name = policy.config.get("name") if isinstance(policy, Named) else policy
    return str(name) in _HALF
