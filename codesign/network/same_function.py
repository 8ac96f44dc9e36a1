"""Whether a network that was read computes what the user's own model computes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from codesign.errors import AgreementError
from codesign.network.ends import split_standardisation
from codesign.network.error_bounds import SINGLE, Rounded, op_errors
from codesign.network.error_steps import STEPS, digits_behind, step_errors
from codesign.network.input_readers import input_readers
from codesign.network.key_reach import near_keys
from codesign.network.network import Network
from codesign.network.ops import Dense, Embedding, Quantize

_EVENTS = 512
_SCALES = (-4, 7)  # of the drawn events, powers of two: below the finest steps, and beyond every saturation
_SMALLEST = 1e-6  # a difference below it is never a wrong weight
_SHOWN = 6


@dataclass(frozen=True, eq=False)
class Expected:
    """What a network gives where it is evaluated with rounding errors.

    Args:
        outputs: (n_events, n_outputs), without such errors.
        errors: (n_events, n_outputs) or (n_events, 1), by how much they may change an output.
        bounds: as `errors`, where they carry values to other steps of quantizers too.
        is_uncertain: (n_events,), whether they may: such an event is held to `bounds`.
    """

    outputs: np.ndarray
    errors: np.ndarray
    bounds: np.ndarray
    is_uncertain: np.ndarray

    def differs(self, received: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
        """(n_events, n_outputs) whether outputs lie beyond what the errors explain, steps of quantizers included."""
        limits = np.where(self.is_uncertain[:, np.newaxis], self.bounds, self.errors)
        return self._beyond(limits, received, reference) & np.isfinite(limits)

    def exceeds(self, received: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
        """(n_events, n_outputs) whether outputs lie beyond the errors without such steps."""
        return self._beyond(self.errors, received, reference)

    def _beyond(self, limits: np.ndarray, received: np.ndarray, reference: np.ndarray | None) -> np.ndarray:
        """Whether outputs are farther than that from these, or from a reference that has such errors too."""
        reference, limits = (self.outputs, limits) if reference is None else (reference, 2 * limits)
        with np.errstate(invalid="ignore"):
            return ~(np.abs(received - reference) <= limits + _SMALLEST)


def check_same_function(
    network: Network,
    predict: Callable[[np.ndarray], np.ndarray],
    *,
    x: np.ndarray | None = None,
    epsilon: float = SINGLE,
) -> None:
    """Compare a network with the model that it was read from.

    Both must agree within rounding errors; where those may carry a value to another step of a quantizer, within
    what that changes too. Only an event on which they may lead to infinity is left out.

    Args:
        network: what was read.
        predict: the model: (n_events, n_inputs) float32 to (n_events, n_outputs).
        x: (n_events, n_inputs) events to compare on; None: some drawn to reach every saturation.
        epsilon: relative rounding error of what the model computes in.

    Raises:
        AgreementError: if they differ; it says where, and both numbers.
    """
    x = draw_events(network) if x is None else network.check_events(x).astype(np.float32)
    received = np.asarray(predict(x), np.float64)
    expected = expect(network, x, epsilon)
    beyond = expected.differs(received)
    if beyond.any():
        event, output = np.argwhere(beyond)[0]
        where = f"output {output} of the event {_shown(x[event])}"
        raise AgreementError(
            "model: expected that the network read from it computes the same. Received: "
            f"{received[event, output]:.9g} by the model and {expected.outputs[event, output]:.9g} by the network, "
            f"{where}; {int(beyond.any(1).sum())} of {len(x)} events differ; build the model of layers and functions "
            "of Keras and QKeras alone, or report which one is read wrongly"
        )


def expect(network: Network, x: np.ndarray, epsilon: float) -> Expected:
    """Return what a network gives for x, (n_events, n_inputs), with a relative error of `epsilon` per operation."""
    x = np.asarray(x, np.float64)
    outputs, narrow, uncertain = _with_errors(network, x, epsilon)
    bounds = _with_errors(network, x, epsilon, with_steps=True)[1] if uncertain.any() else narrow
    uncertain |= ~np.isfinite(narrow).all(1)
    return Expected(outputs, narrow, bounds, uncertain)


def draw_events(network: Network, n_events: int = _EVENTS) -> np.ndarray:
    """Return (n_events, n_inputs) float32, normal behind the standardisation, from tiny to huge, fixed seed.

    Of what keys ask, half of the values lie on and around the thresholds.
    """
    rng = np.random.default_rng(0)
    scale = np.exp2(rng.uniform(*_SCALES, (n_events, 1)))
    behind = split_standardisation(network)[1]
    drawn = rng.standard_normal((n_events, network.n_inputs)) * scale * _spread(behind)
    return as_inputs(network, near_keys(behind, drawn, rng)).astype(np.float32)


def as_inputs(network: Network, drawn: np.ndarray) -> np.ndarray:
    """Return (n_events, n_inputs) of which the standardisation makes `drawn`, whole numbers for embeddings."""
    affines, behind = split_standardisation(network)
    values = network.input_layout.split(drawn)
    for name, affine in affines.items():
        values[name] = (values[name] - affine.offset) / np.where(affine.factor == 0, 1, affine.factor)
    x, rng = network.input_layout.join(values), np.random.default_rng(1)
    for column, n_entries in _indices(behind).items():
        x[:, column] = rng.integers(0, n_entries, len(x))
    return x


def _spread(network: Network) -> np.ndarray:
    """How wide each feature may be, by the weights it meets: one for all, unless they differ by orders of magnitude."""
    weights = {one.name: np.zeros(one.shape) for one in network.inputs}
    rounded = {node.name: node.inputs[0] for node in network.nodes if isinstance(node.op, Quantize)}
    for node in network.nodes:
        source = rounded.get(node.inputs[0], node.inputs[0])
        if isinstance(node.op, Dense) and source in weights:
            weights[source] = np.maximum(weights[source], np.abs(node.op.kernel).max(1))
    size = network.input_layout.join({name: array[np.newaxis] for name, array in weights.items()})[0]
    typical = np.median(size[size > 0]) if size.any() else 1.0
    foreign = (size > 0) & ((size > 100 * typical) | (size < typical / 100))
    return np.where(foreign, typical / np.where(size > 0, size, 1.0), 1.0)


def _indices(network: Network) -> dict[int, int]:
    """Return the columns of x that an embedding takes, and how many entries each may name."""
    found = {}
    for node, _, columns in input_readers(network):
        if isinstance(node.op, Embedding):
            found |= dict.fromkeys(columns.ravel().tolist(), len(node.op.table))
    return found


def _with_errors(
    network: Network, x: np.ndarray, epsilon: float, *, with_steps: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return outputs, by how much rounding may change them, and (n_events,) whether it may change a step or a key.

    What other steps change counts among the errors only `with_steps`.
    """
    values, uncertain = network.trace(x), np.zeros(len(x), bool)
    bounds = network.input_layout.split(np.zeros_like(x))
    digits: dict[str, int | None] = {}
    for node in network.nodes:
        before = [Rounded(values[name], bounds[name], digits.get(name)) for name in node.inputs]
        if isinstance(node.op, STEPS):
            bounds[node.name], moved = step_errors(node.op, before[0], epsilon)
            uncertain |= (moved > 0).reshape(len(x), -1).any(1)
            bounds[node.name] = bounds[node.name] + (moved if with_steps else 0)
        else:
            bounds[node.name] = op_errors(node.op, before, epsilon)
        digits[node.name] = digits_behind(node.op, before)
    join = network.output_layout.join
    return join(values), join(bounds), uncertain


def _shown(event: np.ndarray) -> str:
    numbers = ", ".join(f"{value:.4g}" for value in event[:_SHOWN])
    return f"{numbers}, ..." if len(event) > _SHOWN else numbers
