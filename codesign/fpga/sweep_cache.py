"""What a sweep has finished, in a file of JSON lines: one per precision choice, appended as soon as it is done."""

import hashlib
import json
import logging
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from codesign._files import append_line, replace_file
from codesign._version import __version__
from codesign.errors import DataError, ReportError
from codesign.fpga.cost_constants import CostConstants
from codesign.fpga.design_report import DesignReport
from codesign.fpga.grid import HardwareSetting
from codesign.network import FixedPoint, Network

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Evaluation:
    """What a sweep finds out about one precision choice.

    Args:
        accuracy: share of right decisions.
        reports: one for each hardware setting, in order.
    """

    accuracy: float
    reports: tuple[DesignReport, ...]


class SweepCache:
    """Evaluations by key, in memory and in a file.

    A last line that was cut off in the middle is dropped; any other line that is damaged is dropped too, and a warning is
    logged. Each line carries a checksum.

    Args:
        path: of the file; it need not exist. None keeps nothing.

    Raises:
        DataError: if the file cannot be read or written.
    """

    def __init__(self, path: str | PathLike | None) -> None:
        self._path = None if path is None else Path(path)
        self._known: dict[str, Evaluation] = {}
        if self._path is not None:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._load(self._path.read_bytes() if self._path.exists() else b"")
            except OSError as error:
                reason = error.strerror or error
                raise DataError(f"cache: expected a file to read and write. Received: {path}: {reason}") from None

    def get(self, key: str) -> Evaluation | None:
        """Return what is known, or None."""
        return self._known.get(key)

    def add(self, key: str, evaluation: Evaluation) -> None:
        """Remember an evaluation, on disk before this returns.

        Raises:
            DataError: if the file cannot be written.
        """
        self._known[key] = evaluation
        if self._path is None:
            return
        append_line(self._path, _to_line(key, evaluation), "the sweep", argument="cache")

    def _load(self, content: bytes) -> None:
        *lines, unfinished = content.split(b"\n")
        good, bad = [], []
        for number, line in enumerate(lines, 1):
            try:
                key, evaluation = _from_line(line)
            except (ValueError, TypeError, KeyError, ReportError):
                bad.append(number)
            else:
                self._known[key] = evaluation
                good.append(line + b"\n")
        if bad:
            told = (self._path, len(bad), len(lines), bad[0])
            _LOG.warning("cache %s: %d of %d lines are damaged (first: line %d); they are evaluated again", *told)
        if bad or unfinished:
            replace_file(self._path, b"".join(good), "the sweep", argument="cache")


def sweep_fingerprint(data: Sequence[np.ndarray], settings: Sequence[HardwareSetting], constants: CostConstants) -> str:
    """Return a hash of all that the precisions of a sweep share, the version of the package included."""
    digest = hashlib.sha256(__version__.encode())
    for array in data:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array))
    digest.update(json.dumps([asdict(setting) for setting in settings], sort_keys=True).encode())
    digest.update(json.dumps(asdict(constants), sort_keys=True).encode())
    return digest.hexdigest()


def network_key(fingerprint: str, network: Network) -> str:
    """Return the key of one quantised network in a sweep: its weights and every type, as they are evaluated."""
    digest = hashlib.sha256(fingerprint.encode())
    digest.update(_type_text(network.input_precision).encode())
    for layer in network.layers:
        digest.update(f"{layer.kernel.shape} {layer.activation} {layer.precision.table_size}".encode())
        for name in ("weight", "bias", "accum", "result", "output", "table"):
            digest.update(_type_text(getattr(layer.precision, name)).encode())
        digest.update(layer.kernel.tobytes())
        digest.update(layer.bias.tobytes())
    return digest.hexdigest()


def _type_text(precision: FixedPoint | None) -> str:
    """Return a text that differs for types that differ, per element too."""
    if precision is None:
        return "-"
    bits = (np.ravel(value).tolist() for value in (precision.width, precision.integer))
    return f"{list(bits)} {precision.signed} {precision.rounding} {precision.overflow};"


def _to_line(key: str, evaluation: Evaluation) -> bytes:
    reports = [{**asdict(report), "available": dict(report.available)} for report in evaluation.reports]
    text = json.dumps({"key": key, "accuracy": evaluation.accuracy, "reports": reports})
    return f"{zlib.crc32(text.encode()):08x} {text}".encode()


def _from_line(line: bytes) -> tuple[str, Evaluation]:
    checksum, text = line[:8], line[9:]
    if int(checksum, 16) != zlib.crc32(text):
        raise ValueError("checksum")
    entry = json.loads(text)
    return entry["key"], Evaluation(entry["accuracy"], tuple(DesignReport(**report) for report in entry["reports"]))
