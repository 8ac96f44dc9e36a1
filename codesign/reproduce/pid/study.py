"""The study of sparse trainings for particle identification: its jobs and its table."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from codesign.cpu.side_by_side import time_side_by_side
from codesign.data import Dataset, load_pid
from codesign.data.pid import CLASSES
from codesign.reproduce.columns import Column, Table
from codesign.reproduce.peer import check_peer
from codesign.reproduce.pid.cpp_times import time_cpp
from codesign.reproduce.pid.goals import make_goals
from codesign.reproduce.pid.methods import saved_models, trainings
from codesign.reproduce.pid.peer import run_peer
from codesign.reproduce.pid.plots import FIGURES
from codesign.reproduce.pid.rows import BATCHES, TIMES, by_row, make_rows, times_of
from codesign.reproduce.pid.settings import QUICK, PidSettings
from codesign.reproduce.pid.training import Trainer
from codesign.reproduce.study import Job, Run, Study
from codesign.train import load_model

_NOTES = (
    "AUC: one class versus the rest, mean over seeds, standard error in the last digits. All nets train equally many "
    "epochs.",
    "weights, units: live after shrinking. weights /: dense weights over live ones. MACs /: dense MACs over the shrunk "
    "net's.",
    "CPU x: time of the dense 59-150-6 over the shrunk net's: TFLite (LiteRT, XNNPACK), one thread, invoke only, by "
    "batch size.",
    "C++ x: the same in generated C++ (codesign export --to cpp), each network fed its live inputs.",
)
_NO_PEER = "pytorch-ard 0.2.4: not run; give --peer PYTHON, see codesign/reproduce/peers/README.md."
_AUCS = {f"auc_{label.lower()}": label for label in (*CLASSES, "mean")}
_COLUMNS = (
    Column("title", "method"),
    *(Column(key, label, ".4f", error=f"{key}_error") for key, label in _AUCS.items()),
    Column("live_weights", "weights", ",.0f"),
    Column("live_units", "units", ",.0f"),
    Column("weight_ratio", "weights /", ".3g"),
    Column("mac_ratio", "MACs /", ".3g"),
    *(Column(f"speed_up_batch_{batch}", f"CPU x, {batch:,}", ".3g") for batch in BATCHES),
    *(Column(f"cpp_speed_up_batch_{batch}", f"C++ x, {batch:,}", ".3g") for batch in BATCHES),
)


def make_study(*, tracks: int | None = None, peer: str | None = None) -> Study:
    """Return the study.

    Args:
        tracks: to generate, in place of the settings'.
        peer: interpreter that has pytorch-ard.

    Raises:
        ToolError: if there is no such interpreter.
    """
    check_peer(peer)
    more = {} if tracks is None else {"tracks": tracks}
    return Study(
        name="pid",
        title="LHCb-like particle identification",
        settings=PidSettings(**more),
        quick=replace(QUICK, **more),
        load=_load,
        jobs=partial(jobs, peer=peer),
        rows=lambda run: make_rows(by_row(run.results), _times(run)),
        tables=partial(_tables, notes=() if peer else (_NO_PEER,)),
        goals=lambda run: make_goals(by_row(run.results), _times(run)),
        figures=FIGURES,
    )


def jobs(run: Run, *, peer: str | None = None) -> Iterator[Job]:
    """Yield the trainings of every seed, then the times of the first one's networks."""
    for seed in run.seeds:
        trainer = Trainer(run.data, run.settings, seed, run.folder / "models")
        for name, train in trainings(run.settings):
            models = tuple(f"models/{saved}-{seed}.h5" for saved in saved_models(name))
            yield Job(name, seed, partial(train, trainer), models)
        for kl_weight in run.settings.peer_kl if peer else ():
            yield Job(f"peer-{kl_weight:g}", seed, partial(run_peer, peer, run.data, run.settings, seed, kl_weight))
    yield Job(TIMES, run.seeds[0], lambda: _time(run), alone=True)


def _load(settings: PidSettings) -> Dataset:
    return load_pid(settings.tracks, seed=settings.track_seed).standardized(low=-8.0, high=8.0)


def _time(run: Run) -> dict:
    """Return row -> times, for the networks of one seed; the peer's are not ours to shrink."""
    names = list(by_row(run.results))
    paths = {name: run.folder / "models" / f"{name}-{run.seeds[0]}.h5" for name in names}
    models = {name: load_model(path) for name, path in paths.items() if path.exists()}
    tflite = {batch: time_side_by_side(models, batch, rounds=run.settings.repeats) for batch in BATCHES}
    cpp = time_cpp(models, repeats=run.settings.repeats)
    return {name: times_of(name, tflite, cpp) for name in names}


def _times(run: Run) -> dict:
    return run.results[TIMES][run.seeds[0]]


def _tables(run: Run, *, notes: tuple[str, ...]) -> list[Table]:
    settings = run.settings
    size = f"{settings.tracks:,} tracks, {settings.total_epochs} epochs, {len(run.seeds)} seeds"
    notes = (*_NOTES, f"data: {run.data.origin}", *notes)
    return [Table(f"{run.study.title}, {size}", _COLUMNS, run.rows, notes)]
