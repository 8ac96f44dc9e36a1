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
        ("jobs: expected one of --jobs and --dask", "--jobs: expected one of --jobs and --dask"),
        ("cache: expected it. Received: c6.cache, line 1", "--cache: expected it. Received: c6.cache, line 1"),
        ("storage: expected it. Received: storage: 1; see", "--cache: expected it. Received: storage: 1; see"),
        ("jobs, hidden: expected them", "--jobs, --hidden: expected them"),
        ("a/jobs: expected it", "a/jobs: expected it"),
        ("reuse of fc: expected it", "--reuse-factors of fc: expected it"),
        ("budget: none; lower budget.confidence or", "budget: none; lower --confidence or"),
        ("x: no. Received: budget.confidence; lower 'budget.confidence'", None),
        ("see x/budget.confidence and budget.confidence.txt", None),
        ("where there is a cache or a directory", None),
        ("force: not a report", None),
        ("jobs-dir: expected a folder. Received: x", "FILE: expected a trial in a folder. Received: x"),
        ("see jobs-dir: expected a folder", None),
        ("force: expected a word", "--force: expected a word"),
    ],
)
def test_arguments_are_written_as_options(line, told):
    others = {"mean=..., std=...": "--standardize", "storage": "--cache", "budget.confidence": "--confidence"}
    others |= {"jobs-dir: expected a folder": "FILE: expected a trial in a folder", "jobs-dir": "DIR"}
    others |= {"cache": "--cache", "jobs": "--jobs", "reuse": "--reuse-factors", "directory": "--out"}
    assert with_options(line, OPTIONS, others, given=["force", "hidden.h5"]) == (line if told is None else told)


def test_an_error_of_the_library_names_the_option(tmp_path, capsys):
    assert main(["reproduce", "pid", "--seeds", "-1", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("codesign: --seeds: expected different numbers")
