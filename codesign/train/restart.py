"""A `model.fit` that was stopped goes on, and ends as it would have ended: equal to the bit."""

import contextlib
import math
import random
import time
from collections.abc import Sequence
from itertools import chain
from os import PathLike
from pathlib import Path

import numpy as np

from codesign._keras import keras, tf
from codesign.train.shuffled_batches import shuffled_batches
from codesign.train.training_state import TrainingState, identity_of, read_state, write_state

_STATE = "training.npz"
# Their state is in the compiled step, where it can be neither read nor set.
_HIDDEN_RANDOMNESS = frozenset(
    (
        "RandomUniform",
        "RandomUniformInt",
        "RandomStandardNormal",
        "TruncatedNormal",
        "RandomGammaV2",
        "RandomShuffle",
        "Multinomial",
    )
)


def fit_resumable(
    model: keras.Model,
    data: tuple[np.ndarray | tf.Tensor, np.ndarray | tf.Tensor],
    *,
    batch_size: int,
    epochs: int,
    seed: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    restart_directory: str | PathLike | None = None,
) -> float:
    """Train a compiled model in place, and return the CPU seconds that it took, those before a stop included.

    What is random in an epoch - the order of events, the noise of layers - depends on the seed and the epoch's number
    alone, and the end of each epoch is kept in `restart_directory`: weights, optimizer, pruning masks and steps, and
    the callbacks' states. So a training that was stopped at any moment goes on with its epoch, and ends with the bits
    of one that was not. What callbacks draw, they must draw from NumPy, Python or a tf.random.Generator.

    A callback's state are its attributes that are numbers, texts, arrays, tf.Variables, NumPy generators, or lists and
    dicts of them, the arguments of its constructor apart; what else it holds, it must make in `on_train_begin`. A model
    with layers whose noise cannot be set, such as Dropout, is trained anew after a stop: to the same bits too.

    Args:
        data: events and labels.
        seed: of order and noise; it sets the seeds of Python, NumPy and TensorFlow.
        restart_directory: one for this training, which makes it; None keeps nothing. It is removed at the end.
    """
    n_events = len(data[0])
    restart_file = None if restart_directory is None else Path(restart_directory) / _STATE
    identity = identity_of(model, data, {"batch_size": batch_size, "epochs": epochs, "seed": seed})
    state = None if restart_file is None else read_state(restart_file, identity)
    start = time.process_time() - (0.0 if state is None else state.cpu_s)
    keeper = _StateKeeper(restart_file, identity, callbacks, x=data[0], start=start)
    keras.utils.set_random_seed(int(np.random.SeedSequence(seed).generate_state(1)[0]))
    _create_variables(model, data)
    begun = 0 if state is None else epochs if state.stopped else state.epochs_done
    model.fit(
        shuffled_batches(data, batch_size, epochs=range(begun, epochs), seed=seed),
        initial_epoch=begun,
        epochs=epochs,
        steps_per_epoch=math.ceil(n_events / batch_size),
        verbose=0,
        callbacks=[_EpochSeeds(state, seed, callbacks), *callbacks, keeper],
    )
    if restart_file is not None:
        restart_file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody else's files are in it
            restart_file.parent.rmdir()
    return time.process_time() - start


def _create_variables(model: keras.Model, data: tuple[np.ndarray | tf.Tensor, np.ndarray | tf.Tensor]) -> None:
    """Create those of the optimizer and the metrics, since a training step that makes variables is traced twice."""
    model.optimizer.build(model.trainable_variables)
    model.test_step(tuple(tf.convert_to_tensor(values[:1]) for values in data))


class _EpochSeeds(keras.callbacks.Callback):
    """Before all other callbacks: puts the state back, and sets what is random for each epoch."""

    _supports_tf_logs = True

    def __init__(self, state: TrainingState | None, seed: int, callbacks: Sequence[keras.callbacks.Callback]) -> None:
        super().__init__()
        self._pending, self._seed, self._callbacks = state, seed, callbacks

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._restore()
        seeds = np.random.SeedSequence([self._seed, epoch])
        number = int(seeds.generate_state(1)[0])
        random.seed(
            number
        )  # not tf.random.set_seed: that throws away the compiled step, which takes longer than a small epoch
        np.random.seed(number)
        generators = generators_of(self.model)
        for generator, child in zip(generators, seeds.spawn(len(generators))):
            generator.reset_from_seed(int(child.generate_state(1, np.uint64)[0] >> 1))

    def on_train_end(self, logs: dict | None = None) -> None:
        self._restore()  # where no epoch was left

    def _restore(self) -> None:
        if self._pending is not None:
            self._pending.restore(self.model, self._callbacks)
        self._pending = None


class _StateKeeper(keras.callbacks.Callback):
    """Behind all other callbacks: keeps the state at an epoch's end, if the next depends on nothing else."""

    _supports_tf_logs = True

    def __init__(
        self,
        path: Path | None,
        identity: str,
        callbacks: Sequence[keras.callbacks.Callback],
        *,
        x: np.ndarray | tf.Tensor,
        start: float,
    ) -> None:
        super().__init__()
        self._path, self._identity, self._callbacks, self._x, self._start = path, identity, callbacks, x, start
        self._is_all: bool | None = None

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if self._path is None:
            return
        if self._is_all is None:  # by now the other callbacks have set up the layers
            self._is_all = not _has_hidden_randomness(self.model, self._x)
        if self._is_all:
            cpu_s = time.process_time() - self._start
            write_state(self._path, self._identity, TrainingState.of(self.model, self._callbacks, epoch + 1, cpu_s))


def generators_of(model: keras.Model) -> list[tf.random.Generator]:
    """Return the generators of a model's layers, those inside wrappers and Keras's own included."""
    held = [value for module in model.submodules for value in vars(module).values()]
    held = [getattr(value, "_generator", value) for value in held]
    return list({id(value): value for value in held if isinstance(value, tf.random.Generator)}.values())


def _has_hidden_randomness(model: keras.Model, x: np.ndarray | tf.Tensor) -> bool:
    """Whether a training step draws numbers by operations whose state cannot be set."""
    spec = tf.TensorSpec((None, *x.shape[1:]), tf.as_dtype(x.dtype))
    graph = tf.function(lambda events: model(events, training=True)).get_concrete_function(spec).graph.as_graph_def()
    nodes = chain(graph.node, *(function.node_def for function in graph.library.function))
    return any(node.op in _HIDDEN_RANDOMNESS for node in nodes)
