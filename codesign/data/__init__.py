"""Data sets: the packaged samples, and the user's own files, checked before anything is trained on them."""

from codesign.data.dataset import Dataset
from codesign.data.files import load_dataset, samples

__all__ = ["Dataset", "load_dataset", "samples"]
