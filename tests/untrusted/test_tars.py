"""Tar archives: what they hold, and what they may not."""

import gzip
import io
import tarfile

import numpy as np
import pytest

from codesign._untrusted import is_tar, read_tar_entries, tar_entries_of
from codesign.errors import CodesignError, UnreadableError
from tests.mutations import mutated, within_limits


def tar(path, entries, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for name, content in entries:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def test_names_sizes_and_contents(tmp_path):
    for number, mode in enumerate(("w", "w:gz", "w:bz2", "w:xz")):
        path = tar(tmp_path / f"{number}", [("./a/b.h", b"12"), ("c.cpp", b"")], mode)
        assert is_tar(path) and tar_entries_of(path) == {"a/b.h": 2, "c.cpp": 0}
        assert read_tar_entries(path, ["a/b.h", "d"]) == {"a/b.h": b"12"}
    assert not is_tar(tar(tmp_path / "none", []))


@pytest.mark.parametrize(
    ("names", "message"), [(["../a"], "lead out of it"), (["/a"], "lead out of it"), (["a", "a"], "one name twice")]
)
def test_names_that_are_refused(names, message, tmp_path):
    with pytest.raises(UnreadableError, match=message):
        tar_entries_of(tar(tmp_path / "a.tar.gz", [(name, b"") for name in names]))


def test_links_and_bombs(tmp_path):
    with tarfile.open(tmp_path / "link.tar", "w") as archive:
        member = tarfile.TarInfo("a")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
    assert tar_entries_of(tmp_path / "link.tar") == {}
    header = tarfile.TarInfo("long")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 2**33
    with gzip.open(tmp_path / "bomb.tar.gz", "wb", compresslevel=1) as file:
        file.write(header.tobuf(format=tarfile.GNU_FORMAT))
        for _ in range(16):
            file.write(bytes(2**20))
    with pytest.raises(UnreadableError), within_limits(seconds=3, grown_bytes=2**28):
        tar_entries_of(tmp_path / "bomb.tar.gz")


def test_damaged_archives(tmp_path):
    content = tar(tmp_path / "a.tar", [("a/b.h", b"12" * 300), ("c.cpp", b"x")], "w").read_bytes()
    for seed in range(200):
        (tmp_path / "b.tar").write_bytes(mutated(content, np.random.default_rng(seed)))
        try:
            with within_limits():
                read_tar_entries(tmp_path / "b.tar", ["a/b.h"])
        except CodesignError as error:
            assert str(error).isprintable()
