"""What functions that add layers to a model in the making are given."""

import re
from collections.abc import Callable

from codesign._argument_kinds import received
from codesign.errors import ConfigError

_SCOPE = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\-]*")  # what TensorFlow takes as a name


def check_value(x: object) -> None:
    """Check a value of Keras's functional API, (n_events, n_features).

    Raises:
        ConfigError: for anything else.
    """
    if not hasattr(x, "_keras_history") and type(x).__name__ != "KerasTensor":
        raise ConfigError(f"x: expected a value that a Keras layer gives, or keras.Input. Received: {received(x)}")
    if len(x.shape) != 2 or x.shape[-1] is None:
        raise ConfigError(f"x: expected shape (n_events, n_features). Received: {tuple(x.shape)}")


def check_name(name: str) -> None:
    """Check the name of layers.

    Raises:
        ConfigError: for one that TensorFlow does not take.
    """
    if not _SCOPE.fullmatch(name):
        raise ConfigError(f"name: expected letters, digits, '_', '.' and '-', not '_' first. Received: {name!r:.60}")


def known(get: Callable, given: object, argument: str) -> object:
    """Return what `keras.activations.get` and its like make of an argument.

    Raises:
        ConfigError: for what Keras does not know.
    """
    try:
        return get(given)
    except (ValueError, TypeError):
        kind = get.__module__.rsplit(".", 1)[-1]
        raise ConfigError(f"{argument}: expected one of keras.{kind}. Received: {received(given)}") from None
