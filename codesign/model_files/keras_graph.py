"""The calls of layers in a functional model: Keras waits for ever for one whose inputs never come to exist."""

from codesign._printable import printable
from codesign.errors import DataError
from codesign.model_files.known_names import MODELS

Call = tuple[str, int]  # a layer and the number of its call


def check_graph(config: dict) -> None:
    """Refuse a configuration in which a layer waits for what no other layer gives.

    Args:
        config: of a model: ``{"class_name": ..., "config": {"layers": [...]}}``; models inside are looked at too.

    Raises:
        DataError: it names a layer.
    """
    inner = config.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else inner
    if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
        raise DataError("expected a list of layers in its configuration. Received: none")
    for layer in layers:
        if layer.get("class_name") in MODELS:
            check_graph(layer)
    if config.get("class_name") != "Sequential":
        _check_calls(layers)


def _check_calls(layers: list[dict]) -> None:
    names = [layer.get("name") for layer in layers]
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise DataError("expected a name of its own for each layer. Received: a layer without, or one name twice")
    waiting = {name: _calls(layer) for name, layer in zip(names, layers)}
    done = {(name, 0) for name, layer in zip(names, layers) if layer.get("class_name") == "InputLayer"}
    counts = {name: _first_call(layer) for name, layer in zip(names, layers)}
    while any(waiting.values()):
        progress = False
        for name, calls in waiting.items():
            while calls and calls[0] <= done:
                calls.pop(0)
                done.add((name, counts[name]))
                counts[name] += 1
                progress = True
        if not progress:
            stuck = next(layer for layer in layers if waiting[layer["name"]])
            raise DataError(
                f"expected layers that are fed by others. Received: {_name(stuck)} waits for what no layer gives"
            )


def _calls(layer: dict) -> list[set[Call]]:
    """Return what each call of the layer takes."""
    nodes = layer.get("inbound_nodes", [])
    if not isinstance(nodes, list):
        raise DataError("expected a list of inbound nodes of each layer. Received: another value")
    calls = [_sources(node) for node in nodes]
    if not all(calls):  # Keras would compute on constants while it reads, which can take any memory
        raise DataError(f"expected layers that are fed by others. Received: {_name(layer)} is called on constants")
    return calls


def _name(layer: dict) -> str:
    return f"'{printable(str(layer.get('name'))[:100])}'"


def _sources(value: object) -> set[Call]:
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return set()
    if (
        len(value) >= 3
        and isinstance(value[0], str)
        and type(value[1]) is int
        and type(value[2]) is int
        and value[1] >= 0
    ):
        return {(value[0], value[1])} | _sources(value[3:])
    return set().union(*map(_sources, value))


def _first_call(layer: dict) -> int:
    """A model that knows its inputs counts its own making as a call."""
    return int(layer.get("class_name") in MODELS and _knows_its_inputs(layer))


def _knows_its_inputs(layer: dict) -> bool:
    """Whether a layer is an input, has the shape of one, as until Keras 2.2, or is a model that begins with such."""
    config = layer.get("config")
    if layer.get("class_name") in MODELS:
        layers = config.get("layers") if isinstance(config, dict) else config
        first = layers[0] if layers and isinstance(layers, list) else None
        return isinstance(first, dict) and _knows_its_inputs(first)
    return layer.get("class_name") == "InputLayer" or (
        isinstance(config, dict) and bool(config.get("batch_input_shape"))
    )
