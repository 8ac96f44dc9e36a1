"""A progress bar for `model.fit`."""

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from codesign._keras import keras


class EpochProgress(keras.callbacks.Callback):
    """One line with a bar over the epochs, the loss and the accuracy."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self._label = label

    def on_train_begin(self, logs: dict | None = None) -> None:
        columns = [TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} epochs")]
        self._bar = Progress(*columns, TextColumn("{task.fields[metrics]}"), TimeElapsedColumn(), TimeRemainingColumn())
        self._task = self._bar.add_task(f"train {self._label}", total=self.params["epochs"], metrics="")
        self._bar.start()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        metrics = "  ".join(f"{name} {value:.4f}" for name, value in (logs or {}).items())
        self._bar.update(self._task, completed=epoch + 1, metrics=metrics)

    def on_train_end(self, logs: dict | None = None) -> None:
        self._bar.stop()
