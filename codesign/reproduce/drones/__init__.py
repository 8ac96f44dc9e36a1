"""`codesign reproduce b_decay` and `quark_gluon`: drones of several teachers, after S. Benson, K.

Gizdov, arXiv:1712.09114.
"""

from codesign.reproduce.drones.study import make_study

__all__ = ["make_study"]
