import numpy as np
import pytest

from codesign import Budget, Dataset, train_designs
from codesign.errors import BudgetError, ConfigError, DataError
from codesign.fpga import Grid
from codesign.methods import QKerasSettings, aims, settings, tables
from codesign.train import FitSettings

QUICK = {"hidden": (6,), "epochs": 2, "jobs": 1, "progress": False}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(800, 4)).astype(np.float32)
SIGNAL = X[:, 0] + np.abs(X[:, 1])


def dataset(kind="binary", weights=None):
    """Events whose labels or values a small network tells, 400 for training."""
    y = {
        "binary": (SIGNAL > 0.5).astype(int),
        "classes": np.digitize(SIGNAL, (0.2, 1.2)),
        "values": 700 + 40 * np.stack([SIGNAL, X[:, 2]], 1),
    }[kind]
    names = {
        "binary": {"classes": ("no", "yes")},
        "classes": {"classes": tuple("abc")},
        "values": {"targets": ("pt", "mass")},
    }[kind]
    if weights is not None:
        names |= {"weights_train": weights[:400], "weights_test": weights[400:]}
    return Dataset(X[:400], y[:400], X[400:], y[400:], features=tuple("wxyz"), **names)


@pytest.fixture(autouse=True, scope="module")
def one_network():
    """In the place of two, and one small width of the teacher, for the sake of time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aims, "_SHARES", (1.0,))
        patch.setattr(aims, "_SHARES_TO_A_FLOOR", (1.0, 0.5))
        patch.setattr(settings, "_TEACHER_WIDTHS", ((16, 8),))
        yield


@pytest.fixture(scope="module")
def all_methods(one_network):
    """One front of all methods, on words."""
    sweep = QKerasSettings((4,), fit=FitSettings(epochs=2), grid=Grid((4,), (6,), (6,), implementations=("unrolled",)))
    methods = ("best", "qkeras", "drone")
    return train_designs(dataset().in_words(bits=8), Budget(lut=1000), methods=methods, qkeras=sweep, **QUICK)


@pytest.mark.slow
def test_every_method_has_designs_in_one_front(all_methods):
    assert {design.method for design in all_methods.designs} == {"tables", "posterior", "qkeras", "drone"}
    assert {one["method"] for one in all_methods.history} == {"ensemble", "tables", "posterior", "qkeras", "drone"}
    assert all(len(one["epochs"]) > 0 and one["cpu_s"] >= 0 for one in all_methods.history)
    for design in all_methods.designs:
        assert design.report.lut >= 0 and design.measured("accuracy") and design.measured("auc")


@pytest.mark.slow
def test_picks_are_within_the_budget_and_stand_in_the_table(all_methods):
    picked = all_methods.picked
    assert all(getattr(picked, role) in all_methods.designs for role in ("smallest", "fastest", "best"))
    assert max(picked.best.report.lut, picked.fastest.report.lut) <= 1000
    assert len(all_methods.table().splitlines()) == len(all_methods.designs) + 1
    assert all(role in all_methods.table() for role in ("smallest", "fastest", "best"))


@pytest.mark.slow
def test_networks_take_the_words_that_are_sent(all_methods):
    data = dataset().in_words(bits=8)
    codes = data.words.codes(X[400:])
    for design in all_methods.designs:
        assert np.array_equal(design.network.emulate(data.words.values(codes)), design.network.emulate(data.x_test))
        if design.method == "posterior":
            kind = design.network.input_precision
            dropped = data.words.fraction - kind.fraction
            assert np.array_equal(kind.to_codes(data.x_test) * 2**dropped, codes >> dropped << dropped)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("classes", "tables"),
        ("values", "tables"),
        ("classes", "posterior"),
        ("values", "posterior"),
    ],
)
def test_other_tasks_with_weights(kind, method):
    weights = np.where(np.arange(800) % 4, 1.0, 3.0)
    options = QUICK | {"epochs": 20, "methods": (method,), "teacher": None}
    front = train_designs(dataset(kind, weights), Budget(lut=200 if kind == "classes" else 600), **options)
    outputs = front.picked.best.network.emulate(X[400:])
    assert front.teacher is None and front.metric == ("accuracy" if kind == "classes" else "rmse")
    if kind == "values":
        y = dataset(kind).y_test
        assert np.sqrt(np.square(outputs - y).mean()) < 0.9 * y.std(0).mean()
    else:
        assert outputs.shape == (400, 3)


@pytest.mark.parametrize("method", ["tables", pytest.param("posterior", marks=pytest.mark.slow)])
def test_events_of_no_weight_teach_nothing(method):
    """A third of the events say the opposite, and count nothing."""
    data, weights = dataset(), (np.arange(800) % 3 > 0).astype(float)
    flipped = np.where(weights[:400] > 0, data.y_train, 1 - data.y_train)
    wrong = Dataset(
        data.x_train,
        flipped,
        data.x_test,
        data.y_test,
        features=data.features,
        classes=data.classes,
        weights_train=weights[:400],
        weights_test=weights[400:],
    )
    front = train_designs(wrong, Budget(lut=300), methods=(method,), teacher=None, **QUICK | {"epochs": 25})
    decisions = front.picked.best.network.emulate(X[400:])[:, 0] > 0
    assert np.mean(decisions == data.y_test) > 0.8


@pytest.mark.slow
def test_a_user_s_teacher_is_asked_in_physical_units():
    asked = []

    def teacher(x):
        asked.append(x)
        return 1 / (1 + np.exp(-4 * (x[:, 0] + np.abs(x[:, 1]) - 0.5)))

    data = dataset().in_words(bits=10)
    front = train_designs(data, Budget(lut=300), methods=("tables",), teacher=teacher, **QUICK)
    assert front.teacher_metrics["accuracy"].value > 0.97
    assert all(np.abs(x).max() < 6 for x in asked)
    with pytest.raises(DataError, match="teacher: expected probabilities of 3 classes.* Received: 1 probabilities"):
        train_designs(dataset("classes"), Budget(lut=300), teacher=teacher, **QUICK)


@pytest.mark.slow
def test_a_floor_starts_a_search_and_a_budget_none_meets_says_what_came_nearest():
    front = train_designs(dataset(), Budget(min_accuracy=0.5), methods=("posterior",), **QUICK)
    assert front.picked.smallest.accuracy >= 0.5
    with pytest.raises(BudgetError, match="best accuracy reached is"):
        train_designs(dataset(), Budget(lut=60, min_accuracy=1.0), **QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["tables", "posterior"])
def test_latency_bounds_the_levels_of_logic(method):
    options = {
        "methods": (method,),
        "clock_period_ns": 5.0,
        "teacher": None,
        "seed": 2**31 - 1,
    }  # the largest seed there is
    front = train_designs(dataset(), Budget(latency_ns=5.0, lut=500), **options, **QUICK)
    assert front.picked.best.report.latency_ns <= 5.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": ("posteriour",)}, "methods: expected some of best, tables, posterior, .*did you mean 'posterior'"),
        ({"methods": ()}, "methods: expected each of them once, one at least"),
        ({"metric": "rmse"}, "metric"),
        ({"jobs": 0}, "jobs: expected a number of processes"),
        ({"hidden": (0,)}, "hidden"),
        ({"methods": ("drone",), "teacher": None}, "teacher: expected one for the method drone"),
    ],
)
def test_rejects(options, message):
    with pytest.raises(ConfigError, match=message):
        train_designs(dataset(), Budget(lut=120), **{**QUICK, **options})


def test_qkeras_refuses_a_regression():
    with pytest.raises(ConfigError, match="methods: expected posterior or drone for a regression"):
        train_designs(dataset("values"), Budget(lut=120), methods=("qkeras",), **QUICK)


@pytest.mark.parametrize("kind", ["binary", "classes"])
def test_what_is_sharpened_keeps_its_order_and_labels(kind):
    chances = RNG.dirichlet(np.ones(3), 50) if kind == "classes" else RNG.uniform(size=(50, 1))
    sharp = tables.sharpened(chances, kind)
    assert sharp.shape == chances.shape and ((sharp > 0) & (sharp < 1)).all()
    if kind == "classes":
        assert np.allclose(sharp.sum(1), 1) and (np.argsort(sharp) == np.argsort(chances)).all()
        assert (sharp.max(1) >= chances.max(1) - 1e-6).all()
        assert np.array_equal(tables.sharpened(np.eye(3), kind), np.eye(3))
    else:
        assert (np.abs(sharp - 0.5) >= np.abs(chances - 0.5) - 1e-6).all()
        assert np.array_equal(tables.sharpened(np.array([[0.0], [1.0]]), kind), [[0.0], [1.0]])
