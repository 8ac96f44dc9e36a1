import numpy as np
import pytest

from codesign import Budget, Dataset, TrainingSearch, train_designs
from codesign.errors import CodesignError, ConfigError, DataError
from codesign.methods import search as methods_search
from codesign.methods.training_search import hidden_of

QUICK = {"methods": ("posterior",), "teacher": None, "epochs": 8, "jobs": 1, "progress": False}
ASKED = {"layers": (1, 1), "units": (3, 4), "cost_weight": (1e-7, 2e-7), "method": "descent"}  # 4 trainings


def dataset(shift=0.0):
    x = np.random.default_rng(0).normal(size=(600, 3)).astype(np.float32)
    y = (x[:, 0] + np.abs(x[:, 1]) > 0.5 + shift).astype(int)
    return Dataset(x[:400], y[:400], x[400:], y[400:], ("a", "b", "c"), ("no", "yes"))


def found_by(trainings=3, data=None, budget=None, **options):
    asked = TrainingSearch(trainings=trainings, **{**ASKED, **options.pop("asked", {})})
    return train_designs(data or dataset(), budget or Budget(lut=5000), search=asked, **{**QUICK, **options})


def labels(front):
    return [entry["label"] for entry in front.history]


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A search of three trainings, and where it is kept."""
    pytest.importorskip("optuna")
    directory = tmp_path_factory.mktemp("searched")
    return found_by(directory=directory), directory


def test_trainings_differ_in_sizes_and_cost_weight(searched):
    front, directory = searched
    assert len(set(labels(front))) == 3 and all("cost weight" in label for label in labels(front))
    sizes = {tuple(map(int, label.split()[0].split("-"))) for label in labels(front)}
    assert sizes == {(3,), (4,)}
    assert {design.network.sizes[1:-1] for design in front.designs} <= sizes
    assert (directory / "search.journal").exists() and front.picked.smallest.report.lut <= 5000


def test_a_search_goes_on_from_its_journal_and_trains_nothing_again(searched, monkeypatch):
    import optuna

    front, directory = searched
    again = found_by(4, directory=directory)
    assert labels(again)[:3] == labels(front) and len(set(labels(again))) == 4
    monkeypatch.setattr(methods_search, "train", None)  # all are known
    assert labels(found_by(4, directory=directory)) == labels(again)
    storage = optuna.storages.JournalStorage(
        optuna.storages.journal.JournalFileBackend(str(directory / "search.journal"))
    )
    study = optuna.load_study(study_name="codesign", storage=storage)
    assert len(study.trials) == 4 and {"layers", "cost_weight", "units.1"} <= set(study.trials[0].params)
    assert study.trials[0].user_attrs["found"]["label"] == labels(front)[0]


@pytest.mark.parametrize(
    "change",
    [{"data": dataset(0.3)}, {"budget": Budget(lut=70)}, {"asked": {"units": (4, 6)}}, {"epochs": 9}, {"seed": 1}],
)
def test_refuses_the_study_of_something_else(searched, change):
    directory = searched[1]
    before = (directory / "search.journal").read_bytes()
    with pytest.raises(DataError, match="storage: expected the study of these events") as caught:
        found_by(directory=directory, **change)
    assert "\n" not in str(caught.value) and (directory / "search.journal").read_bytes() == before


def test_an_interrupted_search_keeps_what_is_done(tmp_path, monkeypatch):
    pytest.importorskip("optuna")
    train, calls = methods_search.train, []

    def interrupted(training, context):
        calls.append(training.label)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return train(training, context)

    monkeypatch.setattr(methods_search, "train", interrupted)
    with pytest.raises(KeyboardInterrupt):
        found_by(2, directory=tmp_path, asked={"units": (4, 4)})
    assert labels(found_by(2, directory=tmp_path, asked={"units": (4, 4)})) == calls[:2]
    kept = list((tmp_path / "trainings").glob("*/trained.json"))
    assert len(kept) == 2


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
