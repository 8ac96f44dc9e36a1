import numpy as np
import pytest

from codesign import Budget, Dataset, DenseLayer, Network, TrainingSearch, quantize_network, train_designs
from codesign.errors import CodesignError, ConfigError, DataError
from codesign.methods import search as methods_search
from codesign.methods.trained import Place, Trained
from codesign.methods.training_search import hidden_of

QUICK = {"methods": ("posterior",), "teacher": None, "epochs": 2, "jobs": 1, "progress": False}
ASKED = {"layers": (1, 2), "units": (3, 4), "cost_weight": (1e-5, 2e-5), "method": "descent"}  # 12 trainings


def dataset(shift=0.0):
    x = np.random.default_rng(0).normal(size=(600, 3)).astype(np.float32)
    y = (x[:, 0] + np.abs(x[:, 1]) > 0.5 + shift).astype(int)
    return Dataset(x[:400], y[:400], x[400:], y[400:], ("a", "b", "c"), ("no", "yes"))


def found_by(trainings=3, data=None, budget=None, **options):
    asked = TrainingSearch(trainings=trainings, **{**ASKED, **options.pop("asked", {})})
    return train_designs(data or dataset(), budget or Budget(lut=5000), search=asked, **{**QUICK, **options})


def labels(front):
    return [entry["label"] for entry in front.history]


def drawn(training, context):
    """In the place of a training: a network of its sizes with random weights, kept as trainings are."""
    place = Place(context.folder)
    kept = place.trained()
    if kept is not None:
        return kept
    sizes = (training.task.n_features, *training.settings.hidden, training.task.n_outputs)
    rng = np.random.default_rng(len(sizes))
    pairs = list(zip(sizes, sizes[1:]))
    layers = [
        DenseLayer(f"fc{n}", rng.normal(size=pair), np.zeros(pair[1]), "relu" if n < len(pairs) - 1 else "linear")
        for n, pair in enumerate(pairs)
    ]
    network = quantize_network(Network.chain(layers), training.task.x, weights=4, activations=5)
    return place.keep_trained(Trained(training.method, None, (network,), (), 0.0, training.label))


@pytest.fixture
def quickly(monkeypatch):
    """Trainings that take no time, and their labels as they are done."""
    pytest.importorskip("optuna")
    calls = []

    def train(training, context):
        calls.append(training.label)
        return drawn(training, context)

    monkeypatch.setattr(methods_search, "train", train)
    return calls


@pytest.mark.slow
def test_a_training_at_a_cost_weight_gives_networks_of_the_sizes_asked_for():
    asked = {"layers": (1, 1), "units": (3, 3), "cost_weight": (1e-7, 1e-7)}
    front = found_by(5, asked=asked, epochs=12)
    assert labels(front) == ["3 cost weight 1e-07"]
    assert {design.network.sizes for design in front.designs} == {(3, 3, 1)}
    assert front.picked.smallest.report.lut <= 5000 and front.history[0]["aim"] is None


def test_trainings_differ_in_sizes_and_cost_weight(quickly):
    front = found_by(8)
    assert len(set(labels(front))) == 8 and labels(front) == quickly
    sizes = {tuple(map(int, label.split()[0].split("-"))) for label in quickly}
    assert {len(one) for one in sizes} == {1, 2} and {units for one in sizes for units in one} == {3, 4}
    assert {label.split()[-1] for label in quickly} == {"1e-05", "2e-05"}


@pytest.mark.parametrize("method", ["descent", "tpe"])
def test_a_search_goes_on_from_its_journal_and_trains_nothing_again(quickly, tmp_path, method):
    import optuna

    asked = {"method": method}
    first = labels(found_by(directory=tmp_path, asked=asked))
    both = found_by(5, directory=tmp_path, asked=asked)
    assert len(set(labels(both))) == 5 and len(quickly) == len(set(quickly)) and set(labels(both)) <= set(quickly)
    done = len(quickly)
    again = found_by(5, directory=tmp_path, asked=asked)
    assert labels(again) == labels(both) and len(quickly) == done
    alone = found_by(5, asked=asked, directory=tmp_path / "alone")
    assert labels(alone) == labels(both) and labels(found_by(asked=asked, directory=tmp_path)) == first
    for front in (again, alone):
        assert [one.as_dict() for one in front.designs] == [one.as_dict() for one in both.designs]
    path = str(tmp_path / "search.journal")
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(path))
    study = optuna.load_study(study_name="codesign", storage=storage)
    assert len(study.trials) == done and {"layers", "cost_weight", "units.1"} <= set(study.trials[0].params)
    assert study.trials[0].user_attrs["found"]["label"] == first[0]


@pytest.mark.parametrize(
    "change",
    [{"data": dataset(0.3)}, {"budget": Budget(lut=70)}, {"asked": {"units": (3, 5)}}, {"epochs": 3}, {"seed": 1}],
)
def test_refuses_the_study_of_something_else(quickly, tmp_path, change):
    found_by(1, directory=tmp_path)
    before = (tmp_path / "search.journal").read_bytes()
    with pytest.raises(DataError, match="directory: expected the study of these events") as caught:
        found_by(1, directory=tmp_path, **change)
    assert "\n" not in str(caught.value) and (tmp_path / "search.journal").read_bytes() == before


def test_networks_that_are_gone_are_one_line(quickly, tmp_path):
    found_by(1, directory=tmp_path)
    for path in tmp_path.glob("trainings/*/trained.json"):
        path.unlink()
    with pytest.raises(DataError, match="trial 0 is damaged") as caught:
        found_by(1, directory=tmp_path)
    assert "\n" not in str(caught.value)


def test_an_interrupted_search_keeps_what_is_done(quickly, tmp_path, monkeypatch):
    train = methods_search.train

    def interrupted(training, context):
        if len(quickly) == 6:
            raise KeyboardInterrupt
        return train(training, context)

    monkeypatch.setattr(methods_search, "train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        found_by(8, directory=tmp_path)
    monkeypatch.setattr(methods_search, "train", train)
    found = labels(found_by(8, directory=tmp_path))
    assert len(set(found)) == 8 and found == quickly  # none twice
    assert found == labels(found_by(8, directory=tmp_path / "alone"))


@pytest.mark.parametrize(
    "given, message",
    [
        ({"layers": (3, 1)}, r"layers: expected the least and the most.*Received: \[3, 1\]; put the lower one first"),
        ({"units": (64, 8)}, "units: .*put the lower one first"),
        ({"cost_weight": (1e-4, 1e-6)}, "cost_weight: .*put the lower one first"),
        ({"cost_weight": (0.0, 1e-6)}, "cost_weight: expected a number from 1e-12"),
        ({"units": (8,)}, "units: expected two numbers"),
        ({"units": (0, 8)}, "units: expected a number from 1 to 4,096"),
        ({"layers": (1.5, 2)}, "layers: expected"),
        ({"method": "tp"}, "did you mean 'tpe'"),
        ({"trainings": 0}, "trainings: expected a number from 1"),
    ],
)
def test_rejects_an_impossible_search(given, message):
    with pytest.raises(ConfigError, match=message) as caught:
        TrainingSearch(**given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("given", [{"methods": ("tables",)}, {"hidden": (4,)}])
def test_a_search_is_of_the_method_that_has_a_cost_weight_and_chooses_the_sizes(given):
    with pytest.raises(CodesignError, match="search"):
        found_by(**given)


@pytest.mark.parametrize("units", [(8, 64), (3, 4), (5, 5), (1, 4096)])
@pytest.mark.parametrize("layers", [(1, 1), (1, 3), (2, 4)])
def test_choices_are_within_the_ranges_and_reach_both_ends(units, layers):
    choices = TrainingSearch(layers=layers, units=units).choices
    points = [choices.uniform(count, share) for count in choices.layouts for share in (0.0, 1.0)]
    points += [one for point in points for one in choices.neighbours(point)]
    assert {len(hidden_of(point)) for point in points} == set(range(layers[0], layers[1] + 1))
    found = {one for point in points for one in hidden_of(point)}
    assert (min(found), max(found)) == units
    weights = choices.shared["cost_weight"]
    assert (weights[0], weights[-1]) == (1e-6, 1e-4) and list(weights) == sorted(set(weights))


class Bar:
    """In the place of a progress bar: what it was told to say."""

    def __init__(self):
        self.said = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def add_task(self, description, **_):
        return 0

    def update(self, task, description=None, **_):
        self.said += [description] if description else []


def test_the_bar_says_how_many_work(quickly, monkeypatch):
    bar = Bar()
    monkeypatch.setattr(methods_search, "progress_bar", lambda shown: bar)
    found_by(trainings=2)
    assert bar.said and all(text.endswith(", 1 process") for text in bar.said)
    assert bar.said[0].startswith("posterior") and bar.said[-1].startswith("best accuracy")
