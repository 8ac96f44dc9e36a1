"""Data sets: the packaged samples, and the user's own files, checked before anything is trained on them."""

from codesign.data.collider import ColliderVectors
from codesign.data.dataset import Dataset
from codesign.data.events import Events
from codesign.data.files import load_dataset, load_events
from codesign.data.higgsml import HiggsML, expected_weights, load_higgsml
from codesign.data.packaged import samples
from codesign.data.pid import load_pid
from codesign.data.words import Words

__all__ = [
    "ColliderVectors",
    "Dataset",
    "Events",
    "HiggsML",
    "Words",
    "expected_weights",
    "load_dataset",
    "load_events",
    "load_higgsml",
    "load_pid",
    "samples",
]
