"""The way to export: read a model, write it, evaluate the file, and only then put it in its place."""

import tempfile
import warnings
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from codesign._arguments import check_range, checked
from codesign._files import replace_file
from codesign.errors import ConfigError, UncheckedWarning
from codesign.export.agreement import Agreement, random_events
from codesign.export.float_chain import FloatChain
from codesign.export.formats import SUFFIXES, check_exported, export_chain
from codesign.export.load import load_chain

_EVENTS, _MOST_EVENTS = 1000, 10_000_000


@dataclass(frozen=True)
class ExportedModel:
    """A file that was written.

    Args:
        path: where it is.
        format: ``cpp``, ``json``, ``onnx`` or ``tflite``.
        chain: what it holds.
        agreement: how far its outputs are from the model's; None: they were not compared.
    """

    path: Path
    format: str
    chain: FloatChain
    agreement: Agreement | None


@checked
def export_model(
    model: object,
    path: str | PathLike,
    *,
    to: str | None = None,
    x: np.ndarray | None = None,
    check: int = _EVENTS,
    int8: bool = False,
    **options: object,
) -> ExportedModel:
    """Write a trained network as a file that runs without Keras, once its outputs are those of the model.

    The file is written elsewhere, evaluated, compared with the model's own outputs, in float also on events drawn to reach every
    saturation, and then replaces `path`; where they differ, what was at `path` stays. C++ is compiled for it, which takes g++
    and a second or two; ONNX takes ONNX Runtime.

    Args:
        model: a Keras or QKeras model, a Drone, a ShrunkModel, a Network, a FloatChain, or the path of a file; see
            :func:`codesign.export.load_chain`.
        to: ``cpp``, ``json`` (lwtnn's), ``onnx`` or ``tflite``; None: by the suffix of `path`, .hpp, .json, .onnx or .tflite.
        x: (n_events, n_inputs) events to compare on, not standardised; None: drawn at random. For `int8` they set the ranges too.
        check: events to compare on: the first of `x`, or that many at random; 0: nothing is compared.
        int8: of ``tflite``: 8-bit weights and values; it needs `x`, and is measured, not held to a limit.
        options: of :func:`codesign.export.load_chain`: ``softmax``, ``offset``, ``scale``, ``input_names``, ``output_names``,
            ``name``.

    Raises:
        AgreementError: if the file does not compute what the model does.
        ConfigError: for an unknown format, int8 in another than tflite, or the file that the model is read from as `path`.
        DataError: for a missing or damaged model, events of a wrong shape, or a place that is not writable.
        EnvironmentSetupError: if the format's package is missing.
        ToolError: if the compiler fails.
        UnsupportedLayerError: for a layer that is not supported; it names the layer.

    Warns:
        UncheckedWarning: if what runs the format is not installed, so that the file was not compared.
    """
    check_range(check, "check", 0, _MOST_EVENTS)
    to = _format_of(path) if to is None else to
    check_target(model, path)
    chain = load_chain(model, **options)
    quantisation = {"int8": True, "calibration": x} if int8 else {}
    agreement = _write(chain, path, to, _events(chain, x, check), **quantisation)
    return ExportedModel(Path(path), to, chain, agreement)


def check_target(model: object, path: str | PathLike, *, argument: str = "path") -> None:
    """Refuse the file that the model is read from as the one to write; ConfigError."""
    if (
        isinstance(model, (str, PathLike))
        and Path(path).exists()
        and Path(model).exists()
        and Path(path).samefile(model)
    ):
        raise ConfigError(f"{argument}: expected another file than the model's. Received: {path}; say where to write")


def _format_of(path: str | PathLike) -> str:
    formats = {suffix: to for to, suffix in SUFFIXES.items()}
    suffix = Path(path).suffix
    if suffix not in formats:
        raise ConfigError(f"path: expected a name that ends in {', '.join(formats)}. Received: {path}; or say to='cpp'")
    return formats[suffix]


def _events(chain: FloatChain, x: np.ndarray | None, n_events: int) -> np.ndarray | None:
    """Return (n, n_inputs) float32 to compare on; None: nothing is compared."""
    if x is None:
        return random_events(chain, n_events) if n_events else None
    with np.errstate(over="ignore"):
        events = chain.network.check_events(x)[:n_events].astype(np.float32)
    chain.network.check_events(events)
    return events if len(events) else None


def _write(
    chain: FloatChain,
    path: str | PathLike,
    to: str,
    events: np.ndarray | None,
    *,
    int8: bool = False,
    calibration: np.ndarray | None = None,
) -> Agreement | None:
    """Write, compare on `events`, and put what was written in its place."""
    agreement = None
    with tempfile.TemporaryDirectory(prefix="codesign_") as folder:
        written = Path(folder, "network" + SUFFIXES.get(to, ""))
        export_chain(chain, written, to, int8=int8, calibration=calibration)
        if events is not None:
            agreement = check_exported(chain, written, to, events, int8=int8, name=str(path))
            if agreement is None:
                message = f"{path}: not compared with the model, since what runs {to} files is not installed"
                warnings.warn(message, UncheckedWarning, stacklevel=3)
        replace_file(path, written.read_bytes(), "the network")
    return agreement
