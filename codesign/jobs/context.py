"""Context: what a piece of work gets beside its item."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Context:
    """Where a piece of work may keep files, and whom it tells how far it is.

    Args:
        report: takes the share that is done, from 0 to 1.
        folder: of this item's files; None where it has none. On a cluster it is the same folder where the file system
            is shared, or one whose files are brought back.
    """

    report: Callable[[float], None]
    folder: Path | None = None
