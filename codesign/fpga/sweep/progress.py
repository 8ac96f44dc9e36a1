"""The progress of sweeps and searches: a bar on a terminal, a line now and then in a file or a pipe."""

import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

_AGAIN_S = 30.0


class SweepProgress(Progress):
    """A bar on standard error that counts, with the rest of the time; where that is no terminal, a line every 30 s.

    Args:
        shown: print anything at all.
        unit: what is counted.
        again_s: seconds between lines.
    """

    def __init__(self, *, shown: bool, unit: str = "precisions", again_s: float = _AGAIN_S) -> None:
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(unit),
            TimeRemainingColumn(),
        )
        super().__init__(*columns, console=Console(stderr=True), disable=not shown)
        self._unit, self._again_s, self._said = unit, again_s, time.monotonic()

    def update(self, task_id: TaskID, **fields: object) -> None:
        """As rich's."""
        super().update(task_id, **fields)
        if self.disable or self.console.is_terminal or time.monotonic() - self._said < self._again_s:
            return
        self._said = time.monotonic()
        task = self._tasks[task_id]
        line = f"{task.description}: {task.completed:,.0f} of {task.total:,.0f} {self._unit}"
        self.console.print(line, markup=False, highlight=False, soft_wrap=True)
