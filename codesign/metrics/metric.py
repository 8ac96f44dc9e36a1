"""Metric: what a design is judged by, found by its name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from codesign._arguments import checked
from codesign.metrics import classification, regression
from codesign.metrics.classes import find_class
from codesign.metrics.measured import Measured, weights_of
from codesign.metrics.names import CLASSIFICATION, MetricName, parse_metric


@dataclass(frozen=True)
class Metric:
    """A number that says how good a network's outputs are.

    Args:
        parsed: its name, taken apart.
        function: of outputs, labels, weights and threshold.

    Example:
        >>> import numpy as np
        >>> from codesign.metrics import find_metric
        >>> print(find_metric("accuracy").evaluate(np.array([[2.0, 1.0], [0.0, 1.0], [0.0, 3.0]]), np.array([0, 1, 0])))
        0.6667 ± 0.2722
    """

    parsed: MetricName
    function: Callable[..., Measured] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """As :func:`find_metric` takes it."""
        return self.parsed.text

    @property
    def task(self) -> str:
        """``classification`` or ``regression``."""
        return self.parsed.task

    @property
    def higher_is_better(self) -> bool:
        """Whether a budget sets a floor on it, and no ceiling."""
        return self.parsed.higher_is_better

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
        return self.function(outputs, y, weights_of(weights, len(outputs)), threshold)


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
    residuals = regression.residuals_of(outputs, y)
    if label is not None:
        residuals = residuals[:, [find_class(label, residuals.shape[1], (), "metric")]]
    return regression.mean_over_targets(residuals, weights, partial(functional, **level))


_FUNCTIONS: dict[str, Callable[..., Measured]] = {
    "accuracy": classification.accuracy,
    "auc": classification.auc,
    "signal_efficiency": classification.signal_efficiency,
    "rmse": partial(_of_residuals, functional=regression.root_mean_square),
    "bias": partial(_of_residuals, functional=regression.bias),
    "resolution": partial(_of_residuals, functional=regression.half_width),
}


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
    parsed = parse_metric(name, task)
    known = classes if parsed.task == CLASSIFICATION else targets
    options: dict[str, object] = {} if parsed.level is None else {"level": parsed.level}
    if parsed.part or (parsed.word == "signal_efficiency" and len(known) > 2):
        options["label"] = find_class(parsed.part or None, len(known), known, f"metric {name!r:.60}")
    return Metric(parsed, partial(_FUNCTIONS[parsed.word], **options))
