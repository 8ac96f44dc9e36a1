"""refine_network: the command of the room."""

import numpy as np

from codesign._arguments import check_seed, checked
from codesign.errors import ConfigError
from codesign.network import FixedPoint, Network
from codesign.network.layout import Events
from codesign.refine.coordinate_descent import CoordinateDescent
from codesign.refine.losses import joint_loss
from codesign.refine.network_state import NetworkState

_LEAST_GAIN = 1e-6  # of what is minimised


@checked
def refine_network(
    network: Network,
    x: Events,
    y: Events,
    *,
    trade: float = 0.02,
    loss: str = "categorical_crossentropy",
    sample_weight: np.ndarray | None = None,
    sweeps: int = 6,
    max_trials: int | None = None,
    n_new_weights: int = 100,
    moves_inputs: bool = True,
    sent: FixedPoint | None = None,
    seed: int = 0,
) -> Network:
    """Return a network with a lower ``loss + trade * LUTs / LUTs at the start``, by coordinate descent on its integers.

    Each sweep tries, at every place and on all events: a weight's value with one signed digit less, more or moved, or
    0, each with and without a bias that makes up for its mean; a bias some steps up or down; a bit less or more of what
    passes between layers and of the inputs; and new weights where the slope of the loss promises most. A change is kept
    if it pays. Only values that da4ml's adders can hold are tried, so the result is as exact in hardware as the network
    before. LUTs are counted as signed digits times width; trace the adder graph for da4ml's own count.

    Args:
        network: fixed-point, relu or linear, as CollapseSchedule leaves it: weights in steps of 2^-9, sums exact.
        x: (n_events, n_features).
        y: targets of x as Keras takes them; probabilities of a teacher do better than classes.
        trade: loss that a network of no LUTs may cost more than this one; 0.02 nats suits classifiers.
        loss: ``categorical_crossentropy``, ``sparse_categorical_crossentropy``, ``binary_crossentropy`` or
            ``mean_squared_error``; cross-entropies are of the outputs as logits.
        sample_weight: (n_events,) of the events, not negative; None: all count alike.
        sweeps: at most; fewer if one of them gains less than 1e-4 of it.
        max_trials: changes tried in all, at most; None for no limit. On 25,000 events one took about 1 ms in networks
            of 100 to 200 weights.
        n_new_weights: new weights that are tried in each sweep.
        moves_inputs: whether the inputs' formats may change. Of inputs that truncate and wrap, a detector's words, bits
            may only be left out at the low end.
        sent: types of such words as they come, :attr:`codesign.data.Words.precision`: of the bits that the network
            leaves out, some may come back. None: none may.
        seed: of the order.

    Raises:
        ConfigError: for a negative trade, sweeps below 1, or another loss.
        DataError: for events or targets that do not fit the network, or NaN in them.
        PrecisionError: for a network without types, or with other types than these.
        UnsupportedLayerError: for other activations.

    Example:
        >>> import numpy as np
        >>> from codesign import DenseLayer, Network, quantize_network, refine_network
        >>> x = np.random.default_rng(0).normal(size=(500, 2))
        >>> y = np.eye(2)[(x[:, 0] > 0).astype(int)]
        >>> network = Network.chain([DenseLayer("fc", [[-0.75, 0.8125], [0.125, 0.0625]], [0.0, 0.0])])
        >>> fixed = quantize_network(network, x, weights=8, activations=8)
        >>> refined = refine_network(fixed, x, y)
    """
    check_seed(seed)
    max_trials = np.inf if max_trials is None else max_trials
    if not 0 <= trade < np.inf or min(sweeps, max_trials) < 1 or n_new_weights < 0:
        received = f"{trade}, {sweeps}, {max_trials}, {n_new_weights}"
        raise ConfigError(
            f"trade, sweeps, max_trials, n_new_weights: expected at least 0, 1, 1, 0. Received: {received}"
        )
    x = network.check_events(x)
    loss_of = joint_loss(loss, y, network.output_layout.shapes, len(x), sample_weight)
    state = NetworkState(network, x, loss_of, sent)
    price = trade / max(state.cost, 1.0)
    before = state.loss + price * state.cost
    options = {
        "price": price,
        "least_gain": _LEAST_GAIN * abs(before),
        "max_trials": max_trials,
        "moves_inputs": moves_inputs,
    }
    descent = CoordinateDescent(state, np.random.default_rng(seed), **options)
    for _ in range(sweeps):
        descent.sweep(n_new_weights)
        now = state.loss + price * state.cost
        if descent.is_exhausted or before - now < 100 * _LEAST_GAIN * abs(before):
            break
        before = now
    return state.network()
