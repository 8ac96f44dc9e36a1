import importlib
import inspect
import re
import subprocess
import sys

import codesign

NAMES = [
    "Budget",
    "CancelOut",
    "CodesignError",
    "CollapseSchedule",
    "CollapseToBudget",
    "ColliderAugmentation",
    "ColliderFeatures",
    "ColliderVectors",
    "CosineWarmRestarts",
    "CostSchedule",
    "Dataset",
    "DenseLayer",
    "Design",
    "DesignReport",
    "DetectorWords",
    "Ensemble",
    "EnsembleClassifier",
    "EnsembleSettings",
    "FastGeometricEnsembling",
    "FillMissing",
    "FixedPoint",
    "FpgaClassifier",
    "FpgaRegressor",
    "Front",
    "GateSchedule",
    "Grid",
    "Input",
    "KLSchedule",
    "LayerPrecision",
    "LutBudget",
    "Network",
    "Node",
    "OneCycle",
    "PosteriorDense",
    "Runner",
    "SnapshotEnsemble",
    "TableSum",
    "TernaryDense",
    "TopKGate",
    "TrainingSearch",
    "VariationalDense",
    "WeightAveraging",
    "Words",
    "__version__",
    "as_teacher",
    "build_design",
    "collapse",
    "compare_reports",
    "copy_weights",
    "dense_block",
    "embed_columns",
    "ensemble_of",
    "estimate",
    "export_model",
    "from_lightgbm",
    "from_sklearn",
    "from_xgboost",
    "input_bits_report",
    "inspect_file",
    "keras",
    "load_dataset",
    "load_model",
    "load_network",
    "lr_range_test",
    "measure_fidelity",
    "parse_report",
    "pick",
    "prune_by_magnitude",
    "quantize_network",
    "refine_network",
    "run_project",
    "save_model",
    "search",
    "shrink",
    "strip",
    "sweep",
    "time_networks",
    "train_designs",
    "train_drone",
    "train_front",
    "write_cpp",
    "write_cpp_integer",
    "write_json",
    "write_keras3",
    "write_onnx",
    "write_qonnx",
    "write_tflite",
]


def test_public_names_are_pinned():
    assert sorted(codesign.__all__) == NAMES
    for name in NAMES:
        assert getattr(codesign, name) is not None


def test_unknown_name_is_an_attribute_error():
    assert not hasattr(codesign, "synthesize")


def test_version_needs_no_heavy_import():
    code = (
        "import sys, codesign.cli.main as m\ntry: m.main(['--version'])\nexcept SystemExit: pass\nprint([n for n in "
        "sys.modules if n in HEAVY])"
    )
    heavy = ("tensorflow", "hls4ml", "numpy", "matplotlib", "rich", "da4ml", "sklearn")
    printed = subprocess.run(
        [sys.executable, "-c", f"HEAVY = {heavy}\n{code}"], capture_output=True, text=True, check=True
    ).stdout
    assert printed.splitlines() == [f"codesign {codesign.__version__}", "[]"]


def test_every_public_object_has_a_docstring():
    for name in NAMES:
        assert name == "__version__" or getattr(codesign, name).__doc__


def test_a_property_is_described_at_one_place():
    """Sphinx takes a second description, under Attributes of its class, for an error."""
    for name in NAMES:
        documented = inspect.getdoc(getattr(codesign, name)) or ""
        (attributes,) = re.findall(r"^Attributes:\n((?:    .*\n?|\n)*)", documented, re.MULTILINE) or [""]
        for attribute in re.findall(r"^    (\w+)", attributes, re.MULTILINE):
            assert not isinstance(inspect.getattr_static(getattr(codesign, name), attribute, None), property), name


def test_names_of_rooms_are_functions_whatever_was_imported_before():
    for room in ("estimate.by_layer", "search.space", "sweep.grid"):
        importlib.import_module(f"codesign.fpga.{room}")
    from codesign.fpga import estimate, search, sweep

    assert callable(estimate) and callable(search) and callable(sweep)
