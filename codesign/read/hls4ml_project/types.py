"""The types that a project states: ap_fixed, ac_fixed, integers, and what hls4ml makes of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from codesign.errors import PrecisionError
from codesign.network import FixedPoint
from codesign.read.hls4ml_project.tokens import Expression, Tokens, closing_angle, parted

_DEEPEST = 32
_FIXED = {"ap_fixed": True, "ap_ufixed": False, "ac_fixed": None}
_WHOLE = {"ap_int": True, "ap_uint": False, "ac_int": None}
_PLAIN = {"bool": (1, False), "char": (8, True), "short": (16, True), "int": (32, True), "unsigned": (32, False)}
PAIR = "pair"  # std::pair of a sign and an exponent
_IGNORED = frozenset({"const", "typename", "static", "struct", "&", "constexpr", "volatile", "class"})


@dataclass(frozen=True)
class StatedType:
    """A type as the project states it.

    Args:
        fixed: of the values; None for a structure.
        is_whole: whether it is an integer: conversions to it drop the fraction as C++ does.
        struct: the structure's name, or an empty text.
        size: of an array of values, 0 for one.
    """

    fixed: FixedPoint | None
    is_whole: bool = False
    struct: str = ""
    size: int = 0

    @property
    def is_bit(self) -> bool:
        """Whether it is the integer of one bit, 0 or 1, which hls4ml takes for -1 and 1."""
        return self.is_whole and not self.fixed.signed and self.fixed.width == 1


class TypeTable:
    """Resolves the words of a type.

    Args:
        types: what each name stands for.
        structs: names of structures.
        look_up: values of the constants in template arguments.
    """

    def __init__(
        self, types: Mapping[str, Tokens], structs: Mapping[str, object], look_up: Callable[[str], float | str | None]
    ) -> None:
        self._types, self._structs, self._look_up = types, structs, look_up

    def resolve(self, words: Tokens, own: Mapping[str, Tokens] | None = None, depth: int = 0) -> StatedType:
        """Return a type.

        Args:
            words: of it.
            own: names of the structure in which it stands.

        Raises:
            PrecisionError: for floating point, and for what is no type of numbers.
        """
        words = [word for word in words if word not in _IGNORED]
        place = 0
        while place + 1 < len(words) and words[place + 1] == "::":
            place += 2
        name = words[place] if place < len(words) else ""
        if depth > _DEEPEST or not name:
            raise _unknown(words)
        if name in (own or {}):
            return self.resolve(own[name], None, depth + 1)
        if name in self._types:
            return self.resolve(self._types[name], None, depth + 1)
        if name in _PLAIN:
            width, signed = _PLAIN[name]
            return StatedType(FixedPoint(width, width, signed), is_whole=True)
        if place + 1 < len(words) and words[place + 1] == "<":
            inner = parted(words[place + 2 : closing_angle(words, place + 1)], angles=True)
            return self._of_template(name, inner, depth)
        if name in self._structs:
            return StatedType(None, struct=name)
        raise _unknown(words)

    def _of_template(self, name: str, inner: list[Tokens], depth: int) -> StatedType:
        if name == PAIR:
            return StatedType(None, struct=PAIR)
        if name in ("array", "stream", "stream_in", "stream_out", "ac_channel") and inner:
            found = self.resolve(inner[0], None, depth + 1)
            size = int(self._value(inner[1])) if name == "array" and len(inner) > 1 else found.size
            return StatedType(found.fixed, found.is_whole, found.struct, size)
        values = [self._value(part) for part in inner]
        try:
            if name in _WHOLE:
                signed = _WHOLE[name] if _WHOLE[name] is not None else bool(values[1]) if len(values) > 1 else True
                return StatedType(FixedPoint(int(values[0]), int(values[0]), signed), is_whole=True)
            if name in _FIXED:
                return StatedType(_fixed(name, values))
        except (ValueError, TypeError, IndexError):
            pass
        raise _unknown([name, "<", ", ".join(map(str, values)), ">"])

    def _value(self, words: Tokens) -> int | float | str:
        return Expression(words, self._look_up).value()


def _fixed(name: str, values: list[int | float | str]) -> FixedPoint:
    width, integer, *rest = values
    signed = _FIXED[name]
    if signed is None:  # ac_fixed<W, I, signed, rounding, overflow>
        signed, rest = bool(rest[0]) if rest else True, rest[1:]
    modes = [str(mode).removeprefix("AP_").removeprefix("AC_") for mode in rest[:2]]
    return FixedPoint(int(width), int(integer), signed, *modes)


def _unknown(words: Tokens) -> PrecisionError:
    text = " ".join(words).replace(" :: ", "::").replace(" < ", "<").replace(" >", ">")[:60]
    return PrecisionError(
        f"expected a fixed-point type, such as ap_fixed<16,6>. Received: '{text}'; a design in floating point has no "
        "integers: read the model that it was made from"
    )
