"""Designs: budget, estimate, sweep and pick; hls4ml projects, RTL, simulation, synthesis."""

from importlib import import_module

from codesign.fpga.budget import Budget
from codesign.fpga.design import IMPLEMENTATIONS, Design
from codesign.fpga.design_report import SOURCES, DesignReport, merge_reports
from codesign.fpga.estimate import estimate
from codesign.fpga.grid import Grid
from codesign.fpga.hls4ml_project import Hls4mlProject, write_hls4ml_project
from codesign.fpga.parts import Part, find_part
from codesign.fpga.pick import Picked, pareto_front, pick
from codesign.fpga.reuse import layer_reuse_factors, valid_reuse_factors
from codesign.fpga.sweep import decide, sweep
from codesign.fpga.synthesize import Agreement, Synthesis, synthesize

__all__ = [
    "Agreement",
    "Budget",
    "CollapseToBudget",
    "Design",
    "DesignReport",
    "FrontPoint",
    "Grid",
    "Hls4mlProject",
    "IMPLEMENTATIONS",
    "LutBudget",
    "Part",
    "Picked",
    "SOURCES",
    "Synthesis",
    "decide",
    "estimate",
    "find_part",
    "layer_reuse_factors",
    "merge_reports",
    "pareto_front",
    "pick",
    "refine_network",
    "sweep",
    "synthesize",
    "train_front",
    "trial_lut",
    "valid_reuse_factors",
    "write_hls4ml_project",
]

_WITH_TENSORFLOW = {
    "CollapseToBudget": "collapse_to_budget",
    "FrontPoint": "posterior_front",
    "LutBudget": "lut_budget",
    "refine_network": "refinement",
    "train_front": "posterior_front",
    "trial_lut": "lut_budget",
}


def __getattr__(name: str) -> object:
    """Load what trains networks when it is first used, so that everything else starts without TensorFlow."""
    if name in _WITH_TENSORFLOW:
        return getattr(import_module(f"codesign.fpga.{_WITH_TENSORFLOW[name]}"), name)
    raise AttributeError(f"module 'codesign.fpga' has no attribute '{name}'")
