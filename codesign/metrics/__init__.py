"""What designs are judged by, each with its statistical error: metrics by name, ROC curves, working points."""

from codesign.metrics.measured import Measured
from codesign.metrics.metric import Metric, find_metric
from codesign.metrics.names import DEFAULT_METRIC, TASKS, MetricName, parse_metric
from codesign.metrics.paired import PairedDifference, paired_difference
from codesign.metrics.roc import RocCurve, roc_curve
from codesign.metrics.scores import log_odds, margins
from codesign.metrics.significance import CutScan, ams, scan_cuts
from codesign.metrics.working_point import WorkingPoint, working_point

__all__ = [
    "CutScan",
    "DEFAULT_METRIC",
    "Measured",
    "Metric",
    "MetricName",
    "PairedDifference",
    "RocCurve",
    "TASKS",
    "WorkingPoint",
    "ams",
    "find_metric",
    "log_odds",
    "margins",
    "paired_difference",
    "parse_metric",
    "roc_curve",
    "scan_cuts",
    "working_point",
]
