"""ONNX files, of floats and of QONNX, as networks: read as protobuf, nothing in them is run."""

from codesign.read.onnx.reader import read_onnx

__all__ = ["read_onnx"]
