"""Trees and forests of scikit-learn."""

import numpy as np

from codesign.forests.sklearn_models import read_sklearn
from codesign.read.forest_models import both_classes
from codesign.read.graph_builder import Value
from codesign.read.parts.forest import add_forest
from codesign.read.sklearn.assembly import Assembly, name_of
from codesign.read.sklearn.classes import softmax_of
from codesign.read.sklearn.estimator import Estimator


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


def read_trees(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """Trees: probabilities of all classes, or values."""
    forest = read_sklearn(View(model))
    assembly.check_width(model, value, forest.n_features)
    found = add_forest(assembly.builder, name_of(model), value, forest)
    if forest.link in ("sigmoid", "softmax"):
        return softmax_of(assembly, model, found)
    if forest.link == "exp":
        return assembly.function(model, found, "exponential")
    return both_classes(assembly.builder, found, name_of(model)) if len(forest.labels) == 2 else found


TREES = {
    f"{kind}{task}": read_trees
    for kind in ("DecisionTree", "ExtraTree", "RandomForest", "ExtraTrees", "GradientBoosting", "HistGradientBoosting")
    for task in ("Classifier", "Regressor")
}
