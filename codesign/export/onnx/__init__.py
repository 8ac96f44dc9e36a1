"""A Network as an ONNX file."""
