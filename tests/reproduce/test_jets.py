import json

import pytest
from rich.console import Console

from codesign.errors import ConfigError
from codesign.network import Network
from codesign.reproduce import jets
from codesign.reproduce.jets.goals import front, make_goals, median_at, value_at
from codesign.reproduce.jets.references import load_hgq2_front, load_published
from codesign.reproduce.jets.settings import JetsSettings

TINY = JetsSettings(
    hidden=(4,),
    n_events=2000,
    cost_weights=(1e-5,),
    epochs=3,
    batch_size=100,
    collapse_epochs=1,
    teacher_nets=1,
    teacher_hidden=(8,),
    teacher_epochs=1,
    sparsities=(0.5,),
    zeros=(0.5,),
    kl_weights=(1.0,),
    baseline_epochs=2,
)


def point(cost, val, test, levels=10):
    return {"adder_cost": cost, "val_accuracy": val, "test_accuracy": test, "adder_levels": levels}


POINTS = [point(100, 0.60, 0.60), point(200, 0.59, 0.70), point(400, 0.62, 0.64), point(1600, 0.63, 0.66), point(1700, 0.64, 0.65)]


def test_front_is_chosen_on_validation_events():
    assert [one["adder_cost"] for one in front(POINTS[::-1])] == [100, 400, 1600, 1700]
    assert front([]) == []


def test_cost_at_an_accuracy_is_linear_in_its_logarithm():
    assert value_at(POINTS, 0.65) == pytest.approx(800)  # half way between 400 and 1600
    assert value_at(POINTS, 0.66) == pytest.approx(1600)
    assert value_at(POINTS, 0.5) == pytest.approx(100)
    useless = [point(1000, 0.625, 0.63)]  # better on validation events only
    assert value_at([*POINTS, *useless], 0.65) == pytest.approx(800)
    assert value_at(POINTS, 0.67) is None and value_at([], 0.6) is None


def test_median_needs_most_seeds():
    fronts = {0: POINTS, 1: [point(50, 0.6, 0.61)], 2: [point(900, 0.6, 0.66)]}
    assert median_at(fronts, 0.65) == pytest.approx(900)
    assert median_at({0: POINTS, 1: fronts[1]}, 0.65) is None and median_at({}, 0.6) is None


def test_goals_compare_with_the_best_front_of_the_peer():
    ours = {0: [point(300, 0.60, 0.64, 8) | {"rtl_mismatches": 0}, point(2000, 0.67, 0.67, 12) | {"rtl_mismatches": 0}]}
    goals = {entry["name"]: entry for entry in make_goals(ours, load_hgq2_front())}
    assert goals["adder cost at 0.6700, median of seeds"]["value"] == pytest.approx(2000)
    assert goals["adder cost over HGQ2's at .640 to .670, largest"]["value"] < 1
    assert goals["networks that differ from their Verilog on any test event"]["met"]
    assert not any(entry["met"] for entry in make_goals({}, []))


def test_references_say_what_they_are():
    assert value_at(load_hgq2_front(), 0.6516) == pytest.approx(828, rel=0.01)
    assert {row["dataset"] for row in load_published()} == {"OpenML", "CERNBox"}
    assert all(float(row["accuracy"]) > 60 and int(row["lut"]) > 0 and row["source"] for row in load_published())


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("jets")
    with open(out / "printed.txt", "w") as file:
        jets.run(json_path=out / "jets.json", seeds=[3], out=out, settings=TINY, console=Console(file=file, width=200))
    return out


def test_rows_and_proofs(finished):
    content = json.loads((finished / "jets.json").read_text())
    assert (content["task"], content["data_kind"], content["seeds"]) == ("jets", "GENERATED", [3])
    assert len(content["rows"]) == 4
    posterior = content["rows"][0]
    assert posterior["method"] == "posterior precision" and posterior["lut"] > 0
    assert content["goals"][-1]["met"] and content["goals"][-1]["value"] == 0
    assert Network.load(finished / "networks" / "posterior-1e-05-3.json").sizes == (16, 4, 5)


def test_tables_and_plot(finished):
    printed = (finished / "printed.txt").read_text()
    assert "[GENERATED data]" in printed and "another data set [REAL data]" in printed
    assert (finished / "accuracy-against-cost.png").exists()


@pytest.mark.parametrize("seeds", [[], [0, 0], [-1]])
def test_bad_seeds(seeds, tmp_path):
    with pytest.raises(ConfigError, match="seeds: expected different numbers"):
        jets.run(seeds=seeds, out=tmp_path)
