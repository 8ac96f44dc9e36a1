"""Runners that plan work, or do one trial's share of it; both ask the project itself what there is to do."""

import time
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from codesign.jobs import Context, Runner
from codesign.jobs.runner import Work
from codesign.methods.trained import Place

_SECONDS_PER_TRIAL = 180.0  # of sweep points; a training is a trial


class Found(Exception):
    """Raised, to leave the project's run, when the work that comes next is known.

    Args:
        kind: ``training`` or ``sweep``.
        trials: names of the items of each trial, and of a sweep the precisions that they are made of.
    """

    def __init__(self, kind: str, trials: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]) -> None:
        super().__init__(kind, trials)
        self.kind, self.trials = kind, trials


class TrialDone(Exception):
    """Raised, to leave the project's run, when a trial's items are done."""


class Planner(Runner):
    """Does what is quick because it is done already, and raises :class:`Found` at the first work that is not.

    Args:
        done: names of items whose results wait to be collected.
    """

    def __init__(self, done: Collection[str] = ()) -> None:
        super().__init__(1)
        self._finished = frozenset(done)

    def map(self, work: Work, items: Sequence[object], **options: object) -> Iterator[tuple[int, object]]:
        """As of a runner; see above."""
        kind, names, pending = _pending(items, options)
        if not pending:
            yield from super().map(work, items, **options)
            return
        size = 1
        if kind == "sweep":
            start = time.perf_counter()
            work(items[pending[0]], Context(lambda share: None))
            size = max(1, round(_SECONDS_PER_TRIAL / max(time.perf_counter() - start, 1e-3)))
        left = [index for index in pending if names[index] not in self._finished]
        trials = [left[first : first + size] for first in range(0, len(left), size)]
        made_of = [item.precision for item in items] if kind == "sweep" else []
        raise Found(kind, tuple((_some(names, trial), _some(made_of, trial)) for trial in trials))


def _some(values: Sequence[str], numbers: Sequence[int]) -> tuple[str, ...]:
    return tuple(values[number] for number in numbers) if values else ()


class OneTrial(Runner):
    """Does the items of one trial, and raises :class:`TrialDone`.

    Args:
        names: of its items.
        precisions: that they are made of, of a sweep.
    """

    def __init__(self, names: Collection[str], precisions: Collection[str]) -> None:
        super().__init__(1)
        self._names, self._precisions = frozenset(names), frozenset(precisions)

    def mine(self, names: Sequence[str]) -> list[int]:
        """As of a runner; see above."""
        return [index for index, name in enumerate(names) if name in self._precisions]

    def map(self, work: Work, items: Sequence[object], **options: object) -> Iterator[tuple[int, object]]:
        """As of a runner; see above."""
        _, names, pending = _pending(items, options)
        mine = [index for index in range(len(items)) if names and names[index] in self._names]
        if not mine and not pending:
            yield from super().map(work, items, **options)
            return
        folders = options.get("folders")
        for index in mine:
            yield index, work(items[index], Context(lambda share: None, folders[index] if folders else None))
        raise TrialDone(len(mine))


def _pending(items: Sequence[object], options: dict) -> tuple[str, Sequence[str], list[int]]:
    """Return the kind of work, the names of items, and the numbers of those that are not done; none of work unkept."""
    folders: Sequence[Path | None] = options.get("folders") or ()
    if folders and all(folder is not None for folder in folders):
        undone = [index for index, folder in enumerate(folders) if Place(folder).trained() is None]
        return "training", [folder.name for folder in folders], undone
    names = options.get("names") or ()
    return "sweep", names, list(range(len(items))) if names else []
