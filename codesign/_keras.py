"""The one place that chooses Keras: everything else does `from codesign._keras import keras`.

QKeras 0.9 and TensorFlow Model Optimization run on Keras 2 (tf_keras) only. TensorFlow decides at its first
import which Keras it exposes, so the choice is made in the environment before that.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from codesign.errors import EnvironmentSetupError


@contextmanager
def native_stderr_closed() -> Iterator[None]:
    """Drop what TensorFlow's C++ says past every log level, as about missing GPUs; Python errors still come through."""
    saved = os.dup(2)
    with open(os.devnull, "w") as sink:
        os.dup2(sink.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
with native_stderr_closed():
    import tensorflow as tf
    import tf_keras as keras

    tf.config.list_physical_devices()  # the search for GPUs speaks up too, once

tf.get_logger().setLevel("ERROR")

if not tf.keras.layers.Layer.__module__.startswith("tf_keras"):
    raise EnvironmentSetupError(
        "TensorFlow was imported with Keras 3 before codesign, and QKeras layers would silently not train: "
        "import codesign first, or set TF_USE_LEGACY_KERAS=1 in the environment"
    )

__all__ = ["keras", "legacy_keras_for_hls4ml", "native_stderr_closed", "tf"]


@contextmanager
def legacy_keras_for_hls4ml() -> Iterator[None]:
    """Make `import keras` mean tf_keras while hls4ml configures and converts a model.

    hls4ml picks its reader by the installed `keras`; only this entry of sys.modules is swapped, so that
    whatever is first imported inside the block stays imported.
    """
    installed = sys.modules.get("keras")
    sys.modules["keras"] = keras
    try:
        yield
    finally:
        if installed is None:
            del sys.modules["keras"]
        else:
            sys.modules["keras"] = installed
