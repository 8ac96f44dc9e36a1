"""grow_tables: events in, networks of tables of every size out."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from codesign._arguments import check_range, check_seed, checked
from codesign.errors import ConfigError, DataError
from codesign.network import FixedPoint
from codesign.tables.annealing import Annealing
from codesign.tables.candidates import Candidates
from codesign.tables.ensemble import Ensemble
from codesign.tables.growth import Growth
from codesign.tables.inputs import Inputs
from codesign.tables.targets import Events, find_loss, find_step

_HELD_OUT = 0.1


@checked
def grow_tables(
    x: np.ndarray,
    targets: np.ndarray,
    precision: FixedPoint,
    *,
    loss: str = "softmax",
    alpha: float = 0.5,
    weights: np.ndarray | None = None,
    validation: tuple | None = None,
    max_lut: float = 1000,
    monotone: Sequence[int] | None = None,
    sums: int = 0,
    seed: int = 0,
    report: Callable[[float], None] | None = None,
) -> Growth:
    """Grow networks of thresholds and six-input tables of every size up to a number of LUTs, at the least loss.

    Each output is a sum of tables, each looked up by at most six one-bit keys: ``x[i] >= value``, or a raw bit of x[i].
    A price of a LUT falls in steps; at each, trees are added while they bring more than their LUTs cost, and all trees
    are fitted again, each given the others: keys, leaves, and their bits. A tree that does not pay is taken out. Growth
    ends at `max_lut`, or when the loss of events that it does not see has stopped falling.

    Args:
        x: (n_events, n_features) in the network's units.
        targets: (n_events, n_outputs) probabilities or one-hot labels, of `softmax` and `logistic`; values else.
        precision: type of the inputs, of each or of all.
        loss: ``softmax`` (classes), ``logistic`` (each output on its own, or one of a binary task), ``squared``,
            ``huber`` or ``quantile``.
        alpha: the quantile.
        weights: (n_events,) or None.
        validation: x and targets of events by which the front is chosen and the growth ended; None: a tenth of x.
        max_lut: of the largest network.
        monotone: 1 for each feature that scores must rise with, -1 to fall with, 0 for others; None: all 0.
        sums: of two inputs each, ``x[i] +- x[j]`` and with one of them doubled, whose thresholds and bits may be keys
            too, as many at most, those that tell most; none with monotone features. They are additions in front.
        seed: of everything random.
        report: takes the share that is done.

    Raises:
        ConfigError: for an unknown loss, or numbers out of range.
        DataError: for NaN, other shapes, or targets that do not fit the loss.
        PrecisionError: for a type of other features.

    Example:
        >>> import numpy as np
        >>> from codesign import FixedPoint
        >>> from codesign.tables import grow_tables
        >>> x = np.random.default_rng(0).integers(0, 16, (2000, 2)).astype(float)
        >>> is_signal = x[:, 0] + x[:, 1] >= 16
        >>> growth = grow_tables(x, is_signal, FixedPoint(4, 4, signed=False), loss="logistic", max_lut=30)
        >>> network = growth.within(30).network
        >>> bool(((network.emulate(x)[:, 0] > 0) == is_signal).mean() > 0.95)
        True
    """
    begun = time.process_time()
    check_seed(seed)
    check_range(max_lut, "max_lut", 1, 1_000_000)
    check_range(sums, "sums", 0, 1000)
    check_range(alpha, "alpha", 1e-3, 1 - 1e-3)
    events = Events.of(x, targets, weights)
    rng = np.random.default_rng(seed)
    events, held = _split(events, validation, rng)
    make_loss = find_loss(loss, np.concatenate([events.targets, held.targets]), alpha)
    signs = _signs(monotone, events.x.shape[1])
    inputs = Inputs.of(events, precision, most_sums=0 if signs.any() else sums)
    codes = inputs.codes(events.x)
    is_monotone = np.concatenate([signs != 0, np.zeros(codes.shape[1] - len(signs), bool)])
    candidates = Candidates.of(codes, inputs.joined, is_monotone, n_inputs=len(signs))
    if not np.isfinite(candidates.significant).any():
        raise DataError("x: expected a feature with two different codes. Received: none; see the scale of the features")
    step = find_step(loss, events.targets)
    ensemble = Ensemble(candidates, candidates.bins(codes), make_loss(events), step, inputs.sums)
    held_codes = inputs.codes(held.x)
    annealing = Annealing(ensemble, held_codes, make_loss(held), rng, signs=signs)
    front = annealing.run(max_lut, report or (lambda share: None))
    return Growth(front, time.process_time() - begun)


def _split(events: Events, validation: tuple | None, rng: np.random.Generator) -> tuple[Events, Events]:
    """Return events to grow on, in a random order, and those to judge by."""
    order = rng.permutation(len(events.x))
    if validation is None:
        n_held = max(1, round(_HELD_OUT * len(order)))
        if n_held == len(order):
            raise DataError(f"x: expected at least 2 events. Received: {len(order)}")
        return events.part(order[n_held:]), events.part(order[:n_held])
    if len(validation) not in (2, 3):
        raise ConfigError(
            f"validation: expected (x, targets) or (x, targets, weights). Received: {len(validation)} parts"
        )
    held = Events.of(*validation, *([None] * (3 - len(validation))), "validation ")
    for name in ("x", "targets"):
        expected, given = getattr(events, name).shape[1], getattr(held, name).shape[1]
        if expected != given:
            raise DataError(f"validation {name}: expected {expected} columns, as {name} has. Received: {given}")
    return events.part(order), held


def _signs(monotone: Sequence[int] | None, n_features: int) -> np.ndarray:
    if monotone is None:
        return np.zeros(n_features, np.int64)
    signs = np.asarray(monotone)
    if signs.shape != (n_features,) or not np.isin(signs, (-1, 0, 1)).all():
        raise ConfigError(
            f"monotone: expected 1, -1 or 0 for each of {n_features} features. Received: {monotone!r:.80}"
        )
    return signs.astype(np.int64)
