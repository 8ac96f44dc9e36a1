"""The HiggsML challenge of ATLAS, 2014: the packaged REAL events, or the official file."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from codesign._arguments import checked
from codesign.data.checks import check_signal, check_weights
from codesign.data.dataset import Dataset
from codesign.data.files import load_dataset
from codesign.data.higgsml_file import LABEL, SET, WEIGHT, read_official
from codesign.errors import DataError

MISSING = -999.0
SIGNAL_EVENTS, BACKGROUND_EVENTS = (
    691.988607712,
    410_999.847322,
)  # expected in the data of 2012, as the challenge states
_CLASSES = ("background", "signal")
_PARTS = {"public": "b", "private": "v"}
FEATURES = (
    *("DER_mass_MMC", "DER_mass_transverse_met_lep", "DER_mass_vis", "DER_pt_h", "DER_deltaeta_jet_jet"),
    *("DER_mass_jet_jet", "DER_prodeta_jet_jet", "DER_deltar_tau_lep", "DER_pt_tot", "DER_sum_pt"),
    *("DER_pt_ratio_lep_tau", "DER_met_phi_centrality", "DER_lep_eta_centrality"),
    *(f"PRI_{body}_{part}" for body in ("tau", "lep") for part in ("pt", "eta", "phi")),
    *("PRI_met", "PRI_met_phi", "PRI_met_sumet", "PRI_jet_num"),
    *(f"PRI_jet_{which}_{part}" for which in ("leading", "subleading") for part in ("pt", "eta", "phi")),
    "PRI_jet_all_pt",
)


@dataclass(frozen=True, eq=False)
class HiggsML:
    """Events of the challenge.

    Args:
        data: training and test events, with weights that sum to the expected events of each class in training, and in
            each part of the test.
        parts: name -> (n_test,) bool: which test events are its own: ``public`` and ``private``, or ``test``.
    """

    data: Dataset
    parts: dict[str, np.ndarray]


@checked
def load_higgsml(path: str | PathLike | None = None) -> HiggsML:
    """Return the packaged events, or those of the official file.

    Args:
        path: of ``atlas-higgs-challenge-2014-v2.csv`` or ``.csv.gz`` (CERN Open Data 328): KaggleSet t is for
            training, b the public and v the private test set, u is left out. None: the packaged 22,889 events of set
            t, those of EventId % 5 = 0 and 1 for test.

    Raises:
        DataError: for a file that is missing, cut off, lacks a column or a part (it names it), has an event twice, or
            other values than the challenge's (it says in which line).

    Example:
        >>> from codesign.data import load_higgsml
        >>> events = load_higgsml()
        >>> len(events.data.x_train), list(events.parts)
        (13733, ['test'])
    """
    if path is None:
        data = load_dataset("higgsml")
        return HiggsML(data, {"test": np.ones(len(data.x_test), bool)})
    return _of_columns(read_official(path, FEATURES), Path(path))


@checked
def expected_weights(weights: np.ndarray, is_signal: np.ndarray) -> np.ndarray:
    """Return weights that sum to the expected events of each class: 692.0 of signal, 410,999.8 of background.

    Args:
        weights: (n_events,).
        is_signal: (n_events,) bool, or labels 0 and 1, with both kinds in it.

    Raises:
        DataError: for weights that are negative or not finite, or sum to 0 for one kind.
    """
    is_signal = check_signal("is_signal", is_signal)
    weights = check_weights("weights", weights, len(is_signal)).astype(np.float64)
    scaled = np.zeros(len(weights))
    for name, kind, expected in (
        ("signal", is_signal, SIGNAL_EVENTS),
        ("background", ~is_signal, BACKGROUND_EVENTS),
    ):
        total = weights[kind].sum()
        if not total > 0:
            raise DataError(f"weights: expected a sum above 0 of the events of {name}. Received: {total:g}")
        scaled[kind] = weights[kind] * (expected / total)
    return scaled


def _of_columns(columns: dict[str, np.ndarray], path: Path) -> HiggsML:
    labels, sets = columns[LABEL], columns[SET]
    x = np.stack([columns[name] for name in FEATURES], 1).astype(np.float32)
    is_signal, weights = labels == "s", columns[WEIGHT].astype(np.float64)
    part_of = {"train": sets == "t", **{name: sets == letter for name, letter in _PARTS.items()}}
    for name, own in part_of.items():
        for kind, label in ((is_signal, "s"), (~is_signal, "b")):
            if not (weights[own & kind] > 0).any():
                letter = {"train": "t", **_PARTS}[name]
                raise DataError(
                    f"data: expected events of label {label} in KaggleSet {letter} ({name}) of {path}. Received: none"
                )
        weights[own] = expected_weights(weights[own], is_signal[own])
    train, test = part_of["train"], part_of["public"] | part_of["private"]
    data = Dataset(
        x_train=x[train],
        y_train=is_signal[train].astype(np.int8),
        weights_train=weights[train],
        x_test=x[test],
        y_test=is_signal[test].astype(np.int8),
        weights_test=weights[test],
        features=FEATURES,
        classes=_CLASSES,
        name="higgsml",
        kind="REAL",
        origin=f"the official file of the HiggsML challenge, {path.name}",
    )
    return HiggsML(data, {name: part_of[name][test] for name in _PARTS})
