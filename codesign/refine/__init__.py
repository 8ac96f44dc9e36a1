"""Refinement: coordinate descent on the integers of a fixed-point network, for fewer LUTs or a lower loss.

``losses`` is what is minimised beside LUTs, ``chain_state`` holds every event's value at every place of the network and
follows a change through it, ``digit_cost`` prices digits and bits, ``coordinate_descent`` tries changes one at a time,
``refine`` sweeps until none pays.
"""

from codesign.refine.refine import refine_network

__all__ = ["refine_network"]
