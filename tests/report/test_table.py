"""Tables in the terminal, as wide as it is."""

import io

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from codesign.report.table import print_table


def printed(columns, width, **options) -> list[str]:
    out = io.StringIO()
    print_table("designs", None, columns, console=Console(file=out, width=width), **options)
    return out.getvalue().splitlines()


def random_columns(seed) -> dict:
    rng = np.random.default_rng(seed)
    keys = {"implementation": ["hls4ml-latency", "unrolled"], "precision": ["w4/3 a6", None]}
    found = {f"number {n}": [f"{rng.integers(10 ** rng.integers(1, 9)):,}" for _ in range(2)] for n in range(8)}
    return keys | found | {"LUT by csynth": ["1,234 (1,000 - 5,678)", None], "[bold]": ["[red]", "a b"]}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("width", [60, 80, 100, 160, 240])
def test_every_number_stands_unbroken_in_one_of_the_tables(seed, width):
    columns = random_columns(seed)
    lines = printed(columns, width, n_keys=2)
    assert max(map(cell_len, lines)) <= width
    cells = [cell.strip() for line in lines for cell in line.replace("┃", "│").split("│")]
    for heading in list(columns)[2:]:
        assert all((one or "-") in cells for one in columns[heading])
        assert any(heading in line for line in lines) or all(word in " ".join(lines) for word in heading.split())
    text = " ".join(cells)
    assert text.count("unrolled") == sum("┏" in line for line in lines)  # a row of each table says which it is


def test_one_table_where_there_is_room():
    columns = {"layer": ["fc1", "fc2"], "LUT": [12, 3456]}
    assert printed(columns, 40)[2] == "┃ layer ┃  LUT ┃" and len(printed(columns, 40)) == 7
    assert len(printed(columns, 18)) == 7


def test_a_column_that_is_wider_than_the_terminal_is_folded():
    lines = printed({"layer": ["fc1"], "note": ["x" * 70], "LUT": [5]}, 40)
    assert max(map(cell_len, lines)) <= 40 and sum(line.count("x") for line in lines) == 70
