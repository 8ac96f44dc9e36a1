"""Files of entries: what is read from one was written to it, and a file of the user's is left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codesign._entries import EntryFile
from codesign.errors import DataError

ENTRIES = [{"key": str(index), "result": {"auc": index / 7, "name": "é\n"}} for index in range(4)]


def file_at(path):
    return EntryFile(path, "the entries", argument="cache")


def read(path):
    return file_at(path).read(lambda entry: (entry["key"], entry)[1])


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("entries") / "new" / "entries.jsonl"
    assert read(path) == []
    for entry in ENTRIES:
        file_at(path).append(entry)
    assert read(path) == ENTRIES
    return path


@settings(max_examples=60, derandomize=True, deadline=None)
@given(cut=st.integers(0, 300), place=st.integers(0, 300), byte=st.binary(min_size=0, max_size=3))
def test_damaged_file_loses_the_damaged_lines_alone(written, cut, place, byte):
    whole = written.read_bytes()
    damaged = (whole[:place] + byte + whole[place + 1 :])[: max(cut, 80)]
    path = written.with_name("damaged.jsonl")
    path.write_bytes(damaged)
    found = read(path)
    assert all(entry in ENTRIES for entry in found) and len(found) >= damaged.count(b"\n") - 2
    file_at(path).append(ENTRIES[3])
    assert read(path) == [*found, ENTRIES[3]]


@pytest.mark.parametrize("content", [b"notes of mine", b"{}\n", b"a,b\n1,2\n", b"\xff\xfe\n\n"])
def test_file_of_the_user_is_left_as_it_is(tmp_path, content):
    path = tmp_path / "notes"
    path.write_bytes(content)
    with pytest.raises(DataError, match="cache: expected a file of results. Received: .*notes, where no line is one"):
        read(path)
    assert path.read_bytes() == content


def test_entry_that_the_reader_cannot_take_is_dropped(tmp_path):
    path = tmp_path / "entries"
    for entry in ([1, 2], {"other": 1}, ENTRIES[0]):
        file_at(path).append(entry)
    assert read(path) == ENTRIES[:1]
