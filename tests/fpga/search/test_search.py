import warnings
from dataclasses import replace

import numpy as np
import pytest

from codesign.errors import CodesignError, DataError
from codesign.fpga import Budget, Grid, pareto_front, search, sweep
from codesign.fpga.design.reuse import kernel_shapes, layer_reuse_factors
from codesign.fpga.search.descent import Descent
from codesign.fpga.search.space import Space
from codesign.fpga.sweep.evaluate import Evaluator
from codesign.network import DenseLayer, Network

GRID = Grid(
    weights=(2, 3, 4, 6),
    activations=(3, 4, 6),
    implementations=("hls4ml-latency", "hls4ml-resource"),
    reuse_factors={"hls4ml-resource": (1, 2, 4)},
)
METHODS = ("descent", "nsga2", "tpe", "mixed")


@pytest.fixture(scope="module")
def task() -> tuple[Network, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    layers = [
        DenseLayer("fc1", rng.normal(size=(6, 8)), rng.normal(size=8), "relu"),
        DenseLayer("fc2", rng.normal(size=(8, 4)), rng.normal(size=4), "relu"),
        DenseLayer("output", rng.normal(size=(4, 3)), rng.normal(size=3)),
    ]
    network, x = Network.chain(layers), rng.normal(size=(200, 6))
    return network, x, network.predict(x).argmax(1)


def found_by(task, **options):
    return search(
        *task, options.pop("grid", GRID), **{"jobs": 1, "progress": False, "designs": 24, "method": "descent"} | options
    )


def rows(designs) -> list[dict]:
    return [{**design.as_dict(), "label": design.label} for design in designs]


@pytest.mark.parametrize("method", METHODS)
def test_each_design_is_what_a_sweep_makes_of_it(task, method):
    if method != "descent":
        pytest.importorskip("optuna")
    designs = found_by(task, method=method, designs=12)
    assert len({design.label for design in designs}) == 12
    assert rows(designs) == rows(found_by(task, method=method, designs=12))
    for design in designs[::4]:
        layers = [layer.name for layer in design.network.layers]
        widths = design.precision.split()
        weights, activations = ([int(one) for one in word[1:].split("/")] for word in widths[:2])
        weights = weights if len(weights) > 1 else weights * 3
        activations = activations if len(activations) > 1 else activations * 2
        inputs = int(widths[2][1:]) if len(widths) > 2 else activations[0]
        one = Grid(
            weights=dict(zip(layers, weights)),
            activations=dict(zip(layers, activations)),
            inputs=(inputs,),
            implementations=(design.implementation,),
            reuse_factors=[design.reuse_factor],
        )
        (alone,) = sweep(*task, one, jobs=1, progress=False)
        assert alone.report == design.report and alone.metrics == design.metrics


def test_layers_get_widths_and_factors_of_their_own_from_the_lists_of_the_grid(task):
    grid = replace(GRID, implementations=("hls4ml-resource",))
    designs = found_by(task, designs=60, grid=grid)
    assert any(len(set(design.precision.split()[0][1:].split("/"))) > 1 for design in designs)
    folded = [design.reuse_factor for design in designs if isinstance(design.reuse_factor, dict)]
    kernels = kernel_shapes(task[0])
    built = dict(zip(kernels, zip(*(layer_reuse_factors(kernels, factor) for factor in (1, 2, 4)))))
    assert folded and all(factor in built[layer] for one in folded for layer, factor in one.items())


def test_a_space_that_is_small_is_searched_to_its_end(task):
    grid = Grid(weights=(3, 4), activations=(4,), inputs=(4,), implementations=("hls4ml-latency",))
    designs = found_by(task, grid=grid, designs=1000)
    assert len(designs) == Space.of(task[0], grid).count == 8
    assert len({design.precision for design in designs}) == 8


def test_descent_proposes_each_point_once_and_only_points_of_the_space(task):
    space, told, n = Space.of(task[0], GRID), [], 0
    descent = Descent(space, 3, 40)
    for _ in range(40):
        (point,) = descent.ask(1)
        assert point not in told and point == space.point(dict(point))
        choices = space.choices(dict(point)["implementation"])
        assert all(value in choices[name] for name, value in point)
        told.append(point)
        n += 1
        descent.tell(point, (1 / n, float(n), 1.0), 0.0)


def test_a_budget_comes_first(task):
    free = found_by(task, designs=30)
    limit = int(np.quantile([design.report.lut for design in free], 0.2))
    kept = found_by(task, designs=30, budget=Budget(lut=limit))
    assert sum(design.report.lut <= limit for design in kept) > sum(design.report.lut <= limit for design in free)


def test_regressions_and_weights_of_events_are_searched(task):
    network, x, _ = task
    designs = search(
        network,
        x,
        network.predict(x),
        GRID,
        designs=8,
        metrics=("rmse",),
        weights=np.ones(200),
        jobs=1,
        progress=False,
        method="descent",
    )
    assert len(designs) == 8 and pareto_front(designs, "rmse")


def test_workers_give_what_one_process_gives(task):
    assert rows(found_by(task, designs=8, jobs=2)) == rows(found_by(task, designs=8))


@pytest.fixture
def measured(monkeypatch):
    """Lists that grow with each design that is evaluated, and with each emulation; the length at which one of the first
    is interrupted."""
    calls, emulations, stop = [], [], {"at": None}
    evaluate, measure = Evaluator.evaluate, Evaluator.measure

    def evaluated(*given):
        calls.append(1)
        if len(calls) == stop["at"]:
            raise KeyboardInterrupt
        return evaluate(*given)

    def emulated(*given):
        emulations.append(1)
        return measure(*given)

    monkeypatch.setattr(Evaluator, "evaluate", evaluated)
    monkeypatch.setattr(Evaluator, "measure", emulated)
    return calls, emulations, stop


@pytest.mark.parametrize("method", METHODS)
def test_a_search_that_was_stopped_anywhere_finds_what_it_would_have_found(task, method, tmp_path, measured):
    optuna = pytest.importorskip("optuna")
    calls, emulations, _ = measured
    path, seed = tmp_path / "deep" / "search.journal", METHODS.index(method)
    n = 14 if method == "descent" else 26  # two generations of NSGA-II
    options = {"method": method, "designs": n, "seed": seed, "storage": path}
    whole = rows(found_by(task, **options))
    content, alone = path.read_bytes(), rows(found_by(task, **options | {"storage": None}))
    assert whole == alone
    emulations.clear()
    assert rows(found_by(task, **options)) == whole and not emulations  # a finished one, read again
    for cut in np.random.default_rng(seed).integers(0, len(content), 1 if method in ("descent", "mixed") else 2):
        path.write_bytes(content[:cut])  # killed at any byte
        calls.clear()
        assert rows(found_by(task, **options)) == whole
        assert len(calls) <= n - max(0, content[:cut].count(b'"found"') - 1)
    lines = content.splitlines(keepends=True)
    trials = [one for one in lines if b'"found"' in one]
    path.write_bytes(b"".join([*(one for one in lines if one not in trials), *reversed(trials)]))
    assert rows(found_by(task, **options)) == whole  # what workers finished in another order
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))
    study = optuna.load_study(study_name="codesign", storage=storage)
    assert len(study.trials) == n and study.best_trials
    assert study.metric_names == ["loss of accuracy", "share of the part", "latency_ns"]


@pytest.mark.parametrize("method", ["descent", "tpe"])
def test_more_or_fewer_designs_are_those_of_a_search_of_so_many(task, method, tmp_path, measured):
    pytest.importorskip("optuna")
    calls, _, _ = measured
    path = tmp_path / "search.journal"
    alone = {n: rows(found_by(task, method=method, designs=n)) for n in (5, 12)}
    calls.clear()
    for n in (12, 5, 12):
        assert rows(found_by(task, method=method, designs=n, storage=path)) == alone[n]
    assert len(calls) <= 17


def test_what_was_done_is_kept_when_a_search_is_interrupted(task, tmp_path, measured):
    pytest.importorskip("optuna")
    calls, _, stop = measured
    path = tmp_path / "search.journal"
    alone = rows(found_by(task))
    calls.clear()
    stop["at"] = 7
    with pytest.raises(KeyboardInterrupt):
        found_by(task, storage=path)
    calls.clear()
    stop["at"] = None
    assert rows(found_by(task, storage=path)) == alone and len(calls) <= 24 - 6


@pytest.mark.parametrize(
    "change",
    [
        lambda task: ((task[0], task[1] + 1e-9, task[2]), {}),
        lambda task: ((task[0], task[1], 2 - task[2]), {}),
        lambda task: (task, {"grid": Grid(weights=(2, 3), activations=(4,))}),
        lambda task: (task, {"budget": Budget(lut=10)}),
        lambda task: (task, {"metrics": ("auc",)}),
    ],
)
def test_refuses_the_study_of_something_else(task, tmp_path, change):
    pytest.importorskip("optuna")
    path = tmp_path / "search.journal"
    found_by(task, designs=2, storage=path)
    before = path.read_bytes()
    other, options = change(task)
    with pytest.raises(DataError, match="expected the study of this network") as caught:
        found_by(other, storage=path, **options)
    assert "\n" not in str(caught.value) and path.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: [*lines[:3], "{broken", *lines[4:]],
        lambda lines: ["not a journal"],
        lambda lines: lines[2:],
        lambda lines: ["[1, 2]", *lines],
        lambda lines: [line.replace('"metrics"', '"metric"') for line in lines],
        lambda lines: [line.replace('"inputs"', '"input"') for line in lines],
    ],
)
def test_refuses_a_damaged_journal_in_one_line(task, tmp_path, damage):
    pytest.importorskip("optuna")
    path = tmp_path / "search.journal"
    found_by(task, designs=2, storage=path)
    path.write_text("\n".join(damage(path.read_text().splitlines())) + "\n")
    with pytest.raises(DataError, match="storage: expected") as caught:
        found_by(task, storage=path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"designs": 0}, "designs: expected a number from 1 to 1,000,000. Received: 0"),
        ({"designs": 10**9}, "designs: expected a number from 1 to 1,000,000"),
        ({"method": "decent"}, "did you mean 'descent'"),
        ({"seed": -1}, "seed"),
        ({"jobs": 0}, "jobs"),
        ({"metrics": ("acuracy",)}, "did you mean 'accuracy'"),
        ({"grid": Grid(weights=[{"fc": 4}], activations=4)}, "weights: unknown layer 'fc'"),
        ({"grid": Grid(activations=4, reuse_factors=[{"fc9": 2}])}, "reuse_factor: unknown layer 'fc9'"),
        ({"storage": "/"}, "storage: expected"),
        ({"storage": "/dev/null/new.journal"}, "storage: expected a file to read and write, in a folder that can be"),
    ],
)
def test_rejects_what_cannot_be_searched(task, options, message):
    with pytest.raises(CodesignError, match=message) as caught:
        found_by(task, **options)
    assert "\n" not in str(caught.value)


def test_a_missing_optuna_names_the_extra(task, monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    for options in ({"method": "nsga2"}, {"storage": tmp_path / "journal"}):
        with pytest.raises(CodesignError, match=r"package optuna. It is missing: pip install '.\[search\]'"):
            found_by(task, **options)
    assert len(found_by(task, designs=2)) == 2


def test_widths_that_cannot_be_built_are_no_designs(task):
    grid = Grid(weights=("ap_fixed<3,1>", 6), activations=(6,), implementations=("hls4ml-latency",))
    with pytest.raises(CodesignError, match="saturate"):
        sweep(*task, grid, jobs=1, progress=False)
    assert {design.precision for design in found_by(task, grid=grid)} == {"w6 a6"}
