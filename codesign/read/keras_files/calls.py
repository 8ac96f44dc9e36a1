"""From a configuration to the graph of its layers' calls, nested models opened, each layer a record."""

from collections.abc import Mapping, Sequence

from codesign._layer_graph import CallNames, LayerCall, LayerGraph
from codesign._printable import printable
from codesign.errors import DataError, UnsupportedLayerError
from codesign.read.keras_files.arguments import Place, arguments_of
from codesign.read.keras_files.configuration import Layer, Model
from codesign.read.keras_records import TAKEN, LayerRecord, at_each_step

_MOST_CALLS = 10_000


class GraphMaker:
    """Makes graphs of models, each layer recorded once.

    Args:
        generation: 2 or 3, the Keras whose defaults hold.
        counts_making: whether the file counts the making of an inner model as its first call, as tf.keras does.
    """

    def __init__(self, generation: int, *, counts_making: bool) -> None:
        self.generation, self.counts_making = generation, counts_making
        self._records: dict[int, LayerRecord] = {}
        self._n_calls = 0

    def graph(self, model: Model) -> LayerGraph:
        """Return the calls of a model.

        Raises:
            DataError: for layers that wait for what no layer gives.
            UnsupportedLayerError: for a model without inputs, or a layer of which a second value is taken.
        """
        opened = _Opened(self, model)
        shapes = {opened.new_name(name): shape for name, shape in inputs_of(model)}
        outputs = opened.open(model, list(shapes))
        return LayerGraph(shapes, tuple(opened.calls), tuple(outputs))

    def record(self, layer: Layer) -> LayerRecord:
        """Return the record of a layer."""
        if id(layer) not in self._records:
            inner = {name: self.record(one) for name, one in layer.inner.items()}
            if layer.kind == "TimeDistributed":
                inner = {name: at_each_step(one) for name, one in inner.items()}
            self._records[id(layer)] = LayerRecord(
                layer.name,
                layer.kind,
                layer.module,
                layer.config,
                layer.weights,
                self.generation,
                inner,
                tuple(self.record(cell) for cell in layer.cells),
                None if layer.model is None else self.graph(layer.model),
            )
        return self._records[id(layer)]

    def count_call(self) -> None:
        """DataError for a model of more calls than any has: models in models multiply."""
        self._n_calls += 1
        if self._n_calls > _MOST_CALLS:
            raise DataError(f"expected at most {_MOST_CALLS:,} calls of layers. Received: more")


def inputs_of(model: Model) -> list[tuple[str, tuple[int | None, ...]]]:
    """Return name and shape of each input, the events left out.

    Raises:
        UnsupportedLayerError: for a model that does not say them.
    """
    by_name = {layer.name: layer for layer in model.layers}
    if not model.is_sequential:
        found = [by_name.get(place[0]) for place in model.inputs]
        if not found or any(one is None for one in found):
            raise DataError("expected the inputs of the model among its layers. Received: none, or another name")
        return [(one.name, _shape(one) or ()) for one in found]
    first = model.layers[0] if model.layers else None
    if first is not None and first.model is not None:
        inner = inputs_of(first.model)
        return [(inner[0][0], inner[0][1])]
    shape = None if first is None else _shape(first)
    if shape is None and model.input_shape is not None:
        shape = _without_events(model.input_shape)
    if shape is None:
        raise UnsupportedLayerError(
            "model: expected a model that knows its inputs. Received: an unbuilt Sequential; call it on an event, and "
            "save it again"
        )
    return [(first.name if first.kind == "InputLayer" else f"{first.name}_input", shape)]


class _Opened(CallNames):
    """The calls of one graph."""

    def __init__(self, maker: GraphMaker, model: Model) -> None:
        super().__init__(_names(model))
        self.maker, self.calls = maker, []
        self._called: dict[int, int] = {}

    def open(self, model: Model, given: Sequence[str]) -> list[str]:
        """Return the names of what a model gives, if its inputs are the values `given`."""
        if model.is_sequential:
            if len(given) != 1:
                raise DataError(f"expected one value for the model '{printable(model.name)}'. Received: {len(given)}")
            for layer in model.layers:
                if layer.kind != "InputLayer":
                    given = self._call(layer, given, [TAKEN], {})
            return list(given)
        return self._open_functional(model, given)

    def _open_functional(self, model: Model, given: Sequence[str]) -> list[str]:
        if len(given) != len(model.inputs):
            raise DataError(
                f"expected {len(model.inputs)} values for the model '{printable(model.name)}'. Received: {len(given)}"
            )
        known: dict[Place, str] = {(place[0], 0, 0): name for place, name in zip(model.inputs, given)}
        first = {layer.name: self._first_call(layer, model) for layer in model.layers}
        waiting = [(layer, index) for layer in model.layers for index in range(len(layer.calls))]
        while waiting:
            later = []
            for layer, index in waiting:
                args, kwargs, places = arguments_of(layer.calls[index])
                if not all(place in known for place in places):
                    later.append((layer, index))
                    continue
                results = self._call(layer, [known[place] for place in places], args, kwargs)
                known.update({(layer.name, first[layer.name] + index, n): one for n, one in enumerate(results)})
            if len(later) == len(waiting):
                break  # what is left waits for what is not given, which matters only to an output
            waiting = later
        missing = next((place for place in model.outputs if place not in known), None)
        if missing is not None or not model.outputs:
            self._refuse(missing, {layer.name: layer for layer in model.layers}, known)
        return [known[place] for place in model.outputs]

    def _refuse(self, place: Place | None, layers: Mapping[str, Layer], known: Mapping[Place, str]) -> None:
        if place is not None and (place[0], place[1], 0) in known:
            raise UnsupportedLayerError(
                f"layer '{place[0]}': expected a layer that gives one value. Received: {layers[place[0]].kind}, of "
                "which a second one is taken; replace it"
            )
        name = "none" if place is None else f"'{printable(place[0][:100])}', which waits for what no layer gives"
        raise DataError(f"expected outputs that layers lead to. Received: {name}")

    def _first_call(self, layer: Layer, model: Model) -> int:
        """The number that the first call has in the file."""
        if layer.model is None:
            return 0
        used = [index for name, index, _ in _all_places(model) if name == layer.name]
        if used and max(used) >= len(layer.calls):
            return 1
        return 0 if not used or min(used) == 0 else int(self.maker.counts_making)

    def _call(self, layer: Layer, given: Sequence[str], args: object, kwargs: Mapping[str, object]) -> list[str]:
        self.maker.count_call()
        if layer.model is not None:
            return self.open(layer.model, given)
        record = self.maker.record(layer)
        record = record.inner["layer"] if layer.kind == "PruneLowMagnitude" and "layer" in record.inner else record
        index = self._called.get(id(layer), 0)
        self._called[id(layer)] = index + 1
        name = self.new_name(record.name)
        self.calls.append(LayerCall(name, record, tuple(given), index, (), tuple(args), dict(kwargs)))
        return [name]


def _names(model: Model) -> set[str]:
    found = {layer.name for layer in model.layers}
    return found.union(*(_names(layer.model) for layer in model.layers if layer.model is not None))


def _shape(layer: Layer) -> tuple | None:
    config = layer.config
    shape = config.get("batch_input_shape", config.get("batch_shape"))
    n_values, n_steps = config.get("input_dim"), config.get("input_length")
    if shape is None and type(n_values) is int and layer.kind != "Embedding":
        shape = [None, n_steps, n_values] if n_steps else [None, n_values]
    return None if not isinstance(shape, (list, tuple)) else _without_events(shape)


def _without_events(shape: Sequence) -> tuple:
    sizes = tuple(shape)[1:]
    if not all(one is None or (type(one) is int and one > 0) for one in sizes):
        raise DataError("expected whole numbers above 0 as sizes of an input. Received: others")
    return sizes


def _all_places(model: Model) -> list[Place]:
    places = list(model.outputs)
    for layer in model.layers:
        for call in layer.calls:
            places += arguments_of(call)[2]
    return places
