"""The suffix of each format's files."""

SUFFIXES = {
    "cpp": ".hpp",
    "cpp-integer": ".hpp",
    "json": ".json",
    "onnx": ".onnx",
    "qonnx": ".onnx",
    "tflite": ".tflite",
    "keras3": ".keras",
}
