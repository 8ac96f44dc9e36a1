"""Records of the layers of a Keras model in memory: tf_keras or Keras 3, whichever built it; neither is imported."""

import inspect
import sys
from collections.abc import Mapping
from dataclasses import replace
from types import EllipsisType

import numpy as np

from codesign._layer_graph import LayerGraph
from codesign._layer_walk import read_layer_graph
from codesign.read.keras_records import FOLDED_BIAS, FOLDED_KERNEL, PACKAGES, TAKEN, LayerRecord, Named, at_each_step

_WRAPPED = ("layer", "forward_layer", "backward_layer", "cell")
_HELD_INSIDE = {"Bidirectional": _WRAPPED[1:3], "QBidirectional": _WRAPPED[1:3], "RNN": ("cell",)}
_PLAIN = (bool, int, float, str, bytes, slice, EllipsisType, type(None))


def record_graph(model: object) -> LayerGraph:
    """Return the calls of a model's layers, each layer a :class:`LayerRecord`, nested models opened.

    Symbolic tensors among the arguments of calls are `TAKEN`.

    Raises:
        UnsupportedLayerError: as :func:`codesign._layer_walk.read_layer_graph`.
    """
    return _Recorder().graph(model)


class _Recorder:
    """Records each layer once."""

    def __init__(self) -> None:
        self._records: dict[int, LayerRecord] = {}

    def graph(self, model: object) -> LayerGraph:
        """The calls of a model."""
        found = read_layer_graph(model)
        calls = tuple(
            replace(call, layer=self.record(call.layer), args=plain(call.args), kwargs=plain(dict(call.kwargs)))
            for call in found.calls
        )
        return LayerGraph(found.inputs, calls, found.outputs)

    def record(self, layer: object) -> LayerRecord:
        """The record of a layer."""
        if id(layer) not in self._records:
            self._records[id(layer)] = self._made(layer)
        return self._records[id(layer)]

    def _made(self, layer: object) -> LayerRecord:
        module = type(layer).__module__
        if module.partition(".")[0] not in PACKAGES:  # none of its code is run
            return LayerRecord(layer.name, type(layer).__name__, module)
        inner = {name: vars(layer).get(name) for name in _HELD_INSIDE.get(type(layer).__name__, ("layer",))}
        inner = {name: one for name, one in inner.items() if hasattr(one, "weights") and hasattr(one, "get_config")}
        records = {name: self.record(one) for name, one in inner.items()}
        if type(layer).__name__ == "TimeDistributed":
            records = {name: at_each_step(one) for name, one in records.items()}
        return LayerRecord(
            layer.name,
            type(layer).__name__,
            module,
            config=_config(layer),
            weights=_weights(layer),
            generation=3 if module.startswith("keras.") else 2,
            inner=records,
            cells=tuple(self.record(cell) for cell in getattr(layer, "cells", ()) or ()),
            graph=self.graph(layer) if hasattr(layer, "layers") else None,
        )


def _config(layer: object) -> dict[str, object]:
    """What the constructor takes; functions and objects that are attributes of the layer as these, and not by name."""
    try:
        given = {} if hasattr(layer, "layers") else dict(layer.get_config())
    except Exception:  # an operation of Keras 3 may have no configuration, and a layer any
        given = {}
    held = vars(layer)
    if not given or type(layer).__module__.startswith("keras.src.ops."):
        given = {**given, **{name: value for name, value in held.items() if not name.startswith("_")}}
    config = {name: plain(value) for name, value in given.items() if name not in _WRAPPED}
    for name in config:
        value = held.get(f"{name}_internal", held.get(name))
        if name.endswith(("activation", "quantizer")) and value is not None and not isinstance(value, str):
            config[name] = plain(value)
    return config


def plain(value: object) -> object:
    """Plain data: numbers, texts, arrays, lists, mappings, :class:`Named`."""
    if hasattr(value, "_keras_history"):
        return TAKEN
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return _from_mapping(value)
    if isinstance(value, (list, tuple, set)):
        return tuple(plain(one) for one in value) if isinstance(value, tuple) else [plain(one) for one in value]
    if inspect.isfunction(value) or inspect.isbuiltin(value) or inspect.ismethod(value):
        return Named(value.__name__, str(value.__module__).partition(".")[0], is_function=True)
    if hasattr(value, "get_config"):
        return _named(value)
    name = getattr(value, "name", None)  # of a data type
    return name if isinstance(name, str) and not hasattr(value, "shape") else _array(value)


def _array(value: object) -> object:
    try:
        array = np.asarray(value)
    except Exception:  # whatever an argument raises, it is no number
        return Named(type(value).__name__, type(value).__module__.partition(".")[0])
    if array.dtype == object:
        return Named(type(value).__name__, type(value).__module__.partition(".")[0])
    return array.item() if array.ndim == 0 and isinstance(value, np.generic) else array


def _from_mapping(value: Mapping) -> object:
    """A serialised object is what it was; any other mapping stays one."""
    inner = value.get("config")
    if "class_name" not in value or not isinstance(inner, (Mapping, str)):
        return {key: plain(one) for key, one in value.items()}
    home = str(value.get("module") or value.get("registered_name") or "keras").replace(">", ".").partition(".")[0]
    if isinstance(inner, str):
        return Named(inner, home, is_function=True)
    return Named(str(value["class_name"]).rpartition(">")[2], home, {key: plain(one) for key, one in inner.items()})


def _named(thing: object) -> Named:
    """An object by the arguments of its constructor: QKeras's `get_config` leaves some out."""
    kind, package = type(thing).__name__, type(thing).__module__.partition(".")[0]
    if package not in PACKAGES:
        return Named(kind, package)
    config = dict(thing.get_config())
    if package == "qkeras":
        arguments = inspect.signature(type(thing).__init__).parameters
        config |= {name: value for name, value in vars(thing).items() if name in arguments}
        config["internal_sigmoid"] = getattr(sys.modules[type(thing).__module__], "_sigmoid", None)
    if callable(config.get("internal_sigmoid")):
        config["internal_sigmoid"] = config["internal_sigmoid"].__name__
    return Named(kind, package, {key: plain(value) for key, value in config.items()})


def _weights(layer: object) -> dict[str, np.ndarray]:
    """Arrays by their names within the layer."""
    found: dict[str, np.ndarray] = {}
    for variable in getattr(layer, "weights", ()):
        name = _weight_name(layer.name, str(getattr(variable, "path", variable.name)))
        number, free = 1, name
        while free in found:
            number += 1
            free = f"{name}_{number}"
        found[free] = np.asarray(variable)
    if hasattr(layer, "get_folded_weights"):  # whose root TensorFlow takes by a table of the processor
        found |= zip((FOLDED_KERNEL, FOLDED_BIAS), map(np.asarray, layer.get_folded_weights()))
    return found


def _weight_name(layer: str, path: str) -> str:
    """``query/kernel`` of ``model/attention/query/kernel:0`` in the layer ``attention``."""
    parts = path.removesuffix(":0").split("/")
    outer = parts[:-1]
    where = len(outer) - 1 - outer[::-1].index(layer) if layer in outer else len(parts) - 2
    return "/".join(parts[where + 1 :])
