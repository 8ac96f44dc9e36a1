"""Learning rates: the range test, and callbacks that set the rate (and the momentum) before each step of a `fit`."""

from codesign.train.rates.cosine_warm_restarts import CosineWarmRestarts
from codesign.train.rates.one_cycle import OneCycle
from codesign.train.rates.range_curve import LearningRateCurve
from codesign.train.rates.range_test import lr_range_test

__all__ = ["CosineWarmRestarts", "LearningRateCurve", "OneCycle", "lr_range_test"]
