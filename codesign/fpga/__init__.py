"""From a fixed-point network to hardware, without TensorFlow.

``design`` holds what a design is and costs, ``estimate`` foretells that, ``sweep`` tries many, ``rtl`` and ``hls4ml``
write projects, ``build`` makes one design and proves it.
"""

from codesign.fpga.build import build_circuits
from codesign.fpga.built import Agreement, BuiltDesign
from codesign.fpga.design.budget import Budget
from codesign.fpga.design.design import IMPLEMENTATIONS, Design
from codesign.fpga.design.parts import Part, find_part
from codesign.fpga.design.pick import Picked, pareto_front, pick
from codesign.fpga.design.report import SOURCES, DesignReport, merge_reports
from codesign.fpga.design.reuse import layer_reuse_factors, valid_reuse_factors
from codesign.fpga.estimate.estimate import estimate
from codesign.fpga.hls4ml.project import Hls4mlProject, write_hls4ml_project
from codesign.fpga.sweep.decide import decide
from codesign.fpga.sweep.grid import Grid
from codesign.fpga.sweep.sweep import sweep

__all__ = [
    "Agreement",
    "Budget",
    "BuiltDesign",
    "Design",
    "DesignReport",
    "Grid",
    "Hls4mlProject",
    "IMPLEMENTATIONS",
    "Part",
    "Picked",
    "SOURCES",
    "decide",
    "estimate",
    "find_part",
    "layer_reuse_factors",
    "merge_reports",
    "pareto_front",
    "pick",
    "sweep",
    "build_circuits",
    "valid_reuse_factors",
    "write_hls4ml_project",
]
