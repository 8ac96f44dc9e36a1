"""XGBoost's models: Boosters, scikit-learn's kind, and their files in JSON and UBJSON, read without XGBoost."""

import math
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

import numpy as np

from codesign._untrusted import parse_json, parse_ubjson, read_text
from codesign.errors import ConfigError, DataError, UnreadableError, UnsupportedLayerError
from codesign.forests.files import forest_file
from codesign.forests.forest import Forest, Tree
from codesign.forests.split import Split, from_at_least_single

_LOGIT = ("binary:logistic", "reg:logistic")
_LOG = ("count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft")
_LINKS = {"sigmoid": _LOGIT, "exp": _LOG, "softmax": ("multi:softprob", "multi:softmax")}
_EXPECTED = "a model of XGBoost, or the path of a .json or .ubj"
_LARGEST_CATEGORY = 2**24


def read_xgboost(model: object) -> Forest:
    """Read a Booster, an XGBClassifier or its like, or a file.

    A Booster and its file are read with all their trees, a model of scikit-learn's kind up to its best iteration, each
    as its own ``predict`` takes them.

    Args:
        model: or the path of its ``.json`` or ``.ubj``.

    Raises:
        DataError: for a file that is missing, damaged or none of XGBoost's.
        ConfigError: for an object that is none of XGBoost's, or is not fitted.
        UnsupportedLayerError: for a ranking objective, a linear booster and the like; it says which.
    """
    if isinstance(model, (str, PathLike)):
        return _forest(_file_content(forest_file(model, "xgboost", _EXPECTED)), math.nan)
    booster, missing = model, math.nan
    try:
        if hasattr(model, "get_booster"):
            booster, missing = model.get_booster(), float(getattr(model, "missing", math.nan))
    except ValueError:  # scikit-learn's NotFittedError
        raise ConfigError(f"model: expected a fitted model. Received: {type(model).__name__}; fit it first") from None
    if not hasattr(booster, "save_raw"):
        raise ConfigError(f"model: expected {_EXPECTED}. Received: {type(model).__name__}")
    content = parse_ubjson(bytes(booster.save_raw("ubj")))
    if booster is not model:
        content["learner"].setdefault("attributes", {})["scikit_learn"] = "{}"
    return _forest(content, missing)


def _file_content(path: Path) -> object:
    """Return what a file holds: JSON is text, and UBJSON begins with the marker of a length behind its brace."""
    try:
        content = path.read_bytes()
        is_binary = content[1:2] in (b"L", b"l", b"i", b"I", b"U")
        return parse_ubjson(content) if is_binary else parse_json(read_text(path))
    except UnreadableError as error:
        raise DataError(f"model: expected a model of XGBoost. Received: {path}, {error}") from None


def _forest(content: object, missing: float) -> Forest:
    """Return the forest that the content of a model says, whatever it says."""
    try:
        return _read(content["learner"], missing)
    except (DataError, UnsupportedLayerError):
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        received = f"{type(error).__name__} {error}"
        raise DataError(f"model: expected a whole model of XGBoost. Received: {received:.200}; save it again") from None


def _read(learner: Mapping, missing: float) -> Forest:
    objective = str(learner["objective"]["name"])
    name = f"XGBoost {objective}"
    if objective.startswith("rank:"):
        raise UnsupportedLayerError(
            f"{name}: expected an objective whose output stands for itself. Received: a ranking, which orders the "
            "events of a group; train a classifier or a regressor"
        )
    booster = learner["gradient_booster"]
    if booster["name"] not in ("gbtree", "dart"):
        raise UnsupportedLayerError(f"{name}: expected trees (gbtree, dart). Received: {booster['name']}")
    model = booster["gbtree"]["model"] if booster["name"] == "dart" else booster["model"]
    weights = booster["weight_drop"] if booster["name"] == "dart" else np.ones(len(model["trees"]))
    about = learner["learner_model_param"]
    n_outputs = max(int(about["num_class"]), int(about.get("num_target", 1)), 1)
    used = _best_trees(learner.get("attributes", {}), model)
    trees = [
        _tree(f"{name}: tree {number}", tree, (n_outputs, int(output)), float(weight), missing)
        for number, (tree, output, weight) in enumerate(zip(model["trees"], model["tree_info"], weights))
        if number < used
    ]
    base = np.broadcast_to(_base_margins(about["base_score"], objective), n_outputs).astype(np.float64)
    features = tuple(map(str, learner.get("feature_names", ())))
    link = next((link for link, names in _LINKS.items() if objective in names), "linear")
    return Forest(name, tuple(trees), base, int(about["num_feature"]), features, link=link)


def _best_trees(attributes: Mapping, model: Mapping) -> int:
    """Return how many trees the model predicts with: one of scikit-learn's kind that stopped early, up to its best."""
    n_trees = len(model["trees"])
    if "scikit_learn" not in attributes or "best_iteration" not in attributes:
        return n_trees
    return int(model["iteration_indptr"][int(attributes["best_iteration"]) + 1])


def _base_margins(text: str, objective: str) -> np.ndarray:
    """Return what the base score, a number or a list of them in text, is before the objective's link."""
    scores = np.array([float(part) for part in str(text).strip("[] ").split(",")], np.float32)
    with np.errstate(divide="ignore"):
        if objective in _LOGIT:
            margins = -np.log(1 / scores.astype(np.float64) - 1)
        else:
            margins = np.log(scores.astype(np.float64)) if objective in _LOG else scores.astype(np.float64)
    if not np.isfinite(margins).all():
        raise DataError(f"XGBoost {objective}: expected a finite base_score. Received: {text}")
    return margins


def _tree(where: str, tree: Mapping, output: tuple[int, int], weight: float, missing: float) -> Tree:
    (n_outputs, first), n_columns = output, int(tree["tree_param"]["size_leaf_vector"])
    left, right = (np.asarray(tree[f"{side}_children"], np.int64) for side in ("left", "right"))
    is_leaf = left < 0
    conditions = np.asarray(tree["split_conditions"], np.float32)
    if n_columns > 1:
        if "leaf_weights" not in tree:
            raise UnsupportedLayerError(f"{where}: expected leaves as XGBoost 3 writes them; save it with XGBoost 3")
        value, outputs = _vector_leaves(tree, np.where(is_leaf, right, 0), n_columns), np.arange(n_columns)
    else:
        value, outputs = conditions.astype(np.float64)[:, None], np.array([first])
    if len({len(left), len(right), len(conditions), len(tree["split_indices"])}) > 1 or outputs[-1] >= n_outputs:
        raise DataError(f"{where}: expected as many children as conditions, and outputs below {n_outputs}")
    return Tree(
        np.where(is_leaf, -1, np.asarray(tree["split_indices"], np.int64)),
        from_at_least_single(conditions),
        left,
        np.where(is_leaf, -1, right),
        value * weight,
        outputs,
        _special_splits(tree, is_leaf, missing),
    )


def _vector_leaves(tree: Mapping, places: np.ndarray, n_columns: int) -> np.ndarray:
    """Return (n_nodes, n_columns): where a leaf has a vector, its place stands for the right child."""
    return np.asarray(tree["leaf_weights"], np.float64).reshape(-1, n_columns)[places]


def _special_splits(tree: Mapping, is_leaf: np.ndarray, missing: float) -> dict[int, Split]:
    """Return categories, and what a value that stands for a missing one does: NaN is no number of a design."""
    categories = _categories(tree)
    exceptions = math.isfinite(missing)
    found = {}
    for node in np.flatnonzero(~is_leaf).tolist() if exceptions else categories:
        exception = (missing, 0.0, not int(tree["default_left"][node])) if exceptions else None
        threshold = None if node in categories else float(from_at_least_single(tree["split_conditions"][node]))
        feature = int(tree["split_indices"][node])
        found[node] = Split(feature, threshold, categories.get(node, frozenset()), exception=exception)
    return found


def _categories(tree: Mapping) -> dict[int, frozenset[int]]:
    """Return the categories that go right, by node."""
    nodes: Sequence[int] = [int(node) for node in tree.get("categories_nodes", ())]
    found = {}
    for node, start, size in zip(nodes, tree.get("categories_segments", ()), tree.get("categories_sizes", ())):
        values = [int(value) for value in tree["categories"][int(start) : int(start) + int(size)]]
        if len(values) < int(size) or not all(0 <= value < _LARGEST_CATEGORY for value in values):
            raise DataError(f"model: expected categories of node {node}. Received: {len(values)} of {size}")
        found[node] = frozenset(values)
    return found
