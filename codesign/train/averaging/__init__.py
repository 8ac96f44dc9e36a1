"""Several states of one training as one network: by the mean of their predictions, or of their weights."""

from codesign.train.averaging.batch_statistics import update_batch_statistics
from codesign.train.averaging.ensemble_of import ensemble_of
from codesign.train.averaging.fast_geometric_ensembling import FastGeometricEnsembling
from codesign.train.averaging.snapshot_ensemble import SnapshotEnsemble
from codesign.train.averaging.weight_averaging import WeightAveraging

__all__ = [
    "FastGeometricEnsembling",
    "SnapshotEnsemble",
    "WeightAveraging",
    "ensemble_of",
    "update_batch_statistics",
]
