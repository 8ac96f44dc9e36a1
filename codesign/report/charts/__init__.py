"""Charts of the HTML page: SVG that reads well without a script, and a small one for hover, zoom and phones."""

from codesign.report.charts.axis import Axis, axis_around
from codesign.report.charts.chart import Band, Chart, Line, Point, Rule
from codesign.report.charts.script import SCRIPT

__all__ = ["Axis", "Band", "Chart", "Line", "Point", "Rule", "SCRIPT", "axis_around"]
