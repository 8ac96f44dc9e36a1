"""Events beside those of a data set: a teacher says what they are, so that there can be as many as one likes."""

from dataclasses import replace

import numpy as np

from codesign.methods.task import Task
from codesign.methods.teaching import Taught

_ENOUGH, _MOST_COPIES = 200_000, 20
_JITTER = 0.1  # standard deviations of each feature


def with_more_events(task: Task, taught: Taught, seed: int) -> Task:
    """Return a task with copies of its events that lie a little beside them, with what the teacher says of them.

    Args:
        task: with what the teacher says as targets.
        taught: by whom.
        seed: of the shifts, normal ones of a tenth of each feature's standard deviation.
    """
    copies = min(_MOST_COPIES, max(1, -(-_ENOUGH // len(task.x)) - 1))
    rng = np.random.default_rng(seed)
    shifted = [task.x + _JITTER * task.x.std(0) * rng.standard_normal(task.x.shape) for _ in range(copies)]
    more = task.possible(np.concatenate(shifted)).astype(np.float32)
    labelled = replace(task, x=more).taught(taught.predict(more))
    return replace(
        task,
        x=np.concatenate([task.x, more]),
        targets=np.concatenate([task.targets, labelled.targets]),
        weights=None if task.weights is None else np.tile(task.weights, 1 + copies),
    )
