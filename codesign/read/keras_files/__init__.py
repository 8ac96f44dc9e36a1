"""Files of Keras 1, 2 and 3, QKeras and this package, by their configuration and arrays; no Keras is imported."""

from codesign.read.keras_files.file import read_keras_file

__all__ = ["read_keras_file"]
