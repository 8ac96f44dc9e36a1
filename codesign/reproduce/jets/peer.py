"""HGQ2 on the same events, by an interpreter of its own environment."""

import numpy as np

from codesign.data import Dataset
from codesign.reproduce.jets.settings import JetsSettings
from codesign.reproduce.peer import call_peer, events_of


def run_peer(
    python: str, data: Dataset, validation: tuple[np.ndarray, np.ndarray], settings: JetsSettings, seed: int
) -> dict:
    """Return the peer's points, and the CPU s of its training.

    Args:
        python: interpreter that has HGQ2.
        validation: x and y held out.

    Raises:
        ToolError: if the interpreter is missing, fails, or takes over two hours.
    """
    events = {**events_of(data), "x_val": validation[0], "y_val": validation[1]}
    options = {"seed": seed, "epochs": settings.peer_epochs, "hidden": settings.hidden}
    return call_peer(python, "hgq2.py", events, options, needs="HGQ2 0.2.0")
