import subprocess
import sys

import codesign

NAMES = [
    "Budget",
    "CodesignError",
    "Dataset",
    "DenseLayer",
    "Design",
    "DesignReport",
    "FixedPoint",
    "Grid",
    "LayerPrecision",
    "Network",
    "__version__",
    "compare_reports",
    "estimate",
    "keras",
    "load_dataset",
    "load_model",
    "parse_report",
    "pick",
    "quantize_network",
    "run_project",
    "sweep",
    "synthesize",
]


def test_public_names_are_pinned():
    assert sorted(codesign.__all__) == NAMES
    for name in NAMES:
        assert getattr(codesign, name) is not None


def test_unknown_name_is_an_attribute_error():
    assert not hasattr(codesign, "synthesise")


def test_version_needs_no_heavy_import():
    code = "import sys, codesign.cli.main as m\ntry: m.main(['--version'])\nexcept SystemExit: pass\nprint([n for n in sys.modules if n in HEAVY])"
    heavy = ("tensorflow", "hls4ml", "numpy", "matplotlib", "rich", "da4ml", "sklearn")
    printed = subprocess.run(
        [sys.executable, "-c", f"HEAVY = {heavy}\n{code}"], capture_output=True, text=True, check=True
    ).stdout
    assert printed.splitlines() == [f"codesign {codesign.__version__}", "[]"]


def test_every_public_object_has_a_docstring():
    for name in NAMES:
        assert name == "__version__" or getattr(codesign, name).__doc__
