"""Methods: events and a budget in, the front of the best networks out."""

from codesign.methods.front import Front
from codesign.methods.qkeras import QKerasSettings
from codesign.methods.train_designs import train_designs
from codesign.methods.training_search import TrainingSearch

__all__ = ["Front", "QKerasSettings", "TrainingSearch", "train_designs"]
