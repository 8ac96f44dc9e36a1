"""The 59 features of a track: flags, energies, likelihood differences and track quality, named as LHCb names them."""

from collections.abc import Mapping, Sequence

import numpy as np

from codesign.data.pid_detectors import MASSES_GEV, RICH1, Tracks

MISSING = -999.0
FEATURES = (
    "FlagSpd", "FlagPrs", "FlagBrem", "FlagEcal", "FlagHcal", "FlagRICH1", "FlagRICH2", "FlagMuon",
    "SpdE", "PrsE", "EcalE", "HcalE", "PrsDLLbeElectron", "BremDLLbeElectron", "TrackP", "TrackPt",
    "TrackNDoFSubdetector1", "TrackNDoFSubdetector2", "TrackQualityPerNDoF", "TrackNDoF",
    "TrackQualitySubdetector1", "TrackQualitySubdetector2",
    "EcalDLLbeElectron", "EcalDLLbeMuon", "HcalDLLbeElectron", "HcalDLLbeMuon",
    "RICHpFlagElectron", "RICHpFlagMuon", "RICHpFlagPion", "RICHpFlagKaon", "RICHpFlagProton",
    "RICH_DLLbeElectron", "RICH_DLLbeMuon", "RICH_DLLbeKaon", "RICH_DLLbeProton", "RICH_DLLbeBCK",
    "MuonFlag", "MuonLooseFlag", "MuonLLbeBCK", "MuonLLbeMuon",
    "DLLelectron", "DLLmuon", "DLLkaon", "DLLproton", "GhostProbability",
    "TrackEta", "TrackPhi", "EventMultiplicity", "RICH1Photons", "RICH2Photons",
    "RICH1_DLLbeKaon", "RICH2_DLLbeKaon", "RICH1_DLLbeProton", "RICH2_DLLbeProton",
    "EcalEOverP", "HcalEOverP", "TrackMatchChi2", "HasBrem", "EcalEShare",
)  # fmt: skip
_MEV = 1e3

Ring = tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]


def assemble_features(
    tracks: Tracks, rings: Sequence[Ring], calo: Mapping, muon: Mapping, quality: Mapping
) -> np.ndarray:
    """Return (n_tracks, 59) float32 in the order of `FEATURES`.

    Energies and momenta in MeV, -999 where a detector saw nothing.

    Args:
        rings: of RICH 1 and 2: log-likelihoods by hypothesis, acceptance, photons.
        calo, muon, quality: what the functions of :mod:`codesign.data.pid_detectors` return.
    """
    columns = {
        **_flags(rings, calo, muon, tracks),
        **_calorimeter_columns(tracks, calo),
        **_ring_columns(tracks, rings, calo),
    }
    columns |= {**_muon_columns(muon), **_track_columns(tracks, quality)}
    columns |= _combined(columns, rings, calo, muon)
    return np.stack([columns[name] for name in FEATURES], 1).astype(np.float32)


def _where(seen: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.where(seen, values, MISSING)


def _flags(rings: Sequence[Ring], calo: Mapping, muon: Mapping, tracks: Tracks) -> dict[str, np.ndarray]:
    flags = {name.title(): calo[f"{name}_flag"] for name in ("spd", "brem", "ecal", "hcal")}
    flags |= {
        "Prs": calo["spd_flag"] & (tracks.p > 1.6),
        "RICH1": rings[0][1],
        "RICH2": rings[1][1],
        "Muon": muon["flag"],
    }
    return {f"Flag{name}": flag for name, flag in flags.items()}


def _calorimeter_columns(tracks: Tracks, calo: Mapping) -> dict[str, np.ndarray]:
    spd, brem, ecal, hcal = (calo[f"{name}_flag"] for name in ("spd", "brem", "ecal", "hcal"))
    energy, hadronic = calo["ecal_gev"], calo["hcal_gev"]
    return {
        "SpdE": _where(spd, calo["spd"]),
        "PrsE": _where(spd, calo["preshower"]),
        "EcalE": _where(ecal, energy * _MEV),
        "HcalE": _where(hcal, hadronic * _MEV),
        "PrsDLLbeElectron": _where(spd, calo["preshower_electron"]),
        "BremDLLbeElectron": _where(brem, calo["brem_electron"]),
        "EcalDLLbeElectron": _where(ecal, calo["ecal_electron"]),
        "EcalDLLbeMuon": _where(ecal, calo["ecal_muon"]),
        "HcalDLLbeElectron": _where(hcal, calo["hcal_electron"]),
        "HcalDLLbeMuon": _where(hcal, calo["hcal_muon"]),
        "EcalEOverP": _where(ecal, energy / tracks.p),
        "HcalEOverP": _where(hcal, hadronic / tracks.p),
        "HasBrem": _where(brem, calo["has_brem"]),
        "EcalEShare": _where(ecal, energy / (energy + hadronic + 0.1)),
    }


def _ring_columns(tracks: Tracks, rings: Sequence[Ring], calo: Mapping) -> dict[str, np.ndarray]:
    seen = rings[0][1] | rings[1][1]
    columns = {f"RICHpFlag{name}": RICH1.is_above_threshold(tracks.p, mass) for name, mass in MASSES_GEV.items()}
    columns |= {
        f"RICH_DLLbe{name}": _where(seen, ring_difference(rings, name)) for name in MASSES_GEV if name != "Pion"
    }
    columns["RICH_DLLbeBCK"] = _where(seen, -0.3 * calo["spread"])
    for number, (scores, accepted, photons) in enumerate(rings, 1):
        columns[f"RICH{number}Photons"] = photons
        for name in ("Kaon", "Proton"):
            columns[f"RICH{number}_DLLbe{name}"] = _where(accepted, scores[name] - scores["Pion"])
    return columns


def ring_difference(rings: Sequence[Ring], name: str) -> np.ndarray:
    """Return the log-likelihood of a hypothesis less that of the pion, both counters together."""
    return sum(scores[name] - scores["Pion"] for scores, _, _ in rings)


def _muon_columns(muon: Mapping) -> dict[str, np.ndarray]:
    scores = {
        "MuonLLbeBCK": _where(muon["flag"], muon["background"]),
        "MuonLLbeMuon": _where(muon["flag"], muon["signal"]),
    }
    return {"MuonFlag": muon["tight"], "MuonLooseFlag": muon["loose"], **scores}


def _track_columns(tracks: Tracks, quality: Mapping) -> dict[str, np.ndarray]:
    columns = {"TrackP": tracks.p * _MEV, "TrackPt": tracks.pt * _MEV, "TrackEta": tracks.eta, "TrackPhi": tracks.phi}
    columns |= {"EventMultiplicity": 40 * tracks.occupancy, "TrackMatchChi2": quality["match"]}
    columns |= {
        "GhostProbability": quality["ghost"],
        "TrackNDoF": quality["hits"],
        "TrackQualityPerNDoF": quality["chi2"],
    }
    for number in (1, 2):
        columns[f"TrackNDoFSubdetector{number}"] = quality[f"hits{number}"]
        columns[f"TrackQualitySubdetector{number}"] = quality[f"chi2_{number}"]
    return columns


def _combined(columns: Mapping, rings: Sequence[Ring], calo: Mapping, muon: Mapping) -> dict[str, np.ndarray]:
    """Sums over detectors; the RICH part is -999 where neither counter saw the track, as in its own columns."""
    electron = sum(calo[f"{name}_electron"] for name in ("ecal", "preshower", "brem", "hcal"))
    muon_part = np.where(muon["flag"], np.where(muon["tight"], 1.5 + muon["signal"] - muon["background"], -3.0), 0.0)
    veto = 0.2 * np.where(muon["tight"], 1.5, -0.1)
    return {
        "DLLelectron": columns["RICH_DLLbeElectron"] + np.where(calo["ecal_flag"], electron, 0),
        "DLLmuon": 0.8 * columns["RICH_DLLbeMuon"] + muon_part,
        "DLLkaon": columns["RICH_DLLbeKaon"] - veto,
        "DLLproton": columns["RICH_DLLbeProton"] - veto,
    }
