"""TensorFlow Lite files, of floats and of eight bits, as networks; nothing in them is run."""

from codesign.read.tflite.reader import read_tflite

__all__ = ["read_tflite"]
