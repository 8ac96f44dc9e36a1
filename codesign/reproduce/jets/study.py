"""The study of posterior precision against learnt bit widths, pruned QKeras, ternary and variational networks."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from codesign.data import Dataset
from codesign.reproduce.jets.goals import make_goals
from codesign.reproduce.jets.jobs import jobs
from codesign.reproduce.jets.methods import check_methods
from codesign.reproduce.jets.plots import PLOT, plot_fronts
from codesign.reproduce.jets.rows import make_rows, peer_points, points_of
from codesign.reproduce.jets.settings import QUICK, JetsSettings
from codesign.reproduce.jets.tables import make_tables
from codesign.reproduce.jets.tasks import Task, find_task
from codesign.reproduce.peer import check_peer
from codesign.reproduce.study import Run, Study


def make_study(*, task: str = "jets", methods: Sequence[str] | None = None, peer: str | None = None) -> Study:
    """Return the study of one task.

    Args:
        task: jets, hbb, quark_gluon, b_decay or pid: other events, everything else the same.
        methods: of posterior, tables, pruned, ternary, variational and peer; None for all that can run.
        peer: interpreter that has HGQ2.

    Raises:
        ConfigError: for an unknown task or method, or a peer without its interpreter.
        ToolError: if there is no such interpreter.
    """
    check_peer(peer)
    chosen = find_task(task)
    return Study(
        name=chosen.label,
        title=chosen.title,
        settings=JetsSettings(),
        quick=QUICK,
        load=partial(_load, chosen),
        jobs=partial(jobs, methods=check_methods(methods, peer), peer=peer),
        rows=lambda run: make_rows(run.results, run.settings),
        tables=partial(make_tables, chosen),
        goals=partial(_goals, chosen),
        figures={PLOT: partial(plot_fronts, chosen)},
    )


def _load(task: Task, settings: JetsSettings) -> Dataset:
    data, kept = task.load(), slice(settings.n_events)
    return replace(data, x_train=data.x_train[kept], y_train=data.y_train[kept])


def _goals(task: Task, run: Run) -> list[dict]:
    return make_goals(task, points_of(run.results, "posterior"), peer_points(task, run.results))
