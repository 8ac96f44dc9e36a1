import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLACES = ("codesign", "codesign/network", "codesign/export", "codesign/fpga", "codesign/posterior")
SOURCES = sorted((ROOT / "codesign").rglob("*.py"))
PEERS = ROOT / "codesign" / "reproduce" / "peers"  # scripts for interpreters of other environments


@pytest.fixture(scope="module")
def nodes():
    """The syntax of every file, by its path: parsed once."""
    return {path: list(ast.walk(ast.parse(path.read_text()))) for path in SOURCES}


def test_imports_only_point_down():
    command = [str(Path(sys.executable).with_name("lint-imports"))]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_only_one_module_chooses_keras(nodes):
    offenders = [
        path.name
        for path, found in nodes.items()
        if path.parent != PEERS
        for node in found
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        if name.split(".")[0] in ("tensorflow", "tf_keras", "keras")
    ]
    assert set(offenders) <= {"_keras.py"}


def lines_without_docstring(function: ast.FunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return function.end_lineno - body[0].lineno + 1


def test_files_and_functions_stay_short(nodes):
    for path, found in nodes.items():
        assert len(path.read_text().splitlines()) <= 250, path
        for node in found:
            if isinstance(node, ast.FunctionDef):
                arguments = [argument for argument in node.args.args if argument.arg not in ("self", "cls")]
                assert len(arguments) <= 5, f"{path}: {node.name}"
                assert lines_without_docstring(node) <= 30, f"{path}: {node.name}"


def test_no_assert_and_no_wildcard_import_in_the_package(nodes):
    for path, found in nodes.items():
        for node in found:
            assert not isinstance(node, ast.Assert), path
            assert not (isinstance(node, ast.ImportFrom) and node.names[0].name == "*"), path


def test_architecture_names_every_room_and_no_file_that_is_not_there():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    rooms = {path.parent.name for path in (ROOT / "codesign").glob("*/__init__.py") if path.parent.name[0] != "_"}
    assert rooms <= set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    named = re.findall(r"`([\w/]+(?:/|\.py))`", text)
    missing = [name for name in named if not any((ROOT / place / name).exists() for place in ("", *PLACES))]
    assert len(named) > 20 and not missing
