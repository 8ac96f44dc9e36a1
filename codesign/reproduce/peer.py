"""Other people's software, run by an interpreter of its own environment; its scripts come with the package."""

import json
import shutil
import subprocess  # nosec B404  # programs by a list of words, never by a shell
import tempfile
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

import numpy as np

from codesign.data import Dataset
from codesign.errors import ToolError

_TIME_LIMIT_S = 7200


def check_peer(python: str | None) -> None:
    """Find out before hours of training whether there is such an interpreter; None is fine.

    Raises:
        ToolError: if there is none.
    """
    if python is not None and shutil.which(python) is None:
        raise ToolError(f"peer: expected a Python interpreter. Received: {python}, which is no program")


def call_peer(
    python: str, script: str, arrays: Mapping[str, np.ndarray], options: Mapping[str, object], *, needs: str
) -> dict:
    """Run a script of ``codesign/reproduce/peers`` on arrays, and return its JSON.

    Args:
        python: interpreter that has the peer.
        script: name of the file.
        arrays: events by name, which it reads from an npz file.
        options: of the script, without dashes; a value may be a sequence.
        needs: the peer and its version, for the error.

    Raises:
        ToolError: if the interpreter is missing, fails, or takes over two hours.
    """
    source = resources.files("codesign.reproduce") / "peers" / script
    with tempfile.TemporaryDirectory() as directory, resources.as_file(source) as path:
        events, result = Path(directory) / "events.npz", Path(directory) / "result.json"
        np.savez(events, **arrays)
        words = [str(path), str(events), "--json", str(result)]
        for name, value in options.items():
            words += [f"--{name}", *map(str, value if isinstance(value, Sequence) else [value])]
        _run([python, *words], needs)
        return json.loads(result.read_text())


def events_of(data: Dataset) -> dict[str, np.ndarray]:
    """Return training and test events as the scripts read them."""
    return {name: getattr(data, name) for name in ("x_train", "y_train", "x_test", "y_test")}


def _run(command: list[str], needs: str) -> None:
    python = command[0]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_TIME_LIMIT_S)  # nosec B603  # the user's own Python
    except OSError as error:
        raise ToolError(f"peer: expected a Python interpreter. Received: {python} ({error.strerror})") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no message"])[-1]
        raise ToolError(f"peer: expected an interpreter with {needs}. Received: {python} ({last})") from None
    except subprocess.TimeoutExpired:
        raise ToolError(f"peer: expected an answer within {_TIME_LIMIT_S} s. Received: none from {python}") from None
