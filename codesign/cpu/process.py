"""One runtime on one network in a process of its own, by the protocol of ``native/harness.cpp``."""

import os
import subprocess  # nosec B404  # programs by a list of words, never by a shell
import sys
from pathlib import Path
from threading import Timer
from typing import Self

import numpy as np

import codesign
from codesign.cpu.runtime import Program
from codesign.errors import ToolError

_TIMEOUT_S = 300.0
_PACKAGE_ROOT = Path(codesign.__file__).parent.parent


class RuntimeProcess:
    """A runtime that is set up and waits to be timed; a context manager, so that none is left behind.

    Args:
        name: for messages.
        program: from a runtime's ``prepare``.
        x: (n_events, n_inputs) float32, the events of a call.
        n_outputs: of an event.
        threads: that it may use.
        folder: for its files.

    Raises:
        ToolError: if it fails, or is not done in time; with the last line that it said.
    """

    def __init__(
        self, name: str, program: Program, x: np.ndarray, n_outputs: int, *, threads: int, folder: Path
    ) -> None:
        self.name, self._log = name, folder / f"{name}.log"
        x_path, y_path = folder / f"{name}.x", folder / f"{name}.y"
        x.tofile(x_path)
        task = [str(number) for number in (*x.shape, n_outputs, threads)]
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(  # nosec B603  # a program compiled here; no shell
                [*program.command, *task, str(x_path), str(y_path), *program.words],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=_environment(threads),
                cwd=folder,
                text=True,
            )
        try:
            if self._answer() != "ready":
                raise ToolError(
                    f"{name}: expected a runtime that starts; leave it out of runtimes. Received: {self._complaint()}"
                )
            self.outputs = np.fromfile(y_path, np.float32).reshape(len(x), n_outputs)
        except BaseException:
            self.close()
            raise
        x_path.unlink()
        y_path.unlink()

    def sample(self, calls: int) -> tuple[float, float]:
        """Return wall and CPU time of so many calls, s."""
        try:
            self._process.stdin.write(f"{calls}\n")
            self._process.stdin.flush()
            wall, cpu = map(float, self._answer().split())
        except (OSError, ValueError):
            raise ToolError(
                f"{self.name}: expected times. Received: {self._complaint()}; leave it out of runtimes"
            ) from None
        return wall, cpu

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _answer(self) -> str:
        timer = Timer(_TIMEOUT_S, self._process.kill)
        timer.start()
        try:
            return self._process.stdout.readline().strip()
        finally:
            timer.cancel()

    def _complaint(self) -> str:
        lines = [line.strip() for line in self._log.read_text(errors="replace").splitlines() if line.strip()]
        status = self._process.poll()
        return lines[-1] if lines else f"no answer (status {status}, or more than {_TIMEOUT_S:g} s)"


def _environment(threads: int) -> dict[str, str]:
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
    path = os.pathsep.join([str(_PACKAGE_ROOT), *filter(None, sys.path)])
    variables = {
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONPATH": path,
    }
    return {**os.environ, **dict.fromkeys(names, str(threads)), **variables}
