"""The LUTs of a table of an adder graph: each bit of its output is blocks of 64 entries, those of six inputs."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from da4ml.trace.fixed_variable import LookupTable
    from da4ml.types import QInterval

_BLOCK = 64


def table_blocks(table: "LookupTable", interval: "QInterval") -> int:
    """Return how many blocks of 64 entries a table has in which a bit of the output differs, equal ones once for a bit.

    Args:
        table: da4ml's.
        interval: of the number that it is asked for.
    """
    entries = np.nan_to_num(np.asarray(table.padded_table(interval), float)).astype(np.int64)
    blocks = 0
    for place in range(sum(table.spec.out_kif)):
        bits = (entries >> place & 1).reshape(-1, min(_BLOCK, len(entries)))
        blocks += len(np.unique(bits[bits.min(axis=1) != bits.max(axis=1)], axis=0))
    return blocks
