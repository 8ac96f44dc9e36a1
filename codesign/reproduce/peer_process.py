"""Other people's software, run by an interpreter of its own environment."""

import shutil
import subprocess  # nosec B404  # programs by a list of words, never by a shell
from collections.abc import Sequence
from pathlib import Path

from codesign.errors import ToolError

_SCRIPTS = Path(__file__).parents[2] / "benchmarks" / "peers"
_TIME_LIMIT_S = 7200


def check_peer(python: str | None) -> None:
    """Find out before hours of training whether there is such an interpreter; None is fine.

    Raises:
        ToolError: if there is none.
    """
    if python is not None and shutil.which(python) is None:
        raise ToolError(f"peer: expected a Python interpreter. Received: {python}, which is no program")


def call_peer(python: str, script: str, arguments: Sequence[object], *, needs: str) -> None:
    """Run a script of ``benchmarks/peers``.

    Args:
        python: interpreter that has the peer.
        script: name of the file.
        arguments: of the script.
        needs: the peer and its version, for the error.

    Raises:
        ToolError: if the interpreter or the script is missing, fails, or takes over two hours.
    """
    path = _SCRIPTS / script
    if not path.exists():
        raise ToolError(f"peer: expected a checkout of the repository. Missing: {path}")
    command = [python, str(path), *map(str, arguments)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_TIME_LIMIT_S)  # nosec B603  # the user's own Python
    except OSError as error:
        raise ToolError(f"peer: expected a Python interpreter. Received: {python} ({error.strerror})") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no message"])[-1]
        raise ToolError(f"peer: expected an interpreter with {needs}. Received: {python} ({last})") from None
    except subprocess.TimeoutExpired:
        raise ToolError(f"peer: expected an answer within {_TIME_LIMIT_S} s. Received: none from {python}") from None
