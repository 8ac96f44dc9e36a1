"""What codesign has not made is never replaced or removed; after a kill anywhere, the next run goes on."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from codesign._folder_lock import FolderLock
from codesign._folders import check_files, check_folder, claim, made_files, mark_folder, remove_folder, replaced_folder
from codesign.cli.main import main
from codesign.errors import DataError


class Killed(BaseException):
    pass


def tree(folder):
    """Path -> content of everything that is the user's: all but markers and what is on its way."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: path.read_bytes() for name, path in files.items() if ".codesign" not in name and "/." not in f"/{name}"
    }


def build(path, text):
    with replaced_folder(path) as partial:
        (partial / "src").mkdir()
        (partial / "src" / f"{text}.v").write_text(text)


def publish(folder, text):
    with made_files(folder) as partial:
        for name in ("report.json", "report.html"):
            (partial / name).write_text(text)


def hand_over(path, text):
    """A folder that is replaced, and then gets more files: a kill in between leaves folders on their way within it."""
    build(path, text)
    publish(path, text)


def test_folder_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "new" / "smallest"
    build(path, "first")
    with pytest.raises(ZeroDivisionError), replaced_folder(path) as partial:
        (partial / "half").write_text("")
        raise ZeroDivisionError
    assert tree(path) == {"src/first.v": b"first"}
    build(path, "second")
    assert tree(path) == {"src/second.v": b"second"} and os.listdir(path.parent) == ["smallest"]
    remove_folder(path)
    assert not path.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda path: (path / "notes.txt").write_text("mine"),
        lambda path: (path / "src" / "deep").symlink_to("/etc"),
        lambda path: (path / "src" / "first.v").write_text("edited"),
        lambda path: (path / ".codesign.json").write_text("{"),
        lambda path: (path / ".codesign.json").write_text('{"made":' + "[" * 100_000),
        lambda path: shutil.rmtree(path) or path.write_text("a file"),
    ],
)
def test_what_codesign_has_not_made_stays(tmp_path, change):
    path = tmp_path / "smallest"
    build(path, "first")
    change(path)
    before = {item: item.read_bytes() for item in tmp_path.rglob("*") if item.is_file()}
    with pytest.raises(DataError, match="out: expected") as error:
        build(path, "second")
    assert "move it away" in str(error.value) and "\n" not in str(error.value)
    assert before == {item: item.read_bytes() for item in tmp_path.rglob("*") if item.is_file()}


def test_vendor_tools_may_work_in_a_folder_that_is_marked_again(tmp_path):
    path = tmp_path / "rtl"
    build(path, "first")
    claim(path, ["sim"])
    (path / "sim").mkdir()
    (path / "sim" / "run.log").write_text("")
    check_folder(path)
    (path / "prj").write_text("")
    mark_folder(path)
    build(path, "second")
    assert tree(path) == {"src/second.v": b"second"}


def test_files_are_moved_beside_those_of_the_user(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    publish(tmp_path, "first")
    publish(tmp_path, "second")
    assert tree(tmp_path) == {"notes.txt": b"mine", "report.json": b"second", "report.html": b"second"}
    (tmp_path / "report.html").write_text("edited")
    for name in ("report.html", "notes.txt"):
        with pytest.raises(DataError, match=f"where {name} was not made by codesign"):
            check_files(tmp_path, [name])
    with pytest.raises(DataError, match="where report.html was not made"):
        publish(tmp_path, "third")
    with pytest.raises(DataError, match="where notes.txt was not made"):
        claim(tmp_path, ["notes.txt"])
    assert tree(tmp_path) == {"notes.txt": b"mine", "report.json": b"second", "report.html": b"edited"}


@pytest.mark.parametrize("write", [build, publish, hand_over])
def test_killed_at_any_step_the_next_run_ends_as_if_there_had_been_none(tmp_path, monkeypatch, write):
    """The system calls that change a folder are counted, and the process dies before the n-th of them, for every n."""
    steps = ("rename", "replace", "mkdir", "rmdir", "unlink")
    left = [10**9]

    def dying(call):
        def counted(*args, **options):
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return call(*args, **options)

        return counted

    for name in steps:
        monkeypatch.setattr(os, name, dying(getattr(os, name)))
    for n in range(120):
        folder = tmp_path / str(n)
        folder.mkdir()
        (folder / "notes.txt").write_text("mine")
        target = folder if write is publish else folder / "out"
        write(target, "first")
        left[0] = n
        try:
            write(target, "second")
            assert n > 5
            break
        except Killed:
            left[0] = 10**9
        seen = tree(folder)
        assert seen["notes.txt"] == b"mine"
        write(target, "third")
        assert set(tree(folder).values()) == {b"mine", b"third"}
    else:
        raise AssertionError("it never ended")
    assert np.count_nonzero(list(tmp_path.iterdir())) == n + 1


def test_second_run_in_a_folder_says_so_and_a_killed_one_leaves_no_lock(tmp_path):
    code = f"""
import os, signal
from codesign._folder_lock import FolderLock
lock = FolderLock({str(tmp_path / "out")!r})
print("held", flush=True)
input()
"""
    first = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout.readline() == "held\n"
    with pytest.raises(DataError, match="out: expected a folder that no other run writes"):
        FolderLock(tmp_path / "out")
    first.kill()
    first.communicate()
    with FolderLock(tmp_path / "out"), pytest.raises(DataError, match="no other run"):
        FolderLock(tmp_path / "out")
    FolderLock(tmp_path / "out").release()


def test_file_system_without_locks_is_used_with_a_note(tmp_path, monkeypatch, caplog):
    def refuse(*args):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("fcntl.flock", refuse)
    with FolderLock(tmp_path):
        assert "has no locks" in caplog.text


def test_lock_for_nothing_leaves_nothing(tmp_path):
    with FolderLock(tmp_path / "a" / "b"), pytest.raises(DataError, match="no other run writes"):
        FolderLock(tmp_path / "a" / "b")
    assert os.listdir(tmp_path) == []
    with FolderLock(tmp_path / "a" / "b"):
        (tmp_path / "a" / "b" / "result").write_text("")
    assert (tmp_path / "a" / "b" / "result").exists()
    with FolderLock(tmp_path):
        pass
    assert tmp_path.exists()


def test_second_run_is_told_before_anything_is_read(tmp_path, capsys):
    (tmp_path / "project.yml").write_text(
        "name: tiny\ndata: {source: none.npz}\nmodel: {train: {hidden: [4]}}\nbudget: {lut: 1000}\n"
    )
    for name in ("empty.h5", "none.npz"):
        (tmp_path / name).touch()
    commands = [
        ["synthesize", str(tmp_path)],
        ["drone", str(tmp_path / "empty.h5"), "--data", str(tmp_path / "none.npz")],
        ["reproduce", "hbb"],
        ["reproduce", "b_decay"],
    ]
    with FolderLock(tmp_path / "out"):
        for command in commands:
            assert main([*command, "--out", str(tmp_path / "out")]) == 1
            assert "expected a folder that no other run writes" in capsys.readouterr().err
    for command in commands[:2]:
        assert main([*command, "--out", str(tmp_path / "out")]) == 1
        assert "none.npz" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
