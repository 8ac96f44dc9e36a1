"""Teachers, their drones, and how alike they are: one seed of one teacher at a time."""

import importlib.util
import time
from pathlib import Path

from codesign._keras import keras
from codesign.data import Dataset
from codesign.drone import Drone, as_teacher, measure_fidelity, train_drone, train_paper_teacher
from codesign.export import check_cpp
from codesign.reproduce.drones.settings import DronesSettings

_CHECKED_EVENTS = 1000


def teachers() -> list[str]:
    """Return the teachers whose libraries are installed."""
    return ["paper", "gradient_boosting", *(["xgboost"] if importlib.util.find_spec("xgboost") else [])]


class DronesExperiment:
    """Trains and compares on one data set.

    Args:
        data: not standardised; drones see the events of its training half only, never the labels.
        settings: of teachers and drones.
        directory: drones are saved there.
    """

    def __init__(self, data: Dataset, settings: DronesSettings, directory: Path) -> None:
        self.data, self.settings, self.directory = data, settings, directory

    def run(self, name: str, seed: int) -> dict:
        """Train a teacher and its drone, save the drone, and return the row."""
        start = time.process_time()
        model = self.train_teacher(name, seed)
        teacher_cpu_s, start = time.process_time() - start, time.process_time()
        teacher = as_teacher(model, positive=1)
        drone = train_drone(teacher, self.data.x_train, max_units=self.settings.max_units, seed=seed, progress=False)
        drone_cpu_s = time.process_time() - start
        drone.save(self.drone_path(name, seed))
        x, y = self.data.x_test, self.data.y_test
        fidelity = measure_fidelity(teacher, drone, x, y, features=self.data.features)
        row = fidelity.as_dict() | {"hidden_units": drone.sizes[1], "parameters": drone.n_parameters}
        row |= {"teacher_parameters": _parameters(model), "teacher_cpu_s": teacher_cpu_s}
        row["cpp_difference"] = check_cpp(drone, x[:_CHECKED_EVENTS])
        return row | {"drone_cpu_s": drone_cpu_s}

    def train_teacher(self, name: str, seed: int) -> object:
        """Return a fitted model."""
        settings, x, y = self.settings, self.data.x_train, self.data.y_train
        if name == "paper":
            options = {"weight_decay": settings.teacher_weight_decay, "epochs": settings.teacher_epochs}
            return train_paper_teacher(x, y, seed=seed, progress=False, **options)
        options = {"n_estimators": settings.n_trees, "learning_rate": settings.learning_rate}
        options |= {"max_depth": settings.depth, "subsample": settings.subsample, "random_state": seed}
        if name == "xgboost":
            from xgboost import XGBClassifier

            share = 1.0 if settings.max_features is None else settings.max_features / x.shape[1]
            options |= {"min_child_weight": settings.min_leaf / 10, "reg_lambda": 5.0, "n_jobs": 1}
            return XGBClassifier(colsample_bynode=share, **options).fit(x, y)
        from sklearn.ensemble import GradientBoostingClassifier

        options |= {"min_samples_leaf": settings.min_leaf, "max_features": settings.max_features}
        return GradientBoostingClassifier(**options).fit(x, y)

    def drone_path(self, name: str, seed: int) -> Path:
        """Return where a drone is kept."""
        return self.directory / f"drone-{name}-{seed}.keras"

    def load_drone(self, name: str, seed: int) -> Drone:
        """Return a drone that was trained before."""
        return Drone.load(self.drone_path(name, seed))


def _parameters(model: object) -> int | None:
    return model.count_params() if isinstance(model, keras.Model) else None
