"""StepGraph: a graph of Keras layers taken apart, and built again of plain layers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from codesign._keras import keras, tf
from codesign._layer_graph import LayerCall
from codesign._layer_walk import read_layer_graph
from codesign.compress.steps import DenseStep, Step, build_layer, read_step, weights_of
from codesign.layers.quantizers import without_qkeras_warnings

Shape = tuple[int | None, ...]


@dataclass(frozen=True, eq=False)
class StepCall:
    """One use of a step.

    Args:
        name: of what it gives.
        step: the step's name; the calls of a shared layer have the same.
        inputs: names of the values that it takes.
        call: of the layer that it was read from.
    """

    name: str
    step: str
    inputs: tuple[str, ...]
    call: LayerCall


@dataclass(frozen=True, eq=False)
class StepGraph:
    """What a model does at inference, step by step.

    Args:
        model: that it was read from.
        inputs: names of the model's inputs.
        calls: each behind those that it takes.
        steps: by name.
        outputs: names of values.
        shapes: of every value, events not counted.
    """

    model: keras.Model
    inputs: tuple[str, ...]
    calls: tuple[StepCall, ...]
    steps: Mapping[str, Step]
    outputs: tuple[str, ...]
    shapes: Mapping[str, Shape]

    def each(self) -> Iterator[tuple[StepCall, Step]]:
        """Go through the calls, with what each does."""
        return ((call, self.steps[call.step]) for call in self.calls)

    @property
    def dense(self) -> dict[str, DenseStep]:
        """The dense steps, in the order of their first calls."""
        return {call.step: step for call, step in self.each() if isinstance(step, DenseStep)}

    def takers(self, name: str) -> list[StepCall]:
        """Return the calls that take a value."""
        return [call for call in self.calls if name in call.inputs]

    def without(self, gone: Mapping[str, str], steps: Mapping[str, Step], shapes: Mapping[str, Shape]) -> "StepGraph":
        """Return the graph without some calls.

        Args:
            gone: which value stands in the place of each.
            steps, shapes: those that change.
        """

        def now(names: Iterable[str]) -> tuple[str, ...]:
            return tuple(now([gone[name]])[0] if name in gone else name for name in names)

        calls = tuple(replace(call, inputs=now(call.inputs)) for call in self.calls if call.name not in gone)
        used = {call.step: {**self.steps, **steps}[call.step] for call in calls}
        changes = {"steps": used, "shapes": {**self.shapes, **shapes}}
        return replace(self, calls=calls, outputs=now(self.outputs), **changes)

    @property
    def is_chain(self) -> bool:
        """Whether the events are vectors, and each call takes what the one before gives."""
        given = [*self.inputs, *(call.name for call in self.calls)]
        is_row = all(call.inputs == (name,) for call, name in zip(self.calls, given))
        return (
            is_row and len(self.inputs) == 1 and len(self.shapes[self.inputs[0]]) == 1 and self.outputs == (given[-1],)
        )


def read_step_graph(model: keras.Model) -> StepGraph:
    """Take a model apart; training layers give what they run with at inference.

    Raises:
        UnsupportedLayerError: for anything but a built Keras model, or a PosteriorDense that collapses.
        TrainingError: for NaN or inf in the weights, or a gate that is still soft.
    """
    graph = read_layer_graph(model)
    names = {id(call.layer): call.name for call in reversed(graph.calls)}
    with without_qkeras_warnings():
        steps = {names[id(layer)]: read_step(layer) for layer in graph.layers}
    calls = tuple(StepCall(call.name, names[id(call.layer)], call.inputs, call) for call in graph.calls)
    return StepGraph(model, tuple(graph.inputs), calls, steps, graph.outputs, graph.shapes)


def build_model(graph: StepGraph) -> tuple[keras.Model, dict[str, keras.layers.Layer]]:
    """Return a model of plain layers, a Sequential for a chain, and its layers by the names of their steps.

    Raises:
        UnsupportedLayerError: for a gate or a selection that is left.
    """
    with without_qkeras_warnings():
        layers = {call.step: build_layer(step, call.step) for call, step in graph.each()}
        if graph.is_chain:
            source = keras.Input(graph.shapes[graph.inputs[0]], name="inputs")
            model = keras.Sequential([source, *layers.values()], name=graph.model.name)
        else:
            model = _build_functional(graph, layers)
    for name, layer in layers.items():
        layer.set_weights(weights_of(graph.steps[name]))
    return model, layers


def call_layer(layer: keras.layers.Layer, call: StepCall, values: Iterable[object]) -> object:
    """Call a layer as it was called before, on other values."""
    args, options = call.call.arguments(values)
    return layer(*args, **options)


def _build_functional(graph: StepGraph, layers: Mapping[str, keras.layers.Layer]) -> keras.Model:
    """A functional model, with the structure of inputs and outputs that the one before had."""
    values = {
        name: keras.Input(graph.shapes[name], name=name, dtype=tensor.dtype)
        for name, tensor in zip(graph.inputs, graph.model.inputs)
    }
    inputs = tf.nest.pack_sequence_as(graph.model.input, list(values.values()))
    for call in graph.calls:
        values[call.name] = call_layer(layers[call.step], call, [values[name] for name in call.inputs])
    outputs = tf.nest.pack_sequence_as(graph.model.output, [values[name] for name in graph.outputs])
    return keras.Model(inputs, outputs, name=graph.model.name)
