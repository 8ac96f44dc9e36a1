"""From a classifier's scores to what its predict_proba gives: a column for each class."""

import numpy as np

from codesign.network.ops import Multiply, Sum
from codesign.read.graph_builder import Value
from codesign.read.sklearn.assembly import Assembly
from codesign.read.sklearn.estimator import Estimator


def n_classes(model: Estimator) -> int:
    """Return the number of classes.

    Raises:
        UnsupportedLayerError: for several labels, or fewer than two classes.
    """
    classes = model.get("classes_")
    if classes is None:
        model.array("classes_")
    if isinstance(classes, (list, tuple)) or np.ndim(classes) != 1 or len(classes) < 2:
        raise model.refusal("one label of two classes or more", np.shape(classes))
    return len(classes)


def two_columns(assembly: Assembly, model: Estimator, logit: Value) -> Value:
    """Add the softmax of 0 and a logit: what one class lacks, the other has."""
    scores = assembly.dense(model, logit, np.array([[0.0, 1.0]]), 0.0)
    return assembly.function(model, scores, "softmax")


def softmax_of(assembly: Assembly, model: Estimator, scores: Value) -> Value:
    """Add probabilities that scores give together."""
    return two_columns(assembly, model, scores) if scores.shape == (1,) else assembly.function(model, scores, "softmax")


def one_against_rest(assembly: Assembly, model: Estimator, scores: Value) -> Value:
    """Add probabilities of each class against the rest, divided by their sum: the softmax of their logarithms."""
    if scores.shape == (1,):
        return two_columns(assembly, model, scores)
    return assembly.function(model, assembly.function(model, scores, "log_sigmoid"), "softmax")


def shared(assembly: Assembly, model: Estimator, values: Value) -> Value:
    """Add values divided by their sum."""
    inverse = assembly.function(model, assembly.add(model, Sum(1, True), values), "reciprocal")
    return assembly.add(model, Multiply(), values, inverse)
