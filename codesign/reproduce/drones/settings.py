"""What the reproductions of drones train, and for how long."""

from dataclasses import dataclass, replace

TITLES = {"paper": "the paper's network", "gradient_boosting": "gradient boosting (scikit-learn)", "xgboost": "XGBoost"}
PAPER_RATIO = 8.0  # teacher in Keras over drone in Keras, read in the paper: 3.87e-4 s over 4.8e-5 s


@dataclass(frozen=True)
class DronesSettings:
    """One task, several teachers, one drone each.

    Args:
        task: sample of events.
        max_units: hidden units of a drone: 16 for 6 features, 15, so 286 parameters, for 17.
        n_events: of the training half, None for all.
        teacher_epochs: of the paper's network.
        teacher_weight_decay: of its layers.
        n_trees, learning_rate, depth, subsample, min_leaf: of the boosted trees; max_features of scikit-learn's. Those
            of b_decay are the best by cross-validation within the training half (benchmarks/boosted_teachers.py).
        batches: events per call, timed.
        repeats: of each timing.
    """

    task: str
    max_units: int
    n_events: int | None = None
    teacher_epochs: int = 30
    teacher_weight_decay: float = 0.0
    n_trees: int = 300
    learning_rate: float = 0.04
    depth: int = 3
    subsample: float = 0.5
    min_leaf: int = 100
    max_features: int | None = None
    batches: tuple[int, ...] = (1, 1000, 100_000)
    repeats: int = 15


SETTINGS = {
    "b_decay": DronesSettings("b_decay", max_units=16, n_trees=600, learning_rate=0.1, min_leaf=50),
    "quark_gluon": DronesSettings("quark_gluon", max_units=15, teacher_weight_decay=1e-3, max_features=4),
}
_REDUCED = {"n_events": 2000, "teacher_epochs": 3, "n_trees": 10, "batches": (1, 1000), "repeats": 3}
QUICK = {task: replace(settings, **_REDUCED) for task, settings in SETTINGS.items()}
