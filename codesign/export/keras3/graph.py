"""KerasGraph: the layers and operations of a functional model of Keras 3, as its configuration has them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from codesign.network.ops import Shape

_OPERATIONS = "keras.src.ops."
_FLOAT = "float32"


@dataclass(frozen=True)
class Tensor:
    """What a layer gives.

    Args:
        layer: its name.
        shape: of an event.
        dtype: of Keras.
    """

    layer: str
    shape: Shape
    dtype: str = _FLOAT


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer or an operation, called once.

    Args:
        name: unique.
        module, kind: of its class.
        config: arguments of its constructor.
        takes: what it is called with.
        content: the entry of the model's configuration.
        weights: its variables, in Keras's order.
    """

    name: str
    module: str
    kind: str
    config: Mapping[str, object]
    takes: tuple[Tensor, ...]
    content: Mapping[str, object]
    weights: tuple[np.ndarray, ...] = ()


@dataclass
class KerasGraph:
    """Layers so far, by their names.

    Attributes:
        layers: each behind those that it takes.
        outputs: tensors.
    """

    layers: dict[str, Layer] = field(default_factory=dict)
    outputs: list[Tensor] = field(default_factory=list)
    _prefix: str = ""

    def begin(self, name: str) -> None:
        """What follows is of this node of the network."""
        self._prefix = name.replace("/", "_")

    def add_input(self, name: str, shape: Shape) -> Tensor:
        """Add an input of the model."""
        self.begin(name)
        return self._add("keras.layers", "InputLayer", {"batch_shape": [None, *shape], "dtype": _FLOAT}, [], shape)

    def layer(self, kind: str, taken: Sequence[Tensor], shape: Shape, *weights: np.ndarray, **config: object) -> Tensor:
        """Add a layer of keras.layers on one tensor, or on a list of several; return what it gives."""
        args = [_packed(taken[0])] if len(taken) == 1 else [[_packed(one) for one in taken]]
        return self._add("keras.layers", kind, config, args, shape, taken=taken, weights=weights)

    def operation(
        self, kind: str, args: Sequence[object], shape: Shape, *, dtype: str = _FLOAT, **config: object
    ) -> Tensor:
        """Add an operation, named ``numpy.Floor`` after its module and class.

        Args:
            kind: module below keras.src.ops, and class.
            args: tensors and arrays.
            shape: of an event of what it gives.
            dtype: of what it gives.
            config: arguments of the constructor.
        """
        module, _, name = kind.rpartition(".")
        taken = [one for one in args if isinstance(one, Tensor)]
        packed = [_packed(one) for one in args]
        return self._add(_OPERATIONS + module, name, config, packed, shape, taken=taken, dtype=dtype)

    def config(self, name: str) -> dict:
        """Return the configuration of the model."""
        inputs = [[one.name, 0, 0] for one in self.layers.values() if one.kind == "InputLayer"]
        layers = self.in_order()
        unused = [one for one in self.layers.values() if one not in layers]  # an input that no output depends on
        outputs = [[one.layer, 0, 0] for one in self.outputs]
        return {
            "module": "keras.src.models.functional",
            "class_name": "Functional",
            "config": {
                "name": name,
                "trainable": True,
                "layers": [dict(one.content) for one in (*unused, *layers)],
                "input_layers": inputs if len(inputs) > 1 else inputs[0],
                "output_layers": outputs if len(outputs) > 1 else outputs[0],
            },
            "registered_name": "Functional",
        }

    def in_order(self) -> list[Layer]:
        """Return the layers as Keras counts them: those farthest from the outputs first, then as it meets them."""
        met: dict[str, int] = {}
        for output in self.outputs:
            waiting = [output.layer]
            while waiting:
                name = waiting.pop()
                if name not in met:
                    met[name] = len(met)
                    waiting += [one.layer for one in reversed(self.layers[name].takes)]
        depth = dict.fromkeys(met, 0)
        for name in reversed([name for name in self.layers if name in met]):
            for one in self.layers[name].takes:
                depth[one.layer] = max(depth[one.layer], depth[name] + 1)
        return [self.layers[name] for name in sorted(met, key=lambda name: (-depth[name], met[name]))]

    def _add(
        self,
        module: str,
        kind: str,
        config: Mapping[str, object],
        args: Sequence[object],
        shape: Shape,
        *,
        taken: Sequence[Tensor] = (),
        weights: Sequence[np.ndarray] = (),
        dtype: str = _FLOAT,
    ) -> Tensor:
        name = self._free()
        content = {
            "module": module,
            "class_name": kind,
            "config": {"name": name, **config},
            "registered_name": None,
            "name": name,
            "inbound_nodes": [{"args": list(args), "kwargs": {}}] if kind != "InputLayer" else [],
        }
        if weights:
            content["build_config"] = {"input_shape": [None, *taken[0].shape]}
        given = tuple(np.asarray(one, np.float32) for one in weights)
        self.layers[name] = Layer(name, module, kind, config, tuple(taken), content, given)
        return Tensor(name, tuple(shape), dtype)

    def _free(self) -> str:
        """The name of the node, with a number behind it where it is taken."""
        number, name = 1, self._prefix
        while name in self.layers:
            number += 1
            name = f"{self._prefix}_{number}"
        return name


def _packed(value: object) -> object:
    """A tensor or an array among the arguments of a call, as Keras packs it."""
    if isinstance(value, Tensor):
        config = {"shape": [None, *value.shape], "dtype": value.dtype, "keras_history": [value.layer, 0, 0]}
        return {"class_name": "__keras_tensor__", "config": config}
    if isinstance(value, np.ndarray | np.generic):
        return {"class_name": "__numpy__", "config": {"value": value.tolist(), "dtype": str(value.dtype)}}
    if isinstance(value, slice):
        ends = {"start": value.start, "stop": value.stop, "step": value.step}
        return {"class_name": "__slice__", "config": ends}
    if isinstance(value, list):
        return [_packed(one) for one in value]
    return value
