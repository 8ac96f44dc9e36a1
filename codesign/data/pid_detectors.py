"""Parameterised response of an LHCb-like detector to tracks: Cherenkov counters, muon chambers, tracking.

STAND-IN: simple shapes with the right orders of magnitude, not LHCb's simulation. Momenta in GeV, angles in rad; every
array is (n_tracks,) float64 or bool.
"""

from dataclasses import dataclass

import numpy as np

MASSES_GEV = {"Electron": 0.000511, "Muon": 0.10566, "Pion": 0.13957, "Kaon": 0.49368, "Proton": 0.93827}
_CONSTANT_ANGLE_ERROR = 0.0004  # rad, of a ring, whatever its photons
_PHOTON_EFFICIENCY = 0.9
_BACKGROUND_PHOTONS = 0.6  # at unit occupancy


@dataclass(frozen=True)
class Tracks:
    """Tracks of one class before any detector.

    Args:
        label: name of the class; Ghost is a track that no particle made.
        p, pt: total and transverse momentum, GeV.
        eta: pseudorapidity.
        phi: azimuth, rad.
        occupancy: multiplicity of the event over 40, clipped.
        mass: of what passed, GeV.
        is_decayed: whether it became a muon within 15 m.
    """

    label: str
    p: np.ndarray
    pt: np.ndarray
    eta: np.ndarray
    phi: np.ndarray
    occupancy: np.ndarray
    mass: np.ndarray
    is_decayed: np.ndarray

    @property
    def is_ghost(self) -> bool:
        """Whether no particle made these tracks."""
        return self.label == "Ghost"


@dataclass(frozen=True)
class Radiator:
    """One Cherenkov counter.

    Args:
        index: of refraction.
        photons: detected from a ring of v = c.
        angle_error: of one photon, rad.
        eta: acceptance in pseudorapidity.
    """

    index: float
    photons: float
    angle_error: float
    eta: tuple[float, float]

    def angle(self, momentum: np.ndarray, mass: np.ndarray | float) -> np.ndarray:
        """Return the Cherenkov angle ``arccos(1 / (n beta))`` in rad, 0 below threshold."""
        n_beta = self.index * momentum / np.hypot(momentum, mass)
        return np.where(n_beta > 1, np.arccos(np.minimum(1 / n_beta, 1)), 0.0)

    def is_above_threshold(self, momentum: np.ndarray, mass: float) -> np.ndarray:
        """Return whether a particle radiates."""
        return self.index * momentum / np.hypot(momentum, mass) > 1

    def expected_photons(self, angle: np.ndarray) -> np.ndarray:
        """Return the mean number of photons of a ring, ``N0 sin^2 / sin^2_max``."""
        return _PHOTON_EFFICIENCY * self.photons * np.sin(angle) ** 2 / (1 - self.index**-2)


RICH1 = Radiator(1.0014, 26, 0.0016, (2.0, 4.4))
RICH2 = Radiator(1.0005, 20, 0.00065, (2.9, 4.9))


def ring_likelihoods(
    tracks: Tracks, radiator: Radiator, momentum: np.ndarray, rng: np.random.Generator
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Return log-likelihoods by hypothesis, whether a track is accepted, and its photons.

    Photons are Poisson, angles have Student's t errors (3 degrees of freedom); a hypothesis scores ``-mu + k log(mu)``
    for the count and twice ``-log(1 + pull^2 / 3)`` for the angle.

    Args:
        momentum: of what crossed the radiator, GeV; a ghost's is not the fitted one.
    """
    n, (low, high) = len(momentum), radiator.eta
    true_angle = radiator.angle(momentum, tracks.mass)
    photons = rng.poisson(radiator.expected_photons(true_angle))
    accepted = (tracks.eta > low) & (tracks.eta < high) & (rng.random(n) < 0.97)
    photon_error = radiator.angle_error / np.sqrt(np.maximum(photons, 1))
    smearing = 1.3 * photon_error * rng.standard_t(3, n) + _CONSTANT_ANGLE_ERROR * rng.standard_normal(n)
    measured = np.where(photons > 0, true_angle + smearing, 0.0)
    error = 1.5 * np.hypot(photon_error, _CONSTANT_ANGLE_ERROR)
    scores = {}
    for name, mass in MASSES_GEV.items():
        angle = radiator.angle(momentum, mass)
        mean = radiator.expected_photons(angle) + _BACKGROUND_PHOTONS * tracks.occupancy
        ring = np.where(angle > 0, 2 * np.log1p(((measured - angle) / error) ** 2 / 3), 6.0)
        scores[name] = np.where(accepted, photons * np.log(mean) - mean - np.where(photons > 0, ring, 0.0), 0.0)
    return scores, accepted, photons


def muon_chambers(tracks: Tracks, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return acceptance, the two muon flags and the two log-likelihoods; punch-through grows with momentum."""
    p, n = tracks.p, len(tracks.p)
    accepted = (tracks.eta < 4.6) & (p > 3)
    muon = np.broadcast_to(tracks.label == "Muon", n) | (tracks.is_decayed & (rng.random(n) < 0.7))
    punch_through = (0.05 if tracks.is_ghost else 0.012) * np.clip(p / 20, 0.3, 3)
    tight = accepted & ((muon & (rng.random(n) < 0.97)) | (rng.random(n) < punch_through))
    loose = tight | (accepted & (rng.random(n) < 0.04 * tracks.occupancy))
    distance2 = np.where(muon, rng.gamma(1.2, 1.2, n), rng.gamma(1.3, 5.0, n))
    background = np.clip(-np.abs(rng.gamma(1.4, 2.0, n) - np.where(muon, 0, 1)), -8, 0)
    return {
        "flag": accepted,
        "tight": tight,
        "loose": loose,
        "signal": np.clip(-distance2 / 2, -12, 0),
        "background": background,
    }


def track_quality(tracks: Tracks, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return hits, chi2 per degree of freedom of two stations and the whole, a ghost probability, the match chi2."""
    n, ghost = len(tracks.p), tracks.is_ghost
    hits = [rng.poisson(7.5 if ghost else 9, n) + 4.0, rng.poisson(13.0 if ghost else 14, n) + 4.0]
    shape, scale = (4.0, 0.34) if ghost else (6.0, 1 / 6)
    chi2 = [rng.gamma(shape, scale, n), rng.gamma(shape, scale, n)]
    total = hits[0] + hits[1]
    whole = (chi2[0] * hits[0] + chi2[1] * hits[1]) / total * np.exp(0.1 * rng.standard_normal(n))
    score = (
        3.2 * np.log(whole) + 0.3 * (tracks.occupancy - 1) - 0.15 * (total - 25) - 1.4 + 0.7 * rng.standard_normal(n)
    )
    match = rng.gamma(4, 1.3 if ghost else 0.9, n)
    stations = {"hits1": hits[0], "hits2": hits[1], "chi2_1": chi2[0], "chi2_2": chi2[1]}
    return {**stations, "hits": total, "chi2": whole, "ghost": 1 / (1 + np.exp(-score)), "match": match}
