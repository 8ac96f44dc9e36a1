"""How wide tables in the terminal are, and how many columns of numbers fit into them."""

import shutil

WIDTH = 120  # where no terminal says its own
_LEAST, _OF_LABELS, _OF_A_COLUMN, _MOST = 40, 20, 20, 5


def terminal_width() -> int:
    """Return the width of the terminal, or that in ``COLUMNS``, at least 40; 120 characters where there is none."""
    return max(_LEAST, shutil.get_terminal_size((WIDTH, 24)).columns)


def column_groups(count: int, width: int) -> list[range]:
    """Return which of so many reports stand in each table: names and numbers fold there, but stay legible.

    Args:
        count: of the reports.
        width: of the tables, characters.
    """
    most = max(1, min(_MOST, (width - _OF_LABELS) // _OF_A_COLUMN))
    return [range(at, min(at + most, count)) for at in range(0, count, most)]
