"""Train small networks with `model.fit`: QKeras layers, TFMOT pruning, progress, restarts."""

from codesign.train.checkpoints import load_model, save_model
from codesign.train.fit import FitSettings, fit_classifier
from codesign.train.qmlp import build_qmlp, check_bits

__all__ = ["FitSettings", "build_qmlp", "check_bits", "fit_classifier", "load_model", "save_model"]
