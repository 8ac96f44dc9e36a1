"""A network as a `.keras` file of Keras 3: its configuration and arrays are written here, without Keras."""

from codesign.export.keras3.file import write_keras3

__all__ = ["write_keras3"]
