"""TFMOT's gradual magnitude pruning, the baseline: uniform as by default, and with more of the output layer kept."""

from codesign._keras import keras
from codesign.reproduce.pid.networks import classifier
from codesign.reproduce.pid.settings import DENSE_WEIGHTS, HIDDEN, N_CLASSES, N_FEATURES
from codesign.reproduce.pid.training import Trainer
from codesign.train import copy_weights, prune_by_magnitude, strip_pruning


def fit_uniform(trainer: Trainer, n_weights: int) -> keras.Sequential:
    """Return the pretrained net with the same share of zeros in both layers, `n_weights` left."""
    pretrained, epochs = trainer.pretrained(), trainer.settings.epochs
    sparsity = 1 - n_weights / DENSE_WEIGHTS
    model, callbacks = prune_by_magnitude(pretrained, sparsity, steps=epochs * trainer.steps_per_epoch)
    return strip_pruning(trainer.fit(model, epochs, callbacks=callbacks, acts_on_steps=True))


def fit_output_spared(trainer: Trainer, n_weights: int, output_share: float) -> keras.Sequential:
    """Return the pretrained net with `n_weights` left, of which the output layer has `output_share`.

    Uniform pruning cuts most units off the six outputs, and what fed them is lost with them: this is the stronger
    baseline.
    """
    pretrained, epochs = trainer.pretrained(), trainer.settings.epochs
    steps = epochs * trainer.steps_per_epoch
    n_output = min(round(output_share * n_weights), HIDDEN * N_CLASSES)
    shares = (n_weights - n_output) / (HIDDEN * N_FEATURES), n_output / (HIDDEN * N_CLASSES)
    wrapped, callbacks = [], []
    for units, n_in, share in zip((HIDDEN, N_CLASSES), (N_FEATURES, HIDDEN), shares):
        layer = keras.Sequential([keras.Input((n_in,)), keras.layers.Dense(units)])
        pruned, callbacks = prune_by_magnitude(layer, 1 - share, steps=steps)
        wrapped.append(pruned.layers[-1])
    model = classifier(wrapped[0], keras.layers.ReLU(), output=wrapped[1])
    copy_weights(pretrained, model)
    return strip_pruning(trainer.fit(model, epochs, callbacks=callbacks, acts_on_steps=True))
