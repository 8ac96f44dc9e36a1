"""The folder of a built design as a firmware engineer takes it: documented, self-checking, with scripts and C++."""

from codesign.handover.build import build_design
from codesign.handover.readme import Origin

__all__ = ["Origin", "build_design"]
