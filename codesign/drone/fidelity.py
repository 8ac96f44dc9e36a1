"""How well a drone imitates its teacher, and where it does not."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from codesign._arguments import checked, received
from codesign.drone.teachers.teacher import Teacher, as_teacher
from codesign.errors import ConfigError, DataError
from codesign.metrics.auc import roc_auc

_LEAST_SHARE = 0.01  # of the events, in a region
_LEAST_DECREASE = 1e-4  # of the variance of the differences, that a split must take away


@dataclass(frozen=True)
class Region:
    """A part of the feature space.

    Args:
        where: conditions on features, such as ``pt <= 31.2 and eta > 0.4``; ``everywhere`` if there is none.
        n_events: in it.
        mean_difference: mean \\|teacher - drone\\| in it.
        mean_signed_difference: mean drone - teacher in it.
    """

    where: str
    n_events: int
    mean_difference: float
    mean_signed_difference: float


@dataclass(frozen=True)
class Fidelity:
    """Agreement of a drone with its teacher; of several outputs, differences are means or maxima over all of them.

    Args:
        n_events: events compared.
        mean_difference: mean \\|teacher - drone\\|.
        max_difference: the largest one.
        rms_difference: root of the mean square.
        agreement: share of events with the same decision: the same side of the threshold for one probability, the same
            largest output for several; None for values.
        threshold: of a single probability.
        auc_teacher, auc_drone: area under the ROC curve, where labels were given; of several outputs, the mean of each
            class against the rest; None otherwise.
        regions: where the two disagree, the largest mean difference first.
        auc_of: which AUC that is: ``class 1``, or ``macro one-vs-rest``, the unweighted mean over the classes.
        auc_teacher_by_class, auc_drone_by_class: of each class against the rest, in the order of the outputs; of class
            1 for one output.
    """

    n_events: int
    mean_difference: float
    max_difference: float
    rms_difference: float
    agreement: float | None
    threshold: float | None
    auc_teacher: float | None
    auc_drone: float | None
    regions: tuple[Region, ...]
    auc_of: str | None = None
    auc_teacher_by_class: tuple[float, ...] = ()
    auc_drone_by_class: tuple[float, ...] = ()

    @property
    def auc_difference(self) -> float | None:
        """AUC of the drone less that of the teacher."""
        return None if self.auc_teacher is None else self.auc_drone - self.auc_teacher

    def as_dict(self) -> dict[str, object]:
        """Return plain numbers, for JSON."""
        return {
            **asdict(self),
            "auc_difference": self.auc_difference,
            "regions": [asdict(region) for region in self.regions],
        }


def _check_drone(drone: object) -> None:
    if not callable(getattr(drone, "predict", None)):
        given = f"{received(drone)}; Drone.load(path) reads one"
        raise ConfigError(f"drone: expected a Drone, or a model that predicts. Received: {given}")


@checked
def measure_fidelity(
    teacher: object,
    drone: object,
    x: np.ndarray,
    y: np.ndarray | None = None,
    *,
    threshold: float = 0.5,
    features: Sequence[str] = (),
    n_regions: int = 8,
) -> Fidelity:
    """Compare a drone with its teacher on events that it was not trained on.

    Args:
        teacher: from :func:`as_teacher`, or whatever that takes without options.
        drone: anything with ``predict(x)``.
        x: (n_events, n_inputs), or more axes.
        y: (n_events,) labels, for the AUC: 1 for the positive class of a single probability, the column for several.
        threshold: of a single probability, for the decisions.
        features: (n_inputs,) names, for the regions; ``x0, x1, ...`` by default.
        n_regions: leaves of the tree that looks for differences, each with at least 1 % of the events.

    Raises:
        DataError: for shapes or labels that do not fit.
        ConfigError: for names that do not fit, or no regions.

    Example:
        >>> import numpy as np
        >>> from sklearn.linear_model import LinearRegression
        >>> from codesign import measure_fidelity
        >>> x = np.random.default_rng(0).normal(size=(1000, 2))
        >>> teacher = lambda events: 1 / (1 + np.exp(-events[:, 0]))
        >>> line = LinearRegression().fit(x, teacher(x)[:, None])
        >>> round(measure_fidelity(teacher, line, x).mean_difference, 3)
        0.02
    """
    _check_drone(drone)
    x = np.asarray(x)
    teacher = teacher if isinstance(teacher, Teacher) else as_teacher(teacher)
    wanted = teacher.predict(x).astype(np.float64)
    x = x.reshape(len(x), -1)
    given = np.asarray(drone.predict(x), np.float64)
    if wanted.shape != given.shape:
        raise DataError(f"drone: expected outputs of shape {wanted.shape}, as the teacher's. Received: {given.shape}")
    features = tuple(features) or tuple(f"x{index}" for index in range(x.shape[1]))
    if len(features) != x.shape[1] or n_regions < 1:
        raise ConfigError(
            f"features, n_regions: expected {x.shape[1]} names and at least 1. Received: {len(features)}, {n_regions}"
        )
    size, is_value = np.abs(given - wanted), teacher.kind == "value"
    aucs = ((), ()) if y is None or is_value else [auc_by_class(np.asarray(y), outputs) for outputs in (wanted, given)]
    return Fidelity(
        n_events=len(x),
        mean_difference=float(size.mean()),
        max_difference=float(size.max()),
        rms_difference=float(np.sqrt(np.mean(size**2))),
        agreement=None if is_value else float((_decide(wanted, threshold) == _decide(given, threshold)).mean()),
        threshold=threshold if not is_value and wanted.shape[1] == 1 else None,
        auc_teacher=float(np.mean(aucs[0])) if aucs[0] else None,
        auc_drone=float(np.mean(aucs[1])) if aucs[1] else None,
        regions=_regions(x, given - wanted, features, n_regions),
        auc_of=None if not aucs[0] else "class 1" if len(aucs[0]) == 1 else "macro one-vs-rest",
        auc_teacher_by_class=aucs[0],
        auc_drone_by_class=aucs[1],
    )


def _decide(outputs: np.ndarray, threshold: float) -> np.ndarray:
    return outputs[:, 0] >= threshold if outputs.shape[1] == 1 else outputs.argmax(1)


def auc_by_class(y: np.ndarray, outputs: np.ndarray) -> tuple[float, ...]:
    """Return the AUC of each output for its class against the rest; of a single output for class 1.

    Args:
        y: (n_events,) labels from 0, each class at least once.
        outputs: (n_events, n_outputs).

    Raises:
        DataError: for labels that do not fit.
    """
    n_classes = max(2, outputs.shape[1])
    if y.shape != (len(outputs),) or not np.isin(y, np.arange(n_classes)).all() or len(np.unique(y)) < n_classes:
        raise DataError(
            f"y: expected {len(outputs)} labels 0 to {n_classes - 1}, each at least once. "
            f"Received: shape {y.shape}, {np.unique(y)[:5].tolist()}"
        )
    positives = [1] if outputs.shape[1] == 1 else range(n_classes)
    return tuple(roc_auc(column, y == label) for label, column in zip(positives, outputs.T))


def _regions(x: np.ndarray, difference: np.ndarray, features: Sequence[str], n_regions: int) -> tuple[Region, ...]:
    """Return the leaves of a shallow regression tree of the mean difference of each event."""
    from sklearn.tree import DecisionTreeRegressor

    size = np.abs(difference).mean(1)
    conditions, leaves = [()], np.zeros(len(x), int)
    if n_regions > 1:
        least = max(1, int(np.ceil(_LEAST_SHARE * len(x))))
        limits = {
            "max_leaf_nodes": n_regions,
            "min_samples_leaf": least,
            "min_impurity_decrease": _LEAST_DECREASE * size.var(),
        }
        fitted = DecisionTreeRegressor(**limits, random_state=0).fit(x, size)
        conditions, leaves = _paths(fitted.tree_, features), fitted.apply(x)
    found = [
        Region(
            " and ".join(conditions[leaf]) or "everywhere",
            int((leaves == leaf).sum()),
            *(float(a[leaves == leaf].mean()) for a in (size, difference)),
        )
        for leaf in np.unique(leaves)
    ]
    return tuple(sorted(found, key=lambda region: -region.mean_difference))


def _paths(tree: object, features: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the conditions that lead to each node, without those that a later one on the same feature sharpens."""
    limits = [{} for _ in range(tree.node_count)]
    for node in range(tree.node_count):  # a parent's number is below its children's
        for child, side in ((tree.children_left[node], "<="), (tree.children_right[node], ">")):
            if child >= 0:
                limits[child] = {**limits[node], (int(tree.feature[node]), side): float(tree.threshold[node])}
    return [
        tuple(f"{features[index]} {side} {limit:.4g}" for (index, side), limit in sorted(path.items()))
        for path in limits
    ]
