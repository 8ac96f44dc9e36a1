"""Metric: what a design is judged by, found by its name."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from codesign._arguments import checked
from codesign.errors import ConfigError, nearest
from codesign.metrics import classification, regression
from codesign.metrics.classes import find_class
from codesign.metrics.measured import Measured, check_weights

CLASSIFICATION, REGRESSION = TASKS = ("classification", "regression")
_NAME = re.compile(r"\s*(\w+)\s*(?:\[(.+)\])?\s*(?:@\s*([^@\s\[\]]+))?\s*")


@dataclass(frozen=True)
class Metric:
    """A number that says how good a network's outputs are.

    Args:
        name: as :func:`find_metric` takes it.
        task: ``classification`` or ``regression``.
        higher_is_better: whether a budget sets a floor on it, or a ceiling.
        function: of outputs, labels, weights and threshold.

    Example:
        >>> import numpy as np
        >>> from codesign.metrics import find_metric
        >>> print(find_metric("accuracy").evaluate(np.array([[2.0, 1.0], [0.0, 1.0], [0.0, 3.0]]), np.array([0, 1, 0])))
        0.6667 ± 0.2722
    """

    name: str
    task: str
    higher_is_better: bool
    function: Callable[..., Measured] = field(repr=False, compare=False)

    def evaluate(
        self, outputs: np.ndarray, y: np.ndarray, weights: np.ndarray | None = None, *, threshold: float = 0.0
    ) -> Measured:
        """Return the metric on events, with its statistical error.

        Args:
            outputs: (n_events, n_outputs) of a network, before any softmax: of probabilities, give their logarithms.
                One output may be (n_events,), a probability too.
            y: (n_events,) whole-number labels, or (n_events, n_targets) values.
            weights: (n_events,) of the events, not negative; None: all count alike.
            threshold: of a single output, for the accuracy: 0.5 for a probability.

        Raises:
            DataError: for shapes, labels or weights that do not fit, and labels of one class where two are needed.
        """
        return self.function(outputs, y, check_weights(weights, len(outputs)), threshold)

    def loss(self, value: float) -> float:
        """Return a value as what should be low: minus it, or its size."""
        return -value if self.higher_is_better else abs(value)


@dataclass(frozen=True)
class _Kind:
    """What a word means, and what may stand behind it: a class or target, and a level."""

    task: str
    higher_is_better: bool
    function: Callable[..., Measured]
    takes_part: bool = True
    level: str = ""  # what the number behind the @ is
    default_level: float | None = None


def _of_residuals(
    outputs: np.ndarray,
    y: np.ndarray,
    weights: np.ndarray,
    threshold: float,
    *,
    functional: Callable,
    label: int | None = None,
    **level: float,
) -> Measured:
    residuals = regression.check_targets(outputs, y)
    if label is not None:
        residuals = residuals[:, [find_class(label, residuals.shape[1], (), "metric")]]
    return regression.mean_over_targets(residuals, weights, partial(functional, **level))


_KINDS = {
    "accuracy": _Kind(CLASSIFICATION, True, classification.accuracy, takes_part=False),
    "auc": _Kind(CLASSIFICATION, True, classification.auc),
    "signal_efficiency": _Kind(CLASSIFICATION, True, classification.signal_efficiency, level="a background rate"),
    "rmse": _Kind(REGRESSION, False, partial(_of_residuals, functional=regression.root_mean_square)),
    "bias": _Kind(REGRESSION, False, partial(_of_residuals, functional=regression.bias)),
    "resolution": _Kind(
        REGRESSION,
        False,
        partial(_of_residuals, functional=regression.half_width),
        level="the share of events between the quantiles",
        default_level=regression.CENTRAL_SHARE,
    ),
}
DEFAULT_METRIC = {CLASSIFICATION: "accuracy", REGRESSION: "rmse"}


@checked
def find_metric(
    name: str, *, classes: Sequence[str] = (), targets: Sequence[str] = (), task: str | None = None
) -> Metric:
    """Return the metric of a name.

    ``accuracy``; ``auc``, the mean over the classes, each against the rest; ``auc[b]``, of class b;
    ``signal_efficiency@0.01``, the share of signal kept by the threshold that lets at most a hundredth of the rest
    pass, of class 1 of two; ``signal_efficiency[t]@0.001``, of class t. Of a regression ``rmse``; ``bias``, the mean of
    outputs minus truth; ``resolution``, half the distance between the quantiles of 16 and 84 % of that, or
    ``resolution@0.95`` between those that enclose 95 %; of several targets their mean, or ``rmse[pt]``.

    Args:
        name: of the metric; a class or target in brackets by name or number.
        classes: their names, in the order of the labels, if they are known.
        targets: the same for a regression.
        task: ``classification`` or ``regression``, if it is known, to find out that a metric is of the other.

    Raises:
        ConfigError: for an unknown metric or class (it names the nearest), one of the other task, or a level that is
            missing, too much, or no share.
    """
    match = _NAME.fullmatch(name)
    word, part, level = match.groups() if match else (name, None, None)
    kind = _KINDS.get(word)
    if kind is None:
        examples = ", ".join(
            f"{one}@0.01" if each.level and not each.default_level else one for one, each in _KINDS.items()
        )
        raise ConfigError(f"metric: expected one of {examples}. Received: {name!r:.60}{nearest(word, _KINDS)}")
    if task not in (None, kind.task):
        fitting = ", ".join(one for one, each in _KINDS.items() if each.task == task)
        raise ConfigError(f"metric: expected one for a {task}: {fitting}. Received: {name!r:.60}, for a {kind.task}")
    options = _options(name, kind, part, level, classes if kind.task == CLASSIFICATION else targets)
    text = word + (f"[{part.strip()}]" if part else "") + (f"@{float(level):g}" if level else "")
    return Metric(text, kind.task, kind.higher_is_better, partial(kind.function, **options))


def _options(name: str, kind: _Kind, part: str | None, level: str | None, known: Sequence[str]) -> dict[str, object]:
    """What stands behind the word, as arguments of its function."""
    options: dict[str, object] = {}
    if part is not None and not kind.takes_part:
        raise ConfigError(f"metric: expected no class behind it. Received: {name!r:.60}")
    if part is not None or (kind.level and not kind.default_level and len(known) > 2):
        options["label"] = find_class(None if part is None else part.strip(), len(known), known, f"metric {name!r:.60}")
    if level is None and kind.level and kind.default_level is None:
        raise ConfigError(
            f"metric: expected {kind.level} behind it, such as {name.strip()}@0.01. Received: {name!r:.60}"
        )
    if level is not None:
        options["level"] = _level(name, kind, level)
    return options


def _level(name: str, kind: _Kind, level: str) -> float:
    if not kind.level:
        raise ConfigError(f"metric: expected nothing behind an @. Received: {name!r:.60}")
    try:
        value = float(level)
    except ValueError:
        value = -1.0
    if not 0 < value < 1:
        raise ConfigError(f"metric: expected {kind.level} behind the @, between 0 and 1. Received: {name!r:.60}")
    return value
