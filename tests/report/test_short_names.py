from pathlib import PurePath

from hypothesis import given, settings
from hypothesis import strategies as st

from codesign.report.short_names import short_names

folders = st.lists(st.sampled_from(["a", "b", "csynth.xml"]), min_size=1, max_size=5)
paths = st.lists(folders.map("/".join), max_size=6, unique=True)


@given(paths)
@settings(max_examples=200, derandomize=True)
def test_names_differ_and_are_ends_of_their_paths(given_paths):
    names = short_names(given_paths)
    assert len(set(names)) == len(given_paths)
    for path, name in zip(given_paths, names):
        first, *rest = PurePath(name.replace("/\N{HORIZONTAL ELLIPSIS}/", "/")).parts
        assert len(name) <= len(path) and path.split("/")[-1] == ([first] + rest)[-1] and first in path.split("/")


def test_examples():
    given_paths = ["build/v1/csynth.xml", "build/v2/csynth.xml", "old/utilization.rpt"]
    assert short_names(given_paths) == ["v1/csynth.xml", "v2/csynth.xml", "utilization.rpt"]
    long = [f"/data/runs/v{version}/hls4ml/project/solution1/syn/report/csynth.xml" for version in (1, 2)]
    assert short_names(long) == ["v1/\N{HORIZONTAL ELLIPSIS}/csynth.xml", "v2/\N{HORIZONTAL ELLIPSIS}/csynth.xml"]
    assert short_names(["csynth.xml", "a/csynth.xml"]) == ["csynth.xml", "a/csynth.xml"]
    assert short_names([]) == []
