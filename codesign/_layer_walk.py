"""From a Keras model to the graph of its layers' calls, by its symbolic tensors; no layer is executed."""

from collections.abc import Iterator, Mapping, Sequence

from codesign._layer_graph import CallNames, LayerCall, LayerGraph
from codesign.errors import UnsupportedLayerError

_Key = tuple[int, int, int]  # layer, call and output of a symbolic tensor


def read_layer_graph(model: object) -> LayerGraph:
    """Return the calls between the inputs and outputs of a Sequential or functional model, nested models opened.

    Raises:
        UnsupportedLayerError: for anything but a built Keras model of connected layers that give one value each.
    """
    check_model(model)
    walk = _Walk(_layer_names(model))
    shapes = {walk.new_name(_history(tensor)[0].name): _shape(tensor) for tensor in model.inputs}
    outputs = walk.open_model(model, list(shapes))
    return LayerGraph(shapes, tuple(walk.calls), tuple(outputs))


def chain_layers(model: object) -> list[object]:
    """Return the layers of a model in which each takes what the one before gives, in order.

    Raises:
        UnsupportedLayerError: as :func:`read_layer_graph`, and for a graph that is no chain.
    """
    return read_layer_graph(model).chain()


def check_model(model: object) -> None:
    """UnsupportedLayerError for anything but a Keras model whose layers can be followed from its inputs."""
    if not hasattr(model, "layers"):
        raise UnsupportedLayerError(f"model: expected a Keras model. Received: {type(model).__name__}")
    kind = type(model).__name__
    if not _inputs(model):
        cure = (
            "start it with keras.Input((n_features,)), or call it on an event"
            if kind == "Sequential"
            else "build it as keras.Sequential or keras.Model(inputs, outputs), whose layers can be followed"
        )
        raise UnsupportedLayerError(
            f"model: expected a model that knows its inputs. Received: an unbuilt or subclassed {kind}; {cure}"
        )
    if _calls_its_own(model):
        raise UnsupportedLayerError(
            f"model: expected layers that Keras calls one after the other. Received: {kind}, which has a call() of its "
            "own; build it as keras.Sequential or keras.Model(inputs, outputs)"
        )


class _Walk(CallNames):
    """Collects calls from the outputs of a model up to its inputs."""

    def __init__(self, layer_names: Iterator[str]) -> None:
        super().__init__(layer_names)
        self.calls: list[LayerCall] = []
        self._called: dict[int, int] = {}

    def open_model(self, model: object, given: Sequence[str]) -> list[str]:
        """Return the names of what a model gives, if its inputs are the values `given`."""
        known = {_key(tensor): name for tensor, name in zip(model.inputs, given, strict=True)}
        waiting = list(reversed(model.outputs))
        while waiting:
            tensor = waiting[-1]
            layer, node = _history(tensor)
            missing = [] if _key(tensor) in known else [one for one in _taken(node) if _key(one) not in known]
            if missing:
                waiting += reversed(missing)
                continue
            waiting.pop()
            if _key(tensor) not in known:
                self._follow(layer, node, known)
        return [known[_key(tensor)] for tensor in model.outputs]

    def _follow(self, layer: object, node: object, known: dict[_Key, str]) -> None:
        """Add what a call of a layer, or of a model, gives."""
        given = _given(node)
        if hasattr(layer, "layers") and _inputs(layer):
            check_model(layer)
            names = self.open_model(layer, [known[_key(tensor)] for tensor in _in_order(layer, node)])
            known.update(zip(map(_key, given), names))
            return
        if len(given) != 1 or not _taken(node):
            raise UnsupportedLayerError(
                f"layer '{layer.name}': expected a layer that takes values of the model and gives one. Received: "
                f"{type(layer).__name__}, which takes {len(_taken(node))} and gives {len(given)}; replace it"
            )
        known[_key(given[0])] = self._add(layer, node, [known[_key(tensor)] for tensor in _taken(node)])

    def _add(self, layer: object, node: object, inputs: Sequence[str]) -> str:
        layer = layer.layer if type(layer).__name__ == "PruneLowMagnitude" else layer
        index = self._called.get(id(layer), 0)
        self._called[id(layer)] = index + 1
        args, kwargs = _arguments(node)
        name, shape = self.new_name(layer.name), _shape(_given(node)[0])
        self.calls.append(LayerCall(name, layer, tuple(inputs), index, shape, tuple(args), dict(kwargs)))
        return name


def _layer_names(model: object) -> Iterator[str]:
    for layer in model.layers:
        yield layer.name
        if hasattr(layer, "layers"):
            yield from _layer_names(layer)


def _history(tensor: object) -> tuple[object, object]:
    """The layer that gives a symbolic tensor, and the node of its call."""
    history = tensor._keras_history
    return history[0], history[0]._inbound_nodes[history[1]]


def _key(tensor: object) -> _Key:
    layer, call, output = tensor._keras_history
    return id(layer), call, output


def _taken(node: object) -> list[object]:
    """The symbolic tensors that a call takes."""
    return list(node.keras_inputs if hasattr(node, "keras_inputs") else node.input_tensors)


def _given(node: object) -> list[object]:
    """The symbolic tensors that a call gives."""
    found = node.outputs
    while isinstance(found, Mapping):
        found = [found[name] for name in sorted(found)]
    return list(found) if isinstance(found, (list, tuple)) else [found]


def _arguments(node: object) -> tuple[Sequence, Mapping]:
    if hasattr(node, "call_args"):
        return node.call_args, node.call_kwargs
    return node.arguments.args, node.arguments.kwargs


def _in_order(model: object, node: object) -> list[object]:
    """The tensors that a nested model takes, in the order of its inputs."""
    args, names = _arguments(node)[0], [_history(tensor)[0].name for tensor in model.inputs]
    if args and isinstance(args[0], Mapping) and set(args[0]) == set(names):
        return [args[0][name] for name in names]
    return _taken(node)


def _shape(tensor: object) -> tuple[int | None, ...]:
    return tuple(None if size is None else int(size) for size in tuple(tensor.shape)[1:])


def _calls_its_own(model: object) -> bool:
    """Whether a class outside Keras says what the model does with its layers."""
    owner = next((owner for owner in type(model).__mro__ if "call" in vars(owner)), None)
    return owner is not None and owner.__module__.partition(".")[0] not in ("keras", "tf_keras", "tensorflow")


def _inputs(model: object) -> list[object]:
    """The model's symbolic inputs; none for a model that is not built, or not of layers that are connected."""
    try:
        return list(model.inputs or ())
    except (AttributeError, TypeError, ValueError):
        return []
