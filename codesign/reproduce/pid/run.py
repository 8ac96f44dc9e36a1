"""`codesign reproduce pid`: train, measure, time, print, plot."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from codesign._folders import made_files
from codesign.cpu.side_by_side import time_side_by_side
from codesign.data import Dataset, load_pid
from codesign.reproduce.peer_process import check_peer
from codesign.reproduce.pid.cpp_times import CppTimes, time_cpp
from codesign.reproduce.pid.goals import make_goals
from codesign.reproduce.pid.methods import jobs, saved_models
from codesign.reproduce.pid.peer import run_peer
from codesign.reproduce.pid.plots import PLOTS, save_plots
from codesign.reproduce.pid.rows import BATCHES, in_order, make_row, table_columns
from codesign.reproduce.pid.settings import Settings, quick_settings
from codesign.reproduce.pid.training import Trainer
from codesign.reproduce.result import write_json
from codesign.reproduce.result_cache import ResultCache
from codesign.reproduce.seeds import checked_seeds
from codesign.reproduce.table import make_console, print_goals, print_table
from codesign.train import load_model
from codesign.train.progress import progress_bar

_SEEDS = (0, 1, 2)
_TIMING_ROUNDS = 40
_NOTES = (
    "AUC: one class versus the rest, mean over seeds, standard error in the last digits. All nets train equally many "
    "epochs.",
    "weights, units: live after shrinking. weights /: dense weights over live ones. MACs /: dense MACs over the shrunk "
    "net's.",
    "CPU x: time of the dense 59-150-6 over the shrunk net's: TFLite (LiteRT, XNNPACK), one thread, invoke only, by "
    "batch size.",
    "C++ x: the same in generated C++ (codesign export --to cpp), each network fed its live inputs; none of nets side "
    "by side.",
)


def run(
    *,
    json_path: str | None = None,
    quick: bool = False,
    seeds: Sequence[int] | None = None,
    out: str | None = None,
    tracks: int | None = None,
    peer: str | None = None,
    settings: Settings | None = None,
) -> dict:
    """Measure the table, print it, and write plots and JSON.

    Args:
        json_path: where to write the JSON.
        quick: a reduced run.
        seeds: of the trainings; 0, 1, 2, or 0 in a quick run.
        out: folder of finished results, models and plots.
        tracks: to generate, 300,000 if None.
        peer: interpreter that has pytorch-ard.
        settings: in place of the standard or quick ones.

    Returns:
        dict: ``rows`` and ``goals``.

    Raises:
        ConfigError: for seeds that repeat or are negative.
        DataError: for too few tracks, or an output folder with results of other settings.
        ToolError: if the peer does not run.
    """
    seeds = checked_seeds(seeds, _SEEDS[:1] if quick else _SEEDS)
    check_peer(peer)
    settings = settings or (quick_settings(tracks) if quick else Settings(**({"tracks": tracks} if tracks else {})))
    directory = Path(out or f"build/reproduce/pid{'-quick' if quick else ''}")
    with ResultCache(directory / "results.jsonl", settings.as_dict()) as cache:
        cache.reserve([f"models/{name}-{seed}.h5" for name in saved_models(settings) for seed in seeds], PLOTS)
        data = load_pid(settings.tracks, seed=settings.track_seed).standardized(low=-8.0, high=8.0)
        results = _measure_all(data, settings, seeds, cache=cache, directory=directory, peer=peer)
        samples, cpp = _time_all(results, seeds[0], directory)
        rows = [make_row(name, list(results[name].values()), samples, cpp) for name in in_order(list(results))]
        goals = [] if quick else make_goals(results, cpp)
        title = (
            f"LHCb-like particle identification, {settings.tracks:,} tracks, {settings.total_epochs} epochs, "
            f"{len(seeds)} seeds"
        )
        _show(title, rows, data, with_peer=peer is not None)
        print_goals(goals, quick=quick)
        with made_files(directory) as partial:
            save_plots(rows, data.kind, partial)
    if json_path:
        more = {"settings": settings.as_dict(), "quick": quick, "test_events": len(data.x_test)}
        write_json(json_path, "pid", data.kind, rows, goals, seeds=seeds, **more)
    return {"rows": rows, "goals": goals}


def _measure_all(
    data: Dataset, settings: Settings, seeds: Sequence[int], *, cache: ResultCache, directory: Path, peer: str | None
) -> dict[str, dict[int, dict]]:
    """Return row -> seed -> result."""
    own = list(jobs(settings))
    peers = settings.peer_kl if peer else ()
    results: dict[str, dict[int, dict]] = {}
    with progress_bar() as bar:
        task = bar.add_task("", total=len(seeds) * (len(own) + len(peers)))
        for seed in seeds:
            trainer = Trainer(data, settings, seed, directory / "models")
            calls = [(f"{name}/{seed}", partial(job, trainer)) for name, job in own]
            calls += [(f"peer-{kl:g}/{seed}", partial(run_peer, peer, data, settings, seed, kl)) for kl in peers]
            for key, compute in calls:
                bar.update(task, description=f"{key.split('/')[0]}, seed {seed}")
                for name, result in cache.get(key, compute).items():
                    results.setdefault(name, {})[seed] = result
                bar.advance(task)
    return results


def _time_all(results: Iterable[str], seed: int, directory: Path) -> tuple[dict[int, dict[str, list[float]]], CppTimes]:
    """Return batch -> row -> samples in TFLite and times in C++, for the networks of one seed.

    The peer's are not ours to shrink.
    """
    paths = {name: directory / "models" / f"{name}-{seed}.h5" for name in results}
    models = {name: load_model(path) for name, path in paths.items() if path.exists()}
    tflite = {batch: time_side_by_side(models, batch, rounds=_TIMING_ROUNDS) for batch in BATCHES}
    return tflite, time_cpp(models, repeats=_TIMING_ROUNDS)


def _show(title: str, rows: Sequence[Mapping], data: Dataset, *, with_peer: bool) -> None:
    console = make_console()
    notes = [*_NOTES, f"data: {data.origin}"]
    if not with_peer:
        notes.append("pytorch-ard 0.2.4: not run; give --peer PYTHON, see benchmarks/peers/README.md.")
    print_table(title, data.kind, table_columns(rows), console=console, notes=notes)
