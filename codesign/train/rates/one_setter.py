"""Who sets the learning rate in a `fit`: one callback, or they undo each other's work."""

import gc

from codesign._keras import keras
from codesign.errors import ConfigError

_KERAS_SETTERS = (keras.callbacks.LearningRateScheduler, keras.callbacks.ReduceLROnPlateau)


def check_only_setter(callback: keras.callbacks.Callback, own: type) -> None:
    """Check that no other callback of the present `fit` sets the learning rate.

    Args:
        callback: that sets it.
        own: class of callbacks of ours that do; of Keras's, LearningRateScheduler and ReduceLROnPlateau do.

    Raises:
        ConfigError: for another one; it names both.
    """
    setters = [one for one in _callbacks_beside(callback) if isinstance(one, (own, *_KERAS_SETTERS))]
    if len(setters) > 1:
        first, second, *_ = (type(one).__name__ for one in setters)
        raise ConfigError(
            f"callbacks: expected one that sets the learning rate. Received: {first} and {second}, of which each would "
            "undo what the other does; leave one out, or train with one after the other, in a fit of its own each"
        )


def _callbacks_beside(callback: keras.callbacks.Callback) -> list[keras.callbacks.Callback]:
    """Return all callbacks of the present `fit`, this one included; none outside of a `fit`.

    Keras tells no callback of the others. The list that it calls is the one of those holding the callback that holds
    the History of this `fit` too.
    """
    history = getattr(callback.model, "history", None)
    lists = (one for one in gc.get_referrers(callback) if isinstance(one, list))
    return next((one for one in lists if any(other is history for other in one)), [])
