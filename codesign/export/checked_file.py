"""The way to export: read a model, write it, evaluate the file, and only then put it in its place."""

import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import numpy as np

from codesign._arguments import check_range, checked
from codesign._files import replace_file
from codesign.errors import ConfigError, UncheckedWarning
from codesign.export.agreement import Agreement, random_events
from codesign.export.formats import check_exported, export_network
from codesign.export.load import Source, load_source
from codesign.export.suffixes import SUFFIXES
from codesign.network import Network
from codesign.network.layout import Events
from codesign.read.names import Names

_EVENTS, _MOST_EVENTS = 1000, 10_000_000


@dataclass(frozen=True)
class ExportedModel:
    """A file that was written.

    Args:
        path: where it is.
        format: ``cpp``, ``cpp-integer``, ``json``, ``onnx``, ``qonnx``, ``tflite`` or ``keras3``.
        network: what it holds.
        names: of the network and its values.
        agreement: how far its outputs are from the model's; None: they were not compared.
    """

    path: Path
    format: str
    network: Network
    names: Names
    agreement: Agreement | None


@checked
def export_model(
    model: object,
    path: str | PathLike,
    *,
    to: str | None = None,
    x: Events | None = None,
    check: int = _EVENTS,
    int8: bool = False,
    name: str | None = None,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    **options: object,
) -> ExportedModel:
    """Write a trained network as a file that runs without Keras, once its outputs are those of the model.

    The file is written elsewhere, evaluated, compared with the model's own outputs, in float also on events drawn to
    reach every saturation, and then replaces `path`; where they differ, what was at `path` stays. C++ is compiled for
    it, which takes g++ and a second or two; ONNX takes ONNX Runtime.

    Args:
        model: a Keras or QKeras model, a Drone, a ShrunkModel, a Network, or the path of a file; see
            :func:`codesign.export.load_network`.
        to: ``cpp``, ``cpp-integer`` (the integers of a design, equal to those of :meth:`Network.emulate`), ``json``
            (lwtnn's), ``onnx``, ``qonnx`` (a design's types in it, read back to the same integers), ``tflite`` or
            ``keras3``; None: by the suffix of `path`, .hpp (``cpp``), .json, .onnx, .tflite or .keras (``keras3``).
        x: (n_events, n_inputs) events to compare on, not standardised; None: drawn at random. For `int8` they set the
            ranges too.
        check: events to compare on: the first of `x`, or that many at random; 0: nothing is compared.
        int8: of ``tflite``: 8-bit weights and values; it needs `x`, and is measured, not held to a limit.
        name: of the network, an identifier of C++; None: that in the file, or ``network``.
        input_names, output_names: of each value, inputs and outputs side by side, in JSON and ONNX; None: those in
            the file.
        options: of :func:`codesign.export.load_network`: ``softmax``, ``offset``, ``scale``.

    Raises:
        AgreementError: if the file does not compute what the model does.
        ConfigError: for an unknown format, int8 in another than tflite, or the file that the model is read from as
            `path`.
        DataError: for a missing or damaged model, events of a wrong shape, or a place that is not writable.
        EnvironmentSetupError: if the format's package is missing.
        PrecisionError: for ``cpp-integer`` or ``qonnx`` of a network without fixed-point types.
        ToolError: if the compiler fails.
        UnsupportedLayerError: for a layer that is not supported; it names the layer.

    Warns:
        UncheckedWarning: if what runs the format is not installed, so that the file was not compared.

    Example:
        >>> from codesign import export_model, keras
        >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(2)])
        >>> export_model(model, "tagger.json", check=100).format
        'json'
    """
    check_range(check, "check", 0, _MOST_EVENTS)
    to = _format_of(path) if to is None else to
    check_target(model, path)
    source = load_source(model, **options)
    given = {"network": name, "inputs": input_names, "outputs": output_names}
    names = replace(source.names, **{key: value for key, value in given.items() if value is not None}).of(
        source.network
    )
    source = replace(source, names=names)
    quantisation = {"int8": True, "calibration": x} if int8 else {}
    agreement = _write(source, path, to, _events(source.network, x, check), **quantisation)
    return ExportedModel(Path(path), to, source.network, names, agreement)


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
    formats = {suffix: to for to, suffix in SUFFIXES.items() if to not in ("cpp-integer", "qonnx")}
    suffix = Path(path).suffix
    if suffix not in formats:
        raise ConfigError(f"path: expected a name that ends in {', '.join(formats)}. Received: {path}; or say to='cpp'")
    return formats[suffix]


def _events(network: Network, x: np.ndarray | None, n_events: int) -> np.ndarray | None:
    """Return (n, n_inputs) float32 to compare on; None: nothing is compared."""
    if x is None:
        return random_events(network, n_events) if n_events else None
    with np.errstate(over="ignore"):
        events = network.check_events(x)[:n_events].astype(np.float32)
    network.check_events(events)
    return events if len(events) else None


def _write(
    source: Source,
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
        export_network(source.network, written, to, names=source.names, int8=int8, calibration=calibration)
        if events is not None:
            agreement = check_exported(source, written, to, events, int8=int8, name=str(path))
            if agreement is None:
                message = f"{path}: not compared with the model, since what runs {to} files is not installed"
                warnings.warn(message, UncheckedWarning, stacklevel=3)
        replace_file(path, written.read_bytes(), "the network")
    return agreement
