"""FrontFolder: what a training of a front has finished, so that a run that was stopped goes on where it was."""

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from codesign._files import replace_file
from codesign._folder_lock import FolderLock
from codesign._folders import claim
from codesign._keras import keras
from codesign._untrusted import parse_json, read_text
from codesign.errors import DataError, UnreadableError
from codesign.network import Network
from codesign.train import load_model, save_model

_STATE = "front.json"
_NUMBERS = {"adder_cost", "adder_levels", "train_cpu_s"}  # of each network


class FrontFolder:
    """A folder of noisy models (``noisy_0.h5``), networks (``network_0.json``), and their numbers (``front.json``).

    Args:
        path: of the folder; it is made. None keeps nothing.
        settings: what the results depend on; a folder of others is refused.

    Raises:
        DataError: for a folder of other settings, one that another run writes, one that cannot be written, one with
            files of these names that codesign has not made, or a damaged ``front.json``.
    """

    def __init__(self, path: str | PathLike | None, settings: Mapping[str, object]) -> None:
        self._path = None if path is None else Path(path)
        self._lock = None
        settings = json.loads(json.dumps(settings))
        self._state = {"settings": settings, "noisy_cpu_s": [], "points": []}
        if self._path is None:
            return
        self._lock = FolderLock(self._path, argument="directory")
        try:
            if (self._path / _STATE).exists():
                self._state = self._read()
                self._check_settings(settings)
            claim(self._path, self._names(len(settings["cost_weights"])), argument="directory")
            self._write()
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> "FrontFolder":
        return self

    def __exit__(self, *error: object) -> None:
        if self._lock is not None:
            self._lock.release()

    @property
    def noisy_cpu_s(self) -> tuple[float, ...]:
        """CPU s of each training with noise that is finished."""
        return tuple(self._state["noisy_cpu_s"])

    @property
    def points(self) -> tuple[dict, ...]:
        """The numbers of each network that is finished."""
        return tuple(self._state["points"])

    def add_noisy(self, model: keras.Model, cpu_s: float) -> None:
        """Keep the next noisy model; it is on disk when this returns."""
        if self._path is not None:
            save_model(model, self._noisy_path(len(self.noisy_cpu_s)))
        self._state["noisy_cpu_s"].append(cpu_s)
        self._write()

    def load_noisy(self, index: int) -> keras.Model:
        """Load a noisy model that is finished."""
        return load_model(self._noisy_path(index))

    def add_point(self, network: Network, numbers: Mapping[str, float]) -> None:
        """Keep the next network and its numbers; they are on disk when this returns."""
        if self._path is not None:
            network.save(self._network_path(len(self.points)))
        self._state["points"].append(dict(numbers))
        self._write()

    def load_network(self, index: int) -> Network:
        """Load a network that is finished."""
        return Network.load(self._network_path(index))

    def restart_directory(self, name: str) -> Path | None:
        """Return where a training that is not finished is kept."""
        return None if self._path is None else self._path / f"{name}_restart"

    @staticmethod
    def _names(n_points: int) -> list[str]:
        """Return all that is written to a folder."""
        kinds = ("noisy_{}.h5", "noisy_{}_restart", "network_{}.json", "network_{}_restart")
        return [_STATE, *(kind.format(index) for index in range(n_points) for kind in kinds)]

    def _noisy_path(self, index: int) -> Path:
        return self._path / f"noisy_{index}.h5"

    def _network_path(self, index: int) -> Path:
        return self._path / f"network_{index}.json"

    def _read(self) -> dict:
        try:
            state = parse_json(read_text(self._path / _STATE))
            if self._state.keys() <= state.keys() and all(point.keys() == _NUMBERS for point in state["points"]):
                return state
        except (UnreadableError, AttributeError, TypeError):
            pass
        where = self._path / _STATE
        raise DataError(f"directory: expected a front of train_front. Received: a damaged {where}; remove it") from None

    def _check_settings(self, settings: dict) -> None:
        there = self._state["settings"]
        changed = [name for name in settings if there.get(name) != settings[name]]
        if changed:
            raise DataError(
                f"directory: expected an empty folder, or a front of the same settings. Received: {self._path}, where "
                f"{changed[0]} is {there.get(changed[0])} instead of {settings[changed[0]]}; choose another directory"
            )

    def _write(self) -> None:
        """Replace the state at once, so that it never names what is not there."""
        if self._path is None:
            return
        content = json.dumps(self._state, indent=1) + "\n"
        replace_file(self._path / _STATE, content.encode(), "the front", argument="directory")
