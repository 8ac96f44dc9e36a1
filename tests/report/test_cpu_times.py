import json

import pytest

from codesign.cli.main import main
from codesign.cpu import Timing
from codesign.errors import DataError
from codesign.report import cpu_times
from codesign.report.plot_path import check_plot_path


def timing(network, runtime, batch, ns):
    return Timing(network, runtime, "C++", batch, 1, ns, ns, 0.1, ns, ns, 1e-7, 15)


TIMINGS = [
    timing(network, name, batch, ns)
    for batch in (1, 1000)
    for network in "ab"
    for name, ns in (("json", 30.0), ("cpp", 10.0))
]


def test_ratio_is_to_the_first_of_the_same_batch():
    rows = cpu_times.make_rows([*TIMINGS, timing("a", "cpp", 1000, 60.0)])
    assert [row["ratio_to_first"] for row in rows] == [1, 3, 1, 3] * 2 + [0.5]
    assert rows[1]["method"] == "a, cpp, batch 1" and rows[1]["best_cpu_ns"] == 10


def test_table_has_a_line_per_timing(capsys):
    cpu_times.print_times(cpu_times.make_rows(TIMINGS), {"a": "6-15-1", "b": "6-4-1"})
    printed = capsys.readouterr().out
    assert printed.count("│ cpp") == 4 and "a: 6-15-1" in printed and "b: 6-4-1" in printed


def test_plot_has_a_panel_per_network_and_a_line_per_runtime(tmp_path):
    rows = cpu_times.make_rows(TIMINGS)
    figure = cpu_times.plot_times(rows)
    assert [len(axes.lines) for axes in figure.axes] == [2, 2]
    cpu_times.save_plot(rows, tmp_path / "new" / "times.svg")
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"times.svg", "times.png"}
    with pytest.raises(DataError, match="^plot: expected a path that ends in .svg or .png"):
        check_plot_path(tmp_path / "times.bmp")


def test_command_writes_json_and_plot(tmp_path, monkeypatch):
    from codesign.export import write_json
    from tests.cpu.test_time_networks import CHAIN

    for name in ("dense", "sparse"):
        write_json(CHAIN, tmp_path / f"{name}.json")
    monkeypatch.setattr(
        "codesign.cpu.time_networks", lambda chains, **_: [timing(name, "cpp", 1, 5.0) for name in chains]
    )
    paths = [str(tmp_path / name) for name in ("dense.json", "sparse.json", "out.json", "out.svg")]
    assert main(["time", *paths[:2], "--json", paths[2], "--plot", paths[3]]) == 0
    content = json.loads((tmp_path / "out.json").read_text())
    assert (content["task"], content["data_kind"], content["goals"]) == ("time", "GENERATED", [])
    assert [row["network"] for row in content["rows"]] == ["dense", "sparse"] and content["processor"]
    assert content["settings"] == {"batches": [1, 1000, 100000], "repeats": 15, "threads": 1}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "MODEL: expected at least one"),
        (["missing.h5"], "missing.h5"),
        (["a.json", "a.json"], "MODEL: expected each file once"),
        (["a.json", "--plot", "a.bmp"], "--plot: "),
    ],
)
def test_bad_usage_is_one_line(words, message, capsys):
    assert main(["time", *words]) == 1
    error = capsys.readouterr().err
    assert message in error and error.count("\n") == 1


def test_list_says_what_is_here(capsys):
    assert main(["time", "--list"]) == 0
    assert "keras: here" in capsys.readouterr().out
