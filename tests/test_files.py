import os
import stat

import pytest

from codesign._files import append_line, replace_file, replaced_file
from codesign.errors import CodesignError, DataError


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "new" / "result.json"
    replace_file(path, b"first", "the result")
    with pytest.raises(ZeroDivisionError), replaced_file(path, "the result") as partial:
        partial.write_bytes(b"half of the sec")
        assert partial.suffix == path.suffix
        raise ZeroDivisionError
    assert path.read_bytes() == b"first" and os.listdir(path.parent) == ["result.json"]


def test_a_link_stays_one_and_a_pipe_is_written_to(tmp_path):
    (tmp_path / "there").write_bytes(b"old")
    (tmp_path / "link").symlink_to("there")
    replace_file(tmp_path / "link", b"new", "the result")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "there").read_bytes() == b"new"
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    replace_file(tmp_path / "pipe", b"through", "the result")
    assert os.read(reader, 100) == b"through" and stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)
    with pytest.raises(DataError, match="a device or a pipe"), replaced_file(tmp_path / "pipe", "the picture"):
        pass
    assert stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)
    os.close(reader)


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: path.parent.joinpath("file").write_text("")])
def test_a_place_that_cannot_be_written_is_one_line(tmp_path, make):
    path = tmp_path / "x"
    make(path)
    path = path if path.is_dir() else tmp_path / "file" / "x"
    before = sorted(tmp_path.rglob("*"))
    for write in (replace_file, append_line):
        with pytest.raises(DataError, match="--json: expected a") as error:
            write(path, b"content", "the result", argument="--json")
        assert str(path) in str(error.value) and "\n" not in str(error.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_full_disk_is_one_line():
    with pytest.raises(DataError, match="No space left"):
        replace_file("/dev/full", b"content", "the result")


@pytest.mark.parametrize("path", [1, True, 10**30, 0.5, None, b"x", "", "a\0b", object()])
def test_what_is_no_path_is_refused_and_no_stream_is_written(path, capfd):
    for write in (replace_file, append_line):
        with pytest.raises(CodesignError, match="--json: expected a path"):
            write(path, b"content", "the result", argument="--json")
    os.fstat(1)  # still open
    assert capfd.readouterr().out == ""


def test_a_loop_of_links_stays_one(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(DataError, match="symbolic links"):
        replace_file(tmp_path / "loop", b"content", "the result")
    assert (tmp_path / "loop").is_symlink()
