"""Trees and forests of scikit-learn."""

from pathlib import Path

import numpy as np

from codesign.errors import DataError, UnreadableError
from codesign.forests import Forest, read_forest
from codesign.forests.plain_splits import with_plain_splits
from codesign.forests.sklearn_models import read_sklearn
from codesign.read.forest_models import both_classes
from codesign.read.graph_builder import Value
from codesign.read.parts.forest import add_forest
from codesign.read.sklearn.assembly import Assembly, name_of
from codesign.read.sklearn.classes import softmax_of
from codesign.read.sklearn.estimator import Estimator, as_estimator
from codesign.read.sklearn.skops_file import open_skops


class View:
    """An estimator of a file with its attributes as attributes, as the reader of live forests takes it.

    Args:
        model: the estimator.
    """

    def __init__(self, model: Estimator) -> None:
        self.kinds = model.kinds
        self._attributes = model.attributes

    def __getattr__(self, name: str) -> object:
        """Return an attribute; AttributeError where there is none."""
        try:
            return _viewed(self._attributes[name])
        except KeyError:
            raise AttributeError(name) from None


def _viewed(value: object) -> object:
    if isinstance(value, Estimator):
        return View(value)
    if isinstance(value, (list, tuple)):
        return [_viewed(one) for one in value]
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        found = np.empty(value.shape, object)
        for place in np.ndindex(value.shape):
            found[place] = _viewed(value[place])
        return found
    return value


def skops_forest(path: Path) -> Forest:
    """Return the forest in a skops file, alone or as the only step of a Pipeline.

    Raises:
        DataError: for a damaged file, or one without a forest.
    """
    try:
        model = as_estimator(open_skops(path).value)
        while model is not None and model.is_a("Pipeline") and len(model.parts("steps")) == 1:
            model = as_estimator(model.parts("steps")[0][1])
        if model is None or not any(TREES.get(kind) is read_trees for kind in model.kinds):
            found = "no estimator" if model is None else model.kind
            raise DataError(f"model: expected a forest of scikit-learn. Received: {path}, {found}")
        with np.errstate(all="ignore"):
            return read_sklearn(View(model))
    except UnreadableError as error:
        raise DataError(f"{path}: {error}") from None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise DataError(
            f"{path}: a skops file whose attributes do not fit ({str(error)[:80]}); dump it again"
        ) from None


def read_trees(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """Trees: probabilities of all classes, or values."""
    forest = read_sklearn(View(model))
    assembly.check_width(model, value, forest.n_features)
    found = add_forest(assembly.builder, name_of(model), value, forest)
    if forest.link == "linear" and len(forest.labels) == 2:
        return both_classes(assembly.builder, found, name_of(model))
    return _linked(assembly, model, found, forest.link)


def read_boosted(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """Boosted trees of XGBoost or LightGBM with scikit-learn's methods: probabilities of all classes, or values."""
    live = getattr(model.attributes, "model", None)
    if live is None:
        raise model.refusal("the booster in a file of its own library", "one in a skops file; save_model writes it")
    forest = with_plain_splits(read_forest(live))
    assembly.check_width(model, value, forest.n_features)
    return _linked(assembly, model, add_forest(assembly.builder, name_of(model), value, forest), forest.link)


def _linked(assembly: Assembly, model: Estimator, sums: Value, link: str) -> Value:
    """What a library puts behind the sums."""
    if link in ("sigmoid", "softmax"):
        return softmax_of(assembly, model, sums)
    return assembly.function(model, sums, "exponential") if link == "exp" else sums


_BOOSTED = ("XGBClassifier", "XGBRegressor", "XGBRFClassifier", "XGBRFRegressor", "LGBMClassifier", "LGBMRegressor")
TREES = {
    f"{kind}{task}": read_trees
    for kind in ("DecisionTree", "ExtraTree", "RandomForest", "ExtraTrees", "GradientBoosting", "HistGradientBoosting")
    for task in ("Classifier", "Regressor")
} | dict.fromkeys(_BOOSTED, read_boosted)
