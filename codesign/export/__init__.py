"""From a trained network to files that run elsewhere: generated C++, JSON, ONNX, TFLite.

Every exporter takes a :class:`FloatChain`: the float weights, the standardisation before them and the activation at the end.
"""

from codesign.export.float_chain import FloatChain, FloatLayer

__all__ = ["FloatChain", "FloatLayer"]
