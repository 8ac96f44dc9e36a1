import sys
import types

import numpy as np
import pytest

from codesign._keras import keras
from codesign.drone import as_teacher, train_drone
from codesign.errors import CodesignError, ConfigError, DataError
from codesign.export import load_network

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 3))
Y = (X[:, 0] + 0.5 * X[:, 1] ** 2 > 0.3).astype(int)


def classifiers():
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return [
        GradientBoostingClassifier(n_estimators=5),
        RandomForestClassifier(5),
        MLPClassifier(4, solver="lbfgs", max_iter=200),
        make_pipeline(StandardScaler(), LogisticRegression()),
    ]


@pytest.mark.parametrize("model", classifiers(), ids=lambda model: type(model).__name__)
def test_classifiers_give_the_probability_of_class_1(model):
    model.fit(X, Y)
    teacher = as_teacher(model)
    given = teacher.predict(X)
    assert (given.dtype, given.shape, teacher.n_outputs, teacher.kind) == (np.float32, (300, 1), 1, "probability")
    np.testing.assert_allclose(given[:, 0], model.predict_proba(X)[:, 1], atol=1e-6)
    np.testing.assert_allclose(as_teacher(model, positive=0).predict(X), 1 - given, atol=1e-6)


def test_decision_functions_are_logits():
    from sklearn.svm import SVC

    model = SVC().fit(X, np.where(Y, "signal", "background"))
    given = as_teacher(model, positive="signal").predict(X)
    np.testing.assert_allclose(given[:, 0], 1 / (1 + np.exp(-model.decision_function(X))), atol=1e-6)
    np.testing.assert_allclose(as_teacher(model, positive="background").predict(X), 1 - given, atol=1e-6)
    with pytest.raises(ConfigError, match="output: expected logit"):
        as_teacher(model, positive="signal", output="probability")


def test_regressors_give_values():
    from sklearn.tree import DecisionTreeRegressor

    model = DecisionTreeRegressor(max_depth=3).fit(X, 40 * X[:, :2])
    teacher = as_teacher(model)
    np.testing.assert_allclose(teacher.predict(X), model.predict(X), rtol=1e-6)
    assert (teacher.kind, teacher.n_outputs) == ("value", 2)


def test_several_classes_keep_their_columns():
    from sklearn.linear_model import LogisticRegression

    labels = Y + (X[:, 2] > 1)
    model = LogisticRegression().fit(X, labels)
    assert as_teacher(model).predict(X).shape == (300, 3)
    np.testing.assert_allclose(as_teacher(model, positive=2).predict(X)[:, 0], model.predict_proba(X)[:, 2], atol=1e-6)


def test_positive_class_is_not_guessed():
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression().fit(X, np.where(Y, 1, -1))
    with pytest.raises(ConfigError, match=r"positive: expected one of the classes \[-1, 1\]"):
        as_teacher(model)
    with pytest.raises(ConfigError, match="Received: 7"):
        as_teacher(model, positive=7)
    np.testing.assert_allclose(as_teacher(model, positive=-1).predict(X)[:, 0], model.predict_proba(X)[:, 0], atol=1e-6)


def two_columns(x):
    p = 1 / (1 + np.exp(-x[:, 0]))
    return np.stack([1 - p, p], 1)


def test_two_columns_need_a_positive_class():
    with pytest.raises(ConfigError, match="positive: expected 0 or 1"):
        as_teacher(two_columns).predict(X)
    np.testing.assert_allclose(as_teacher(two_columns, positive=1).predict(X)[:, 0], two_columns(X)[:, 1], atol=1e-6)
    assert as_teacher(lambda x: np.stack([two_columns(x)[:, 1], np.full(len(x), 0.9)], 1)).predict(X).shape == (300, 2)
    with pytest.raises(ConfigError, match="column from 0 to 1"):
        as_teacher(two_columns, positive=2).predict(X)


def test_logits_become_probabilities():
    np.testing.assert_allclose(
        as_teacher(lambda x: 900 * x[:, 0], output="logit").predict(X[:5])[:, 0], (X[:5, 0] > 0), atol=1e-3
    )
    np.testing.assert_allclose(as_teacher(lambda x: 9 * x, output="logit").predict(X).sum(1), 1, atol=1e-6)


def test_both_keras():
    import keras as keras3

    for library in (keras, keras3):
        model = library.Sequential([library.Input((3,)), library.layers.Dense(1, activation="sigmoid")])
        np.testing.assert_allclose(as_teacher(model).predict(X), np.asarray(model(X.astype(np.float32))), atol=1e-5)


def heads(n_inputs=3):
    """Three classes and two values of one model."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((n_inputs,))
    classes = keras.layers.Dense(3, activation="softmax", name="classes")(inputs)
    return keras.Model(inputs, [classes, keras.layers.Dense(2, name="values")(inputs)])


def test_heads_come_side_by_side():
    model = heads()
    expected = np.concatenate([np.asarray(head) for head in model(X.astype(np.float32))], 1)
    for teacher in (model, lambda x: tuple(np.asarray(head) for head in model(x.astype(np.float32)))):
        for n in (1, 2, 300):
            np.testing.assert_allclose(as_teacher(teacher, output="value").predict(X[:n]), expected[:n], atol=1e-5)
    two = as_teacher(lambda x: [x[:, :2], x[:, 2]], output="logit").predict(X)
    np.testing.assert_allclose(two[:, :2].sum(1), 1, atol=1e-6)
    np.testing.assert_allclose(two[:, 2], 1 / (1 + np.exp(-X[:, 2])), atol=1e-6)


@pytest.mark.slow
def test_a_drone_has_as_many_outputs_as_its_teacher():
    teacher = as_teacher(heads(), output="value")
    drone = train_drone(teacher, X, max_units=6, max_epochs=2, fine_tune_iterations=2, progress=False)
    assert drone.sizes[-1] == drone.predict(X).shape[1] == load_network(drone).n_outputs == 5


def test_large_inputs_come_in_blocks():
    sizes = []

    def teacher(x):
        sizes.append(len(x))
        return np.full(len(x), 0.5)

    assert as_teacher(teacher).predict(np.zeros((70000, 2))).shape == (70000, 1)
    assert len(sizes) == 2


@pytest.mark.parametrize(
    "teacher, message",
    [
        (lambda x: np.zeros(7), "expected 300 rows"),
        (lambda x: np.full(len(x), np.nan), "NaN or inf for 300 of 300"),
        (lambda x: 3 * np.ones(len(x)), "output='logit' or output='value'"),
        (lambda x: [np.zeros(len(x)), np.zeros((7, 2))], "expected 300 rows"),
        (lambda x: x @ np.ones(8), "ValueError"),
        (lambda x: np.zeros((len(x), 2, 2)), "one per event"),
    ],
)
def test_bad_teachers_give_one_line(teacher, message):
    with pytest.raises(DataError, match=message) as caught:
        as_teacher(teacher).predict(X)
    assert "\n" not in str(caught.value)


def test_bad_objects_and_options():
    from sklearn.linear_model import LogisticRegression, Perceptron
    from sklearn.neighbors import NearestCentroid

    for teacher, options, message in [
        (3, {}, "expected a function"),
        (LogisticRegression(), {}, "fit it first"),
        (NearestCentroid().fit(X, Y), {"positive": 5}, "Received: 5"),
        ("forest.pkl", {}, "forest.pkl, which does not exist"),
        (two_columns, {"output": "score"}, "output: expected"),
        (two_columns, {"positive": "signal"}, "number of a column"),
        (two_columns, {"positive": 1, "output": "value"}, "expected none"),
        (Perceptron().fit(X, np.where(Y, "a", "b")), {}, "positive"),
    ]:
        with pytest.raises(CodesignError, match=message):
            as_teacher(teacher, **options)
    with pytest.raises(DataError, match="at least one event"):
        as_teacher(two_columns).predict(X[:0])


def test_xgboost():
    xgboost = pytest.importorskip("xgboost")
    model = xgboost.XGBClassifier(n_estimators=3, n_jobs=1).fit(X, Y)
    wanted = model.predict_proba(X)[:, 1]
    for teacher in (model, model.get_booster()):
        np.testing.assert_allclose(as_teacher(teacher).predict(X)[:, 0], wanted, atol=1e-6)
    regressor = xgboost.XGBRegressor(n_estimators=3, n_jobs=1).fit(X, 9 * X[:, 0])
    assert {as_teacher(teacher).kind for teacher in (regressor, regressor.get_booster())} == {"value"}


def test_lightgbm():
    lightgbm = pytest.importorskip("lightgbm")
    model = lightgbm.LGBMClassifier(n_estimators=3, n_jobs=1, verbose=-1).fit(X, Y)
    for teacher in (model, model.booster_):
        np.testing.assert_allclose(as_teacher(teacher).predict(X)[:, 0], model.predict_proba(X)[:, 1], atol=1e-6)
    regressor = lightgbm.LGBMRegressor(n_estimators=3, n_jobs=1, verbose=-1).fit(X, 9 * X[:, 0])
    assert {as_teacher(teacher).kind for teacher in (regressor, regressor.booster_)} == {"value"}


@pytest.mark.parametrize("batch", ["n", 64])
def test_onnx(tmp_path, batch):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    helper, float32 = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["z"]), helper.make_node("Sigmoid", ["z"], ["y"])],
        "teacher",
        [helper.make_tensor_value_info("x", float32, [batch, 3])],
        [helper.make_tensor_value_info("y", float32, [batch, 1])],
        [helper.make_tensor("w", float32, [3, 1], [1.0, 2.0, -1.0])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    path = tmp_path / "teacher.onnx"
    onnx.save(model, path)
    wanted = 1 / (1 + np.exp(-X @ [[1.0], [2.0], [-1.0]]))
    for teacher in (path, str(path), model):
        np.testing.assert_allclose(as_teacher(teacher).predict(X), wanted, atol=1e-5)
    path.write_bytes(b"no model")
    with pytest.raises(DataError, match="ONNX.*not a model"):
        as_teacher(path)


class FakeTensor:
    """What the adapter needs of a tensor."""

    def __init__(self, array):
        self.array = array

    def detach(self):
        return self

    cpu = detach

    def numpy(self):
        return self.array


def fake_torch():
    torch = types.ModuleType("torch")
    torch.as_tensor = lambda array, **place: FakeTensor(array)

    class NoGrad:
        def __enter__(self):
            torch.without_gradients = True

        def __exit__(self, *error):
            torch.without_gradients = False

    class Module:
        __module__ = "torch.nn"
        training = True

        def parameters(self):
            return iter(())

        def train(self, mode=True):
            self.training = mode

        def eval(self):
            self.train(False)

        def forward(self, x):
            assert torch.without_gradients and not self.training
            return FakeTensor(x.array[:, :1])

        __call__ = forward

    torch.no_grad, torch.Module = NoGrad, Module
    return torch


def test_pytorch_modules_are_evaluated_without_gradients(monkeypatch):
    torch = fake_torch()
    monkeypatch.setitem(sys.modules, "torch", torch)
    module = torch.Module()
    np.testing.assert_allclose(as_teacher(module, output="logit").predict(X), 1 / (1 + np.exp(-X[:, :1])), atol=1e-6)
    assert module.training
