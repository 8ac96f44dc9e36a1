"""What a sweep has finished, in a file of JSON lines: one per precision choice, appended as soon as it is done."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from os import PathLike

import numpy as np

from codesign._entries import EntryFile
from codesign._version import __version__
from codesign.fpga.design.report import DesignReport
from codesign.fpga.estimate.constants import CostConstants
from codesign.fpga.estimate.toolchain import Toolchain
from codesign.fpga.sweep.grid import HardwareSetting
from codesign.metrics import Measured
from codesign.network import FixedPoint, Network


@dataclass(frozen=True)
class Evaluation:
    """What a sweep finds out about one precision choice.

    Args:
        metrics: what was measured of the emulated network, by name.
        reports: one for each hardware setting, in order.
    """

    metrics: Mapping[str, Measured]
    reports: tuple[DesignReport, ...]


class SweepCache:
    """Evaluations by key, in memory and in a file (:class:`codesign._entries.EntryFile`).

    Args:
        path: of the file; it need not exist. None keeps nothing.

    Raises:
        DataError: if the file cannot be read or written, or is none of a sweep.
    """

    def __init__(self, path: str | PathLike | None) -> None:
        self._file = None if path is None else EntryFile(path, "the sweep", argument="cache")
        self._known: dict[str, Evaluation] = {} if self._file is None else dict(self._file.read(read_entry))

    def get(self, key: str) -> Evaluation | None:
        """Return what is known, or None."""
        return self._known.get(key)

    def add(self, key: str, evaluation: Evaluation) -> None:
        """Remember an evaluation, on disk before this returns.

        Raises:
            DataError: if the file cannot be written.
        """
        self._known[key] = evaluation
        if self._file is not None:
            self._file.append(evaluation_entry(key, evaluation))


def sweep_fingerprint(
    data: Sequence[np.ndarray],
    metrics: Sequence[str],
    settings: Sequence[HardwareSetting],
    constants: CostConstants,
    toolchain: Toolchain | None,
) -> str:
    """Return a hash of all that the precisions of a sweep share, the version of the package included."""
    digest = hashlib.sha256(__version__.encode())
    for array in data:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array))
    digest.update(json.dumps(list(metrics)).encode())
    digest.update(json.dumps([asdict(setting) for setting in settings], sort_keys=True).encode())
    for one in (constants, *([toolchain] if toolchain else [])):
        digest.update(json.dumps(asdict(one), sort_keys=True).encode())
    return digest.hexdigest()


def network_key(fingerprint: str, network: Network) -> str:
    """Return the key of one quantised network in a sweep: its weights and every type, as they are evaluated."""
    digest = hashlib.sha256(fingerprint.encode())
    for part in (*network.inputs, *network.nodes):
        _update(digest, part)
    digest.update(f"{network.outputs}".encode())
    return digest.hexdigest()


def _update(digest: "hashlib._Hash", value: object) -> None:
    """Take a record's class and fields into a hash, arrays by their bytes."""
    if isinstance(value, FixedPoint):
        digest.update(_type_text(value).encode())
    elif isinstance(value, np.ndarray):
        digest.update(f"{value.dtype} {value.shape}".encode())
        digest.update(value.tobytes())
    elif is_dataclass(value):
        digest.update(type(value).__name__.encode())
        for field in fields(value):
            _update(digest, getattr(value, field.name))
    else:
        digest.update(f"{value!r};".encode())


def _type_text(precision: FixedPoint) -> str:
    """Return a text that differs for types that differ, per element too."""
    bits = (np.ravel(value).tolist() for value in (precision.width, precision.integer, precision.signed))
    return f"{list(bits)} {precision.rounding} {precision.overflow};"


def evaluation_entry(key: str, evaluation: Evaluation) -> dict:
    """Return an evaluation as plain data."""
    reports = [asdict(report) for report in evaluation.reports]
    metrics = {name: found.as_dict() for name, found in evaluation.metrics.items()}
    return {"key": key, "metrics": metrics, "reports": reports}


def read_entry(entry: dict) -> tuple[str, Evaluation]:
    """Return the key and the evaluation of plain data."""
    metrics = {name: Measured(**found) for name, found in entry["metrics"].items()}
    return entry["key"], Evaluation(metrics, tuple(DesignReport(**report) for report in entry["reports"]))
