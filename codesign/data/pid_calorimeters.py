"""Parameterised response of scintillating pads, preshower, ECAL and HCAL.

STAND-IN, as in :mod:`codesign.data.pid_detectors`.
"""

import numpy as np

from codesign.data.pid_detectors import Tracks


def calorimeters(tracks: Tracks, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return energies (GeV), flags of acceptance and log-likelihood differences of the four calorimeters.

    Electrons leave all energy in the ECAL, with bremsstrahlung; hadrons shower or pass as minimum-ionising; muons pass.
    """
    p, n, normal = tracks.p, len(tracks.p), rng.standard_normal
    electron = np.broadcast_to((tracks.label == "Electron") | (tracks.is_ghost & (tracks.mass < 0.01)), n)
    muon = tracks.label == "Muon"
    ecal = (tracks.eta < 4.3) & (p > 1.5) & (rng.random(n) < 0.97)
    brem_flag = ecal & (rng.random(n) < 0.93)
    hcal = (tracks.eta < 4.3) & (p > 2) & (rng.random(n) < 0.95)
    spd_flag = ecal & (rng.random(n) < 0.98)
    minimum_ionising = muon | (rng.random(n) < 0.35)
    hadron_share = np.minimum(rng.beta(1.1, 2.6, n), 0.97)
    shower = p * np.clip(1 + normal(n) * (0.1 / np.sqrt(p) + 0.015) - rng.exponential(0.06, n), 0.05, 1.6)
    passing = np.where(minimum_ionising, np.abs(0.33 + 0.12 * normal(n)), p * hadron_share)
    ecal_gev = np.where(electron, shower, passing) + 0.15 * tracks.occupancy * rng.exponential(1.0, n)
    leak, mip = 0.03 * p * rng.exponential(1, n), np.abs(1.5 + 0.5 * normal(n))
    hadron = np.maximum(p - ecal_gev, 0) * np.clip(0.85 + 0.8 / np.sqrt(p) * normal(n), 0, 2)
    hcal_gev = np.where(electron, leak, np.where(muon, mip, hadron)) + 0.2 * tracks.occupancy * rng.exponential(1, n)
    early = np.where(rng.random(n) < 0.2, rng.gamma(1.5, 9, n), np.abs(2.2 + 0.9 * normal(n)))
    preshower = np.where(electron, rng.gamma(2.2, 14.0, n), early)
    spd = np.where(rng.random(n) < 0.96, 3.2, 0.0) * spd_flag
    has_brem = np.where(electron, rng.random(n) < 0.45, rng.random(n) < 0.06 * tracks.occupancy)
    spread = normal(n)
    return {
        "spd_flag": spd_flag, "brem_flag": brem_flag, "ecal_flag": ecal, "hcal_flag": hcal,
        "spd": spd, "preshower": preshower, "ecal_gev": ecal_gev, "hcal_gev": hcal_gev, "has_brem": has_brem,
        "spread": spread,
        **_calorimeter_scores(p, ecal_gev, hcal_gev, preshower=preshower, has_brem=has_brem, spread=spread),
    }  # fmt: skip


def _calorimeter_scores(
    p: np.ndarray,
    ecal_gev: np.ndarray,
    hcal_gev: np.ndarray,
    *,
    preshower: np.ndarray,
    has_brem: np.ndarray,
    spread: np.ndarray,
) -> dict[str, np.ndarray]:
    ratio = ecal_gev / p
    signal = -0.5 * ((np.minimum(ratio, 1.3) - 0.97) / 0.09) ** 2 - np.log(0.09)
    passing = np.exp(-0.5 * ((ecal_gev - 0.4) / 0.3) ** 2) / (0.3 * p) * 0.4
    background = 0.35 * np.exp(-ratio / 0.33) / 0.33 + 0.65 * passing + 1e-3
    return {
        "ecal_electron": np.clip(signal - np.log(background), -8, 6),
        "preshower_electron": np.clip(np.log((preshower + 1) / 6.0), -2.5, 2.5),
        "brem_electron": np.where(has_brem, 1.2 + 0.6 * spread, -0.35 + 0.15 * spread),
        "hcal_electron": np.clip(1.5 - 3 * hcal_gev / p + 0.5 * spread, -5, 2.5),
        "ecal_muon": np.clip(2 - 4 * np.abs(ecal_gev - 0.4) / (0.1 * p + 0.4), -6, 2),
        "hcal_muon": np.clip(2 - 4 * np.abs(hcal_gev - 1.6) / (0.1 * p + 1.0), -6, 2),
    }
