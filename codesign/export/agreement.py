"""Whether outputs of what was written are those of the user's own model."""

from dataclasses import dataclass

import numpy as np

from codesign.errors import AgreementError
from codesign.export.float_chain import FloatChain
from codesign.network.same_function import SINGLE, Expected, draw_events, expect


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


def random_events(chain: FloatChain, n_events: int) -> np.ndarray:
    """Return (n_events, n_inputs) float32 that are standard normal behind the chain's standardisation, fixed seed."""
    drawn = np.random.default_rng(0).standard_normal((n_events, chain.n_inputs))
    width = 1 / np.where(chain.scale == 0, 1, chain.scale).astype(np.float64)
    return (drawn * width - chain.offset).astype(np.float32)


def saturating_events(chain: FloatChain, n_events: int) -> np.ndarray:
    """Return (n_events, n_inputs) float32 that reach every saturation, and others far within, fixed seed."""
    return draw_events(chain.network, n_events, standardisation=(chain.offset, chain.scale))


def measure(chain: FloatChain, x: np.ndarray, outputs: np.ndarray) -> Agreement:
    """Return how far outputs for x, (n_events, n_inputs) float32, are from those of the chain's reference."""
    return _agreement(outputs, _reference_outputs(chain, x), _expected(chain, x))


def compare(chain: FloatChain, x: np.ndarray, outputs: np.ndarray, name: str) -> Agreement:
    """Return how far outputs for x, (n_events, n_inputs) float32, are from those of the chain's reference.

    Args:
        name: of what gave them, for the message.

    Raises:
        AgreementError: if they differ by more than the rounding errors of single precision: it says where, and both numbers.
    """
    reference, expected = _reference_outputs(chain, x), _expected(chain, x)
    beyond = expected.differs(outputs, reference)
    if beyond.any():
        event, output = np.argwhere(beyond)[0]
        raise AgreementError(
            f"{name}: expected what the model computes. Received: {outputs[event, output]:.9g} instead of "
            f"{reference[event, output]:.9g} in output {output} of event {event}; {int(beyond.any(1).sum())} of {len(x)} events "
            "differ; please report the network"
        )
    return _agreement(outputs, reference, expected)


def _reference_outputs(chain: FloatChain, x: np.ndarray) -> np.ndarray:
    predict = chain.predict if chain.reference is None else chain.reference.predict
    return np.asarray(predict(x), np.float64)


def _expected(chain: FloatChain, x: np.ndarray) -> Expected:
    epsilon = SINGLE if chain.reference is None else max(SINGLE, chain.reference.epsilon)
    softmax = chain.layers[-1].activation == "softmax"
    return expect(chain.network, x, epsilon, softmax=softmax, standardisation=(chain.offset, chain.scale))


def _agreement(outputs: np.ndarray, reference: np.ndarray, expected: Expected) -> Agreement:
    compared = ~(expected.is_uncertain & expected.exceeds(outputs, reference).any(1))
    differences = np.abs(outputs[compared] - reference[compared]) / np.maximum(1, np.abs(reference[compared]))
    return Agreement(float(differences.max(initial=0)), int(compared.sum()), int(len(outputs) - compared.sum()))
