"""Budget: the limits that a design must meet, and how far it is from them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Self

from codesign._arguments import check_range
from codesign.errors import BudgetError, ConfigError, nearest
from codesign.fpga.design.chances import Chances, chances
from codesign.fpga.design.design import Design
from codesign.metrics.names import MetricName, parse_metric

_LARGEST = 1e12  # of any limit: beyond it is a slip of the keyboard
_NO_LIMITS = ("metrics", "confidence")  # fields of a budget that are none themselves
_BOUNDS = ("min_", "max_")


@dataclass(frozen=True)
class Budget:
    """Upper limits on costs, and limits on how good the design is; None is no limit.

    Args:
        latency_ns: from the first input to the last output, at the target clock.
        initiation_interval: cycles between events.
        lut, ff, dsp, bram_18k: counts.
        min_accuracy: share of right decisions, 0 to 1.
        min_auc: area under the ROC curve, the mean over the classes.
        max_rmse: root mean square of a regression.
        metrics: limits on any other metric that :func:`codesign.metrics.find_metric` knows, by ``min_`` where higher is
            better, else ``max_``, and its name: ``{"min_signal_efficiency[b]@0.01": 0.4}``.
        confidence: least probability that synthesis succeeds and all limits on costs hold, from the intervals of the
            estimate; a cost that was counted holds or does not. None: the estimate itself has to keep each limit,
            which about half of the designs next to a limit do not when they are built.

    Raises:
        BudgetError: for a negative limit, a share or a confidence outside 0 to 1, or a limit on what is no metric.

    Example:
        >>> from codesign import Budget
        >>> Budget(lut=1000, min_auc=0.9, metrics={"min_signal_efficiency@0.01": 0.4}).limits()
        [('lut', 1000), ('min_auc', 0.9), ('min_signal_efficiency@0.01', 0.4)]
    """

    latency_ns: float | None = None
    initiation_interval: int | None = None
    lut: int | None = None
    ff: int | None = None
    dsp: int | None = None
    bram_18k: int | None = None
    min_accuracy: float | None = None
    min_auc: float | None = None
    max_rmse: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict, hash=False)
    confidence: float | None = None

    def __post_init__(self) -> None:
        if self.confidence is not None:
            check_range(self.confidence, "budget.confidence", 0, 1, error=BudgetError)
        object.__setattr__(self, "metrics", dict(self.metrics))
        for name, limit in self.limits():
            if not isinstance(limit, (int, float)) or isinstance(limit, bool) or not 0 <= limit <= _LARGEST:
                raise BudgetError(
                    f"budget.{name}: expected a number that is not negative, at most {_LARGEST:g}. Received: {limit!r}"
                )
            if is_on_metric(name) and metric_of(name).is_share and limit > 1:
                raise BudgetError(f"budget.{name}: expected a share between 0 and 1. Received: {limit}")

    @classmethod
    def of(cls, limits: Mapping[str, float]) -> Self:
        """Return the budget of limits by name, those on metrics among them, as they stand in a project.yml.

        Raises:
            BudgetError: for an unknown name (it gives the nearest), or a limit that is impossible.

        Example:
            >>> from codesign import Budget
            >>> Budget.of({"lut": 1000, "min_auc[b]": 0.9}).metrics["min_auc[b]"]
            0.9
        """
        if not isinstance(limits, Mapping):
            raise BudgetError(f"budget: expected a mapping such as {{'lut': 1000}}. Received: {limits!r:.60}")
        own = [one.name for one in fields(cls) if one.name != "metrics"]
        for name in limits:
            if name not in own and not is_on_metric(str(name)):
                known = f"known: {', '.join(own)}, and min_ or max_ with the name of any metric"
                raise BudgetError(f"budget: unknown key '{name}'{nearest(name, own)}; {known}")
        others = {name: limit for name, limit in limits.items() if name not in own}
        return cls(**{name: limit for name, limit in limits.items() if name in own}, metrics=others)

    def limits(self) -> list[tuple[str, float]]:
        """Return the (name, limit) pairs that are set."""
        named = [(one.name, getattr(self, one.name)) for one in fields(self) if one.name not in _NO_LIMITS]
        return [(name, limit) for name, limit in (*named, *self.metrics.items()) if limit is not None]

    def limits_on_metrics(self) -> list[tuple[str, float]]:
        """Return the (name, limit) pairs that bound a metric."""
        return [(name, limit) for name, limit in self.limits() if is_on_metric(name)]

    def chances(self, design: Design) -> Chances:
        """Return the probability that the design meets each limit on its costs."""
        return chances(design, [(name, limit) for name, limit in self.limits() if not is_on_metric(name)])

    def excesses(self, design: Design) -> dict[str, float]:
        """Return by how much the design misses each limit that it misses, relative to it (to 1 if it is 0).

        Inf if not known.
        """
        missed = {}
        for name, limit in self.limits():
            value = measured(design, name)
            if value is None:
                missed[name] = math.inf
            elif not within_limit(name, value, limit):
                missed[name] = abs(abs(value) - limit) / (limit or 1)
        return missed

    def is_met(self, design: Design) -> bool:
        """Whether the design is within every limit, with the budget's confidence if it has one."""
        if self.confidence is None:
            return not self.excesses(design)
        on_metrics = all(within_limit(name, measured(design, name), limit) for name, limit in self.limits_on_metrics())
        return on_metrics and self.chances(design).joint >= self.confidence


def is_on_metric(limit: str) -> bool:
    """Whether the name of a limit is one on a metric, and not on a cost."""
    return limit.startswith(_BOUNDS)


def metric_of(limit: str) -> MetricName:
    """Return the metric that a limit such as ``min_auc[b]`` is on.

    Raises:
        BudgetError: if there is none of this name, or if it is better the other way.
    """
    bound, name = limit[:4], limit[4:]
    try:
        metric = parse_metric(name)
    except ConfigError as error:
        raise BudgetError(f"budget.{limit}: {error}") from None
    wanted = "min_" if metric.higher_is_better else "max_"
    if bound != wanted:
        better = "high" if metric.higher_is_better else "low"
        raise BudgetError(
            f"budget.{limit}: expected {wanted}{name}, for {name} is better when {better}. Received: {limit}"
        )
    return metric


def within_limit(name: str, value: float | None, limit: float) -> bool:
    """Whether a value is known and keeps a limit of this name; ``min_`` limits are lower ones."""
    return value is not None and (value >= limit if name.startswith("min_") else abs(value) <= limit)


def measured(design: Design, limit: str) -> float | None:
    """Return the design's value of what a limit bounds; None if it is not known, NaN, or an infinite metric."""
    if is_on_metric(limit):
        found = design.measured(metric_of(limit).text)
        return found.value if found is not None and math.isfinite(found.value) else None
    value = getattr(design.report, limit) if design.report else None
    return None if value is None or math.isnan(value) else value
