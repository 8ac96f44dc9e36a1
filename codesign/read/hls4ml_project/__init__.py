"""Read the firmware that hls4ml writes: C++ is parsed as text, nothing is compiled or run."""

from codesign.read.hls4ml_project.reader import read_hls4ml_project

__all__ = ["read_hls4ml_project"]
