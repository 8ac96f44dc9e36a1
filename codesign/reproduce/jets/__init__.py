"""Posterior precision against learnt bit widths, pruned QKeras, ternary and variational networks on jets, GENERATED data."""

from codesign.reproduce.jets.run import run

__all__ = ["run"]
