"""codesign: from a Keras `model.fit` to a verified FPGA design, bit for bit.

Importing this package imports neither TensorFlow nor hls4ml: names are loaded when they are first used.
"""

import os

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

from codesign._lazy_names import lazy_names
from codesign._version import __version__

_NAMES = {
    "codesign.network": "Network Input Node DenseLayer LayerPrecision FixedPoint quantize_network",
    "codesign.data": "ColliderVectors Dataset Words load_dataset",
    "codesign.layers": "DetectorWords VariationalDense PosteriorDense TopKGate TernaryDense TableSum CancelOut "
    "ColliderAugmentation ColliderFeatures FillMissing dense_block embed_columns",
    "codesign.train": "CosineWarmRestarts CostSchedule Ensemble EnsembleSettings FastGeometricEnsembling GateSchedule "
    "KLSchedule OneCycle SnapshotEnsemble WeightAveraging "
    "copy_weights ensemble_of load_model lr_range_test prune_by_magnitude save_model",
    "codesign.compress": "shrink strip",
    "codesign.drone": "as_teacher measure_fidelity train_drone",
    "codesign.forests": "from_lightgbm from_sklearn from_xgboost",
    "codesign.export": "export_model load_network "
    "write_cpp write_cpp_integer write_json write_keras3 write_onnx write_qonnx write_tflite",
    "codesign.inspection": "inspect_file",
    "codesign.cpu": "time_networks",
    "codesign.fpga": "Budget Design DesignReport Grid estimate pick search sweep",
    "codesign.jobs": "Runner",
    "codesign.handover": "build_design",
    "codesign.methods": "Front TrainingSearch train_designs",
    "codesign.estimators": "EnsembleClassifier FpgaClassifier FpgaRegressor",
    "codesign.posterior": "CollapseSchedule CollapseToBudget LutBudget collapse train_front",
    "codesign.refine": "refine_network",
    "codesign.report": "compare_reports input_bits_report parse_report",
    "codesign.project": "run_project",
    "codesign.errors": "CodesignError",
    "codesign._keras": "keras",
}
_PUBLIC = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = ["__version__", *_PUBLIC]
__getattr__ = lazy_names(__name__, _PUBLIC)


def __dir__() -> list[str]:
    return sorted(__all__)
