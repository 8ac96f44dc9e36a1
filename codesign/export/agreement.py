"""Whether outputs of what was written are those of the user's own model."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from codesign.errors import AgreementError
from codesign.network import Network
from codesign.network.same_function import SINGLE, Expected, as_inputs, expect


@dataclass(frozen=True)
class Agreement:
    """How far outputs are from the model's.

    Args:
        difference: the largest, of outputs of order 1; relative to larger ones.
        n_events: that were compared.
        n_left_out: others, that differ because rounding errors may carry a value to another step of a quantizer.
    """

    difference: float
    n_events: int
    n_left_out: int


@dataclass(frozen=True, eq=False)
class Reference:
    """The user's own model, which a network was read from, to compare with whatever is made of it.

    Args:
        predict: (n_events, n_inputs) float32 to (n_events, n_outputs).
        epsilon: the relative error of the operations in it.
    """

    predict: Callable[[np.ndarray], np.ndarray]
    epsilon: float = SINGLE


def random_events(network: Network, n_events: int) -> np.ndarray:
    """Return (n_events, n_inputs) float32, standard normal behind the standardisation of the inputs, fixed seed."""
    drawn = np.random.default_rng(0).standard_normal((n_events, network.n_inputs))
    return as_inputs(network, drawn).astype(np.float32)


def measure(network: Network, x: np.ndarray, outputs: np.ndarray, reference: Reference | None = None) -> Agreement:
    """Return how far outputs for x, (n_events, n_inputs) float32, are from those of the model, or of the network."""
    return _agreement(outputs, *_expected(network, x, reference))


def compare(
    network: Network, x: np.ndarray, outputs: np.ndarray, name: str, reference: Reference | None = None
) -> Agreement:
    """Return how far outputs for x, (n_events, n_inputs) float32, are from the model's.

    Args:
        name: of what gave them, for the message.
        reference: the model; None: the network itself.

    Raises:
        AgreementError: if they differ by more than the rounding errors of single precision: it says where, and both
            numbers.
    """
    received, expected = _expected(network, x, reference)
    beyond = expected.differs(outputs, received)
    if beyond.any():
        event, output = np.argwhere(beyond)[0]
        raise AgreementError(
            f"{name}: expected what the model computes. Received: {outputs[event, output]:.9g} instead of "
            f"{received[event, output]:.9g} in output {output} of event {event}; {int(beyond.any(1).sum())} of "
            f"{len(x)} events differ; please report the network"
        )
    return _agreement(outputs, received, expected)


def _expected(network: Network, x: np.ndarray, reference: Reference | None) -> tuple[np.ndarray, Expected]:
    """Return the model's outputs, and what they may be off."""
    expected = expect(network, x, SINGLE if reference is None else max(SINGLE, reference.epsilon))
    return expected.outputs if reference is None else np.asarray(reference.predict(x), np.float64), expected


def _agreement(outputs: np.ndarray, reference: np.ndarray, expected: Expected) -> Agreement:
    compared = ~(expected.is_uncertain & expected.exceeds(outputs, reference).any(1))
    differences = np.abs(outputs[compared] - reference[compared]) / np.maximum(1, np.abs(reference[compared]))
    return Agreement(float(differences.max(initial=0)), int(compared.sum()), int(len(outputs) - compared.sum()))
