"""Precision from posteriors: what rounds a PosteriorDense network, and what steers its training to a budget."""

from codesign.posterior.cheap_values import cheapest_values
from codesign.posterior.collapse import collapse
from codesign.posterior.collapse_schedule import CollapseSchedule
from codesign.posterior.collapse_to_budget import CollapseToBudget
from codesign.posterior.front.train import FrontPoint, train_front
from codesign.posterior.lut_budget import LutBudget

__all__ = [
    "CollapseSchedule",
    "CollapseToBudget",
    "FrontPoint",
    "LutBudget",
    "cheapest_values",
    "collapse",
    "train_front",
]
