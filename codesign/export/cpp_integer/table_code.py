"""The C++ of sums of tables: a struct of their constants, and a call for each sum of bytes."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from codesign.export.cpp_integer.program import Array
from codesign.export.cpp_integer.table_sums import MOST_KEYS, TableSums

_LINE = 20
_NARROW, _WIDE = 64, 256  # entries from one table to the next, with at most six keys, and with more


def table_struct(number: int, tables: TableSums, first: int) -> str:
    """Return the constants.

    Args:
        number: of the array.
        first: place of the integer that `source` counts from.
    """
    own = [table for one in tables.sums for table in one.tables]
    stride = _NARROW if max(len(table.keys) for table in own) <= _NARROW.bit_length() - 1 else _WIDE
    keys, n = tables.keys, len(tables.keys)
    padded = [[*table.keys, *[n] * (MOST_KEYS - len(table.keys))] for table in own]
    entries = [[*table.entries, *[0] * (stride - len(table.entries))] for table in own]
    sources = [key.ref.at - first for key in keys]
    sizes = {
        "n_keys": n,
        "n_thresholds": sum(key.is_threshold for key in keys),
        "n_sources": max(sources) + 1,
        "n_tables": len(own),
        "stride": stride,
    }
    lines = [f"  static constexpr int {', '.join(f'{name} = {size}' for name, size in sizes.items())};\n"]
    lines.append(_constants("std::uint16_t source", sources))
    lines.append(_constants("std::int16_t mask", [key.mask for key in keys]))
    lines.append(_constants("std::int16_t below", [key.least - 1 for key in keys]))
    lines.append(_constants("std::uint16_t key", [one for row in padded for one in row]))
    lines.append(_constants("std::uint8_t entries", [one for row in entries for one in row], "alignas(64) "))
    return f"struct {name_of(number)} {{\n{''.join(lines)}}};\n"


def name_of(number: int) -> str:
    """Return what the constants of an array are called."""
    return f"Tables_{number}"


def table_lines(number: int, array: Array, source: str, target: str) -> Iterator[str]:
    """Return the lines that add the tables up.

    Args:
        number: of the array.
        source: address of the integer that `source` counts from.
        target: address of the array's first integer.
    """
    name, done, before = name_of(number), 0, -1
    yield f"const Bits<M, {name}> bits({source});"
    for one in array.tables.sums:
        yield "{"
        yield "  auto sum = no_bytes<M>();"
        for n_keys, run in groupby(len(table.keys) for table in one.tables):
            count = len(list(run))
            yield f"  add_tables<{name}, {n_keys}, {done}, {count}>(sum, bits);"
            done += count
        add = "true" if one.target == before else "false"
        yield f"  put_bytes<M, {array.bits}, {add}>({target} + {one.target} * M::events, sum, {one.shift});"
        yield "}"
        before = one.target


def _constants(what: str, values: Sequence[int], align: str = "") -> str:
    rows = [", ".join(map(str, values[at : at + _LINE])) for at in range(0, len(values), _LINE)]
    return f"  {align}static constexpr {what}[{len(values)}] = {{\n    " + ",\n    ".join(rows) + "};\n"
