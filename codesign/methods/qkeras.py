"""The method `qkeras`: QKeras layers of a width, pruned by TFMOT, then swept over the precisions of a grid."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from codesign._keras import keras, tf
from codesign.errors import ConfigError
from codesign.fpga import Design, Grid, sweep
from codesign.fpga.sweep.grid import BITS
from codesign.jobs import Runner
from codesign.layers import DetectorWords
from codesign.methods.measure import Judge
from codesign.methods.networks import EpochLog, Report
from codesign.methods.task import BINARY, VALUES, Task
from codesign.methods.trained import Place, Trained
from codesign.network import Network
from codesign.train import FitSettings, build_qmlp, check_bits, prune_by_magnitude
from codesign.train.cosine_fit import CosineFit, fit_along_cosine
from codesign.train.magnitude_pruning import strip_pruning

METHOD = "qkeras"
_INPUT_BITS = 8
_CALIBRATION_EVENTS = 20_000


@dataclass(frozen=True)
class QKerasSettings:
    """How the method ``qkeras`` trains, and what it sweeps.

    Args:
        weight_bits: of the weights, one training each.
        activation_bits: of the activations.
        fit: epochs, rate and sparsity; its seed does not count.
        grid: of the sweep, for a network of each width; None: widths as trained, inputs of 8 bits, all implementations.

    Raises:
        ConfigError: for no widths, or some outside 2 to 16.
    """

    weight_bits: tuple[int, ...] = BITS["weights"][::2]
    activation_bits: int = 8
    fit: FitSettings = field(default_factory=FitSettings)
    grid: Grid | None = None

    def __post_init__(self) -> None:
        if not self.weight_bits:
            raise ConfigError("weight_bits: expected at least one width. Received: none")
        for bits in self.weight_bits:
            check_bits(weight_bits=bits, activation_bits=self.activation_bits)


@dataclass(frozen=True, eq=False)
class QKerasTraining:
    """Trains a classifier of one width, on labels or on what a teacher says.

    Args:
        task: of classes.
        bits: of the weights.
        activation_bits: of the activations.
        hidden: units of each hidden layer.
        fit: how.
        seed: of weights and order.
    """

    task: Task
    bits: int
    activation_bits: int
    hidden: tuple[int, ...]
    fit: FitSettings
    seed: int
    method = METHOD

    def run(self, place: Place, report: Report) -> Trained:
        """Train it if the place does not hold it yet; the network has its trained types, which a sweep takes."""
        found = place.trained()
        if found is not None:
            return found
        begun, fit, task = time.process_time(), self.fit, self.task
        keras.utils.set_random_seed(self.seed)
        model, log = self._model(), EpochLog("training", report)
        callbacks = [log]
        if fit.sparsity:
            steps = fit.epochs * math.ceil(len(task.x) / fit.batch_size)
            model, pruning = prune_by_magnitude(model, fit.sparsity, steps=steps)
            callbacks += pruning
        course = CosineFit(fit.epochs, fit.batch_size, fit.learning_rate)
        options = {"callbacks": callbacks, "seed": self.seed, "restart_directory": place.restart("qkeras")}
        fit_along_cosine(model, self._tensors(), _loss(task.weights is not None), course, **options)
        network = Network.from_keras(strip_pruning(model) if fit.sparsity else model)
        spent = time.process_time() - begun
        return place.keep_trained(
            Trained(METHOD, None, (network,), tuple(log.entries), spent, f"{self.bits}-bit weights")
        )

    def _model(self) -> keras.Model:
        task = self.task
        n_classes = 2 if task.kind == BINARY else task.n_outputs
        widths = {"weight_bits": self.bits, "activation_bits": self.activation_bits}
        model = build_qmlp(task.n_features, self.hidden, n_classes, seed=self.seed, **widths)
        if task.words is None:
            return model
        return keras.Sequential([keras.Input((task.n_features,)), DetectorWords(task.words), *model.layers])

    def _tensors(self) -> tuple[tf.Tensor, tf.Tensor]:
        """Events; and probabilities of each class, then the weights if there are any."""
        x, targets = self.task.tensors()
        return x, tf.concat([1 - targets[:, :1], targets], 1) if self.task.kind == BINARY else targets


def check_task(task: Task) -> None:
    """Refuse what this method cannot do.

    Raises:
        ConfigError: for a regression.
    """
    if task.kind == VALUES:
        raise ConfigError(
            "methods: expected posterior or drone for a regression. Received: qkeras, whose networks are classifiers"
        )


def swept(
    trained: Trained, settings: QKerasSettings, judge: Judge, x: np.ndarray, *, jobs: int | Runner
) -> list[Design]:
    """Return the designs of a trained network in every precision of the grid.

    Args:
        x: training events, to find ranges on.
    """
    bits = int(trained.label.split("-")[0])
    grid = settings.grid or Grid(weights="trained", activations="trained", inputs=(_INPUT_BITS,))
    grid = replace(grid, clock_period_ns=judge.clock_period_ns, part=judge.part)
    if len(settings.weight_bits) > 1 and bits in grid.weights:
        grid = replace(grid, weights=(bits,))
    designs = sweep(
        trained.networks[0],
        judge.held.x,
        judge.held.y,
        grid,
        metrics=[judge.metric, *judge.others],
        weights=judge.held.weights,
        calibration=x[:_CALIBRATION_EVENTS],
        jobs=jobs,
        progress=False,
    )
    return [replace(design, method=METHOD) for design in designs]


def _loss(has_weights: bool) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    def loss(targets: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
        n_classes = outputs.shape[-1]
        losses = keras.losses.categorical_crossentropy(targets[:, :n_classes], outputs)
        return losses * targets[:, -1] if has_weights else losses

    return loss
