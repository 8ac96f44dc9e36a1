"""pytorch-ard 0.2.4 on the same tracks, by an interpreter of its own environment."""

from codesign.data import Dataset
from codesign.reproduce.peer import call_peer, events_of
from codesign.reproduce.pid.settings import HIDDEN, PidSettings


def run_peer(python: str, data: Dataset, settings: PidSettings, seed: int, kl_weight: float) -> dict[str, dict]:
    """Return one row of the peer, trained by the same events, epochs, batch size, optimiser and learning rate.

    Args:
        python: interpreter that has pytorch-ard.

    Raises:
        ToolError: if the interpreter is missing, fails, or takes over two hours.
    """
    options = {"seeds": seed, "kl": kl_weight, "hidden": HIDDEN, "epochs": settings.total_epochs}
    options |= {"batch": settings.batch_size, "rate": settings.peer_rate}
    measured = call_peer(python, "pytorch_ard.py", events_of(data), options, needs="pytorch-ard 0.2.4")
    return {f"peer-{kl_weight:g}": measured["results"][0]}
