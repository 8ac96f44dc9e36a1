"""Training: what is trained apart from all others, in any process."""

import hashlib
import json
from dataclasses import asdict
from typing import Protocol

from codesign._version import __version__
from codesign.jobs import Context
from codesign.methods.networks import Report
from codesign.methods.task import Task
from codesign.methods.trained import Place, Trained


class Training(Protocol):
    """What can be run in a process of its own.

    Attributes:
        method: that it belongs to, by name.
    """

    method: str

    def run(self, place: Place, report: Report) -> Trained:
        """Train what the place does not hold yet."""


def train(training: Training, context: Context) -> Trained:
    """Run a training in the folder that it has."""
    return training.run(Place(context.folder), context.report)


def folder_name(training: Training) -> str:
    """Return a name that differs for trainings that give something else."""
    parts = [__version__, type(training).__name__]
    for name, value in vars(training).items():
        if isinstance(value, Task):
            value = value.digest
        elif hasattr(value, "__dataclass_fields__"):
            value = asdict(value)
        elif name == "start" and value is not None:
            value = [hashlib.sha256(array.tobytes()).hexdigest() for pair in value for array in pair]
        parts.append([name, value])
    return f"{training.method}-{hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]}"
