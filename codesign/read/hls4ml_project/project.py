"""Project: the sources of a firmware, its types, its configurations, its weights and its top function."""

import re
from functools import cached_property
from pathlib import PurePosixPath

import numpy as np

from codesign.errors import DataError, UnreadableError
from codesign.read.hls4ml_project.declarations import Array, Declarations, Function, Struct
from codesign.read.hls4ml_project.source_text import SourceText, parse_numbers
from codesign.read.hls4ml_project.tokens import Expression, tokens_of
from codesign.read.hls4ml_project.tree import SourceTree
from codesign.read.hls4ml_project.types import TypeTable

_CALL = re.compile(r"\bnnet\s*::\s*(?!array\b|stream\b|convert_data|copy_data|fill_zero|print_|load_)\w+\s*<")
_LOADED = re.compile(r'load_(?:\w+_)?weights_from_txt\s*<[^;]*?>\s*\(\s*(\w+)\s*,\s*"([^"\s]+)"')
_STREAM_OR_TEST = ("_test.cpp", "_bridge.cpp", "_axi.cpp", "_test.cc")
_DEEPEST = 24


class Project:
    """One firmware.

    Args:
        tree: all files.
        main: the file of the top function.

    Raises:
        DataError: where there is no top function, or the sources are damaged.
    """

    def __init__(self, tree: SourceTree, main: str) -> None:
        self.tree, self.main = tree, main
        self.source = SourceText(tree)
        self.declared = Declarations()
        try:
            self.source.add(main)
            self.declared.add(tokens_of(self.source.text, self.source.macros))
        except UnreadableError as error:
            raise DataError(f"{tree.path / main}: expected the C++ of hls4ml. Received: {error}") from None
        self.types = TypeTable(self.declared.types, self.declared.structs, self.constant)

    @classmethod
    def find(cls, tree: SourceTree) -> "Project":
        """Return the project of a folder.

        Raises:
            DataError: where none is there, or several: it names them.
        """
        mains = [name for name in tree.sources(".cpp", ".cc", ".cxx") if not name.endswith(_STREAM_OR_TEST)]
        mains = [name for name in mains if _CALL.search(tree.read(name))]
        if not mains:
            raise DataError(
                f"model: expected an hls4ml project: a .cpp whose function calls nnet::dense<...> and others. "
                f"Received: {tree.path} without one; give the project's folder, or its folder firmware"
            )
        if len(mains) > 1:
            listed = ", ".join(mains[:5]) + (", ..." if len(mains) > 5 else "")
            raise DataError(
                f"model: expected one hls4ml project. Received: {tree.path} with {len(mains)}: {listed}; give the "
                "folder of one of them"
            )
        return cls(tree, mains[0])

    @cached_property
    def is_intel(self) -> bool:
        """Whether it is of the back ends Quartus or oneAPI, whose arithmetic of tables differs from the others."""
        text = self.tree.read(self.main)
        oneapi = "sycl" in text or any("sycl" in self.tree.read(name) for name in self.source.seen)
        return oneapi or "hls_register" in text or "__INTELFPGA_COMPILER__" in text

    def library_text(self, name: str) -> str | None:
        """Return the text of one of hls4ml's own headers, where the project holds it."""
        place = self.tree.find(f"nnet_utils/{name}", self.main)
        return None if place is None else self.tree.read(place)

    @cached_property
    def top(self) -> Function:
        """The top function.

        Raises:
            DataError: where no function calls layers.
        """
        calling = [one for one in self.declared.functions if "nnet" in one.body and "<" in one.body]
        if not calling:
            raise DataError(
                f"{self.tree.path / self.main}: expected a function that calls layers of hls4ml, "
                "nnet::dense<...> and others. Received: none; copy the project again"
            )
        return max(calling, key=lambda one: one.body.count("nnet"))

    def constant(self, name: str, depth: int = 0) -> float | str | None:
        """Return the value of a constant outside of structures, or None."""
        words = self.declared.constants.get(name)
        if words is None or depth > _DEEPEST:
            return None
        return Expression(words, lambda other: self.constant(other, depth + 1)).value()

    def struct(self, name: str) -> Struct | None:
        """Return a structure by its name; in capitals or not, since versions of hls4ml differ in it."""
        structs = self.declared.structs
        if name in structs:
            return structs[name]
        same = [one for key, one in structs.items() if key.lower() == name.lower()]
        return same[0] if len(same) == 1 else None

    @cached_property
    def loaded_texts(self) -> dict[str, str]:
        """The text file that the C simulation loads into each array: where no macro is defined."""
        simulated = SourceText(self.tree, macros={}, follows=False)
        simulated.add(self.main)
        return dict(_LOADED.findall(simulated.text))

    def array(self, name: str) -> tuple[Array, np.ndarray]:
        """Return an array's declaration and its numbers, as they stand in the text.

        Raises:
            DataError: where they are in no file of the project; it names the file that is missing.
        """
        array = self.declared.arrays.get(name)
        text = self._text_file(name)
        if text is not None:
            return array or Array(name, [], [], None), parse_numbers(self.tree.read(text))
        if array is None or array.numbers is None:
            array = self._elsewhere(name) or array
        if array is None or array.numbers is None:
            missing = [one for one in self.source.missing if PurePosixPath(one).stem.lower() == name.lower()]
            wanted = missing[0] if missing else f"weights/{name}.h or {name}.txt"
            raise DataError(f"expected the file {wanted} of the weights '{name}'. Received: none")
        return array, parse_numbers(self.source.numbers[array.numbers])

    def _text_file(self, name: str) -> str | None:
        """The text file that the C simulation loads into an array, if it is there."""
        if name not in self.loaded_texts:
            return None
        wanted = self.loaded_texts[name]
        return self.tree.find(f"weights/{wanted}", self.main) or self.tree.find(wanted, self.main)

    def _elsewhere(self, name: str) -> Array | None:
        """An array of a source that is compiled beside the top function's, or of a header that nothing includes."""
        compiled = [one for one in self.tree.sources(".cpp", ".cc", ".cxx") if not one.endswith(_STREAM_OR_TEST)]
        headers = self.tree.sources(".h", ".hpp")
        for other in (*compiled, *headers):
            if other in self.source.seen or (other in headers and not self._declares(other, name)):
                continue
            try:
                self.source.pieces.clear()
                self.source.add(other)
                self.declared.add(tokens_of(self.source.text, self.source.macros))
            except UnreadableError:
                continue
            found = self.declared.arrays.get(name)
            if found is not None and found.numbers is not None:
                return found
        return None

    def _declares(self, header: str, name: str) -> bool:
        return re.search(rf"\b{re.escape(name)}\s*\[", self.tree.read(header)) is not None
