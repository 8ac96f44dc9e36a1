"""Posterior precision against learnt bit widths, pruned, ternary and variational networks on GENERATED jets."""

from codesign._lazy_names import lazy_names

__all__ = ["make_study"]
__getattr__ = lazy_names(__name__, {"make_study": "codesign.reproduce.jets.study"})
