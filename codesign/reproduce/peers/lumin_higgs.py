"""LUMIN 0.9.1 (G.

Strong) on HiggsML's events: its published final recipe. Run by an interpreter that has lumin and torch:
``python lumin_higgs.py EVENTS.npz --json OUT.json --seed 0 --nets 10 --epochs 15``.

Momenta as Cartesian vectors, -999 as the mean, the jet number embedded, weighted cross-entropy, nets that leave out one
fold each, 6 x 33 swish with dense connections, Adam along one cycle, random rotations and mirrors in training, eight
copies in the test, nets weighted by 1 / loss.
"""

# ruff: noqa: E402  # LUMIN is imported behind what stands for a package that it does not declare

import argparse
import contextlib
import io
import json
import os
import random
import resource
import sys
import tempfile
import types
from functools import partial

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"  # only files that this process wrote are loaded
try:
    import pdpbox  # noqa: F401  # which LUMIN imports and does not declare
except ImportError:
    _module, _inner = types.ModuleType("pdpbox"), types.ModuleType("pdpbox.pdp")
    for name in ("PDPIsolate", "PDPInteract"):
        setattr(_module, name, type(name, (), {}))
        setattr(_inner, name, getattr(_module, name))
    _module.pdp = _inner
    sys.modules["pdpbox"], sys.modules["pdpbox.pdp"] = _module, _inner

import numpy as np
import pandas as pd
import torch
from lumin.data_processing.file_proc import df2foldfile
from lumin.data_processing.hep_proc import proc_event
from lumin.data_processing.pre_proc import fit_input_pipe
from lumin.nn.callbacks.cyclic_callbacks import OneCycle
from lumin.nn.data.fold_yielder import HEPAugFoldYielder
from lumin.nn.ensemble.ensemble import Ensemble
from lumin.nn.models.helpers import CatEmbedder
from lumin.nn.models.model_builder import ModelBuilder
from lumin.nn.training.train import train_models
from sklearn.model_selection import KFold

_PARTS = ("train", "validation", "test")
_JETS = "PRI_jet_num"
_FOLDS, _BATCH = 10, 256


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _frame(events: dict[str, np.ndarray], part: str) -> pd.DataFrame:
    """The events as LUMIN's own preparation makes them."""
    names = [str(name) for name in events["features"]]
    frame = pd.DataFrame(events[f"x_{part}"].astype(np.float64), columns=names).rename(
        columns={"PRI_met": "PRI_met_pt"}
    )
    options = {"ref_vec_0": "PRI_lep", "ref_vec_1": "PRI_tau", "default_vals": [-999.0], "keep_feats": ["PRI_met_pt"]}
    proc_event(frame, use_cartesian=True, **options)
    frame["gen_target"], frame["gen_weight"] = events[f"y_{part}"].astype(int), events[f"weights_{part}"]
    frame["gen_strat"] = frame.gen_target * 10 + frame[_JETS].astype(int)
    for kind in (0, 1):
        own = frame.gen_target == kind
        frame.loc[own, "gen_weight"] /= frame.loc[own, "gen_weight"].sum()
    return frame


def _write(frames: dict[str, pd.DataFrame]) -> None:
    """Write fold files into the working folder."""
    columns = [one for one in frames["train"].columns if one != _JETS and not one.startswith("gen_")]
    pipe = fit_input_pipe(frames["train"], columns, None)
    for part, frame in frames.items():
        frame[columns] = pipe.transform(frame[columns].values.astype("float32"))
        frame[_JETS] = frame[_JETS].astype(int)
        options = {"cont_feats": columns, "cat_feats": [_JETS], "cat_maps": {_JETS: {one: one for one in range(4)}}}
        options |= {"targ_feats": "gen_target", "targ_type": "int", "wgt_feat": "gen_weight", "savename": part}
        is_train = part == "train"
        df2foldfile(df=frame, n_folds=_FOLDS, shuffle=is_train, strat_key="gen_strat" if is_train else None, **options)


def _train(nets: int, epochs: int) -> tuple[Ensemble, float]:
    """Return the ensemble, and CPU s of its training."""
    folds = HEPAugFoldYielder("train.hdf5", rot_mult=2)
    embedder = CatEmbedder.from_fy(folds, emb_szs=[3])
    body = {"body": {"act": "swish", "width": 33, "depth": 6, "dense": True}}
    options = {"cont_feats": folds.cont_feats, "n_out": 1, "cat_embedder": embedder, "model_args": body}
    builder = ModelBuilder("classification", opt_args={"opt": "adam", "eps": 1e-8}, **options)
    up = round(epochs / 3)
    lengths = {"lengths": (up, epochs - up), "lr_range": [1e-4, 1e-2], "mom_range": (0.85, 0.95), "interp": "cosine"}
    begun = _cpu_s()
    batch = min(_BATCH, *(len(folds.foldfile[f"fold_{index}/targets"]) for index in range(_FOLDS)))  # it drops less
    settings = {"bs": batch, "model_builder": builder, "n_epochs": epochs + 1, "live_fdbk": False}
    results, _, _ = train_models(folds, n_models=nets, cb_partials=[partial(OneCycle, **lengths)], **settings)
    spent = _cpu_s() - begun
    return Ensemble.from_results(results, nets, builder, metric="loss", weighting="reciprocal"), spent


def _predict(ensemble: Ensemble, part: str, n_events: int) -> tuple[np.ndarray, float]:
    """Return probabilities in the order of the events, and CPU s."""
    folds = HEPAugFoldYielder(f"{part}.hdf5", rot_mult=2)
    begun = _cpu_s()
    ensemble.predict(folds, pred_name="p")
    spent = _cpu_s() - begun
    given = np.concatenate([folds.foldfile[f"fold_{index}/p"][()].ravel() for index in range(folds.n_folds)])
    order = np.concatenate([one for _, one in KFold(n_splits=_FOLDS).split(np.zeros((n_events, 1)))])
    found = np.empty(n_events)
    found[order] = given
    return found, spent


def main() -> None:
    """Train, predict, and write the JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("events")
    parser.add_argument("--json", required=True)
    for name in ("seed", "nets", "epochs"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    random.seed(options.seed)
    np.random.seed(options.seed)
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    with np.load(options.events) as file:
        events = {name: file[name] for name in file.files}
    result, out = {}, os.path.abspath(options.json)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        os.chdir(folder)
        _write({part: _frame(events, part) for part in _PARTS})
        ensemble, result["train_cpu_s"] = _train(options.nets, options.epochs)
        for part in _PARTS[1:]:
            found, spent = _predict(ensemble, part, len(events[f"y_{part}"]))
            result[part] = found.tolist()
        result["test_us_per_event"] = spent / len(events["y_test"]) * 1e6
        os.chdir("/")
    with open(out, "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    main()
