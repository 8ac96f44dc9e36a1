"""A trained forest in gates, from its file to a folder for a firmware engineer."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from os import PathLike
from typing import TYPE_CHECKING

import numpy as np

from codesign.data import Words
from codesign.errors import AgreementError, DataError
from codesign.forests import Forest, forest_network, round_leaves
from codesign.forests.coded import InputCodes
from codesign.forests.events import threshold_events
from codesign.forests.library import library_margins
from codesign.fpga import BuiltDesign, Design, estimate
from codesign.handover.build import build_design
from codesign.handover.readme import Origin
from codesign.network import FixedPoint
from codesign.read.forest_models import read_any_forest

if TYPE_CHECKING:
    from collections.abc import Callable

N_DRAWN = 5000
_FLOAT32_SHARE = 1e-5  # of a sum, by which a library's single precision may be off


@dataclass(frozen=True, eq=False)
class BuiltForest:
    """A forest in gates.

    Args:
        forest: as it was read.
        built: what was made, and found.
        leaf_step: of the leaves.
        error: no sum is farther from the forest's.
        n_events: events at its thresholds and given ones, on which the gates were simulated.
        largest_difference: of a sum of the gates from the library's own there, from our reading's where the library is
            not installed.
        judge: whose sums those are: ``XGBoost``, or ``this reading``.
    """

    forest: Forest
    built: BuiltDesign
    leaf_step: float
    error: float
    n_events: int
    largest_difference: float
    judge: str


def build_forest(
    model: str | PathLike,
    directory: str | PathLike,
    precision: FixedPoint | Words,
    x: np.ndarray | None = None,
    *,
    leaf_step: float | None = None,
    features: Sequence[str] = (),
    name: str = "forest",
    origin: Origin | None = None,
    yosys_time_limit_s: float = 600.0,
    step: "Callable[[str], AbstractContextManager]" = nullcontext,
    **design: object,
) -> BuiltForest:
    """Write a forest as Verilog and C++, and prove both on events at its thresholds and on given ones.

    Args:
        model: file of XGBoost, LightGBM or scikit-learn (skops), or a model in memory, as
            :func:`codesign.read.forest_models.read_any_forest` takes.
        directory: to write, as :func:`codesign.build_design` does.
        precision: of the inputs, in the units of the training, or the words that a detector sends.
        x: (n_events, n_features) events in these units, to be proven on besides; rounded to the inputs' codes.
        leaf_step: a power of two; None: chosen by a bound, as in :func:`codesign.from_xgboost`.
        features: names; by default the forest's, or ``x0, x1, ...``.
        name, origin, yosys_time_limit_s, step: as in :func:`codesign.build_design`.
        design: part, clock_period_ns and adder_levels_per_stage of :class:`codesign.Design`.

    Raises:
        AgreementError: if a sum is farther from the library's than the leaves' rounding allows.
        DataError: for another number of features; a file that is missing, or no forest.
    """
    forest = read_any_forest(model)
    leaves = round_leaves(forest, leaf_step)
    codes = InputCodes.of(precision, forest.n_features)
    events = threshold_events(forest, codes, N_DRAWN)
    if x is not None:
        events = np.concatenate([_as_codes(x, forest, precision), events])
    made = Design(forest_network(forest, precision, leaves), **design)
    labels = [str(label) for label in forest.labels] if len(forest.labels) == forest.n_outputs else []
    settings = {"outputs": labels, "words": precision if isinstance(precision, Words) else None, "origin": origin}
    settings |= {"name": name, "features": tuple(features) or forest.features, "step": step}
    built = build_design(
        made.with_report(estimate(made)),
        directory,
        np.ldexp(events.astype(np.float64), -codes.fraction),
        yosys_time_limit_s=yosys_time_limit_s,
        **settings,
    )
    judge, difference = _compare(model, forest, codes.values(events), built.outputs, leaves.error)
    return BuiltForest(forest, built, leaves.step, float(leaves.error.max()), len(events), difference, judge)


def _compare(model: object, forest: Forest, x: np.ndarray, sums: np.ndarray, allowed: np.ndarray) -> tuple[str, float]:
    """Return who says what the sums should be, and the largest difference.

    Raises:
        AgreementError: for one that is larger than allowed.
    """
    own = library_margins(model, x)
    judge = "this reading" if own is None else forest.name.split(" ")[0]
    expected = forest.margins(x) if own is None else own
    difference = np.abs(sums - expected)
    if (difference > allowed + _FLOAT32_SHARE * (1 + np.abs(expected))).any():
        raise AgreementError(
            f"{forest.name}: expected sums within {allowed.max():.3g} of those of {judge}. Received: "
            f"{difference.max():.3g}"
        )
    return judge, float(difference.max())


def _as_codes(x: np.ndarray, forest: Forest, precision: FixedPoint | Words) -> np.ndarray:
    """Return the codes next to given values; what is beyond the formats saturates."""
    x = np.asarray(x, np.float64)
    if x.ndim != 2 or x.shape[1] != forest.n_features:
        raise DataError(f"x: expected shape (n_events, {forest.n_features}), as the forest takes. Received: {x.shape}")
    if isinstance(precision, Words):
        return precision.codes(x)
    return replace(precision, rounding="RND", overflow="SAT").to_codes(x)
