"""`codesign reproduce b_decay` and `quark_gluon`: drones of several teachers, after S. Benson, K.

Gizdov, arXiv:1712.09114.
"""

from codesign.reproduce.drones.run import run

__all__ = ["run"]
