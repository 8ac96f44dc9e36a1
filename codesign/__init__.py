"""codesign: from a Keras `model.fit` to a verified FPGA design, bit for bit.

Importing this package imports neither TensorFlow nor hls4ml: names are loaded when they are first used.
"""

import os

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

from codesign._version import __version__  # noqa: E402

_PUBLIC = {
    "Network": "codesign.network",
    "DenseLayer": "codesign.network",
    "LayerPrecision": "codesign.network",
    "FixedPoint": "codesign.network",
    "quantize_network": "codesign.network",
    "Dataset": "codesign.data",
    "load_dataset": "codesign.data",
    "load_model": "codesign.train",
    "Design": "codesign.fpga",
    "DesignReport": "codesign.fpga",
    "Budget": "codesign.fpga",
    "Grid": "codesign.fpga",
    "estimate": "codesign.fpga",
    "sweep": "codesign.fpga",
    "pick": "codesign.fpga",
    "synthesize": "codesign.fpga",
    "parse_report": "codesign.report",
    "compare_reports": "codesign.report",
    "run_project": "codesign.project",
    "CodesignError": "codesign.errors",
    "keras": "codesign._keras",
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> object:
    if name in _PUBLIC:
        import importlib

        return getattr(importlib.import_module(_PUBLIC[name]), name)
    raise AttributeError(f"module 'codesign' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
