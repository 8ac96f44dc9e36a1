"""Tracks for particle identification: six classes, 59 features, any number of tracks. STAND-IN data.

Momenta and multiplicities are those of 6,000 minimum-bias events of Pythia 8 (13 TeV, 2 < eta < 5, packaged), the
detectors are parameterised. The tracks of the paper (Ryzhikov et al., LHCb) are not public: its comparison of methods
can be repeated, its numbers cannot. Gradient boosting reaches a log loss of 0.53 here; the best public figure on a real
sample of tracks is 0.568.
"""

from functools import cache
from importlib import resources

import numpy as np

from codesign.data.dataset import Dataset
from codesign.data.pid_calorimeters import calorimeters
from codesign.data.pid_detectors import MASSES_GEV, RICH1, RICH2, Tracks, muon_chambers, ring_likelihoods, track_quality
from codesign.data.pid_features import FEATURES, MISSING, assemble_features
from codesign.errors import DataError

CLASSES = ("Electron", "Ghost", "Kaon", "Muon", "Pion", "Proton")
_SPECTRUM_OF = {"Kaon": "Kaon", "Proton": "Proton"}  # the others have the pions', which are by far the most
_RING_NOISE = 4.4  # extra error of every ring likelihood, so that the task is as hard as the real one
_GHOST_RING_NOISE = 4.0  # on top, for hits that belong to different particles
_DECAY_LENGTH_M = {"Pion": 7.80, "Kaon": 3.71}  # c tau
_ORIGIN = (
    "momenta of Pythia 8 minimum-bias tracks, 13 TeV; parameterised RICH, calorimeters, muon chambers, tracking "
    "(LHCb-like)"
)


def generate_tracks(n_per_class: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return x (n_tracks, 59) float32, with -999 where a detector saw nothing, and labels (n_tracks,).

    Class after class.

    Raises:
        DataError: for fewer than one track per class.
    """
    if n_per_class < 1:
        raise DataError(f"n_per_class: expected at least 1. Received: {n_per_class}")
    rng = np.random.default_rng(seed)
    x = np.concatenate([_generate_class(label, n_per_class, rng) for label in CLASSES])
    return x, np.repeat(np.arange(len(CLASSES), dtype=np.int32), n_per_class)


def check_tracks(n_tracks: int) -> None:
    """Check a number of tracks.

    Raises:
        DataError: for fewer than 10 per class.
    """
    if n_tracks < 10 * len(CLASSES):
        raise DataError(f"tracks: expected at least {10 * len(CLASSES)}. Received: {n_tracks}")


def load_pid(n_tracks: int = 300_000, *, test_share: float = 1 / 3, seed: int = 0) -> Dataset:
    """Return generated tracks, equally many per class, shuffled and split; about 300,000 tracks per second.

    A missing value becomes the feature's mean over the training tracks that have it: six of the features are flags that
    say which detector saw the track.

    Args:
        n_tracks: of training and test together, rounded down to a multiple of 6.
        test_share: share of the tracks for testing.
        seed: of generation and split.

    Raises:
        DataError: for fewer than 10 tracks per class, or a share outside (0, 1).
    """
    check_tracks(n_tracks)
    if not 0 < test_share < 1:
        raise DataError(f"test_share: expected a share between 0 and 1. Received: {test_share}")
    x, y = generate_tracks(n_tracks // len(CLASSES), seed=seed)
    order = np.random.default_rng([seed, 1]).permutation(len(x))
    train, test = np.split(order, [round(len(x) * (1 - test_share))])
    x = _fill_missing(x, train)
    names = {"features": FEATURES, "classes": CLASSES, "name": "pid", "kind": "STAND-IN", "origin": _ORIGIN}
    return Dataset(x[train], y[train], x[test], y[test], **names)


def _fill_missing(x: np.ndarray, train: np.ndarray) -> np.ndarray:
    missing = x == MISSING
    measured = ~missing[train]
    mean = np.where(measured, x[train], 0).sum(0, dtype=np.float64) / np.maximum(measured.sum(0), 1)
    return np.where(missing, mean.astype(np.float32), x)


@cache
def _spectra() -> dict[str, np.ndarray]:
    with (
        resources.as_file(resources.files("codesign.data") / "samples" / "pid_spectra.npz") as path,
        np.load(path) as stored,
    ):
        return {name: stored[name] for name in ("Pion", "Kaon", "Proton", "multiplicity")}


def _generate_class(label: str, n: int, rng: np.random.Generator) -> np.ndarray:
    tracks = _draw_tracks(label, n, rng)
    momentum = tracks.p * np.exp(0.8 * rng.standard_normal(n)) if tracks.is_ghost else tracks.p
    noise = np.hypot(_RING_NOISE, _GHOST_RING_NOISE if tracks.is_ghost else 0.0)
    rings = []
    for radiator in (RICH1, RICH2):
        scores, accepted, photons = ring_likelihoods(tracks, radiator, momentum, rng)
        rings.append(
            ({name: score + noise * rng.standard_normal(n) for name, score in scores.items()}, accepted, photons)
        )
    return assemble_features(
        tracks, rings, calorimeters(tracks, rng), muon_chambers(tracks, rng), track_quality(tracks, rng)
    )


def _draw_tracks(label: str, n: int, rng: np.random.Generator) -> Tracks:
    spectra = _spectra()
    source, multiplicity = spectra[_SPECTRUM_OF.get(label, "Pion")], spectra["multiplicity"]
    vector = source[rng.integers(len(source), size=n)] * np.exp(0.02 * rng.standard_normal((n, 1)))
    p, pt = np.sqrt((vector**2).sum(1)), np.hypot(vector[:, 0], vector[:, 1])
    eta, phi = np.arcsinh(vector[:, 2] / pt), np.arctan2(vector[:, 1], vector[:, 0])
    if label == "Muon":
        scale = np.maximum(1, 3.0 / p)  # slower muons do not reach the chambers
        p, pt = p * scale, pt * scale
    n_others = multiplicity[rng.integers(len(multiplicity), size=n)]
    occupancy = np.clip(n_others / 40.0 + 0.3, 0.3, 6) * np.exp(0.2 * rng.standard_normal(n))
    masses = [MASSES_GEV[name] for name in (("Pion", "Pion", "Kaon", "Electron") if label == "Ghost" else (label,))]
    mass = rng.choice(masses, n)
    length = p / mass * _DECAY_LENGTH_M[label] if label in _DECAY_LENGTH_M else np.inf
    return Tracks(label, p, pt, eta, phi, occupancy, mass, is_decayed=rng.random(n) < 1 - np.exp(-15.0 / length))
