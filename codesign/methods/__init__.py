"""Methods: events and a budget in, the front of the best networks out."""

from codesign._lazy_names import lazy_names

_MODULES = {
    "Front": "codesign.methods.front",
    "QKerasSettings": "codesign.methods.qkeras",
    "TrainingSearch": "codesign.methods.training_search",
    "train_designs": "codesign.methods.run",
}

__all__ = ["Front", "QKerasSettings", "TrainingSearch", "train_designs"]
__getattr__ = lazy_names(__name__, _MODULES)
