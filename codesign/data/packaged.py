"""The packaged samples: their names, how real they are, and their arrays."""

from importlib import resources

import numpy as np

from codesign._untrusted import read_arrays
from codesign.data.dataset import NOT_STATED
from codesign.errors import DataError

SAMPLES = {
    "b_decay": (
        "REAL",
        "the sample of the NNDrone paper itself (scikit-hep/NNDrone, BSD-3, made with RapidSim): Bs -> J/psi phi (1) "
        "against D0 -> 4 pi (0), 6 features, the first half of each class for training; in its D0 decays one pion is "
        "used twice and one never",
    ),
    "hbb": (
        "GENERATED",
        "Pythia 8 + FastJet, boosted H -> bb (1) against QCD jets (0), pT > 250 GeV, anti-kT 1.0 with the two leading "
        "variable-radius track jets, 39 features; no pile-up, displaced tracks stand for the vertex fit; gradient "
        "boosting reaches an AUC of .959",
    ),
    "higgsml": (
        "REAL",
        "the first 22,889 events of ATLAS's open data for the HiggsML challenge (CERN Open Data 328, CC0): H -> "
        "tau tau (1) against Z, top and W (0), 30 features, -999 where a quantity does not exist; EventId % 5 of 0 and "
        "1 are for test; KaggleWeight, scaled in each part to the 692 signal and 411,000 background events expected",
    ),
    "jets_hlf": (
        "GENERATED",
        "Pythia 8 + FastJet, 13 TeV, pT about 1 TeV, anti-kT 0.8, mMDT: the 16 features of the public "
        "'hls4ml LHC jets HLF' set, but not that set (harder: gradient boosting reaches .667 here, .76 there)",
    ),
    "quark_gluon": (
        "GENERATED",
        "Pythia 8 + FastJet, 14 TeV, quark jets of qg -> Wq (1) against gluon jets of gg -> gg (0), kt R = 0.4, pT > "
        "20 GeV, 17 features, as the NNDrone paper describes; its own background is not public; gradient boosting "
        "reaches an AUC of .807",
    ),
}


def samples() -> list[str]:
    """Return the names of the packaged samples."""
    return sorted(SAMPLES)


def sample_arrays(name: str) -> dict[str, np.ndarray]:
    """Return the arrays of a packaged sample."""
    with resources.as_file(resources.files("codesign.data") / "samples" / f"{name}.npz") as path:
        return read_arrays(path)


def check_kind(sample: str, kind: str) -> None:
    """Check that nobody says of a sample what it is not.

    Raises:
        DataError: for another kind than its own.
    """
    own = SAMPLES[sample][0]
    if kind not in (NOT_STATED, own):
        raise DataError(
            f"kind: expected {own}, which the sample {sample} is, or none. Received: {kind!r:.60}; leave it out"
        )
