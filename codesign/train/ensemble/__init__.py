"""Ensembles: K networks trained together in one graph, each with a fold of its own left out, and used as one."""

from codesign.train.ensemble.ensemble import Ensemble
from codesign.train.ensemble.served import as_network
from codesign.train.ensemble.settings import EnsembleSettings

__all__ = ["Ensemble", "EnsembleSettings", "as_network"]
