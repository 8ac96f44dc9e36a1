"""ai.onnx.ml: what skl2onnx, XGBoost's and LightGBM's converters write: scalers, linear models, trees, labels."""

from dataclasses import replace

import numpy as np

from codesign.network.ops import Activation, ArgMax
from codesign.read.onnx.flow import Flow, constant_for
from codesign.read.onnx.gather import gathered
from codesign.read.onnx.operators.arithmetic import line
from codesign.read.onnx.operators.linear import dense
from codesign.read.onnx.operators.moves import joined
from codesign.read.onnx.operators.norms import divided_by_norm
from codesign.read.onnx.operators.trees import read_trees
from codesign.read.onnx.walk import Call


def read_scaler(call: Call) -> Flow:
    """``(x - offset) * scale``."""
    flow = call.flow
    scale = np.asarray(call.attribute("scale", 1.0), np.float64)
    offset = np.asarray(call.attribute("offset", 0.0), np.float64)
    factor, offset = np.broadcast_arrays(scale, -offset * scale)
    return line(call, flow, constant_for(flow, factor), constant_for(flow, offset))


def _matrix(call: Call, flow: Flow, n_rows: int | None) -> tuple[np.ndarray, np.ndarray | None]:
    weights = np.asarray(call.attribute("coefficients", ()), np.float64)
    n_in = flow.sizes[-1]
    if not weights.size or weights.size % n_in or (n_rows and weights.size != n_rows * n_in):
        raise call.refusal(f"coefficients of {n_in} features", weights.size)
    rest = call.attribute("intercepts")
    return weights.reshape(-1, n_in).T, None if rest is None else np.asarray(rest, np.float64)


def read_linear_regressor(call: Call) -> Flow:
    """``x coefficients + intercepts``."""
    return _after(call, dense(call, call.flow, *_matrix(call, call.flow, call.whole("targets", 1))))


def read_linear_classifier(call: Call) -> tuple[Flow, Flow]:
    """The place of the best class, or its label, and the scores."""
    scores = dense(call, call.flow, *_matrix(call, call.flow, None))
    return labelled(call, scores, _labels(call))


def _labels(call: Call) -> tuple:
    for name in ("classlabels_ints", "classlabels_int64s", "classlabels_strings"):
        if call.attribute(name) is not None and len(call.attribute(name)):
            return tuple(call.attribute(name))
    return ()


def labelled(call: Call, scores: Flow, labels: tuple, *, are_probabilities: bool = False) -> tuple[Flow, Flow]:
    """Return the label and the scores of all classes; of one score those of two classes.

    Args:
        are_probabilities: whether one score is the second class's probability.
    """
    n, mode = scores.sizes[-1], call.text("post_transform", "NONE")
    if n == 1 and len(labels) in (0, 2):
        if mode not in ("NONE", "LOGISTIC"):
            raise call.refusal("NONE or LOGISTIC for two classes", mode)
        scores = call.apply(Activation("sigmoid"), scores) if mode == "LOGISTIC" else scores
        scores = _both(call, scores, are_probabilities=mode == "LOGISTIC" or are_probabilities)
    else:
        scores = _after(call, scores)
    best = call.with_last(scores, -1)
    value = call.add(ArgMax(-1, len(best.value.shape) == 1), best.value)
    place = Flow(value, best.dims[:-1], np.dtype(np.int64))
    return _as_label(call, place, labels), scores


def _both(call: Call, scores: Flow, *, are_probabilities: bool) -> Flow:
    """``1 - p`` and ``p``, or ``-s`` and ``s``."""
    return dense(call, scores, np.array([[-1.0, 1.0]]), np.array([1.0, 0.0]) if are_probabilities else None)


def _as_label(call: Call, place: Flow, labels: tuple) -> Flow:
    """Labels that are whole numbers in steps; of others the place stands."""
    numbers = [one for one in labels if not isinstance(one, str)]
    if len(numbers) == len(labels) > 1:
        steps = set(np.diff(np.asarray(numbers, np.int64)).tolist())
        if len(steps) == 1:
            step, first = steps.pop(), int(numbers[0])
            return place if (step, first) == (1, 0) else line(call, place, step, first)
    if labels and list(labels) != list(range(len(labels))):
        said = ", ".join(str(one)[:20] for one in labels[:8])
        call.walk.assumed.append(f"labels are given as their places in: {said}")
    return place


def _after(call: Call, scores: Flow) -> Flow:
    """What stands behind scores."""
    mode = call.text("post_transform", "NONE")
    if mode == "LOGISTIC":
        return call.apply(Activation("sigmoid"), scores)
    if mode == "SOFTMAX":
        return call.apply(Activation("softmax"), call.with_last(scores, -1))
    if mode != "NONE":
        raise call.refusal("post_transform NONE, LOGISTIC or SOFTMAX", mode)
    return scores


def read_normalizer(call: Call) -> Flow:
    """Each event's values divided by their sum, largest, or length."""
    return divided_by_norm(call, call.flow, {"L1": 1, "L2": 2}.get(call.text("norm", "MAX"), 0))


def read_zip_map(call: Call) -> Flow:
    """Scores with names: the scores."""
    return call.flow


def read_label_encoder(call: Call) -> object:
    """Names for places: the places."""
    for name in ("values_strings", "classes_strings"):
        if call.attribute(name) is not None:
            said = ", ".join(str(one)[:20] for one in call.attribute(name)[:8])
            call.walk.assumed.append(f"labels are given as their places in: {said}")
            return call.flow
    keys, values = (call.attribute(name) for name in ("keys_int64s", "values_int64s"))
    if keys is None or values is None or list(keys) != list(range(len(keys))):
        raise call.refusal("whole numbers from 0 as keys", "others")
    return _as_label(call, call.flow, tuple(int(one) for one in values))


def read_features(call: Call) -> Flow:
    """Some columns of the last axis."""
    if isinstance(call.value(1), Flow):
        return _looked_up(call, np.ravel(call.constant(0, what="table")), call.as_flow(1))
    places = np.ravel(call.constant(1, what="place")).astype(np.int64)
    return gathered(call, call.flow, call.flow.rank - 1, places)


def _looked_up(call: Call, table: np.ndarray, place: Flow) -> Flow:
    """Labels at places that depend on the events."""
    sizes = tuple(size for size in place.sizes if size != 1)
    found = _as_label(call, call.reshaped(place, sizes), tuple(table.tolist()))
    return replace(found, dims=((), *found.dims))


def read_binarizer(call: Call) -> Flow:
    """1 above a threshold, else 0."""
    sign = call.apply(Activation("sign"), line(call, call.flow, 1.0, -call.number("threshold", 0.0)))
    return call.apply(Activation("relu"), sign)


def read_feature_vectorizer(call: Call) -> Flow:
    """Columns side by side."""
    return joined(call, [call.as_flow(index) for index in range(len(call.values))], -1)


def read_trees_classifier(call: Call) -> tuple[Flow, Flow]:
    """A forest's label, and its scores."""
    weights = np.asarray(call.attribute("class_weights", ()))
    return labelled(call, read_trees(call, "class"), _labels(call), are_probabilities=bool((weights >= 0).all()))


def read_trees_regressor(call: Call) -> Flow:
    """A forest's sums."""
    return _after(call, read_trees(call, "target"))


ML = {
    "Scaler": read_scaler,
    "LinearRegressor": read_linear_regressor,
    "LinearClassifier": read_linear_classifier,
    "Normalizer": read_normalizer,
    "ZipMap": read_zip_map,
    "LabelEncoder": read_label_encoder,
    "ArrayFeatureExtractor": read_features,
    "Binarizer": read_binarizer,
    "FeatureVectorizer": read_feature_vectorizer,
    "TreeEnsembleClassifier": read_trees_classifier,
    "TreeEnsembleRegressor": read_trees_regressor,
}
