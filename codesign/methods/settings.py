"""How long and how large networks are trained: by the number of events and features, not by the name of the data."""

from dataclasses import dataclass

from codesign.methods.task import CLASSES, Task

_TEACHER_WIDTHS = (96, 64, 48), (256, 192, 128)
_STEPS, _LEAST = 2600, 30  # of the training with noise: steps, and epochs at least


@dataclass(frozen=True)
class MethodSettings:
    """Settings of every training; :meth:`for_task` finds them.

    Args:
        hidden: ReLU units of each hidden layer.
        batch_size, epochs, learning_rate: of the training with noise, by Adam along a cosine.
        measurements: of the size of the network on the way, by which it is steered.
        collapse_batch_size, collapse_epochs, collapse_rate: of the collapse, all its parts together.
        refine_events, refine_sweeps, refine_rounds: of the coordinate descent that follows.
        teacher_nets, teacher_hidden, teacher_batch_size, teacher_epochs, teacher_rate: of the ensemble.
        teacher_widths: that teacher_hidden is chosen of: wide nets are better of many events, and worse of few.
    """

    hidden: tuple[int, ...]
    batch_size: int
    epochs: int
    collapse_batch_size: int
    collapse_epochs: int
    teacher_epochs: int
    learning_rate: float = 2.4e-2
    measurements: int = 8
    collapse_rate: float = 3e-3
    refine_events: int = 16_000
    refine_sweeps: int = 2
    refine_rounds: int = 3
    teacher_nets: int = 4
    teacher_hidden: tuple[int, ...] = (96, 64, 48)
    teacher_widths: tuple[tuple[int, ...], ...] = ()
    teacher_batch_size: int = 512
    teacher_rate: float = 3e-3

    @classmethod
    def for_task(cls, task: Task, hidden: tuple[int, ...] | None = None, epochs: int | None = None) -> "MethodSettings":
        """Return the settings for a task.

        Args:
            task: whose events count.
            hidden: in the place of its own.
            epochs: of the training with noise, in the place of its own; the collapse takes as many for each of its
                parts as they allow in proportion.
        """
        n_events = len(task.x)
        batch = 2048 if n_events >= 50_000 else 1024 if n_events >= 10_000 else 256
        usual = _epochs(_STEPS, n_events, batch, least=_LEAST)
        rounding = _epochs(400, n_events, batch // 4, least=2)
        if epochs is not None:
            rounding = max(1, round(rounding * epochs / usual))
        return cls(
            hidden=hidden or ((64, 32, 32) if task.kind == CLASSES else (32, 32)),
            batch_size=batch,
            epochs=epochs or usual,
            collapse_batch_size=batch // 4,
            collapse_epochs=5 * rounding,
            teacher_widths=_TEACHER_WIDTHS,
            teacher_epochs=max(4, min(20, _epochs(4000, n_events, 512, least=4))),
        )


def _epochs(steps: int, n_events: int, batch_size: int, *, least: int) -> int:
    """Return the epochs of so many steps; of few events not more than the steps of batches that are full."""
    return max(least, round(steps * batch_size / max(n_events, 20 * batch_size)))
