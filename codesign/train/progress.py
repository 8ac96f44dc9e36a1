"""Progress bars on standard error: over the epochs of one `model.fit`, and over the parts of a long run."""

import threading
import time

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from codesign._keras import keras


def progress_bar(*, shown: bool = True) -> Progress:
    """Return a bar that shows what is being done, how much of all is done, and times."""
    columns = (
        TextColumn("{task.description:<44}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), disable=not shown)


class StepProgress:
    """What is being done, from the first second on: a bar on a terminal, a line for each step in a file or a pipe.

    There, a step that goes on has a line again and again. A context manager, so that no error leaves it running.

    Args:
        again_s: seconds between these lines.
    """

    def __init__(self, *, again_s: float = 30.0) -> None:
        self._console = Console(stderr=True)
        self._bar = progress_bar(shown=self._console.is_terminal)
        self._task = self._bar.add_task("", total=None)
        self._begun, self._last, self._again_s = time.monotonic(), "", again_s
        self._ended = threading.Event()
        self._reminder = threading.Thread(target=self._remind, daemon=True)

    def __enter__(self) -> "StepProgress":
        self._bar.start()
        if not self._console.is_terminal:
            self._reminder.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()
        self._ended.set()
        if self._reminder.is_alive():
            self._reminder.join()

    def step(self, description: str, done: float = 0, total: int | None = None) -> None:
        """Show what begins now, or goes on, and how many of all steps are done."""
        self._bar.update(self._task, description=description, completed=done, total=total, refresh=True)
        text = description if total is None else f"{description} ({int(done)} of {total} done)"
        if not self._console.is_terminal and text != self._last:
            self._print(text)
        self._last = text

    def _remind(self) -> None:
        while not self._ended.wait(self._again_s):
            self._print(f"still at it: {self._last}")

    def _print(self, text: str) -> None:
        seconds = time.monotonic() - self._begun
        self._console.print(f"{seconds:7.1f} s  {text}", markup=False, highlight=False, soft_wrap=True)


class EpochProgress(keras.callbacks.Callback):
    """One line with a bar over the epochs, the loss and the accuracy.

    A context manager, so that no error leaves it running.

    Args:
        label: what is trained.
        shown: draw it at all.
    """

    def __init__(self, label: str, *, shown: bool = True) -> None:
        super().__init__()
        columns = [
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed}/{task.total} epochs"),
        ]
        columns += [TextColumn("{task.fields[metrics]}"), TimeElapsedColumn(), TimeRemainingColumn()]
        self._bar = Progress(*columns, console=Console(stderr=True), disable=not shown)
        self._label = label
        self._task = None

    def __enter__(self) -> "EpochProgress":
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._task = self._bar.add_task(f"train {self._label}", total=self.params["epochs"], metrics="")

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        metrics = "  ".join(f"{name} {value:.4f}" for name, value in (logs or {}).items())
        self._bar.update(self._task, completed=epoch + 1, metrics=metrics)
