import json
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from codesign.errors import ConfigError, DataError
from codesign.reproduce import hbb, run_study
from codesign.reproduce.hbb import jobs
from codesign.reproduce.hbb.exactness import count_active
from codesign.reproduce.hbb.rows import difference, estimate
from codesign.reproduce.hbb.selection import mean_jaccard
from codesign.reproduce.hbb.settings import HbbSettings

TINY = HbbSettings(
    hidden=(8, 4),
    counts=(2, 39),
    shares=(0.5,),
    budgets=(60,),
    epochs=1,
    gate_epochs=1,
    n_events=600,
    mutual_information_events=200,
    exactness_runs=1,
    patience=1,
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("hbb")
    with open(out / "printed.txt", "w") as file:
        run_study(
            hbb.make_study(),
            json_path=out / "hbb.json",
            seeds=[0],
            out=out,
            settings=TINY,
            console=Console(file=file, width=200),
        )
    return out


@pytest.mark.slow
def test_json_keeps_the_contract(finished):
    content = json.loads((finished / "hbb.json").read_text())
    assert (content["task"], content["data_kind"], content["seeds"]) == ("hbb", "GENERATED", [0])
    assert all({"method", "study", "auc", "auc_seed_error", "auc_test_error"} <= set(row) for row in content["rows"])
    assert all({"name", "value", "target", "comparison", "met"} == set(entry) for entry in content["goals"])
    assert {row["study"] for row in content["rows"]} == {"features", "nodes", "budget"}
    assert content["goals"][-1]["name"].startswith("exact counts") and content["goals"][-1]["met"]


@pytest.mark.slow
def test_gate_keeps_what_was_asked(finished):
    rows = json.loads((finished / "hbb.json").read_text())["rows"]
    gate = next(row for row in rows if row["study"] == "features" and row["n_features"] == 2)
    assert [len(features) for features in gate["features"]] == [2]
    nodes = next(row for row in rows if row["study"] == "nodes")
    assert nodes["active_nodes"] == [[4, 2]]
    assert all(row["macs"] <= 60 for row in rows if row["study"] == "budget")


@pytest.mark.slow
def test_tables_name_the_kind_of_data_and_plots_exist(finished):
    printed = (finished / "printed.txt").read_text()
    assert printed.count("[GENERATED data]") == 4
    for name in ("auc-against-features", "stability", "auc-against-active-nodes", "pruned-against-retrained"):
        assert (finished / f"{name}.png").exists() and "<svg" in (finished / f"{name}.svg").read_text()


@pytest.mark.slow
def test_finished_trainings_are_not_repeated(finished, monkeypatch):
    def fail(*arguments):
        raise AssertionError("trained again")

    for name in ("select_by_gate", "prune_to_share", "prune_to_budget", "count_active"):
        monkeypatch.setattr(jobs, name, fail)
    run_study(hbb.make_study(), seeds=[0], out=finished, settings=TINY, console=Console(quiet=True))


@pytest.mark.slow
def test_results_of_other_settings_are_refused(finished):
    with pytest.raises(DataError, match="same settings"):
        run_study(
            hbb.make_study(), seeds=[0], out=finished, settings=replace(TINY, epochs=2), console=Console(quiet=True)
        )


@pytest.mark.parametrize("seeds", [[], [0, 0], [-1]])
def test_bad_seeds(seeds, tmp_path):
    with pytest.raises(ConfigError, match="seeds: expected different numbers"):
        run_study(hbb.make_study(), seeds=seeds, out=tmp_path)


@pytest.mark.slow
def test_count_is_exact_in_a_random_training():
    result = count_active(3)
    assert result["active"] == result["asked"] and result["is_exact"]


def test_jaccard_of_known_sets():
    assert mean_jaccard([[1, 2], [1, 2]]) == (1.0, 0.0)
    mean, error = mean_jaccard([[1, 2], [1, 2], [2, 3]])
    assert mean == pytest.approx((1 + 1 / 3 + 1 / 3) / 3)
    assert error == pytest.approx(np.sqrt(2 / 3 * np.square(np.array([1 / 3, 1 / 3, 1]) - 5 / 9).sum()))


def test_differences_count_seeds_and_common_draws():
    ours = [{"auc": 0.92, "bootstrap_aucs": [0.92, 0.93, 0.91]}, {"auc": 0.94, "bootstrap_aucs": [0.94, 0.95, 0.93]}]
    others = [
        {"auc": one["auc"] - 0.01, "bootstrap_aucs": [value - 0.01 for value in one["bootstrap_aucs"]]} for one in ours
    ]
    assert estimate(ours) == pytest.approx({"auc": 0.93, "auc_seed_error": 0.01, "auc_test_error": 0.01})
    gap = difference(ours, others)
    assert gap["difference_test_error"] == pytest.approx(
        0, abs=1e-12
    )  # the draws are common, so their fluctuations cancel
    assert gap["difference_error"] == pytest.approx(np.sqrt(2) * 0.01)
    assert gap["difference_in_errors"] == pytest.approx(1 / np.sqrt(2))
    assert difference(ours, ours)["difference"] == 0
