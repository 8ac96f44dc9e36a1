"""Estimators of scikit-learn's kind: events and a budget in, a network of gates out."""

from codesign.estimators.classifier import FpgaClassifier
from codesign.estimators.ensemble_classifier import EnsembleClassifier
from codesign.estimators.regressor import FpgaRegressor

__all__ = ["EnsembleClassifier", "FpgaClassifier", "FpgaRegressor"]
