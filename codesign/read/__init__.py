"""Models of other libraries to networks, and back: a front end is a file here that gives a Network."""

from codesign.read.keras_reader import read_keras
from codesign.read.keras_writer import write_keras

__all__ = ["read_keras", "write_keras"]
