"""Train small networks with `model.fit`: schedules as callbacks, TFMOT pruning, QKeras layers, progress, restarts."""

from codesign.train.averaging import (
    FastGeometricEnsembling,
    SnapshotEnsemble,
    WeightAveraging,
    ensemble_of,
    update_batch_statistics,
)
from codesign.train.checkpoints import load_model, save_model
from codesign.train.copy_weights import copy_weights
from codesign.train.ensemble import Ensemble, EnsembleSettings
from codesign.train.fit import FitSettings, fit_classifier
from codesign.train.magnitude_pruning import prune_by_magnitude, strip_pruning
from codesign.train.qmlp import build_qmlp, check_bits
from codesign.train.rates import CosineWarmRestarts, LearningRateCurve, OneCycle, lr_range_test
from codesign.train.schedules.cost_schedule import CostSchedule
from codesign.train.schedules.gate_budget import GateBudget
from codesign.train.schedules.gate_schedule import GateSchedule
from codesign.train.schedules.kl_schedule import KLSchedule
from codesign.train.stop_at_divergence import StopAtDivergence

__all__ = [
    "CosineWarmRestarts",
    "CostSchedule",
    "Ensemble",
    "EnsembleSettings",
    "FastGeometricEnsembling",
    "FitSettings",
    "GateBudget",
    "GateSchedule",
    "KLSchedule",
    "LearningRateCurve",
    "OneCycle",
    "SnapshotEnsemble",
    "StopAtDivergence",
    "WeightAveraging",
    "build_qmlp",
    "check_bits",
    "copy_weights",
    "ensemble_of",
    "fit_classifier",
    "load_model",
    "lr_range_test",
    "prune_by_magnitude",
    "save_model",
    "strip_pruning",
    "update_batch_statistics",
]
