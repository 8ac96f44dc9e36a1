"""HGQ2 on the same events, by an interpreter of its own environment."""

from codesign.data import Dataset, Events
from codesign.reproduce.jets.settings import JetsSettings
from codesign.reproduce.peer import call_peer, events_of


def run_peer(python: str, data: Dataset, validation: Events, settings: JetsSettings, seed: int) -> dict:
    """Return the peer's points, and the CPU s of its training.

    Args:
        python: interpreter that has HGQ2.
        validation: events held out of the training.

    Raises:
        ToolError: if the interpreter is missing, fails, or takes over two hours.
    """
    events = {**events_of(data), "x_val": validation.x, "y_val": validation.y}
    options = {"seed": seed, "epochs": settings.peer_epochs, "hidden": settings.hidden}
    return call_peer(python, "hgq2.py", events, options, needs="HGQ2 0.2.0")
