"""What designs are judged by, each with its statistical error: metrics by name, ROC curves, working points."""

from codesign.metrics.measured import Measured
from codesign.metrics.metric import Metric, find_metric
from codesign.metrics.names import DEFAULT_METRIC, TASKS, MetricName, parse_metric
from codesign.metrics.roc import RocCurve, roc_curve
from codesign.metrics.scores import log_odds, margins
from codesign.metrics.working_point import WorkingPoint, working_point

__all__ = [
    "DEFAULT_METRIC",
    "Measured",
    "Metric",
    "MetricName",
    "RocCurve",
    "TASKS",
    "WorkingPoint",
    "find_metric",
    "log_odds",
    "margins",
    "parse_metric",
    "roc_curve",
    "working_point",
]
