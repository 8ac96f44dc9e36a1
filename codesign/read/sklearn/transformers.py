"""Transformers: scalers, projections, choices of features."""

from collections.abc import Callable
from functools import reduce
from itertools import combinations, combinations_with_replacement, islice

import numpy as np

from codesign.network.ops import Affine, Gather, Maximum, Multiply, Sum, Threshold
from codesign.read.graph_builder import Value
from codesign.read.sklearn.assembly import Assembly
from codesign.read.sklearn.estimator import Estimator

Read = Callable[[Assembly, Estimator, Value], Value]
_HIGHEST_DEGREE, _MOST = 4, 2048


def _scaled(model: Estimator, name: str, flag: str) -> np.ndarray:
    """An attribute that a flag may leave out, 0 or 1 then."""
    neutral = float("scale" in name)
    return model.array(name) if model.flag(flag, True) and model.has(name) else np.full(1, neutral)


def read_standard_scaler(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """``(x - mean) / scale``."""
    if not model.has("scale_") and not model.has("n_samples_seen_"):
        model.array("scale_")
    mean, scale = _scaled(model, "mean_", "with_mean"), _scaled(model, "scale_", "with_std")
    return _shifted(assembly, model, value, mean, scale)


def read_robust_scaler(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """``(x - center) / scale``."""
    center, scale = _scaled(model, "center_", "with_centering"), _scaled(model, "scale_", "with_scaling")
    return _shifted(assembly, model, value, center, scale)


def _shifted(assembly: Assembly, model: Estimator, value: Value, mean: np.ndarray, scale: np.ndarray) -> Value:
    if not np.all(scale):
        raise model.refusal("scales other than 0", 0)
    return assembly.line(model, value, 1 / scale, -mean / scale)


def read_min_max_scaler(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """``scale x + min``, cut at the range where it is asked for."""
    value = assembly.line(model, value, model.array("scale_", rank=1), model.array("min_", rank=1))
    if not model.flag("clip", False):
        return value
    low, high = (float(one) for one in model.get("feature_range", (0, 1)))
    return assembly.function(model, value, "clip", min_value=low, max_value=high)


def read_max_abs_scaler(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """``x / scale``, cut at -1 and 1 where it is asked for."""
    value = _shifted(assembly, model, value, np.zeros(1), model.array("scale_", rank=1))
    if not model.flag("clip", False):
        return value
    return assembly.function(model, value, "clip", min_value=-1.0, max_value=1.0)


def read_projection(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """``(x - mean) @ components'``, whitened where it is asked for."""
    kernel = model.array("components_", rank=2).T
    mean = model.array("mean_", rank=1) if model.has("mean_") else np.zeros(len(kernel))
    if mean.shape != kernel.shape[:1]:
        raise model.refusal(f"{len(kernel)} means", mean.shape)
    if model.flag("whiten", False) and model.has("explained_variance_"):
        scale = np.sqrt(np.maximum(model.array("explained_variance_", rank=1), np.finfo(np.float64).eps))
        kernel = kernel / scale
    return assembly.dense(model, value, kernel, -mean @ kernel)


def read_normalizer(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """Each event divided by its norm; one of zeros stays."""
    norm = model.text("norm", "l2")
    if norm not in ("l1", "l2"):
        raise model.refusal("norm='l1' or 'l2'", norm)
    sizes = assembly.function(model, value, "abs") if norm == "l1" else assembly.add(model, Multiply(), value, value)
    total = assembly.add(model, Sum(1, True), sizes)
    total = total if norm == "l1" else assembly.function(model, total, "sqrt")
    least = assembly.add(model, Affine(np.zeros(1), np.full(1, np.finfo(np.float64).tiny)), total)
    inverse = assembly.function(model, assembly.add(model, Maximum(), total, least), "reciprocal")
    return assembly.add(model, Multiply(), value, inverse)


def read_binarizer(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """1 above a threshold, else 0."""
    n = value.shape[0]
    beyond = np.nextafter(model.number("threshold", 0.0), np.inf)
    return assembly.add(model, Threshold(np.arange(n), np.full(n, beyond)), value)


def read_imputer(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """Nothing: no fixed-point number is missing."""
    missing = model.get("missing_values", np.nan)
    if not (isinstance(missing, float) and np.isnan(missing)) or model.flag("add_indicator", False):
        raise model.refusal("missing_values=nan and no indicator", repr(missing)[:60])
    if model.has("statistics_") and not np.isfinite(model.array("statistics_")).all():
        raise model.refusal("features that are not all missing", "one that was")
    assembly.assumed.append(f"{model.label} was left out: events hold no NaN")
    return value


def read_function_transformer(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """The identity; another function is code, which is not run."""
    if model.get("func") is not None:
        raise model.refusal("func=None: a function is code, which is not read", "one; apply it to the events yourself")
    return value


def chosen(assembly: Assembly, model: Estimator, value: Value, places: np.ndarray) -> Value:
    """Add a choice of values."""
    if not places.size or places.min() < 0 or places.max() >= value.shape[0]:
        raise model.refusal(f"at least one of {value.shape[0]} features", places.tolist()[:5])
    if np.array_equal(places, np.arange(value.shape[0])):
        return value
    return assembly.add(model, Gather(places.astype(np.int64)), value)


def read_selector(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """The features that were selected."""
    mask = _support(model)
    if mask.shape != value.shape:
        raise model.refusal(f"{mask.size} values, for which it was fitted", value.shape[0])
    return chosen(assembly, model, value, np.flatnonzero(mask))


def _support(model: Estimator) -> np.ndarray:
    if model.is_a("VarianceThreshold"):
        return model.array("variances_", rank=1) > model.number("threshold", 0.0)
    if model.is_a("SelectKBest"):
        scores, k = np.asarray(model.get("scores_"), np.float64), model.get("k", 10)
        mask = np.zeros(np.shape(scores), bool)
        if k != "all" and scores.ndim == 1:
            scores = np.where(np.isnan(scores), np.finfo(np.float64).min, scores)
            mask[np.argsort(scores, kind="mergesort")[len(scores) - int(k) :]] = True
            return mask
        return ~mask
    if model.has("support_"):
        return np.asarray(model.get("support_")).astype(bool).ravel()
    live = model.get("get_support")
    if not callable(live):
        raise model.refusal("the features that it selects in the file", "none; give the estimator itself, or ONNX")
    return np.asarray(live()).astype(bool).ravel()


def read_products(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """Products of features, each of a degree."""
    found = []
    for places in _products(model, value.shape[0]):
        if not places:
            found.append(assembly.line(model, chosen(assembly, model, value, np.zeros(1, int)), 0.0, 1.0))
            continue
        parts = [chosen(assembly, model, value, np.array([place])) for place in places]
        found.append(reduce(lambda one, other: assembly.add(model, Multiply(), one, other), parts))
    return assembly.joined(model, found)


def _products(model: Estimator, n: int) -> list[tuple[int, ...]]:
    """The places of the factors of each, in scikit-learn's order."""
    degree = model.get("degree", 2)
    low, high = degree if isinstance(degree, (list, tuple)) else (0, degree)
    if not all(type(one) is int for one in (low, high)) or not 0 <= low <= high <= _HIGHEST_DEGREE:
        raise model.refusal(f"a degree of at most {_HIGHEST_DEGREE}", repr(degree)[:40])
    choose = combinations if model.flag("interaction_only", False) else combinations_with_replacement
    first = [()] if model.flag("include_bias", True) else []
    found = [*first, *(one for order in range(max(1, low), high + 1) for one in islice(choose(range(n), order), _MOST))]
    if len(found) > _MOST:
        raise model.refusal(f"at most {_MOST:,} products", f"{n} features of degree {high}")
    return found


TRANSFORMERS: dict[str, Read] = {
    "StandardScaler": read_standard_scaler,
    "RobustScaler": read_robust_scaler,
    "MinMaxScaler": read_min_max_scaler,
    "MaxAbsScaler": read_max_abs_scaler,
    **dict.fromkeys(
        ("PCA", "IncrementalPCA", "TruncatedSVD", "FastICA", "GaussianRandomProjection", "SparseRandomProjection"),
        read_projection,
    ),
    "Normalizer": read_normalizer,
    "Binarizer": read_binarizer,
    "SimpleImputer": read_imputer,
    "FunctionTransformer": read_function_transformer,
    **dict.fromkeys(
        ("VarianceThreshold", "SelectKBest", "SelectPercentile", "SelectFpr", "SelectFdr", "SelectFwe",
         "GenericUnivariateSelect", "SelectFromModel", "RFE", "RFECV", "SequentialFeatureSelector"),
        read_selector,
    ),
    "PolynomialFeatures": read_products,
}  # fmt: skip
