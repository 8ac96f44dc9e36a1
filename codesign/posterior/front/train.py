"""train_front: networks of many sizes from one training of PosteriorDense layers, each from the one before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from codesign._arguments import checked
from codesign._keras import keras, tf
from codesign.fpga.rtl.circuits import trace_circuit
from codesign.network import Network
from codesign.posterior.collapse_schedule import CollapseSchedule
from codesign.posterior.front.folder import FrontFolder
from codesign.posterior.front.settings import FrontSettings, check_data, check_model
from codesign.posterior.graph_budget import TrialCopy
from codesign.train import CostSchedule
from codesign.train.cosine_fit import CosineFit, fit_along_cosine
from codesign.train.progress import progress_bar

_STEPS_PER_CALL = 16


@dataclass(frozen=True, eq=False)
class FrontPoint:
    """A finished network of a front.

    Args:
        cost_weight: what a bit product cost in its training.
        network: with every type set.
        adder_cost: da4ml's cost of its adder graph, about its LUTs.
        adder_levels: adders on the critical path, the longest from an input to an output.
        train_cpu_s: CPU seconds of its own training and collapse, apart from the points before, which it starts from.
    """

    cost_weight: float
    network: Network
    adder_cost: int
    adder_levels: int
    train_cpu_s: float


@checked
def train_front(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    cost_weights: Sequence[float] = (1e-6, 2e-6, 4e-6, 8e-6, 1.5e-5, 3e-5),
    epochs: int = 200,
    settle_epochs: int = 60,
    collapse_epochs: int = 30,
    batch_size: int = 2048,
    collapse_batch_size: int = 512,
    learning_rate: float = 2.4e-2,
    settle_rate: float = 2.4e-2,
    collapse_rate: float = 3e-3,
    loss: str | keras.losses.Loss | Callable = "sparse_categorical_crossentropy",
    directory: str | PathLike | None = None,
    seed: int = 0,
    progress: bool = True,
) -> tuple[FrontPoint, ...]:
    """Train a whole front of accuracy against LUTs, cheaper than one training for each of its networks.

    The first training, at the smallest cost weight, is a full one: Adam, its rate along a cosine to zero. Each next
    weight starts from the noisy model before: the rate starts anew at `settle_rate`, and over the first half of
    `settle_epochs` the weight moves evenly in its logarithm from the one before. At each weight a copy of the noisy
    model is collapsed (:class:`codesign.posterior.CollapseSchedule`), with one cosine for each of its parts.

    On GENERATED jets three networks took three quarters of the CPU time of three separate trainings; the smallest, two
    warm starts on, was up to 0.8 % less accurate (benchmarks/posterior_front.py, one seed). Train the network that is
    built by itself.

    Args:
        model: chain of PosteriorDense layers with noise, built; classifier or regression. It is left as it is.
        x: (n_events, n_features) training events.
        y: (n_events,) labels, or (n_events, n_outputs) targets, as `loss` takes them.
        cost_weights: ascending; see :class:`codesign.train.CostSchedule`.
        epochs, learning_rate: of the first training.
        settle_epochs, settle_rate: of each later weight.
        batch_size: of all trainings with noise.
        collapse_epochs, collapse_batch_size, collapse_rate: of each collapse, all its parts together.
        loss: as `model.compile` takes it.
        directory: noisy models, networks and their numbers are kept there as they are finished, and a run that was
            stopped goes on with the epoch that it was in, to the same networks bit for bit; a folder of other settings
            is refused. The weights of `model` may differ.
        seed: of the order of events and the noise; it sets the seeds of Python, NumPy and TensorFlow.
        progress: show a bar on standard error.

    Returns:
        One point for each cost weight, in order: their adder costs descend, as a rule.

    Raises:
        ConfigError: for a setting out of range, or a model without PosteriorDense, or collapsed already.
        DataError: for events or labels that do not fit, NaN or inf, or a folder of another front.
        UnsupportedLayerError, PrecisionError: for a model that is not built, or does not become an adder graph.
        TrainingError: if a training diverges.

    Example:
        >>> import numpy as np
        >>> from codesign import PosteriorDense, keras, train_front
        >>> x = np.random.default_rng(0).normal(size=(512, 4)).astype("float32")
        >>> y = (x[:, 0] > 0).astype("int64")
        >>> model = keras.Sequential([keras.Input((4,)), PosteriorDense(4, activation="relu"), PosteriorDense(2)])
        >>> epochs = dict(epochs=4, settle_epochs=2, collapse_epochs=5)
        >>> points = train_front(model, x, y, cost_weights=(1e-5, 3e-5), batch_size=128, **epochs)
        >>> len(points)
        2
    """
    settings = FrontSettings(
        cost_weights=cost_weights,
        epochs=epochs,
        settle_epochs=settle_epochs,
        collapse_epochs=collapse_epochs,
        batch_size=batch_size,
        collapse_batch_size=collapse_batch_size,
        learning_rate=learning_rate,
        settle_rate=settle_rate,
        collapse_rate=collapse_rate,
        loss=loss,
        seed=seed,
    )
    check_model(model)
    x, y = check_data(model, x, y, loss)
    TrialCopy(model).graph(x)  # what cannot become a circuit is found out now
    with FrontFolder(directory, settings.fingerprint(model, x, y)) as folder, progress_bar(shown=progress) as bar:
        task = bar.add_task("", total=settings.total_epochs)
        report = _Report(
            lambda text: bar.update(task, description=text), lambda epochs: bar.update(task, completed=epochs)
        )
        return _FrontTraining(model, (x, y), settings, report).run(folder)


@dataclass(frozen=True)
class _Report:
    """Where a training says what it does, and how many epochs are done."""

    describe: Callable[[str], None]
    reach: Callable[[int], None]


class _FrontTraining:
    """The trainings of one front.

    Each has its own copy of the model, a fresh optimizer and its own seed: it does not depend on what ran before in the
    process.
    """

    def __init__(
        self, model: keras.Model, data: tuple[np.ndarray, np.ndarray], settings: FrontSettings, report: _Report
    ) -> None:
        self._model, self._x, self._settings, self._report = model, data[0], settings, report
        self._epochs_done = 0
        self._tensors = tuple(tf.constant(values) for values in data)

    def run(self, folder: FrontFolder) -> tuple[FrontPoint, ...]:
        """Train what the folder does not hold yet."""
        points, weights = [], self._model.get_weights()
        for index, cost_weight in enumerate(self._settings.cost_weights):
            weights = self._noisy(index, weights, folder)
            network = self._network(index, weights, folder)
            points.append(FrontPoint(cost_weight, network, **folder.points[index]))
        return tuple(points)

    def _noisy(self, index: int, weights: list[np.ndarray], folder: FrontFolder) -> list[np.ndarray]:
        """Return the weights of a noisy model, trained from those of the one before."""
        settings = self._settings
        epochs, rate = (
            (settings.settle_epochs, settings.settle_rate) if index else (settings.epochs, settings.learning_rate)
        )
        if len(folder.noisy_cpu_s) > index:
            self._add_epochs(epochs)
            return folder.load_noisy(index).get_weights()
        weight = settings.cost_weights[index]
        schedule = _CostMove(settings.cost_weights[index - 1], weight) if index else CostSchedule(weight)
        self._report.describe(f"cost weight {weight:g}: training")
        course = CosineFit(epochs, settings.batch_size, rate, steps_per_call=_STEPS_PER_CALL)
        model, cpu_s = self._fit(index, weights, schedule, course, folder.restart_directory(f"noisy_{index}"))
        folder.add_noisy(model, cpu_s)
        return model.get_weights()

    def _network(self, index: int, weights: list[np.ndarray], folder: FrontFolder) -> Network:
        """Return the network that a copy of a noisy model collapses to."""
        settings, collapse = self._settings, CollapseSchedule(self._x)
        epochs, batch_size = settings.collapse_epochs, settings.collapse_batch_size
        if len(folder.points) > index:
            self._add_epochs(epochs)
            return folder.load_network(index)
        self._report.describe(f"cost weight {settings.cost_weights[index]:g}: rounding")
        rate, cycles = settings.collapse_rate, len(collapse.parts)
        course = CosineFit(epochs, batch_size, rate, cycles=cycles, steps_per_call=_STEPS_PER_CALL)
        model, cpu_s = self._fit(index, weights, collapse, course, folder.restart_directory(f"network_{index}"))
        network = Network.from_keras(model)
        graph = trace_circuit(network)
        numbers = {
            "adder_cost": graph.adder_cost,
            "adder_levels": graph.adder_levels,
            "train_cpu_s": folder.noisy_cpu_s[index] + cpu_s,
        }
        folder.add_point(network, numbers)
        return network

    def _fit(
        self,
        index: int,
        weights: list[np.ndarray],
        schedule: keras.callbacks.Callback,
        course: CosineFit,
        restart_directory: Path | None,
    ) -> tuple[keras.Model, float]:
        """Return a copy of the model, trained from these weights, and its CPU s."""
        seed, done = self._settings.seed + index, self._epochs_done
        keras.utils.set_random_seed(seed)
        model = keras.models.clone_model(self._model)
        model.set_weights(weights)
        bar = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: self._report.reach(done + epoch + 1))
        options = {"callbacks": [schedule, bar], "seed": seed, "restart_directory": restart_directory}
        cpu_s = fit_along_cosine(model, self._tensors, self._settings.loss, course, **options)
        self._add_epochs(course.epochs)
        return model, cpu_s

    def _add_epochs(self, epochs: int) -> None:
        self._epochs_done += epochs
        self._report.reach(self._epochs_done)


class _CostMove(CostSchedule):
    """Move the cost weight evenly in its logarithm from that of the training before, over the first half."""

    def __init__(self, before: float, weight: float) -> None:
        super().__init__(weight, start=0.0, end=0.5)
        self.before = before

    def weight_at(self, progress: float) -> float:
        share = min(1.0, progress / self.end)
        return self.before ** (1 - share) * self.weight**share
