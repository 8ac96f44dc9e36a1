"""pytorch-ard 0.2.4 on the same tracks, by an interpreter of its own environment."""

import json
import tempfile
from pathlib import Path

import numpy as np

from codesign.data import Dataset
from codesign.reproduce.peer_process import call_peer
from codesign.reproduce.pid.settings import HIDDEN, Settings


def run_peer(python: str, data: Dataset, settings: Settings, seed: int, kl_weight: float) -> dict[str, dict]:
    """Return one row of the peer, trained by the same events, epochs, batch size, optimiser and learning rate.

    Args:
        python: interpreter that has pytorch-ard.

    Raises:
        ToolError: if the interpreter or the script is missing, fails, or takes over two hours.
    """
    with tempfile.TemporaryDirectory() as directory:
        tracks, result = Path(directory) / "tracks.npz", Path(directory) / "result.json"
        np.savez(tracks, x_train=data.x_train, y_train=data.y_train, x_test=data.x_test, y_test=data.y_test)
        options = {"--json": result, "--seeds": seed, "--kl": kl_weight, "--hidden": HIDDEN}
        options |= {"--epochs": settings.total_epochs, "--batch": settings.batch_size, "--rate": settings.peer_rate}
        call_peer(
            python,
            "pytorch_ard.py",
            [tracks, *(part for option in options.items() for part in option)],
            needs="pytorch-ard 0.2.4",
        )
        measured = json.loads(result.read_text())["results"][0]
    return {f"peer-{kl_weight:g}": measured}
