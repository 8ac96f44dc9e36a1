"""pytorch-ard 0.2.4 on the same tracks, by an interpreter of its own environment."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from codesign.data import Dataset
from codesign.errors import ToolError
from codesign.reproduce.pid.settings import HIDDEN, Settings

_SCRIPT = Path(__file__).parents[3] / "benchmarks" / "peers" / "pytorch_ard.py"
_TIME_LIMIT_S = 3600


def run_peer(python: str, data: Dataset, settings: Settings, seed: int, kl_weight: float) -> dict[str, dict]:
    """Return one row of the peer, trained by the same events, epochs, batch size, optimiser and learning rate.

    Args:
        python: interpreter that has pytorch-ard.

    Raises:
        ToolError: if the interpreter or the script is missing, fails, or takes over an hour.
    """
    if not _SCRIPT.exists():
        raise ToolError(f"--peer: expected a checkout of the repository. Missing: {_SCRIPT}")
    with tempfile.TemporaryDirectory() as directory:
        tracks, result = Path(directory) / "tracks.npz", Path(directory) / "result.json"
        np.savez(tracks, x_train=data.x_train, y_train=data.y_train, x_test=data.x_test, y_test=data.y_test)
        options = {"--json": result, "--seeds": seed, "--kl": kl_weight, "--hidden": HIDDEN}
        options |= {"--epochs": settings.total_epochs, "--batch": settings.batch_size, "--rate": settings.peer_rate}
        _call([python, str(_SCRIPT), str(tracks), *(str(part) for option in options.items() for part in option)])
        measured = json.loads(result.read_text())["results"][0]
    return {f"peer-{kl_weight:g}": measured}


def _call(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_TIME_LIMIT_S)
    except OSError as error:
        raise ToolError(f"--peer: expected a Python interpreter. Received: {command[0]} ({error.strerror})") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no message"])[-1]
        raise ToolError(f"--peer: expected an interpreter with pytorch-ard 0.2.4. Received: {command[0]} ({last})") from None
    except subprocess.TimeoutExpired:
        raise ToolError(f"--peer: expected an answer within {_TIME_LIMIT_S} s. Received: none from {command[0]}") from None
