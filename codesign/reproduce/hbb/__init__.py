"""Node pruning and feature selection for boosted H -> bb, as the AutoPruner slides show them, on GENERATED data."""

from codesign.reproduce.hbb.study import make_study

__all__ = ["make_study"]
