"""The study of the HiggsML solution: its jobs and its tables."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache, partial
from itertools import product
from pathlib import Path

from codesign.data import Dataset, HiggsML
from codesign.reproduce.columns import Column, Table
from codesign.reproduce.higgsml import costs, distilled, events, gates, peer
from codesign.reproduce.higgsml.one_net import train_one
from codesign.reproduce.higgsml.plots import FIGURES
from codesign.reproduce.higgsml.recipe import choose_recipe, train_row
from codesign.reproduce.higgsml.rows import make_goals, make_rows, ratios, times_of
from codesign.reproduce.higgsml.settings import (
    COSTS,
    DRONE,
    FPGA,
    FPGA_RAW,
    QUICK,
    RECIPE,
    TIMES,
    TITLES,
    HiggsSettings,
)
from codesign.reproduce.peer import check_peer
from codesign.reproduce.study import Job, Run, Study

_NOTES = (
    "Mean over seeds, standard error in the last digits; each seed cuts a fifth of the training events off for "
    "validation. They choose the cut, the recipe among its rows, the drone and the designs; no test event does.",
    "AMS br 10: as the challenge defines it; br 0: without its regularisation.",
    "mean AMS: over cuts that keep 15 to 45 % of the signal. The AMS of one cut on this many events is uncertain by .2 "
    "to .3: compare weighted AUCs.",
    "Every row of several nets has the one cycle of learning rates. An aligned event is the same for all its eight "
    "copies, so that it is evaluated once; with augmentation all eight are.",
)
_COLUMNS = (
    Column("title", "row"),
    Column("auc_weighted", "weighted AUC", ".4f", error="auc_weighted_error"),
    Column("auc", "AUC", ".4f", error="auc_error"),
    Column("ams_br10", "AMS br 10", ".3f", error="ams_br10_error"),
    Column("ams_br0", "br 0", ".3f", error="ams_br0_error"),
    Column("mean_ams", "mean AMS", ".3f", error="mean_ams_error"),
    Column("train_cpu_s", "training, CPU s", ".1f"),
    Column("test_us_per_event", "test, us/event", ".1f"),
    Column("parameters", "parameters", ",.0f"),
    Column("lut", "LUTs", ",.0f"),
    Column("fpga_latency_ns", "FPGA, ns", ".1f"),
    Column("validation_auc_weighted", "validation's AUC", ".4f"),
)
_PARTS = tuple(
    Column(f"ams_br{br}_{part}", f"AMS br {br}, {part}", ".3f", error=f"ams_br{br}_{part}_error")
    for part in ("public", "private")
    for br in (10, 0)
)
_TIMES = (
    Column("network", "network"),
    Column("runtime", "runtime"),
    Column("batch", "events per call", ","),
    Column("ns_per_event", "ns per event", ",.1f"),
)


def make_study(*, data: str | None = None, peer: str | None = None) -> Study:
    """Return the study.

    Args:
        data: path of the official file; None: the packaged events.
        peer: interpreter that has LUMIN 0.9.1 and XGBoost.

    Raises:
        ToolError: if there is no such interpreter.
    """
    check_peer(peer)
    settings = HiggsSettings(path=data or "")
    return Study(
        name="higgsml",
        title="HiggsML",
        settings=settings,
        quick=replace(settings, **QUICK),
        load=_load,
        jobs=partial(_jobs, interpreter=peer),
        rows=make_rows,
        tables=_tables,
        goals=make_goals,
        figures=FIGURES,
        extra=lambda run: {"times": times_of(run), "costs": ratios(run)},
    )


def _load(settings: HiggsSettings) -> Dataset:
    return _events(settings).data


def _events(settings: HiggsSettings) -> HiggsML:
    path = Path(settings.path)
    return _read(settings.path, settings.n_events, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=1)  # the official file takes a minute
def _read(path: str, n_events: int | None, changed_ns: int) -> HiggsML:
    return events.load(path, n_events)


def _jobs(run: Run, *, interpreter: str | None) -> Iterator[Job]:
    """Yield the ladder, the recipe, the drone and the designs of every seed, then what measures times."""
    settings, folder, found = run.settings, run.folder / "models", _events(run.settings)
    for seed in run.seeds:
        for method in settings.methods:
            yield Job(
                method, seed, partial(train_row, found, settings, method, seed, folder), _ensemble_files(method, seed)
            )
        yield Job(RECIPE, seed, partial(_chosen, run, seed), _ensemble_files(RECIPE, seed))
        for method in settings.single:
            files = (f"models/{method}-{seed}.keras",)
            yield Job(method, seed, partial(train_one, found, settings, method, seed, folder), files)
    for seed in run.seeds:
        yield Job(DRONE, seed, partial(distilled.train_the_drone, found, run, seed), (f"models/{DRONE}-{seed}.keras",))
    for method, seed in product((FPGA, FPGA_RAW), run.seeds):
        files = tuple(f"models/{method}-{seed}{end}" for end in (".json", ""))
        yield Job(method, seed, partial(gates.train_the_design, found, run, seed, method=method), files)
    for seed in run.seeds:
        yield Job(COSTS, seed, partial(costs.training_costs, found, run, seed), alone=True)
        for method in peer.PEERS if interpreter else ():
            yield Job(method, seed, partial(peer.run_peer, interpreter, found, run, seed, method=method), alone=True)
    yield Job(TIMES, run.seeds[0], partial(costs.event_times, found, run, run.seeds[0]), alone=True)


def _ensemble_files(method: str, seed: int) -> tuple[str, ...]:
    return tuple(f"models/{method}-{seed}.{end}" for end in ("keras", "npz"))


def _chosen(run: Run, seed: int) -> dict:
    rows = {method: run.results[method][seed] for method in run.settings.candidates}
    return choose_recipe(rows, seed, run.folder / "models")


def _tables(run: Run) -> list[Table]:
    cost = ratios(run)
    notes = [
        "The recipe is, seed by seed: " + ", ".join(TITLES[one["chosen"]] for one in run.of(RECIPE)) + ".",
        f"An epoch of {run.settings.members} nets: {cost['ensemble']:.2f} times one of one net in Keras; augmentation "
        f"adds {cost['augmentation']:.1%}.",
        *peer.paired_notes(run),
    ]
    title = f"{run.study.title}, {len(run.data.y_test):,} test events"
    several = "ams_br10_public" in run.rows[-1]
    columns = (*_COLUMNS[:1], *_PARTS, *_COLUMNS[1:]) if several else _COLUMNS
    return [
        Table(title, columns, run.rows, (*_NOTES, *notes)),
        Table("CPU time per event, one thread, median", _TIMES, times_of(run)),
    ]
