"""The one place that chooses Keras: everything else does `from codesign._keras import keras`.

QKeras 0.9 and TensorFlow Model Optimization run on Keras 2 (tf_keras) only. TensorFlow decides at its first
import which Keras it exposes, so the choice is made in the environment before that.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

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

__all__ = ["keras", "native_stderr_closed", "tf", "tflite_flatbuffers"]


def tflite_flatbuffers() -> tuple[ModuleType, ModuleType]:
    """Return TensorFlow's classes of a TFLite file's parts, and what reads and writes such a file as objects."""
    from tensorflow.lite.python import schema_py_generated
    from tensorflow.lite.tools import flatbuffer_utils

    return schema_py_generated, flatbuffer_utils
