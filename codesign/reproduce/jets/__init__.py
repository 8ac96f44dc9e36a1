"""Posterior precision against learnt bit widths, pruned, ternary and variational networks on GENERATED jets."""

from codesign.reproduce.jets.study import make_study

__all__ = ["make_study"]
