"""LightGBM's models: Boosters, scikit-learn's kind, and their text, read without LightGBM."""

from collections.abc import Mapping, Sequence
from os import PathLike

import numpy as np

from codesign._untrusted import read_text
from codesign.errors import ConfigError, DataError, UnreadableError, UnsupportedLayerError
from codesign.forests.files import forest_file
from codesign.forests.forest import Forest, Tree
from codesign.forests.split import Split, from_above

_LINKS = {
    "sigmoid": ("binary", "cross_entropy", "multiclassova"),
    "softmax": ("multiclass",),
    "exp": ("poisson", "gamma", "tweedie"),
}
_RANKINGS = ("lambdarank", "rank_xendcg")
_ZERO = float(np.float32(1e-35))  # up to here a number is 0 where zeros stand for missing values
_CATEGORICAL, _DEFAULT_LEFT = 1, 2
_EXPECTED = "a model of LightGBM, or the path of its text"
_MOST_LEAVES = 2**20


def read_lightgbm(model: object) -> Forest:
    """Read a Booster, an LGBMClassifier or its like, or a file, up to the best iteration where there is one.

    Args:
        model: or the path of its text.

    Raises:
        DataError: for a file that is missing, damaged or none of LightGBM's.
        ConfigError: for an object that is none of LightGBM's, or is not fitted.
        UnsupportedLayerError: for a ranking objective, linear trees and the like; it says which.
    """
    text = _text_of(model)
    try:
        return _read(text)
    except (DataError, UnsupportedLayerError):
        raise
    except (KeyError, ValueError, IndexError, OverflowError) as error:
        received = f"{type(error).__name__} {error}"
        raise DataError(
            f"model: expected a whole model of LightGBM. Received: {received:.200}; save it again"
        ) from None


def _text_of(model: object) -> str:
    if isinstance(model, (str, PathLike)):
        path = forest_file(model, "lightgbm", _EXPECTED)
        try:
            return read_text(path)
        except UnreadableError as error:
            raise DataError(f"model: expected a model of LightGBM. Received: {model}, {error}") from None
    try:
        booster = model.booster_ if hasattr(type(model), "booster_") else model
    except ValueError:  # scikit-learn's NotFittedError
        raise ConfigError(f"model: expected a fitted model. Received: {type(model).__name__}; fit it first") from None
    if not hasattr(booster, "model_to_string"):
        raise ConfigError(f"model: expected {_EXPECTED}. Received: {type(model).__name__}")
    return booster.model_to_string()


def _read(text: str) -> Forest:
    head, *blocks = text.split("end of trees")[0].split("\nTree=")
    if not head.startswith("tree") or "end of trees" not in text:
        raise DataError(
            "model: expected a whole model of LightGBM in text. Received: another, or a part; save it again"
        )
    about = _fields(head)
    objective = about.get("objective", "custom").split(" ")[0]
    name = f"LightGBM {objective}"
    if objective in _RANKINGS:
        raise UnsupportedLayerError(
            f"{name}: expected an objective whose output stands for itself. Received: a ranking, which orders the "
            "events of a query; train a classifier or a regressor"
        )
    n_outputs = int(about["num_tree_per_iteration"])
    scale = n_outputs / max(len(blocks), 1) if "average_output" in about else 1.0
    trees = [
        _tree(f"{name}: tree {number}", _fields(block), number % n_outputs, scale)
        for number, block in enumerate(blocks)
    ]
    features = tuple(about["feature_names"].split())
    return Forest(
        name, tuple(trees), np.zeros(n_outputs), int(about["max_feature_idx"]) + 1, features, link=_link(about)
    )


def _link(about: Mapping[str, str]) -> str:
    """Return what LightGBM puts behind the sums; a sigmoid of another slope than 1 has no name here."""
    objective, *settings = about.get("objective", "custom").split(" ")
    slopes = [float(setting.partition(":")[2]) for setting in settings if setting.startswith("sigmoid:")]
    if slopes and slopes[0] != 1:
        return "linear"
    return next((link for link, names in _LINKS.items() if objective in names), "linear")


def _fields(block: str) -> dict[str, str]:
    return dict((*line.split("=", 1), "")[:2] for line in block.splitlines() if line)


def _tree(where: str, about: Mapping[str, str], output: int, scale: float) -> Tree:
    if int(about.get("is_linear", "0")):
        raise UnsupportedLayerError(f"{where}: expected leaves of one number. Received: linear_tree; train without it")
    n_leaves = int(about["num_leaves"])
    leaves = _numbers(about, "leaf_value", n_leaves)
    if not 1 <= n_leaves <= _MOST_LEAVES:
        raise DataError(f"{where}: expected 1 to {_MOST_LEAVES:,} leaves. Received: {n_leaves}")
    n_inner = n_leaves - 1
    feature, kinds, left, right = (
        _numbers(about, name, n_inner).astype(np.int64)
        for name in ("split_feature", "decision_type", "left_child", "right_child")
    )
    threshold = _numbers(about, "threshold", n_inner)
    none = np.full(n_leaves, -1)
    # Inner nodes keep their numbers; leaf l, which a child of -l - 1 stands for, comes behind them.
    left, right = (np.concatenate([np.where(side < 0, n_inner - side - 1, side), none]) for side in (left, right))
    value = np.concatenate([np.zeros(n_inner), leaves])[:, None] * scale
    return Tree(
        np.concatenate([feature, none]),
        np.concatenate([from_above(threshold), np.zeros(n_leaves)]),
        left,
        right,
        value,
        np.array([output]),
        _special_splits(about, feature, kinds, threshold),
    )


def _numbers(about: Mapping[str, str], name: str, count: int) -> np.ndarray:
    numbers = np.array(about[name].split() if count else [], np.float64)
    if len(numbers) != count:
        raise DataError(f"model: expected {count} numbers of {name}. Received: {len(numbers)}; save it again")
    return numbers


def _special_splits(
    about: Mapping[str, str], feature: np.ndarray, kinds: np.ndarray, threshold: np.ndarray
) -> dict[int, Split]:
    """Return categories, which go left, and what zeros do where they stand for missing values."""
    found = {}
    for node, kind in enumerate(kinds.tolist()):
        place, limit = int(feature[node]), float(threshold[node])
        if kind & _CATEGORICAL:
            found[node] = Split(place, None, _categories(about, int(limit)), others_right=True, towards_zero=True)
        elif kind >> 2 & 3 == 1:
            found[node] = Split(place, float(from_above(limit)), exception=(0.0, _ZERO, not kind & _DEFAULT_LEFT))
    return found


def _categories(about: Mapping[str, str], index: int) -> frozenset[int]:
    """Return the places of the bits that are set in the words of one categorical split."""
    ends = [int(end) for end in about["cat_boundaries"].split()]
    words: Sequence[int] = [int(word) for word in about["cat_threshold"].split()[ends[index] : ends[index + 1]]]
    if len(words) != ends[index + 1] - ends[index] or index < 0:
        raise DataError(f"model: expected {ends[index + 1] - ends[index]} words of categories. Received: {len(words)}")
    return frozenset(32 * place + bit for place, word in enumerate(words) for bit in range(32) if word >> bit & 1)
