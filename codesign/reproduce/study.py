"""What a study is: settings, jobs, tables, goals and figures; :func:`codesign.reproduce.run_study` runs it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from codesign.data import Dataset
from codesign.reproduce.columns import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Results = Mapping[str, Mapping[int, Mapping]]  # method -> seed -> what its job returned


class Job(NamedTuple):
    """One training, or one measurement: done once, and kept.

    Args:
        method: what is trained; with the seed, the key of its result.
        seed: of the training.
        compute: returns the result as JSON holds it; it may read the results of the jobs of its seed before it.
        files: that it writes, in the folder of the run.
        alone: it measures times, or needs jobs of other seeds: nothing runs beside it, nor do those after it.
    """

    method: str
    seed: int
    compute: Callable[[], dict]
    files: tuple[str, ...] = ()
    alone: bool = False


@dataclass
class Run:
    """One run of a study, as its jobs, rows, tables, goals and figures see it.

    Args:
        study: what is run.
        settings: the study's, or its quick ones, or others.
        seeds: of the trainings.
        data: what `Study.load` returned.
        folder: of results, figures and what the jobs write.
        shared: ``shared(key, compute)`` returns a result that several jobs have in common, computed once and kept.
        results: method -> seed -> result, of the jobs done so far.
        rows: what `Study.rows` returned.
    """

    study: "Study"
    settings: Any
    seeds: Sequence[int]
    data: Dataset
    folder: Path
    shared: Callable[[str, Callable[[], dict]], dict]
    results: dict[str, dict[int, dict]] = field(default_factory=dict)
    rows: list[dict] = field(default_factory=list)

    def of(self, method: str) -> list[dict]:
        """Return the results of a method, seed by seed."""
        return [self.results[method][seed] for seed in self.seeds]


@dataclass(frozen=True)
class Study:
    """A table of a paper, declared.

    Args:
        name: of the command, the folder and the JSON.
        title: what is measured, for people.
        settings: a frozen dataclass: what is trained, and for how long. Results belong to them.
        quick: settings of a run in under 3 minutes, whose numbers measure nothing.
        load: returns the data, from the settings.
        jobs: yields all that there is to train and to time, in order.
        rows: returns what was measured as one dict per method, with units in the names of numbers.
        tables: returns what is printed.
        goals: returns goals (:func:`codesign.report.result.goal`); a quick run has none.
        figures: name -> function that draws it.
        seeds, quick_seeds: where none are asked for.
        extra: returns further entries of the JSON.
    """

    name: str
    title: str
    settings: Any
    quick: Any
    load: Callable[[Any], Dataset]
    jobs: Callable[[Run], Iterable[Job]]
    rows: Callable[[Run], list[dict]]
    tables: Callable[[Run], Iterable[Table]]
    goals: Callable[[Run], Iterable[dict]]
    figures: Mapping[str, Callable[[Run], "Figure"]]
    seeds: Sequence[int] = (0, 1, 2)
    quick_seeds: Sequence[int] = (0,)
    extra: Callable[[Run], dict] = lambda run: {}
