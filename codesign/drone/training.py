"""Train a drone: `model.fit` with a growing network, then L-BFGS."""

from collections.abc import Sequence

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras
from codesign.drone.drone import Drone
from codesign.drone.fine_tune import fine_tune
from codesign.drone.growing_network import GrowingNetwork
from codesign.drone.growth_rules import GROW, RULES, STOP, GrowthRule
from codesign.drone.losses import Loss, drone_loss, link_of
from codesign.drone.settings import DroneSettings, read_settings
from codesign.drone.table_drone import TableDrone, grow_table_drone
from codesign.drone.teachers.teacher import Teacher, as_teacher
from codesign.errors import ConfigError, DataError, nearest
from codesign.train.progress import EpochProgress
from codesign.train.stop_at_divergence import StopAtDivergence

_UNITS = ("dense", "tables")
_LEAST_EVENTS = 20
_CHECKED_EVENTS = 1000


class GrowUnits(keras.callbacks.Callback):
    """Lets a rule look at each epoch, and grows the network or ends the training as it says."""

    def __init__(self, network: GrowingNetwork, rule: GrowthRule) -> None:
        super().__init__()
        self.network, self.rule, self.history = network, rule, []

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        numbers = {name: float(value) for name, value in (logs or {}).items()}
        self.history.append({**numbers, "units": list(self.network.active), "stage": "fit"})
        decision = self.rule.decide(numbers, can_grow=self.network.can_grow)
        if decision == GROW:
            self.network.grow()
        self.model.stop_training = self.model.stop_training or decision == STOP


@checked
def train_drone(
    teacher: object,
    x: np.ndarray,
    *,
    units: str = "dense",
    callbacks: Sequence[keras.callbacks.Callback] = (),
    progress: bool = True,
    label: str = "drone",
    **settings: object,
) -> Drone | TableDrone:
    """Distil a teacher into a small network, its student, which gives what the teacher gives; no labels are needed.

    A dense network starts at `hidden` units and grows by one unit per hidden layer when the rule says so, in one
    `model.fit`; then all weights are fine-tuned by L-BFGS. Inputs are standardised inside the drone. With `units` of
    tables it is a network of comparisons and six-input tables for an FPGA, grown within a number of LUTs, of the words
    that a detector sends.

    Args:
        teacher: from :func:`as_teacher`, or whatever that takes without options.
        x: (n_events, n_inputs) real events or probes, not standardised. Of events with more axes, such as images, the
            drone gets the features in a row, in the order of numpy's reshape, and the teacher their own shape.
        units: ``dense`` or ``tables``.
        callbacks: Keras callbacks of a dense drone, for `fit` and the fine-tuning.
        progress: show a progress bar.
        label: what the bar is called.
        settings: fields of :class:`DroneSettings`: hidden, activation, rule, max_units, max_epochs, seed, loss, layer
            and more; of tables those of :class:`TableDroneSettings`: max_lut, words, bits, loss, seed.

    Raises:
        ConfigError: for an unknown setting, or one outside its range.
        DataError: for events with NaN, too few of them, or a teacher that gives what it should not.
        TrainingError: if the training diverges.
        BudgetError: if no network of tables fits `max_lut`.

    Example:
        >>> import numpy as np
        >>> from codesign import train_drone
        >>> x = np.random.default_rng(0).normal(size=(500, 2)).astype("float32")
        >>> teacher = lambda events: 1 / (1 + np.exp(-3 * events[:, 0]))
        >>> settings = dict(hidden=(2,), max_units=3, max_epochs=5, fine_tune_iterations=10)
        >>> drone = train_drone(teacher, x, progress=False, **settings)
        >>> drone.predict(x).shape
        (500, 1)
        >>> gates = train_drone(teacher, x, units="tables", max_lut=30, progress=False)
        >>> gates.lut <= 30, gates.predict(x).shape
        (True, (500, 1))
    """
    if units not in _UNITS:
        raise ConfigError(f"units: expected one of {', '.join(_UNITS)}. Received: {units}{nearest(units, _UNITS)}")
    if units == "dense":
        settings = read_settings(settings)
    x = _check_events(x)
    teacher = teacher if isinstance(teacher, Teacher) else as_teacher(teacher)
    targets = teacher.predict(x)
    x = x.reshape(len(x), -1)
    if units == "tables":
        return grow_table_drone(teacher, x, targets, settings, shown=progress, label=label)
    run = _Run(settings, x, targets, teacher.kind)
    bars = [EpochProgress(label, shown=progress), EpochProgress(f"{label}, L-BFGS", shown=progress)]
    keras.utils.set_random_seed(settings.seed)
    history = run.fit(bars[0], callbacks)
    history += run.fine_tune(bars[1], callbacks)
    return Drone(run.finish(), teacher.kind, history)


class _Run:
    """One training: events, targets, the growing network."""

    def __init__(self, settings: DroneSettings, x: np.ndarray, targets: np.ndarray, kind: str) -> None:
        self._settings = settings
        self._mean, std = x.mean(0, dtype=np.float64), x.std(0, dtype=np.float64)
        self._std = np.where(std > 0, std, 1.0)
        self._link = link_of(targets, kind)
        self._shift, self._scale = _target_scale(targets, self._link, settings)
        x, t = (
            ((x - self._mean) / self._std).astype(np.float32),
            ((targets - self._shift) / self._scale).astype(np.float32),
        )
        held, kept = np.split(
            np.random.default_rng(settings.seed).permutation(len(x)), [max(1, round(settings.held_out * len(x)))]
        )
        self._train, self._held_out = (x[kept], t[kept]), (x[held], t[held])
        loss = settings.loss or ("mse" if settings.is_published else None)
        self._loss: Loss = drone_loss(loss, self._link)[1]
        keras.utils.set_random_seed(settings.seed)
        largest = [settings.max_units] * len(settings.hidden)
        options = {
            "hidden": settings.hidden,
            "largest": largest,
            "activation": settings.activation,
            "layer": settings.layer,
        }
        self.network = GrowingNetwork(x.shape[1], t.shape[1], **options, seed=settings.seed)

    def fit(self, bar: EpochProgress, callbacks: Sequence[keras.callbacks.Callback]) -> list[dict]:
        """Grow by the rule in one `model.fit`."""
        settings, model = self._settings, self.network.model
        default = keras.optimizers.SGD(0.05) if settings.is_published else keras.optimizers.Adam(0.01)
        batch = min(settings.batch_size, len(self._train[0]))
        model.compile(
            settings.optimizer or default, self._loss, steps_per_execution=max(1, len(self._train[0]) // batch)
        )
        growth = GrowUnits(self.network, RULES[settings.rule]())
        used = [StopAtDivergence(), *callbacks, growth, bar]
        with bar:
            model.fit(
                *self._train,
                batch_size=batch,
                epochs=settings.max_epochs,
                validation_data=self._held_out,
                verbose=0,
                callbacks=used,
            )
        return growth.history

    def fine_tune(self, bar: EpochProgress, callbacks: Sequence[keras.callbacks.Callback]) -> list[dict]:
        """Take the masks away and fine-tune what was grown."""
        self._layers = self.network.strip(self._train[0][:_CHECKED_EVENTS])
        settings = self._settings
        by_default = 0 if settings.is_published or settings.layer is not None else 1000
        iterations = by_default if settings.fine_tune_iterations is None else settings.fine_tune_iterations
        core = keras.Sequential([keras.Input((len(self._mean),)), *self._layers])
        with bar:
            found = fine_tune(
                core, self._loss, self._train, self._held_out, iterations=iterations, callbacks=[*callbacks, bar]
            )
        return [{**logs, "units": list(self.network.active), "stage": "fine_tune"} for logs in found]

    def finish(self) -> keras.Model:
        """Return the model with the standardisation before it and the teacher's scale behind it."""
        layers = list(self._layers)
        kernel, bias = layers[-1].kernel, layers[-1].bias
        if self._link == "linear" and self._settings.layer is None:
            kernel.assign(kernel.numpy() * self._scale)
            bias.assign(bias.numpy() * self._scale + self._shift)
        elif self._link != "linear":
            layers.append(keras.layers.Activation(self._link, name="output_activation"))
        normalization = keras.layers.Normalization(mean=self._mean, variance=self._std**2, name="standardisation")
        return keras.Sequential([keras.Input((len(self._mean),)), normalization, *layers], name="drone")


def _target_scale(targets: np.ndarray, link: str, settings: DroneSettings) -> tuple[np.ndarray, np.ndarray]:
    """Values are standardised in training; the last layer takes that back, which a layer of few bits cannot."""
    if link != "linear" or settings.layer is not None:
        return np.zeros(targets.shape[1]), np.ones(targets.shape[1])
    std = targets.std(0, dtype=np.float64)
    return targets.mean(0, dtype=np.float64), np.where(std > 0, std, 1.0)


def _check_events(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x)
    if x.ndim < 2 or x.dtype.kind not in "fiu" or 0 in x.shape[1:]:
        raise DataError(
            f"x: expected numbers of shape (n_events, n_inputs), or more axes. Received: {x.dtype} of shape {x.shape}"
        )
    if len(x) < _LEAST_EVENTS:
        raise DataError(
            f"x: expected at least {_LEAST_EVENTS} events. Received: {len(x)}; draw probes with bootstrap_probes or "
            "box_probes"
        )
    bad = int((~np.isfinite(x)).reshape(len(x), -1).any(1).sum())
    if bad:
        raise DataError(
            f"x: expected finite numbers. Received: NaN or inf in {bad} of {len(x)} events; remove or impute them"
        )
    return x
