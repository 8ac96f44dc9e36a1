"""All that a training depends on at the end of an epoch, and the file that holds it."""

import hashlib
import inspect
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from codesign._files import replace_file
from codesign._keras import keras, tf
from codesign._version import __version__

_KERAS_ATTRIBUTES = frozenset(("model", "params", "validation_data"))


@dataclass(frozen=True, eq=False)
class TrainingState:
    """The end of an epoch.

    Args:
        epochs_done: number of epochs.
        cpu_s: CPU seconds that they took.
        stopped: whether a callback has ended the training.
        variables: of the model, then of its optimizer.
        callbacks: attributes of each callback, packed; arrays of them are in `arrays`.
    """

    epochs_done: int
    cpu_s: float
    stopped: bool
    variables: tuple[np.ndarray, ...]
    callbacks: list[dict]
    arrays: list[np.ndarray]

    @classmethod
    def of(
        cls, model: keras.Model, callbacks: Sequence[keras.callbacks.Callback], epochs_done: int, cpu_s: float
    ) -> "TrainingState":
        """Return the present state of a training."""
        arrays: list[np.ndarray] = []
        packed = [_pack_attributes(callback, arrays) for callback in callbacks]
        variables = tuple(variable.numpy() for variable in _variables(model))
        return cls(epochs_done, cpu_s, bool(model.stop_training), variables, packed, arrays)

    def restore(self, model: keras.Model, callbacks: Sequence[keras.callbacks.Callback]) -> None:
        """Put the state back, once the callbacks' `on_train_begin` is over."""
        model.optimizer.build(model.trainable_variables)
        for variable, value in zip(_variables(model), self.variables, strict=True):
            variable.assign(value)
        for callback, packed in zip(callbacks, self.callbacks, strict=True):
            for name, value in packed.items():
                _restore_attribute(callback, name, value, self.arrays)


def identity_of(model: keras.Model, data: Sequence[object], settings: Mapping[str, object]) -> str:
    """Return a hash of what a training depends on, apart from the weights that it starts with and its callbacks."""
    shapes = [variable.shape.as_list() for variable in model.weights]
    parts = [__version__, dict(settings), shapes, model.optimizer.get_config()]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode())
    for values in data:
        digest.update(np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()


def write_state(path: Path, identity: str, state: TrainingState) -> None:
    """Write the state; a kill leaves that of the epoch before.

    Raises:
        DataError: if the place is not writable.
    """
    about = {"identity": identity, "epochs_done": state.epochs_done, "cpu_s": state.cpu_s, "stopped": state.stopped}
    about |= {"callbacks": state.callbacks, "n_variables": len(state.variables)}
    content = io.BytesIO()
    arrays = {f"array_{index}": array for index, array in enumerate((*state.variables, *state.arrays))}
    np.savez(content, about=np.array(json.dumps(about)), **arrays)
    replace_file(path, content.getvalue(), "the state of a training", durable=False)


def read_state(path: Path, identity: str) -> TrainingState | None:
    """Return the state in a file; None if there is none of this training, so that it starts anew."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as content:
            about = json.loads(str(content["about"]))
            if about["identity"] != identity:
                return None
            arrays = [content[f"array_{index}"] for index in range(len(content.files) - 1)]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
    n_variables, keys = about["n_variables"], ("epochs_done", "cpu_s", "stopped")
    return TrainingState(
        *(about[key] for key in keys), tuple(arrays[:n_variables]), about["callbacks"], arrays[n_variables:]
    )


def _variables(model: keras.Model) -> list[tf.Variable]:
    rate = (
        model.optimizer.learning_rate
    )  # Keras does not count it among the optimizer's variables, and callbacks set it
    return [*model.weights, *model.optimizer.variables, *([rate] if isinstance(rate, tf.Variable) else [])]


def _pack_attributes(callback: keras.callbacks.Callback, arrays: list[np.ndarray]) -> dict:
    arguments = {name for kind in type(callback).__mro__ for name in inspect.signature(kind.__init__).parameters}
    packed = {}
    for name, value in vars(callback).items():
        if name in arguments or name in _KERAS_ATTRIBUTES:
            continue
        kind, value = _kind_and_content(value)
        found: list[np.ndarray] = []
        try:
            content = _pack(value, found, len(arrays))
        except TypeError:  # not plain: the callback makes it in on_train_begin
            continue
        packed[name] = {kind: content}
        arrays += found
    return packed


def _kind_and_content(value: object) -> tuple[str, object]:
    if isinstance(value, tf.Variable):
        return "variable", value.numpy()
    if isinstance(value, np.random.Generator):
        return "generator", value.bit_generator.state
    return "value", value


def _pack(value: object, arrays: list[np.ndarray], offset: int) -> object:
    """Return a value as JSON; arrays go to the list, and are numbered from `offset`."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return {"list" if isinstance(value, list) else "tuple": [_pack(item, arrays, offset) for item in value]}
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: _pack(item, arrays, offset) for key, item in value.items()}}
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype != object:
        arrays.append(np.asarray(value))
        return {"scalar" if isinstance(value, np.generic) else "array": offset + len(arrays) - 1}
    raise TypeError(f"expected plain values. Received: {type(value).__name__}")


def _restore_attribute(callback: keras.callbacks.Callback, name: str, packed: dict, arrays: list[np.ndarray]) -> None:
    ((kind, content),) = packed.items()
    value = _unpack(content, arrays)
    if kind == "variable":
        getattr(callback, name).assign(value)
    elif kind == "generator":
        getattr(callback, name).bit_generator.state = value
    else:
        setattr(callback, name, value)


def _unpack(packed: object, arrays: list[np.ndarray]) -> object:
    if not isinstance(packed, dict):
        return packed
    ((kind, content),) = packed.items()
    if kind == "dict":
        return {key: _unpack(item, arrays) for key, item in content.items()}
    if kind in ("list", "tuple"):
        return (list if kind == "list" else tuple)(_unpack(item, arrays) for item in content)
    return arrays[content].copy() if kind == "array" else arrays[content][()]
