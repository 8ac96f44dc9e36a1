"""What a network's outputs say, the labels or values that they are compared with, and the metrics of both."""

from collections.abc import Sequence
from math import prod

import numpy as np

from codesign.data.checks import check_targets
from codesign.data.labels import RENUMBER, labels_cure
from codesign.errors import ConfigError, DataError
from codesign.metrics import Measured, Metric, find_metric
from codesign.metrics.names import CLASSIFICATION
from codesign.network import Network
from codesign.network.ops import MOVES, Activation, Quantize

HALF_AT = ("sigmoid", "hard_sigmoid")
_LEAST_PROBABILITY = 2.0**-62


def decide(network: Network, outputs: np.ndarray) -> np.ndarray:
    """Return the class of each event, by the first of the network's outputs.

    That is its largest value; of a single value, whether it is above 0.5 behind a sigmoid, above 0 otherwise.

    Args:
        network: the one that gave the outputs.
        outputs: (n_events, n_outputs), of all outputs side by side.
    """
    scores = outputs[:, : n_scores(network)]
    if scores.shape[1] == 1:
        return (scores[:, 0] > _threshold(network)).astype(np.int64)
    return scores.argmax(1)


def measure(
    network: Network, outputs: np.ndarray, y: np.ndarray, metrics: Sequence[Metric], weights: np.ndarray | None = None
) -> dict[str, Measured]:
    """Return metrics of the first of a network's outputs, by their names.

    Args:
        network: the one that gave the outputs.
        outputs: (n_events, n_outputs), of all outputs side by side.
        y: (n_events,) labels, or (n_events, n_targets) values.
        metrics: to measure.
        weights: (n_events,) of the events.
    """
    scores = outputs[:, : n_scores(network)]
    if ends_in(network, ("softmax",)):
        scores = np.log(np.maximum(scores, _LEAST_PROBABILITY))
    threshold = _threshold(network)
    return {one.name: one.evaluate(scores, y, weights, threshold=threshold) for one in metrics}


def metrics_of_one_task(metrics: Sequence[str | Metric]) -> tuple[Metric, ...]:
    """Return metrics, the accuracy first where they are of a classification.

    Raises:
        ConfigError: for an unknown one, none, or some of different tasks.
    """
    found = [find_metric(one) if isinstance(one, str) else one for one in metrics]
    tasks = {one.task for one in found}
    if len(tasks) != 1:
        given = ", ".join(f"{one.name} ({one.task})" for one in found) or "none"
        raise ConfigError(f"metrics: expected metrics of one task. Received: {given}")
    if CLASSIFICATION in tasks:
        found = [find_metric("accuracy"), *(one for one in found if one.name != "accuracy")]
    return tuple(found)


def n_scores(network: Network) -> int:
    """Return the number of values of the output that decides: the first."""
    return prod(network.shapes[network.outputs[0]])


def check_values(network: Network, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return what a regression is of, (n_events,) or (n_events, n_outputs) of the first output, as floats.

    Raises:
        DataError: for no events, another shape, or numbers that are not finite.
    """
    if not len(x):
        raise DataError("x: expected at least one event. Received: none")
    return check_targets("y", np.asarray(y), len(x), tuple(map(str, range(n_scores(network)))))


def check_labels(network: Network, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return y as (n_events,) int64.

    Raises:
        DataError: for no events, or labels that are not the classes of the first output.
    """
    if not len(x):
        raise DataError("x: expected at least one event. Received: none")
    y = np.asarray(y)
    if y.dtype.kind not in "biuf":
        given = f"{y.dtype} of shape {y.shape}{labels_cure(y)}"
        raise DataError(f"y: expected whole-number labels of shape ({len(x)},). Received: {given}")
    y = y.astype(np.float64)
    if y.shape != (len(x),):
        raise DataError(f"y: expected one label for each event, shape ({len(x)},). Received: {y.shape}{labels_cure(y)}")
    classes = max(2, n_scores(network))
    bad = np.count_nonzero(~((y >= 0) & (y < classes) & (y == np.floor(y))))
    if bad:
        given = f"others in {bad} of {len(y)} events, {y.min():g} to {y.max():g}"
        cure = _labels_cure(y, network, classes)
        raise DataError(f"y: expected whole numbers from 0 to {classes - 1}. Received: {given}{cure}")
    return y.astype(np.int64)


def _threshold(network: Network) -> float:
    """Where a single output says yes."""
    return 0.5 if ends_in(network, HALF_AT) else 0.0


def ends_in(network: Network, functions: Sequence[str]) -> bool:
    """Whether the first output stands behind one of these, perhaps moved about and rounded."""
    nodes = {node.name: node for node in network.nodes}
    node = nodes[network.outputs[0]]
    while isinstance(node.op, (*MOVES, Quantize)) and node.inputs[0] in nodes:
        node = nodes[node.inputs[0]]
    return isinstance(node.op, Activation) and node.op.function in functions


def _labels_cure(y: np.ndarray, network: Network, classes: int) -> str:
    """What to do about labels that a network has no output for."""
    if not (y >= 0).all() or (y != np.floor(y)).any():
        return labels_cure(y)
    if len(np.unique(y)) <= classes:
        return f"; {RENUMBER}"
    n, names = n_scores(network), network.outputs
    outputs = f"{n} output{'s' * (n > 1)}"
    first = f"; of {', '.join(names)} the first decides: put the one of the classes first" if len(names) > 1 else ""
    return (
        f"; a network of {outputs} tells {classes} classes apart: train an output for each class, or leave the others "
        f"out{first}"
    )
