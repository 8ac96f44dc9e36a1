"""Events as `fit` takes them, looked at before a training: finite, of one length, and what a model takes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from codesign._keras import keras, tf
from codesign.errors import ConfigError, DataError

_REFUSED = (ValueError, TypeError, tf.errors.InvalidArgumentError)


def check_finite(values: object, argument: str) -> int:
    """Return the number of events of an array, or of a list or mapping of arrays, one for each input of a model.

    Raises:
        DataError: for NaN or inf (some activations hide them from the loss), no events, or inputs of different events.
    """
    counts = {name: _checked_count(one, name) for name, one in _arrays(values, argument)}
    if len(set(counts.values())) > 1:
        given = ", ".join(f"{count} of {name}" for name, count in counts.items())
        raise DataError(f"{argument}: expected the same events in each input. Received: {given}")
    return next(iter(counts.values()), 0)


def check_finite_fit(values: tuple, arguments: tuple[str, ...]) -> None:
    """Check (x, y) or (x, y, sample_weight), of which the last may be None.

    Raises:
        DataError: as :func:`check_finite`, and for another number of labels or weights than of events.
    """
    counts = {name: check_finite(one, name) for name, one in zip(arguments, values) if one is not None}
    if len(set(counts.values())) > 1:
        given = ", ".join(f"{count} of {name}" for name, count in counts.items())
        raise DataError(f"{arguments[0]}: expected labels and weights of each event. Received: {given}")


def finite_batches(data: tf.data.Dataset, argument: str) -> tf.data.Dataset:
    """Return a dataset whose batches stop at NaN or inf, by an error that :func:`refusals_in_one_line` tells."""

    def checked(one: tf.Tensor) -> tf.Tensor:
        return tf.debugging.check_numerics(one, argument) if one.dtype.is_floating else one

    return data.map(lambda *batch: tf.nest.map_structure(checked, batch, expand_composites=True))


def check_model_takes(model: keras.Model, x: object, argument: str) -> None:
    """Check that a model can be evaluated on the first of some events.

    Raises:
        DataError: as :func:`check_finite`.
        ConfigError: for another shape.
    """
    check_finite(x, argument)
    try:
        model(first_event(x), training=False)
    except _REFUSED:
        shapes = " and ".join(str(np.shape(one)) for _, one in _arrays(x, argument))
        raise ConfigError(
            f"{argument}: expected events as '{model.name}' takes them, of shape {model.input_shape}. Received: "
            f"{shapes}"
        ) from None


def first_event(x: object) -> object:
    """Return the first of some events, as a batch of one."""
    return tf.nest.map_structure(lambda values: tf.convert_to_tensor(np.asarray(values[:1])), x)


@contextmanager
def refusals_in_one_line(model: keras.Model, argument: str) -> Iterator[None]:
    """Tell in one line what Keras refuses to train on.

    Raises:
        DataError: for NaN or inf in batches.
        ConfigError: for shapes and types that do not fit.
    """
    try:
        yield
    except _REFUSED as error:
        if "CheckNumerics" in str(error) or "had NaN values" in str(error) or "had Inf" in str(error):
            raise DataError(_not_finite(argument, "a batch")) from error
        reason = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise ConfigError(
            f"{argument}: expected events and labels that '{model.name}' can be trained on. Received: "
            f"{type(error).__name__}, {reason[-1] if reason else '':.300}"
        ) from error


def _arrays(values: object, argument: str) -> Iterator[tuple[str, object]]:
    """Yield what the arrays of each input are called, and the arrays."""
    if isinstance(values, Mapping):
        for name, one in values.items():
            yield from _arrays(one, f"{argument}['{name}']")
    elif isinstance(values, (list, tuple)) and values and np.ndim(values[0]) > 1:
        for index, one in enumerate(values):
            yield from _arrays(one, f"{argument}[{index}]")
    else:
        yield argument, values


def _checked_count(values: object, argument: str) -> int:
    array = np.asarray(values)
    if not array.ndim or not len(array):
        raise DataError(f"{argument}: expected events. Received: none, shape {array.shape}")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        bad = int((~np.isfinite(array)).reshape(len(array), -1).any(1).sum())
        raise DataError(_not_finite(argument, f"{bad:,} of {len(array):,} events"))
    return len(array)


def _not_finite(argument: str, where: str) -> str:
    return f"{argument}: expected finite numbers. Received: NaN or inf in {where}; remove or impute them"
