"""What a unit declares: types, structures, arrays, constants and functions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from codesign.read.hls4ml_project.source_text import ABOVE, BEHIND, NUMBERS
from codesign.read.hls4ml_project.tokens import CLOSE, Tokens, closing, closing_angle, parted

_DEEPEST = 12
_SPECIFIERS = frozenset(
    {"static", "const", "constexpr", "extern", "inline", "volatile", "unsigned", "typename", "struct"}
)


@dataclass
class Struct:
    """A structure: a layer's configuration, or the inputs of a component.

    Attributes:
        name, base: of it, and of what it extends.
        comment: the word above it, which is the layer's name.
        constants: the expression of each static constant.
        types: what each name of a type stands for.
        members: (type, dimensions) of each member.
    """

    name: str
    base: str = ""
    comment: str = ""
    constants: dict[str, Tokens] = field(default_factory=dict)
    types: dict[str, Tokens] = field(default_factory=dict)
    members: dict[str, tuple[Tokens, list[Tokens]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Array:
    """An array with its initialiser: `numbers` is a place in :class:`SourceText`; None: declared alone."""

    name: str
    type: Tokens
    dimensions: list[Tokens]
    numbers: int | None


@dataclass(frozen=True)
class Function:
    """A function: its parameters and its statements."""

    name: str
    parameters: Tokens
    body: Tokens


@dataclass
class Declarations:
    """All of a unit, namespaces opened.

    Attributes:
        types: what each name of a type stands for.
        constants: the expression of each constant outside of structures.
    """

    types: dict[str, Tokens] = field(default_factory=dict)
    structs: dict[str, Struct] = field(default_factory=dict)
    arrays: dict[str, Array] = field(default_factory=dict)
    constants: dict[str, Tokens] = field(default_factory=dict)
    functions: list[Function] = field(default_factory=list)

    def add(self, tokens: Tokens, depth: int = 0) -> None:
        """Add what the words of a unit declare.

        Raises:
            UnreadableError: for brackets that do not fit.
        """
        for comment, head, body in statements(tokens):
            head = head[1:] if head[:2] == ["typedef", "struct"] and body is not None else head
            if head[:1] == ["namespace"] or head[:1] == ["extern"] and len(head) == 2 and head[1][0] == '"':
                if body is not None and depth < _DEEPEST:
                    self.add(body, depth + 1)
            elif body is None:
                self._declare(head)
            elif head[:1] in (["struct"], ["class"]) and len(head) > 1:
                self._add_struct(head, body, comment)
            elif "(" in head:
                self._add_function(head, body)

    def _declare(self, head: Tokens) -> None:
        named = named_type(head)
        if named is not None:
            self.types[named[0]] = named[1]
            return
        found = declared(head)
        if found is None:
            return
        name, kind, dimensions, value = found
        if kind[-1:] == ["::"]:  # a constant of a structure
            if len(kind) > 1 and kind[-2] in self.structs:
                self.structs[kind[-2]].constants[name] = value
                self.structs[kind[-2]].types.setdefault(f"{name}_t", kind[:-2])
        elif value[:1] and value[0].startswith(NUMBERS):
            self.arrays[name] = Array(name, kind, dimensions, int(value[0][1:]))
        elif dimensions:
            self.arrays.setdefault(name, Array(name, kind, dimensions, None))
        elif value:
            self.constants[name] = value

    def _add_struct(self, head: Tokens, body: Tokens, comment: str) -> None:
        base = [word for word in head[2:] if word not in (":", "::", "public", "nnet", "final")]
        struct = Struct(head[1], base[0] if base else "", comment)
        for _, words, inner in statements(body):
            named = named_type(words)
            if inner is not None:
                continue
            if named is not None:
                struct.types[named[0]] = named[1]
                continue
            found = declared(words)
            if found is not None and found[3]:
                struct.constants[found[0]] = found[3]
                if found[1][:1] not in (["unsigned"], ["int"], ["bool"], ["float"], ["std"]):
                    struct.types.setdefault(f"{found[0]}_t", found[1])
            elif found is not None:
                struct.members[found[0]] = (found[1], found[2])
        self.structs[struct.name] = struct

    def _add_function(self, head: Tokens, body: Tokens) -> None:
        start = head.index("(")
        name, end = head[start - 1] if start else "", closing(head, start)
        if end + 1 < len(head) and head[end + 1] == "(":  # CCS_BLOCK(name)(...), operator()()
            name = "".join(head[start + 1 : end]) or "".join(head[:start][-3:])
            start, end = end + 1, closing(head, end + 1)
        if not head or head[0] == "template":
            return
        self.functions.append(Function(name, head[start + 1 : end], body))


def statements(tokens: Sequence[str]) -> Iterator[tuple[str, Tokens, Tokens | None]]:
    """Yield (word of a comment above or behind, words, words of the block behind them or None).

    Raises:
        UnreadableError: for brackets that do not fit.
    """
    place, head, comment = 0, [], ""
    while place < len(tokens):
        word = tokens[place]
        if word[0] in ABOVE + BEHIND:
            comment = word[1:] if not head else comment
            place += 1
        elif word == ";":
            behind = tokens[place + 1] if place + 1 < len(tokens) else ""
            if behind[:1] == BEHIND:
                comment, place = behind[1:], place + 1
            if head:
                yield comment, head, None
            head, comment, place = [], "", place + 1
        elif word == "{" and "=" not in head and head[:1] != ["using"]:
            end = closing(tokens, place)
            yield comment, head, list(tokens[place + 1 : end])
            head, comment, place = [], "", end + 1
        elif word in ("{", "(", "["):
            end = closing(tokens, place)
            head += tokens[place : end + 1]
            place = end + 1
        elif word in CLOSE:
            place += 1
        elif word == ":" and head in (["public"], ["private"], ["protected"]):
            head, place = [], place + 1
        else:
            head.append(word)
            place += 1


def named_type(head: Tokens) -> tuple[str, Tokens] | None:
    """Return the name and the meaning of a ``typedef`` or a ``using``, or None."""
    head = without_template(head)
    if head[:1] == ["typedef"] and len(head) > 2 and head[-1] != "]":
        return head[-1], head[1:-1]
    if head[:1] == ["using"] and "=" in head and head.index("=") == 2:
        return head[1], head[3:]
    return None


def without_template(head: Tokens) -> Tokens:
    """Return a declaration without ``template <...>``, and without attributes in double brackets."""
    while head[:2] == ["template", "<"]:
        head = head[closing_angle(head, 1) + 1 :]
    while head[:2] == ["[", "["]:
        head = head[closing(head, 0) + 1 :]
    return head


def declared(head: Tokens) -> tuple[str, Tokens, list[Tokens], Tokens] | None:
    """Return (name, type, dimensions, words of the value) of a variable, or None."""
    head = without_template(head)
    value: Tokens = []
    if "=" in head:
        value = head[head.index("=") + 1 :]
        head = head[: head.index("=")]
    dimensions = []
    while head and head[-1] == "hls_register":
        head = head[:-1]
    while head and head[-1] == "]":
        start = _opening(head)
        dimensions.insert(0, head[start + 1 : -1])
        head = head[:start]
    if len(head) < 2 or "(" in head or not (head[-1][0].isalpha() or head[-1][0] == "_"):
        return None
    kind = [word for word in head[:-1] if word not in _SPECIFIERS or word == "unsigned"]
    return head[-1], kind, dimensions, value


def _opening(head: Sequence[str]) -> int:
    """The place of the bracket that the last word closes."""
    depth = 0
    for place in range(len(head) - 1, -1, -1):
        depth += (head[place] == "]") - (head[place] == "[")
        if depth == 0:
            return place
    return 0


__all__ = ["Array", "Declarations", "Function", "Struct", "declared", "named_type", "parted", "statements"]
