"""Variational dropout with an exact number of weights: noise ranks them, and a masked fine-tune ends it."""

from collections.abc import Sequence

import numpy as np

from codesign._keras import keras
from codesign.layers import VariationalDense
from codesign.reproduce.pid.networks import masked_net, variational_net
from codesign.reproduce.pid.training import Trainer
from codesign.train import KLSchedule, copy_weights

_KL_END = 0.4  # share of the variational epochs until the KL weight is full


def fit_variational(trainer: Trainer, kl_weight: float) -> keras.Sequential:
    """Return a variational net, started from the pretrained one, with all but the epochs of the fine-tune spent."""
    pretrained = trainer.pretrained()
    model = variational_net()
    copy_weights(pretrained, model)
    epochs = trainer.settings.epochs - trainer.settings.tune_epochs
    schedule = KLSchedule(
        n_train=len(trainer.data.x_train), start=0, end=max(1, round(_KL_END * epochs)), weight=kl_weight
    )
    return trainer.fit(model, epochs, callbacks=[schedule])


def keep_and_tune(trainer: Trainer, model: keras.Sequential, n_weights: int) -> keras.Sequential:
    """Return a masked net with the `n_weights` least noisy weights of a variational one, fine-tuned."""
    layers = [layer for layer in model.layers if isinstance(layer, VariationalDense)]
    masks = keep_least_noisy([layer.log_alpha for layer in layers], n_weights)
    tuned = masked_net([layer.kernel.numpy() for layer in layers], [layer.bias.numpy() for layer in layers], masks)
    return trainer.fit(tuned, trainer.settings.tune_epochs, rate=trainer.settings.tune_rate)


def keep_least_noisy(log_alphas: Sequence[np.ndarray], n_weights: int) -> list[np.ndarray]:
    """Return masks of exactly `n_weights` weights of a network with one hidden layer, least log_alpha first.

    A weight of a hidden unit that has no live weight on its other side does nothing: it is left out, and the next least
    noisy weights take its place.

    Args:
        log_alphas: (n_in, n_hidden) and (n_hidden, n_out).
        n_weights: at least 2, at most all.
    """
    shapes = [log_alpha.shape for log_alpha in log_alphas]
    order = np.argsort(np.concatenate([log_alpha.ravel() for log_alpha in log_alphas]), kind="stable")
    low, high = 0, len(order)
    while low < high:  # live weights grow with the number of weights that are looked at
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _connected(order[:middle], shapes)[0].sum() <= n_weights else (low, middle - 1)
    chosen, alive = _connected(order[:low], shapes)
    if chosen.any():
        spare = order[(~chosen & alive)[order]]  # they join a live unit, so that each counts as one
    else:
        # The first unit to come alive brings more than asked for: what joins its two sides is last, and needed.
        spare = np.roll(order[_connected(order[: low + 1], shapes)[0][order]], 1)
    chosen[spare[: n_weights - chosen.sum()]] = True
    return [part.reshape(shape) for part, shape in zip(np.split(chosen, [shapes[0][0] * shapes[0][1]]), shapes)]


def _connected(looked_at: np.ndarray, shapes: Sequence[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """Return two flat masks: weights looked at that do something, and all weights of their units."""
    flat = np.zeros(sum(rows * columns for rows, columns in shapes), bool)
    flat[looked_at] = True
    first, second = (part.reshape(shape) for part, shape in zip(np.split(flat, [shapes[0][0] * shapes[0][1]]), shapes))
    alive = first.any(0) & second.any(1)
    of_units = np.concatenate(
        [np.broadcast_to(alive, shapes[0]).ravel(), np.broadcast_to(alive[:, None], shapes[1]).ravel()]
    )
    return flat & of_units, of_units
