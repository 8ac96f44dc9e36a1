"""`codesign reproduce hbb`: node pruning and feature selection in one training, for boosted H -> bb against QCD.

After M. Mascione, F. A. Di Luca et al., AutoPruner (slides without public code), on GENERATED data: what is compared is
methods, not the authors' numbers.
"""

from collections.abc import Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np
from rich.console import Console

from codesign._folders import made_files
from codesign.data import Dataset, load_dataset
from codesign.errors import DataError
from codesign.reproduce.hbb.experiment import HbbExperiment
from codesign.reproduce.hbb.plots import PLOTS, write_plots
from codesign.reproduce.hbb.settings import HbbSettings
from codesign.reproduce.hbb.summary import budget_rows, feature_rows, goals, node_rows
from codesign.reproduce.hbb.tables import print_tables
from codesign.reproduce.hbb.training import Trainer
from codesign.reproduce.result import write_json
from codesign.reproduce.result_cache import ResultCache
from codesign.reproduce.seeds import checked_seeds
from codesign.reproduce.table import make_console, print_goals
from codesign.train.progress import progress_bar

_SEEDS, _QUICK_SEEDS = (0, 1, 2, 3, 4), (0, 1)


def run(
    *,
    json_path: str | PathLike | None = None,
    quick: bool = False,
    seeds: Sequence[int] | None = None,
    out: str | PathLike | None = None,
    settings: HbbSettings | None = None,
    console: Console | None = None,
) -> dict:
    """Train everything, print the tables and goals, write plots, and return ``{"rows", "goals"}``.

    Args:
        json_path: also write them there.
        quick: a reduced version in under 3 minutes.
        seeds: of the trainings; 0 to 4 by default.
        out: folder of the plots and of the finished results; ``build/reproduce/hbb`` by default, or ``hbb-quick``.
        settings: other settings than the full or the quick ones.
        console: where tables go.

    Raises:
        ConfigError: for no seed, a negative one, or one twice.
        DataError: for a folder with results of other settings.
        TrainingError: if a training diverges.
    """
    console = console or make_console()
    seeds = checked_seeds(seeds, _QUICK_SEEDS if quick else _SEEDS)
    settings = settings or (HbbSettings.quick() if quick else HbbSettings())
    directory = Path(out or f"build/reproduce/hbb{'-quick' if quick else ''}")
    with ResultCache(directory / "results.jsonl", settings.as_dict()) as cache:
        data = _load(settings)
        cache.reserve((), PLOTS)
        experiment = HbbExperiment(Trainer(data, settings), cache, seeds)
        _train(experiment)
        rows = [*feature_rows(experiment), *node_rows(experiment), *budget_rows(experiment)]
        verdicts = [] if quick else goals(experiment, rows)
        print_tables(rows, data.kind, console)
        print_goals(verdicts, console=console, quick=quick)
        with made_files(directory) as partial:
            write_plots(rows, partial, data_kind=data.kind)
    console.print(f"plots and finished results: {directory}", markup=False)
    if json_path is not None:
        more = {"settings": settings.as_dict(), "quick": quick, "origin": data.origin}
        write_json(json_path, "hbb", data.kind, rows, verdicts, seeds=seeds, **more)
    return {"rows": rows, "goals": verdicts}


def _load(settings: HbbSettings) -> Dataset:
    """Return the standardised sample, or as many of its events as the settings say; a test half as large."""
    data = load_dataset("hbb").standardized()
    if data.n_features < max(settings.counts):
        raise DataError(f"counts: expected at most the {data.n_features} features. Received: {max(settings.counts)}")
    if settings.n_events is None:
        return data
    drawn = np.random.default_rng(0)
    train = drawn.permutation(len(data.y_train))[: settings.n_events]
    test = drawn.permutation(len(data.y_test))[: settings.n_events // 2]
    return replace(
        data,
        x_train=data.x_train[train],
        y_train=data.y_train[train],
        x_test=data.x_test[test],
        y_test=data.y_test[test],
    )


def _train(experiment: HbbExperiment) -> None:
    """Do every training that is not done yet, behind a progress bar on standard error."""
    steps = list(experiment.steps())
    with progress_bar() as progress:
        task = progress.add_task("", total=len(steps))
        for label, call in steps:
            progress.update(task, description=label)
            call()
            progress.advance(task)
