"""Timing of networks on every CPU runtime that is present, through the runtime's own C or C++ API where it has one."""

from codesign.cpu.catalogue import runtimes
from codesign.cpu.time_networks import BATCHES, time_network, time_networks
from codesign.cpu.time_onnx import time_onnx
from codesign.cpu.timing import Timing

__all__ = ["BATCHES", "Timing", "runtimes", "time_network", "time_networks", "time_onnx"]
