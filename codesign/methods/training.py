"""Training: what is trained apart from all others, in any process."""

from typing import Protocol

from codesign.jobs import Context
from codesign.methods.networks import Report
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
