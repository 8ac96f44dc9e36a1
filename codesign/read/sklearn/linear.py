"""Linear models, and networks of several layers."""

from collections.abc import Callable

import numpy as np

from codesign.read.graph_builder import Value
from codesign.read.sklearn.assembly import MOST_PARTS, Assembly
from codesign.read.sklearn.classes import n_classes, one_against_rest, softmax_of
from codesign.read.sklearn.estimator import Estimator

Read = Callable[[Assembly, Estimator, Value], Value]

_FUNCTIONS = {"identity": "linear", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu", "softmax": "softmax"}
# losses of SGDClassifier whose decision function is what is read
_LOG_LOSSES = ("log_loss", "log")


def scores(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """Add ``x @ coef' + intercept``."""
    kernel = np.atleast_2d(model.array("coef_")).T
    bias = model.array("intercept_") if model.has("intercept_") else np.zeros(1)
    if kernel.ndim != 2 or bias.size not in (1, kernel.shape[1]):
        raise model.refusal(f"coefficients and {kernel.shape[-1]} intercepts", np.shape(bias))
    return assembly.dense(model, value, kernel, bias.ravel())


def read_logistic(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """Logistic regression: a softmax of all classes, or one against the rest."""
    n, found = n_classes(model), scores(assembly, model, value)
    _check_scores(model, n, found)
    each = model.text("multi_class", "auto") == "ovr" or model.text("solver", "lbfgs") == "liblinear"
    return (one_against_rest if each else softmax_of)(assembly, model, found)


def _check_scores(model: Estimator, n: int, found: Value) -> None:
    if found.shape[0] != (1 if n == 2 else n) and not (n == 2 and found.shape[0] == 2):
        raise model.refusal(f"scores of {n} classes", found.shape[0])


def read_discriminant(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """Linear discriminant analysis."""
    found = scores(assembly, model, value)
    _check_scores(model, n_classes(model), found)
    return softmax_of(assembly, model, found)


def read_stochastic_classifier(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """Probabilities of the logistic loss, and the decision function of others, as these have no probabilities."""
    found = scores(assembly, model, value)
    _check_scores(model, n_classes(model), found)
    loss = model.text("loss", "hinge")
    if loss in _LOG_LOSSES:
        return one_against_rest(assembly, model, found)
    if loss == "modified_huber":
        assembly.assumed.append(f"{model.label}: decision_function was taken, not the probabilities of modified_huber")
    return found


def read_decision(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """A classifier without probabilities: its decision function."""
    found = scores(assembly, model, value)
    _check_scores(model, n_classes(model), found)
    return found


def read_with_link(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """A generalised linear model: ``exp(x @ coef + intercept)``, or without the exponential."""
    found = scores(assembly, model, value)
    link = model.text("link", "auto")
    is_linear = link == "identity" or (link == "auto" and model.is_a("TweedieRegressor") and model.number("power") <= 0)
    return found if is_linear else assembly.function(model, found, "exponential")


def read_partial_least_squares(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """Partial least squares: a linear model of centred features."""
    mean = model.array("_x_mean", rank=1)
    kernel = np.atleast_2d(model.array("coef_")).T
    if kernel.shape[0] != mean.size:
        raise model.refusal(f"coefficients of {mean.size} features", kernel.shape)
    return assembly.dense(model, value, kernel, model.array("intercept_").ravel() - mean @ kernel)


def read_layers(assembly: Assembly, model: Estimator, value: Value) -> Value:
    """A multi-layer perceptron."""
    kernels, biases = model.parts("coefs_"), model.parts("intercepts_")
    if len(kernels) != len(biases) or not 0 < len(kernels) <= MOST_PARTS:
        raise model.refusal("as many kernels as biases", f"{len(kernels)}, {len(biases)}")
    hidden, last = (_function(model, name) for name in ("activation", "out_activation_"))
    for number, (kernel, bias) in enumerate(zip(kernels, biases)):
        layer = Estimator(model.kinds, {"kernel": kernel, "bias": bias}, model.where)
        kernel, bias = layer.array("kernel", rank=2), layer.array("bias", rank=1)
        if bias.shape != kernel.shape[1:]:
            raise model.refusal(f"{kernel.shape[1]} biases in layer {number}", bias.shape)
        value = assembly.dense(model, value, kernel, bias)
        if number + 1 < len(kernels):
            value = assembly.function(model, value, hidden)
    if model.is_a("MLPClassifier"):
        if isinstance(model.get("classes_"), np.ndarray) and last == "sigmoid" and value.shape[0] > 1:
            raise model.refusal("one label of each event", "several")
        return softmax_of(assembly, model, value)
    return assembly.function(model, value, last)


def _function(model: Estimator, name: str) -> str:
    found = model.text(name)
    if found not in _FUNCTIONS:
        raise model.refusal(f"{name} {', '.join(_FUNCTIONS)}", found[:40])
    return _FUNCTIONS[found]


_REGRESSORS = """
LinearRegression Ridge RidgeCV Lasso LassoCV ElasticNet ElasticNetCV Lars LarsCV LassoLars LassoLarsCV LassoLarsIC
SGDRegressor LinearSVR HuberRegressor TheilSenRegressor BayesianRidge ARDRegression OrthogonalMatchingPursuit
OrthogonalMatchingPursuitCV PassiveAggressiveRegressor QuantileRegressor MultiTaskLasso MultiTaskLassoCV
MultiTaskElasticNet MultiTaskElasticNetCV
""".split()
LINEAR: dict[str, Read] = {
    **dict.fromkeys(_REGRESSORS, scores),
    **dict.fromkeys(("PoissonRegressor", "GammaRegressor", "TweedieRegressor"), read_with_link),
    **dict.fromkeys(("PLSRegression", "PLSCanonical", "CCA"), read_partial_least_squares),
    **dict.fromkeys(("LogisticRegression", "LogisticRegressionCV"), read_logistic),
    "LinearDiscriminantAnalysis": read_discriminant,
    "SGDClassifier": read_stochastic_classifier,
    **dict.fromkeys(
        ("LinearSVC", "RidgeClassifier", "RidgeClassifierCV", "Perceptron", "PassiveAggressiveClassifier"),
        read_decision,
    ),
    **dict.fromkeys(("MLPClassifier", "MLPRegressor"), read_layers),
}
