"""The configuration of a saved model, taken apart: layers, what is inside them, and who calls whom with what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from codesign._printable import printable
from codesign.errors import DataError, UnsupportedLayerError
from codesign.model_files.known_names import CLASSES, MODELS
from codesign.read.keras_files.eras import modern
from codesign.read.keras_files.objects import home_of, plain
from codesign.read.keras_records import HGQ_PACKAGES, PACKAGES, Named
from codesign.read.qkeras import quantizer_named, with_open_scale

_OF_TRAINING = ("_initializer", "_regularizer", "_constraint")
_OPERATIONS = "keras.src.ops.numpy"
_MERGES = ("Add", "Subtract", "Multiply", "Maximum", "Minimum", "Concatenate", "Dot", "Average")
_WRAPPED = ("layer", "forward_layer", "backward_layer", "cell")
_MOST_LAYERS = 2_000
_DEEPEST = 40
_TRAINED_QUANTIZERS = tuple(
    f"{name}_quantizer" for name in "kernel depthwise pointwise recurrent gamma variance".split()
)
_BOTH_WAYS = ("Bidirectional", "QBidirectional")


@dataclass(eq=False)
class Layer:
    """A layer of a configuration.

    Args:
        name, kind, module: of it; the kind in the words of Keras 2.
        written_kind: as the file names the class.
        config: its arguments, plain; objects and functions in it are Named, layers in it are in `inner`.
        calls: arguments and keywords of each call, as the file has them; None for a Sequential's, which is called on
            what is before.
        inner: what it wraps, by argument.
        cells: of StackedRNNCells.
        model: what is in it, where it is a model.
        weights: filled from the file.
    """

    name: str
    kind: str
    module: str
    written_kind: str
    config: dict[str, object]
    calls: list[object] = field(default_factory=list)
    inner: dict[str, "Layer"] = field(default_factory=dict)
    cells: list["Layer"] = field(default_factory=list)
    model: "Model | None" = None
    weights: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(eq=False)
class Model:
    """A model of a configuration.

    Args:
        name: of it.
        layers: in order.
        inputs, outputs: (layer, call, tensor) of each; empty for a Sequential.
        is_sequential: whether each layer takes what the one before gives.
        input_shape: of a Sequential that states it itself.
    """

    name: str
    layers: list[Layer]
    inputs: list[tuple[str, int, int]]
    outputs: list[tuple[str, int, int]]
    is_sequential: bool
    input_shape: tuple | None = None


class Parser:
    """Takes a configuration apart.

    Args:
        generation: 1, 2 or 3: of the Keras that wrote it.
    """

    def __init__(self, generation: int) -> None:
        self.generation = generation
        self._n_layers = 0

    def model(self, entry: Mapping[str, object], depth: int = 0) -> Model:
        """Return the model of an entry ``{"class_name": ..., "config": ...}``.

        Raises:
            DataError: for what no Keras model has.
        """
        inner = entry.get("config")
        inner = {"layers": inner} if isinstance(inner, list) else inner
        if not isinstance(inner, Mapping) or not isinstance(inner.get("layers"), list) or depth > _DEEPEST:
            raise DataError("expected a list of layers in its configuration. Received: none")
        layers = [self.layer(one, depth) for one in inner["layers"]]
        is_sequential = str(entry.get("class_name")) == "Sequential" or "input_layers" not in inner
        names = [layer.name for layer in layers]
        if len(set(names)) < len(names):
            raise DataError("expected a name of its own for each layer. Received: one name twice")
        shape = inner.get("build_input_shape") or inner.get("batch_input_shape")
        return Model(
            str(inner.get("name", "model"))[:200],
            layers,
            [] if is_sequential else _ends(inner.get("input_layers")),
            [] if is_sequential else _ends(inner.get("output_layers")),
            is_sequential,
            tuple(shape) if isinstance(shape, list) else None,
        )

    def layer(self, entry: object, depth: int) -> Layer:
        """Return the layer of an entry."""
        self._n_layers += 1
        if not isinstance(entry, Mapping) or self._n_layers > _MOST_LAYERS or depth > _DEEPEST:
            raise DataError(
                f"expected at most {_MOST_LAYERS:,} layers, {_DEEPEST} deep, each a mapping. Received: others"
            )
        written, config = str(entry.get("class_name")), entry.get("config")
        short = written.rpartition(">")[2]
        name = entry.get("name", config.get("name") if isinstance(config, Mapping) else None)
        if short in MODELS:
            model = self.model(entry, depth + 1)
            name = model.name if name is None else name
            trained = {"trainable": bool(config.get("trainable", True))} if isinstance(config, Mapping) else {}
            return Layer(_text(name, short), short, "keras", short, trained, _calls(entry), model=model)
        if not isinstance(config, Mapping):
            raise DataError(f"expected the arguments of layer '{printable(str(name)[:100])}'. Received: none")
        kind, config = modern(short, config, is_first=self.generation == 1)
        if kind == "TernaryDense" and "codesign" not in (written + str(entry.get("module"))):
            kind = "PlaygroundTernaryDense"
        module = _OPERATIONS if self.generation > 2 and _is_operation(entry, kind) else home_of(entry, kind)
        made = Layer(_text(name, kind.lower()), kind, module, short, {}, _calls(entry))
        for key, value in config.items():
            self._put(made, str(key), value, depth)
        check_layer(made)
        check_objects(made)
        self._complete(made)
        return made

    def _put(self, layer: Layer, key: str, value: object, depth: int) -> None:
        if key in _WRAPPED and isinstance(value, Mapping):
            layer.inner[key] = self.layer(value, depth + 1)
        elif key == "cells" and isinstance(value, list):
            layer.cells = [self.layer(one, depth + 1) for one in value]
        elif key.endswith("_quantizer") and value is not None:
            found = quantizer_named(value, layer.name) if isinstance(value, str) else plain(value)
            layer.config[key] = with_open_scale(found) if key in _TRAINED_QUANTIZERS else found
        else:
            layer.config[key] = plain(value)

    def _complete(self, layer: Layer) -> None:
        """Give a two-way layer both of its layers, of which files before Keras 3 state one."""
        if layer.kind not in _BOTH_WAYS or "layer" not in layer.inner:
            return
        forward = layer.inner.pop("layer")
        backward = layer.inner.pop("backward_layer", None)
        if backward is None:
            other = {"go_backwards": not forward.config.get("go_backwards", False)}
            backward = Layer(
                f"backward_{forward.name.removeprefix('forward_')}",
                forward.kind,
                forward.module,
                forward.written_kind,
                {**forward.config, **other},
            )
        layer.inner = {"forward_layer": forward, "backward_layer": backward}


def _is_operation(entry: Mapping[str, object], kind: str) -> bool:
    """Whether an .h5 file of Keras 3, which names no modules, has an operation such as ``x - y`` here: it takes values
    side by side, where a layer that merges takes a list."""
    if entry.get("module") or ">" in str(entry.get("class_name")):
        return False
    call = next(iter(_calls(entry)), None)
    args = call.get("args") if isinstance(call, Mapping) else None
    if not isinstance(args, list) or not args:
        return False
    return not isinstance(args[0], list) if kind in _MERGES else kind not in (*CLASSES, "Lambda")


def _text(name: object, default: str) -> str:
    if not isinstance(name, (str, type(None))):
        raise DataError("expected a text as name of each layer. Received: another value")
    return (name or default)[:200]


def _calls(entry: Mapping[str, object]) -> list[object]:
    nodes = entry.get("inbound_nodes", [])
    if not isinstance(nodes, list):
        raise DataError("expected a list of inbound nodes of each layer. Received: another value")
    return nodes


def _ends(value: object) -> list[tuple[str, int, int]]:
    """Places of inputs or outputs, in any nesting; of a mapping in the order of keys."""
    if isinstance(value, Mapping):
        value = [value[key] for key in sorted(value)]
    if is_place(value):
        return [(value[0], value[1], value[2])]
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [end for one in value for end in _ends(one)]


def check_layer(layer: Layer) -> None:
    """UnsupportedLayerError for a layer that is Python code, or an operation that reads or writes files, wherever it
    is."""
    function = str(layer.config.get("function"))
    if layer.kind == "Lambda":
        raise UnsupportedLayerError(
            f"expected layers that are data. Received: layer '{printable(layer.name)}' is a Lambda, Python code in the "
            "file; use the Keras layer that does the same (Rescaling, Activation, Reshape, ...)"
        )
    if layer.kind == "TFOpLambda" and function.startswith("io."):
        raise UnsupportedLayerError(
            f"expected operations that only compute. Received: layer '{printable(layer.name)}' calls "
            f"tf.{printable(function[:60])}; use a Keras layer that does the same"
        )


def check_objects(layer: Layer) -> None:
    """UnsupportedLayerError for an argument whose class or function lies in a module of somebody's own.

    What a training alone asks for, such as a constraint, does not matter.
    """
    given = (one for name, one in layer.config.items() if not name.endswith(_OF_TRAINING))
    strange = next((one for one in given if isinstance(one, Named) and _is_strange(one)), None)
    if strange is not None:
        raise UnsupportedLayerError(
            f"layer '{printable(layer.name)}': expected arguments of Keras, QKeras or codesign. Received: "
            f"'{printable(f'{strange.package}.{strange.kind}'[:100])}', which is not looked up; build the model with "
            "known ones and give it the weights (set_weights)"
        )


def _is_strange(named: Named) -> bool:
    return named.package not in (*PACKAGES, *HGQ_PACKAGES, "unknown")


def is_place(value: object) -> bool:
    """Whether a value is ``[layer, call, tensor]``."""
    return (
        isinstance(value, (list, tuple))
        and len(value) >= 3
        and isinstance(value[0], str)
        and type(value[1]) is int
        and type(value[2]) is int
    )
