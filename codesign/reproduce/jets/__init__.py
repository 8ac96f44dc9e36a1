"""Posterior precision against learnt bit widths, pruned, ternary and variational networks on GENERATED jets."""

from codesign.reproduce.jets.run import run

__all__ = ["run"]
