"""Forests of XGBoost, LightGBM and scikit-learn, read exactly, as networks of comparisons and tables."""

from codesign.forests.forest import Forest
from codesign.forests.leaves import round_leaves
from codesign.forests.read import from_lightgbm, from_sklearn, from_xgboost, read_forest
from codesign.forests.to_network import forest_network

__all__ = [
    "Forest",
    "forest_network",
    "from_lightgbm",
    "from_sklearn",
    "from_xgboost",
    "read_forest",
    "round_leaves",
]
