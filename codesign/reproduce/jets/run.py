"""`codesign reproduce jets`: train, measure, print, plot."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from rich.console import Console

from codesign.data import Dataset, load_dataset
from codesign.errors import ConfigError
from codesign.reproduce.jets.goals import make_goals
from codesign.reproduce.jets.methods import jobs
from codesign.reproduce.jets.plots import save_plots
from codesign.reproduce.jets.references import load_hgq2_front, load_published
from codesign.reproduce.jets.rows import Results, cost_columns, make_rows, network_columns, points_of, published_columns
from codesign.reproduce.jets.settings import JetsSettings
from codesign.reproduce.jets.training import Trainer
from codesign.reproduce.peer_process import check_peer
from codesign.reproduce.result import write_json
from codesign.reproduce.result_cache import ResultCache
from codesign.reproduce.table import make_console, print_goals, print_table
from codesign.train.progress import progress_bar

_SEEDS = (0, 1, 2)
_NOTES = (
    "accuracy, AUC: test events, emulated bit for bit; adder cost: da4ml 0.6, about LUTs; levels: adders on the longest way.",
    "cycles: with 5 levels between registers. CPU s: of the training, the teacher's apart.",
)

_COST_NOTES = ("HGQ2's best: of its tuned front, 6 seeds, measured once on these events, and of what --peer adds.",)


def run(
    *,
    json_path: str | None = None,
    quick: bool = False,
    seeds: Sequence[int] | None = None,
    out: str | None = None,
    peer: str | None = None,
    settings: JetsSettings | None = None,
    console: Console | None = None,
) -> dict:
    """Train every method, print the tables and goals, write plots, networks and JSON.

    Args:
        json_path: where to write the JSON.
        quick: a reduced run.
        seeds: of the trainings; 0, 1, 2, or 0 in a quick run.
        out: folder of finished results, networks and plots.
        peer: interpreter that has HGQ2.
        settings: in place of the standard or quick ones.
        console: where tables go.

    Returns:
        dict: ``rows`` and ``goals``.

    Raises:
        ConfigError: for seeds that repeat or are negative.
        DataError: for an output folder with results of other settings.
        ToolError: if the peer does not run, or da4ml is missing.
    """
    seeds = list(seeds if seeds is not None else _SEEDS[:1] if quick else _SEEDS)
    check_peer(peer)
    if not seeds or len(set(seeds)) < len(seeds) or min(seeds) < 0:
        raise ConfigError(f"--seeds: expected different numbers of at least 0. Received: {seeds}")
    settings, console = settings or (JetsSettings.quick() if quick else JetsSettings()), console or make_console()
    directory = Path(out or f"build/reproduce/jets{'-quick' if quick else ''}")
    cache = ResultCache(directory / "results.jsonl", settings.as_dict())
    data, *validation = _load(settings).hold_out(0.1)
    results = _train(data, validation, settings, seeds, cache=cache, directory=directory, peer=peer)
    peers = [*load_hgq2_front(), *(point for points in points_of(results, "peer").values() for point in points)]
    rows, goals = make_rows(results, settings), make_goals(points_of(results, "posterior"), peers)
    print_table(f"Jet tagging, {len(seeds)} seeds", data.kind, network_columns(rows), console=console, notes=_NOTES)
    costs = cost_columns(results, settings, peers)
    print_table("Adder cost at equal accuracy, median over seeds", data.kind, costs, console=console, notes=_COST_NOTES)
    print_table(
        "Published, on the public hls4ml jets: another data set", "REAL", published_columns(load_published()), console=console
    )
    print_goals(goals, console=console)
    save_plots(results, settings, data.kind, directory)
    console.print(f"plots, networks and finished results: {directory}")
    if json_path:
        more = {"settings": settings.as_dict(), "quick": quick, "test_events": len(data.x_test)}
        write_json(json_path, "jets", data.kind, rows, goals, seeds=seeds, **more)
    return {"rows": rows, "goals": goals}


def _load(settings: JetsSettings) -> Dataset:
    data = load_dataset("jets_hlf").standardized()
    kept = slice(settings.n_events)
    return replace(data, x_train=data.x_train[kept], y_train=data.y_train[kept])


def _train(
    data: Dataset,
    validation: Sequence[np.ndarray],
    settings: JetsSettings,
    seeds: Sequence[int],
    *,
    cache: ResultCache,
    directory: Path,
    peer: str | None,
) -> Results:
    """Return job -> seed -> result."""
    results: dict[str, dict[int, dict]] = {}
    calls = [
        (seed, name, job) for seed in seeds for name, job in jobs(Trainer(data, settings, seed), validation, directory, peer)
    ]
    with progress_bar() as bar:
        task = bar.add_task("", total=len(calls))
        for seed, name, job in calls:
            bar.update(task, description=f"{name}, seed {seed}")
            results.setdefault(name, {})[seed] = cache.get(f"{name}/{seed}", job)
            bar.advance(task)
    return results
