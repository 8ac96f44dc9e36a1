"""`codesign reproduce higgsml`: the ladder of the HiggsML solution (G.

Strong, arXiv:2002.01427), with alignment, masses, a drone and an FPGA design.
"""

from codesign.reproduce.higgsml.study import make_study

__all__ = ["make_study"]
