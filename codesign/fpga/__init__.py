"""From a fixed-point network to hardware, without TensorFlow.

``design`` holds what a design is and costs, ``estimate`` foretells that, ``sweep`` tries many, ``search`` looks for
the best of more, ``rtl`` and ``hls4ml``
write projects, ``build`` makes one design and proves it.

Names are loaded when they are first used: what only asks whether a network can be built needs few of them. Three have
the name of a room, which importing anything of that room would put in their place: these are loaded at once.
"""

from codesign._lazy_names import lazy_names
from codesign.fpga.estimate.estimate import estimate
from codesign.fpga.search.search import search
from codesign.fpga.sweep.sweep import sweep

_NAMES = {
    "codesign.fpga.build": "build_circuits",
    "codesign.fpga.built": "Agreement BuiltDesign",
    "codesign.fpga.design.budget": "Budget",
    "codesign.fpga.design.design": "IMPLEMENTATIONS Design",
    "codesign.fpga.design.parts": "Part find_part",
    "codesign.fpga.design.pick": "Picked pareto_front pick",
    "codesign.fpga.design.report": "SOURCES DesignReport merge_reports",
    "codesign.fpga.design.reuse": "layer_reuse_factors valid_reuse_factors",
    "codesign.fpga.hls4ml.project": "Hls4mlProject write_hls4ml_project",
    "codesign.fpga.sweep.decide": "decide",
    "codesign.fpga.sweep.grid": "Grid",
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = ["estimate", "search", "sweep", *_MODULES]
__getattr__ = lazy_names(__name__, _MODULES)


def __dir__() -> list[str]:
    return sorted(__all__)
