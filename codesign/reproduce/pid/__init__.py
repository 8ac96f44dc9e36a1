"""The table of Ryzhikov et al., sparsification for particle identification at LHCb, on STAND-IN data."""

from codesign.reproduce.pid.run import run

__all__ = ["run"]
