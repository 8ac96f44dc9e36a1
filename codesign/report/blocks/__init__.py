"""Blocks of report.json: pure functions of networks and arrays; docs/report_json.md says which key takes which."""

from codesign.report.blocks.confusion import confusion_block
from codesign.report.blocks.cpu import cpu_block
from codesign.report.blocks.histograms import histogram_block, residual_block
from codesign.report.blocks.inputs import inputs_block
from codesign.report.blocks.roc import roc_block
from codesign.report.blocks.schedule import schedule_blocks

__all__ = [
    "confusion_block",
    "cpu_block",
    "histogram_block",
    "inputs_block",
    "residual_block",
    "roc_block",
    "schedule_blocks",
]
