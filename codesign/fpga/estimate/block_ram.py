"""How many block RAMs of 18 kb a table of a given depth and width takes."""

from math import ceil

BLOCK_RAM_BITS = 18 * 1024
_PORTS = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))  # depth, width of one block
_SMALLEST_BITS = 1024  # HLS puts smaller tables into LUTs


def table_blocks(depth: int, width: int) -> int:
    """Return the blocks that the HLS compiler counts: side by side, each in the narrowest shape that is deep enough.

    A block of 18 kb is 512 x 36, 1,024 x 18, 2,048 x 9, 4,096 x 4, 8,192 x 2 or 16,384 x 1 bits (UG573, UG473); tables
    of fewer than 1,024 bits go to LUTs.

    Args:
        depth: words.
        width: bits of a word.
    """
    if depth * width < _SMALLEST_BITS:
        return 0
    rows = ceil(depth / _PORTS[-1][0])
    return rows * ceil(width / _port(depth))


def stacked_blocks(depth: int, width: int) -> int:
    """Return the blocks where rows of different shapes stand on each other, each row's depth a power of two.

    The HLS compilers of 2018 and 2019 count like this: 1,250 words are 1,024 and 226.
    """
    blocks = 0
    while depth > 0:
        row, port = max((one for one in _PORTS if one[0] <= depth), default=_PORTS[0])
        blocks += ceil(width / port)
        depth -= row
    return blocks


def _port(depth: int) -> int:
    return next((port for limit, port in _PORTS if depth <= limit), 1)
