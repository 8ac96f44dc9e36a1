"""Trained: the networks that one training gave, and the folder that keeps it."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from codesign._files import replace_file
from codesign._untrusted import parse_json, read_arrays, read_text
from codesign.errors import CodesignError, UnreadableError
from codesign.network import Network

_ABOUT = "trained.json"


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training gives.

    Args:
        method: that it was trained by.
        aim: adder cost that was aimed at; None where none was.
        networks: with every type set, or, of a float model that is to be swept, without.
        history: one entry of numbers for each epoch: ``stage``, ``epoch``, ``loss``, and what else was measured.
        cpu_s: CPU seconds.
        label: what tells it apart from others of the method; empty for one training of many sizes.
    """

    method: str
    aim: float | None
    networks: tuple[Network, ...]
    history: tuple[dict, ...] = ()
    cpu_s: float = 0.0
    label: str = ""

    def entry(self) -> dict[str, object]:
        """Return how it was trained, for the history: plain data."""
        named = {"method": self.method, "label": self.label, "aim": self.aim, "cpu_s": self.cpu_s}
        return {**named, "epochs": list(self.history)}


@dataclass(frozen=True)
class Place:
    """The folder of one training; what is finished is in it, and survives a stop at any moment.

    Args:
        path: of the folder; None keeps nothing.
    """

    path: Path | None = None

    @classmethod
    def at(cls, folder: str | PathLike | None, name: str) -> "Place":
        """Return the place of a training in a folder of many."""
        return cls(None if folder is None else Path(folder) / name)

    def restart(self, stage: str) -> Path | None:
        """Where a `fit` that is not finished is kept."""
        return None if self.path is None else self.path / f"{stage}_restart"

    def arrays(self, name: str) -> list[np.ndarray] | None:
        """Return arrays that were kept, None if there are none, or they cannot be read."""
        if self.path is None:
            return None
        try:
            found = read_arrays(self.path / f"{name}.npz")
        except UnreadableError:
            return None
        return [found[str(index)] for index in range(len(found))]

    def keep_arrays(self, name: str, arrays: Sequence[np.ndarray]) -> None:
        """Keep arrays; they are on disk when this returns."""
        if self.path is None:
            return
        content = io.BytesIO()
        np.savez(content, **{str(index): array for index, array in enumerate(arrays)})
        replace_file(self.path / f"{name}.npz", content.getvalue(), "a training", argument="directory")

    def entries(self, name: str) -> list[dict]:
        """Return the history of a stage that was kept."""
        if self.path is None:
            return []
        return list(parse_json(read_text(self.path / f"{name}.json")))

    def keep_entries(self, name: str, entries: Sequence[dict]) -> None:
        """Keep the history of a stage."""
        if self.path is not None:
            replace_file(self.path / f"{name}.json", json.dumps(list(entries)).encode(), "a training")

    def trained(self) -> Trained | None:
        """Return what a training that is finished gave, None if there is none, or a file of it is damaged."""
        if self.path is None:
            return None
        try:
            about = parse_json(read_text(self.path / _ABOUT))
            networks = tuple(Network.load(self.path / f"network_{n}.json") for n in range(about["networks"]))
            return Trained(
                about["method"], about["aim"], networks, tuple(about["history"]), about["cpu_s"], about["label"]
            )
        except (CodesignError, KeyError, TypeError):
            return None

    def keep_trained(self, trained: Trained) -> Trained:
        """Keep what a training gave: the networks first, so that it is there only if they are."""
        if self.path is not None:
            for number, network in enumerate(trained.networks):
                network.save(self.path / f"network_{number}.json")
            about = {
                "method": trained.method,
                "aim": trained.aim,
                "networks": len(trained.networks),
                "history": list(trained.history),
                "cpu_s": trained.cpu_s,
                "label": trained.label,
            }
            replace_file(self.path / _ABOUT, json.dumps(about).encode(), "a training", argument="directory")
        return trained
