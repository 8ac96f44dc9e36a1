"""How the PosteriorDense layers of a graph feed one another, and which values pass between them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from codesign._keras import keras
from codesign._layer_graph import INERT, LayerCall, LayerGraph, is_dense
from codesign.layers import PosteriorDense
from codesign.layers.posterior.input_rounding import COLLAPSED, NOISY, ROUNDED, SENT, TRUNCATED, UNTOUCHED, SentInputs
from codesign.network.interpreter import run
from codesign.posterior.sent_words import sent_inputs
from codesign.refine.digit_cost import OUTPUT_STEP

_OTHER_STEP = 2.0**-8
_EVENTS_PER_BLOCK = 65536


@dataclass(frozen=True)
class Feeder:
    """A PosteriorDense all of whose units go to one other, and nowhere else.

    Args:
        layer: whose bias takes the half step of truncation.
        start: the input of the other that its first unit is.
    """

    layer: PosteriorDense
    start: int

    @property
    def inputs(self) -> slice:
        """The inputs of the other that its units are."""
        return slice(self.start, self.start + self.layer.units)


class Feeds:
    """The calls of a model between its PosteriorDense layers.

    Args:
        graph: of the model.
    """

    def __init__(self, graph: LayerGraph) -> None:
        self._graph, self._calls = graph, {call.name: call for call in graph.calls}

    def mode_and_feeders(self, layer: PosteriorDense) -> tuple[int, tuple[Feeder, ...]]:
        """Return how a layer rounds its inputs, and the layers whose biases take the half step if it truncates.

        Behind a QActivation inputs have their format already; behind other PosteriorDense layers that nothing else
        reads, with relu, concatenation or nothing in between, they are truncated, as are the words of a detector;
        everything else, a network's other inputs above all, is rounded. A prescribed format always rounds.
        """
        sources = [call.inputs[0] for call in self._calls_of(layer)]
        if all(self._has_format(name) for name in sources):
            return UNTOUCHED, ()
        if self.sent(layer) is not None:
            return SENT, ()
        found = [self._feeders(name) for name in sources]
        if layer.input_precision is not None or not all(found):
            return ROUNDED, ()
        unique = tuple(dict.fromkeys(feeder for feeders in found for feeder in feeders))
        uses = [feeder.layer for feeders in found for feeder in feeders]
        is_closed = all(uses.count(one.layer) == len(self._calls_of(one.layer)) for one in unique)
        is_single = len({id(one.layer) for one in unique}) == len(unique)
        return (TRUNCATED, unique) if is_closed and is_single else (ROUNDED, ())

    def sent(self, layer: PosteriorDense) -> SentInputs | None:
        """Return the words of a detector that a layer takes, if all that it takes are such."""
        if layer.input_precision is not None:
            return None
        return sent_inputs(self._calls, [call.inputs[0] for call in self._calls_of(layer)])

    def bias_step(self, layer: PosteriorDense) -> np.ndarray | float:
        """Return (units,) half the step of the inputs that a layer's outputs become, or one number for all.

        A half, because truncated values are half a step too low on average, which the bias makes up for.
        """
        after = self._dense_behind([call.name for call in self._calls_of(layer)])
        for other in after:
            if isinstance(other, PosteriorDense) and other.mode == TRUNCATED:
                for feeder in self.mode_and_feeders(other)[1]:
                    if feeder.layer is layer:
                        return 0.5 * other.input_step.numpy()[feeder.inputs]
        return _OTHER_STEP if after else OUTPUT_STEP

    def input_readers(self) -> list[list[PosteriorDense]]:
        """Return, for each input of the network, the layers that round it as it is; they share one format."""
        return [list(dict.fromkeys(self._readers(name))) for name in self._graph.inputs]

    def cover(self, x: Mapping[str, np.ndarray]) -> None:
        """Let the formats of all inputs cover what events bring: arrays (n_events, ...) by the names of the inputs."""
        calls = self._calls_up_to_the_last()
        ranges: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        read = {name for call in calls for name in call.inputs}
        for _ in range(
            1 + max(call.index for call in calls)
        ):  # what one place of a shared layer needs changes the others
            run(calls, x, lambda call: _evaluation(call, ranges, is_read=call.name in read), ())

    def _readers(self, name: str) -> Iterator[PosteriorDense]:
        for call in self._graph.takers[name]:
            if isinstance(call.layer, PosteriorDense):
                yield call.layer
            elif call.kind in INERT:
                yield from self._readers(call.name)

    def _calls_of(self, layer: keras.layers.Layer) -> list[LayerCall]:
        return [call for call in self._graph.calls if call.layer is layer]

    def _has_format(self, name: str) -> bool:
        """Whether a value comes in a format of its own."""
        call = self._calls.get(name)
        if call is None:
            return False
        is_open = _is_passing(call.layer) or _joins_channels(call)
        return _is_quantised(call.layer) or (is_open and all(self._has_format(one) for one in call.inputs))

    def _feeders(self, name: str) -> tuple[Feeder, ...]:
        """The layers that give a value, side by side along its last axis; none if something else has a part in it."""
        call = self._calls.get(name)
        if call is None or len(self._graph.takers[name]) != 1 or name in self._graph.outputs:
            return ()
        if isinstance(call.layer, PosteriorDense):
            can_feed = _passes(call.layer.activation) and call.layer.bias is not None and call.layer.stage < COLLAPSED
            return (Feeder(call.layer, 0),) if can_feed else ()
        if _is_passing(call.layer):
            return self._feeders(call.inputs[0])
        if not _joins_channels(call):
            return ()
        found, start = [], 0
        for one in call.inputs:
            parts = self._feeders(one)
            if not parts:
                return ()
            found += [Feeder(part.layer, start + part.start) for part in parts]
            start += self._graph.shapes[one][-1]
        return tuple(found)

    def _dense_behind(self, names: list[str]) -> list[keras.layers.Layer]:
        """The dense layers that read one of these values, with no dense layer in between."""
        waiting, found = list(names), []
        while waiting:
            for call in self._graph.takers[waiting.pop()]:
                if is_dense(call.layer):
                    found.append(call.layer)
                else:
                    waiting.append(call.name)
        return found

    def _calls_up_to_the_last(self) -> list[LayerCall]:
        """What has to be evaluated for the inputs of every PosteriorDense, and these."""
        needed, kept = set(), []
        for call in reversed(self._graph.calls):
            if isinstance(call.layer, PosteriorDense) or call.name in needed:
                kept.append(call)
                needed.update(call.inputs)
        return kept[::-1]


def _evaluation(
    call: LayerCall, ranges: dict[int, tuple[np.ndarray, np.ndarray]], *, is_read: bool
) -> Callable[..., np.ndarray | None]:
    """What a call does to events, once the formats of its inputs cover them, and what came in other places before."""

    def evaluate(*values: np.ndarray) -> np.ndarray | None:
        if isinstance(call.layer, PosteriorDense) and call.layer.stage != NOISY:
            flat = values[0].reshape(-1, values[0].shape[-1])
            low, high = ranges.get(id(call.layer), (flat.min(0), flat.max(0)))
            ranges[id(call.layer)] = np.minimum(low, flat.min(0)), np.maximum(high, flat.max(0))
            call.layer.cover_inputs(*ranges[id(call.layer)])
        if not is_read:
            return None
        blocks = range(0, len(values[0]), _EVENTS_PER_BLOCK)
        return np.concatenate(
            [_call(call, [one[start : start + _EVENTS_PER_BLOCK] for one in values]) for start in blocks]
        )

    return evaluate


def _call(call: LayerCall, values: list[np.ndarray]) -> np.ndarray:
    args, options = call.arguments(values)
    return np.asarray(call.layer(*args, **options))


def _joins_channels(call: LayerCall) -> bool:
    return call.kind == "Concatenate" and call.layer.axis in (-1, len(call.shape))


def _is_passing(layer: keras.layers.Layer) -> bool:
    """Whether it leaves relu and the step of truncation exchangeable: nothing, or relu itself."""
    kind = type(layer).__name__
    if kind == "ReLU":
        return layer.max_value is None and not layer.negative_slope and not layer.threshold
    return kind in INERT or (kind == "Activation" and _passes(layer.activation))


def _passes(activation: object) -> bool:
    return activation in (keras.activations.linear, keras.activations.relu)


def _is_quantised(layer: keras.layers.Layer) -> bool:
    return type(layer).__name__ == "QActivation" or type(getattr(layer, "activation", None)).__module__.startswith(
        "qkeras"
    )
