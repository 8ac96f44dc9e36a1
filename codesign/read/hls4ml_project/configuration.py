"""Configuration: what the structure of a layer states."""

from collections.abc import Mapping

from codesign.errors import DataError, UnreadableError, UnsupportedLayerError
from codesign.read.hls4ml_project.declarations import Struct
from codesign.read.hls4ml_project.project import Project
from codesign.read.hls4ml_project.source_text import NUMBERS, parse_numbers
from codesign.read.hls4ml_project.tokens import Expression, Tokens
from codesign.read.hls4ml_project.types import StatedType

_DEEPEST = 24


class Configuration:
    """What a layer's structure states.

    Args:
        project: of the layer.
        struct: the structure.
    """

    def __init__(self, project: Project, struct: Struct) -> None:
        self.project, self.struct = project, struct

    @property
    def name(self) -> str:
        """The structure's name."""
        return self.struct.name

    def has(self, name: str) -> bool:
        """Whether the structure states a constant or a type."""
        return name in self.struct.constants or name in self.struct.types

    def value(self, name: str, default: float | str | None = None, depth: int = 0) -> int | float | str:
        """Return a constant.

        Raises:
            DataError: where the structure has none, and there is no default.
        """
        words = self.struct.constants.get(name)
        if words is None:
            if default is None:
                raise DataError(f"{self.name}: expected a constant '{name}'. Received: none; copy the project again")
            return default
        try:
            return Expression(words, lambda other: self._look_up(other, depth)).value()
        except UnreadableError as error:
            raise DataError(f"{self.name}::{name}: {error}") from None

    def whole(self, name: str, default: int | None = None) -> int:
        """Return a constant that is a whole number.

        Raises:
            DataError: where it is none.
        """
        found = self.value(name, default)
        if not isinstance(found, int):
            raise DataError(f"{self.name}::{name}: expected a whole number. Received: {found}")
        return found

    def numbers(self, name: str) -> list[int]:
        """Return an array of whole numbers.

        Raises:
            DataError: where the structure has none.
        """
        words = self.struct.constants.get(name, [])
        if words[:1] and words[0].startswith(NUMBERS):
            found = parse_numbers(self.project.source.numbers[int(words[0][1:])])
        elif len(words) == 1:
            found = self.project.array(words[0])[1]
        else:
            raise DataError(f"{self.name}: expected an array '{name}'. Received: none; copy the project again")
        return [int(one) for one in found]

    def type(self, name: str) -> StatedType:
        """Return a type.

        Raises:
            DataError: where the structure has none.
            PrecisionError: where it is no fixed-point type.
        """
        words = self.struct.types.get(name)
        if words is None:
            raise DataError(f"{self.name}: expected a type '{name}'. Received: none; copy the project again")
        try:
            return self.project.types.resolve(words, _without(self.struct.types, words))
        except UnreadableError as error:
            raise DataError(f"{self.name}::{name}: {error}") from None

    def words(self, name: str) -> Tokens:
        """Return the words that a name of a type stands for, such as ``product``."""
        return self.struct.types.get(name, [])

    def inner(self, name: str) -> "Configuration":
        """Return another structure that this one names, such as ``mult_config``.

        Raises:
            UnsupportedLayerError: where it is not there.
        """
        words = [word for word in self.words(name) if word not in ("::", "nnet")]
        struct = self.project.struct(words[0]) if words else None
        if struct is None:
            raise UnsupportedLayerError(f"{self.name}: expected a structure '{name}'. Received: none")
        return Configuration(self.project, struct)

    def _look_up(self, name: str, depth: int) -> float | str | None:
        if name in self.struct.constants and depth < _DEEPEST:
            return self.value(name, depth=depth + 1)
        return self.project.constant(name)


def _without(types: Mapping[str, Tokens], words: Tokens) -> dict[str, Tokens]:
    """The names of a structure, but for one that stands for itself."""
    return {name: one for name, one in types.items() if one is not words}
