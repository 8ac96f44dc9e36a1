"""Run an external tool within a time limit."""

import os
import re
import signal
import subprocess  # nosec B404  # programs by a list of words, never by a shell
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from codesign.errors import ToolError

_LOG_LINES = 3


def run_tool(
    command: Sequence[str],
    *,
    cwd: str | Path,
    log: str | Path,
    timeout_s: float,
    name: str = "",
    env: Mapping[str, str] | None = None,
) -> float:
    """Run a tool with its output in a file; nothing that it started is left behind on a failure, a time-out or Ctrl-C.

    Args:
        command: program and arguments.
        cwd: folder to run in.
        log: file for standard output and error.
        timeout_s: limit in seconds of wall time.
        name: of the tool, for messages; by default that of the program.
        env: variables to add to the environment.

    Returns:
        Seconds of wall time.

    Raises:
        ToolError: if it cannot start, fails, or is not finished in time; with the errors in its log, or its last lines.
    """
    name, start = name or Path(command[0]).name, time.monotonic()
    with open(log, "wb") as output:
        try:
            process = subprocess.Popen(  # nosec B603  # a tool that tools.py found; no shell
                list(command),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )
        except OSError as error:
            raise ToolError(f"{name}: expected a program that starts. Received: {error.strerror or error}") from None
        try:
            status = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise ToolError(
                f"{name}: not finished in {timeout_s:g} s; raise the limit, or give it a smaller design"
            ) from None
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if status:
        raise ToolError(f"{name}: failed with status {status}: {_complaint(Path(log))}")
    return time.monotonic() - start


def _complaint(log: Path) -> str:
    """The first lines of a log that say "error", or else its last lines, as one line."""
    lines = [" ".join(line.split()) for line in log.read_text(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if re.search("error", line, re.IGNORECASE)]
    return " | ".join(errors[:_LOG_LINES] or lines[-_LOG_LINES:]) or "it printed nothing"
