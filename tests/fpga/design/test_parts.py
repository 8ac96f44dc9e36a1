import csv
from importlib import resources

import pytest

from codesign.errors import ConfigError
from codesign.fpga import Design, DesignReport, Grid, Part, find_part
from codesign.network import DenseLayer, Network
from codesign.report import compare_reports

with (resources.files("codesign.fpga.design") / "parts.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


def test_every_row_is_a_part_with_a_source():
    for row in ROWS:
        part = find_part(row["name"].replace("?", "b"))
        assert part.name == row["name"] and part.source and part.family
        assert (part.lut, part.ff, part.dsp) == (int(row["lut"]), int(row["ff"]), int(row["dsp"]))
    assert len({row["name"] for row in ROWS}) == len(ROWS)


def test_rows_are_consistent():
    """What the architecture fixes: registers per look-up table, blocks of 36 kb as two, one kind of memory blocks."""
    registers = {"LUT6": 2, "ALUT": 2, "LUT4": 1}
    for row in ROWS:
        part = find_part(row["name"].replace("?", "b"))
        assert part.ff == registers[part.lut_kind] * part.lut
        assert (part.bram_18k is None) == (part.lut_kind != "LUT6") == bool(part.ram_20k)
        assert part.bram_18k is None or part.bram_18k % 2 == 0


@pytest.mark.parametrize(
    "text, name, lut, bram_18k",
    [
        ("xczu9eg-ffvb1156-2-e", "xczu9eg", 274_080, 1824),
        ("XCVU9P-FLGB2104-2-E", "xcvu9p", 1_182_240, 4320),
        ("xcvu3p", "xcvu3p", 394_080, 1440),
        ("xc7z020clg400-1", "xc7z020", 53_200, 280),
        ("xczu3egsbva484-1", "xczu3eg", 70_560, 432),
        ("xc7a100tcsg324-1", "xc7a100t", 63_400, 270),
        ("xcvp1802-lsvc4072-2MP-e-S", "xcvp1802", 3_360_896, 9882),
        ("xcu55c-fsvh2892-2L-e", "xcu55c", 1_303_680, 4032),
        ("AGFB014R24B2E2V", "agf?014", 2 * 487_200, None),
        ("1SG280HU2F50E2VG", "1sg280", 2 * 933_120, None),
        ("10AX115N2F45E1SG", "10ax115", 2 * 427_200, None),
        ("MPF300TS-1FCG1152I", "mpf300", 299_544, None),
    ],
)
def test_package_and_speed_grade_do_not_matter(text, name, lut, bram_18k):
    part = find_part(text)
    assert (part.name, part.lut, part.bram_18k) == (name, lut, bram_18k)


def test_a_declared_part_counts_as_one_of_the_table():
    capacity = {"lut": 1000, "ff": 2000, "dsp": 10, "bram_18k": 4, "uram": 0}
    part = find_part("mine-1", capacity)
    assert part == Part("mine", 1000, 2000, 10, 4, 0, source="declared")
    network = Network.chain((DenseLayer("dense", [[1.0]], [0.0]),))
    design = Design(network, part="mine-1", capacity=capacity).with_report(
        DesignReport("estimate", part="mine-1", lut=100)
    )
    (row,) = compare_reports({"design": design.report}).rows
    assert row.shares == (0.1,)
    (setting, *_) = Grid(part="mine-1", capacity=capacity).hardware_settings()
    assert setting.design(network).capacities == part


def test_a_declaration_overrules_the_table_and_keeps_the_rest():
    part, known = find_part("xcvu9p", {"lut": 5}), find_part("xcvu9p")
    assert (part.lut, part.ff, part.dsp, part.bram_18k, part.uram) == (
        5,
        known.ff,
        known.dsp,
        known.bram_18k,
        known.uram,
    )


@pytest.mark.parametrize(
    "text, capacity, message",
    [
        ("xcvu8p", None, "Received: xcvu8p .did you mean 'xcvu.*'..; declare them: hardware.capacity"),
        ("", None, "expected letters and digits"),
        ("xcvu13p-[exec touch x]", None, "expected letters and digits"),
        ("xcvu13p-flga2577-2-e\n", None, "expected letters and digits"),
        ("xcvu13p;ls", {"lut": 5, "ff": 3}, "expected letters and digits"),
        ("xcvu13p-$x", None, "expected letters and digits"),
        ("xcvü13p", None, "expected letters and digits"),
        ("mine", {"lut": 5}, "Missing: ff"),
        ("mine", {"lut": 5, "fff": 3}, "capacity.fff: unknown key .did you mean 'ff'"),
        ("mine", {"lut": 5.5, "ff": 3}, "capacity.lut: expected a whole number"),
        ("mine", {"lut": 5, "ff": True}, "capacity.ff: expected a whole number"),
        ("mine", {"lut": -5, "ff": 3}, "capacity.lut: expected a whole number"),
        ("mine", [5, 3], "capacity: expected a mapping"),
    ],
)
def test_what_is_no_part_is_said(text, capacity, message):
    with pytest.raises(ConfigError, match=message) as error:
        find_part(text, capacity)
    assert "\n" not in str(error.value)
