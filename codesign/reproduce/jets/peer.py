"""HGQ2 on the same events, by an interpreter of its own environment."""

import json
import tempfile
from pathlib import Path

import numpy as np

from codesign.data import Dataset
from codesign.reproduce.jets.settings import JetsSettings
from codesign.reproduce.peer_process import call_peer


def run_peer(
    python: str, data: Dataset, validation: tuple[np.ndarray, np.ndarray], settings: JetsSettings, seed: int
) -> dict:
    """Return the peer's points, and the CPU s of its training.

    Args:
        python: interpreter that has HGQ2.
        validation: x and y held out.

    Raises:
        ToolError: if the interpreter or the script is missing, fails, or takes over two hours.
    """
    with tempfile.TemporaryDirectory() as directory:
        events, result = Path(directory) / "events.npz", Path(directory) / "result.json"
        arrays = {"x_train": data.x_train, "y_train": data.y_train, "x_test": data.x_test, "y_test": data.y_test}
        np.savez(events, **arrays, x_val=validation[0], y_val=validation[1])
        options = ["--json", result, "--seed", seed, "--epochs", settings.peer_epochs, "--hidden", *settings.hidden]
        call_peer(python, "hgq2.py", [events, *options], needs="HGQ2 0.2.0")
        return json.loads(result.read_text())
