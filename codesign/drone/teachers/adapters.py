"""What a library's model gives for a block of events: arrays as they come, without any judgement of what they mean.

A model is recognised by the module its class comes from, so that no library is imported to look.
"""

import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from os import PathLike, fspath

import numpy as np

from codesign.errors import CodesignError, ConfigError, DataError, EnvironmentSetupError
from codesign.extras import EXTRAS
from codesign.forests import Forest
from codesign.model_files import check_onnx
from codesign.network import Network

_LIGHTGBM_CLASSIFIERS = ("binary", "multiclass", "multiclassova", "cross_entropy")
_KERAS_BATCH = 4096
Evaluate = Callable[[np.ndarray], object]


@dataclass(frozen=True)
class RawTeacher:
    """A model as its library gives it.

    Args:
        name: for messages.
        evaluate: (n_events, n_inputs) -> an array of one row per event.
        output: ``probability``, ``logit`` or ``value`` where the library says which, None where it does not.
        classes: labels, in the order of the columns of `evaluate`, or the two labels of a single column; None where
            unknown.
        event_shape: of one event, where the library says so.
    """

    name: str
    evaluate: Evaluate
    output: str | None = None
    classes: tuple | None = None
    event_shape: tuple[int, ...] | None = None


def read_teacher(teacher: object, output: str | None) -> RawTeacher:
    """Find out which library a model is of.

    Args:
        teacher: any model that :func:`codesign.drone.as_teacher` takes.
        output: what the caller says the outputs are; chooses between predict_proba and decision_function.

    Raises:
        ConfigError: for an object that none of the adapters knows.
        EnvironmentSetupError: for an ONNX file where ONNX Runtime is missing.
    """
    modules = {base.__module__.partition(".")[0] for base in type(teacher).__mro__}
    name = type(teacher).__name__
    if isinstance(teacher, (str, PathLike)) or "onnx" in modules or "onnxruntime" in modules:
        return _onnx(teacher)
    if modules & {"tf_keras", "keras"} and hasattr(teacher, "predict"):
        shape = getattr(teacher, "input_shape", None)
        shape = _known(shape[1:] if isinstance(shape, tuple) else None)
        evaluate = partial(teacher.predict, batch_size=_KERAS_BATCH, verbose=0)
        return RawTeacher(f"Keras model '{teacher.name}'", evaluate, event_shape=shape)
    if "torch" in modules and hasattr(teacher, "forward"):
        return RawTeacher(f"PyTorch module {name}", lambda x: _run_torch(teacher, x))
    if isinstance(teacher, Forest | Network):
        return _forest(teacher) if isinstance(teacher, Forest) else _network(teacher)
    if name == "Booster" and "xgboost" in modules:
        return _xgboost_booster(teacher)
    if name == "Booster" and "lightgbm" in modules:
        objective = teacher.dump_model(num_iteration=1).get("objective", "").split(" ")[0]
        output = "probability" if objective in _LIGHTGBM_CLASSIFIERS else "value"
        return RawTeacher("LightGBM Booster", teacher.predict, output, event_shape=_known([teacher.num_feature()]))
    if hasattr(teacher, "predict_proba") or (hasattr(teacher, "predict") and hasattr(teacher, "fit")):
        return _scikit_learn(teacher, output)
    if hasattr(teacher, "predict"):
        return RawTeacher(name, teacher.predict)
    if callable(teacher):
        return RawTeacher(f"function {getattr(teacher, '__name__', name)}", teacher)
    raise ConfigError(
        "teacher: expected a function, or a model of Keras, scikit-learn, XGBoost, LightGBM, PyTorch or ONNX. "
        f"Received: {name}; wrap it in a function (n_events, n_inputs) -> (n_events, n_outputs)"
    )


def _known(shape: Sequence | None) -> tuple[int, ...] | None:
    """Return the shape of an event if each of its axes has a length."""
    given = list(shape or ())
    return tuple(given) if given and all(isinstance(length, int) and length > 0 for length in given) else None


def _scikit_learn(model: object, output: str | None) -> RawTeacher:
    name, classes = type(model).__name__, getattr(model, "classes_", None)
    has_probability, has_decision = hasattr(model, "predict_proba"), hasattr(model, "decision_function")
    if classes is None and not has_probability:
        if has_decision:
            raise ConfigError(f"teacher: expected a fitted model. Received: {name} without classes_; fit it first")
        return RawTeacher(
            name, _quiet(model.predict), "value", event_shape=_known([getattr(model, "n_features_in_", None)])
        )
    if classes is None:
        raise ConfigError(f"teacher: expected a fitted classifier. Received: {name} without classes_; fit it first")
    if np.ndim(classes) != 1 or isinstance(classes, list):
        raise ConfigError(
            f"teacher: expected one label per event. Received: {name} with several; train a drone of each"
        )
    labels = tuple(np.asarray(classes).tolist())
    shape = _known([getattr(model, "n_features_in_", None)])
    if has_decision and (output == "logit" or not has_probability):
        return RawTeacher(name, _quiet(model.decision_function), "logit", labels, shape)
    if not has_probability:
        raise ConfigError(
            f"teacher: expected predict_proba or decision_function. Received: {name}, which gives labels only; "
            "calibrate it first"
        )
    return RawTeacher(name, _quiet(model.predict_proba), "probability", labels, shape)


def _quiet(function: Evaluate) -> Evaluate:
    """Models fitted on data frames warn about arrays; the order of the columns is the caller's."""

    def evaluate(x: np.ndarray) -> object:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="X does not have valid feature names")
            return function(x)

    return evaluate


def _xgboost_booster(booster: object) -> RawTeacher:
    import json

    import xgboost

    objective = json.loads(booster.save_config())["learner"]["objective"]["name"]
    output = {"binary:logistic": "probability", "multi:softprob": "probability", "binary:logitraw": "logit"}.get(
        objective, "value"
    )
    if objective in ("multi:softmax", "binary:hinge"):
        raise ConfigError(
            f"teacher: expected a Booster that gives probabilities or values. Received: objective {objective}, which "
            "gives labels"
        )
    names = booster.feature_names
    return RawTeacher(
        "XGBoost Booster",
        lambda x: booster.predict(xgboost.DMatrix(x, feature_names=names)),
        output,
        event_shape=_known([booster.num_features()]),
    )


def _forest(forest: Forest) -> RawTeacher:
    """A forest that was read without its library."""
    shape = (forest.n_features,)
    if forest.link == "softmax":
        return RawTeacher(forest.name, forest.margins, "logit", event_shape=shape)
    if forest.link == "sigmoid":  # of each output, where a logit of several would be a softmax
        return RawTeacher(
            forest.name, lambda x: np.exp(-np.logaddexp(0, -forest.margins(x))), "probability", event_shape=shape
        )
    values = forest.margins if forest.link == "linear" else lambda x: np.exp(forest.margins(x))
    return RawTeacher(forest.name, values, "value", event_shape=shape)


def _network(network: Network) -> RawTeacher:
    """A network that was read without its library; the integers of a design where it is one."""
    behind = {node.name: getattr(node.op, "function", None) for node in network.nodes}
    is_probability = all(behind[name] in ("softmax", "sigmoid") for name in network.outputs)
    shape = network.inputs[0].shape if len(network.inputs) == 1 else (network.n_inputs,)
    try:
        evaluate = network.emulate if network.fixed_ops else network.predict
    except CodesignError:  # some types are not known
        evaluate = network.predict
    name = f"network of {len(network.nodes)} nodes"
    return RawTeacher(name, evaluate, "probability" if is_probability else None, event_shape=shape)


def _run_torch(module: object, x: np.ndarray) -> np.ndarray | list[np.ndarray]:
    """Evaluate without gradients and in evaluation mode; the module is left as it was."""
    torch = sys.modules["torch"]
    parameter = next(iter(module.parameters()), None)
    place = {} if parameter is None else {"dtype": parameter.dtype, "device": parameter.device}
    was_training = module.training
    module.eval()
    try:
        with torch.no_grad():
            output = module(torch.as_tensor(np.ascontiguousarray(x, np.float32), **place))
    finally:
        module.train(was_training)
    heads = output if isinstance(output, (tuple, list)) else [output]
    arrays = [head.detach().cpu().numpy() for head in heads]
    return arrays if len(arrays) > 1 else arrays[0]


def _onnx(model: object) -> RawTeacher:
    session = model if hasattr(model, "get_inputs") else _open_onnx(model)
    inputs = session.get_inputs()
    if len(inputs) != 1:
        raise ConfigError(
            f"teacher: expected an ONNX model with one input. Received: {', '.join(given.name for given in inputs)}"
        )
    outputs = [
        given for given in session.get_outputs() if given.type in ("tensor(float)", "tensor(double)", "tensor(float16)")
    ]
    if not outputs:
        received = ", ".join(f"{given.name}: {given.type}" for given in session.get_outputs())
        raise ConfigError(
            f"teacher: expected an ONNX model with outputs of floats. Received: {received}; convert it with "
            "zipmap=False"
        )
    name, heads = inputs[0].name, [output.name for output in outputs]
    dtype = np.float64 if inputs[0].type == "tensor(double)" else np.float32
    batch = inputs[0].shape[0] if inputs[0].shape and isinstance(inputs[0].shape[0], int) else None

    def evaluate(x: np.ndarray) -> list[np.ndarray]:
        x = np.ascontiguousarray(x, dtype)
        if batch is None:
            return session.run(heads, {name: x})
        padded = np.concatenate([x, np.repeat(x[-1:], -len(x) % batch, 0)])
        parts = [session.run(heads, {name: padded[start : start + batch]}) for start in range(0, len(padded), batch)]
        return [np.concatenate(head)[: len(x)] for head in zip(*parts)]

    return RawTeacher("ONNX model", evaluate, event_shape=_known(inputs[0].shape[1:]))


def _open_onnx(model: object) -> object:
    path = fspath(model) if isinstance(model, (str, PathLike)) else None
    try:
        import onnxruntime
    except ImportError:
        raise EnvironmentSetupError(f"teacher: ONNX Runtime is missing: {EXTRAS['teachers'].install_hint}") from None
    try:
        if path is not None:
            check_onnx(path)
        content = path if path is not None else model.SerializeToString()
        return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    except DataError as error:
        raise DataError(f"teacher: {path}: {error}") from None
    except Exception as error:  # ONNX Runtime has exceptions of its own for each kind of damage
        reason = str(error).strip().splitlines()[0]
        raise DataError(
            f"teacher: expected a readable ONNX model. Received: {path or type(model).__name__} ({reason})"
        ) from None
