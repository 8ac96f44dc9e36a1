"""Programs of torch.export, and live modules of PyTorch by way of these: read as data, without PyTorch.

Each of ATen's operators becomes one or some of ONNX's, whose reader knows how axes, events and constants behave.
"""
