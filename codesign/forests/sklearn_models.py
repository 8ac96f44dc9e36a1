"""Trees and forests of scikit-learn, fitted."""

from collections.abc import Callable, Sequence

import numpy as np

from codesign.errors import ConfigError, UnsupportedLayerError, nearest
from codesign.forests.forest import Forest, Tree
from codesign.forests.split import from_above, from_above_single


def read_sklearn(model: object) -> Forest:
    """Read a fitted tree, forest or boosted trees of scikit-learn.

    Boosted classifiers give their decision function. Bagged trees give the mean of their trees: of a classifier of two
    classes the probability of the second, less one half, so that its sign decides, and of more classes the
    probabilities.

    Raises:
        ConfigError: for a model that is no forest of scikit-learn, or is not fitted.
        UnsupportedLayerError: for several labels, categories, and other starting points than a constant.
    """
    kinds = getattr(model, "kinds", None) or [base.__name__ for base in type(model).__mro__]
    name = next((one for one in kinds if one in _READERS), None)
    if name is None:
        known, received = ", ".join(_READERS), kinds[0]
        raise ConfigError(
            f"model: expected one of scikit-learn's {known}. Received: {received}{nearest(received, _READERS)}"
        )
    if getattr(model, "n_features_in_", None) is None:
        raise ConfigError(f"model: expected a fitted model. Received: {name} without n_features_in_; fit it first")
    return _READERS[name](model, name)


def _bagged(model: object, name: str) -> Forest:
    """Single trees, random forests, extra trees: the mean of what the trees say."""
    trees = [model] if hasattr(model, "tree_") else list(model.estimators_)
    labels = _labels(model)
    if labels is None:
        n_outputs = int(model.n_outputs_)
        values = [tree.tree_.value[:, :, 0] for tree in trees]
    else:
        values = [tree.tree_.value[:, 0] / tree.tree_.value[:, 0].sum(1, keepdims=True) for tree in trees]
        n_outputs = len(labels)
    if labels is not None and n_outputs == 2:
        n_outputs, values = 1, [value[:, 1:] - 0.5 for value in values]
    outputs = np.arange(n_outputs)
    read = [_tree(tree.tree_, value / len(trees), outputs) for tree, value in zip(trees, values)]
    return _forest(model, name, read, np.zeros(n_outputs))


def _boosted(model: object, name: str) -> Forest:
    """Gradient boosting: scaled trees on a constant."""
    start = model.init_
    if not (isinstance(start, str) and start == "zero") and not _is_dummy(start):
        raise UnsupportedLayerError(
            f"{name}: expected init=None or 'zero'. Received: {type(start).__name__}, a model in front of the trees"
        )
    n_outputs = model.estimators_.shape[1]
    read = [
        _tree(tree.tree_, model.learning_rate * tree.tree_.value[:, 0], np.array([output]))
        for stage in model.estimators_
        for output, tree in enumerate(stage)
    ]
    forest = _forest(model, name, read, np.zeros(n_outputs), _link(model, n_outputs))
    return _forest(model, name, read, _constant(model, forest, start), forest.link)


def _constant(model: object, forest: Forest, start: object) -> np.ndarray:
    """What the model gives beyond its trees, of any event; of a model in a file, what it starts with."""
    given = getattr(model, "decision_function", getattr(model, "predict", None))
    if callable(given):
        event = np.zeros((1, forest.n_features))
        return np.reshape(quiet(given, event), forest.n_outputs) - forest.margins(event)[0]
    if isinstance(start, str):
        return np.zeros(forest.n_outputs)
    if not forest.labels:
        return np.reshape(np.asarray(start.constant_, np.float64), forest.n_outputs)
    shares = np.asarray(start.class_prior_, np.float64)
    eps = np.finfo(np.float32).eps  # as scikit-learn cuts them
    logs = np.log(np.clip(shares, eps, 1 - eps))
    return logs[1:] - logs[:1] if len(logs) == 2 else logs - logs.mean()


def _is_dummy(start: object) -> bool:
    kinds = getattr(start, "kinds", None) or [type(start).__name__]
    return kinds[0].startswith("Dummy")


def quiet(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    """Models fitted on data frames warn about arrays; the order of the columns is the caller's."""
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        return np.asarray(function(x))


def _histogram_boosted(model: object, name: str) -> Forest:
    """Histogram gradient boosting: comparisons in double precision, and leaves that are scaled already."""
    stages = model._predictors  # the trees have no public name
    if any(predictor.nodes["is_categorical"].any() for stage in stages for predictor in stage):
        raise UnsupportedLayerError(
            f"{name}: expected splits by thresholds. Received: categorical_features; give the categories as numbers, "
            "with categorical_features=None"
        )
    read = [_histogram_tree(predictor.nodes, output) for stage in stages for output, predictor in enumerate(stage)]
    base = np.ravel(model._baseline_prediction).astype(np.float64)
    link = "exp" if getattr(model, "loss", "") in ("poisson", "gamma") else _link(model, len(base))
    return _forest(model, name, read, base, link)


def _histogram_tree(nodes: np.ndarray, output: int) -> Tree:
    is_leaf = nodes["is_leaf"].astype(bool)
    left, right = (np.where(is_leaf, -1, nodes[side].astype(np.int64)) for side in ("left", "right"))
    feature = np.where(is_leaf, -1, nodes["feature_idx"].astype(np.int64))
    threshold = from_above(np.where(is_leaf, 0.0, nodes["num_threshold"]))
    return Tree(feature, threshold, left, right, nodes["value"][:, None], np.array([output]))


def _tree(tree: object, value: np.ndarray, outputs: np.ndarray) -> Tree:
    """Return a tree of scikit-learn's own kind, which rounds events to single precision."""
    is_leaf = tree.children_left < 0
    feature = np.where(is_leaf, -1, tree.feature)
    threshold = from_above_single(np.where(is_leaf, 0.0, tree.threshold))
    return Tree(feature, threshold, tree.children_left, tree.children_right, value, outputs)


def _labels(model: object) -> tuple | None:
    """Return the classes, or None for a regressor."""
    classes = getattr(model, "classes_", None)
    if classes is None:
        return None
    if isinstance(classes, list) or np.ndim(classes) != 1:
        raise UnsupportedLayerError(
            f"{type(model).__name__}: expected one label per event. Received: {len(classes)}; read one model of each"
        )
    if len(classes) < 2:
        raise UnsupportedLayerError(f"{type(model).__name__}: expected two classes or more. Received: {classes}")
    return tuple(np.asarray(classes).tolist())


def _link(model: object, n_outputs: int) -> str:
    if _labels(model) is None:
        return "linear"
    return "sigmoid" if n_outputs == 1 else "softmax"


def _forest(model: object, name: str, trees: Sequence[Tree], base: np.ndarray, link: str = "linear") -> Forest:
    features = tuple(map(str, getattr(model, "feature_names_in_", ())))
    return Forest(name, tuple(trees), base, int(model.n_features_in_), features, _labels(model) or (), link)


_READERS = {
    **{
        f"{kind}{task}": _bagged
        for kind in ("DecisionTree", "ExtraTree", "RandomForest", "ExtraTrees")
        for task in ("Classifier", "Regressor")
    },
    **{f"GradientBoosting{task}": _boosted for task in ("Classifier", "Regressor")},
    **{f"HistGradientBoosting{task}": _histogram_boosted for task in ("Classifier", "Regressor")},
}
