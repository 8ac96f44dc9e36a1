"""Layers of HGQ2 (C. Sun et al., arXiv:2405.00645; pip's hgq2 0.1 and 0.2, on Keras 3) as nodes.

Quantizers have numbers of bits for each value.
"""

from codesign.read.hgq.table import read_hgq_call

__all__ = ["read_hgq_call"]
