"""The top function: its inputs and outputs, its variables, and the calls of layers, in order."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from codesign.errors import DataError, UnsupportedLayerError
from codesign.read.hls4ml_project.configuration import Configuration
from codesign.read.hls4ml_project.declarations import declared, statements
from codesign.read.hls4ml_project.project import Project
from codesign.read.hls4ml_project.tokens import Expression, Tokens, closing, closing_angle, parted
from codesign.read.hls4ml_project.types import StatedType

_WRITES_THIRD = frozenset(
    (
        "add subtract multiply average maximum minimum dot1d concatenate1d concatenate2d concatenate3d leaky_relu "
        "thresholded_relu elu prelu matmul einsum"
    ).split()
)
_WRITES_ALL = ("clone_stream", "split")


@dataclass(frozen=True)
class Variable:
    """An array, or a stream, of values.

    Args:
        type: of each.
        size: number of values; 0 where it is not stated.
        is_stream: whether they come place by place, `size` at a time.
    """

    type: StatedType
    size: int
    is_stream: bool = False


@dataclass(frozen=True)
class Call:
    """A call of a layer.

    Args:
        function: hls4ml's name of it.
        types: its template arguments.
        arguments: names of variables and arrays, or the words of a number.
        label: the layer's name, where a comment says it.
        config: the layer's configuration, if it has one.
    """

    function: str
    types: tuple[Tokens, ...]
    arguments: tuple[str, ...]
    label: str
    config: Configuration | None

    @property
    def written(self) -> tuple[str, ...]:
        """Names of the variables that it writes."""
        if self.function.startswith(_WRITES_ALL):
            return self.arguments[1:]
        place = 2 if self.function in _WRITES_THIRD and len(self.arguments) > 2 else 1
        return self.arguments[place : place + 1]

    def __str__(self) -> str:
        return self.label or (self.config.name if self.config else self.function)


@dataclass
class TopFunction:
    """What the top function does.

    Attributes:
        variables: by name; of members of a structure, behind the last point.
        parameters: names of variables that come from outside, or go there.
        calls: in order.
        before: loops in front of the first call, which fill inputs.
        returned: the variable that is returned, where it is one.
    """

    variables: dict[str, Variable] = field(default_factory=dict)
    parameters: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    returned: str = ""


class TopReader:
    """Reads the statements of a top function.

    Args:
        project: where it stands.
    """

    def __init__(self, project: Project) -> None:
        self.project, self.found = project, TopFunction()
        self._same: dict[str, str] = {}

    def read(self) -> TopFunction:
        """Return what was found.

        Raises:
            UnsupportedLayerError: for a statement that is none of hls4ml's.
        """
        top = self.project.top
        for part in parted(top.parameters, angles=True):
            self._parameter(part)
        self._block(top.body)
        return self.found

    def _parameter(self, words: Tokens) -> None:
        one = declared(words)
        if one is None:
            raise UnsupportedLayerError(f"parameter '{' '.join(words)[:60]}': expected an array or a stream of values")
        name, kind, dimensions, _ = one
        if kind and kind[0] in ("short", "unsigned") or self.project.declared.arrays.get(name):
            return
        struct = self.project.struct(kind[-1]) if kind else None
        if struct is not None and struct.members:
            for member, (words, sizes) in struct.members.items():
                self._variable(member, words, sizes)
                self.found.parameters.append(member)
            return
        self._variable(name, kind, dimensions)
        self.found.parameters.append(name)

    def _variable(self, name: str, kind: Tokens, dimensions: Sequence[Tokens]) -> None:
        stated = self.project.types.resolve(kind)
        size = 1
        for words in dimensions:
            value = Expression(words, self.project.constant).value()
            if not isinstance(value, int) or value < 1:
                raise DataError(f"variable '{name}': expected a size. Received: {' '.join(words)[:40]}")
            size *= value
        is_stream = any("stream" in word or word == "ac_channel" for word in kind)
        self.found.variables[name] = Variable(stated, size if dimensions else stated.size, is_stream)

    def _block(self, body: Tokens) -> None:
        for comment, words, inner in statements(body):
            words = _without_condition(words)
            if inner is not None and (not words or words[0] in ("if", "else")):
                self._block(inner)
            elif words[:1] == ["for"] and not self.found.calls:
                self.found.before.append(" ".join([*words, *(inner or ())]))
            elif inner is not None:
                raise _strange(words)
            elif words:
                self._statement(words, comment)

    def _statement(self, words: Tokens, comment: str) -> None:
        if "nnet" in words and words.index("nnet") + 2 < len(words) and "(" in words and "=" not in words:
            start = words.index("nnet")
            if self._is_call(words, start):
                return self._call(words[start + 2 :], comment)
        if words[0] in ("return", "using"):
            self.found.returned = words[1] if words[0] == "return" and len(words) > 1 else self.found.returned
            return None
        if "=" in words and _plain(words[words.index("=") + 1 :]) in self.found.variables:  # of another shape
            name, source = words[words.index("=") - 1], _plain(words[words.index("=") + 1 :])
            self._same[name] = self._same.get(source, source)
            self.found.variables[name] = self.found.variables[source]
            return None
        if words[:1] == ["auto"] and "read" in words:  # a pipe
            return self._pipe(words[1], words[words.index("=") + 1])
        if "write" in words and words[1:3] == ["::", "write"]:
            return self.found.parameters.append(words[4])
        one = declared([word for word in words if not word.startswith('"')]) if "(" not in words else _stream(words)
        if one is None or one[3]:
            if _is_counter(words):
                return None
            raise _strange(words)
        name, kind, dimensions, _ = one
        struct = self.project.struct(kind[-1]) if kind else None
        if struct is not None and struct.members:
            for member, (inner, sizes) in struct.members.items():
                self._variable(member, inner, sizes)
                self.found.parameters.append(member)
            return None
        return self._variable(name, kind, dimensions)

    def _is_call(self, words: Tokens, start: int) -> bool:
        """Whether a statement is a call of a layer, and no declaration of an array of nnet."""
        return (
            start == 0
            and words[3:4] == ["<"]
            and closing_angle(words, 3) + 1 < len(words)
            and (words[closing_angle(words, 3) + 1] == "(")
        )

    def _pipe(self, name: str, pipe: str) -> None:
        meaning = self.project.declared.types.get(pipe)
        if meaning is None or "pipe" not in meaning:
            raise _strange([name, "=", pipe])
        start = meaning.index("pipe") + 1
        inner = parted(meaning[start + 1 : closing_angle(meaning, start)], angles=True)
        self._variable(name, inner[1], [])
        self.found.parameters.append(name)

    def _call(self, words: Tokens, comment: str) -> None:
        function, end = words[0], closing_angle(words, 1)
        types = tuple(parted(words[2:end], angles=True))
        close = closing(words, end + 1)
        names = [_plain(part) for part in parted(words[end + 2 : close], angles=False)]
        arguments = tuple(self._same.get(name, name) for name in names)
        config = next((self._config(one) for one in reversed(types) if self._config(one)), None)
        label = comment or (config.struct.comment if config else "")
        self.found.calls.append(Call(function, types, arguments, label, config))

    def _config(self, words: Tokens) -> Configuration | None:
        struct = self.project.struct(words[-1])
        return Configuration(self.project, struct) if struct is not None else None


def _without_condition(words: Tokens) -> Tokens:
    """A statement that a stream's being empty would hold back."""
    if words[:2] == ["if", "("] and "empty" in words:
        return words[closing(words, 1) + 1 :]
    return words


def _plain(words: Tokens) -> str:
    """An argument: the member of a structure by its own name, an address as what it points to."""
    words = [word for word in words if word not in ("&", "(", ")")]
    if "." in words:
        words = words[words.index(".") + 1 :]
    return "".join(words)


def _stream(words: Tokens) -> tuple[str, Tokens, list[Tokens], Tokens] | None:
    """A stream with its name as an argument of its constructor."""
    return declared(words[: words.index("(")]) if words[0] in ("hls", "static", "nnet", "stream") else None


def _is_counter(words: Tokens) -> bool:
    """Whether a statement tells the size of an input or an output, as the first versions do."""
    return words[0].startswith("const_size") and words[1:2] == ["="]


def _strange(words: Tokens) -> UnsupportedLayerError:
    text = " ".join(words)[:80]
    return UnsupportedLayerError(
        f"top function: expected calls of hls4ml's layers alone. Received: '{text}'; cut it off, the network before it "
        "is read"
    )
