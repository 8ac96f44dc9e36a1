"""The table of Ryzhikov et al., sparsification for particle identification at LHCb, on STAND-IN data."""

from codesign.reproduce.pid.study import make_study

__all__ = ["make_study"]
