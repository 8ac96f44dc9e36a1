"""The end of a training by L-BFGS: networks this small get much further with it than with gradients of batches."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize

from codesign._keras import keras, tf
from codesign.drone.losses import Loss

_CHECK_EVERY = 25  # iterations
_PATIENCE = 6  # checks
_LEAST_GAIN = 1e-3  # relative
_MEMORY = 20  # pairs of steps and gradients that L-BFGS keeps


def fine_tune(
    model: keras.Model,
    loss: Loss,
    train: tuple[np.ndarray, np.ndarray],
    held_out: tuple[np.ndarray, np.ndarray],
    *,
    iterations: int,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> list[dict[str, float]]:
    """Minimise the mean loss over all events at once.

    The model keeps the weights that were best on the events held out.

    Args:
        model: chain of Dense and Activation layers, linear at the end.
        loss: ``(targets, outputs) -> (n_events,)``.
        train, held_out: events and targets.
        iterations: at most.
        callbacks: get one epoch at the start and per 25 iterations.

    Returns:
        ``loss`` and ``val_loss`` at the start and after each 25 iterations.
    """
    if iterations < 1:
        return []
    model.stop_training = False
    epochs = 1 - (-iterations // _CHECK_EVERY)
    tools = keras.callbacks.CallbackList(list(callbacks), model=model, epochs=epochs, steps=_CHECK_EVERY, verbose=0)
    tools.on_train_begin()
    objective = _Objective(model, loss, train)
    watch = _Watch(objective, objective.mean_loss(held_out), tools)
    options = {"maxiter": iterations, "maxfun": 2 * iterations, "maxcor": _MEMORY, "ftol": 1e-12, "gtol": 1e-9}
    minimize(objective, objective.weights(), jac=True, method="L-BFGS-B", callback=watch, options=options)
    watch.finish()
    tools.on_train_end()
    return watch.history


class _Objective:
    """Loss and gradient as functions of one flat vector, in float64: in float32 the line search drowns in rounding."""

    def __init__(self, model: keras.Model, loss: Loss, events: tuple[np.ndarray, np.ndarray]) -> None:
        self._targets = model.trainable_variables
        self._variables = {id(target): tf.Variable(target.numpy().astype(np.float64)) for target in self._targets}
        self._layers, self._loss = model.layers, loss
        self._sizes = [int(np.prod(target.shape)) for target in self._targets]
        mean_loss, variables = self.mean_loss(events), list(self._variables.values())

        @tf.function
        def value_and_gradient() -> tuple[tf.Tensor, tf.Tensor]:
            with tf.GradientTape() as tape:
                value = mean_loss()
            return value, tf.concat([tf.reshape(gradient, [-1]) for gradient in tape.gradient(value, variables)], 0)

        self._evaluate = value_and_gradient

    def __call__(self, flat: np.ndarray) -> tuple[float, np.ndarray]:
        self.assign(flat)
        value, gradient = self._evaluate()
        return float(value), gradient.numpy()

    def mean_loss(self, events: tuple[np.ndarray, np.ndarray]) -> Callable[[], tf.Tensor]:
        """Return the mean loss of these events at the present weights, as a function."""
        x, t = (tf.constant(array, tf.float64) for array in events)

        def evaluate() -> tf.Tensor:
            values = x
            for layer in self._layers:
                if hasattr(layer, "kernel"):
                    values = values @ self._variables[id(layer.kernel)] + self._variables[id(layer.bias)]
                else:
                    values = layer.activation(values)
            return tf.reduce_mean(self._loss(t, values))

        return evaluate

    def assign(self, flat: np.ndarray) -> None:
        for variable, part in zip(self._variables.values(), np.split(flat, np.cumsum(self._sizes)[:-1])):
            variable.assign(part.reshape(variable.shape))

    def write_back(self, flat: np.ndarray) -> None:
        """Give the weights to the model itself."""
        self.assign(flat)
        for target, variable in zip(self._targets, self._variables.values()):
            target.assign(tf.cast(variable, target.dtype))

    def weights(self) -> np.ndarray:
        return np.concatenate([variable.numpy().ravel() for variable in self._variables.values()])


class _Watch:
    """Keeps the best weights, and ends the search when the events held out gain nothing any more."""

    def __init__(
        self, objective: _Objective, held_out: Callable[[], tf.Tensor], tools: keras.callbacks.CallbackList
    ) -> None:
        self._objective, self._held_out, self._tools = objective, tf.function(held_out), tools
        self._best, self._best_weights = np.inf, objective.weights()
        self._iteration = self._idle = 0
        self.history = []
        self._note(self._best_weights, objective(self._best_weights)[0])

    def __call__(self, intermediate_result: object) -> None:
        self._last = intermediate_result
        self._iteration += 1
        if self._iteration % _CHECK_EVERY:
            return
        improved = self._note(intermediate_result.x, float(intermediate_result.fun))
        self._idle = 0 if improved else self._idle + 1
        if self._idle >= _PATIENCE or self._tools.model.stop_training:
            raise StopIteration

    def finish(self) -> None:
        """Look at the last weights too, then give the best ones to the model."""
        if self._iteration % _CHECK_EVERY:
            self._note(self._last.x, float(self._last.fun))
        self._objective.write_back(self._best_weights)

    def _note(self, flat: np.ndarray, value: float) -> bool:
        self._objective.write_back(flat)
        score = float(self._held_out())
        self.history.append({"loss": value, "val_loss": score})
        self._tools.on_epoch_end(len(self.history) - 1, dict(self.history[-1]))
        improved = not score >= self._best * (1 - _LEAST_GAIN)
        if score < self._best:
            self._best, self._best_weights = score, flat.copy()
        return improved
