"""A fitted estimator as a network."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from codesign.errors import ConfigError, UnreadableError
from codesign.model_files import ModelFile
from codesign.network import Network
from codesign.network.same_function import check_same_function
from codesign.read.fold import Folder
from codesign.read.graph_builder import used_nodes
from codesign.read.in_file import in_file
from codesign.read.names import Names
from codesign.read.options import ReadOptions
from codesign.read.reading import Reading
from codesign.read.sklearn.assembly import Assembly
from codesign.read.sklearn.estimator import Estimator, as_estimator, names_of
from codesign.read.sklearn.models import read_estimator
from codesign.read.sklearn.skops_file import open_skops

_MOST_FEATURES = 2**20
_EPSILON = 2.0**-52 * 64
_SINGLE = 2.0**-23  # trees round events to it


def read_skops(file: ModelFile, options: ReadOptions) -> Reading:
    """Read a skops file as data: neither skops nor scikit-learn is needed, and no type in it is looked up.

    Raises:
        DataError: for a damaged file, or one without an estimator.
        UnsupportedLayerError: for an estimator that has no place in a Network; it names the step.
    """
    with in_file(file.path, misfit="a skops file whose attributes do not fit ({}); dump it again"):
        content = open_skops(file.path)
        model = as_estimator(content.value)  # its attributes may be of any type
        if model is None:
            raise UnreadableError(f"expected an estimator of scikit-learn. Received: {content.described}")
        try:
            reading = _read(model, options)
        except ConfigError as error:
            raise UnreadableError(str(error)) from None
        return replace(reading, about={"format": "skops", **content.about, **reading.about})


def read_sklearn_object(model: object, options: ReadOptions) -> Reading:
    """Read a fitted estimator or Pipeline, and compare the network with it.

    Classifiers give their predict_proba, a column for each class, those without it their decision_function; regressors
    what they predict, transformers what they make of the features.

    Raises:
        ConfigError: for an estimator that is not fitted.
        UnsupportedLayerError: for one that has no place in a Network; it names the step.
        AgreementError: if the network's outputs are not the estimator's.
    """
    reading = _read(as_estimator(model), options)
    given = _method(model, reading.network)
    if given is not None:
        check_same_function(reading.network, given, epsilon=_SINGLE if "trees" in reading.about else _EPSILON)
    return reading


def _method(model: object, network: Network) -> Callable[[np.ndarray], np.ndarray] | None:
    """What the network is, as a function of events."""
    from codesign.forests.sklearn_models import quiet

    for name in ("predict_proba", "decision_function", "predict", "transform"):
        if not hasattr(model, name):
            continue
        shape = np.shape(quiet(getattr(model, name), np.zeros((2, network.n_inputs))))
        if shape[1:] in ((network.n_outputs,), () if network.n_outputs == 1 else (network.n_outputs,)):
            return lambda x, name=name: np.reshape(quiet(getattr(model, name), np.asarray(x, np.float64)), (len(x), -1))
    return None


def _read(model: Estimator, options: ReadOptions) -> Reading:
    assembly = Assembly()
    n = _n_features(model, options)
    value = assembly.builder.add_input("x", (n,))
    with np.errstate(all="ignore"):  # what is not finite is refused where it is used
        found = read_estimator(assembly, model, value)
    builder = assembly.builder
    outputs = builder.as_outputs([found])
    nodes, outputs = Folder(outputs, frozenset({value.name})).fold(used_nodes(builder.nodes, outputs))
    network = Network(nodes, builder.inputs, outputs)
    features, labels = names_of(model.get("feature_names_in_")), names_of(_last(model).get("classes_"))
    about = {"model": model.kind} | ({"trees": "yes"} if _has_trees(network) else {})
    if model.has("_sklearn_version"):
        about["producer"] = f"scikit-learn {model.text('_sklearn_version')[:20]}"
    return Reading(network, _names(network, features, labels), about, tuple(assembly.assumed))


def _has_trees(network: Network) -> bool:
    return any(type(node.op).__name__ == "Threshold" for node in network.nodes)


def _names(network: Network, features: tuple[str, ...], labels: tuple[str, ...]) -> Names:
    given = {"inputs": (features, network.n_inputs), "outputs": (labels, network.n_outputs)}
    return Names(**{key: names if len(names) == size else () for key, (names, size) in given.items()}).of(network)


def _last(model: Estimator) -> Estimator:
    """The last step of a pipeline, which knows the classes."""
    steps = model.get("steps")
    if not model.is_a("Pipeline") or not isinstance(steps, (list, tuple)) or not steps:
        return model
    return as_estimator(steps[-1][1]) or model


def _n_features(model: Estimator, options: ReadOptions) -> int:
    """The number of features that a model was fitted on; of a pipeline its first step knows it."""
    if options.input_shapes is not None:
        (n,) = options.shape_of("x", (None,))
        return n
    for one in _first_steps(model):
        n = one.get("n_features_in_")
        n = n.item() if isinstance(n, np.generic | np.ndarray) and np.size(n) == 1 else n
        if isinstance(n, int) and 0 < n <= _MOST_FEATURES:
            return n
    raise ConfigError(f"{model.label}: expected a fitted model. Received: one without n_features_in_; fit it first")


def _first_steps(model: Estimator) -> list[Estimator]:
    """The model, and what takes the features in it."""
    found = [model]
    while len(found) < 16:
        inside = [found[-1].get(name) for name in ("best_estimator_", "estimator_")]
        for name in ("estimators_", "steps"):
            many = found[-1].get(name)
            inside += list(many)[:16] if isinstance(many, (list, tuple)) else []
        parts = [as_estimator(one[1] if isinstance(one, tuple) else one) for one in inside if one is not None]
        step = next((one for one in parts if one is not None), None)
        if step is None:
            break
        found.append(step)
    return found
