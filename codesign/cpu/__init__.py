"""Timing of networks on every CPU runtime that is present, through the runtime's own C or C++ API where it has one."""

from codesign.cpu.catalogue import runtimes
from codesign.cpu.time_chains import BATCHES, time_chain, time_chains
from codesign.cpu.time_onnx import time_onnx
from codesign.cpu.timing import Timing

__all__ = ["BATCHES", "Timing", "runtimes", "time_chain", "time_chains", "time_onnx"]
