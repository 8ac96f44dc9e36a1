"""Any estimator: a table from the name of its class to a reader."""

from collections.abc import Callable, Mapping

from codesign.errors import UnsupportedLayerError, nearest
from codesign.read.graph_builder import Value
from codesign.read.sklearn.assembly import Assembly
from codesign.read.sklearn.compose import Composer
from codesign.read.sklearn.estimator import Estimator
from codesign.read.sklearn.linear import LINEAR
from codesign.read.sklearn.transformers import TRANSFORMERS
from codesign.read.sklearn.trees import TREES

_DEEPEST = 16
_OUTS = {
    "CalibratedClassifierCV": "give the classifier in it, and calibrate its outputs behind the network",
    "QuantileTransformer": "a scaler that is a line keeps the order of events too, such as RobustScaler",
    "PowerTransformer": "a scaler that is a line can stand in its place, such as StandardScaler",
    "OneHotEncoder": "give the model the encoded columns",
    "OrdinalEncoder": "give the model the encoded columns",
}


def read_estimator(assembly: Assembly, model: Estimator, value: Value, is_step: bool = False) -> Value:
    """Add what an estimator gives of a value.

    Args:
        is_step: whether others come behind it, so that it must transform.

    Raises:
        UnsupportedLayerError: for one that has no place in a network; it names the step.
    """
    if model.where.count("'") > 2 * _DEEPEST:
        raise model.refusal(f"at most {_DEEPEST} pipelines in each other", "more")
    composed = next((_COMPOSED[name] for name in model.kinds if name in _COMPOSED), None)
    if composed is not None:
        return composed(assembly, model, value, is_step)
    table = TRANSFORMERS if is_step else _ALL
    read = next((table[name] for name in model.kinds if name in table), None)
    if read is None:
        known = [*table, *_COMPOSED]
        way_out = next((_OUTS[name] for name in model.kinds if name in _OUTS), "`codesign drone` takes it as a teacher")
        expected = "a transformer" if is_step else "an estimator"
        raise UnsupportedLayerError(
            f"{model.label}: expected {expected} that a network can be. Received: {model.kind}"
            f"{nearest(model.kind, known)}; {way_out}"
        )
    return read(assembly, model, value)


_ALL: Mapping[str, Callable[[Assembly, Estimator, Value], Value]] = {**LINEAR, **TREES, **TRANSFORMERS}
_COMPOSER = Composer(read_estimator)
_COMPOSED: Mapping[str, Callable] = {
    "Pipeline": _COMPOSER.pipeline,
    "ColumnTransformer": _COMPOSER.columns,
    "FeatureUnion": _COMPOSER.union,
    **dict.fromkeys(("VotingClassifier", "VotingRegressor"), _COMPOSER.vote),
    **dict.fromkeys(("RFE", "RFECV"), _COMPOSER.selected),
    "MultiOutputRegressor": _COMPOSER.each_output,
    "OneVsRestClassifier": _COMPOSER.one_of_each,
    **dict.fromkeys(
        ("GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV", "RANSACRegressor",
         "TunedThresholdClassifierCV", "FixedThresholdClassifier"),
        _COMPOSER.best,
    ),
}  # fmt: skip
