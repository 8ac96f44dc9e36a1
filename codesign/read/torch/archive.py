"""The archive of torch.export.save: a program in JSON and its tensors, in the layouts of PyTorch 2.1 and later."""

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from codesign._untrusted import entries_of, parse_json, read_entry
from codesign.errors import UnreadableError
from codesign.read.torch.pickled_tensors import PickledTensors
from codesign.read.torch.storage import open_tensor

_LARGEST_PROGRAM = 2**26
_OLD_PROGRAM = "serialized_exported_program.json"


class ProgramArchive:
    """A ``.pt2``.

    Args:
        path: of the file.

    Raises:
        UnreadableError: for a damaged archive, or one without a program.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._entries = path, entries_of(path)
        models = [name for name in self._entries if name.endswith(".json") and "/models/" in f"/{name}"]
        self._is_old = _OLD_PROGRAM in self._entries
        if not self._is_old and not models:
            raise UnreadableError("an archive without a program; save it again: torch.export.save")
        if len(models) > 1:
            names = ", ".join(name.rpartition("/")[2].removesuffix(".json") for name in models)[:200]
            raise UnreadableError(f"an archive of several programs: {names}; save each by torch.export.save")
        self._program = _OLD_PROGRAM if self._is_old else models[0]
        self._root = self._program[: self._program.rfind("models/")] if not self._is_old else ""
        self._name = self._program.rpartition("/")[2].removesuffix(".json")

    def program(self) -> dict:
        """Return the program's JSON."""
        return self._json(self._program)

    def tensors(self) -> dict[str, np.ndarray]:
        """Return parameters, buffers and constants by the names that the program calls them."""
        found: dict[str, np.ndarray] = {}
        for kind in ("weights", "constants"):
            names = self._old_names(kind) if self._is_old else (f"{self._root}data/{kind}/{self._name}.pt",)
            saved = next((name for name in names if name in self._entries), None)
            if saved is not None:
                found |= _named(_saved_tensors(io.BytesIO(read_entry(self._path, saved)), saved))
            elif not self._is_old:
                found |= self._raw(kind)
        return found

    @staticmethod
    def _old_names(kind: str) -> tuple[str, ...]:
        word = "state_dict" if kind == "weights" else "constants"
        return (f"serialized_{word}.pt", f"serialized_{word}.json")

    def _raw(self, kind: str) -> dict[str, np.ndarray]:
        """Tensors as raw bytes, with a JSON that says what each is."""
        folder, found, opened = f"{self._root}data/{kind}/", {}, {}
        listed = f"{folder}{self._name}_{kind}_config.json"
        config = self._json(listed).get("config") if listed in self._entries else {}
        if not isinstance(config, Mapping):
            raise UnreadableError(f"{listed}: expected a list of tensors")
        for name, about in config.items():
            entry = folder + str(about.get("path_name") if isinstance(about, dict) else None)
            if entry not in self._entries:
                raise UnreadableError(f"tensor '{name[:60]}': expected it in the archive. Received: no '{entry[:60]}'")
            if about.get("use_pickle"):
                found |= _named({name: _saved_tensors(io.BytesIO(read_entry(self._path, entry)), entry)})
                continue
            if entry not in opened:
                opened[entry] = read_entry(self._path, entry)
            found[name] = open_tensor(opened[entry], about.get("tensor_meta"), f"tensor '{name[:60]}'")
        return found

    def _json(self, entry: str) -> dict:
        try:
            content = parse_json(read_entry(self._path, entry, _LARGEST_PROGRAM).decode())
        except UnicodeDecodeError:
            raise UnreadableError(f"'{entry}' that is no text; save the program again") from None
        if not isinstance(content, dict):
            raise UnreadableError(f"'{entry}' that is no object; save the program again")
        return content


def _saved_tensors(file: io.BytesIO, where: str) -> object:
    """What torch.save wrote: an archive in the archive."""
    if not file.getbuffer().nbytes:
        return {}
    names = entries_of(file)
    pickles = [name for name in names if name.rpartition("/")[2] == "data.pkl"]
    if not pickles:
        raise UnreadableError(f"{where}: expected tensors of torch.save")
    folder = pickles[0].removesuffix("data.pkl") + "data/"

    def storage(key: str) -> bytes:
        file.seek(0)
        return read_entry(file, folder + key)

    return PickledTensors(read_entry(file, pickles[0]), storage, where).read()


def _named(saved: object) -> dict[str, np.ndarray]:
    if not isinstance(saved, dict):
        return {}
    return {str(name): value for name, value in saved.items() if isinstance(value, np.ndarray)}
