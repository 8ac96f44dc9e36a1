"""Runtime: a way to evaluate a network on the CPU, and what it needs to be here."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from codesign.network import Network

_COMPILER = "install GCC 10 or later, for example with apt install g++"


@dataclass(frozen=True)
class Program:
    """What starts a runtime on a network.

    Args:
        command: a program that speaks the protocol of ``native/harness.cpp``.
        words: what follows the task on its command line: file of the network, shared library, then whatever else the
            runtime needs.
    """

    command: tuple[str, ...]
    words: tuple[str, ...] = ("", "")


@dataclass(frozen=True)
class Runtime:
    """A runtime.

    Args:
        name: what the user calls it.
        call: what is timed: ``C++``, ``C``, ``C API`` or ``Python``.
        prepare: network, folder for its files (programs go beside it, for all networks), (n_events, n_inputs) float32
            events to calibrate with -> the program.
        packages: Python packages that must be importable.
        install: how to get them.
        one_thread: it never uses more than one.
        compiled: it needs g++.
        approximate: it rounds weights and values, or its mathematics is fast, so that its outputs are only close to the
            model's.
    """

    name: str
    call: str
    prepare: Callable[[Network, Path, np.ndarray], Program]
    packages: tuple[str, ...] = ()
    install: str = ""
    one_thread: bool = False
    compiled: bool = True
    approximate: bool = False

    def missing(self) -> str:
        """Return why the runtime cannot be used and what to do, or an empty string."""
        absent = [package for package in self.packages if find_spec(package) is None]
        if absent:
            return f"{' and '.join(absent)} missing: {self.install}"
        if self.compiled and shutil.which("g++") is None:
            return f"g++ missing: {_COMPILER}"
        return ""
