"""Sections of the page: from the keys of report.json to rows, sentences and charts, each None without its keys."""

from codesign.report.sections.comparison import comparison_section, cpu_section
from codesign.report.sections.distributions import outputs_section, residuals_section
from codesign.report.sections.front import front_section
from codesign.report.sections.hardware import inputs_section, layers_section, stages_section
from codesign.report.sections.history import history_section
from codesign.report.sections.quality import confusion_section, roc_section, working_points_section
from codesign.report.sections.resources import resources_section
from codesign.report.sections.runs import runs_section

__all__ = [
    "comparison_section",
    "confusion_section",
    "cpu_section",
    "front_section",
    "history_section",
    "inputs_section",
    "layers_section",
    "outputs_section",
    "residuals_section",
    "resources_section",
    "roc_section",
    "runs_section",
    "stages_section",
    "working_points_section",
]
