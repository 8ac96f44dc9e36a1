import sys

import numpy as np
import pytest

from codesign.errors import ToolError
from codesign.reproduce.peer import call_peer

SCRIPTS = ("pytorch_ard.py", "hgq2.py", "lumin_higgs.py")


@pytest.fixture
def recorder(tmp_path):
    """An interpreter that only notes what it is asked to run, as the JSON of its result."""
    path = tmp_path / "python"
    code = (
        "import json, pathlib, sys; words = sys.argv[1:]; "
        "pathlib.Path(words[words.index('--json') + 1]).write_text(json.dumps("
        "{'words': words, 'script': pathlib.Path(words[0]).read_text(), 'size': len(open(words[1], 'rb').read())}))"
    )
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n')
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("script", [*SCRIPTS, "xgboost_higgs.py"])
def test_scripts_are_found_from_any_folder_and_take_the_options(script, recorder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = {"seed": 3, "hidden": (64, 32), "rate": 0.5}
    found = call_peer(recorder, script, {"x_train": np.zeros((2, 3))}, options, needs="the peer")
    assert found["words"][2:] == ["--json", found["words"][3], "--seed", "3", "--hidden", "64", "32", "--rate", "0.5"]
    assert found["size"] > 0 and '"--json"' in found["script"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_interpreter_without_the_peer_is_one_line(script):
    with pytest.raises(
        ToolError, match=f"^peer: expected an interpreter with X 1.0. Received: {sys.executable} .*No module"
    ) as error:
        call_peer(sys.executable, script, {}, {}, needs="X 1.0")
    assert "\n" not in str(error.value)
