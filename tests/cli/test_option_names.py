import pytest

from codesign.cli.main import main
from codesign.cli.option_names import with_options

OPTIONS = ("--max-units", "--hidden", "--force", "--positive", "--standardize")


@pytest.mark.parametrize(
    "line, told",
    [
        ("max_units: expected 3. Received: 2", "--max-units: expected 3. Received: 2"),
        ("hidden, depth: expected: a lot", "--hidden, depth: expected: a lot"),
        ("teacher: expected it; force=True imitates it", "teacher: expected it; --force imitates it"),
        ("a (mean=..., std=...) or (positive=...)?", "a (--standardize) or (--positive)?"),
        ("unforce=True: force=2, forced", "unforce=True: force=2, forced"),
        ("out of hidden: force", "out of hidden: force"),
    ],
)
def test_arguments_are_written_as_options(line, told):
    assert with_options(line, OPTIONS, {"mean=..., std=...": "--standardize"}) == told


def test_an_error_of_the_library_names_the_option(tmp_path, capsys):
    assert main(["reproduce", "pid", "--seeds", "-1", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("codesign: --seeds: expected different numbers")
