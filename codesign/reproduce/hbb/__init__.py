"""Node pruning and feature selection for boosted H -> bb, as the AutoPruner slides show them, on GENERATED data."""

from codesign.reproduce.hbb.run import run

__all__ = ["run"]
