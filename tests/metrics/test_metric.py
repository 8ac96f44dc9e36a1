import numpy as np
import pytest
from sklearn import metrics as sklearn

from codesign.errors import ConfigError, DataError
from codesign.metrics import find_metric, log_odds, parse_metric

CLASSES = ("g", "q", "b")
N = 400


def events(n_outputs=3, *, n=N, seed=0, step=0.25):
    """Outputs with ties, labels, and weights that say something."""
    rng = np.random.default_rng(seed)
    y = rng.integers(max(2, n_outputs), size=n)
    signal = np.eye(n_outputs)[y] if n_outputs > 1 else y[:, None]
    outputs = np.floor((rng.normal(size=(n, n_outputs)) + signal) / step) * step
    return outputs, y, rng.choice([0.0, 0.5, 1.0, 2.0], n)


def softmax(outputs):
    powers = np.exp(outputs - outputs.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


@pytest.mark.parametrize("n_outputs", [1, 2, 3, 5])
@pytest.mark.parametrize("weighted", [False, True])
def test_values_are_those_of_scikit_learn(n_outputs, weighted):
    outputs, y, weights = events(n_outputs)
    weights = weights if weighted else None
    accuracy = find_metric("accuracy").evaluate(outputs, y, weights, threshold=0.5)
    decided = outputs.argmax(1) if n_outputs > 1 else (outputs[:, 0] > 0.5)
    assert accuracy.value == pytest.approx(sklearn.accuracy_score(y, decided, sample_weight=weights))
    assert accuracy.events == (N if weights is None else np.count_nonzero(weights))
    shares = softmax(outputs) if n_outputs > 1 else outputs
    each = [
        sklearn.roc_auc_score(y == label, np.round(column, 12), sample_weight=weights)
        for label, column in enumerate(shares.T, start=n_outputs == 1)
    ]
    assert find_metric("auc").evaluate(outputs, y, weights).value == pytest.approx(np.mean(each), abs=1e-9)
    last = len(each) - 1 + (n_outputs == 1)
    assert find_metric(f"auc[{last}]").evaluate(outputs, y, weights).value == pytest.approx(each[-1], abs=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_regression_is_that_of_scikit_learn_and_numpy(weighted):
    rng = np.random.default_rng(1)
    y, weights = rng.normal(size=(N, 2)), rng.integers(0, 3, N) if weighted else None
    outputs = y + rng.normal(0.1, 0.3, (N, 2))
    residuals = np.repeat(outputs - y, 1 if weights is None else weights, axis=0)
    expected = {
        "rmse": sklearn.root_mean_squared_error(y, outputs, sample_weight=weights),
        "rmse[px]": np.sqrt(np.mean(residuals[:, 0] ** 2)),
        "bias": residuals.mean(),
        "resolution": np.diff(np.quantile(residuals, [0.16, 0.84], axis=0, method="hazen"), axis=0).mean() / 2,
        "resolution[1]@0.9": np.diff(np.quantile(residuals[:, 1], [0.05, 0.95], method="hazen"))[0] / 2,
    }
    for name, value in expected.items():
        found = find_metric(name, targets=("px", "py"), task="regression").evaluate(outputs, y, weights)
        assert found.value == pytest.approx(value, rel=0.02 if weighted and "resolution" in name else 1e-9), name
    one = find_metric("rmse").evaluate(outputs[:, 0], y[:, 0], weights)
    assert one == find_metric("rmse[0]").evaluate(outputs, y, weights)


@pytest.mark.parametrize(
    "name",
    ["accuracy", "auc", "auc[2]", "signal_efficiency[1]@0.2", "rmse", "bias", "resolution", "resolution[0]@0.9"],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_errors_are_the_spread_of_many_samples(name, weighted):
    metric, values, errors = find_metric(name), [], []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        if metric.task == "classification":
            outputs, y, weights = events(seed=seed, step=2**-20)
        else:
            y, weights = rng.normal(size=(N, 2)), rng.choice([0.5, 1.0, 2.0], N)
            outputs = y + rng.normal(size=(N, 1)) + 0.3 * rng.normal(size=(N, 2))  # what both targets share
        found = metric.evaluate(outputs, y, weights if weighted else None)
        values.append(found.value)
        errors.append(found.error)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.2)


def test_log_odds_rank_as_the_softmax_and_do_not_saturate():
    outputs, *_ = events(step=2**-20)
    odds = log_odds(outputs, 1)
    np.testing.assert_array_equal(np.argsort(odds), np.argsort(softmax(outputs)[:, 1]))
    np.testing.assert_allclose(1 / (1 + np.exp(-odds)), softmax(outputs)[:, 1])
    far = log_odds(np.array([[0.0, 900.0, 1.0], [0.0, 901.0, 1.0]]), 1)
    assert far[1] > far[0]


def test_names_are_classes_and_come_back():
    for name in ("accuracy", "auc", "auc[b]", "signal_efficiency[b]@0.01", "rmse", "resolution@0.9"):
        assert find_metric(name, classes=CLASSES).name == name == str(find_metric(name, classes=CLASSES).name)
    outputs, y, _ = events()
    named = find_metric("auc[b]", classes=CLASSES).evaluate(outputs, y)
    assert named == find_metric("auc[2]").evaluate(outputs, y)
    losses = [parse_metric(name).loss(-2.0) for name in ("auc", "bias", "rmse")]
    assert losses == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("acuracy", {}, r"metric: expected one of accuracy, auc, signal_efficiency@0.01.*did you mean 'accuracy'"),
        ("auc[", {}, r"metric: expected one of"),
        ("rmse", {"task": "classification"}, "expected one for a classification: accuracy.*'rmse', for a regression"),
        ("auc", {"task": "regression"}, "expected one for a regression: rmse, bias, resolution"),
        ("auc[bb]", {"classes": CLASSES}, r"metric 'auc\[bb\]': expected one of g, q, b.*did you mean 'b'"),
        ("auc[3]", {"classes": CLASSES}, "expected one of g, q, b"),
        ("auc[b]", {}, "expected the number of a class.*no names of classes"),
        ("accuracy[b]", {"classes": CLASSES}, "expected no class behind it"),
        ("signal_efficiency", {}, r"expected a background rate behind it, such as signal_efficiency@0.01"),
        ("signal_efficiency@1.5", {}, "a background rate behind the @, between 0 and 1"),
        ("signal_efficiency@low", {}, "a background rate behind the @, between 0 and 1"),
        ("signal_efficiency@0.1", {"classes": CLASSES}, "expected one of the classes, g, q, b, as signal"),
        ("auc@0.1", {}, "expected nothing behind an @"),
        ("rmse[pt]", {"targets": ("px",)}, "expected one of px"),
    ],
)
def test_bad_names(name, options, message):
    with pytest.raises(ConfigError, match=message):
        find_metric(name, **options)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("auc", {"y": np.zeros(N, int)}, "expected events of class 0 and others.*no others"),
        ("auc[1]", {"y": np.zeros(N, int)}, "expected events of class 1 and others.*none of it"),
        ("signal_efficiency[2]@0.1", {"y": np.ones(N, int)}, "expected events of class 2 and others"),
        ("signal_efficiency@0.1", {}, "expected one of the classes, 0 to 2, as signal"),
        ("auc[7]", {}, "expected one of 0 to 2"),
        ("accuracy", {"y": np.full(N, 3)}, "expected whole numbers from 0 to 2"),
        ("accuracy", {"y": np.array(["b"] * N)}, "expected one label for each of 400 events.*number them"),
        ("accuracy", {"outputs": np.full((N, 3), np.nan)}, "outputs: expected finite numbers"),
        ("accuracy", {"weights": np.full(N, -1.0)}, "weights: expected 0 or above"),
        ("accuracy", {"weights": np.zeros(N)}, "weights: expected an event that counts"),
        ("accuracy", {"weights": np.ones(3)}, "weights: expected 400 numbers"),
        ("rmse", {}, r"y: expected numbers of shape \(400, 3\)"),
        ("rmse", {"y": np.full((N, 3), np.inf)}, "y: expected finite numbers"),
    ],
)
def test_bad_events(name, change, message):
    outputs, y, weights = events()
    given = {"outputs": outputs, "y": y, "weights": weights, **change}
    with pytest.raises((DataError, ConfigError), match=message):
        find_metric(name).evaluate(**given)
